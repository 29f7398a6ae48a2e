"""The layered graph that is ordered and positioned: nodes, and what stands for labels, passing edges and clusters."""

from __future__ import annotations

import dataclasses
import enum
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from .layers import common

Size = tuple[float, float]
Cluster = tuple["int | None", Sequence[int]]

LONGEST = 12
"""Layers that an edge may span; a longer one runs beside the layers, in a channel."""
_ENTRY = 6
"""Layers through which an edge from a channel goes level into a cluster; one to farther in comes from above."""
_DUMMIES, _WALLS = 4, 6
"""Most of them per node."""


class Item(enum.IntEnum):
    """What an item is: a node, a label, a dummy of a passing edge, the low or the high wall of a cluster."""

    NODE, LABEL, DUMMY, LOW, HIGH = range(5)


@dataclasses.dataclass(slots=True)
class Net:
    """Items in layers: nodes first, then labels, dummies where an edge passes a layer, and walls of clusters.

    "Along" is the direction of the computation and "across" the other. An item has a length along, and room
    `before` and `after` its axis across. `below[k]` are the items of the next layer that k is joined with, and
    `above[k]` those of the layer before. A cluster has in each layer that it spans a low and a high wall around
    its items. `paths[e]` are the items that edge e passes, in one piece, or in two with a channel between.
    """

    layer: list[int] = dataclasses.field(default_factory=list)
    kind: list[Item] = dataclasses.field(default_factory=list)
    along: list[float] = dataclasses.field(default_factory=list)
    before: list[float] = dataclasses.field(default_factory=list)
    after: list[float] = dataclasses.field(default_factory=list)
    group: list[int] = dataclasses.field(default_factory=list)
    depth: list[int] = dataclasses.field(default_factory=list)
    height: list[int] = dataclasses.field(default_factory=list)
    above: list[list[int]] = dataclasses.field(default_factory=list)
    below: list[list[int]] = dataclasses.field(default_factory=list)
    paths: list[list[list[int]]] = dataclasses.field(default_factory=list)
    nested: list[tuple[int, ...]] = dataclasses.field(default_factory=list)
    """The clusters around and including each cluster, outermost first."""
    walls: dict[tuple[int, int], list[tuple[int, int]]] = dataclasses.field(default_factory=dict)
    """For (cluster, band), the walls in its layers."""
    starts: list[int] = dataclasses.field(default_factory=list)
    """The first layers of the bands."""

    def add(
        self,
        kind: Item,
        layer: int,
        along: float,
        before: float,
        after: float,
        group: int,
        depth: int = 0,
        height: int = 0,
    ) -> int:
        """A new item."""
        self.kind.append(kind)
        self.layer.append(layer)
        self.along.append(along)
        self.before.append(before)
        self.after.append(after)
        self.group.append(group)
        self.depth.append(depth)
        self.height.append(height)
        self.above.append([])
        self.below.append([])
        return len(self.layer) - 1

    def join(self, a: int, b: int) -> None:
        """A piece of an edge from item a to item b of the next layer."""
        self.below[a].append(b)
        self.above[b].append(a)

    def around(self, group: int) -> tuple[int, ...]:
        """The clusters around the items of `group`, outermost first."""
        return self.nested[group] if group >= 0 else ()


def nesting(groups: Sequence[Cluster]) -> list[tuple[int, ...]]:
    """For each cluster, the clusters around it and itself, outermost first."""
    result = []
    for g in range(len(groups)):
        path: list[int] = []
        at: int | None = g
        while at is not None:
            if at in path:
                raise ValueError(f"layout: group {at} is inside itself; give each group a parent outside it")
            path.append(at)
            at = groups[at][0]
        result.append(tuple(reversed(path)))
    return result


