"""The order of operations in a picture: that in which a program would write them."""

from __future__ import annotations

import graphlib
import heapq
from collections.abc import Iterable, Sequence

from ...engine.node import Node, topological

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
    uneven = False
    for node in order:
        depths = [depth[i] for i in node.inputs if type(i) is Node]
        if len(depths) < 2:
            depth[node] = 1 + depths[0] if depths else 1
            continue
        deepest = max(depths)
        depth[node] = 1 + deepest
        uneven = uneven or min(depths) < deepest - _SHALLOWER
    if not uneven:
        return order

    def arrange(inputs: list[Node]) -> list[Node]:
        if len(inputs) < 2:
            return inputs
        deepest = max([depth[i] for i in inputs])
        late = [i for i in inputs if depth[i] < deepest - _SHALLOWER]
        return [i for i in inputs if depth[i] >= deepest - _SHALLOWER] + late

    return topological(roots, arrange)


def in_order(reads: Sequence[set[int]]) -> Sequence[int]:
    """Sort 0, 1, ... so that each stands after those that it reads, and otherwise leave them as they are.

    >>> in_order([{2}, set(), set()])
    [1, 2, 0]
    """
    if all(max(read, default=-1) < n for n, read in enumerate(reads)):
        return range(len(reads))
    sorter = graphlib.TopologicalSorter(dict(enumerate(reads)))
    sorter.prepare()
    ready, order = list(sorter.get_ready()), []
    heapq.heapify(ready)
    while ready:
        order.append(heapq.heappop(ready))
        sorter.done(order[-1])
        for n in sorter.get_ready():
            heapq.heappush(ready, n)
    return order
