"""Who may write into an array, or hand it out uncopied: whoever made it, and has given it to nobody. Known, not asked.

A rule returns an array of its own, or one that it was given, or a view of one; which, `is` and `.base` tell. (Rules of
users are held to it, see `lending`.) So a sweep knows what is its own without asking Python who else holds it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

LARGE = 1 << 14
"""From this many elements on, a result is written into an operand that is the sweep's own."""


def identities(arrays: Iterable[Any]) -> set[int]:
    """What arrays and their memory are known by, for `is_own`."""
    found = set()
    for array in arrays:
        if type(array) is np.ndarray:
            found.add(id(array))
            found.add(id(array.base))
    return found


def is_own(array: Any, held: set[int]) -> bool:
    """Whether an array that was made of others, which `held` identifies, has its memory for itself, in C order.

    It is no view, or views all of an array that is none of them: of one that was made on the way.
    """
    base = array.base
    if not array.flags.c_contiguous:
        return False
    if id(array) in held or base is None:
        return id(array) not in held
    whole = type(base) is np.ndarray and base.base is None and base.nbytes == array.nbytes
    return whole and id(base) not in held


def _alike(a: Any, b: Any) -> bool:
    return type(a) is type(b) is np.ndarray and a.size >= LARGE and a.shape == b.shape and a.dtype == b.dtype


def product(d: Any, g: Any, value: Any, saved: tuple[Any, ...]) -> Any:
    """`g * d` for what a rule made of `value` and `saved`, in the memory of `d` where that is large and new."""
    if _alike(d, g) and d.base is None and d is not value and not any(d is x for x in saved):
        return np.multiply(g, d, out=d)
    return g * d


def total(a: Any, c: Any) -> Any:
    """`a + c`, in the memory of `a`, which is the caller's own, where that is large."""
    return np.add(a, c, out=a) if _alike(a, c) and a.base is None else a + c


# ------------------------------------------------------------------------- who else holds the array of a tensor


class _Holder:
    __slots__ = ("_array",)
    _array: Any


def _holders_of_data(handle: Any) -> int:
    return sys.getrefcount(handle._array)


_probe = _Holder()
_probe._array = np.empty(1)
_UNSHARED = _holders_of_data(_probe)
"""What `sys.getrefcount` says in this Python of an array that one handle holds and nobody else."""


def is_shared(handle: Any) -> bool:
    """Whether the array of a handle (in `_array`) is a view, or held by somebody besides the handle.

    Asked of Python, since nodes are many: each that holds the array has a reference of its own, whatever is borrowed
    between functions. Whether an array is watched depends on it, never what is written into.
    """
    return _holders_of_data(handle) > _UNSHARED or handle._array.base is not None
