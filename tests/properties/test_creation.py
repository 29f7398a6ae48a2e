"""Arrays made from a few numbers: NumPy's values with every setting, and gradients that agree with differences."""

import itertools
from functools import partial

import numpy as np
import pytest

import tinygraph as tg

from .test_composites import agree

ENDS = [(0.5, 2.0), (np.array([1.0, 2.0]), 4.0), (np.array([[1.0], [2.0]]), np.array([3.0, 0.5])), (-1.0, -8.0)]


@pytest.mark.parametrize("name", ["linspace", "logspace", "geomspace"])
@pytest.mark.parametrize("ends", ENDS)
def test_spaced_values(name, ends):
    ours, theirs = getattr(tg, name), getattr(np, name)
    for num, endpoint, axis in itertools.product([1, 2, 5], [True, False], [0, -1]):
        options = {"num": num, "endpoint": endpoint, "axis": axis}
        agree(partial(ours, **options), partial(theirs, **options), *ends)
    assert ours(*[tg.tensor(x) for x in ends], 0).shape == theirs(*ends, 0).shape
    np.testing.assert_allclose(ours(tg.tensor(ends[0]), ends[1], 4).numpy(), theirs(*ends, 4), rtol=1e-12)


@pytest.mark.parametrize("name", ["linspace", "logspace", "geomspace"])
def test_spaced_values_keep_a_dtype_and_take_one(name):
    ours, theirs = getattr(tg, name), getattr(np, name)
    ends = np.float32(1.0), np.float32(2.5)
    assert ours(*map(tg.tensor, ends), 5).dtype == theirs(*ends, 5).dtype
    assert ours(tg.tensor(ends[0]), 2, 5).dtype == theirs(ends[0], 2, 5).dtype
    for dtype in (np.float32, np.float64, np.int64):
        found = ours(tg.tensor(1.0), 3.5, 6, dtype=dtype)
        assert found.dtype == dtype
        np.testing.assert_allclose(found.numpy(), theirs(1.0, 3.5, 6, dtype=dtype), rtol=1e-6)


def test_numpys_function_records_and_the_end_is_exact():
    start, stop = (tg.tensor(x, requires_grad=True) for x in (0.1, 0.7))
    for function in (np.linspace, np.geomspace):
        y = function(start, stop, 7)
        assert y.requires_grad
        assert (y.numpy()[0], y.numpy()[-1]) == (0.1, 0.7)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("base", [3.0, np.array([2.0, 3.0])])
def test_logspace_differentiates_its_base(base, axis):
    agree(
        lambda start, stop, base: tg.logspace(start, stop, 4, base=base, axis=axis),
        lambda start, stop, base: np.logspace(start, stop, 4, base=base, axis=axis),
        *(0.5, 2.0, base),
    )


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("num", [0, 1, 4])
def test_the_step_is_differentiated_too(endpoint, num):
    found = tg.linspace(tg.tensor(1.0, requires_grad=True), 3.0, num, endpoint, retstep=True)
    expected = np.linspace(1.0, 3.0, num, endpoint, retstep=True)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.numpy() if isinstance(a, tg.Tensor) else a, b)
    if num == 4:
        step = tg.grad(lambda start: tg.linspace(start, 3.0, num, endpoint, retstep=True)[1])
        assert step(1.0) == -1 / (num - endpoint)


def test_geometric_spaces_over_complex_numbers():
    agree(lambda a, b: tg.geomspace(a, b, 4), lambda a, b: np.geomspace(a, b, 4), 1.0 + 1.0j, -2.0 + 0.5j)


def test_bad_spaces_say_why():
    t = tg.tensor(1.0)
    with pytest.raises(ValueError, match=r"linspace: num=-1; give the number of values, 0 or more"):
        np.linspace(t, 2.0, -1)
    with pytest.raises(
        ValueError, match=r"geomspace: no ratio leads from tensor\(1\.\) to 0\.0; give ends other than 0"
    ):
        np.geomspace(t, 0.0)


@pytest.mark.parametrize("dtype", [None, np.float32])
@pytest.mark.parametrize("shape", [None, (2, 2, 3)])
def test_filled_arrays(dtype, shape):
    like = np.zeros((2, 3))
    for fill in (1.5, np.array([1.0, 2.0, 3.0])):
        if dtype is None:
            agree(lambda x: tg.full_like(like, x, shape=shape), lambda x: np.full_like(like, x, shape=shape), fill)
        found = np.full_like(tg.tensor(like), tg.tensor(fill, requires_grad=True), dtype, shape=shape)
        assert found.requires_grad
        assert found.dtype == (dtype or np.float64)
    assert not np.full_like(tg.tensor(like), 2.0, dtype, shape=shape).requires_grad
