"""Convolutions over one, two or three axes: three faces of one trilinear form, each the others' derivative.

The sum of y * conv(x, w) is linear in x, w and y. Its gradient in y is the convolution, in x the transposed
convolution, in w the correlation of x with y: three operations whose rules are the other two, to any order.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.declare import linear
from .window import add_windows, batch_of, blocks, count_windows, lengths, windows

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


def _samples_last(x: Any, rank: int) -> Any:
    """(samples, channels, sizes, counts) -> (channels, sizes, samples, counts): columns of a matrix by channel."""
    return np.moveaxis(x, 0, x.ndim - 1 - rank)


def _gradient_of_input(y: Any, w: Any, like: tuple[int, ...], how: dict[str, Any]) -> Any:
    """The gradient of a convolution in its input, of shape `like`."""
    return _conv_input(y, w, shape=like[2:], **how)


def _gradient_of_weight(x: Any, y: Any, like: tuple[int, ...], how: dict[str, Any]) -> Any:
    """The gradient of a convolution in its weight, of shape `like`."""
    return _conv_weight(x, y, size=like[2:], **how)


@linear(
    lambda g, y, x, w, **how: _gradient_of_input(g, w, x.shape, how),
    lambda g, y, x, w, **how: _gradient_of_weight(x, g, w.shape, how),
    name="conv",
    symbol="∗",
    onnx="Conv",
)
def _conv(x, w, *, stride, dilation, groups):  # type: ignore[no-untyped-def]
    """Inner products of `w` (out, in / groups, sizes) with the windows of `x` (N, in, lengths): (N, out, counts)."""
    rank, out = len(stride), w.shape[0]
    view = windows(x, size=w.shape[2:], stride=stride, dilation=dilation)
    rows = w.reshape(groups, out // groups, -1)
    y = np.empty((len(x), out, *view.shape[2 + rank :]), np.result_type(x, w))
    for part in blocks(len(x), math.prod(view.shape[1:])):
        columns = _samples_last(view[part], rank).reshape(groups, rows.shape[2], -1)
        y[part] = (rows @ columns).reshape(out, -1, *y.shape[2:]).swapaxes(0, 1)
    return y


@linear(
    lambda g, z, y, w, *, shape, **how: _conv(g, w, **how),
    lambda g, z, y, w, *, shape, **how: _gradient_of_weight(g, y, w.shape, how),
    name="conv_input",
    symbol="∗ᵀ",
    onnx="ConvTranspose",
)
def _conv_input(y, w, *, shape, stride, dilation, groups):  # type: ignore[no-untyped-def]
    """Each element of `y` (N, out, counts) times `w`, added where its window lay: (N, in, `shape`)."""
    out, channels = w.shape[0], groups * w.shape[1]
    columns = w.reshape(groups, out // groups, -1).swapaxes(1, 2)
    x = np.zeros((len(y), channels, *shape), np.result_type(y, w))
    for part in blocks(len(y), groups * math.prod(w.shape[1:]) * math.prod(y.shape[2:])):
        g = y[part].swapaxes(0, 1)
        products = columns @ g.reshape(groups, out // groups, -1)
        products = products.reshape(channels, *w.shape[2:], *g.shape[1:])
        add_windows(x[part], np.moveaxis(products, 1 + len(shape), 0), stride, dilation)
    return x


@linear(
    lambda g, w, x, y, *, size, **how: _gradient_of_input(y, g, x.shape, how),
    lambda g, w, x, y, *, size, **how: _conv(x, g, **how),
    name="conv_weight",
    symbol="⋆",
)
def _conv_weight(x, y, *, size, stride, dilation, groups):  # type: ignore[no-untyped-def]
    """Sums over samples and windows of `y` (N, out, counts) times the window of `x`: (out, in / groups, `size`)."""
    rank, out = len(stride), y.shape[1]
    view = windows(x, size=size, stride=stride, dilation=dilation)
    columns = x.shape[1] // groups * math.prod(size)
    w = np.zeros((groups, out // groups, columns), np.result_type(x, y))
    for part in blocks(len(x), math.prod(view.shape[1:])):
        rows = _samples_last(view[part], rank).reshape(groups, columns, -1)
        w += y[part].swapaxes(0, 1).reshape(groups, out // groups, -1) @ rows.swapaxes(1, 2)
    return w.reshape(out, x.shape[1] // groups, *size)


# ------------------------------------------------------------------------------------- with PyTorch's arguments


def functions_by_rank(family: str, function: Callable[..., Any], example: str) -> list[Callable[..., Any]]:
    """Three functions made of `function(name, rank, x, ...)`, for 1, 2 and 3 axes; `example` is true of each."""

    def function_of(rank: int) -> Callable[..., Any]:
        name = f"{family}{rank}d"

        def function_of_rank(*args: Any, **kwargs: Any) -> Any:
            return function(name, rank, *args, **kwargs)

        functools.update_wrapper(function_of_rank, function)
        del function_of_rank.__wrapped__  # type: ignore[attr-defined]  # its own signature lacks name and rank
        signature = inspect.signature(function)
        function_of_rank.__signature__ = signature.replace(parameters=list(signature.parameters.values())[2:])  # type: ignore[attr-defined]
        function_of_rank.__name__ = function_of_rank.__qualname__ = name
        function_of_rank.__doc__ = f"{function.__doc__}\n    >>> {example.format(name, rank)}\n    True\n    "
        return function_of_rank

    return [function_of(rank) for rank in (1, 2, 3)]


def _geometry(name: str, rank: int, weight: Any, stride: Any, dilation: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Strides and dilations as one number for each axis, or ValueError where `weight` has other axes."""
    if np.ndim(weight) != rank + 2 or 0 in np.shape(weight):
        raise ValueError(
            f"{name}: weight of shape {np.shape(weight)} does not suit {rank} axes; "
            f"give {rank + 2} lengths of at least 1, channels first"
        )
    return lengths(name, "stride", stride, rank, 1), lengths(name, "dilation", dilation, rank, 1)


