"""Users' operations are explained like ours: by what their declarations say, and by cures that were tried."""

from __future__ import annotations

import ast
import contextlib
import inspect
import pathlib

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import AnomalyError
from tinygraph.engine.declare import registry
from tinygraph.engine.op import Op
from tinygraph.explain.facts import contraction, linear_in, multiplies_by_a_matrix

from .planted import kept, leaf

with contextlib.suppress(ImportError):  # their rules are loaded too, where SciPy is installed
    import tinygraph.interop.scipy.special

pytestmark = pytest.mark.usefixtures("forget_declarations")
INF = np.inf


def my_log(**facts):
    return tg.elementwise(lambda y, x: 1 / x, name="my_log", **facts)(lambda x: np.log(x))


def my_sqrt(**facts):
    return tg.elementwise(lambda y, x: 0.5 / y, name="my_sqrt", **facts)(lambda x: np.sqrt(x))


def my_divide(**facts):
    return tg.elementwise(lambda z, x, y: 1 / y, lambda z, x, y: -z / y, name="my_divide", **facts)(lambda x, y: x / y)


def my_exp():
    return tg.elementwise(lambda y, x: y, name="my_exp")(lambda x: np.exp(x))


def my_sigmoid(**facts):
    return tg.elementwise(lambda y, x: y * (1 - y), name="my_sigmoid", **facts)(lambda x: 1 / (1 + np.exp(-x)))


def my_relu(**facts):
    return tg.elementwise(lambda y, x: x > 0, name="my_relu", **facts)(lambda x: np.maximum(x, 0))


def my_floor():
    return tg.elementwise(0, name="my_floor")(lambda x: np.floor(x))


def my_matmul():
    rules = lambda g, z, x, y: g @ y.T, lambda g, z, x, y: x.T @ g
    return tg.linear(*rules, name="my_matmul", contracts="(n,k),(k,m)->(n,m)")(lambda x, y: x @ y)


def my_join():
    rules = lambda g, y, a, b: g[: a.size], lambda g, y, a, b: g[a.size :]
    return tg.linear(*rules, name="my_join")(lambda a, b: np.concatenate([a, b]))


