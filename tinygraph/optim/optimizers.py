"""Optimizers as two functions, `init` and `update`, run on the parameters' arrays (or traced by compile)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..engine.mode import current, switch
from ..tensors.tensor import Tensor


class Optimizer:
    """Base: `init(parameter)` makes the state of one parameter, `update` its new value and state.

    Subclasses write both in plain arithmetic, which runs on arrays and, when a step is compiled, on Tensors.
    A step gives parameters new arrays and never changes one that a graph or the user still holds.
    """

    remembers: tuple[str, ...] = ()
    """Names of the arrays in the state of one parameter, in order."""

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        self.parameters = list(parameters)
        name = type(self).__name__
        if not self.parameters:
            raise ValueError(f"{name}: no parameters to optimize; pass model.parameters()")
        for p in self.parameters:
            if not isinstance(p, Tensor) or not p.requires_grad or not p.is_leaf:
                raise TypeError(f"{name}: {p!r:.80} is not a leaf tensor with requires_grad; pass model.parameters()")
        if len({id(p) for p in self.parameters}) < len(self.parameters):
            raise ValueError(f"{name}: a parameter is listed twice and would be updated twice; list each once")
        if not (lr >= 0 and math.isfinite(lr)):
            raise ValueError(f"{name}: lr must be a number >= 0, got {lr!r}")
        self.lr = lr
        self.state = [self._remembered(p) for p in self.parameters]

    def _remembered(self, p: Tensor) -> tuple[Tensor, ...]:
        arrays = self.init(p._data)
        names = self.remembers if len(self.remembers) == len(arrays) else range(len(arrays))
        return tuple(Tensor(s, name=f"{p.name or 'p'}_{name}") for name, s in zip(names, arrays, strict=True))

    def init(self, p: Any) -> tuple[Any, ...]:
        """The arrays this optimizer remembers for a parameter of value `p`."""
        return ()

    def update(self, p: Any, g: Any, state: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
        """New value and new state of a parameter with value `p`, gradient `g`."""
        raise TypeError(f"{type(self).__name__}: has no update; define update(self, p, g, state)")

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        mode = current()
        if mode.tape is not None:
            mode.tape.phase = "update"
            mode.tape.guard(self._settings)
            with switch(grad=False):
                for p, state in zip(self.parameters, self.state, strict=True):
                    if p.grad is not None:
                        value, new = self.update(p, p.grad, state)
                        p._rebind("step", value)
                        for s, value in zip(state, new, strict=True):
                            s._rebind("step", value)
            return
        for p, state in zip(self.parameters, self.state, strict=True):  # on arrays, which record nothing
            g = p.grad
            if g is None:
                continue
            old = p._data
            value, new = self.update(old, g._data, [s._data for s in state])
            p._data = value if value.dtype == old.dtype else value.astype(old.dtype)  # lr may be a np.float64
            for s, value in zip(state, new, strict=True):
                s._data = value if value.dtype == s._data.dtype else value.astype(s._data.dtype)

    def _settings(self) -> tuple[Any, ...]:
        return tuple(v for v in vars(self).values() if isinstance(v, int | float | tuple))

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.parameters:
            p.grad = None


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
        if not 0 <= momentum < 1:
            raise ValueError(f"SGD: momentum must be in [0, 1), got {momentum!r}")
        self.momentum, self.weight_decay = momentum, weight_decay
        super().__init__(parameters, lr)

    def init(self, p: Any) -> tuple[Any, ...]:
        """The velocity, if there is momentum."""
        return (np.zeros_like(p),) if self.momentum else ()

    def update(self, p: Any, g: Any, state: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
        """See the class."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if not self.momentum:
            return g * -self.lr + p, ()
        v = self.momentum * state[0] + g
        return v * -self.lr + p, (v,)


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
        """See the class."""
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
