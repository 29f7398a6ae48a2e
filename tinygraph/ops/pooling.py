"""Pooling: the largest or the mean element of windows, or of as many windows as the output shall have elements."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.declare import linear, primitive
from ..engine.settings import settle
from .convolution import functions_by_rank
from .indexing import index_of_axis
from .window import batch_of, count_windows, lengths, offsets, windows

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "max_pool1d", "max_pool2d", "max_pool3d",
]  # fmt: skip

Sizes = tuple[int, ...]


def _hits(x: Any, y: Any, how: dict[str, Any]) -> tuple[list[Any], Any]:
    """For each place in a window, its slices of `x` and where these equal `y`, the windows' largest; and the ties."""
    hits = [(place, x[place] == y) for _, place in offsets(counts=y.shape[-len(how["size"]) :], **how)]
    return hits, functools.reduce(np.add, [hit for _, hit in hits], np.zeros(y.shape, x.dtype))


def _mean_at_hits(t: Any, x: Any, y: Any, how: dict[str, Any]) -> Any:
    """For each window, the mean of `t` where `x` is the largest `y`."""
    return _max_gather(t, x, y, **how)


@linear(lambda g, z, t, x, y, **how: _mean_at_hits(g, x, y, how), None, None, name="max_spread")
def _max_spread(g, x, y, *, size, stride, dilation):  # type: ignore[no-untyped-def]
    """`g` (..., counts) at the elements of `x` (..., lengths) that are their window's largest `y`; ties share."""
    hits, ties = _hits(x, y, {"size": size, "stride": stride, "dilation": dilation})
    share, out = g / ties, np.zeros(x.shape, g.dtype)
    for place, hit in hits:
        out[place] += share * hit
    return out


@linear(lambda g, z, t, x, y, **how: _max_spread(g, x, y, **how), None, None, name="max_gather")
def _max_gather(t, x, y, *, size, stride, dilation):  # type: ignore[no-untyped-def]
    """The mean, for each window, of `t` (..., lengths) where `x` is the window's largest `y` (..., counts)."""
    hits, ties = _hits(x, y, {"size": size, "stride": stride, "dilation": dilation})
    return functools.reduce(np.add, [t[place] * hit for place, hit in hits]) / ties


def _ties(y: Any, x: Any, **how: dict[str, Any]) -> Any:
    return _max_spread((_hits(x, y, how)[1] > 1).astype(x.dtype), x, y, **how) > 0


@primitive(
    lambda g, y, x, **how: _max_spread(g, x, y, **how),
    jvp=lambda t, y, x, **how: _mean_at_hits(t[0], x, y, how),
    name="max_pool",
    onnx="MaxPool",
    ties=_ties,
    extremum="maximum",
)
def _max_of_windows(x, *, size, stride, dilation):  # type: ignore[no-untyped-def]
    """The largest element of each window over the last axes: (..., lengths) -> (..., counts)."""
    counts = [count_windows(*each) for each in zip(x.shape[-len(size) :], size, stride, dilation, strict=True)]
    return functools.reduce(np.maximum, [x[place] for _, place in offsets(size, counts, stride, dilation)])


