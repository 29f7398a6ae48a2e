"""The order in which a picture numbers the operations: as a program would write them."""

from __future__ import annotations

from collections.abc import Iterable

from ..graph import Node, topological

_SHALLOWER = 8
"""An input that is so much less deep than another is written right before it is used."""


def program_order(roots: Iterable[Node]) -> list[Node]:
    """All nodes that `roots` were made from, inputs before outputs, each once.

    Inputs are written from left to right, but what belongs to a step alone, such as the transpose of its weights,
    stands with the step and not before the long chain that leads to it.
    """
    roots = list(roots)
    order = topological(roots)
    depth: dict[Node, int] = {}
    for node in order:
        depth[node] = 1 + max((depth[i] for i in node.inputs if type(i) is Node), default=0)
    if max(depth.values(), default=0) <= _SHALLOWER:
        return order

    def arrange(inputs: list[Node]) -> list[Node]:
        deepest = max((depth[i] for i in inputs), default=0)
        late = [i for i in inputs if depth[i] < deepest - _SHALLOWER]
        return [i for i in inputs if depth[i] >= deepest - _SHALLOWER] + late

    return topological(roots, arrange)
