"""What a picture shows: kinds, names, values, gradients, derivatives, broadcasts; and that it is a snapshot."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import linear, registry
from tinygraph.pictures.ink.numbers import Numbers
from tinygraph.pictures.scene import labels, words
from tinygraph.pictures.scene.parts import Arrow, Box

from .. import graphs


def boxes(view: tg.GraphView) -> dict[str, Box]:
    return {box.name: box for box in view.boxes}


def arrow(view: tg.GraphView, source: str, target: str) -> Arrow:
    by_name = boxes(view)
    [found] = [a for a in view.arrows if (a.source, a.target) == (by_name[source].id, by_name[target].id)]
    return found


def test_kinds_ids_and_steps() -> None:
    view = graphs.scalar()
    assert [box.id for box in view.boxes] == [f"n{k}" for k in range(1, len(view.boxes) + 1)]
    assert [box.step for box in view.boxes if box.step] == list(range(1, 10))
    kinds = {box.name: box.kind for box in view.boxes}
    assert kinds["a"] == "parameter"
    assert kinds["3"] == "constant"
    assert kinds["c"] == "operation"
    assert kinds["y"] == "output"
    places = {box.id: k for k, box in enumerate(view.boxes)}
    assert all(places[a.source] < places[a.target] for a in view.arrows)


def test_values_and_gradients_after_backward() -> None:
    shown = boxes(graphs.scalar())
    assert shown["f"].value == Numbers((), (4.0,))
    assert shown["f"].grad == Numbers((), (-0.125,))
    assert shown["a"].grad == Numbers((), (-0.5,))
    assert shown["y"].grad == Numbers((), (1.0,))
    assert shown["f"].formula == "v₅²"


def test_logistic_regression_reads_as_the_notes() -> None:
    view = graphs.logistic_regression()
    assert boxes(view)["A"].formula == "σ(Z)"
    assert arrow(view, "Z", "A").derivative == "∂ = A(1 − A)"
    assert arrow(view, "v₁", "v₂").derivative == "dv₁ = dv₂ @ Xᵀ"
    assert arrow(view, "W", "v₁").derivative == "dW = dv₁ᵀ"
    assert arrow(view, "L", "J").derivative == "∂ = 1/4"
    assert arrow(view, "X", "v₂").derivative is None
    bias = arrow(view, "b", "Z")
    assert (bias.shape, bias.broadcast, bias.summed) == ((), (1, 4), (0, 1))


def test_logistic_regression_with_a_fused_loss_takes_nine_boxes() -> None:
    x, t = tg.tensor(np.ones((8, 4)), name="x"), tg.tensor(np.ones((8, 1)), name="t")
    W, b = tg.tensor(np.ones((4, 1)), requires_grad=True), tg.tensor([0.0], requires_grad=True)
    assert len(tg.draw(tg.nn.binary_cross_entropy(tg.sigmoid(x @ W + b), t)).boxes) == 9


def test_a_transpose_stands_in_the_product_that_reads_it() -> None:
    whole = graphs.logistic_regression()
    view = whole.shown
    assert len(view.boxes) == len(whole.boxes) - 1
    Z = next(box for box in view.boxes if box.op == "matmul")
    assert (Z.formula, Z.takes, Z.saves) == ("Wᵀ @ X", (1,), ("X",))
    assert arrow(view, "W", "v₂").derivative == "dW = (dv₂ @ Xᵀ)ᵀ"
    assert arrow(view, "W", "v₂").shape == (3, 1)
    assert "①② v₂ = Wᵀ @ X" in whole.text()
    assert "drawn one by one" not in view.note


def test_the_whole_of_a_written_transpose_is_the_gradient() -> None:
    rng = np.random.default_rng(0)
    values = {"W": rng.normal(size=(3, 2)), "X": rng.normal(size=(3, 4))}
    view = tg.draw(lambda W, X: (W.T @ X).sum(), *values.values()).shown
    grads = tg.grad(lambda W, X: (W.T @ X).sum(), argnums=(0, 1))(*values.values())
    assert arrow(view, "W", "v₂").derivative == "dW = (dv₂ @ Xᵀ)ᵀ"
    assert arrow(view, "X", "v₂").derivative == "dX = W @ dv₂"
    g = np.ones((2, 4))
    np.testing.assert_allclose((g @ values["X"].T).T, grads[0])
    np.testing.assert_allclose(values["W"] @ g, grads[1])


def test_a_transpose_of_another_name_stands_in_a_product_of_another_name() -> None:
    product = linear(lambda g, y, A, B: g @ B.T, lambda g, y, A, B: A.T @ g, symbol="@", name="product")(
        lambda A, B: A @ B
    )
    registry.pop()
    view = tg.draw(lambda W, X: product(tg.swapaxes(W, axis1=0, axis2=1), X).sum(), np.ones((3, 2)), np.ones((3, 4)))
    assert "swapaxes(W, axis1=0, axis2=1)" in view.text()  # which of more axes these are, nothing says
    view = tg.draw(lambda W, X: product(W.mT, X).sum(), np.ones((3, 2)), np.ones((3, 4))).shown
    assert [box.formula for box in view.boxes if box.made] == ["Wᵀ @ X", "Σ(v₂)"]
    assert arrow(view, "W", "v₂").derivative == "dW = (dv₂ @ Xᵀ)ᵀ"


def test_an_op_that_is_called_gradient_is_none() -> None:
    slopes = linear(lambda g, y, x: g, name="gradient")(lambda x: x)
    registry.pop()
    view = tg.draw(lambda x: slopes(x).sum(), np.ones(3))
    assert "gradient" not in words.of_box(next(box for box in view.boxes if box.op == "gradient")).facts
    assert "gradient" in words.of_box(tg.draw(lambda x: slopes(x).sum(), np.ones(3), mode="backward").boxes[-1]).facts


@pytest.mark.parametrize(
    "f",
    [
        lambda W, X: (W.T @ X).sum() + (W.T).sum() * 0.0 + W.T[0, 0],
        lambda W, X: (tg.tanh(W).T @ X).sum(),
        lambda W, X: (W.T * X.T[:2]).sum(),
        lambda W, X: [W.T],
    ],
)
def test_other_transposes_are_boxes(f: Any) -> None:
    view = tg.draw(f, np.ones((3, 2)), np.ones((3, 2)))
    kept = [box for box in view.shown.boxes if box.op == "transpose"]
    inside = sum(len(box.takes) for box in view.shown.boxes)
    assert kept
    assert len(kept) + inside == len([box for box in view.boxes if box.op == "transpose"])


def test_the_notes_logistic_regression_takes_nine_boxes() -> None:
    X, Y = tg.tensor(np.ones((3, 4)), name="X"), tg.tensor([[0.0, 1.0, 1.0, 0.0]], name="Y")
    W, b = tg.tensor(np.zeros((3, 1)), requires_grad=True), tg.tensor(0.0, requires_grad=True)
    a = tg.sigmoid(W.T @ X + b)
    view = tg.draw(tg.nn.binary_cross_entropy(a, Y))
    assert len(view.shown.boxes) <= 9
    assert len(tg.draw(tg.nn.binary_cross_entropy(a, Y), level="all").shown.boxes) == 10


def test_large_arrays_are_shown_by_statistics() -> None:
    view = graphs.sequential()
    weight = boxes(view)["weight₁"]
    assert weight.value is not None
    assert weight.grad is not None
    assert weight.value.values is None
    assert weight.grad.lines(norm=True)[0].startswith("norm ")
    assert boxes(view)["bias₂"].value is not None
    assert "int64 · input" in view.dot()
    assert "∂ = [v₁ ≥ 0]" in view.dot()
    assert boxes(view)["v₁"].formula == "x @ weight₁ᵀ + bias₁"
    assert arrow(view, "weight₁", "v₁").derivative == "dweight₁ = dv₁ᵀ @ x"
    assert arrow(view, "bias₁", "v₁").summed == (0,)


def test_keep_values_keeps_all_of_them() -> None:
    with tg.keep_values():
        x = tg.tensor(np.linspace(0, 1, 50), requires_grad=True, name="x")
        y = tg.sin(tg.exp(x)).sum()
    y.backward()
    assert all(box.value is not None and box.grad is not None for box in tg.draw(y).boxes)


def test_before_backward_what_the_rules_saved_is_shown() -> None:
    x = tg.tensor(np.linspace(0, 1, 50), requires_grad=True)
    view = tg.draw(tg.exp(tg.square(x) + 1).sum())
    assert boxes(view)["v₃"].value is not None  # exp's own rule reads it
    assert boxes(view)["v₂"].value is None
    assert all(box.grad is None for box in view.boxes)


def test_a_large_input_freed_by_backward_keeps_its_name_and_is_drawn_once() -> None:
    x = tg.tensor(np.ones((5, 5)), name="x")
    w = tg.tensor(np.ones((5, 5)), requires_grad=True)
    y = (x * w + x).sum()
    y.backward()
    view = tg.draw(y)
    assert [box.name for box in view.boxes if box.kind == "input"] == ["x"]
    assert boxes(view)["x"].uses == 2
    assert boxes(view)["x"].value is None


def test_fan_out_is_marked() -> None:
    x = tg.tensor(3.0, requires_grad=True, name="x")
    view = tg.draw(x * x + x[None].sum())
    assert boxes(view)["x"].uses == 3
    assert "used 3×" in view.dot()
    assert [a.adds for a in view.arrows if a.source == "n1"] == [True] * 3
    assert "∂ = x = 3  +=" in view.dot()
    assert "dx[None] += dv₂" in view.dot()


def test_local_derivatives_of_numbers_have_their_value() -> None:
    x, y = (tg.tensor(v, requires_grad=True, name=n) for v, n in ((2.0, "x"), (3.0, "y")))
    view = tg.draw(tg.sin(x * y))
    assert arrow(view, "x", "v₁").local == "3"
    assert arrow(view, "v₁", "v₂").local == "0.9602"  # cos 6
    assert "∂ = cos(v₁) = 0.9602" in view.dot()
    assert [a.local for a in tg.draw(2.0 * x).arrows] == ["", ""]  # ∂ = 2 says it


def test_local_derivatives_of_a_few_numbers_have_them_all():
    few = tg.draw(tg.sin(tg.tensor([1.0, 2.0], requires_grad=True, name="x"))).arrows[0]
    assert words.of_arrow(few) == ["(2,)", "∂ = cos(x)", "= [0.54, −0.416]"]
    column = tg.tensor([[1.0], [2.0]], requires_grad=True)
    assert tg.draw(tg.sin(column)).arrows[0].local == "[0.54, −0.416]ᵀ"
    shared = tg.draw(tg.tensor([1.0, 2.0], requires_grad=True) * tg.tensor(0.5, requires_grad=True))
    assert [a.local for a in shared.arrows] == ["0.5", "[1, 2]"]
    for many in (np.arange(5.0), np.ones((2, 2))):
        assert [a.local for a in tg.draw(tg.sin(tg.tensor(many, requires_grad=True))).arrows] == [""]


def test_the_legend_names_the_axes() -> None:
    column, row = (tg.tensor(np.ones(s), requires_grad=True) for s in ((3, 1), (1, 4)))
    assert "dashed Σ₁: broadcast, its gradient summed over axis 1" in tg.draw(column * np.ones((3, 4))).dot()
    assert "dashed Σ₀, Σ₁: broadcast, its gradient summed over these axes" in tg.draw(column * row).dot()


def test_broadcast_is_dashed_and_summed_back() -> None:
    x = tg.tensor(np.ones((3, 1)), requires_grad=True, name="x")
    view = tg.draw(x * np.arange(8.0).reshape(2, 1, 4))
    assert arrow(view, "x", "v₁").summed == (0, 2)
    assert "(3, 1) → (2, 3, 4)" in view.dot()
    assert "Σ₀₂" in view.dot()
    assert "style=dashed" in view.dot()


def test_a_batched_product_sums_over_the_batch() -> None:
    w = tg.tensor(np.ones((2, 3)), requires_grad=True, name="w")
    view = tg.draw(w @ np.ones((5, 3, 4)))
    assert arrow(view, "w", "v₁").broadcast == (5, 2, 3)


def test_constants_are_dotted_and_tagged() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    source = tg.draw(x * 2.5).dot()
    assert "<B>2.5</B>" in source
    assert "style=dotted" in source
    assert "arrowhead=empty" in source
    assert "no grad" in source


def test_dtype_is_shown_when_not_float64_and_where_it_changes() -> None:
    x = tg.tensor([1.0], requires_grad=True, dtype=np.float32)
    source = tg.draw(tg.exp(x).astype(np.float64)).dot()
    assert "(1,) · float32" in source
    assert "float32 → float64" in source


def test_variadic_ops_and_attributes() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    view = tg.draw(tg.einsum("ij,ij->i", tg.stack([x, x], axis=1), np.ones((2, 2))))
    assert boxes(view)["v₁"].formula == "stack(x, x, axis=1)"
    assert boxes(view)["v₂"].formula == 'einsum(v₁, x₁, subscripts="ij,ij->i")'
    assert [a.derivative for a in view.arrows[:2]] == ["dx += take(dv₁, 0, axis=1)", "dx += take(dv₁, 1, axis=1)"]


def test_a_long_derivative_moves_to_the_tooltip() -> None:
    x = tg.tensor(1.0, requires_grad=True, name="x")
    source = tg.draw(tg.gelu(x)).dot()
    assert "∂v₁/∂x" in source
    assert 'labeltooltip="∂ = σ(1.59577(x + 0.044715x³)) + ' in source


def test_origins_are_tooltips() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    with tg.origins():
        y = tg.exp(x)
    view = tg.draw(y)
    assert "test_snapshot.py:" in (boxes(view)["y"].origin or "")
    assert "tooltip=" in view.dot()


def test_names_that_collide_are_numbered() -> None:
    a, b = (tg.tensor(1.0, requires_grad=True, name="bias") for _ in range(2))
    assert [box.name for box in tg.draw(a + b).boxes] == ["bias₁", "bias₂", "v₁"]


def test_several_outputs() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    y = tg.exp(x)
    view = tg.draw([y, y * 2])
    assert [box.kind for box in view.boxes] == ["parameter", "output", "constant", "output"]
    assert tg.draw(x).boxes[0].kind == "parameter"


def test_the_same_program_gives_the_same_text() -> None:
    assert graphs.one_hidden_layer().dot() == graphs.one_hidden_layer().dot()


def test_later_changes_do_not_reach_the_view() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    y = tg.exp(x).sum()
    view = tg.draw(y)
    before = view.dot()
    y.backward()
    x.data = np.zeros(2)
    x.name = "other"
    assert view.dot() == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        view.name = "other"  # type: ignore[misc]


def test_shared_nodes_are_drawn_once() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    for _ in range(18):
        x = x + x
    view = tg.draw(x)
    assert (len(view.boxes), len(view.arrows)) == (19, 36)


@pytest.mark.slow
def test_a_long_chain_is_drawn_without_recursion() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    for _ in range(10_000):
        x = tg.sin(x)
    view = tg.draw(x)
    assert [box.kind for box in view.shown.boxes] == ["parameter", "operation", "repetition"]
    assert view.open().dot().count(" -> ") == 10_000
    message = r"png: 10,001 boxes are more than the 1,500 .*, or draw a smaller graph, .* view\.save\('graph\.dot'\)"
    with pytest.raises(ValueError, match=message):
        view.open().png()


def test_texts_are_written_once_for_operations_that_differ_in_names_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    plain = labels.local

    def counted(*args: Any, **settings: Any) -> labels.Local:
        written.append(args)
        return plain(*args, **settings)

    monkeypatch.setattr(labels, "local", counted)
    y = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    for k in range(100):
        y = tg.tanh(y) * (2.0 if k % 2 else 0.5)
    view = tg.draw(y, level="all")
    assert len(written) == 3  # of tanh, and of both products
    assert [a.derivative for a in view.arrows if a.source in ("n197", "n200")] == ["∂ = 2", "∂ = 0.5"]
    assert boxes(view)["y"].formula == "v₁₉₉·2"


def test_numbers_that_are_not_finite() -> None:
    x = tg.tensor([np.nan, np.inf, -np.inf, -0.0], requires_grad=True)
    assert boxes(tg.draw(x + 0.0))["x"].value.lines() == ["[nan, ∞, −∞, 0]"]  # type: ignore[union-attr]
    assert Numbers.of(np.full(20, np.inf)).lines() == ["mean ∞ · std nan", "min ∞ · max ∞"]
    assert Numbers.of(np.full(20, 3 + 4j)).lines() == ["mean 5 · std 0", "min 5 · max 5"]
    assert Numbers.of(np.zeros((0, 3))).lines() == ["empty"]
    assert Numbers.of(np.arange(8.0).reshape(8, 1)).lines() == ["[0, 1, 2, 3, 4, 5,", " 6, 7]ᵀ"]
    assert Numbers.of(np.arange(4).reshape(2, 2)).lines() == ["[[0, 1],", " [2, 3]]"]
    assert Numbers.of(np.zeros((2, 2, 2))).lines() == ["[0, 0, 0, 0, 0, 0,", " 0, 0]"]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            lambda: tg.tensor(1.0),
            tg.GraphError,
            r"draw: the tensor of shape \(\) is not recorded, .*requires_grad=True",
        ),
        (list, ValueError, "draw: there is nothing to draw in an empty list; give a Tensor or several"),
        (lambda: [3.0], TypeError, r"draw: cannot draw float 3\.0; give a Tensor or several"),
    ],
)
def test_errors(given: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        tg.draw(given())  # type: ignore[operator]


def test_error_for_a_direction() -> None:
    with pytest.raises(ValueError, match='draw: direction is "right" or "down", got \'up\''):
        tg.draw(tg.tensor(1.0, requires_grad=True), direction="up")  # type: ignore[arg-type]


def test_the_variable_of_the_picture_names_no_value() -> None:
    net = tg.nn.Sequential(tg.nn.Linear(2, 2, rng=0), tg.nn.ReLU())
    view = tg.draw(net, np.ones((1, 2)))
    assert [box.name for box in view.boxes if box.made] == ["v₁", "v₂"]

    def f(x: tg.Tensor) -> tg.Tensor:
        hidden = net(x)
        return hidden.sum()

    view = tg.draw(f, np.ones((1, 2)))
    assert [box.name for box in view.boxes if box.made] == ["v₁", "hidden", "v₃"]