# ----------------------------------------------------------------------------------------- detect_anomaly
FORWARD = {
    "division without any fact": (
        lambda: my_divide()(leaf([1.0]), leaf([0.0])),
        "the value of my_divide(1, 0) is inf, though it is finite close by; keep y away from 0, as in "
        "my_divide(x, y + 1e-12)",
    ),
    "0 / 0": (lambda: my_divide()(leaf([0.0]), leaf([0.0])), "keep y away from 0, as in my_divide(x, y + 1e-12)"),
    "a tiny denominator": (
        lambda: my_divide()(leaf([1e300]), leaf([1e-300])),
        "too large for its type; keep y away from 0, as in my_divide(x, y + 1e-12)",
    ),
    "a tiny denominator of ours": (
        lambda: leaf([1e300]) / leaf([1e-300]), "too large for its type; keep the denominator away from 0",
    ),
    "a difference in the denominator": (
        lambda: tg.elementwise(lambda z, x, y: z * z, lambda z, x, y: -z * z, name="gap")(lambda x, y: 1 / (y - x))(
            leaf([3.0]), leaf([3.0])
        ),
        "keep x away from 3, or",
    ),
    "logarithm of 0, with a domain": (
        lambda: my_log(domain=(0, INF))(leaf([0.0])), "keep x away from 0, as in my_log(x + 1e-12)",
    ),
    "logarithm of 0, without": (lambda: my_log()(leaf([0.0])), "keep x away from 0, as in my_log(x + 1e-12)"),
    "logarithm below 0, with a domain": (
        lambda: my_log(domain=(0, INF))(leaf([-1.0])), "-1 is outside the domain (0, inf) of my_log; keep the input",
    ),
    "logarithm below 0, without": (
        lambda: my_log()(leaf([-1.0])), "there is no finite result there; keep the input of my_log where it is defined",
    ),
    "a reason in words": (
        lambda: my_log(reasons={"singular": ("log", "{op} has no value at 0", "add the constant of the paper")})(
            leaf([0.0])
        ),
        "my_log has no value at 0; add the constant of the paper",
    ),
    "too large": (lambda: my_exp()(leaf([1000.0])), "too large for its type; scale the inputs down, or compute in"),
    "too large for float32": (
        lambda: my_exp()(leaf([100.0], dtype=np.float32)), "scale the inputs down, or compute in float64",
    ),
    "a primitive that is too large": (
        lambda: tg.primitive(lambda g, y, x: g * y / x, name="all")(lambda x: np.prod(x))(leaf([1e200, 1e200])),
        "too large for its type; scale the inputs down",
    ),
    "a primitive that divides by 0": (
        lambda: tg.primitive(lambda g, y, x: -g * y * y, name="each")(lambda x: 1 / x)(leaf([1.0, 0.0])),
        "there is no finite result there; keep the input of each where it is defined",
    ),
    "a kernel that refuses single numbers": (
        lambda: tg.elementwise(lambda y, x: -y * y, name="pairs")(lambda x: 1 / x.reshape(-1, 2))(leaf([1.0, 0.0])),
        "there is no finite result there",
    ),
    "the end of a domain of ours": (lambda: tg.arctanh(leaf([1.0])), "keep x away from 1, or"),
    "log1p": (lambda: tg.log1p(leaf([-1.0])), "log1p(-1) is -inf and its slope infinite; keep the argument above -1"),
    "power, whose base may be negative": (
        lambda: leaf([-2.0]) ** np.array([0.5]), "-2 is outside the domain (0, inf) of power",
    ),
    "power that is too large": (lambda: leaf([-1e200]) ** np.array([2.0]), "too large for its type; scale"),
    "power of 0": (lambda: leaf([0.0]) ** np.array([-1.0]), "it divides by 0"),
    "a complex number": (lambda: tg.log(leaf([0j], dtype=complex)), "the value of log(0) is -inf"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORWARD)
def test_the_cure_named_in_forward_helps(case):
    make, words = FORWARD[case]
    with tg.detect_anomaly(), pytest.raises(AnomalyError) as error:
        make()
    assert words in str(error.value)


BACKWARD = {
    "root of 0": (
        lambda: my_sqrt()(leaf([1.0, 0.0])),
        "the slope of my_sqrt at 0 is infinite; add a small constant inside, as in my_sqrt(x + 1e-12)",
    ),
    "0 * inf": (lambda: my_sqrt()(leaf([1.0, 0.0])) * 0.0, "the slope of my_sqrt at 0 is infinite"),
    "root of a difference": (
        lambda: tg.elementwise(lambda y, x: 0.5 / y, name="beyond_1")(lambda x: np.sqrt(x - 1))(leaf([1.0])),
        "the slope of beyond_1 at 1 is infinite; keep the input off 1",
    ),
    "0 / 0 in the slope": (
        lambda: tg.elementwise(lambda y, x: x / y, name="size")(lambda x: np.sqrt(x * x))(leaf([0.0])),
        "the slope of size at 0 is undefined; add a small constant inside",
    ),
    "a norm at 0": (
        lambda: tg.primitive(lambda g, y, x: g * x / y, name="my_norm")(lambda x: np.sqrt((x * x).sum()))(
            leaf([0.0, 0.0])
        ),
        "there is no finite result there; keep the input of my_norm where it is defined",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BACKWARD)
def test_the_cure_named_in_backward_helps(case):
    make, words = BACKWARD[case]
    with tg.detect_anomaly():
        y = make()
        with pytest.raises(AnomalyError) as error:
            y.sum().backward()
    assert words in str(error.value)


# ---------------------------------------------------------------------------------------------------- why
WHY = {
    "a sigmoid": (lambda: my_sigmoid(saturates=(0, 1)), [800.0, -800.0], "saturated", "within 1e-06 of 0 or 1"),
    "a sigmoid without facts": (my_sigmoid, [800.0, -800.0], "flat", "is exactly 0"),
    "a relu": (
        lambda: my_relu(kinks=(0.0,), saturates=(0, INF)), [-1.0, -2.0], "dead my_relu", "smaller or positive biases",
    ),
    "a relu without facts": (my_relu, [-1.0, -2.0], "flat", "The derivative of my_relu is exactly 0"),
    "a relu that points down": (
        lambda: tg.elementwise(lambda y, x: x < 0, kinks=(0.0,), saturates=(-INF, 0), name="my_relu")(
            lambda x: np.minimum(x, 0)
        ),
        [1.0, 2.0], "dead my_relu", "All of its inputs are positive (the smallest is 1), where its derivative is 0. "
        "Lower the learning rate, start with smaller or negative biases",
    ),
    "a limit": (
        lambda: tg.elementwise(lambda y, x: np.abs(x) < 1, kinks=(-1.0, 1.0), saturates=(-1, 1), name="hard")(
            lambda x: np.clip(x, -1, 1)
        ),
        [3.0, -3.0], "clipped", "limits of hard (-1, 1)",
    ),
    "limits that are attributes": (
        lambda: tg.elementwise(
            lambda y, x, *, top: x < top, kinks=(6.0,), saturates=lambda y, x, *, top: (-INF, top), name="capped"
        )(lambda x, *, top=6.0: np.minimum(x, top)),
        [7.0, 8.0], "dead capped", "positive (the smallest is 7)",
    ),
    "a step": (my_floor, [1.5, 2.5], "zero derivative", "x + (my_floor(x) - x).detach()"),
    "a product": (lambda: lambda w: my_matmul()(w[None], np.zeros((2, 1))), [1.0, 2.0], "times zero", "shape (2, 1)"),
    "a minimum": (
        lambda: lambda w: tg.elementwise(
            lambda z, x, y: x < y, lambda z, x, y: y <= x, extremum="minimum", name="my_minimum"
        )(lambda x, y: np.where(x < y, x, y))(w, np.zeros(2)),
        [1.0, 2.0], "not attained", "none of these attains the minimum where a gradient arrives",
    ),
    "a part that is not used": (
        lambda: lambda w: my_join()(w, np.array([3.0]))[2:], [1.0, 2.0], "not reached", "which part of the result",
    ),
    "a reason in words": (
        lambda: tg.linear(
            lambda g, y, x: g * 0, name="masked", reasons={"zero": ("closed", "{op} has all its gates closed", "open")}
        )(lambda x: x * 0),
        [1.0, 2.0], "closed", "masked has all its gates closed. Open.",
    ),
    "a selection": (
        lambda: tg.linear(lambda g, y, x: g * 0, name="chosen", selects=True)(lambda x: x * 0),
        [1.0, 2.0], "unselected", "chosen selects other elements",
    ),
    "division by 0": (
        lambda: lambda w: my_divide()(1.0, w), [0.0, 1.0], "my_divide(1, 0)", "Keep y away from 0, as in",
    ),
    "root of 0": (my_sqrt, [0.0, 1.0], "my_sqrt at 0", "as in my_sqrt(x + 1e-12)"),
    "root below 0": (lambda: my_sqrt(domain=(0, INF)), [-1.0, 1.0], "domain", "outside the domain (0, inf)"),
    "exponential": (my_exp, [1000.0], "overflow", "Scale the inputs down"),
}  # fmt: skip


@pytest.mark.parametrize("case", WHY)
def test_why_names_the_cause(case):
    make, at, cause, words = WHY[case]
    w = leaf(at)
    with tg.keep_values(), np.errstate(all="ignore"):
        loss = make()(w).sum()
        loss.backward()
    answer = tg.why(w, loss)
    assert answer.cause == cause, str(answer)
    assert words in str(answer)


def test_a_tiny_gradient_through_a_saturating_op():
    z = np.full((1, 1000), -20.0)
    w, sigmoid = leaf(1e-4), my_sigmoid(saturates=(0, 1))
    answer = tg.why(w, kept(lambda w: sigmoid(w * 1e-4 + z).mean(), w))
    assert answer.cause == "saturated"
    assert "outputs of my_sigmoid" in str(answer)


# ------------------------------------------------------------------------------------------- what is declared
NOT_MONOTONE = {"silu", "gelu", "angle", "rgamma", "expi", "Ai", "Aip"}


def on_the_whole_line() -> list[Op]:
    """Our elementwise ops of one input, which may be any number, whose slope is not constant."""
    ours = [op for op in registry if op.function.__module__.startswith("tinygraph.")]
    whole = (-INF, INF)
    return [op for op in ours if op.local and op.arity == 1 and op.domain == whole and inspect.isfunction(op.rules[0])]


@pytest.mark.parametrize("op", on_the_whole_line(), ids=lambda op: op.name)
def test_what_is_flat_far_out_says_so(op):
    """Where the slope is 0 at -1000 or 1000 and the value a number, that number is declared as an end of the range."""
    x = np.array([-1000.0, 1000.0])
    with np.errstate(all="ignore"):
        y = op.kernel(x, **op.defaults)
        slope = np.broadcast_to(op.rules[0](y, x, **op.defaults), y.shape)
    ends = op.saturates(y, x, **op.defaults) if callable(op.saturates) else op.saturates
    flat = [y[k] for k in range(2) if slope[k] == 0 and np.isfinite(y[k])]
    if op.name.rpartition(".")[2] not in NOT_MONOTONE:
        assert set(flat) <= set(ends or ())


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            {"reasons": {"zeros": ("a", "b", "c")}},
            r"elementwise: mine has reasons=\{'zeros': \('a', 'b', 'c'\)\}; give",
        ),
        ({"reasons": {"zero": "too far out"}}, r"give for one of \('singular', 'overflow', 'zero'\) a triple: a short"),
        ({"extremum": "max"}, "elementwise: mine has extremum='max'; give 'maximum' or 'minimum'"),
        ({"saturates": 1.0}, "elementwise: mine has saturates=1.0; give both ends, inf where there is none"),
    ],
)
def test_facts_that_nothing_could_read_are_refused(facts, message):
    with pytest.raises(ValueError, match=message):
        tg.elementwise(1, name="mine", **facts)(lambda x: x)


