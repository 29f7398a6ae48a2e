"""A solver's solution as one node: what it is a function of, found by running the function once, and its value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...engine.mode import current
from ...engine.node import Node
from ...engine.op import Function
from ...engine.trees import flatten
from ...tensors.tensor import Tensor
from ..call import alias
from ..joint import Joint, outer_tensors, recorded_positions, tick, with_leaves


class Solution(Joint):
    """A solution as one node: a function of the recorded tensors in `given`, and of those that f uses.

    `find(*given)` computes it, from arrays.

    `given` is kept without the tensors at the positions `chosen`, which are inputs of the node; `others` are inputs
    that f uses without being given them.
    """

    def __init__(self, f: Callable[..., Any], find: Callable[..., Any], given: tuple[Any, ...]) -> None:
        self.f, self.find, self.leaves = f, find, flatten(given)
        self.value = find(*with_leaves(given, {}))[()]
        self.chosen: list[int] = recorded_positions(self.leaves)
        self.others: list[Tensor] = []
        self.given = with_leaves(given, dict.fromkeys(self.chosen))

    def value_recorded_by(self, record: Function, trial: Callable[..., Node | None]) -> Any:
        """The value as a node made by `record`, or as it is where it depends on nothing recorded.

        `trial` runs the function once, given recorded tensors under nodes of their own, and returns its node.
        """
        leaves, self.leaves = self.leaves, []
        if current().grad:
            start = tick()
            ends = {k: alias(leaves[k]) for k in self.chosen}
            inside = {end.node for end in ends.values()}  # before f writes into them
            root = trial(*with_leaves(self.given, ends))
            self.others = outer_tensors(root, inside, start) if root is not None else []
            if self.chosen or self.others:
                return record(*[leaves[k] for k in self.chosen], *self.others, joint=self)
        return Tensor(self.value) if any(isinstance(x, Tensor) for x in leaves) else self.value

    def output(self, xs: tuple[Any, ...]) -> Any:
        """The solution that was found, of which no reference is kept here; after that, one found anew."""
        value, self.value = self.value, None
        return self.find(*with_leaves(self.given, dict(zip(self.chosen, xs, strict=False)))) if value is None else value

    def __repr__(self) -> str:
        return getattr(self.f, "__name__", repr(self.f))
