"""`tg.numpy`: NumPy's own objects but for those that make arrays, which keep and make Tensors."""

from __future__ import annotations

import numpy as np
import pytest

import tinygraph as tg

xnp = tg.numpy
LEAF = tg.tensor([1.0, 2.0, 3.0], requires_grad=True)
COVERED = sorted(tg.numpy.__own__)


def test_what_dispatches_is_numpys_own():
    for name in ("exp", "sum", "concatenate", "linalg", "fft", "pi", "errstate", "where", "dtype", "newaxis"):
        assert getattr(xnp, name) is getattr(np, name)


def test_it_can_be_imported_by_its_path():
    import tinygraph.math
    import tinygraph.numpy

    assert tinygraph.numpy is xnp
    assert tinygraph.math is tg.math


def test_all_names_are_there():
    assert set(dir(np)) <= set(dir(xnp))
    assert xnp.__name__ == "numpy"
    with pytest.raises(AttributeError, match="no_such_name"):
        xnp.no_such_name


@pytest.mark.parametrize("name", COVERED)
def test_names_that_are_covered_exist_in_numpy(name):
    assert hasattr(np, name)


CREATIONS = [
    lambda np: np.zeros(3), lambda np: np.ones((2, 2)), lambda np: np.empty(0), lambda np: np.full(2, 3.0),
    lambda np: np.eye(2), lambda np: np.identity(2), lambda np: np.arange(3.0), lambda np: np.arange(1, 5, 2),
    lambda np: np.array([1.0, 2.0]), lambda np: np.array(3), lambda np: np.asarray([[1, 2]], float),
    lambda np: np.zeros_like(np.ones(2)), lambda np: np.r_[1, 2.0, 3:5], lambda np: np.c_[[1, 2], [3, 4]],
    lambda np: np.tri(2), lambda np: np.ascontiguousarray(1.0), lambda np: np.float64("1.5"), lambda np: np.int8(3.7),
    lambda np: np.fromfunction(lambda i, j: i + j, (2, 2)), lambda np: np.vectorize(lambda x: x + 1)([1, 2]),
    lambda np: np.array([1, 2], dtype=np.float32), lambda np: np.zeros(2, np.complex128), lambda np: np.require([1.0]),
    lambda np: np.isscalar(2.0), lambda np: np.iterable([1]), lambda np: np.bool_(1),
    lambda np: np.full_like([1, 2], 7),
]  # fmt: skip


@pytest.mark.parametrize("make", CREATIONS)
def test_plain_in_plain_out(make):
    ours, theirs = make(xnp), make(np)
    assert type(ours) is type(theirs)
    np.testing.assert_array_equal(ours, theirs)
    assert np.asarray(ours).dtype == np.asarray(theirs).dtype


@pytest.mark.parametrize("make", CREATIONS)
def test_inside_of_a_transform_values_are_the_same(make):
    found = []

    def f(x):
        found.append(make(xnp))
        return x

    tg.grad(f)(1.0)
    value = found[0].numpy() if isinstance(found[0], tg.Tensor) else found[0]
    np.testing.assert_array_equal(value, make(np))
    assert np.asarray(value).dtype == np.asarray(make(np)).dtype


def test_writes_are_recorded():
    def f(x):
        out = xnp.zeros(3)
        out[1] = x**2
        out[2] += x
        return out @ np.array([1.0, 2.0, 3.0])

    assert tg.grad(f)(2.0) == 11.0


@pytest.mark.parametrize("make", ["zeros", "ones", "empty"])
def test_new_arrays_of_integers_stay_arrays(make):
    kinds = []
    tg.grad(lambda x: x * len(kinds.append(type(getattr(xnp, make)(2, int))) or "a"))(1.0)
    assert kinds == [np.ndarray]


@pytest.mark.parametrize(
    ("convert", "same"),
    [
        (xnp.asarray, True), (xnp.asanyarray, True), (xnp.ascontiguousarray, True), (xnp.asfortranarray, True),
        (xnp.asarray_chkfinite, True), (xnp.array, False), (lambda t: xnp.asarray(t, float), True),
        (lambda t: xnp.array(t, copy=False), True), (lambda t: xnp.array(t, dtype=np.float64), False),
        (lambda t: xnp.require(t, np.float64), True),
    ],
)  # fmt: skip
def test_conversions_keep_tensors(convert, same):
    t = convert(LEAF)
    assert isinstance(t, tg.Tensor)
    assert (t is LEAF) is same
    np.testing.assert_array_equal(tg.grad(lambda x: (convert(x) ** 2).sum())(np.arange(3.0)), 2 * np.arange(3.0))