def _check_channels(name: str, channels: int, shape: tuple[int, ...], weight: Any, expected: int, groups: int) -> None:
    """Raise ValueError where the channels of input and weight do not match, or not be cut into groups."""
    if groups < 1 or weight.shape[0] % groups:
        raise ValueError(
            f"{name}: weight of shape {weight.shape} cannot be cut into groups={groups}; its first axis must divide"
        )
    if channels != expected:
        raise ValueError(
            f"{name}: input of shape {shape} has {channels} channels, weight of shape {weight.shape} with "
            f"groups={groups} takes {expected}; give an input of (batch, channels, lengths)"
        )


def _with_bias(name: str, y: Any, bias: Any, rank: int) -> Any:
    """`y` plus one number for each of its channels."""
    if bias is None:
        return y
    if np.shape(bias) != (y.shape[1],):
        raise ValueError(
            f"{name}: bias has shape {np.shape(bias)}, the output {y.shape[1]} channels; give one for each"
        )
    return y + np.reshape(bias, (-1,) + (1,) * rank)


def _margins(
    name: str, padding: Any, size: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> list[tuple[int, int]]:
    """Zeros before and after each axis."""
    if padding == "valid":
        return [(0, 0)] * len(size)
    if padding == "same":
        if max(stride) > 1:
            raise ValueError(f"{name}: padding='same' keeps lengths, and stride={stride} does not; give stride 1")
        total = [d * (k - 1) for k, d in zip(size, dilation, strict=True)]
        return [(n // 2, n - n // 2) for n in total]
    if isinstance(padding, str):
        raise ValueError(f"{name}: padding={padding!r} is not known; give 'same', 'valid', an int or a tuple of ints")
    return [(n, n) for n in lengths(name, "padding", padding, len(size), 0)]


def _conv_of(
    name: str, rank: int, x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
    groups: int = 1,
) -> Any:  # fmt: skip
    """Inner products of `weight` with the windows of `x`, plus `bias`: PyTorch's convolution (a correlation).

    x (N, in, lengths) or (in, lengths), weight (out, in / groups, sizes), bias (out,) -> (N, out, counts).
    `padding` is an int, a tuple, 'valid' (none) or 'same' (keeps the lengths). Raises ValueError for shapes that do
    not match.
    """
    stride, dilation = _geometry(name, rank, weight, stride, dilation)
    samples = batch_of(name, x, rank)
    _check_channels(name, samples.shape[1], np.shape(x), weight, weight.shape[1] * groups, groups)
    size = weight.shape[2:]
    margins = _margins(name, padding, size, stride, dilation)
    if any(map(any, margins)):
        samples = np.pad(samples, [(0, 0), (0, 0), *margins])
    counts = [count_windows(*each) for each in zip(samples.shape[2:], size, stride, dilation, strict=True)]
    if 0 in counts:
        raise ValueError(
            f"{name}: weight of shape {weight.shape} with dilation {dilation} is longer than the input of shape "
            f"{np.shape(x)} with padding {padding!r}; give a longer input or more padding"
        )
    y = _with_bias(name, _conv(samples, weight, stride=stride, dilation=dilation, groups=groups), bias, rank)
    return y if samples.ndim == np.ndim(x) else y[0]


def _conv_transpose_of(
    name: str, rank: int, x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
) -> Any:  # fmt: skip
    """Each element of `x` times `weight`, added up at `stride` elements from each other, plus `bias`.

    The adjoint of the convolution with the same weight: x (N, in, counts) or (in, counts), weight
    (in, out / groups, sizes), bias (out,) -> (N, out, lengths). `padding` elements are cut off at both ends,
    then `output_padding` more stay at the end. Raises ValueError for shapes that do not match.
    """
    stride, dilation = _geometry(name, rank, weight, stride, dilation)
    samples = batch_of(name, x, rank)
    _check_channels(name, samples.shape[1], np.shape(x), weight, weight.shape[0], groups)
    cut = lengths(name, "padding", padding, rank, 0)
    more = lengths(name, "output_padding", output_padding, rank, 0)
    if any(n >= max(s, d) for n, s, d in zip(more, stride, dilation, strict=True)):
        raise ValueError(
            f"{name}: output_padding={output_padding!r} must be smaller than stride {stride} or dilation {dilation}"
        )
    shape = tuple(
        s * (n - 1) + d * (k - 1) + 1
        for n, k, s, d in zip(samples.shape[2:], weight.shape[2:], stride, dilation, strict=True)
    )
    if any(n - 2 * c + m < 1 for n, c, m in zip(shape, cut, more, strict=True)):
        raise ValueError(
            f"{name}: padding={padding!r} cuts everything off the output of lengths {shape}; give less padding"
        )
    y = _conv_input(samples, weight, shape=shape, stride=stride, dilation=dilation, groups=groups)
    if any(more):
        y = np.pad(y, [(0, 0), (0, 0), *[(0, m) for m in more]])
    if any(cut):
        y = y[(..., *[slice(c, n + m - c) for c, n, m in zip(cut, shape, more, strict=True)])]
    y = _with_bias(name, y, bias, rank)
    return y if samples.ndim == np.ndim(x) else y[0]


conv1d, conv2d, conv3d = functions_by_rank(
    "conv", _conv_of, "{0}(np.ones((1, 2, *[4] * {1})), np.ones((3, 2, *[2] * {1}))).shape == (1, 3, *[3] * {1})"
)
conv_transpose1d, conv_transpose2d, conv_transpose3d = functions_by_rank(
    "conv_transpose",
    _conv_transpose_of,
    "{0}(np.ones((1, 2, *[3] * {1})), np.ones((2, 3, *[2] * {1}))).shape == (1, 3, *[4] * {1})",
)