def build(
    sizes: Sequence[Size],
    edges: Sequence[tuple[int, int]],
    labels: Sequence[Size],
    owner: Sequence[int],
    nested: list[tuple[int, ...]],
    layering: tuple[list[int], list[int], list[int]],
    starts: Sequence[int],
    across: Sequence[Size],
) -> Net:
    """The net of nodes of `sizes` (along, across); `across` has the room that each label takes beside its line.

    With labels, every second layer is theirs: each stands just before the node that its edge enters.
    """
    layer, depth, height = layering
    net = Net(nested=nested)
    step = 2 if any(along for along, _ in labels) else 1
    band = bands(layer, starts)
    net.starts = [0, *[step * k - step + 1 for k in starts[1:]]]
    for k, (along, wide) in enumerate(sizes):
        net.add(Item.NODE, step * layer[k], along, wide / 2, wide / 2, owner[k], depth[k], height[k])
    direct = _direct(edges, layer, band, len(sizes), step)
    ends = _ends(net, bands(net.layer, net.starts))
    dummies: dict[tuple[int, int], int] = {}
    for e, (u, v) in enumerate(edges):
        tail = [v]
        if labels[e][0]:
            at = net.layer[v] - 1
            group = _passed(net, u, v, at, ends, band)
            tail.insert(0, net.add(Item.LABEL, at, labels[e][0], *across[e], group, depth[u], height[v]))
            net.join(*tail)
        if not direct[e]:
            enter = _entry(net, u, v, ends, band)
            if 0 < net.layer[tail[0]] - enter <= _ENTRY:
                for at in reversed(range(enter, net.layer[tail[0]])):
                    group = _passed(net, u, v, at, ends, band)
                    tail.insert(0, net.add(Item.DUMMY, at, 0.0, 1.0, 1.0, group, depth[u], height[v]))
                    net.join(*tail[:2])
            net.paths.append([[u], tail])
            continue
        head = [u]
        for at in range(net.layer[u] + 1, net.layer[tail[0]]):
            key = head[-1], _passed(net, u, v, at, ends, band)
            if key not in dummies:
                dummies[key] = net.add(Item.DUMMY, at, 0.0, 1.0, 1.0, key[1], depth[u], height[v])
                net.join(head[-1], dummies[key])
            head.append(dummies[key])
            net.height[head[-1]] = max(net.height[head[-1]], height[v])
        net.join(head[-1], tail[0])
        net.paths.append([head + tail])
    return net


def _ends(net: Net, band: list[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """The first and last layer of (cluster, band)."""
    ends: dict[tuple[int, int], tuple[int, int]] = {}
    for k, at in enumerate(net.layer):
        for g in net.around(net.group[k]):
            first, last = ends.get((g, band[k]), (at, at))
            ends[g, band[k]] = (min(first, at), max(last, at))
    return ends


def _passed(net: Net, u: int, v: int, at: int, ends: dict[tuple[int, int], tuple[int, int]], band: list[int]) -> int:
    """The cluster that the edge from node u to v is in at a layer: it leaves and enters at the ends of clusters."""
    around, target = net.around(net.group[u]), net.around(net.group[v])
    shared = common(around, target)
    for g in reversed(target[shared:]):
        if ends[g, band[v]][0] <= at:
            return g
    for g in reversed(around[shared:]):
        if band[u] == band[v] and ends[g, band[u]][1] >= at:
            return g
    return (-1, *around)[shared]


def _entry(net: Net, u: int, v: int, ends: dict[tuple[int, int], tuple[int, int]], band: list[int]) -> int:
    """The layer where the edge from node u comes out of its channel to v: that where the clusters around v start."""
    target = net.around(net.group[v])
    if band[u] == band[v]:
        target = target[common(net.around(net.group[u]), target) :]
    return ends[target[0], band[v]][0] if target else net.layer[v]


def bands(layers: Iterable[int], starts: Sequence[int]) -> list[int]:
    """The band of each of `layers`, where `starts` are the first layers of the bands."""
    return [bisect_right(starts, at) - 1 for at in layers]


def _direct(edges: Sequence[tuple[int, int]], layer: list[int], band: list[int], n: int, step: int) -> list[bool]:
    """Whether each edge passes from layer to layer: those within a band that are short enough."""
    spans = [layer[v] - layer[u] if band[u] == band[v] else 0 for u, v in edges]
    longest = LONGEST
    while longest > 1:
        reach: dict[int, int] = {}
        for (u, _), span in zip(edges, spans):
            if span <= longest:
                reach[u] = max(reach.get(u, 1), span)
        if step * sum(span - 1 for span in reach.values()) <= _DUMMIES * n:
            break
        longest -= 1
    return [0 < span <= longest for span in spans]


def add_walls(net: Net, low: Sequence[float], high: Sequence[float]) -> None:
    """Put walls around the items of every cluster; `low` and `high` are the room inside them, for each cluster.

    Of the clusters that span the most layers, those that would need too many walls get none.
    """
    ends = _ends(net, bands(net.layer, net.starts))
    total: dict[int, int] = {}
    for (g, _), (first, last) in ends.items():
        total[g] = total.get(g, 0) + 2 * (last - first + 1)
    budget, kept = _WALLS * len(net.layer) + 1000, set()
    for g in sorted(total, key=lambda g: (total[g], g)):
        budget -= total[g]
        if budget >= 0:
            kept.add(g)
    if len(kept) < len(total):  # who stays with a dropped cluster belongs to the kept one around it
        net.nested = [tuple([h for h in path if h in kept]) for path in net.nested]
    for (g, band), (first, last) in sorted(ends.items()):
        if g in kept:
            net.walls[g, band] = [
                (
                    net.add(Item.LOW, at, 0.0, 0.0, low[g], g),
                    net.add(Item.HIGH, at, 0.0, high[g], 0.0, g),
                )
                for at in range(first, last + 1)
            ]
