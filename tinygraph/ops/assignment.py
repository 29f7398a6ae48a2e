"""NumPy's functions that write into an array: a Tensor gets the new value, as by `x[i] = v` (that is `setitem`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.declare import linear
from ..engine.op import Op
from .complex_parts import conjugate_of
from .indexing import index_along, index_of_arrays, indices_in_range, take

__all__ = ["copyto", "place", "put", "put_along_axis", "putmask"]


def _write_rule(g: Any, z: Any, x: Any, v: Any, *, view: Op, attrs: dict[str, Any]) -> Any:
    return write_view(g, 0, view=view, attrs=attrs)


@linear(
    _write_rule,
    lambda g, z, x, v, *, view, attrs: conjugate_of(view.function(conjugate_of(g), **attrs)),
    symbol="view=",
    reasons={
        "zero": ("overwritten", "{op} overwrites every element that a gradient arrives at", "use the value before it")
    },
    fresh=True,
)
def write_view(x, v, *, view, attrs):  # type: ignore[no-untyped-def]
    """A copy of `x` in which the elements that `view(x, **attrs)` looks at are `v`; `view` is a declared op.

    What a write into a view does to its base. Raises ValueError where NumPy's view is read-only.

    >>> from tinygraph.ops import transpose
    >>> write_view(np.zeros((2, 2)), np.array([[1.0, 2.0], [3.0, 4.0]]), view=transpose.op, attrs={"axes": None})
    array([[1., 3.],
           [2., 4.]])
    """
    for order in "KCF":  # in which of these orders it is a view depends on the op
        out = np.array(x, order=order)  # type: ignore[call-overload]
        seen = view.kernel(out, **attrs)
        if not seen.flags.writeable:
            raise ValueError(
                f"{view.name}: its result of shape {seen.shape} is a view that only reads, as in NumPy; write into a "
                f"copy, np.copy(t), or into the tensor that it was made of"
            )
        if np.may_share_memory(seen, out):
            seen[...] = v
            return out
    raise ValueError(f"{view.name}: its result of shape {seen.shape} is no view of {x.shape}; write into that itself")


def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    """Assign `values` where `take_along_axis(arr, indices, axis)` reads; a Tensor's handle gets the new value.

    >>> x = np.zeros((2, 2))
    >>> put_along_axis(x, np.array([[1], [0]]), 5.0, axis=1)
    >>> x
    array([[0., 5.],
           [5., 0.]])
    """
    if axis is None:
        put(arr, indices, values)
    else:
        arr[index_along(arr.shape, indices, axis)] = values


def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """Assign `v`, repeated as often as needed, to the elements `ind` of the flattened `a`.

    >>> x = np.zeros((2, 2))
    >>> put(x, [0, -1], [1.0, 2.0])
    >>> x
    array([[1., 0.],
           [0., 2.]])
    """
    size = math.prod(a.shape)
    places = np.ravel(indices_in_range(index_of_arrays(ind), size, mode))
    if places.size:
        places = np.where(places < 0, places + size, places)
        if a.ndim:
            a[np.unravel_index(places, a.shape)] = np.resize(v, places.shape)
        else:  # of several values for one number the last one stays
            a[()] = np.resize(v, places.shape)[-1]


def putmask(a: Any, mask: Any, values: Any) -> None:
    """Assign `values`, repeated to the shape of `a`, where `mask`, of as many elements, holds.

    >>> x = np.zeros(3)
    >>> putmask(x, np.array([True, False, True]), [1.0, 2.0])
    >>> x
    array([1., 0., 1.])
    """
    a[...] = np.where(np.reshape(mask, np.shape(a)), np.resize(values, np.shape(a)), a)


def place(arr: Any, mask: Any, vals: Any) -> None:
    """Assign `vals`, one after the other and repeated, to the elements where `mask` holds.

    >>> x = np.zeros(3)
    >>> place(x, np.array([True, False, True]), [1.0, 2.0])
    >>> x
    array([1., 0., 2.])
    """
    if np.size(vals) == 0:
        if np.any(mask):
            raise ValueError("place: no values to place where the mask holds; give at least one")
        return
    turn = np.reshape(np.cumsum(mask) - 1, np.shape(arr))
    arr[...] = np.where(np.reshape(mask, np.shape(arr)), take(vals, turn, mode="wrap"), arr)


def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """Assign `src` to all of `dst`, where `where` holds. Raises TypeError where `casting` forbids it.

    >>> x = np.zeros(3)
    >>> copyto(x, 1.0, where=np.array([True, False, True]))
    >>> x
    array([1., 0., 1.])
    """
    kind = getattr(src, "dtype", None) or np.result_type(src)
    if not isinstance(src, int | float | complex) and not np.can_cast(kind, dst.dtype, casting):
        raise TypeError(f"copyto: {kind} cannot be cast to {dst.dtype} as casting={casting!r}; cast it first")
    if np.broadcast_shapes(np.shape(src), dst.shape) != dst.shape:
        raise ValueError(f"copyto: a source of shape {np.shape(src)} does not fit into one of shape {dst.shape}")
    dst[...] = src if where is True else np.where(where, src, dst)
