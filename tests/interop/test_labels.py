"""Arrays with labels beside Tensors, and arrays computed later: xarray, pandas, dask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable

A = np.array([1.0, 2.0, 4.0])
LEAVES = (TypeError, NotDifferentiable)


def same_gradient(f: Any) -> None:
    """That the gradient of the sum of the squares of `f` is what differences are."""
    assert tg.check_gradients(lambda v: np.sum(f(v) ** 2), A).ok


@pytest.fixture
def labelled() -> Any:
    """Make a DataArray with unsorted labels."""
    xarray = pytest.importorskip("xarray")
    return lambda v=A: xarray.DataArray(v, dims="i", coords={"i": [2, 0, 1]})


@pytest.mark.parametrize(
    "f",
    [
        lambda d, v: v * d(),
        lambda d, v: d() * v,
        lambda d, v: v[0] * d(),
        lambda d, v: v + d(v),
        lambda d, v: d(v) / v,
        lambda d, v: np.multiply(v, d()),
        lambda d, v: tg.multiply(d(), v),
        lambda d, v: np.exp(d(v)),
        lambda d, v: v ** d(),
        lambda d, v: d(v).diff("i"),
        lambda d, v: d(v).roll(i=1),
        lambda d, v: d(v).isel(i=[0, 2]),
        lambda d, v: d(v).mean(),
        lambda d, v: d(v).cumsum(),
        lambda d, v: d(v).expand_dims("k"),
        lambda d, v: d(v).clip(1.5, 3.0),
        lambda d, v: d(v).std(),
        lambda d, v: d(v).where(d() > 1.5, 0),
        lambda d, v: d(v).max(),
        lambda d, v: d(v).shift(i=1, fill_value=0.0),
    ],
)
def test_xarray_keeps_labels_and_gradients(labelled, f):
    result = f(labelled, tg.tensor(A, requires_grad=True))
    assert type(result).__name__ == "DataArray"
    wanted = f(labelled, A)
    assert result.dims == wanted.dims
    np.testing.assert_allclose(result.data.numpy(), wanted.data)
    same_gradient(lambda v: f(labelled, v).data)


@pytest.mark.parametrize(
    "f",
    [
        lambda d: d.copy(),
        lambda d: d.sortby("i"),
        lambda d: d.reindex(i=[2, 0, 1]),
        lambda d: d.pad(i=1, constant_values=0),
        lambda d: d.rolling(i=2, min_periods=1).mean(),
        lambda d: d.fillna(0.0),
        lambda d: d.astype(float),
        lambda d: d.assign_coords(x=("i", d.data)).x,
        lambda d: d.load(),
        lambda d: d[1],
    ],
)
def test_xarray_gives_the_gradient_or_an_error_where_it_copies(labelled, f):
    try:
        np.sum(f(labelled(tg.tensor(A, requires_grad=True))).data ** 2)
        tg.grad(lambda v: np.sum(f(labelled(v)).data ** 2))(A)
    except LEAVES:
        return
    same_gradient(lambda v: f(labelled(v)).data)


def test_a_function_may_return_a_number_with_labels(labelled):
    assert tg.grad(lambda w: (labelled() * w).sum())(2.0) == A.sum()
    value, gradient = tg.value_and_grad(lambda v: (labelled(v) ** 2).sum())(A)
    assert float(value) == (A**2).sum()
    np.testing.assert_array_equal(gradient, 2 * A)


def test_xarray_aligns(labelled):
    xarray = pytest.importorskip("xarray")
    other = xarray.DataArray(A, dims="i", coords={"i": [0, 1, 5]})
    try:
        same_gradient(lambda v: (xarray.align(labelled(v), other)[0] * v[0]).data)
    except LEAVES:
        return


@pytest.mark.parametrize("read", [lambda d: d.values, lambda d: d.to_series(), lambda d: d.interp(i=[0.5]), np.asarray])
def test_numbers_out_of_xarray_are_refused_while_they_are_recorded(labelled, read):
    with pytest.raises(LEAVES, match="leave the graph"):
        read(labelled(tg.tensor(A, requires_grad=True)))


# ------------------------------------------------------------------------------------------------------------ pandas


@pytest.fixture
def series() -> Any:
    """A Series with labels that are not positions."""
    return pytest.importorskip("pandas").Series(A, index=[5, 6, 7])


@pytest.mark.parametrize(
    "f",
    [
        lambda s, v: s * v,
        lambda s, v: v * s,
        lambda s, v: s - v,
        lambda s, v: s / v,
        lambda s, v: s**v,
        lambda s, v: s + v[0],
        lambda s, v: np.multiply(s, v),
        lambda s, v: np.exp(s) * v,
        lambda s, v: s.index * v,
        lambda s, v: s.array * v,
        lambda s, v: s.to_frame() * v[0],
        lambda s, v: np.maximum(v, s),
        lambda s, v: v @ s,
        lambda s, v: v.dot(s),
        lambda s, v: np.where(s > 1, v, s),
    ],
)
def test_pandas_on_either_side_is_an_array_and_the_result_a_tensor(series, f):
    result = f(series, tg.tensor(A, requires_grad=True))
    assert isinstance(result, tg.Tensor)
    np.testing.assert_allclose(result.numpy(), np.asarray(f(series, A)))
    same_gradient(lambda v: f(series, v))


@pytest.mark.parametrize(
    "f", [lambda s, v: s.to_frame().T @ v, lambda s, v: s @ v, lambda s, v: s.dot(v), lambda s, v: s.where(s > 1, v),
          lambda s, v: type(s)(v), lambda s, v: type(s.to_frame())({"a": v})],
)  # fmt: skip
def test_pandas_takes_no_recorded_tensor_into_its_cells(series, f):
    with pytest.raises(LEAVES, match="leave the graph"):
        f(series, tg.tensor(A, requires_grad=True))
    u = f(series, tg.tensor(A))
    np.testing.assert_array_equal(np.asarray(u), np.asarray(f(series, A)))


def test_comparisons_with_pandas(series):
    np.testing.assert_array_equal((series > tg.tensor(A[::-1])).numpy(), series.to_numpy() > A[::-1])
    np.testing.assert_array_equal((tg.tensor(A[::-1]) <= series).numpy(), A[::-1] <= series.to_numpy())


# -------------------------------------------------------------------------------------------------------------- dask


def test_leaves_of_equal_value_stay_apart_in_dask():
    dask = pytest.importorskip("dask.array")

    def f(a: Any, b: Any) -> Any:
        return (dask.from_array(a) * 3 + dask.from_array(b) * 5).sum().compute(scheduler="synchronous")

    for x, y in zip(tg.grad(f, (0, 1))(np.zeros(2), np.zeros(2)), ([3, 3], [5, 5]), strict=True):
        np.testing.assert_array_equal(x, y)


def test_dask_beside_a_tensor():
    dask = pytest.importorskip("dask.array")
    same_gradient(lambda v: v * dask.from_array(A))
    same_gradient(lambda v: np.multiply(v, dask.from_array(A)))
    same_gradient(
        lambda v: (dask.from_array(v, chunks=1) ** 2).compute(scheduler="threads") if isinstance(v, tg.Tensor) else v**2
    )
