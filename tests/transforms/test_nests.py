"""What goes into a transform and comes out: nests of values, blocks, aux, Python's integers, results that jump."""

import dataclasses
from collections import namedtuple

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import GraphError, NotDifferentiable


@dataclasses.dataclass
class Flow:
    speed: object
    level: object


Pair = namedtuple("Pair", "first second")
X = np.array([1.0, 3.0])
BUILDS = [tuple, list, lambda v: dict(zip("ab", v, strict=True)), lambda v: Flow(*v), lambda v: Pair(*v)]
IDS = ["tuple", "list", "dict", "dataclass", "named tuple"]


def values(tree):
    return list(vars(tree).values() if isinstance(tree, Flow) else tree.values() if isinstance(tree, dict) else tree)


def same(got, want):
    """Whether two nests are built alike and hold the same numbers."""
    if isinstance(want, Flow | dict | list | tuple):
        assert type(got) is type(want)
        assert len(values(got)) == len(values(want))
        for g, w in zip(values(got), values(want), strict=True):
            same(g, w)
    elif isinstance(want, str):
        assert got == want
    else:
        np.testing.assert_allclose(got, want, rtol=1e-14)


# ------------------------------------------------------------------------------------------------- outputs


@pytest.mark.parametrize("build", BUILDS, ids=IDS)
@pytest.mark.parametrize("kind", ["array", "tensor"])
def test_derivatives_of_a_nest_are_built_like_it(build, kind):
    def f(x):
        return build([x * 2, np.sum(x**2)])

    x = X if kind == "array" else tg.tensor(X)
    y, pull = tg.vjp(f, x)
    same(y, build([2 * X, 10.0]))
    same(pull(build([np.ones(2), 10.0])), (2 + 20 * X,))
    same(pull(build([np.ones(2), 10])), (2 + 20 * X,))
    y, t = tg.jvp(f, (x,), (np.array([1.0, 10.0]),))
    same(y, build([2 * X, 10.0]))
    same(t, build([np.array([2.0, 20.0]), 2.0 + 60.0]))
    J = tg.jacobian(f)(x)
    same(J, build([2 * np.eye(2), 2 * X]))
    assert isinstance(values(J)[0], tg.Tensor) is isinstance(values(t)[0], tg.Tensor) is (kind == "tensor")


def test_blocks_stand_where_output_and_argument_stand():
    def f(p, z):
        return {"product": p["w"] * z, "rest": [p["b"] ** 2]}

    p = {"w": X, "b": 4.0}
    J = tg.jacobian(f, (0, 1))(p, 5.0)
    same(J, {"product": ({"w": 5 * np.eye(2), "b": np.zeros(2)}, X), "rest": [({"w": np.zeros(2), "b": 8.0}, 0.0)]})
    same(tg.jacobian(f)(p, 5.0)["product"]["w"], 5 * np.eye(2))


def test_a_list_of_numbers_as_for_solve_ivp():
    same(tg.jacobian(lambda y: [y[1], -y[0]])(np.ones(2)), [np.array([0.0, 1.0]), np.array([-1.0, 0.0])])


def test_wide_and_tall_and_complex_outputs_in_one_nest():
    J = tg.jacobian(lambda x: (np.concatenate([x, x, x]), x.sum(), x * 1j))(X)
    same(J, (np.concatenate([np.eye(2)] * 3), np.ones(2), 1j * np.eye(2)))


def test_hessian_is_the_jacobian_of_the_gradient():
    same(tg.hessian(lambda x, y: x * y, (0, 1))(1.0, 2.0), ((0.0, 1.0), (1.0, 0.0)))
    same(tg.hessian(lambda x, y: x * y * y, (1,))(3.0, 2.0), ((6.0,),))
    H = tg.hessian(lambda p: p["a"] ** 2 * np.sum(p["b"]))({"a": 1.0, "b": X})
    same(H, {"a": {"a": 8.0, "b": np.full(2, 2.0)}, "b": {"a": np.full(2, 2.0), "b": np.zeros((2, 2))}})
    H = tg.hessian(lambda p: p.speed * p.level**2)(Flow(3.0, 2.0))
    same(H, Flow(Flow(0.0, 4.0), Flow(4.0, 6.0)))


