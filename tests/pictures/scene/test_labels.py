"""What is written on the arrows is what the rules compute: as expression, as factor, and as printed text."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.table import cases
from tinygraph.engine.declare import registry
from tinygraph.engine.op import Op
from tinygraph.engine.symbol import Symbol
from tinygraph.pictures.scene import labels

NAMES = ["a", "b", "c"]
OURS = [
    op for op in registry
    if op.function.__module__.startswith("tinygraph") and ".interop." not in op.function.__module__
    and op.differentiable
]  # fmt: skip
ELEMENTWISE = [op for op in OURS if op.kind == "elementwise"]
OTHERS = [op for op in OURS if op.kind != "elementwise"]
rng = np.random.default_rng(7)
A, B = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
ROWS: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "where": [((A > 0, A, B), {})],
    "sum": [((A,), {"axis": 0}), ((A,), {})],
    "mean": [((A,), {"axis": (1,)}), ((A,), {})],
    "softmax_loss": [((A, np.array([0, 2])), {})],
    "scatter": [((A,), {"index": (slice(1, 3),), "shape": (4, 3)})],
    "getitem": [((A,), {"index": (slice(None), 1)}), ((A,), {"index": np.array([0, 0, 1])})],
    "setitem": [((A, 2.0), {"index": 0})],
    "matmul": [((A, B.T), {}), ((A, B[0]), {}), ((B[:, 0], A), {}), ((A[0], B[0]), {}), ((A[None], B.T), {})],
    "einsum": [((A, B), {"subscripts": "ij,kj->ik", "optimize": False})],
    "reshape": [((A,), {"shape": (3, 2)})],
    "swapaxes": [((A,), {"axis1": 0, "axis2": 1})],
    "moveaxis": [((A,), {"source": 0, "destination": 1})],
    "expand_dims": [((A,), {"axis": 1})],
    "broadcast_to": [((A,), {"shape": (4, 2, 3)})],
    "roll": [((A,), {"shift": 1})],
    "astype": [((A,), {"dtype": np.float32})],
    "concatenate": [((A, B), {"axis": 0, "ends": (2, 4)})],
    "stack": [((A, B), {"axis": 1})],
    "pad": [((A,), {"pad_width": ((1, 0), (0, 2))})],
    "affine": [((A, rng.normal(size=(4, 3)), rng.normal(size=4)), {})],
    "clip": [((A, -0.5, 0.5), {})],
}
"""Inputs and attributes, where others than those of the property tests are wanted."""

UNWRITTEN = {"characteristic", "checkpoint", "cholesky", "cofactor", "cumprod", "eig", "eigh", "eigvals", "eigvalsh",
             "irfft", "prod", "qr", "rfft", "svd", "svdvals"}  # fmt: skip
"""Ops whose rules are no expressions, but programs."""


def rows(op: Op) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    if op.name in ROWS:
        return ROWS[op.name]
    return [(case.inputs, case.attrs) for case in cases(op)[:3]]


def sample(op: Op, shape: tuple[int, ...]) -> list[Any]:
    """Random inputs inside the domain, away from its ends."""
    low, high = np.clip(op.domain[0] + 0.1, -3, 3), np.clip(op.domain[1] - 0.1, -3, 3)
    own = np.random.default_rng(7)  # the same whichever tests ran before
    return [own.uniform(low, high, shape) for _ in range(op.arity or 2)]


def written(op: Op, index: int, y: Any, xs: Any, attrs: dict[str, Any]) -> labels.Local:
    shapes = [np.shape(y), *map(np.shape, xs)]
    return labels.local(op, index, output="y", inputs=NAMES[: len(xs)], attrs=attrs, shapes=shapes)


def evaluated(x: Any, values: dict[str, Any]) -> Any:
    return x.evaluate(values) if isinstance(x, Symbol) else x


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_label_of_an_elementwise_op_evaluates_to_its_rule(op: Op) -> None:
    xs = sample(op, (2, 3))
    y = op.kernel(*xs, **op.defaults)
    values = {"y": y, **dict(zip(NAMES, xs, strict=False))}
    for index, rule in enumerate(op.rules):
        if rule is not None:
            local = written(op, index, y, xs, dict(op.defaults))
            expected = rule(y, *xs, **op.defaults) if callable(rule) else rule
            np.testing.assert_array_equal(evaluated(local.factor, values), expected)


@pytest.mark.parametrize("op", OTHERS, ids=lambda op: op.name)
def test_label_of_any_other_op_evaluates_to_its_vjp(op: Op) -> None:
    for xs, given in rows(op):
        attrs = {**op.defaults, **given}
        y = op.kernel(*xs, **attrs)
        g = rng.normal(size=np.shape(y))
        values = {"dy": g, "y": y, **dict(zip(NAMES, xs, strict=False))}
        for index in range(len(xs)):
            rule = op.rule(index)
            local = written(op, index, y, xs, attrs)
            if rule is None or local.whole is None:
                continue
            assert callable(rule)
            expected = rule(g, y, *xs, **attrs)
            np.testing.assert_array_equal(evaluated(local.whole, values), expected)
            if local.shape is not None:
                assert local.shape == expected.shape
            if local.factor is not None:
                product = evaluated(local.factor, values) * evaluated(local.carrier, values)
                np.testing.assert_allclose(np.broadcast_to(product, expected.shape), expected)


@pytest.mark.parametrize("op", [op for op in OURS if op.name not in UNWRITTEN], ids=lambda op: op.name)
def test_every_op_has_a_label(op: Op) -> None:
    xs, given = rows(op)[0] if op.kind != "elementwise" else (tuple(sample(op, (2, 3))), {})
    attrs = {**op.defaults, **given}
    y = op.kernel(*xs, **attrs)
    for index in range(len(xs)):
        if op.rule(index) is not None:
            assert "=" in written(op, index, y, xs, attrs).text("y", NAMES[index])


FUNCTIONS = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")} | {
    "σ": tg.sigmoid, "max": np.maximum, "abs": np.abs, "sqrt": np.sqrt,
    "share": tg.ops.elementwise._share, "bessel_ratio": tg.ops.bessel._ratio,
    "spherical_ratio": tg.ops.bessel._spherical,
}  # fmt: skip


def as_python(text: str) -> str:
    """The printed mathematics as a Python expression, with its own precedences: for one-letter names."""
    text = text.removeprefix("∂ = ").replace("−", "-").replace("·", "*").replace("^", "**")
    text = text.replace("∞", "inf").replace("≥", ">=").replace("≤", "<=").replace(" = ", " == ").strip("[]")
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "**" + m[0].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")), text)
    text = re.sub(r"√(\w)", r"sqrt(\1)", text).replace("√(", "sqrt(")
    text = re.sub(r"(?<!\w)([abcy]|[\d.]+[abcy]?)\(", r"\1*(", text)  # y(1 - y), 0.5(1 + t)
    return re.sub(r"(\d)([abcy])", r"\1*\2", text).replace(")(", ")*(")


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_printed_label_read_as_mathematics_is_the_rule(op: Op) -> None:
    xs = [x.item() for x in sample(op, ())]
    y = op.kernel(*xs, **op.defaults)
    values = {"y": y, **dict(zip(NAMES, xs, strict=False))}
    for index, rule in enumerate(op.rules):
        if rule is not None:
            text = written(op, index, y, xs, dict(op.defaults)).text("y", NAMES[index])
            expected = rule(y, *xs, **op.defaults) if callable(rule) else rule
            np.testing.assert_allclose(eval(as_python(text), FUNCTIONS, values), expected, rtol=1e-5, err_msg=text)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (lambda: labels.formula(tg.transpose.op, ["W"], {"axes": None}), "Wᵀ"),
        (lambda: labels.formula(tg.transpose.op, ["W"], {"axes": (0, 2, 1)}), "ᵀ(W, axes=(0, 2, 1))"),
        (lambda: labels.formula(tg.power.op, ["b", 3], {}), "b³"),
        (lambda: labels.formula(tg.getitem.op, ["x"], {"index": (slice(None), 0)}), "x[:, 0]"),
        (lambda: labels.formula(tg.ops.reduction._sum.op, ["x"], {"axis": 0, "dtype": None, "keepdims": True}),
         "Σ(x, axis=0)"),
        (lambda: labels.formula(tg.maximum.op, ["x", 0], {}), "max(x, 0)"),
        (lambda: labels.formula(tg.ops.elementwise._clip.op, ["x", 0.0, np.inf], {}), "clip(x, 0, ∞)"),
    ],
)  # fmt: skip
def test_formulas_read_as_mathematics(label: Any, expected: str) -> None:
    assert label() == expected


def test_a_rule_that_cannot_be_written_leaves_the_partial_derivative() -> None:
    @tg.elementwise(lambda y, x: float(x) * 0 + {"k": 1}[x])
    def odd(x: Any) -> Any:
        return x * 1.0

    registry.remove(odd.op)
    local = written(odd.op, 0, 1.0, [1.0], {})
    assert local.text("y", "x") == "∂y/∂x"
