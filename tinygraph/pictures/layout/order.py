"""In which order the items of a layer stand: barycentre sweeps that keep clusters together, then exchanges."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

from .net import Item, Net

_LARGE = 20_000
_SMALL = 3_000
"""Items, above and below which fewer and more rounds are worth their time."""


def order(net: Net, edges: Sequence[tuple[int, int]], n: int) -> list[list[int]]:
    """The items of each layer in order, with few crossings.

    The items of a cluster are neighbours in every layer, and two clusters stand in the same order in all
    layers: each is sorted by one number, its mean place, wherever it occurs.
    (Sugiyama, Tagawa, Toda 1981; the first order is that of a walk from the outputs through the inputs.)
    """
    layers: list[list[int]] = [[] for _ in range(max(net.layer, default=-1) + 1)]
    for k, at in enumerate(net.layer):
        layers[at].append(k)
    sorter = _Sorter(net, _first_places(net, edges, n))
    sorter.sweep(layers, None)
    best, fewest = [list(x) for x in layers], crossings(net, layers)
    rounds = 4 if len(net.layer) > _LARGE else 24 if len(net.layer) < _SMALL else 8
    for turn in range(rounds):
        if not fewest:
            break
        sorter.sweep(layers, net.below if turn % 2 == 0 else net.above, flip=turn % 4 > 1)
        if len(net.layer) < _SMALL:
            _exchange(net, layers, flip=turn % 4 > 1)
            sorter.settle(layers)
        count = crossings(net, layers)
        if count < fewest:
            best, fewest = [list(x) for x in layers], count
    return best


def crossings(net: Net, layers: list[list[int]]) -> int:
    """How many pairs of pieces of edges cross."""
    place = [0] * len(net.layer)
    for items in layers:
        for p, k in enumerate(items):
            place[k] = p
    total = 0
    for items in layers:
        ends: list[int] = []
        for k in items:
            here = sorted([place[b] for b in net.below[k]])
            if ends and here and here[0] < ends[-1]:
                for p in here:
                    total += len(ends) - bisect_right(ends, p)
            for p in here:
                insort(ends, p)
    return total


def _first_places(net: Net, edges: Sequence[tuple[int, int]], n: int) -> list[float]:
    """A number for each item that orders a tree without crossings: when a walk from the outputs leaves it."""
    inputs: list[list[int]] = [[] for _ in range(n)]
    read = [False] * n
    for u, v in edges:
        inputs[v].append(u)
        read[u] = True
    place = [-1.0] * len(net.layer)
    seen, left = [False] * n, 0
    for root in range(n):
        if read[root]:
            continue
        stack = [(root, 0)]
        seen[root] = True
        while stack:
            v, turn = stack.pop()
            if turn < len(inputs[v]):
                stack.append((v, turn + 1))
                u = inputs[v][turn]
                if not seen[u]:
                    seen[u] = True
                    stack.append((u, 0))
            else:
                place[v] = float(left)
                left += 1
    for pieces in net.paths:
        source = place[pieces[0][0]]
        for piece in pieces:
            for k in piece:
                if k >= n:
                    place[k] = source
    return place


class _Sorter:
    """Sorts layers by the places of the items that each is joined with."""

    def __init__(self, net: Net, place: list[float]) -> None:
        self.net, self.place = net, place
        self.group_place: list[float] = []
        self.walled = bool(net.walls)

    def sweep(self, layers: list[list[int]], joined: list[list[int]] | None, flip: bool = False) -> None:
        """Sort all layers, first to last by the layer before, or last to first by the one behind; or as they are.

        `flip` exchanges those with equal places, which gets out of orders that no other step improves.
        """
        net, place = self.net, self.place
        if self.walled:
            self._place_groups()
        for at in reversed(range(len(layers))) if joined is net.below else range(len(layers)):
            items = layers[at]
            if joined is not None:
                for k in items:
                    if joined[k]:
                        place[k] = sum([place[j] for j in joined[k]]) / len(joined[k])
            if flip:
                items.reverse()
            if self.walled:
                items.sort(key=self._nested_key)
            else:
                items.sort(key=place.__getitem__)
            self._settle(items)

    def settle(self, layers: list[list[int]]) -> None:
        """Take the places from the order."""
        for items in layers:
            self._settle(items)

    def _settle(self, items: list[int]) -> None:
        """Items side by side, with the middle at 0."""
        before, after, place = self.net.before, self.net.after, self.place
        end = 0.0
        for k in items:
            end += before[k] + 5.0
            place[k] = end
            end += after[k] + 5.0
        for k in items:
            place[k] -= end / 2

    def _place_groups(self) -> None:
        net = self.net
        total, count = [0.0] * len(net.nested), [0] * len(net.nested)
        for k, kind in enumerate(net.kind):
            if kind <= Item.LABEL:
                for g in net.around(net.group[k]):
                    total[g] += self.place[k]
                    count[g] += 1
        self.group_place = [t / max(c, 1) for t, c in zip(total, count)]

    def _nested_key(self, k: int) -> tuple[tuple[float, int], ...]:
        net = self.net
        kind = net.kind[k]
        own = float("-inf") if kind == Item.LOW else float("inf") if kind == Item.HIGH else self.place[k]
        around = net.around(net.group[k])
        return (*[(self.group_place[g], g) for g in around], (own, len(net.nested)))


def _exchange(net: Net, layers: list[list[int]], flip: bool) -> None:
    """Exchange neighbours in a layer as long as that removes crossings, with `flip` also where it moves one."""
    place = [0] * len(net.layer)
    for items in layers:
        for p, k in enumerate(items):
            place[k] = p
    for turn in range(4):
        better = False
        for items in layers:
            for p in range(len(items) - 1):
                a, b = items[p], items[p + 1]
                if net.group[a] != net.group[b] or net.kind[a] > Item.DUMMY or net.kind[b] > Item.DUMMY:
                    continue
                now = then = 0
                for side in (net.above, net.below):
                    for i in side[a]:
                        for j in side[b]:
                            now += place[i] > place[j]
                            then += place[i] < place[j]
                if then < now or (flip and turn < 2 and now == then > 0):
                    items[p], items[p + 1] = b, a
                    place[a], place[b] = p + 1, p
                    better = True
        if not better:
            break
