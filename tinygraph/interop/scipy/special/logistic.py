"""The logistic function and its relatives, of one number and of several."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special
from scipy.special import _ufuncs

from .... import ops
from ..atom import any_tensor
from .declare import declare

__all__ = ["expit", "log_expit", "log_softmax", "logit", "logsumexp", "softmax"]

expit = declare(
    _ufuncs.expit, lambda y, x: y * _ufuncs.expit(-x), symbol="σ", onnx="Sigmoid", saturates=(0, 1)
)  # 1 - y would cancel
logit = declare(_ufuncs.logit, lambda y, x: 1 / (x * (1 - x)), domain=(0, 1))
log_expit = declare(_ufuncs.log_expit, lambda y, x: _ufuncs.expit(-x), saturates=(-np.inf, 0))


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / sum(exp(x)) along `axis`, by default over the whole array as in SciPy (`tg.softmax`: the last axis).

    >>> softmax(np.zeros((2, 2)))
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    return ops.softmax(x, axis=axis) if any_tensor(x) else special.softmax(x, axis=axis)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """log(softmax(x)) along `axis`, by default over the whole array as in SciPy (`tg.log_softmax`: the last axis).

    >>> log_softmax(np.zeros(2)).round(4)
    array([-0.6931, -0.6931])
    """
    return ops.log_softmax(x, axis=axis) if any_tensor(x) else special.log_softmax(x, axis=axis)


_LARGEST = 80
"""Nothing above exp(80) is kept of an element of weight 0: it must not overflow."""


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b exp(a))) along `axis` (all axes by default), with weights `b` that may be negative; NaN for a sum < 0.

    With `return_sign`, the pair of log(|sum|) and the sign of the sum. Both a and b have derivatives.

    >>> float(logsumexp(np.array([1000.0, 1000.0]), b=np.array([0.5, 0.5])))
    1000.0
    """
    if not any_tensor(a, b):
        return special.logsumexp(a, axis=axis, b=b, keepdims=keepdims, return_sign=return_sign)
    if b is None and not return_sign:
        return ops.logsumexp(a, axis=axis, keepdims=keepdims)
    b = 1 if b is None else b
    unused = np.equal(b, 0)
    highest = np.max(
        np.where(unused, -np.inf, a), axis=axis, keepdims=True
    ).detach()  # of any, the gradient is the same
    highest = np.where(np.isfinite(highest), highest, 0)
    shifted = a - highest
    total = np.sum(b * np.exp(np.where(unused, np.minimum(shifted, _LARGEST), shifted)), axis=axis, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):  # log of 0 and below: -inf and NaN are SciPy's answers
        y = np.log(np.abs(total) if return_sign else total) + highest
    y, sign = (x if keepdims else np.squeeze(x, axis=axis) for x in (y, np.sign(total)))
    return (y, sign) if return_sign else y