def test_hvp_of_nests():
    same(tg.hvp(lambda p: p["a"] ** 2 * p["b"], {"a": 1.0, "b": 2.0}, {"b": 1.0, "a": 1.0}), {"a": 6.0, "b": 2.0})


def test_nests_inside_other_transforms():
    def inner(x):
        return (
            sum(tg.jvp(lambda y: (y**2, [y**3]), (x,), (1.0,))[1][1]) + tg.vjp(lambda y: (y, y**2), x)[1]((0.0, 1.0))[0]
        )

    assert tg.grad(inner)(2.0) == 6 * 2 + 2
    assert tg.grad(lambda x: tg.jacobian(lambda y: {"a": y**3})(x)["a"])(2.0) == 12
    assert tg.grad(lambda x: tg.hessian(lambda p: p[0] ** 2 * p[1] ** 2)((x, x))[0][1])(2.0) == 16


def test_parts_of_a_result_share_no_memory():
    (a, b) = tg.jvp(lambda x: (x, x), (X,), (np.ones(2),))[1]
    (c, d) = tg.jacobian(lambda x: (x, x))(X)
    assert not np.shares_memory(a, b)
    assert not np.shares_memory(c, d)


def test_a_cotangent_is_built_like_the_output():
    _, pull = tg.vjp(lambda x: (x, {"a": x}), X)
    for wrong in ((X,), X, (X, X), (X, {"b": X})):
        with pytest.raises(ValueError, match=r"vjp: the cotangent .* is not built like the output .*; give the same"):
            pull(wrong)
    with pytest.raises(ValueError, match=r"vjp: the cotangent has shape \(\), the output \(2,\)"):
        pull((X, {"a": 1.0}))


@pytest.mark.parametrize(
    "transform", [tg.jacobian, lambda f: lambda x: tg.vjp(f, x), lambda f: lambda x: tg.jvp(f, (x,), (x,))]
)
def test_what_is_no_number_is_named_with_its_place(transform):
    with pytest.raises(
        GraphError, match=r": f returned at \['info'\]\[0\] str 'done'; return numbers, .* has_aux=True"
    ):
        transform(lambda x: {"y": x, "info": ["done"]})(X)
    with pytest.raises(GraphError, match=r": f returned NoneType None; return numbers"):
        transform(lambda x: None)(X)


def test_an_argument_without_gradient_is_named_with_its_place():
    with pytest.raises(
        NotDifferentiable, match=r"grad: argument 1\['n'\]\[0\] is ndarray of int64, which has no gradie"
    ):
        tg.grad(lambda x, p: x, (0, 1))(1.0, {"w": 1.0, "n": [np.array([1, 2])]})


# ----------------------------------------------------------------------------------------------------- aux


def test_aux_comes_last_everywhere():
    def f(x):
        return np.sum(x**2), {"double": x * 2, "text": "a"}

    def check(aux):
        assert type(aux["double"]) is np.ndarray
        same(aux, {"double": 2 * X, "text": "a"})

    results = [
        (*tg.value_and_grad(f, has_aux=True)(X)[0], tg.value_and_grad(f, has_aux=True)(X)[1]),
        tg.grad(f, has_aux=True)(X),
        tg.jacobian(f, has_aux=True)(X),
        tg.hessian(f, has_aux=True)(X),
        tg.hvp(f, X, np.ones(2), has_aux=True),
        tg.jvp(f, (X,), (np.ones(2),), has_aux=True),
        tg.vjp(f, X, has_aux=True),
    ]
    check(results[0][1])
    for result in results[1:]:
        check(result[-1])
    same([r[0] for r in results], [10.0, 2 * X, 2 * X, 2 * np.eye(2), 2 * np.ones(2), 10.0, 10.0])
    for transform in (tg.jacobian, tg.hessian):
        with pytest.raises(GraphError, match=r"(jacobian|hessian): with has_aux f returns \(value, aux\), not Tensor"):
            transform(np.sum, has_aux=True)(X)


