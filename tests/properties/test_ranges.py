"""Points between two ends: NumPy's values, gradients in the ends, dtypes and messages."""

import numpy as np
import pytest

import tinygraph as tg

A, B = np.array([0.5, 1.25, 2.0]), np.array([3.0, 0.75, 4.5])
OPTIONS = [
    {}, {"num": 4}, {"num": 5, "endpoint": False}, {"num": 3, "axis": -1}, {"num": 1}, {"num": 1, "endpoint": False},
    {"num": 0},
]  # fmt: skip


@pytest.mark.parametrize("name", ["linspace", "logspace", "geomspace"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(("a", "b"), [(A, B), (A[0], B[0]), (A[:, None], B), (2.0, B), (B, 1)])
def test_values_and_gradients(name, options, a, b):
    ours, theirs = getattr(tg, name), getattr(np, name)
    expected = theirs(a, b, **options)
    np.testing.assert_allclose(ours(a, b, **options), expected, rtol=1e-14)
    found = theirs(tg.tensor(a), b, **options)
    assert type(found) is tg.Tensor
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-14)
    if expected.size:
        a, b = np.asarray(a, float), np.asarray(b, float)
        assert tg.check_gradients(lambda a, b: ours(a, b, **options), a, b, order=2).ok


@pytest.mark.parametrize("name", ["linspace", "logspace", "geomspace"])
@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_dtypes(name, dtype):
    f = getattr(np, name)
    assert f(tg.tensor(np.float32(1)), np.float32(2)).dtype == f(np.float32(1), np.float32(2)).dtype
    found, expected = f(tg.tensor(1.0), 3.5, 7, dtype=dtype), f(1.0, 3.5, 7, dtype=dtype)
    assert found.dtype == expected.dtype == dtype
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)
    t = tg.tensor(np.float32(1), requires_grad=True)
    f(t, 2.0, 4).sum().backward()
    assert t.grad.dtype == np.float32


def test_numbers_of_python_widen_nothing():
    assert np.linspace(tg.tensor(np.float32(1)), 2.0).dtype == np.linspace(np.float32(1), 2.0).dtype == np.float32


def test_step_and_bases():
    y, step = np.linspace(tg.tensor(A, requires_grad=True), B, 4, retstep=True)
    np.testing.assert_allclose(step.numpy(), np.linspace(A, B, 4, retstep=True)[1])
    assert step.requires_grad
    assert y.shape == (4, 3)
    assert np.isnan(np.linspace(tg.tensor(1.0), 2.0, 1, retstep=True)[1])
    for base, a in ((2.0, A), (np.array([2.0, 3.0, 4.0]), A), (np.array([[2.0], [3.0]]), A)):
        expected = np.logspace(a, B, 4, base=base, axis=-1)
        np.testing.assert_allclose(np.logspace(tg.tensor(a), B, 4, base=base, axis=-1).numpy(), expected)
        assert tg.check_gradients(lambda a, base: tg.logspace(a, B, 4, base=base), a, np.asarray(base)).ok
    np.testing.assert_allclose(tg.geomspace(-1.0, -8.0, 4), [-1, -2, -4, -8])
    np.testing.assert_allclose(tg.geomspace(1j, -8j, 4), np.geomspace(1j, -8j, 4))


def test_messages():
    with pytest.raises(ValueError, match="linspace: num=-1 is negative; give 0 or more"):
        tg.linspace(0.0, 1.0, -1)
    with pytest.raises(ValueError, match="geomspace: an end is 0, of which every multiple is 0; give ends of one sign"):
        tg.geomspace(0.0, tg.tensor(1.0))
