"""Layers of networks for signals, images and volumes: convolutions, pooling, and the flattening after them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from ..ops.window import lengths
from ..tensors.tensor import Tensor, tensor
from . import init
from .module import Module


class _Convolution(Module):
    """Weights and settings of a convolution over `rank` axes; `function` computes it."""

    function: Callable[..., Any]
    rank: int
    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        rng: np.random.Generator | int | None = None,
        dtype: Any = np.float64,
        weight_init: init.Initializer = init.linear_default,
        **more: Any,
    ) -> None:
        name = type(self).__name__
        if min(in_channels, out_channels, groups) < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: channels in={in_channels}, out={out_channels} and groups={groups} must be at least 1, and "
                f"groups divide both"
            )
        size = lengths(name, "kernel_size", kernel_size, self.rank, 1)
        self.settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups, **more}
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = (first, second // groups, *size)
        rng = np.random.default_rng(rng)
        self.weight = tensor(weight_init(rng, shape), True, dtype, "weight")
        self.bias: Tensor | None = None
        if bias:
            bound = 1 / math.sqrt(math.prod(shape[1:])) if weight_init is init.linear_default else 0.0
            self.bias = tensor(rng.uniform(-bound, bound, out_channels), True, dtype, "bias")

    def __call__(self, x: Any) -> Any:
        return type(self).function(x, self.weight, self.bias, **self.settings)

    def __repr__(self) -> str:
        first, second = self.weight.shape[0], self.weight.shape[1] * self.settings["groups"]
        into, out = (first, second) if self.transposed else (second, first)
        usual = {"padding": 0, "output_padding": 0}
        changed = [f"{k}={v!r}" for k, v in self.settings.items() if v != usual.get(k, 1)]
        changed += [] if self.bias is not None else ["bias=False"]
        return f"{type(self).__name__}({', '.join([f'{into}, {out}, {self.weight.shape[2:]}', *changed])})"


class Conv1d(_Convolution):
    """`tg.conv1d` as a layer: (N, in, length) -> (N, out, length).

    `weight` is (out, in / groups, size), `bias` (out,), or None with `bias=False`. `rng` is a NumPy generator or a
    seed (fresh entropy by default); `weight_init` one of `tg.nn.init`.

    >>> Conv1d(2, 3, 5, padding="same", rng=0)(np.ones((1, 2, 8))).shape
    (1, 3, 8)
    """

    function, rank = ops.conv1d, 1


class Conv2d(_Convolution):
    """`tg.conv2d` as a layer: (N, in, height, width) -> (N, out, height, width). Parameters as in `Conv1d`.

    >>> Conv2d(3, 8, 3, stride=2, padding=1, rng=0)(np.ones((1, 3, 8, 8))).shape
    (1, 8, 4, 4)
    """

    function, rank = ops.conv2d, 2


class Conv3d(_Convolution):
    """`tg.conv3d` as a layer: (N, in, depth, height, width) -> (N, out, depth, height, width)."""

    function, rank = ops.conv3d, 3


class _ConvolutionTranspose(_Convolution):
    """Weights and settings of a transposed convolution."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        rng: np.random.Generator | int | None = None,
        dtype: Any = np.float64,
        weight_init: init.Initializer = init.linear_default,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, rng, dtype,
                         weight_init, output_padding=output_padding)  # fmt: skip


class ConvTranspose1d(_ConvolutionTranspose):
    """`tg.conv_transpose1d` as a layer; `weight` is (in, out / groups, size)."""

    function, rank = ops.conv_transpose1d, 1


class ConvTranspose2d(_ConvolutionTranspose):
    """`tg.conv_transpose2d` as a layer; `weight` is (in, out / groups, height, width).

    >>> ConvTranspose2d(8, 3, 4, stride=2, padding=1, rng=0)(np.ones((1, 8, 4, 4))).shape
    (1, 3, 8, 8)
    """

    function, rank = ops.conv_transpose2d, 2


class ConvTranspose3d(_ConvolutionTranspose):
    """`tg.conv_transpose3d` as a layer; `weight` is (in, out / groups, depth, height, width)."""

    function, rank = ops.conv_transpose3d, 3


class _Pooling(Module):
    """A pooling function as a layer; the arguments go to the function."""

    function: Callable[..., Any]

    def __init__(self, *args: Any, **settings: Any) -> None:
        signature = inspect.signature(type(self).function)
        try:
            self.settings = dict(list(signature.bind(None, *args, **settings).arguments.items())[1:])
        except TypeError as problem:
            known = ", ".join(list(signature.parameters)[1:])
            raise TypeError(f"{type(self).__name__}: {problem}; it takes {known}") from None

    def __call__(self, x: Any) -> Any:
        return type(self).function(x, **self.settings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.settings.items())})"


class MaxPool1d(_Pooling):
    """`tg.max_pool1d` as a layer."""

    function = ops.max_pool1d


class MaxPool2d(_Pooling):
    """`tg.max_pool2d` as a layer.

    >>> MaxPool2d(2)(np.ones((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    function = ops.max_pool2d


class MaxPool3d(_Pooling):
    """`tg.max_pool3d` as a layer."""

    function = ops.max_pool3d


class AvgPool1d(_Pooling):
    """`tg.avg_pool1d` as a layer."""

    function = ops.avg_pool1d


class AvgPool2d(_Pooling):
    """`tg.avg_pool2d` as a layer."""

    function = ops.avg_pool2d


class AvgPool3d(_Pooling):
    """`tg.avg_pool3d` as a layer."""

    function = ops.avg_pool3d


class AdaptiveAvgPool1d(_Pooling):
    """`tg.adaptive_avg_pool1d` as a layer."""

    function = ops.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_Pooling):
    """`tg.adaptive_avg_pool2d` as a layer."""

    function = ops.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_Pooling):
    """`tg.adaptive_avg_pool3d` as a layer."""

    function = ops.adaptive_avg_pool3d


class AdaptiveMaxPool1d(_Pooling):
    """`tg.adaptive_max_pool1d` as a layer."""

    function = ops.adaptive_max_pool1d


class AdaptiveMaxPool2d(_Pooling):
    """`tg.adaptive_max_pool2d` as a layer."""

    function = ops.adaptive_max_pool2d


class AdaptiveMaxPool3d(_Pooling):
    """`tg.adaptive_max_pool3d` as a layer."""

    function = ops.adaptive_max_pool3d


class Flatten(Module):
    """All axes but the first in one: what a linear layer takes after convolutions.

    >>> Flatten()(np.ones((2, 3, 4, 4))).shape
    (2, 48)
    """

    def __call__(self, x: Any) -> Any:
        return x.reshape((x.shape[0], math.prod(x.shape[1:])))

    def __repr__(self) -> str:
        return "Flatten()"