def _windows_of(
    name: str, rank: int, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[Any, Sizes, Sizes, Sizes, Sizes, list[int]]:
    """Samples, sizes, strides, dilations, paddings, and what `ceil_mode` adds at the end of each axis."""
    samples = batch_of(name, x, rank)
    size = lengths(name, "kernel_size", kernel_size, rank, 1)
    stride = size if stride is None else lengths(name, "stride", stride, rank, 1)
    dilation = lengths(name, "dilation", dilation, rank, 1)
    margin = lengths(name, "padding", padding, rank, 0)
    if any(2 * p > k for p, k in zip(margin, size, strict=True)):
        raise ValueError(
            f"{name}: padding={padding!r} is more than half of kernel_size={kernel_size!r}; a window could lie "
            f"outside the input of shape {np.shape(x)}"
        )
    more = []
    for n, k, s, d, p in zip(samples.shape[2:], size, stride, dilation, margin, strict=True):
        whole = count_windows(n + 2 * p, k, s, d)
        rest = n + 2 * p - d * (k - 1) - 1
        if rest < 0 and not (ceil_mode and rest > -s):
            raise ValueError(
                f"{name}: a window of {kernel_size!r} elements, dilation {dilation}, is longer than the input of shape "
                f"{np.shape(x)} with padding {padding!r}; give a smaller window"
            )
        another = ceil_mode and s * whole != rest + s and s * whole < n + p  # it starts before the padding at the end
        more.append(s * whole - rest if another else 0)
    return samples, size, stride, dilation, margin, more


def _with_margin(x: Any, margin: Sequence[int], more: Sequence[int], value: float) -> Any:
    """`x` with `value` around its last axes: `margin` elements on both sides, and `more` at the end."""
    width = [(0, 0)] * (x.ndim - len(margin)) + [(p, p + m) for p, m in zip(margin, more, strict=True)]
    return np.pad(x, width, constant_values=value) if any(map(any, width)) else x


def _max_pool(
    name: str, rank: int, x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window: (N, channels, lengths) or (channels, lengths) -> (N, channels, counts).

    Windows start `stride` apart (their own size by default); padding is minus infinity. `ceil_mode` adds a window
    that reaches over the end, if elements are left for it. Ties share the gradient equally.
    """
    samples, size, stride, dilation, margin, more = _windows_of(
        name, rank, x, kernel_size, stride, padding, dilation, ceil_mode
    )
    y = _max_of_windows(_with_margin(samples, margin, more, -np.inf), size=size, stride=stride, dilation=dilation)
    return y if samples.ndim == np.ndim(x) else y[0]


def _avg_pool(
    name: str, rank: int, x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Any:  # fmt: skip
    """The mean of each window: (N, channels, lengths) or (channels, lengths) -> (N, channels, counts).

    Windows start `stride` apart (their own size by default). Zeros of `padding` are counted unless
    `count_include_pad` is False; `divisor_override` divides the sum by itself. `ceil_mode` adds a window that
    reaches over the end, if elements are left for it.
    """
    samples, size, stride, dilation, margin, more = _windows_of(
        name, rank, x, kernel_size, stride, padding, 1, ceil_mode
    )

    def total(x: Any) -> Any:
        each = windows(x, size=size, stride=stride, dilation=dilation)
        return np.sum(each, axis=tuple(range(x.ndim - rank, x.ndim)))

    counted = np.pad(np.ones(samples.shape[2:], samples.dtype), [(p, p) for p in margin],
                     constant_values=count_include_pad)  # fmt: skip
    divisor = divisor_override or total(_with_margin(counted, [0] * rank, more, 0))
    y = total(_with_margin(samples, margin, more, 0)) / divisor
    return y if samples.ndim == np.ndim(x) else y[0]


def _adaptive(name: str, rank: int, x: Any, output_size: Any, reduce: Callable[..., Any]) -> Any:
    """`reduce` of as many parts of each axis as the output shall have; part i of n is [i L / n, (i + 1) L / n)."""
    samples = batch_of(name, x, rank)
    output_size = settle(name, "output_size", output_size)
    one = output_size is None or isinstance(output_size, int | np.integer)
    wanted = (output_size,) * rank if one else tuple(output_size)
    if len(wanted) != rank or any(n is not None and n < 1 for n in wanted) or 0 in samples.shape[2:]:
        raise ValueError(
            f"{name}: output_size={output_size!r} does not suit the input of shape {np.shape(x)}; "
            f"give an int of at least 1, or {rank}, None to keep a length"
        )
    for axis, n in enumerate(wanted, start=2):
        length = samples.shape[axis]
        if n is not None and n != length:
            ends = [(i * length // n, -(-(i + 1) * length // n)) for i in range(n)]
            samples = np.stack(
                [reduce(samples[index_of_axis(axis, slice(a, b))], axis=axis) for a, b in ends], axis=axis
            )
    return samples if samples.ndim == np.ndim(x) else samples[0]


def _adaptive_avg_pool(name: str, rank: int, x: Any, output_size: Any) -> Any:
    """Means of `output_size` parts of each axis: (N, channels, lengths) or (channels, lengths) -> (N, channels, sizes).

    Part i of n reaches from floor(i L / n) to ceil((i + 1) L / n). None keeps the length of an axis.
    """
    return _adaptive(name, rank, x, output_size, np.mean)


def _adaptive_max_pool(name: str, rank: int, x: Any, output_size: Any) -> Any:
    """Largest elements of `output_size` parts of each axis, as `adaptive_avg_pool` cuts them.

    Ties share the gradient equally, one axis after the other. None keeps the length of an axis.
    """
    return _adaptive(name, rank, x, output_size, np.max)


max_pool1d, max_pool2d, max_pool3d = functions_by_rank(
    "max_pool", _max_pool, "{0}(np.ones((1, 1, *[4] * {1})), 2).shape == (1, 1, *[2] * {1})"
)
avg_pool1d, avg_pool2d, avg_pool3d = functions_by_rank(
    "avg_pool", _avg_pool, "{0}(np.ones((1, 1, *[4] * {1})), 2).shape == (1, 1, *[2] * {1})"
)
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = functions_by_rank(
    "adaptive_avg_pool", _adaptive_avg_pool, "{0}(np.ones((1, 1, *[5] * {1})), 2).shape == (1, 1, *[2] * {1})"
)
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = functions_by_rank(
    "adaptive_max_pool", _adaptive_max_pool, "{0}(np.ones((1, 1, *[5] * {1})), 2).shape == (1, 1, *[2] * {1})"
)
