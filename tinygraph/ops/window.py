"""Windows that slide over an array, and their adjoint that adds them back where they lay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..engine.declare import linear
from ..engine.settings import settle

__all__ = ["fold", "sliding_window_view", "windows"]


def count_windows(length: int, size: int, stride: int, dilation: int) -> int:
    """How many windows of `size` elements, `dilation` apart, fit into `length` when they start `stride` apart."""
    return max((length - dilation * (size - 1) - 1) // stride + 1, 0)


def offsets(
    size: Sequence[int], counts: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...]]]:
    """Each position in a window, with the slices of the last axes that hold this position of all windows."""
    for position in np.ndindex(*size):
        yield position, (..., *[
            slice(d * k, d * k + s * (n - 1) + 1 if n else 0, s)
            for k, n, s, d in zip(position, counts, stride, dilation, strict=True)
        ])  # fmt: skip


def add_windows(out: Any, x: Any, stride: Sequence[int], dilation: Sequence[int]) -> None:
    """Add the windows `x` (..., sizes, counts) to the zeros `out` (..., lengths), place by place."""
    rank = len(stride)
    lead, size, counts = out.ndim - rank, x.shape[-2 * rank : -rank], x.shape[-rank:]
    apart = all(s > d * (k - 1) for k, s, d in zip(size, stride, dilation, strict=True))
    for position, place in offsets(size, counts, stride, dilation):
        part = x[(slice(None),) * lead + position]
        if apart:
            out[place] = part
        else:
            out[place] += part


def _windows_rule(g: Any, y: Any, x: Any, *, size: Any, stride: Any, dilation: Any) -> Any:
    return fold(g, shape=x.shape[len(x.shape) - len(size) :], stride=stride, dilation=dilation)


@linear(_windows_rule)
def windows(x, *, size, stride, dilation):  # type: ignore[no-untyped-def]
    """Windows over the last axes of `x`: (..., lengths) -> (..., sizes, counts), a view that copies nothing.

    Windows start `stride` apart; their elements are `dilation` apart. All three are tuples, one number for each of
    the last axes. Its adjoint is `fold`.

    >>> windows(np.arange(5.0), size=(2,), stride=(3,), dilation=(1,))
    array([[0., 3.],
           [1., 4.]])
    """
    lead = x.ndim - len(size)
    counts = [count_windows(*each) for each in zip(x.shape[lead:], size, stride, dilation, strict=True)]
    steps = x.strides[lead:]
    return as_strided(
        x,
        (*x.shape[:lead], *size, *counts),
        (*x.strides[:lead], *[d * b for d, b in zip(dilation, steps)], *[s * b for s, b in zip(stride, steps)]),
        writeable=False,
    )


@linear(lambda g, y, x, *, shape, stride, dilation: windows(
    g, size=x.shape[len(x.shape) - 2 * len(shape) : len(x.shape) - len(shape)], stride=stride, dilation=dilation
))  # fmt: skip
def fold(x, *, shape, stride, dilation):  # type: ignore[no-untyped-def]
    """Windows added where they lay (overlap-add): (..., sizes, counts) -> (..., `shape`). The adjoint of `windows`.

    >>> fold(np.ones((2, 3)), shape=(4,), stride=(1,), dilation=(1,))
    array([1., 2., 2., 1.])
    """
    out = np.zeros((*x.shape[: x.ndim - 2 * len(shape)], *shape), x.dtype)
    add_windows(out, x, stride, dilation)
    return out


def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """Windows of `window_shape` over the axes `axis` of `x` (all by default), the windows' axes last; a read-only view.

    NumPy's `np.lib.stride_tricks.sliding_window_view`. Raises ValueError for a window longer than its axis.

    >>> sliding_window_view(np.arange(4.0), 2)
    array([[0., 1.],
           [1., 2.],
           [2., 3.]])
    """
    if writeable or subok:
        raise ValueError("sliding_window_view: writeable= and subok= are not recorded; assign to elements of x instead")
    size = tuple(np.atleast_1d(window_shape).tolist())
    axes = range(x.ndim) if axis is None else [a % x.ndim for a in np.atleast_1d(axis).tolist()]
    if len(axes) != len(size):
        raise ValueError(
            f"sliding_window_view: window_shape {size} has {len(size)} lengths for {len(axes)} axes of {x.shape}; "
            f"give one length for each axis"
        )
    for n, a in zip(size, axes, strict=True):
        if not 0 <= n <= x.shape[a]:
            raise ValueError(
                f"sliding_window_view: a window of length {n} does not fit into axis {a} of shape {x.shape}; "
                f"give a length from 0 to {x.shape[a]}"
            )
        x = np.moveaxis(x, a, -1)
        x = np.moveaxis(windows(x, size=(n,), stride=(1,), dilation=(1,)), -1, a)
    return x


def lengths(function: str, what: str, value: Any, rank: int, least: int) -> tuple[int, ...]:
    """`value` as one int for each of `rank` axes, none below `least`."""
    value = settle(function, what, value)
    found = (value,) * rank if isinstance(value, int | np.integer) else tuple(value)
    if len(found) != rank or any(not isinstance(n, int | np.integer) or n < least for n in found):
        raise ValueError(
            f"{function}: {what}={value!r} does not suit {rank} axes; give an int, or {rank}, of at least {least}"
        )
    return tuple(int(n) for n in found)


def batch_of(function: str, x: Any, rank: int) -> Any:
    """`x` as (batch, channels, lengths), a batch of one made of a single sample."""
    if np.ndim(x) not in (rank + 1, rank + 2):
        raise ValueError(
            f"{function}: input of shape {np.shape(x)} has {np.ndim(x)} axes; give (batch, channels, "
            f"{rank} lengths), or one sample without the batch"
        )
    return x if x.ndim == rank + 2 else x[None]


def blocks(samples: int, elements: int) -> Iterator[slice]:
    """Slices over `samples`, each of so many that their `elements` each stay in the processor's cache together."""
    step = max(1, 2**17 // max(elements, 1))
    return (slice(i, i + step) for i in range(0, samples, step))
