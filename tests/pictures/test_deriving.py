"""Every printed formula, computed on the recorded values, is the gradient; text and LaTeX read as the notes do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies

import tinygraph as tg
from tests.engine.test_edges import tangle
from tests.pictures.scene.test_labels import OURS, rows, sample
from tinygraph.engine.declare import define, registry
from tinygraph.engine.op import Op
from tinygraph.engine.rules import fit
from tinygraph.engine.symbol import Symbol
from tinygraph.pictures.scene.node_boxes import NodeBoxes
from tinygraph.pictures.steps.latex import Latex, escape, name_in_latex
from tinygraph.pictures.steps.notation import Text, chain_product, unbroadcast


def named(name: str, t: tg.Tensor) -> tg.Tensor:
    t.name = name
    return t


def data() -> tuple[tg.Tensor, tg.Tensor]:
    X = tg.tensor([[0.5, -1.0, 0.0, 2.0], [1.5, 0.25, -0.5, 1.0], [-2.0, 1.0, 0.75, 0.5]], name="X")
    return X, tg.tensor([[1.0, 0.0, 1.0, 0.0]], name="Y")


def logistic_regression() -> tg.Tensor:
    X, Y = data()
    W = tg.tensor([[0.5], [-0.25], [0.75]], requires_grad=True, name="W")
    b = tg.tensor(0.1, requires_grad=True, name="b")
    A = named("A", tg.sigmoid(named("Z", W.T @ X + b)))
    L = named("L", -(Y * tg.log(A) + (1 - Y) * tg.log(1 - A)))
    KEPT[:] = [W, b]
    return named("J", L.mean())


def one_hidden_layer() -> tg.Tensor:
    X, Y = data()
    W1 = tg.tensor([[0.5, -0.25, 0.75], [-0.5, 0.25, 1.0]], requires_grad=True, name="W1")
    b1 = tg.tensor([[0.0], [0.1]], requires_grad=True, name="b1")
    W2 = tg.tensor([[1.0, -0.5]], requires_grad=True, name="W2")
    b2 = tg.tensor([[0.2]], requires_grad=True, name="b2")
    A1 = named("A1", tg.relu(named("Z1", W1 @ X + b1)))
    Z2 = named("Z2", W2 @ A1 + b2)
    KEPT[:] = [W1, b1, W2, b2]
    return named("J", tg.nn.binary_cross_entropy_with_logits(Z2, Y))


KEPT: list[tg.Tensor] = []
"""The parameters of the last graph, which their nodes hold weakly."""


def computed(derivation: tg.Derivation, loss: tg.Tensor, leaves: list[tg.Tensor]) -> dict[str, Any]:
    """All names of a derivation with their values, from the leaves, the constants, and the lines alone."""
    boxes = NodeBoxes(tg.draw(loss), loss.node)
    values: dict[str, Any] = {boxes.of[t.node].name: t.numpy() for t in leaves if t.node in boxes.of}
    for node in boxes.nodes:
        inputs = zip(boxes.sources[node], node.inputs, strict=True)
        values |= {box.name: x for box, x in inputs if box.kind == "input"}
    with np.errstate(all="ignore"):
        for line in derivation.lines:
            made = line.expression.evaluate(values) if isinstance(line.expression, Symbol) else line.expression
            values[line.name] = fit(np.asarray(made, dtype=float), line.shape)
    return values


def check(loss: tg.Tensor, leaves: list[tg.Tensor]) -> tg.Derivation:
    """The derivation for all leaves, after its every line was compared with what was recorded."""
    derivation = tg.derive(loss)
    values = computed(derivation, loss, leaves)
    boxes = NodeBoxes(tg.draw(loss), loss.node)
    np.testing.assert_allclose(values[boxes.of[loss.node].name], loss.numpy(), rtol=1e-9)
    loss.backward()
    for t in leaves:
        if t.node in boxes.of:
            np.testing.assert_allclose(values[f"d{boxes.of[t.node].name}"], t.grad.numpy(), rtol=1e-9, atol=1e-12)
    for line in derivation.lines:
        assert balanced(Latex().write(line.expression)), line
    assert balanced(derivation.latex())
    return derivation


def balanced(latex: str) -> bool:
    """Whether braces and growing brackets close in the order in which they open, and no superscript follows another."""
    open_: list[str] = []
    for sign in re.findall(r"\\left\(|\\right\)|\\begin|\\end|\\.|[{}]", latex):
        if sign in ("{", r"\left(", r"\begin"):
            open_.append(sign)
        elif sign in ("}", r"\right)", r"\end") and (
            not open_ or open_.pop() != {"}": "{", r"\right)": r"\left(", r"\end": r"\begin"}[sign]
        ):
            return False
    return not open_ and not re.search(r"\^(\w|\\\w+|\{[^{}]*\})\^", latex)


# ------------------------------------------------------------------------------------------ the formulas are right


COMPLEX = {"imag", "fft", "rfft", "irfft"}
"""Ops whose formulas have complex numbers in them."""


@pytest.mark.parametrize("op", [op for op in OURS if op.name not in {"checkpoint", *COMPLEX}], ids=lambda op: op.name)
def test_every_op_is_derived_as_it_is_differentiated(op: Op) -> None:
    cases = (
        rows(op)
        if op.kind != "elementwise"
        else [(tuple(sample(op, (2, 3))), {}), ((*sample(op, (2, 3))[:1], *sample(op, (3,))[1:]), {})]
    )
    for xs, settings in cases:
        leaves = [
            tg.tensor(x, requires_grad=True, name=f"x{k}") if np.asarray(x).dtype.kind == "f" else x
            for k, x in enumerate(xs)
        ]
        attrs = {**op.defaults, **settings}
        y = op.function(*leaves, **attrs)
        if not isinstance(y, tg.Tensor) or y.node is None:
            continue
        if y.dtype.kind == "c":
            pytest.skip(f"{op.name} is complex in this NumPy, and formulas are compared in real numbers")
        loss = (tg.astype(y, dtype=np.float64) * np.cos(np.arange(y.size)).reshape(y.shape)).sum()
        tracked = [t for t in leaves if isinstance(t, tg.Tensor)]
        if "float32" in {str(n.dtype) for n in NodeBoxes(tg.draw(loss), loss.node).nodes}:
            continue  # casts are not written
        check(loss, tracked)


@pytest.mark.parametrize("seed", range(12))
def test_random_graphs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shapes: list[tuple[int, ...]] = [(3, 4), (3, 1), (4,), (), (3, 4)]
    leaves = [tg.tensor(rng.normal(size=s) / 2, requires_grad=True, name="abcde"[k]) for k, s in enumerate(shapes)]
    check(tangle(rng, leaves, 25), leaves)


@pytest.mark.parametrize("build", [logistic_regression, one_hidden_layer])
def test_the_models_of_the_notes(build: Callable[[], tg.Tensor]) -> None:
    loss = build()
    check(loss, list(KEPT))


def test_layers_without_names() -> None:
    net = tg.nn.Sequential(tg.nn.Linear(5, 4, rng=0), tg.nn.ReLU(), tg.nn.Linear(4, 3, rng=1))
    x = np.random.default_rng(0).normal(size=(6, 5))
    derivation = check(tg.nn.cross_entropy(net(x), np.arange(6) % 3), net.parameters())
    assert "dv₁      = dv₃ weight₂ · [v₁ ≥ 0]" in str(derivation)


def test_a_gradient_of_one_number_before_a_matrix_product_gets_a_line() -> None:
    W = tg.tensor([[1.0, 2.0]], requires_grad=True, name="W")
    derivation = check((W @ np.ones((2, 3))).mean(), [W])
    assert [line.name for line in derivation.lines] == ["v₁", "loss", "dloss", "dv₁", "dW"]
    b = tg.tensor(1.0, requires_grad=True, name="b")
    check((b + np.ones(3)).mean(), [b])


def test_attention() -> None:
    M = tg.tensor(np.random.default_rng(0).normal(size=(3, 2, 4)), requires_grad=True, name="M")
    derivation = check((tg.softmax(M @ M.mT / 2.0) @ M).mean(), [M])
    assert [str(line) for line in derivation.lines] == [
        "v₂ = M Mᵀ", "v₄ = softmax(v₂/2)", "v₅ = v₄ M", "loss = mean(v₅)", "dloss = 1", "dv₅ = dloss/24",
        "dv₄ = dv₅ Mᵀ", "dv₂ = 0.5 · v₄(dv₄ − Σ₂(dv₄·v₄))", "dM = v₄ᵀ dv₅ + dv₂ M + (Mᵀ dv₂)ᵀ",
    ]  # fmt: skip


def test_item_assignment_and_double_backward() -> None:
    a = tg.tensor([1.0, 2.0], requires_grad=True, name="a")
    w = a * 1.0
    w[0] = w[1] * 2
    assert "= v₁[0] ← v₁[1]·2 " in str(check(w.sum(), [a]))
    a.grad = None
    (a**3).sum().backward(create_graph=True)
    loss = (a.grad * a.grad).sum()
    a.grad = None
    check(loss, [a])


def test_a_leaf_alone() -> None:
    x = tg.tensor(2.0, requires_grad=True, name="x")
    assert str(tg.derive(x)) == "dx = 1   ()"
    assert not list(tg.trace(x).backward())


def test_long_formulas_are_broken_into_lines() -> None:
    x = tg.tensor([0.1, 0.2], requires_grad=True, name="x")
    y = x
    for _ in range(30):
        y = tg.sin(y) + 1
    lines = check(y.sum(), [x]).lines
    assert max(len(str(line)) for line in lines) < 130


def test_a_rule_that_cannot_be_written_is_called() -> None:
    @tg.elementwise(lambda y, x: np.asarray([2.0, 3.0])[np.asarray(x > 0, dtype=int)] + float(np.min(x)) * 0)
    def odd(x: Any) -> Any:
        return np.where(x > 0, 3 * x, 2 * x)

    registry.remove(odd.op)  # type: ignore[attr-defined]
    x = tg.tensor([1.0, -1.0], requires_grad=True, name="x")
    derivation = check(odd(x).sum(), [x])
    assert "dx    = dloss · ∂odd(odd(x), x)" in str(derivation)
    t = tg.tensor([1.0, -1.0, 2.0], requires_grad=True, name="t")
    assert "dt = vjp[prod](dy, y, t)" in str(check(named("y", tg.prod(t)), [t]))


# ------------------------------------------------------------------------------------------ how they are written


def test_logistic_regression_reads_as_in_the_notes() -> None:
    assert str(tg.derive(logistic_regression())).splitlines() == [
        "Z  = Wᵀ X + b                     (1, 4)",
        "A  = σ(Z)                         (1, 4)",
        "L  = −(Y·log(A) + x·log(1 − A))   (1, 4)",
        "J  = mean(L)                      ()",
        "",
        "dJ = 1                            ()",
        "dL = dJ/4                         (1, 4)",
        "dA = dL · x/(1 − A) − dL · Y/A    (1, 4)",
        "dZ = dA · A(1 − A)                (1, 4)",
        "db = Σ dZ                         ()",
        "dW = (dZ Xᵀ)ᵀ                     (3, 1)",
    ]
    assert (
        tg.derive(logistic_regression()).latex()
        == r"""\begin{align*}
