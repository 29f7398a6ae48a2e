"""Examples for ordering: elements in a given order and back, and indices, which have no derivative."""

from typing import Any

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(32)
_TIED = np.array([2.0, 1.0, 2.0, np.nan, 1.0])


def x(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(_rng.standard_normal(shape))


def order(*shape: int, axis: int = -1) -> np.ndarray[Any, Any]:
    return np.argsort(x(*shape), axis=axis)


ROWS: dict[str, list[Case]] = {
    "gather": [
        Case(x(5), order(5), axis=0), Case(x(2, 4), order(2, 4), axis=1),
        Case(x(3, 2, 2), order(3, 2, 2, axis=0), axis=0),
        Case(x(2, 4), order(2, 4)[:, :2], axis=-1), Case(x(4), np.array([2]), axis=-1),
        Case(x(0, 3), order(0, 3), axis=1), Case(x(3, 0), order(3, 0), axis=1), Case(x(1), order(1), axis=0),
    ],
    "spread": [
        Case(x(5), order(5), axis=0, n=5), Case(x(2, 4), order(2, 4), axis=1, n=4),
        Case(x(2, 3), order(3, 3, axis=0)[:2], axis=0, n=3), Case(x(2, 1), np.array([[2], [0]]), axis=-1, n=4),
        Case(x(0, 3), order(0, 3), axis=1, n=3), Case(x(0), order(0), axis=0, n=2),
    ],
    "argsort": [
        Case(x(5)), Case(x(2, 3), axis=0), Case(x(2, 3), axis=None), Case(_TIED, kind="stable"),
        Case(_TIED, stable=True), Case(x(0, 3)), Case(x(3) + 1j * x(3)),
    ],
    "argpartition": [
        Case(x(5), kth=2), Case(x(2, 3), kth=-1, axis=0), Case(x(2, 3), kth=(1, 4), axis=None), Case(_TIED, kth=[1, 3]),
    ],
    "order_by": [Case(x(4), x(4), axis=-1), Case(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]]), axis=-1)],
    "searchsorted": [
        Case(np.sort(x(4)), x(2, 3)), Case(np.array([0.0, 1.0, 1.0]), np.array(1.0), side="right"),
        Case(np.array([3.0, 1.0, 2.0]), x(2), sorter=np.array([1, 2, 0])), Case(x(0), x(2)),
    ],
    "digitize": [Case(x(2, 3), np.array([-1.0, 0.0, 1.0])), Case(x(3), np.array([1.0, 0.0]), right=True)],
    "isin": [Case(x(2, 3), np.array([0.0])), Case(_TIED, np.array([2.0, np.nan]), invert=True, kind="sort")],
}  # fmt: skip
