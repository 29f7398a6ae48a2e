"""tg.scipy.signal: convolution and correlation of any number of axes, with SciPy's values and errors."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.interop.scipy import signal as room
from tinygraph.testing import Case, check_op
from tinygraph.testing.suite import PROPERTIES

signal = pytest.importorskip("scipy.signal")
ours = tg.scipy.signal

SHAPES = [
    ((6,), (4,)),
    ((5,), (4,)),
    ((4,), (6,)),
    ((5, 4), (2, 3)),
    ((1, 3), (2, 2)),
    ((4, 3, 2), (2, 2, 2)),
    ((), ()),
]


@pytest.mark.parametrize("parts", ["real", "complex beside real", "complex"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("name", ["convolve", "correlate", "fftconvolve"])
def test_values_errors_and_gradients(rng, name, shapes, mode, parts):
    f, theirs = getattr(ours, name), getattr(signal, name)
    x, y = (rng.normal(size=s) + (1j * rng.normal(size=s) if parts == p else 0)
            for s, p in zip(shapes, ("complex beside real", "complex"), strict=True))  # fmt: skip
    try:
        z = f(tg.tensor(x), tg.tensor(y), mode)
    except ValueError as error:
        z, said = None, str(error)
    try:
        expected = signal.convolve(x, y, mode) if name == "fftconvolve" else theirs(x, y, mode)
    except ValueError as error:
        expected, wanted = None, str(error)
    if z is None or expected is None:
        assert said == wanted
        return
    np.testing.assert_allclose(z.numpy(), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(f(x, y, mode), theirs(x, y, mode))
    assert tg.check_gradients(lambda x, y: f(x, y, mode), x, y, order=2).ok


def test_every_property_holds(rng):
    cases = [
        Case(rng.normal(size=(4, 3)), rng.normal(size=(2, 2)), mode=m, method="direct")
        for m in ("full", "same", "valid")
    ]
    assert check_op(room._convolve, cases=cases, only=[p for p in PROPERTIES if p != "keeps_dtype"])  # not longdouble


def test_different_numbers_of_axes_are_named(rng):
    with pytest.raises(ValueError, match=r"convolve: shapes \(3,\) and \(2, 2\) differ in the number of axes; reshape"):
        ours.convolve(tg.tensor(np.ones(3)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="mode"):
        ours.convolve(tg.tensor(np.ones(3)), np.ones(2), "no such mode")
