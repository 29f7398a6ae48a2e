"""Points between two ends: evenly spaced, as numbers or as their logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from .indexing import plain
from .shape import astype

__all__ = ["geomspace", "linspace", "logspace"]


def _ends(function: str, start: Any, stop: Any, num: int, endpoint: bool) -> tuple[Any, Any, Any, Any]:
    """The ends as floating-point numbers, where each point lies between them, and whether it is the last."""
    if num < 0:
        raise ValueError(f"{function}: num={num} is negative; give 0 or more")
    dtype = np.result_type(start, stop, 1.0)  # Python's numbers, left as they are, widen nothing
    start, stop = (x if isinstance(x, int | float | complex) else np.multiply(x, 1.0) for x in (start, stop))
    rank = len(np.broadcast_shapes(np.shape(start), np.shape(stop)))
    steps = num - 1 if endpoint else num
    k = np.arange(num, dtype=dtype).reshape(-1, *[1] * rank)
    return start, stop, k / max(steps, 1), k == steps if endpoint and num > 1 else None


def _placed(y: Any, dtype: Any, axis: int) -> Any:
    y = np.moveaxis(y, 0, axis) if axis else y
    if dtype is None:
        return y
    return astype(np.floor(y) if np.issubdtype(dtype, np.integer) else y, dtype=np.dtype(dtype))


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` numbers evenly spaced from `start` to `stop`, along a new axis; with `retstep`, and their distance.

    >>> linspace(0.0, 1.0, 5)
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    start, stop, part, last = _ends("linspace", start, stop, num, endpoint)
    steps = num - 1 if endpoint else num
    y = start + (stop - start) * part
    y = _placed(y if last is None else np.where(last, stop, y), dtype, axis)
    return (y, (stop - start) / steps if steps > 0 else np.nan) if retstep else y


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """`base` to the powers `linspace(start, stop, num)`.

    >>> logspace(0.0, 2.0, 3)
    array([  1.,  10., 100.])
    """
    if np.ndim(base):
        shape = np.broadcast_shapes(np.shape(start), np.shape(stop), np.shape(base))
        start, stop = np.broadcast_to(start, shape), np.broadcast_to(stop, shape)
        base = np.broadcast_to(base, shape)
    return _placed(np.power(base, linspace(start, stop, num, endpoint)), dtype, axis)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before, along a new axis.

    In double precision at least, as in NumPy.

    >>> geomspace(1.0, 100.0, 3)
    array([  1.,  10., 100.])
    """
    start = np.multiply(start, np.float64(1))
    start, stop, part, last = _ends("geomspace", start, stop, num, endpoint)
    if np.any(np.equal(plain(start), 0)) or np.any(np.equal(plain(stop), 0)):
        raise ValueError("geomspace: an end is 0, of which every multiple is 0; give ends of one sign")
    y = start * np.power(stop / start, part)
    return _placed(y if last is None else np.where(last, stop, y), dtype, axis)