def test_conversions_cast():
    t = xnp.asarray(LEAF, np.float32)
    assert t.dtype == np.float32
    assert xnp.array(LEAF, ndmin=2).shape == (1, 3)
    assert xnp.ascontiguousarray(LEAF[0]).shape == (1,)
    assert xnp.float32(LEAF).dtype == np.float32
    assert xnp.int64(LEAF).dtype == np.int64


def test_nested_lists_are_stacked():
    def f(t):
        return (xnp.array([[t, 0.0], [[1.0], [t]][0] + [2.0]]) if False else xnp.array([[t, 0], [1.0, t]])).sum()

    assert tg.grad(f)(3.0) == 2.0
    assert tg.grad(lambda t: xnp.array((t, [2.0][0]), dtype=np.float32)[0] ** 2)(3.0) == 6.0


def test_full_and_arange_of_tensors():
    assert tg.grad(lambda t: xnp.full((2, 3), t).sum())(1.0) == 6.0
    assert tg.grad(lambda t: xnp.full(2, t, dtype=np.float32).sum())(1.0) == 2.0
    assert tg.grad(lambda t: xnp.arange(t).sum() * t)(3.0) == 3.0
    assert tg.grad(lambda t: xnp.arange(t, t + 3).sum())(0.5) == 3.0
    assert tg.grad(lambda t: xnp.arange(0, 2 * t, t).sum())(0.5) == 1.0


def test_rows_and_columns():
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(xnp.r_[LEAF, 4.0, 1:3].numpy(), [1, 2, 3, 4, 1, 2])
    np.testing.assert_array_equal(xnp.c_[LEAF, np.zeros(3)].numpy(), np.c_[[1.0, 2, 3], np.zeros(3)])
    np.testing.assert_array_equal(tg.grad(lambda t: (xnp.c_[t, t] @ x).sum())(x), [3.0, 3.0])
    with pytest.raises(TypeError, match=r"np.r_ and np.c_: .* join them by np.concatenate"):
        xnp.r_["0,2", LEAF]


def test_vectorize():
    f = xnp.vectorize(lambda x, y=2.0: x * y if x > 1.5 else -x)
    np.testing.assert_array_equal(tg.grad(lambda t: f(t).sum())(np.array([1.0, 2.0])), [-1.0, 2.0])
    np.testing.assert_array_equal(tg.grad(lambda t: f(np.array([[2.0], [3.0]]), y=t).sum())(np.ones(2)), [5.0, 5.0])
    pair = xnp.vectorize(lambda x: (x, x**2))
    assert tg.grad(lambda t: pair(t)[1].sum())(np.array([3.0])) == 6.0
    with pytest.raises(TypeError, match="signature= with Tensors"):
        xnp.vectorize(lambda x: x, signature="(n)->(n)")(LEAF)
    with pytest.raises(ValueError, match="give at least one"):
        f(tg.tensor(np.zeros(0)))


def test_scalar_questions():
    assert xnp.isscalar(tg.tensor(1.0))
    assert not xnp.isscalar(LEAF)
    assert xnp.iterable(LEAF)
    assert not xnp.iterable(tg.tensor(1.0))


@pytest.mark.parametrize("name", ["float64", "floating", "inexact", "number", "generic"])
def test_isinstance_of_tensors_without_axes(name):
    kind = getattr(xnp, name)
    assert isinstance(tg.tensor(1.0), kind)
    assert isinstance(np.float64(1.0), kind)
    assert not isinstance(tg.tensor(1), xnp.floating)
    assert not isinstance("1", kind)


def test_arrays_and_types():
    assert isinstance(LEAF, xnp.ndarray)
    assert isinstance(np.ones(2), xnp.ndarray)
    assert not isinstance(tg.tensor(1.0), xnp.ndarray)
    assert issubclass(np.float64, xnp.floating)
    assert xnp.float64 == np.float64
    assert hash(xnp.float64) == hash(np.float64)
    assert repr(xnp.float64) == repr(np.float64)
    assert np.dtype(xnp.float32) == np.float32
    assert np.ones(2).dtype == xnp.float64
    assert np.zeros(2, xnp.complex64).dtype == np.complex64
    assert LEAF.astype(xnp.float32).dtype == np.float32
