"""Activation functions of neural networks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.declare import elementwise, primitive
from .reduction import unreduce

__all__ = ["elu", "gelu", "leaky_relu", "log_softmax", "logsumexp", "relu", "sigmoid", "silu", "softmax", "softplus"]


_DOUBLE = np.dtype(np.float64)
"""That of Python numbers, which have none."""


def floating(x: Any) -> Any:
    """`x` in float64 if it is of whole numbers, whose differences may wrap around, else itself."""
    return x.astype(np.float64) if getattr(x, "dtype", _DOUBLE).kind in "biu" else x


def wide(x: Any) -> Any:
    """`floating`, and float16 in float32, for sums of exponentials that may be above 65,504 where their log is not."""
    return x.astype(np.float32) if getattr(x, "dtype", _DOUBLE) == np.float16 else floating(x)


def as_narrow_as(x: Any, y: Any) -> Any:
    """`y` in the dtype of `x` where `wide` widened that from float16."""
    return y.astype(np.float16) if getattr(x, "dtype", _DOUBLE) == np.float16 else y


@elementwise(lambda a, x: a * (1 - a), symbol="σ", onnx="Sigmoid", holomorphic=True, saturates=(0, 1))
def sigmoid(x: Any) -> Any:
    """Logistic function 1 / (1 + exp(-x)), elementwise, in (0, 1); never overflows. Derivative a(1 - a).

    >>> float(sigmoid(0.0)), float(sigmoid(-1e6))
    (0.5, 0.0)
    """
    with np.errstate(over="ignore"):  # exp(-x) = inf gives the right 0
        e = np.exp(-x if getattr(x, "dtype", _DOUBLE).kind == "f" else -floating(x))
    return 1 / (1 + e)


def _step(y: Any, x: Any, *, at_zero: float) -> Any:
    return x >= 0 if at_zero == 1 else np.where(x == 0, at_zero, x > 0).astype(np.result_type(x))


@elementwise(_step, onnx="Relu", kinks=(0.0,), saturates=(0, np.inf))
def relu(x: Any, *, at_zero: float = 1) -> Any:
    """max(0, x), elementwise. The derivative is 0 for x < 0, 1 for x > 0 and `at_zero` at 0.

    The notes say 1 at 0, the default: a network whose weights start at zero can then learn. PyTorch and JAX
    use 0 there.

    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(x, 0)


@elementwise(
    lambda y, x, *, slope: np.where(x >= 0, 1, slope).astype(np.result_type(x)), onnx="LeakyRelu", kinks=(0.0,)
)
def leaky_relu(x: Any, *, slope: float = 0.01) -> Any:
    """x for x >= 0, else `slope` * x, elementwise.

    >>> leaky_relu(np.array([-1.0, 2.0]))
    array([-0.01,  2.  ])
    """
    return np.where(x >= 0, x, slope * x)


@elementwise(
    lambda y, x, *, alpha: np.where(x >= 0, 1, alpha * np.exp(np.minimum(x, 0))),
    onnx="Elu",
    kinks=(0.0,),
    saturates=lambda y, x, *, alpha: (-alpha, np.inf),
)
def elu(x: Any, *, alpha: float = 1.0) -> Any:
    """x for x >= 0, else `alpha` * (exp(x) - 1), elementwise (Clevert et al. 2015, arXiv:1511.07289).

    >>> elu(np.array([0.0, 2.0]))
    array([0., 2.])
    """
    x = floating(x)
    return np.where(x >= 0, x, alpha * np.expm1(np.minimum(x, 0)))