# ------------------------------------------------------------------------------------- integers, as arguments


def test_integers_of_python_are_points():
    def f(x):
        return x**3

    assert tg.grad(f)(3) == tg.jacobian(f)(3) == tg.jvp(f, (3,), (1,))[1] == tg.vjp(f, 3)[1](1)[0] == 27
    assert tg.hessian(f)(3) == tg.hvp(f, 3, 1) == tg.hvp(f, (3,), (1,))[0] == 18
    assert isinstance(tg.grad(f)(3), float)
    assert tg.value_and_grad(f)(3) == (27.0, 27.0)
    same(tg.grad(lambda p: p["a"] * p["b"][0])({"a": 2, "b": [3]}), {"a": 3.0, "b": [2.0]})
    assert tg.grad(lambda x: 1 / x)(2) == -0.25  # as of a float, not as of an integer


# --------------------------------------------------------------------------------- results without gradient

JUMPS = [
    (lambda x: x > 1.0, "bool"), (lambda x: np.argmax(x), "int64"), (lambda x: np.sum(x > 0), "int64"),
    (lambda x: np.sum(x).astype(int), "int64"), (lambda x: True, "bool"), (lambda x: np.int32(3), "int32"),
    (lambda x: np.array(3), "int64"), (lambda x: np.isfinite(np.sum(x)), "bool"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "dtype"), JUMPS)
def test_a_result_of_bool_or_integers_is_refused(f, dtype):
    x = np.ones(1)
    calls = {
        "grad": lambda: tg.grad(f)(x), "value_and_grad": lambda: tg.value_and_grad(f)(x), "vjp": lambda: tg.vjp(f, x),
        "jvp": lambda: tg.jvp(f, (x,), (x,)), "hvp": lambda: tg.hvp(f, x, x), "jacobian": lambda: tg.jacobian(f)(x),
        "hessian": lambda: tg.hessian(f)(x),
    }  # fmt: skip
    for name, call in calls.items():
        with pytest.raises(NotDifferentiable, match=f"^{name}: f returned numbers of {dtype}, which jump .* has_aux"):
            call()
    with pytest.raises(NotDifferentiable, match=rf"jacobian: f returned at \[1\] numbers of {dtype}, which jump"):
        tg.jacobian(lambda x: (x, f(x)))(x)
    assert tg.grad(lambda x: (np.sum(x), f(x)), has_aux=True)(x)[0] == 1


@pytest.mark.parametrize("f", [lambda x: x > 1.0, np.argmax, lambda x: np.sum(x > 0)])
def test_results_that_jump_elsewhere(f):
    x = np.array([1.0, 2.0])
    t = tg.tensor(x, requires_grad=True)
    for name, call in [("backward", lambda: f(t).backward()), ("check_gradients", lambda: tg.check_gradients(f, x)),
                       ("draw", lambda: tg.draw(f, x)), ("trace", lambda: tg.trace(f, x))]:  # fmt: skip
        with pytest.raises(NotDifferentiable, match=rf"^{name}: .* numbers of (bool|int64), which jump and have no gr"):
            call()


@pytest.mark.parametrize("constant", [3.0, 3, np.float32(3.0), tg.tensor(3.0), np.array(3.0)])
def test_the_derivative_of_a_constant_is_zero(constant):
    assert tg.grad(lambda x: constant)(1.0) == tg.jacobian(lambda x: constant)(1.0) == 0
    assert tg.jvp(lambda x: constant, (1.0,), (1.0,))[1] == tg.vjp(lambda x: constant, 1.0)[1](1.0)[0] == 0
    assert tg.hessian(lambda x: constant)(1.0) == tg.hvp(lambda x: constant, 1.0, 1.0) == 0
    assert tg.jvp(lambda x: (x, constant), (1.0,), (1.0,))[1] == (1, 0)
