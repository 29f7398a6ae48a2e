"""Steps as they are read: what they say, that their numbers are those of forward and backward, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.engine.test_edges import leaves, tangle
from tinygraph.pictures.steps.step import equation


def logistic_regression() -> tuple[tg.Tensor, tg.Tensor, tg.Tensor]:
    X = tg.tensor([[0.5, -1.0, 0.0, 2.0], [1.5, 0.25, -0.5, 1.0]], name="X")
    W = tg.tensor([[0.5], [-0.25]], requires_grad=True, name="W")
    b = tg.tensor(0.5, requires_grad=True, name="b")
    with tg.origins():
        Z = W.T @ X + b
        A = tg.sigmoid(Z)
    Z.name, A.name = "Z", "A"
    return A.sum(), W, b


def network(x: Any) -> tg.Tensor:
    net = tg.nn.Sequential(tg.nn.Linear(64, 32, rng=0), tg.nn.ReLU(), tg.nn.Linear(32, 10, rng=1))
    return tg.nn.cross_entropy(net(x), np.arange(20) % 10)


def totals(trace: tg.Trace) -> dict[str, Any]:
    """The finished gradients by the ids of their boxes."""
    return {c.source: c.total for step in trace.backward() for c in step.contributions if c.arrived == c.of}


def ids(trace: tg.Trace) -> dict[str, str]:
    return {box.name: box.id for box in trace.view.boxes}


def test_a_step_of_backward_shows_the_chain_rule_and_the_sum_over_the_broadcast() -> None:
    loss, *_ = logistic_regression()
    steps = list(tg.trace(loss).backward())
    add = next(s for s in steps if s.name == "Z")
    assert str(add).splitlines() == [
        f"③ Z = v₂ + b   (1, 4)   {add.origin.rpartition('/')[2]}",
        "   dZ = [[0.241, 0.25, 0.227, 0.173]]",
        "   to v₂: ∂ = 1",
        "          dv₂ = dZ · ∂ = [[0.241, 0.25, 0.227, 0.173]]",
        "   to b:  ∂ = 1",
        "          dZ · ∂ = [[0.241, 0.25, 0.227, 0.173]]",
        "          db = Σ₀₁(dZ · ∂) = 0.8914",
    ]
    assert "to v₁: dv₁ = dv₂ @ Xᵀ = [[0.217, 0.484]]" in str(next(s for s in steps if s.name == "v₂"))
    sigmoid = next(s for s in steps if s.name == "A")
    assert "to Z: ∂ = A(1 − A) = [[0.241, 0.25, 0.227, 0.173]]" in str(sigmoid)


def test_a_step_of_forward_shows_what_went_in_and_what_came_out() -> None:
    loss, *_ = logistic_regression()
    step = list(tg.trace(loss).forward())[1]
    assert str(step).splitlines()[1:] == [
        "   v₁ = [[0.5, −0.25]]",
        "   X = [[0.5, −1, 0, 2],",
        "        [1.5, 0.25, −0.5, 1]]",
        "   v₂ = [[−0.125, −0.562, 0.125, 0.75]]",
    ]


def test_what_several_readers_contribute_adds_up() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    steps = list(tg.trace((x * x + tg.relu(-x)).sum()).backward())
    found = [c for s in steps for c in s.contributions if c.name == "x"]
    assert [(c.arrived, c.of) for c in found] == [(1, 3), (2, 3), (3, 3)]
    np.testing.assert_array_equal(found[0].contribution + found[1].contribution, found[1].total)
    text = "\n".join(map(str, steps))
    assert "1 of 3 have arrived" in text
    assert "dx += dv₁ · ∂ = [1, 2]" in text
    assert "∂ = [v₂ ≥ 0] = [0, 0]" in text


def test_arrays_with_parts_and_rules_without_text_are_told_in_words() -> None:
    def f(x: Any, y: Any) -> Any:
        return (tg.where(x > 0, x[0:1], y) + tg.prod(x)).sum()

    text = "\n".join(map(str, tg.trace(f, np.array([1.0, -2.0]), 3.0).backward()))
    assert "dx[0:1] += d" in text
    assert "Σ₀(where(" in text
    steps = {s.title.partition(" = ")[2]: s for s in tg.trace(f, np.array([1.0, -2.0]), 3.0).backward()}
    [prod] = steps["Π(x)"].contributions
    np.testing.assert_array_equal(prod.contribution, [-4.0, 2.0])


@pytest.mark.parametrize("when", ["before", "after", "kept", "retained"])
def test_the_gradients_are_those_of_backward_to_the_last_bit(when: str) -> None:
    with tg.keep_values() if when == "kept" else tg.enable_grad():
        loss, W, b = logistic_regression()
    if when != "before":
        loss.backward(retain_graph=when == "retained")
    trace = tg.trace(loss)
    found, places = totals(trace), ids(trace)
    if when == "before":
        loss.backward()
    for t in (W, b):
        assert found[places[t.name or ""]].tobytes() == t.grad.numpy().tobytes()


def test_large_arrays_before_backward_and_by_function() -> None:
    x = np.random.default_rng(0).normal(size=(20, 64))
    gradient = tg.grad(network)(x)
    trace = tg.trace(network, x)
    assert totals(trace)[ids(trace)["x"]].tobytes() == gradient.tobytes()
    steps = list(trace.backward())
    assert any("(20, 32), mean " in line for line in str(steps[-1]).splitlines())
    assert all(s.origin.rpartition("/")[2].startswith("test_stepping.py:") or "nn" in s.origin for s in steps)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: tg.where(x > 0, x**2, 0.0).sum(), lambda x: tg.where(x > 0, -2.0 * x, 0.0).sum(),
        lambda x: tg.where(x > 0, 0.0, x * -1.5).sum(), lambda x: tg.where(x > 0, -x, 0.0).sum(),
        lambda x: (-tg.relu(x)).sum(), lambda x: (tg.exp(-x) * 0.0).sum(), lambda x: tg.max(-tg.sin(x)),
    ],
)  # fmt: skip
def test_zeros_have_the_sign_that_backward_gives_them(f: Callable[[Any], Any]) -> None:
    x = np.array([-2.0, 3.0, -1.0])
    trace = tg.trace(f, x)
    assert totals(trace)[ids(trace)["x"]].tobytes() == tg.grad(f)(x).tobytes()


@pytest.mark.parametrize("seed", range(8))
def test_steps_of_random_graphs_add_up_to_the_gradients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    given = leaves(rng)
    loss = tangle(rng, given, 30)
    trace = tg.trace(loss)
    found, places = totals(trace), ids(trace)
    text = [str(step) for step in (*trace.forward(), *trace.backward())]
    assert len(text) == 2 * sum(box.step is not None for box in trace.view.boxes)
    json.dumps(trace.json(), allow_nan=False)
    loss.backward()
    for t in given:
        assert found[places[t.name or ""]].tobytes() == t.grad.numpy().tobytes()


def test_it_takes_modules_and_closures() -> None:
    net = tg.nn.Linear(2, 1, rng=0)
    trace = tg.trace(net, np.ones((1, 2)))
    assert [box.kind for box in trace.view.boxes if box.shape == (1, 2)].count("input") == 1
    w = tg.tensor(2.0, requires_grad=True, name="w")
    [step] = tg.trace(lambda: w * w).backward()
    assert [c.name for c in step.contributions] == ["w", "w"]


def test_steps_carry_the_ids_of_the_boxes() -> None:
    loss, *_ = logistic_regression()
    trace = tg.trace(loss)
    boxes = {box.id: box for box in trace.view.boxes}
    for step in trace.forward():
        assert (boxes[step.box].name, boxes[step.box].step) == (step.name, step.step)
        assert [boxes[x.source].name for x in step.inputs] == [x.name for x in step.inputs]
        for x in step.inputs:
            np.testing.assert_allclose(boxes[x.source].value.values, np.ravel(x.value))
    arrows = [(a.source, a.target) for a in trace.view.arrows if a.derivative is not None]
    assert sorted((c.source, s.box) for s in trace.backward() for c in s.contributions) == sorted(arrows)


def test_json_is_plain_data() -> None:
    x = tg.tensor([0.0, 1.0], requires_grad=True, name="x")
    with np.errstate(divide="ignore"):
        loss = tg.log(x).sum()
    data = json.loads(json.dumps(tg.trace(loss).json(), allow_nan=False))
    last = data["backward"][-1]
    assert (
        last["text"]
        == "① v₁ = log(x)   (2,)\n   dv₁ = [1, 1]\n   to x: ∂ = 1/x = [∞, 1]\n         dx = dv₁ · ∂ = [∞, 1]"
    )
    [c] = last["contributions"]
    assert (c["source"], c["arrived"], c["of"]) == (last["box"].replace("2", "1"), 1, 1)
    assert c["local"] == {"text": "[∞, 1]", "shape": [2], "values": [None, 1.0]}
    assert data["forward"][0]["value"]["text"] == "[−∞, 0]"
    large = tg.trace(tg.tensor(np.ones(99), requires_grad=True).mean()).json()["backward"][0]["contributions"][0]
    assert (large["total"]["shape"], large["total"]["values"]) == ([99], None)


def test_arrays_cannot_be_changed() -> None:
    loss, *_ = logistic_regression()
    for step in tg.trace(loss).forward():
        assert not step.value.flags.writeable


def test_a_long_graph_needs_no_recursion() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(2_000):
        y = y * 1.001
    assert len(list(tg.trace(y).backward())) == 2_000


def test_values_that_are_gone() -> None:
    W = tg.tensor(np.ones((5, 5)), requires_grad=True, name="W")
    loss = tg.exp(W).sum()
    assert "W is not kept" not in str(next(tg.trace(loss).forward()))
    loss.backward()
    remedy = (
        r"trace: what backward needs at v₁ = exp\(W\) is not kept any more; record under tg.keep_values\(\), call "
        r"backward\(retain_graph=True\), or give the function: tg.trace\(f, x\)"
    )
    with pytest.raises(tg.GraphError, match=remedy):
        list(tg.trace(loss).backward())
    assert "v₁ is not kept: record under tg.keep_values()" in str(next(tg.trace(loss).forward()))


def test_values_that_were_changed() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    loss = (x * x).sum()
    x.data[0] = 5.0
    with pytest.raises(tg.GraphError, match=r"input 1 \(2,\) float64 of <Node multiply .* was changed in place"):
        next(tg.trace(loss).backward())


def test_what_cannot_be_gone_through() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(
        tg.GraphError, match=r"trace: backward starts from one number, and this has shape \(2,\); reduce"
    ):
        list(tg.trace(x * 2).backward())
    with pytest.raises(
        TypeError, match=r"trace: cannot go through list \[1\]; give a Tensor, or a function and its inputs"
    ):
        tg.trace([1])  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"trace: a Tensor takes no inputs, and 1 were given; give tg.trace\(f, \*inputs"
    ):
        tg.trace(x.sum(), 1.0)
    with pytest.raises(tg.GraphError, match=r"trace: the tensor of shape \(\) is not recorded, so it has no steps; "):
        tg.trace(tg.tensor(1.0))
    with pytest.raises(tg.GraphError, match=r"trace: f returned float 2.0; return one tensor, made from the inputs"):
        tg.trace(lambda x: 2.0, 1.0)


def test_what_numpys_trace_takes_is_sent_there() -> None:
    numpys = r"; the sum of a matrix's diagonal is np\.trace\(t\), which is recorded for tensors"
    W = tg.tensor(np.eye(2), requires_grad=True)
    for habit in (np.eye(2), [[1.0, 2.0], [3.0, 4.0]]):
        with pytest.raises(TypeError, match=rf"trace: cannot go through (ndarray|list) (.|\n)*{numpys}"):
            tg.trace(habit, 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=rf"trace: a Tensor takes no inputs, and 1 were given; .*{numpys}"):
        tg.trace(W, 1)
    with pytest.raises(tg.GraphError, match=rf"trace: the tensor of shape \(2, 2\) is not recorded, .*{numpys}"):
        tg.trace(tg.tensor(np.eye(2)))
    assert np.trace(W).node is not None


def test_it_says_what_it_is() -> None:
    def cost(x: Any) -> Any:
        return x * 2.0

    assert repr(tg.trace(cost, 3.0)) == "<Trace of 'cost': 1 operation>"


def test_a_seed_given_to_backward_is_where_the_steps_start() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    y = x * 3
    y.backward(np.array([1.0, 10.0]))
    [step] = tg.trace(y).backward()
    np.testing.assert_array_equal(step.incoming, [1.0, 10.0])


@pytest.mark.parametrize(("value", "line"), [(True, "x = 1"), (0.5, "x = 0.5"), (np.empty(0), "x = empty")])
def test_equations_of_unusual_values(value: Any, line: str) -> None:
    assert equation("x", value) == [line]


def test_a_matrix_is_led_to_numpys_trace() -> None:
    with pytest.raises(
        tg.GraphError, match=r"trace: the tensor of shape \(2, 2\) was not computed, so .*np\.trace\(t\)"
    ):
        tg.trace(tg.tensor(np.eye(2), requires_grad=True))
