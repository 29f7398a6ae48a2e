"""Rows of reductions and cumulatives: masks, given means, zeros, ties and NaNs, and none at all."""

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(31)


def _x(*shape: int) -> np.ndarray:
    return np.asarray(_rng.standard_normal(shape))


_MASK = np.array([[True, False, True], [True, True, False]])
_ROW = np.array([True, False, True])
_THREE = np.array([[1, 0, 1], [1, 1, 1], [0, 1, 1], [1, 1, 1]], bool)
_HOLES = np.where(_MASK, _x(2, 3), np.nan)

ROWS = {
    "sum_where": [
        Case(_x(2, 3), _MASK), Case(_x(2, 3), _MASK, axis=0), Case(_x(2, 3), _ROW, axis=-1, keepdims=True),
        Case(_x(2, 3), _MASK, axis=(0, -1)), Case(_x(2, 3), np.zeros((2, 3), bool), axis=1), Case(_x(), True),
        Case(_x(0, 3), _ROW, axis=0), Case(_x(2, 3), _MASK[:, :1], axis=()),
    ],
    "mean_where": [
        Case(_x(2, 3), _MASK), Case(_x(2, 3), _MASK, axis=0), Case(_x(2, 3), _ROW, axis=-1, keepdims=True),
        Case(_x(2, 3), _MASK, axis=(0, -1)), Case(_x(), True), Case(_x(2, 3), True, axis=()),
    ],
    "var_about": [
        Case(_x(2, 3), _x(1, 1), _MASK), Case(_x(4, 3), _x(1, 3), _THREE, axis=0, ddof=1),
        Case(_x(2, 3), _x(2, 1), _ROW, axis=-1, keepdims=True), Case(_x(2, 3), _x(1, 1), True, axis=(0, -1), ddof=0.5),
        Case(_x(4), _x(1), True),
    ],
    "cumprod": [
        Case(_x(4)), Case(_x(2, 3)), Case(_x(2, 3), axis=0), Case(_x(3, 5), axis=-1), Case(_x(0)), Case(_x(1)),
        Case(_x()), Case(_x(2, 0), axis=1), Case([1.5, 0.0, 2.0, -3.0]), Case([0.0, 3.0, 0.0, 2.0, 5.0]),
        Case([[0.0, 2.0, 3.0], [4.0, 5.0, 0.0]], axis=1), Case([[0.0, 2.0, 3.0], [4.0, 5.0, 0.0]]),
        Case(_x(2, 3, 2), axis=1),
    ],
    "nanmax": [
        Case(_x(2, 3)), Case(_x(2, 3), axis=0), Case(_x(2, 3), axis=(0, -1), keepdims=True), Case(_x(2, 3), axis=-1),
        Case(_x()), Case(_x(0, 3), axis=1),
    ],
    "nanmin": [
        Case(_x(2, 3)), Case(_x(2, 3), axis=0), Case(_x(2, 3), axis=(0, -1), keepdims=True), Case(_x(2, 3), axis=-1),
        Case(_x()), Case(_x(0, 3), axis=1),
    ],
    "nanargmax": [Case(_HOLES), Case(_HOLES, axis=0), Case(_x(2, 3), axis=-1, keepdims=True)],
    "nanargmin": [Case(_HOLES), Case(_HOLES, axis=0), Case(_x(2, 3), axis=-1, keepdims=True)],
}  # fmt: skip