Z &= W^\top X + b \\
A &= \sigma(Z) \\
L &= -(Y \odot \log(A) + x \odot \log(1 - A)) \\
J &= \frac{1}{4} \sum L \\
dJ &= 1 \\
dL &= \frac{dJ}{4} \\
dA &= \frac{dL \odot x}{1 - A} - \frac{dL \odot Y}{A} \\
dZ &= dA \odot A \odot (1 - A) \\
db &= \sum dZ \\
dW &= (dZ X^\top)^\top
\end{align*}"""
    )


def test_one_hidden_layer_reads_as_in_the_notes() -> None:
    assert str(tg.derive(one_hidden_layer())).splitlines() == [
        "Z1  = W1 X + b1            (2, 4)",
        "A1  = relu(Z1)             (2, 4)",
        "Z2  = W2 A1 + b2           (1, 4)",
        "J   = mean(BCE∘σ(Z2, Y))   ()",
        "",
        "dJ  = 1                    ()",
        "dZ2 = dJ/4 · (σ(Z2) − Y)   (1, 4)",
        "db2 = Σ dZ2                (1, 1)",
        "dW2 = dZ2 A1ᵀ              (1, 2)",
        "dA1 = W2ᵀ dZ2              (2, 4)",
        "dZ1 = dA1 · [Z1 ≥ 0]       (2, 4)",
        "db1 = Σ₁ dZ1               (2, 1)",
        "dW1 = dZ1 Xᵀ               (2, 3)",
    ]
    assert (
        tg.derive(one_hidden_layer()).latex()
        == r"""\begin{align*}
