"""Compiled steps: what they differentiate is checked, and that their program does what the step does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

RNG = np.random.default_rng(3)
X, LABELS = RNG.normal(size=(8, 4)), RNG.integers(0, 3, 8)
HERE = Path(__file__).name


def network(dtype: Any = np.float64, optimizer: str = "Adam", activation: Any = None, **settings: float) -> Any:
    """A network, its optimizer and a compiled step that trains it."""
    first, last = (tg.nn.Linear(a, b, rng=a, dtype=dtype) for a, b in ((4, 6), (6, 3)))
    net = tg.nn.Sequential(first, activation or tg.nn.ReLU(), last)
    descent = getattr(tg.optim, optimizer)(net.parameters(), lr=0.1, **settings)

    @tg.compile
    def step(x, y):
        loss = tg.nn.cross_entropy(net(x), y)
        descent.zero_grad()
        loss.backward()
        descent.step()
        return loss

    return net, descent, step


def held(net: Any, descent: Any) -> list[Any]:
    """Everything a step may change, as numbers."""
    tensors = [*net.parameters(), *[s for state in descent.state for s in state]]
    gradients = [None if p.grad is None else p.grad.data.copy() for p in net.parameters()]
    return [np.array(t.data) for t in tensors] + gradients


def rewritten(step: Any, old: str, new: str) -> None:
    """Put another text in the place of `old` in the program of `step`."""
    [trace] = step._programs.values()
    assert old in trace.source
    trace.source = trace.source.replace(old, new, 1)
    exec(trace.source, trace.run.__globals__)
    trace.run = trace.run.__globals__[trace.run.__name__]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("optimizer", "settings"), [("Adam", {}), ("SGD", {"momentum": 0.9})])
@pytest.mark.parametrize("trained", [False, True])
def test_a_right_step_passes_and_nothing_changes(dtype: Any, optimizer: str, settings: Any, trained: bool) -> None:
    net, descent, step = network(dtype, optimizer, **settings)
    x = X.astype(dtype)
    if trained:
        step(x, LABELS)
        step(x, LABELS)
    before = held(net, descent)
    report = tg.check_gradients(step, x, LABELS)
    assert str(report).startswith("gradients of step are right: 4 inputs, 51 elements, agree to ")
    assert report.agreement < 1e-8
    for a, b in zip(before, held(net, descent), strict=True):
        np.testing.assert_array_equal(a, b)
    assert step.traces == 1


def test_second_order_and_arguments() -> None:
    w = tg.tensor([1.0, 2.0], requires_grad=True, name="w")

    @tg.compile
    def step(x):
        w.grad = None
        first, second = (w * x).sum(), (w**3).sum()
        first.backward()
        second.backward()
        return {"first": first, "second": second}

    assert tg.check_gradients(step, np.ones(2), order=2).ok
    x = tg.tensor([0.5, 1.0], requires_grad=True)
    assert [f.input for f in tg.check_gradients(step, x, wrt=[0, w]).findings] == ["input 0", "w"]
    assert w.grad is None


def test_an_op_with_a_wrong_rule_is_named() -> None:
    squash = define(Op("elementwise", np.tanh, (lambda a, x: 1 - a,), name="squash")).function
    net, descent, step = network(activation=lambda z: squash(z))
    before = held(net, descent)
    with pytest.raises(tg.GradientError, match=r"squash's gradient is wrong .*\n.*\n  line .*squash\(z\)") as error:
        tg.check_gradients(step, X, LABELS)
    culprit = error.value.report.culprit
    assert HERE in culprit.origin
    assert culprit.pattern == "a factor 1 + y is missing"
    for a, b in zip(before, held(net, descent), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("old", "new", "what", "op", "line"),
    [
        ("np.maximum(", "np.minimum(", "output 0", "maximum", "loss = tg.nn.cross_entropy(net(x), y)"),
        ("np.greater_equal(", "np.less(", "the gradient of ", "greater_equal", "loss.backward()"),
        ("* 0.999", "* 0.99", "the value of ", "multiply", "descent.step()"),
    ],
)
def test_a_program_that_does_something_else_is_named(old: str, new: str, what: str, op: str, line: str) -> None:
    _, _, step = network()
    step(X, LABELS)
    rewritten(step, old, new)
    report = tg.check_gradients(step, X, LABELS, raises=False)
    assert (report.ok, report.verdict, report.culprit) == (False, "deviates", None)
    assert report.wrong[0].input.startswith(what)
    [suspect] = report.suspects
    assert suspect.reason.startswith(f"{op} is the first op of the program whose value differs, t")
    assert new in suspect.reason
    assert HERE in suspect.origin
    assert suspect.source == line
    assert "check_gradients: step's program does not leave what the step itself leaves in " in str(report)
    assert len(str(report).splitlines()) == 4


@pytest.mark.parametrize("new", ["np.mean(t17, keepdims=True)", "np.mean(t17).astype(np.float32)"])
def test_another_shape_or_dtype_is_a_deviation(new: str) -> None:
    _, _, step = network()
    step(X, LABELS)
    rewritten(step, "np.mean(t17)", new)
    text = str(tg.check_gradients(step, X, LABELS, raises=False))
    assert "in output 0 () float64: compiled, it is of another shape or dtype, or is None on one side only" in text
    assert "mean is the first op" in text


def test_a_gradient_taken_away_is_a_deviation() -> None:
    w = tg.tensor(2.0, requires_grad=True, name="w")

    @tg.compile
    def step(x):
        w.grad = None
        (w * x).backward()
        w.grad = None

    report = tg.check_gradients(step, np.array(3.0), raises=False)
    assert report.ok, "compiled, nothing is left either"


def test_a_gradient_changed_by_hand_is_not_replayed() -> None:
    w = tg.tensor([1.0, 2.0], requires_grad=True, name="w")

    @tg.compile
    def clipped(x):
        w.grad = None
        (w * x).sum().backward()
        w.grad = w.grad * 0.5

    report = tg.check_gradients(clipped, np.ones(2), raises=False)
    assert "in the gradient of w (2,) float64 at element [0]: compiled 1, not compiled 0.5" in str(report)
    assert "every statement of the program gives what the step gives: it changes something that is not tr" in str(
        report
    )


def test_a_step_that_fails_leaves_everything_as_it_was() -> None:
    net, descent, _ = network()
    net(X).sum().backward()
    before = held(net, descent)

    @tg.compile
    def step(x):
        loss = net(x).sum()
        descent.zero_grad()
        loss.backward()
        descent.step()
        raise RuntimeError("too late")

    with pytest.raises(RuntimeError, match="too late"):
        tg.check_gradients(step, X)
    for a, b in zip(before, held(net, descent), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_the_step_makes_for_itself_is_not_checked() -> None:
    w = tg.tensor(2.0, requires_grad=True, name="w")

    @tg.compile
    def step(x):
        own = tg.tensor(3.0, requires_grad=True)
        w.grad = None
        (own * w * x).backward()

    assert [f.input for f in tg.check_gradients(step, np.array(1.5)).findings] == ["w"]


def test_a_step_without_backward_has_nothing_to_check() -> None:
    with pytest.raises(
        TypeError, match=r"the compiled step <lambda> leaves no gradient .*the function that it compiles"
    ):
        tg.check_gradients(tg.compile(lambda x: x * 2), np.ones(2))


def test_a_gradient_left_from_before_is_an_error_here_too() -> None:
    w = tg.tensor(1.0, requires_grad=True)
    (w * 2.0).backward()

    @tg.compile
    def step(x):
        (w * x).backward()

    with pytest.raises(tg.TraceError, match="compile: backward adds to a gradient left from before the step"):
        tg.check_gradients(step, np.array(1.0))
    assert w.grad.item() == 2.0


def test_a_model_is_no_step_because_of_the_names_it_uses() -> None:
    class Gauge(tg.nn.Module):
        def __init__(self) -> None:
            self.deviation = tg.tensor([0.5, 2.0], requires_grad=True)
            self.losses: list[float] = []
            self.trained = False

        def __call__(self, x):
            return (x / self.deviation).sum()

    report = tg.check_gradients(Gauge(), np.ones(2))
    assert [finding.input for finding in report.findings] == ["input 0", "deviation"]

    class Scale:
        def deviation(self, x):
            raise AssertionError("a check asks a model for nothing but its value")

        losses = trained = deviation

        def __call__(self, x):
            return x * 2.0

    assert tg.check_gradients(Scale(), np.ones(2)).ok
