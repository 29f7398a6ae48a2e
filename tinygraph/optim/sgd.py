"""Gradient descent, with or without momentum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..tensors.tensor import Tensor
from .optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent: p := p - lr * v, with v := momentum * v + g (v = g without momentum).

    `weight_decay` adds weight_decay * p to the gradient. The notes' W := W - alpha dW is `SGD([W], lr=alpha)`.

    >>> import tinygraph as tg
    >>> w = tg.tensor(1.0, requires_grad=True)
    >>> (w * w).backward()
    >>> SGD([w], lr=0.1).step()
    >>> w.item()
    0.8
    """

    remembers = ("velocity",)

    def __init__(
        self, parameters: Iterable[Tensor], lr: float = 0.01, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        self.momentum, self.weight_decay = momentum, weight_decay
        super().__init__(parameters, lr)

    @property
    def momentum(self) -> float:
        """What is kept of the velocity at each step, in [0, 1). Assign to change it: velocities begin at 0."""
        return self._momentum

    @momentum.setter
    def momentum(self, momentum: float) -> None:
        if not 0 <= momentum < 1:
            raise ValueError(f"SGD: momentum must be in [0, 1), got {momentum!r}")
        self._momentum = momentum
        if momentum and hasattr(self, "state"):
            pairs = zip(self._owners, self.state, strict=True)
            self.state = [state or self._initial_state(p) for p, state in pairs]

    def init(self, p: Any) -> tuple[Any, ...]:
        """The velocity, if there is momentum."""
        return (np.zeros_like(p),) if self.momentum else ()

    def update(self, p: Any, g: Any, state: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
        """One step against the gradient, or against the velocity that gradients add up to."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return g * -self.lr + p, tuple(state)
        v = self.momentum * state[0] + g
        return v * -self.lr + p, (v,)