def test_axes_are_declared_for_each_input():
    with pytest.raises(ValueError, match=r'contracts=.* give the axes of each of its 2 inputs, as in "\(n,k\),\(k,m\)'):
        tg.linear(None, None, contracts="(n,k)->(n)", name="mine")(lambda x, y: x @ y)


@pytest.mark.parametrize(
    ("op", "position", "expected"),
    [
        (tg.add, 0, True), (tg.multiply, 1, True), (tg.divide, 0, True), (tg.divide, 1, False), (tg.sin, 0, False),
        (tg.floor, 0, False), (tg.relu, 0, False), (tg.matmul, 1, True), (tg.nextafter, 0, False),
        (tg.nn.layers.affine, 0, True), (tg.nn.layers.affine, 1, True), (tg.softmax, 0, False), (tg.power, 0, False),
    ],
)  # fmt: skip
def test_what_an_op_is_linear_in_follows_from_what_its_rule_reads(op, position, expected):
    assert linear_in(op.op, position) == expected


def test_a_contraction_follows_from_the_declared_axes():
    assert contraction(tg.matmul.op, 0) == (0, -2, 1)
    assert contraction(tg.nn.layers.affine.op, 1) == (0, -1, 0)
    assert contraction(tg.nn.layers.affine.op, 2) is None
    assert contraction(my_matmul().op, 1) == (1, -1, 0)
    assert contraction(tg.add.op, 0) is None
    solve = tg.primitive(None, None, contracts="(m,m),(m,n)->(m,n)", name="my_solve")(
        lambda a, b: np.linalg.solve(a, b)
    )
    assert contraction(solve.op, 1) is None
    assert not multiplies_by_a_matrix(solve.op)


def test_no_operation_is_known_by_its_name():
    """Explanations ask the declaration: nothing in them is compared with the name of an op."""
    root = pathlib.Path(tg.__file__).parent
    names = {op.name for op in registry}
    files = [
        *root.glob("explain/**/*.py"),
        root / "engine/anomaly.py",
        root / "engine/reasons.py",
        root / "pictures/plot/layers.py",
    ]
    assert len(files) > 12
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                parts = [part for side in sides for part in ast.walk(side)]
                compared = any(isinstance(p, ast.Attribute) and p.attr == "name" for p in parts)
                texts = {p.value for p in parts if isinstance(p, ast.Constant)}
                assert not (compared and texts), f"{file.name}:{node.lineno} compares a name"
                if not any(isinstance(p, ast.Attribute) and p.attr == "extremum" for p in parts):
                    assert not texts & names, f"{file.name}:{node.lineno} knows {texts & names}"
            if isinstance(node, ast.Dict | ast.Set | ast.Tuple | ast.List):
                texts = {p.value for p in ast.walk(node) if isinstance(p, ast.Constant)}
                assert len(texts & names) < 2, f"{file.name}:{node.lineno} lists {texts & names}"