@elementwise(lambda y, x: sigmoid(x), onnx="Softplus", saturates=(0, np.inf))
def softplus(x: Any) -> Any:
    """log(1 + exp(x)), elementwise, without overflow. Its derivative is the sigmoid.

    >>> float(softplus(1000.0))
    1000.0
    """
    x = floating(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _silu(y: Any, x: Any) -> Any:
    s = sigmoid(x)
    return s + y * (1 - s)


@elementwise(_silu, holomorphic=True)
def silu(x: Any) -> Any:
    """x * sigmoid(x), elementwise; also called swish (Elfwing et al. 2017, arXiv:1702.03118).

    >>> float(silu(0.0))
    0.0
    """
    return x * sigmoid(x)


_C = math.sqrt(2 / math.pi)


def _gelu(y: Any, x: Any) -> Any:
    s = sigmoid(2 * _C * (x + 0.044715 * x * x * x))
    t = y * (1 - s)
    return s + 2 * _C * (t + 0.134145 * x * (x * t))  # in this order no square of a large x is multiplied by 0


@elementwise(_gelu, onnx="Gelu", holomorphic=True)
def gelu(x: Any) -> Any:
    """0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), elementwise.

    The tanh form of the Gaussian error linear unit (Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2),
    within 5e-4 of x Phi(x), which is `x * scipy.special.ndtr(x)` where SciPy is installed.

    >>> float(gelu(0.0))
    0.0
    """
    x = floating(x)
    return x * sigmoid(2 * _C * (x + 0.044715 * x * x * x))  # (1 + tanh u) / 2 is sigmoid(2u): to the last digit


def _softmax_rule(g: Any, y: Any, x: Any, *, axis: Any) -> Any:
    return y * (g - np.sum(g * y, axis=axis, keepdims=True))


@primitive(_softmax_rule, jvp=lambda t, y, x, *, axis: y * (t[0] - np.sum(t[0] * y, axis=axis, keepdims=True)),
           onnx="Softmax", holomorphic=True)  # fmt: skip
def softmax(x: Any, *, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) along `axis`: positive, sums to 1; never overflows.

    >>> softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    z = wide(x)
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return as_narrow_as(x, e / np.sum(e, axis=axis, keepdims=True))


@primitive(lambda g, y, x, *, axis: g - np.exp(y) * np.sum(g, axis=axis, keepdims=True),
           jvp=lambda t, y, x, *, axis: t[0] - np.sum(np.exp(y) * t[0], axis=axis, keepdims=True),
           onnx="LogSoftmax", holomorphic=True)  # fmt: skip
def log_softmax(x: Any, *, axis: Any = -1) -> Any:
    """log(softmax(x)) along `axis`, without overflow or log(0).

    >>> log_softmax(np.array([0.0, 0.0])).round(4)
    array([-0.6931, -0.6931])
    """
    z = wide(x)
    z = z - np.max(z, axis=axis, keepdims=True)
    return as_narrow_as(x, z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True)))


def _weights(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """softmax(x), to the last digit: where y is inf the inf share equally, where it is -inf none has any.

    The sum by which exp(x - y) is divided is 1 but for the rounding of y, which for large y is coarse.
    """
    y = unreduce(y, axis, keepdims)
    nothing = np.equal(y, -np.inf)
    with np.errstate(invalid="ignore"):  # inf - inf
        e = np.where(np.equal(x, np.inf), 1, np.exp(x - np.where(nothing, 0, y)))
    return e / np.where(nothing, 1, np.sum(e, axis=axis, keepdims=True))


@primitive(
    lambda g, y, x, *, axis, keepdims: unreduce(g, axis, keepdims) * _weights(y, x, axis, keepdims),
    jvp=lambda t, y, x, *, axis, keepdims: np.sum(t[0] * _weights(y, x, axis, keepdims), axis=axis, keepdims=keepdims),
    onnx="ReduceLogSumExp",
    holomorphic=True,
)
def logsumexp(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) along `axis` (all axes by default), without overflow; its derivative is the softmax.

    >>> logsumexp(np.array([1000.0, 1000.0])).round(3)
    np.float64(1000.693)
    """
    z = wide(x)
    m = np.max(z, axis=axis, keepdims=True)
    m = np.where(np.isfinite(m), m, 0)
    with np.errstate(divide="ignore"):  # all -inf: log(0) = -inf is the right answer
        y = as_narrow_as(x, np.log(np.sum(np.exp(z - m), axis=axis, keepdims=True)) + m)
    return y if keepdims else np.squeeze(y, axis=axis)
