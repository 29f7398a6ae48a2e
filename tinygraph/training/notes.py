"""The two models of the lecture notes, from graph primitives, line by line as the notes write them.

Samples are columns: X is n_x by N, Y is 1 by N, and b is added to every column by broadcasting. The notes' images
are 64 x 64 x 3, so n_x is 12288.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import nn, ops
from ..engine.mode import no_grad
from ..nn import init
from ..nn.init import Initializer
from ..tensors.tensor import Tensor, tensor

if TYPE_CHECKING:
    from numpy.random import Generator


class LogisticRegression(nn.Module):
    """One neuron: Yhat = sigmoid(W.T @ X + b), with W of n_x by 1 and b a single value.

    >>> neuron = LogisticRegression(n_x=3)
    >>> neuron(np.ones((3, 2))).numpy()
    array([[0.5, 0.5]])
    """

    def __init__(self, n_x: int, weight_init: Initializer = init.zeros, rng: Generator | int | None = None) -> None:
        rng = np.random.default_rng(rng)
        self.W = tensor(weight_init(rng, (1, n_x)).T, requires_grad=True, name="W")
        self.b = tensor(0.0, requires_grad=True, name="b")

    def __call__(self, X: Any) -> Tensor:
        Z = self.W.T @ X + self.b
        Yhat: Tensor = ops.sigmoid(Z)
        return Yhat


class OneHiddenLayer(nn.Module):
    """A hidden layer and a sigmoid output; W1 is units by n_x, W2 is 1 by units, both small random numbers.

    >>> OneHiddenLayer(n_x=3, units=4, rng=0)(np.ones((3, 2))).shape
    (1, 2)
    """

    def __init__(
        self,
        n_x: int,
        units: int,
        activation: Callable[[Any], Tensor] = ops.relu,
        weight_init: Initializer = init.small_normal,
        rng: Generator | int | None = None,
    ) -> None:
        rng = np.random.default_rng(rng)
        self.W1 = tensor(weight_init(rng, (units, n_x)), requires_grad=True, name="W1")
        self.b1 = tensor(np.zeros((units, 1)), requires_grad=True, name="b1")
        self.W2 = tensor(weight_init(rng, (1, units)), requires_grad=True, name="W2")
        self.b2 = tensor(np.zeros((1, 1)), requires_grad=True, name="b2")
        self.activation = activation

    def __call__(self, X: Any) -> Tensor:
        Z1 = self.W1 @ X + self.b1
        A1 = self.activation(Z1)
        Z2 = self.W2 @ A1 + self.b2
        A2: Tensor = ops.sigmoid(Z2)
        return A2


def log_loss(Yhat: Tensor, Y: Tensor) -> Tensor:
    """Return the cost J = -1/m sum[y log yhat + (1 - y) log(1 - yhat)] over the m samples of Y, (1, m).

    A sigmoid far out rounds to exactly 1, where 0 log 0 would be NaN; the clip keeps yhat one rounding away from it.
    """
    Yhat = ops.clip(Yhat, 1e-300, 1 - 1e-16)
    loss = -(Y * ops.log(Yhat) + (1 - Y) * ops.log(1 - Yhat))
    cost: Tensor = ops.mean(loss)
    return cost


def gradient_descent(parameters: Iterable[Tensor], alpha: float) -> None:
    """One step against the gradient, W := W - alpha dW, for every parameter that has one."""
    with no_grad():
        for W in parameters:
            if W.grad is not None:
                dW = W.grad
                W -= alpha * dW
