"""What all optimizers share: a step that gives every parameter its new value, from two functions a subclass writes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..engine.mode import current, switch
from ..tensors.tensor import Tensor
from ..tensors.writing import replace


class Optimizer:
    """The base of optimizers: what it remembers of a parameter (`init`), and a step of that parameter (`update`).

    Subclasses write both in plain arithmetic, which runs on arrays and, when a step is compiled, on Tensors.
    A step gives parameters new arrays and never changes one that a graph or the user still holds. Frozen parameters
    (`p.requires_grad_(False)`) are left as they are. `parameters` is a list that may grow, shrink and be rearranged
    between steps: what is remembered of a parameter goes with it.
    """

    remembers: tuple[str, ...] = ()
    """Names of the arrays in the state of one parameter, in order."""

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError(f"{type(self).__name__}: no parameters to optimize; pass model.parameters()")
        if not (lr >= 0 and math.isfinite(lr)):
            raise ValueError(f"{type(self).__name__}: lr must be a number >= 0, got {lr!r}")
        self.lr = lr
        self.state: list[tuple[Tensor, ...]] = []
        self._owners: list[Tensor] = []
        self._match()

    def _match(self) -> None:
        """Put `state` in the order of `parameters`, which may have changed, with new state for new ones."""
        name, ids = type(self).__name__, [*map(id, self.parameters)]
        for p in self.parameters:
            if not isinstance(p, Tensor) or not p.is_parameter:
                raise TypeError(f"{name}: {p!r:.80} is not a leaf tensor with requires_grad; pass model.parameters()")
        if len({*ids}) < len(ids):
            raise ValueError(f"{name}: a parameter is listed twice and would be updated twice; list each once")
        known = dict(zip(map(id, self._owners), self.state, strict=True))
        self.state = [known[id(p)] if id(p) in known else self._initial_state(p) for p in self.parameters]
        self._owners = [*self.parameters]

    def _initial_state(self, p: Tensor) -> tuple[Tensor, ...]:
        arrays = self.init(p._array)
        names = self.remembers if len(self.remembers) == len(arrays) else range(len(arrays))
        return tuple(Tensor(s, name=f"{p.name or 'p'}_{name}") for name, s in zip(names, arrays, strict=True))

    def init(self, p: Any) -> tuple[Any, ...]:
        """The arrays this optimizer remembers for a parameter of value `p`."""
        return ()

    def update(self, p: Any, g: Any, state: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
        """New value and new state of a parameter with value `p`, gradient `g`."""
        raise TypeError(f"{type(self).__name__}: has no update; define update(self, p, g, state)")

    def step(self) -> None:
        """Update every parameter that has a gradient and is not frozen."""
        if [*map(id, self.parameters)] != [*map(id, self._owners)]:
            self._match()
        mode = current()
        if mode.tape is not None:
            mode.tape.phase = "update"
            mode.tape.guard(self._settings)
            with switch(grad=False):
                for p, state in zip(self.parameters, self.state, strict=True):
                    if p.grad is not None and p.requires_grad:
                        value, new = self.update(p, p.grad, state)
                        p._rebind("step", value)
                        for s, value in zip(state, new, strict=True):
                            s._rebind("step", value)
            return
        for p, state in zip(self.parameters, self.state, strict=True):  # on arrays, which record nothing
            g = p.grad
            if g is None or p.node is None:
                continue
            old = p._array
            value, new = self.update(old, g._array, [s._array for s in state])
            replace(p, value if value.dtype == old.dtype else value.astype(old.dtype))  # lr may be a np.float64
            for s, value in zip(state, new, strict=True):
                s._array = value if value.dtype == s._array.dtype else value.astype(s._array.dtype)

    def _settings(self) -> tuple[Any, ...]:
        settings = [v for v in vars(self).values() if isinstance(v, int | float | tuple)]
        return (*settings, *[p.requires_grad for p in self.parameters])

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.parameters:
            p.grad = None
