"""A function run on plain arrays beside its run through Tensors: the values must be the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.mode import adapted, no_grad
from ..engine.node import Recorded
from ..engine.trees import flatten, map_leaves


def as_plain(x: Any) -> Any:
    """A tree of arguments with new arrays (and NumPy's scalars, where there are no axes) for Tensors and arrays.

    >>> import tinygraph as tg
    >>> as_plain([tg.tensor(1.5), 2])
    [np.float64(1.5), 2]
    """
    return map_leaves(x, _copy, records=True)


def _copy(x: Any) -> Any:
    if isinstance(x, Recorded):
        return np.array(x._array)[()]
    return x.copy() if isinstance(x, np.ndarray) else x


def run_plain(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """What `f` returns for the values of its arguments, nothing recorded and no name replaced."""
    token = adapted.set(None)
    try:
        with no_grad():
            return f(*as_plain(tuple(args)), **as_plain(kwargs))
    finally:
        adapted.reset(token)


def difference(through: Any, plain: Any) -> str:
    """Where the value of a function through Tensors differs from that on plain arrays, or "" where it does not.

    The same means equal up to what sums in another order lose: see `_close`.

    >>> difference(np.array([1.0, 10.0]), np.array([1.0, 2.0]))
    'through tensors 10, through NumPy 2, first at element [1]'
    """
    ours, theirs = _arrays(through), _arrays(plain)
    if len(ours) != len(theirs):
        return f"through tensors {len(ours)} results, through NumPy {len(theirs)}"
    for k, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        which = f" of result {k}" if len(ours) > 1 else ""
        if a.shape != b.shape:
            return f"through tensors shape {a.shape}, through NumPy {b.shape}{which}"
        if b.dtype == object:
            b = _as_numbers(b, a.dtype)
        if a.dtype.kind not in "biufc" or b.dtype.kind not in "biufc":
            if not np.array_equal(a, b):
                return f"through tensors {a!r:.60}, through NumPy {b!r:.60}{which}"
            continue
        wrong = ~_close(a, b)
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            where = f", first at element {list(at)}{which}" if at else which
            return f"through tensors {a[at]:.9g}, through NumPy {b[at]:.9g}{where}"
    return ""


def _as_numbers(objects: Any, dtype: Any) -> Any:
    """Objects that are numbers, such as fractions and sympy's, in this dtype; others as they are."""
    try:
        return objects.astype(dtype)
    except (TypeError, ValueError):
        return objects


def _close(a: Any, b: Any) -> Any:
    """Elements that differ by at most eps^(3/4) (2e-12 in float64) of themselves and of a 1000th of the largest."""
    if not _precision(a) and not _precision(b):
        return a == b
    finite = np.isfinite(a) & np.isfinite(b)
    scale = np.max(np.abs(b[finite]), initial=0.0)
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= max(_precision(a), _precision(b)) ** 0.75 * (np.abs(b) + 1e-3 * scale)
    return (finite & near) | (a == b) | (np.isnan(a) & np.isnan(b))


def _precision(x: Any) -> float:
    """The relative distance of floating-point numbers like these, 0 for integers."""
    return float(np.finfo(x.dtype).eps) if x.dtype.kind in "fc" else 0.0


def _arrays(x: Any) -> list[Any]:
    return [np.asarray(leaf._array if isinstance(leaf, Recorded) else leaf) for leaf in flatten(x, records=True)]