Z_1 &= W_1 X + b_1 \\
A_1 &= \operatorname{relu}(Z_1) \\
Z_2 &= W_2 A_1 + b_2 \\
J &= \frac{1}{4} \sum (\operatorname{BCE} \circ \sigma)(Z_2, Y) \\
dJ &= 1 \\
dZ_2 &= \frac{dJ}{4} (\sigma(Z_2) - Y) \\
db_2 &= \sum dZ_2 \\
dW_2 &= dZ_2 A_1^\top \\
dA_1 &= W_2^\top dZ_2 \\
dZ_1 &= dA_1 \odot [Z_1 \ge 0] \\
db_1 &= \sum_{1} dZ_1 \\
dW_1 &= dZ_1 X^\top
\end{align*}"""
    )


def test_only_lines_on_the_way() -> None:
    loss = one_hidden_layer()
    W1, b1, W2, _ = KEPT
    names = [line.name for line in tg.derive(loss, W2).lines]
    assert names == ["Z2", "J", "dJ", "dZ2", "dW2"]
    assert [line.name for line in tg.derive(loss, [W1, b1]).lines][-2:] == ["db1", "dW1"]


def test_of_a_value_on_the_way_and_of_what_lies_behind_it() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    h = tg.exp(x)
    loss = (h * h).sum()
    assert [str(line) for line in tg.derive(loss, h).lines] == [
        "h = exp(x)", "loss = Σ(h²)", "dloss = 1", "dh = dloss · h + dloss · h",
    ]  # fmt: skip
    assert [line.name for line in tg.derive(loss, [h, x]).lines][-2:] == ["dh", "dx"]


def test_a_gradient_and_a_value_of_the_same_name_are_kept_apart() -> None:
    x = tg.tensor(2.0, requires_grad=True, name="x")
    dx = tg.tensor(3.0, requires_grad=True, name="dx")
    assert [line.name for line in tg.derive(named("y", x * dx)).lines] == ["y", "dy", "d(x)", "ddx"]


def test_of_more_than_one_number_the_gradient_of_the_result_is_given() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    assert str(tg.derive(named("y", x * 3.0))) == "y  = x·3   (2,)\n\ndx = 3dy   (2,)"


def test_it_is_the_same_after_backward_and_repr_is_short() -> None:
    loss = one_hidden_layer()
    before = str(tg.derive(loss))
    loss.backward()
    assert str(tg.derive(loss)) == before
    assert repr(tg.derive(loss)) == "<Derivation: 12 lines>"
    assert tg.derive(loss)._repr_latex_() == tg.derive(loss).latex()
    assert str(tg.derive(loss).lines[0]) == "Z1 = W1 X + b1"


def grown(rng: np.random.Generator, depth: int) -> Any:
    """A random expression of the arrays a, b and c."""
    if depth == 0 or rng.random() < 0.1:
        return Symbol("abc"[rng.integers(3)], (2,)) if rng.random() < 0.8 else float(rng.integers(-3, 4) or 5)
    x, y = grown(rng, depth - 1), grown(rng, depth - 1)
    if not isinstance(x, Symbol):
        x = Symbol("a", (2,))
    made: list[Callable[[], Any]] = [
        lambda: x + y, lambda: x - y, lambda: y - x, lambda: x * y, lambda: y * x, lambda: x / y,
        lambda: y / x, lambda: -x, lambda: x**2, lambda: x * x, lambda: np.reciprocal(x), lambda: x * (y > x),
        lambda: Symbol.call(chain_product, (x, y)), lambda: np.absolute(x), lambda: tg.sin(x),
    ]  # fmt: skip
    return made[rng.integers(len(made))]()


def text_in_python(text: str) -> str:
    """A printed line as a Python expression, with Python's precedences."""
    text = text.replace("−", "-").replace("·", "*").replace("²", "**2").replace("³", "**3").replace("⁴", "**4")
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text).replace("[", "(").replace("]", ")")
    text = re.sub(r"(?<![a-z])([abc]|\d)\(", r"\1*(", text).replace(")(", ")*(")
    return re.sub(r"(\d)([a-z])", r"\1*\2", text)


