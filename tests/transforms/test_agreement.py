"""All transforms agree at every kind of point: numbers, 0-d, empty, single precision, complex, nests, Tensors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.engine.trees import flatten, map_leaves

POINTS = {
    "float": 1.5, "int": 2, "complex": 1.0 - 2.0j, "np.float32": np.float32(1.5), "np.float64": np.float64(1.5),
    "0-d": np.array(1.5), "0-d of float32": np.array(1.5, np.float32), "array": np.array([1.0, -2.0]),
    "one element": np.array([[3.0]]), "float16": np.array([1.0, 2.0], np.float16),
    "float32": np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), "complex array": np.array([1.0 + 1.0j, -2.0]),
    "complex64": np.array([1.0 + 1.0j, -2.0], np.complex64), "empty": np.zeros(0),
    "empty in two axes": np.zeros((0, 3)),
    "Fortran": np.asfortranarray(np.arange(1.0, 7.0).reshape(2, 3)), "strided": np.arange(1.0, 7.0)[::2],
    "read only": np.broadcast_to(1.5, (2,)), "tensor": tg.tensor([1.0, -2.0]), "0-d tensor": tg.tensor(1.5),
    "tracked": tg.tensor([1.0, -2.0], requires_grad=True),
}  # fmt: skip
LEAVES = st.sampled_from(list(POINTS.values()))
TREES = st.recursive(
    LEAVES,
    lambda t: st.one_of(
        st.lists(t, max_size=3), st.tuples(t, t), st.dictionaries(st.sampled_from("abc"), t, max_size=3)
    ),
    max_leaves=4,
)


def cubes(tree):
    """The sum of all |x|^2 Re(x): of a real x, of x^3."""
    return sum((np.sum(np.real(x) * np.abs(x) ** 2) for x in flatten(tree)), np.float64(0.0))


def value(x):
    return np.asarray(x.detach().numpy() if isinstance(x, tg.Tensor) else x)


def slope(x):
    z = value(x)
    return np.abs(z) ** 2 + 2 * z.real * z


def change(x):
    """How the gradient moves along `direction`, for real x."""
    return 6 * value(x) * value(direction(x))


def direction(x):
    z = value(x)
    return np.asarray(np.where(z.real > 1, 2.0, -1.0), z.dtype if z.dtype.kind in "fc" else float)


def like(got, want, point):
    """`got` is built as the point, of its dtypes, Tensors for Tensors, with the numbers in the tree `want`."""
    assert len(flatten(got)) == len(flatten(point))
    for g, w, x in zip(flatten(got), flatten(want), flatten(point), strict=True):
        exact = np.float16 if value(x).dtype == np.float16 else np.float32
        np.testing.assert_allclose(value(g), w, rtol=10 * np.finfo(exact).eps, atol=1e-6)
        assert np.shape(g) == np.shape(x)
        assert value(g).dtype == (float if isinstance(x, int) else value(x).dtype)
        assert isinstance(g, tg.Tensor) or not isinstance(x, tg.Tensor)


def along(tree, v):
    """The derivative of cubes along v."""
    return sum(
        float(np.sum((np.conj(slope(x)) * value(d)).real)) for x, d in zip(flatten(tree), flatten(v), strict=True)
    )


@pytest.mark.filterwarnings("ignore:overflow")
@settings(max_examples=120, deadline=None)
@given(TREES)
def test_all_transforms_agree(point):
    v, right = map_leaves(point, direction), map_leaves(point, slope)
    total = float(value(cubes(map_leaves(point, lambda x: value(x) * 1.0))))
    close = {"rtol": 1e-2 if np.float16 in [value(x).dtype for x in flatten(point)] else 1e-5, "atol": 1e-5}
    like(tg.grad(cubes)(point), right, point)
    y, gradient = tg.value_and_grad(cubes)(point)
    like(gradient, right, point)
    np.testing.assert_allclose(value(y), total, **close)
    y, pull = tg.vjp(cubes, point)
    like(pull(np.ones((), value(y).dtype))[0], right, point)
    y, t = tg.jvp(cubes, (point,), (v,))
    np.testing.assert_allclose(value(y), total, **close)
    np.testing.assert_allclose(value(t), along(point, v), **close)
    like(tg.jacobian(cubes)(point), right, point)
    if any(value(x).dtype.kind == "c" for x in flatten(point)):
        return
    moved = map_leaves(point, change)
    like(tg.hvp(cubes, (point,), (v,))[0], moved, point)
    like(tg.jvp(tg.grad(cubes), (point,), (v,))[1], moved, point)
    blocks = tg.hessian(cubes)(point)
    flat, rest = flatten(blocks), flatten(point)
    assert len(flat) == len(rest) ** 2
    for k, x in enumerate(rest):
        for j, z in enumerate(rest):
            block = value(flat[k * len(rest) + j])
            want = np.diag(6 * np.ravel(value(x))) if j == k else np.zeros((np.size(x), np.size(z)))
            np.testing.assert_allclose(block, want.reshape(np.shape(x) + np.shape(z)), **close)


def test_no_argument():
    y, pull = tg.vjp(lambda: 3.0)
    assert (y, pull(1.0)) == (3.0, ())
    assert tg.jvp(lambda: 3.0, (), ()) == (3.0, 0.0)
    assert tg.hvp(lambda: 3.0, (), ()) == ()
    for transform in (tg.grad, tg.value_and_grad, tg.jacobian, tg.hessian):
        with pytest.raises(TypeError, match="argnums 0 asks for an argument that is not there; 0 given"):
            transform(lambda: 3.0)()
        transform(lambda x: x, ())(1.0)


def test_no_leaf():
    assert tg.grad(lambda p: 3.0)({}) == tg.hessian(lambda p: 3.0)({}) == {}
    assert tg.jacobian(lambda p: np.ones(2))([]) == []
    assert tg.jacobian(lambda x: ())(1.0) == tg.jvp(lambda x: (), (1.0,), (1.0,))[1] == ()
    assert tg.vjp(lambda x: [], 1.0)[1]([]) == (0.0,)
