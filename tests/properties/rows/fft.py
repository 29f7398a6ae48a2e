"""Rows of the Fourier transforms: real and complex signals, odd and even lengths, every norm."""

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(22)
_x = _rng.standard_normal


def _z(*shape: int) -> np.ndarray:
    return _x(shape) + 1j * _x(shape)


_NORMS = (None, "backward", "ortho", "forward")

ROWS = {
    "fft": [
        *[Case(_x(5), axes=(0,), norm=norm, inverse=inverse) for norm in _NORMS for inverse in (False, True)],
        Case(_z(4), axes=(-1,), norm=None, inverse=False), Case(_z(2, 3), axes=(0, -1), norm="ortho", inverse=True),
        Case(_x((2, 3, 2)), axes=(-1, 0), norm="forward", inverse=False),
        Case(_z(2, 1), axes=(0, 0), norm=None, inverse=False),
    ],
    "rfft": [
        *[Case(_x(n), axis=0, norm=norm) for norm in _NORMS for n in (4, 5)],
        Case(_x((2, 3, 2)), axis=1, norm=None), Case(_x((2, 3)), axis=-2, norm="ortho"), Case(_x(1), axis=0, norm=None),
        Case(_x(2), axis=0, norm=None),
    ],
    "irfft": [
        *[Case(_z(3), n=n, axis=0, norm=norm) for norm in _NORMS for n in (4, 5)],
        Case(_z(2, 3, 2), n=5, axis=1, norm=None), Case(_z(2, 3), n=3, axis=-2, norm="ortho"),
        Case(_z(1), n=1, axis=0, norm=None), Case(_x(3), n=4, axis=0, norm=None), Case(_z(2), n=2, axis=0, norm=None),
    ],
}  # fmt: skip