def latex_in_python(latex: str) -> str:
    """Printed LaTeX as a Python expression."""
    latex = latex.replace(r"\left", "").replace(r"\right", "")
    latex = re.sub(r"\^\{(\d)\}", r"**\1", latex)
    while "{" in latex:  # the innermost first
        latex = re.sub(r"\{([^{}]*)\}\*\*", r"(\1)**", re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", latex))
    for sign in (r"\odot", r"\cdot", r"\,"):
        latex = latex.replace(sign, "*")
    latex = re.sub(r"\|([^|]*)\|", r"abs(\1)", latex).replace(r"\sin", "sin").replace("[", "(").replace("]", ")")
    return re.sub(r"([abc\d)]) ([abc\d(s])", r"\1 * \2", latex)


@pytest.mark.parametrize("seed", range(300))
def test_what_is_printed_read_as_mathematics_is_the_expression(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = grown(rng, 4)
    if str(x).count("|") > 2 or not isinstance(x, Symbol):  # bars within bars cannot be read back
        return
    values = {name: rng.uniform(0.5, 2, 2) for name in "abc"}
    with np.errstate(all="ignore"):
        expected = x.evaluate(values)
        for written in (text_in_python(Text().write(x)), latex_in_python(Latex().write(x))):
            found = eval(written, {"sin": np.sin, "abs": abs}, values)
            np.testing.assert_allclose(found, expected, rtol=1e-9, err_msg=f"{x} | {written}")


A, B, c = Symbol("A", (2, 2)), Symbol("B[1]", (2, 2)), Symbol("c", ())


@pytest.mark.parametrize(
    ("x", "text", "latex"),
    [
        (A - (-B), "A + B[1]", r"A + B^{[1]}"),
        (A + -(B * c), "A − B[1]·c", r"A - B^{[1]} \, c"),
        (np.negative(-A), "A", "A"),
        (A * -1, "−A", "-A"),
        (A - (B - c), "A − (B[1] − c)", r"A - (B^{[1]} - c)"),
        ((A * c) @ B, "(A·c) B[1]", r"(A \, c) B^{[1]}"),
        (A @ (B @ A), "A (B[1] A)", r"A (B^{[1]} A)"),
        (B.T, "B[1]ᵀ", r"{B^{[1]}}^\top"),
        (B.T.T @ A, "B[1] A", "B^{[1]} A"),
        (np.swapaxes(A.T, -1, -2), "(Aᵀ)ᵀ", r"(A^\top)^\top"),
        (B**2, "B[1]²", r"{B^{[1]}}^{2}"),
        ((A + B) ** -1.5, "(A + B[1])⁻¹·⁵", r"(A + B^{[1]})^{-1.5}"),
        (A**c, "A^c", "A^{c}"),
        (1 / (A / B), "1/(A/B[1])", r"\frac{1}{\frac{A}{B^{[1]}}}"),
        (A * A * A, "A³", "A^{3}"),
        (A * 1e-12, "A·1e−12", r"A \cdot 1 \times 10^{-12}"),
        (2 * c, "2c", "2 c"),
        (np.sqrt(A) + abs(B), "√A + |B[1]|", r"\sqrt{A} + |B^{[1]}|"),
        (np.maximum(A, -np.inf), "max(A, −∞)", r"\max(A, -\infty)"),
        (A * (B > 0), "A·[B[1] > 0]", r"A \odot [B^{[1]} > 0]"),
        (np.sum(A, axis=0) / 2, "(Σ₀ A)/2", r"\frac{\sum_{0} A}{2}"),
        (np.sum(A) * B, "(Σ A)·B[1]", r"\left(\sum A\right) \odot B^{[1]}"),
        (c - np.sum(A, axis=1), "c − Σ₁ A", r"c - \sum_{1} A"),
        (-np.sum(A * B), "−Σ(A·B[1])", r"-\sum (A \odot B^{[1]})"),
        (np.sum(A + B), "Σ(A + B[1])", r"\sum (A + B^{[1]})"),
        (np.mean(Symbol("t"), axis=-1), "mean₋₁(t)", r"\frac{1}{n} \sum_{-1} t"),
        (A[0, 1:], "A[0, 1:]", "A[0, 1:]"),
        (np.stack([A, B], axis=0), "stack((A, B[1]), axis=0)", r"\operatorname{stack}((A, B^{[1]}), \text{axis}=0)"),
        (Symbol.call(unbroadcast, (A,), {"axes": (0,), "lead": 1}), "Σ₀ A", r"\sum_{0} A"),
        (Symbol.call(chain_product, (c, -A)), "−c · A", r"-c \, A"),
        (True, "True", r"\text{True}"),
        (Symbol("my_μ{"), "my_μ{", r"\text{my\_μ\{}"),
    ],
)  # fmt: skip
def test_expressions(x: Any, text: str, latex: str) -> None:
    assert (Text().write(x), Latex().write(x)) == (text, latex)
    assert balanced(latex)


def test_an_operation_of_the_users_is_written_by_its_symbol() -> None:
    before = define(Op("elementwise", lambda x, y: x < y, (None, None), name="before", symbol="<")).function
    a, b = Symbol("a", (2,)), Symbol("b", (2,))
    for f in (np.less, before):
        assert Text().write(a * f(a, b)) == "a·[a < b]"
        assert Latex().write(a * f(a, b)) == r"a \odot [a < b]"


@pytest.mark.parametrize(
    ("ours", "symbol"),
    [(np.square, "²"), (np.sqrt, "√"), (np.absolute, "|·|"), (np.reciprocal, "1/"), (np.divide, "/"),
     (np.matmul, "@"), (np.power, "^"), (np.remainder, "mod"), (np.logical_or, "|"), (np.not_equal, "≠")],
)  # fmt: skip
def test_so_is_one_with_another_of_our_symbols(ours: np.ufunc, symbol: str) -> None:
    terms = [Symbol("a", (2,)), Symbol("b", (2,))][: ours.nin]
    kernel = (lambda x: x) if ours.nin == 1 else (lambda x, y: x)
    theirs = define(Op("primitive", kernel, (None,) * ours.nin, name="theirs", symbol=symbol)).function
    for writer in (Text(), Latex()):
        assert writer.write(theirs(*terms)) == writer.write(ours(*terms))


def test_what_cannot_be_derived() -> None:
    x = tg.tensor([1.0], requires_grad=True, name="x")
    other = tg.tensor([1.0], requires_grad=True, name="w")
    with pytest.raises(TypeError, match=r"derive: loss is float 1.0, not a Tensor; give tg.derive\(loss, W\)"):
        tg.derive(1.0)  # type: ignore[arg-type]
    with pytest.raises(
        tg.GraphError, match=r"derive: the tensor of shape \(\) is not recorded, so there is nothing to de"
    ):
        tg.derive(tg.tensor(1.0))
    with pytest.raises(TypeError, match=r"derive: wrt has str 'x'; give a Tensor or several"):
        tg.derive(x.sum(), ["x"])  # type: ignore[list-item]
    with pytest.raises(tg.GraphError, match=r"derive: no recorded way leads from w to the loss; ask tg.why\(t, loss\)"):
        tg.derive(x.sum(), other)


@given(strategies.text(max_size=40))
def test_no_name_can_break_the_latex(name: str) -> None:
    for written in (name_in_latex(name), rf"\text{{{escape(name)}}}"):
        assert balanced(written)
        plain = re.sub(r"\\[A-Za-z]+|\\.", "", written)
        assert not set("$&#%~\n") & set(plain)
