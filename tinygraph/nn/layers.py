"""Layers: the affine map, a chain of layers, and activations as layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops, random
from ..engine.declare import primitive
from ..tensors.tensor import Tensor, tensor
from . import init
from .module import Module


def _rows(x: Any) -> Any:
    """`x` as a matrix, all axes but the last joined into one."""
    return x if x.ndim == 2 else x.reshape((-1, x.shape[-1]))


def _affine_jvp(t: Any, y: Any, x: Any, weight: Any, bias: Any) -> Any:
    moves = (t[0] @ weight.T if t[0] is not None else 0) + (x @ t[1].T if t[1] is not None else 0)
    return moves if t[2] is None else moves + t[2]


@primitive(
    lambda g, y, x, weight, bias: g @ weight,
    lambda g, y, x, weight, bias: _rows(g).T @ _rows(x),
    lambda g, y, x, weight, bias: g,
    jvp=_affine_jvp,
    symbol="·Wᵀ+b",
    onnx="Gemm",
    holomorphic=True,
    contracts="(k),(m,k),(m)->(m)",
)
def affine(x: Any, weight: Any, bias: Any) -> Any:
    """x W^T + b: rows x (..., in), weight (out, in), bias (out,) -> (..., out)."""
    y = np.matmul(x, weight.T)
    if type(y) is np.ndarray and y.dtype == bias.dtype:
        return np.add(y, bias, out=y)  # a fresh array costs more than the addition
    return y + bias


class Linear(Module):
    """y = x W^T + b for rows x: (batch, in) -> (batch, out).

    `weight` is (out, in), the notes' W[l]; `bias` is (out,), or None with `bias=False`. `rng` is a NumPy
    generator or a seed (fresh entropy by default); `weight_init` one of `tg.nn.init`.

    >>> Linear(3, 2, rng=0)(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        rng: np.random.Generator | int | None = None,
        dtype: Any = np.float64,
        weight_init: init.Initializer = init.linear_default,
    ) -> None:
        if in_features < 1 or out_features < 1:
            raise ValueError(f"Linear: sizes must be at least 1, got in={in_features}, out={out_features}")
        rng = np.random.default_rng(rng)
        self.weight = tensor(weight_init(rng, (out_features, in_features)), True, dtype, "weight")
        self.bias: Tensor | None = None
        if bias:
            bound = 1 / math.sqrt(in_features) if weight_init is init.linear_default else 0.0
            self.bias = tensor(rng.uniform(-bound, bound, out_features), True, dtype, "bias")

    def __call__(self, x: Any) -> Tensor:
        if x.ndim == 0 or x.shape[-1] != self.weight.shape[1]:
            raise ValueError(
                f"Linear: input of shape {x.shape} has {x.shape[-1] if x.ndim else 'no'} features, the layer takes "
                f"{self.weight.shape[1]}; samples are rows"
            )
        if self.bias is None:
            return ops.matmul(x, self.weight.T)  # type: ignore[no-any-return]
        return affine(x, self.weight, self.bias)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        out, into = self.weight.shape
        return f"Linear({into}, {out}{'' if self.bias is not None else ', bias=False'})"


class Sequential(Module):
    """Layers (or any functions of one tensor) applied one after another.

    >>> net = Sequential(Linear(4, 3, rng=0), ReLU(), Linear(3, 1, rng=1))
    >>> net(np.ones((2, 4))).shape
    (2, 1)
    """

    def __init__(self, *layers: Callable[[Any], Any]) -> None:
        self.layers = list(layers)

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def __getitem__(self, index: int) -> Callable[[Any], Any]:
        return self.layers[index]

    def __len__(self) -> int:
        return len(self.layers)

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


class Dropout(Module):
    """While `training`, each element is zero with probability `rate` and the others are divided by 1 - rate.

    In evaluation (`net.eval()`) it passes `x` on. `rng` is a NumPy generator, which goes on from call to call, or a
    seed (fresh entropy by default). Source: Srivastava et al., 2014. Raises ValueError for a rate below 0 or from 1 on.

    >>> drop = Dropout(0.5, rng=0)
    >>> drop(np.ones(4)), drop.eval()(np.ones(4))
    (array([2., 0., 0., 0.]), array([1., 1., 1., 1.]))
    """

    def __init__(self, rate: float = 0.5, rng: np.random.Generator | int | None = None) -> None:
        random.check_rate("Dropout", rate)
        self.rate = rate
        self._rng = np.random.default_rng(rng)

    def __call__(self, x: Any) -> Any:
        return random.dropout(self._rng, x, self.rate) if self.training else x


class _Activation(Module):
    """An elementwise function as a layer; keyword arguments go to the function."""

    function: Callable[..., Any]

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        unknown = settings.keys() - type(self).function.op.defaults.keys()  # type: ignore[attr-defined]
        if unknown:
            known = ", ".join(type(self).function.op.defaults) or "none"  # type: ignore[attr-defined]
            raise TypeError(f"{type(self).__name__}: unknown setting {', '.join(sorted(unknown))}; it takes {known}")

    def __call__(self, x: Any) -> Any:
        return type(self).function(x, **self.settings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in self.settings.items())})"


class ReLU(_Activation):
    """`tg.relu` as a layer; `at_zero` is its derivative at 0."""

    function = ops.relu


class LeakyReLU(_Activation):
    """`tg.leaky_relu` as a layer."""

    function = ops.leaky_relu


class ELU(_Activation):
    """`tg.elu` as a layer."""

    function = ops.elu


class GELU(_Activation):
    """`tg.gelu` as a layer."""

    function = ops.gelu


class SiLU(_Activation):
    """`tg.silu` as a layer."""

    function = ops.silu


class Sigmoid(_Activation):
    """`tg.sigmoid` as a layer."""

    function = ops.sigmoid


class Tanh(_Activation):
    """`tg.tanh` as a layer."""

    function = ops.tanh


class Softplus(_Activation):
    """`tg.softplus` as a layer."""

    function = ops.softplus


class Softmax(_Activation):
    """`tg.softmax` as a layer, along the last axis by default."""

    function = ops.softmax


class LogSoftmax(_Activation):
    """`tg.log_softmax` as a layer, along the last axis by default."""

    function = ops.log_softmax
