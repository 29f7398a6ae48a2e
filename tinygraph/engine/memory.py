"""Whether anybody else holds an array: so that large temporaries are written into, and results handed out uncopied.

CPython's reference counts tell. What a count says of an array that nobody else holds differs between versions, so it
is measured here once, by the very functions that ask. In doubt the answer is "somebody does", which costs a copy.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

LARGE = 1 << 14
"""From this many elements on, a result is written into an operand that nobody else holds."""


def _holders(array: Any) -> int:
    return sys.getrefcount(array)


_SOLE = _holders(np.empty(1))
"""What `sys.getrefcount` of an argument says in this Python when the argument is held by nobody else."""
_view = np.empty(2).reshape(1, 2)
_VIEWED = _holders(_view.base)
"""What it says of an array that one view holds and nobody else."""


class _Holder:
    __slots__ = ("_data",)
    _data: Any


def _holders_of_data(handle: Any) -> int:
    return sys.getrefcount(handle._data)


_probe = _Holder()
_probe._data = np.empty(1)
_UNSHARED = _holders_of_data(_probe)
"""What it says of an array that one handle holds and nobody else."""


def is_shared(handle: Any) -> bool:
    """Whether the array of a handle (in `_data`) is a view, or held by somebody besides the handle."""
    return _holders_of_data(handle) > _UNSHARED or handle._data.base is not None


def _reusable(a: np.ndarray[Any, Any], b: Any) -> bool:
    return a.base is None and type(b) is np.ndarray and a.shape == b.shape and a.dtype == b.dtype


def product(d: Any, g: Any) -> Any:
    """`g * d`, in the memory of `d` where that is a large temporary."""
    if type(d) is np.ndarray and d.size >= LARGE and sys.getrefcount(d) <= _SOLE and _reusable(d, g):
        return np.multiply(g, d, out=d)
    return g * d


def total(a: Any, c: Any) -> Any:
    """`a + c`, in the memory of `a` where that is a large temporary."""
    if type(a) is np.ndarray and a.size >= LARGE and sys.getrefcount(a) <= _SOLE and _reusable(a, c):
        return np.add(a, c, out=a)
    return a + c


def unshared(g: Any) -> Any:
    """`g` itself if nobody else holds it, else a copy: a gradient shares memory with nothing, and is in C order."""
    if type(g) is np.ndarray and (sys.getrefcount(g) > _SOLE or not g.flags.c_contiguous or not _covers(g)):
        return g.copy()
    return g


def _covers(g: np.ndarray[Any, Any]) -> bool:
    """Whether `g` has its memory for itself: it is no view, or views all of an array that nobody else holds."""
    if g.base is None:
        return True
    whole = type(g.base) is np.ndarray and g.base.base is None and g.base.nbytes == g.nbytes and g.flags.forc
    return whole and _holders(g.base) <= _VIEWED
