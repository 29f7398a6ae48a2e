"""Losses: each compares predictions with targets and returns the mean over all samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..engine.declare import elementwise, primitive
from ..engine.mode import tracing
from ..ops.activation import as_narrow_as, floating, wide
from ..ops.indexing import tensor_or_array
from ..tensors.tensor import Tensor


def _floored_log(log: Any) -> Any:
    """log limited to -100, so that a prediction of exactly 0 costs 100 and not infinity."""
    return np.maximum(log, -100.0)


@elementwise(
    lambda z, p, y: (p - y) / np.maximum(p * (1 - p), 1e-12),
    lambda z, p, y: _floored_log(np.log1p(-p)) - _floored_log(np.log(p)),
    symbol="BCE",
    domain=(0, 1),
)
def log_loss(p: Any, y: Any) -> Any:
    """-(y log p + (1 - y) log(1 - p)), elementwise: the notes' loss, with 0 log 0 = 0 and logs of at least -100."""
    with np.errstate(divide="ignore"):
        one, zero = np.log(p), np.log1p(-p)
    return -(y * _floored_log(one) + (1 - y) * _floored_log(zero))


@elementwise(lambda l, z, y: ops.sigmoid(z) - y, lambda l, z, y: -z, symbol="BCE∘σ")
def log_loss_with_logits(z: Any, y: Any) -> Any:
    """log_loss(sigmoid(z), y) without overflow: max(z, 0) - z y + log(1 + exp(-|z|)), elementwise."""
    z = floating(z)
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


def _one_hot(z: Any, labels: Any) -> Any:
    """The one-hot form of the labels."""
    return labels[..., None] == np.arange(z.shape[-1])


def _excess(l: Any, z: Any, labels: Any) -> Any:
    """softmax(z) minus the one-hot labels: the slope of the loss l = logsumexp(z) - z[label], which is given."""
    hit = _one_hot(z, labels)
    norm = l + np.where(hit, z, 0).sum(axis=-1)
    return np.exp(z - norm[..., None]) - hit


@primitive(
    lambda g, l, z, labels: g[..., None] * _excess(l, z, labels),
    None,
    jvp=lambda t, l, z, labels: (t[0] * _excess(l, z, labels)).sum(axis=-1),
    symbol="CE∘softmax",
    onnx="SoftmaxCrossEntropyLoss",
    holomorphic=True,
)
def softmax_loss(z: Any, labels: Any) -> Any:
    """-log softmax(z)[label] for each sample: z (..., classes), integer labels (...)."""
    logits, z = z, wide(z)
    z = z - z.max(axis=-1, keepdims=True)
    loss = np.log(np.exp(z).sum(axis=-1)) - np.where(_one_hot(z, labels), z, 0).sum(axis=-1)
    return as_narrow_as(logits, loss)


def binary_cross_entropy(prediction: Any, target: Any) -> Tensor:
    """Mean log loss of probabilities: -mean(y log p + (1 - y) log(1 - p)), finite also at p = 0 and 1.

    `prediction` in [0, 1] and `target` (0 or 1, or a probability) have one shape. As in PyTorch, logarithms
    are limited to -100.

    >>> float(binary_cross_entropy(np.array([0.5, 0.5]), np.array([0.0, 1.0])))
    0.6931471805599453
    """
    _check_same_shape("binary_cross_entropy", prediction, target)
    return ops.mean(log_loss(prediction, tensor_or_array(target)))  # type: ignore[no-any-return]


def binary_cross_entropy_with_logits(logits: Any, target: Any) -> Tensor:
    """Mean log loss of sigmoid(logits), computed without overflow. Shapes as `binary_cross_entropy`.

    >>> float(binary_cross_entropy_with_logits(np.array([1000.0]), np.array([1.0])))
    0.0
    """
    _check_same_shape("binary_cross_entropy_with_logits", logits, target)
    return ops.mean(log_loss_with_logits(logits, tensor_or_array(target)))  # type: ignore[no-any-return]


def cross_entropy(logits: Any, target: Any) -> Tensor:
    """Mean of -log softmax(logits)[target], computed without overflow.

    `logits` is (..., classes). `target` is (...) of integers in [0, classes), or (..., classes) of
    probabilities. Raises ValueError for labels out of range.

    >>> round(float(cross_entropy(np.zeros((2, 10)), np.array([3, 7]))), 4)
    2.3026
    """
    target = tensor_or_array(target)
    if target.dtype.kind not in "iu":
        _check_same_shape("cross_entropy", logits, target)
        return -ops.mean(ops.sum(target * ops.log_softmax(logits, axis=-1), axis=-1))  # type: ignore[no-any-return]
    if target.shape != logits.shape[:-1]:
        raise ValueError(
            f"cross_entropy: labels of shape {target.shape} for logits of shape {logits.shape}; "
            f"give one integer per sample, shape {logits.shape[:-1]}"
        )
    labels = target if isinstance(target, np.ndarray) else None if tracing() else target._array
    if labels is not None and labels.size:
        low, high = np.minimum.reduce(labels, axis=None), np.maximum.reduce(labels, axis=None)
        if low < 0 or high >= logits.shape[-1]:
            raise ValueError(
                f"cross_entropy: labels run from {low} to {high}, but the logits have {logits.shape[-1]} classes "
                f"(0 to {logits.shape[-1] - 1})"
            )
    return ops.mean(softmax_loss(logits, target))  # type: ignore[no-any-return]


def mse_loss(prediction: Any, target: Any) -> Tensor:
    """Mean squared error: mean((prediction - target)^2); both of one shape.

    >>> float(mse_loss(np.array([1.0, 3.0]), np.array([1.0, 1.0])))
    2.0
    """
    _check_same_shape("mse_loss", prediction, target)
    return ops.mean(ops.square(prediction - tensor_or_array(target)))  # type: ignore[no-any-return]


def _check_same_shape(function: str, prediction: Any, target: Any) -> None:
    """Raise ValueError unless prediction and target have one shape."""
    if np.shape(prediction) != np.shape(target):
        raise ValueError(
            f"{function}: prediction has shape {np.shape(prediction)}, target {np.shape(target)}; "
            f"reshape one, broadcasting would average over wrong pairs"
        )
