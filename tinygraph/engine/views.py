"""Which tensors look at the memory of which other: noted where NumPy returned a view, so that a write reaches all."""

from __future__ import annotations

import weakref
from typing import Any, TypeVar

import numpy as np

from .node import Recorded, wrap
from .op import Op

T = TypeVar("T")
_ref = weakref.ref
_ROOT: list[Any] = [None, None, None]
_FEW = 16
"""From so many entries on, those of dead views are dropped whenever their number has doubled."""


def link(view: Recorded, base: Recorded, op: Op, attrs: dict[str, Any]) -> None:
    """Note that `view`, which is `op(base, **attrs)`, looks at the memory of `base`, if it does: NumPy knows.

    A view holds its base, and is held weakly by it.
    """
    data, y = base._array, view._array
    if y.base is not data and y is not data and not _shares(y.base, data):
        return
    view._views = [base, op, attrs]
    try:
        known = base._views
    except AttributeError:
        base._views = [None, None, None, _ref(view)]
        return
    known.append(_ref(view))
    count = len(known)
    if not count & (count - 1) and count >= _FEW:
        base._views = [*known[:3], *[ref for ref in known[3:] if ref() is not None]]


def _shares(owner: Any, data: Any) -> bool:
    """Whether `owner`, which a view names as its `base`, has the memory of `data`; as_strided puts a step between."""
    while owner is not None and owner is not data:
        if owner is data.base:
            return True
        owner = getattr(owner, "base", None)
    return owner is data


def alone(handle: Recorded) -> bool:
    """Whether `handle` is no view and none was taken of it."""
    return not hasattr(handle, "_views")


def origin(handle: Recorded) -> tuple[Recorded, Op, dict[str, Any]] | None:
    """The tensor that `handle` is a view of, and the op and attributes that made it; None if it is no view."""
    base, op, attrs = getattr(handle, "_views", _ROOT)[:3]
    return None if base is None else (base, op, attrs)


def live_views(base: Recorded) -> list[Recorded]:
    """All tensors that look at the memory of `base`, views of views too, each after the one that it is a view of."""
    found: list[Recorded] = []
    stack = [base]
    while stack:
        views = [view for ref in getattr(stack.pop(), "_views", _ROOT)[3:] if (view := ref()) is not None]
        found += views
        stack += views
    return found


def apart(x: T) -> T:
    """`x` as a value of its own, of which a later write into anything else shows nothing.

    A Tensor is not copied, since nothing writes into its array; any other array is.
    """
    if isinstance(x, Recorded):
        return wrap(x.__class__, x._array, x.node)
    return np.array(x)  # type: ignore[return-value]
