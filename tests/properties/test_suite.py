"""`check_op` itself: each property notices its mistake, users' ops pass, and messages say what to do."""

import itertools

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op
from tinygraph.testing import PROPERTIES, Case, check_op, op_checks

CUBE = (lambda y, x: 3 * x**2,)


def cube(x):
    return x * x * x


def elementwise(derivative, kernel=cube, **facts):
    return define(Op("elementwise", kernel, (derivative,), **facts))


def changed(op, **facts):
    for name, value in facts.items():
        object.__setattr__(op, name, value)
    return op


calls = itertools.count()


MISTAKES = {
    "same_value_everywhere": (
        elementwise(*CUBE, kernel=lambda x: x * x * x * (1 + 1e-9 * next(calls))),
        "the value on",
    ),
    "recorded_where_differentiable": (changed(elementwise(*CUBE), differentiable=False), "the result is recorded"),
    "first_order": (elementwise(lambda y, x: 2 * x**2), "gradient is wrong"),
    "complex_step": (
        define(Op("elementwise", lambda x: x * np.abs(x), (lambda y, x: 2 * np.abs(x),), name="odd", holomorphic=True)),
        "it is declared holomorphic, but a complex step gives the slope",
    ),
    "complex_numbers": (
        define(
            Op("elementwise", cube, (lambda y, x: 3 * x * np.conj(x),), name="conjugates_wrongly", holomorphic=True)
        ),
        r"gradient of input 0 \(real, imaginary\) wrong",
    ),
    "forward_is_reverse": (
        define(Op("linear", lambda x: x * x, (lambda g, y, x: 2 * g * x,), name="not_linear")),
        "forward and reverse mode differ",
    ),
    "jacobian_is_rows": (
        define(
            Op("linear", lambda x: np.flip(x, 0), (lambda g, y, x: np.flip(g, 0),), name="not_rowwise", rowwise=True)
        ),
        "row by row",
    ),
    "linear_in_cotangent": (
        define(Op("primitive", lambda x: x, (lambda g, y, x: g + 1e-3,), name="offset")),
        "is not linear in the gradient",
    ),
    "second_order": (
        elementwise(lambda y, x: 3 * x.detach() ** 2 if isinstance(x, tg.Tensor) else 3 * x**2),
        "derivative of order 2",
    ),
    "modes_nest": (
        define(
            Op(
                "primitive",
                cube,
                (lambda g, y, x: g * 3 * x**2,),
                jvp=lambda t, y, x: t[0] * 3 * (x.detach() ** 2 if isinstance(x, tg.Tensor) else x**2),
            )
        ),
        "reverse over forward gives|forward over reverse gives",
    ),
    "keeps_dtype": (
        elementwise(lambda y, x: 3 * x**2 * np.float64(1)),
        "the rule of input 0 turns float32 into float64",
    ),
    "any_layout": (
        elementwise(lambda y, x: 3 * x**2 * (1 + (x.ndim > 0 and not x.flags.c_contiguous))),
        "gives another gradient",
    ),
    "broadcasts": (
        define(
            Op(
                "elementwise",
                lambda x, y: x * y,
                (lambda z, x, y: y * (1 + (x.size == 1)), lambda z, x, y: x),
                name="scaled",
            )
        ),
        "input 0: broadcasting is not undone by summing",
    ),
    "kinks": (
        define(
            Op(
                "elementwise",
                lambda x: np.maximum(x, 0),
                (lambda y, x: np.where(x == 0, 2, x > 0),),
                name="ramp",
                kinks=(0.0,),
            )
        ),
        "gradient is wrong",
    ),
    "no_nan": (
        define(Op("elementwise", lambda x: np.tanh(x), (lambda y, x: np.exp(x) / np.exp(x),), name="flat")),
        "is NaN where the value",
    ),
    "fresh_if_declared": (
        define(Op("linear", lambda x: x[::-1], (lambda g, y, x: g[::-1],), name="reversed", fresh=True)),
        "it is declared fresh, and its result shares memory with input 0",
    ),
    "saves_what_rules_name": (
        define(Op("elementwise", cube, (lambda y, x: 3 * x**2 + 0 * (y is None),), name="keeps_y")),
        "which does not need it",
    ),
    "label_is_rule": (
        elementwise(lambda y, x: 3 * x**2 * (1 if isinstance(x, np.ndarray) else 2)),
        "the label of input 0, 3x0²·2, gives",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_property_notices_its_mistake(name):
    op, message = MISTAKES[name]
    cases = [Case(np.array([[0.5, 1.5], [-1.0, 2.0]])), Case(np.array([1.0, 2.0]))]
    if op.arity == 2:
        cases = [Case(np.array([2.0]), np.array([1.0, 3.0]))]
    with pytest.raises(tg.GradientError, match=message):
        check_op(op, cases=cases, only=[name])


def test_own_memory_notices_a_changed_input():
    def scribbles(g, y, x):
        x[...] = 0
        return g

    op = define(Op("primitive", lambda x: x * 1.0, (lambda g, y, x: g,), name="scribbles"))
    changed(op, rules=(scribbles,))  # as if it were one of ours, which no copy is made for
    with pytest.raises(tg.GradientError, match="input 0 was changed"):
        check_op(op, cases=[Case([1.0, 2.0])], only=["own_memory"])


def test_numbers_that_widen_float32_are_noticed():
    wide = define(Op("elementwise", np.multiply, (lambda z, x, y: y, lambda z, x, y: x), name="wide"))
    changed(wide, kernel=lambda x, y: np.multiply(x, y, dtype=np.float64))
    with pytest.raises(tg.GradientError, match="float32 with a Python number"):
        check_op(wide, cases=[Case([1.0], [2.0])], only=["keeps_float32_with_numbers"])


def test_rules_in_the_precision_of_one_operand_are_noticed(monkeypatch):
    monkeypatch.setattr("tinygraph.engine.apply.in_one_precision", lambda inputs, dtype: None)
    with pytest.raises(tg.GradientError, match=r"power.* beside float16 as input 0, the gradient of input 1 is"):
        check_op(tg.power, cases=[Case([1.5], [2.0])], only=["mixed_precision"])


def test_every_property_has_its_mistake():
    assert set(PROPERTIES) == {*MISTAKES, "own_memory", "keeps_float32_with_numbers", "mixed_precision"}


@pytest.mark.usefixtures("forget_declarations")
def test_a_users_ops_pass():
    @tg.elementwise(lambda y, x: 3 * x**2, symbol="cube")
    def users_cube(x):
        return x * x * x

    @tg.linear(lambda g, y, x, *, times: g * times)
    def users_scale(x, *, times):
        return x * times

    @tg.primitive(lambda g, y, x: 2 * g * x)
    def users_norm(x):
        return np.sum(x * x)

    assert check_op(users_cube) > 40
    assert check_op(users_scale, cases=[Case([1.0, 2.0], times=3)]) > 10
    assert check_op(users_norm.op, cases=[Case([3.0, 4.0]), Case(np.float64(2) * np.ones((2, 2)))]) > 20


@pytest.mark.usefixtures("forget_declarations")
def test_a_kernel_that_takes_two_precisions_only_passes():
    @tg.primitive(lambda g, y, a: g * y * np.linalg.inv(a).T)
    def users_det(a):
        return np.linalg.det(a)

    only = ["first_order", "keeps_dtype", "any_layout", "own_memory"]
    assert check_op(users_det, cases=[Case([[2.0, 1.0], [0.5, 3.0]])], only=only) == 4


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: check_op(tg.transpose),
            TypeError,
            r"check_op: transpose is linear with inputs x, so examples cannot be derived; give ",
        ),
        (
            lambda: check_op(define(Op("elementwise", lambda x, *, p: x**p, (1,), name="pth"))),
            TypeError,
            "check_op: pth needs p, so examples",
        ),
        (lambda: check_op(tg.exp, cases=[]), ValueError, "check_op: no cases for exp; give at least one"),
        (
            lambda: check_op(tg.exp, only=["speed"]),
            ValueError,
            "check_op: unknown properties speed; choose from same_value_every",
        ),
    ],
)
def test_what_cannot_be_checked_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_case_reads_well():
    assert repr(Case([1.0, 2.0], 3, axis=0)) == "(float64(2,), 3, axis=0)"


