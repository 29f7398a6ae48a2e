"""Adam: steps as long as the mean of recent gradients, measured by their size, allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..tensors.tensor import Tensor
from .optimizer import Optimizer


class Adam(Optimizer):
    """Adam (Kingma and Ba 2014, arXiv:1412.6980, algorithm 1), with weight decay added to the gradient.

    m := b1 m + (1 - b1) g;  v := b2 v + (1 - b2) g^2;  p := p - lr m' / (sqrt(v') + eps), where m' and v' are
    m and v divided by 1 - b^t after t steps. Of complex gradients, g^2 is |g|^2.

    >>> import tinygraph as tg
    >>> w = tg.tensor(1.0, requires_grad=True)
    >>> (w * w).backward()
    >>> Adam([w], lr=0.1).step()
    >>> round(w.item(), 6)
    0.9
    """

    remembers = ("m", "v", "decay1", "decay2")

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        if not all(0 <= b < 1 for b in betas):
            raise ValueError(f"Adam: betas must be in [0, 1), got {betas!r}")
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay
        super().__init__(parameters, lr)

    def init(self, p: Any) -> tuple[Any, ...]:
        """First moment, second moment, and b1^t and b2^t after t steps."""
        one = np.ones((), p.real.dtype)
        return np.zeros_like(p), np.zeros_like(p.real), one, one.copy()

    def update(self, p: Any, g: Any, state: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
        """One step against the mean of recent gradients, divided by the root of the mean of their squares."""
        m, v, decay1, decay2 = state
        b1, b2 = self.betas
        if self.weight_decay:
            g = g + self.weight_decay * p
        decay1, decay2 = decay1 * b1, decay2 * b2
        m *= b1  # in place: the moments are the optimizer's own, and fresh arrays double the time
        m += g * (1 - b1)
        v *= b2
        size = np.square(g) if g.dtype.kind != "c" else np.square(np.abs(g))
        v += size * (1 - b2)
        scale = self.lr / (1 - decay1)
        return (m * -scale) / (np.sqrt(v) * (1 / np.sqrt(1 - decay2)) + self.eps) + p, (m, v, decay1, decay2)
