"""The order in which a picture numbers the operations: as a program would write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
    order = []
    seen: set[Node] = set()
    stack: list[Any] = roots[::-1]
    while stack:
        node = stack.pop()
        if node is None:  # all that the node below was made from is listed
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            stack += (node, None)
            inputs = [i for i in node.inputs if type(i) is Node and i not in seen]
            deepest = max((depth[i] for i in inputs), default=0)
            late = [i for i in inputs if depth[i] < deepest - _SHALLOWER]
            stack += late[::-1] + [i for i in inputs if depth[i] >= deepest - _SHALLOWER][::-1]
    return order