def test_checks_one_by_one():
    case = Case(np.ones((2, 3)), 2.0, index=(slice(1), None), rows=np.arange(4))
    op = define(
        Op("linear", lambda x, y, *, index, rows: x * y, (lambda g, z, x, y, *, index, rows: g * y, None), name="f")
    )
    checks = op_checks(op, cases=[case])
    assert len(checks) == check_op(op, cases=[case]) > 12
    assert {str(check).rpartition("-")[2] for check in checks} <= set(PROPERTIES)
    assert str(checks[0]) == "f[case 0 (2,3) 2.0 index=(slice(None,1,None),None) rows=(4,)]-same_value_everywhere"
    assert str(checks[-1]) == "f-saves_what_rules_name"
    for check in checks:
        check()
    assert len({str(check) for check in op_checks(tg.exp, tg.add)}) == len(op_checks(tg.exp, tg.add))


def test_each_check_draws_its_own_numbers_again():
    draws = []
    check = op_checks(tg.exp, only=["first_order"], seed=3)[1]
    for _ in range(2):
        object.__setattr__(check, "run", lambda rng: draws.append(rng.random()))
        check()
    assert draws[0] == draws[1]


def test_a_wrong_rule_fails_its_checks_only():
    wrong = elementwise(lambda y, x: 2 * x**2)
    [right] = op_checks(wrong, cases=[Case([1.0, 2.0])], only=["same_value_everywhere"])
    right()
    [first] = op_checks(wrong, cases=[Case([1.0, 2.0])], only=["first_order"])
    with pytest.raises(tg.GradientError, match=r"gradient is wrong[\s\S]* x\[1\] = 2"):
        first()


def test_messages_of_op_checks():
    with pytest.raises(ValueError, match="op_checks: unknown properties speed; choose from same_value"):
        op_checks(tg.exp, only=["speed"])
    with pytest.raises(ValueError, match="op_checks: no cases for exp; give at least one"):
        op_checks(tg.exp, cases=[])
