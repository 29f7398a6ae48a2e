"""Where across the layers each item stands: long chains straight, neighbours apart, clusters with room of their own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from .net import Item, Net

_APART = {True: 10.0, False: 5.0}
"""Room between two items, and beside a dummy."""
_MANY = 3_000


def positions(net: Net, layers: list[list[int]], widths: Sequence[float]) -> list[float]:
    """The place of each item on the axis across; each cluster g has at least `widths[g]` between its walls.

    Items joined in one straight line are a block, which moves as one. The blocks are pulled to their neighbours
    and pushed apart, both ways, and the mean of two arrangements without overlaps is one without overlaps.
    """
    block = _blocks(net, layers)
    count = max(block, default=-1) + 1
    apart: dict[tuple[int, int], float] = {}
    for items in layers:
        for i, j in pairwise(items):
            key = block[i], block[j]
            apart[key] = max(apart.get(key, 0.0), net.after[i] + _room(net, i, j) + net.before[j])
    for (g, _), walls in net.walls.items():
        key = block[walls[0][0]], block[walls[0][1]]
        apart[key] = max(apart.get(key, 0.0), widths[g])
    solver = _Solver(count, apart, _pulls(net, block, count), _walls(net, block, count))
    solver.start(_packed_places(net, layers, block, count))
    for _ in range(8 if count > _MANY else 30):
        solver.pull()
    for _ in range(3 if count > _MANY else 8):
        solver.tighten()
    return [solver.place[b] for b in block]


def _room(net: Net, i: int, j: int) -> float:
    if net.kind[i] == Item.LOW or net.kind[j] == Item.HIGH:
        return 0.0  # a wall's own room is what it needs inside
    return _APART[net.kind[i] != Item.DUMMY and net.kind[j] != Item.DUMMY]


def _blocks(net: Net, layers: list[list[int]]) -> list[int]:
    """The block of each item: walls of one cluster, and items along the longest paths as far as nothing crosses."""
    place = [0] * len(net.layer)
    for items in layers:
        for p, k in enumerate(items):
            place[k] = p
    follows, follower = [-1] * len(place), [-1] * len(place)
    accepted: list[list[tuple[int, int]]] = [[] for _ in layers]
    for walls in net.walls.values():
        for side in (0, 1):
            for i, j in pairwise([wall[side] for wall in walls]):
                follows[j], follower[i] = i, j
                accepted[net.layer[i]].append((place[i], place[j]))
    for pairs in accepted:
        pairs.sort()
    joins = [
        (-net.depth[i] - net.height[j], (net.kind[i] != Item.DUMMY) + (net.kind[j] != Item.DUMMY), i, j)
        for i, below in enumerate(net.below)
        for j in below
    ]
    joins.sort()
    for _, _, i, j in joins:
        if follower[i] >= 0 or follows[j] >= 0:
            continue
        pairs, pair = accepted[net.layer[i]], (place[i], place[j])
        at = bisect_left(pairs, pair)
        if (at == 0 or pairs[at - 1][1] < pair[1]) and (at == len(pairs) or pairs[at][1] > pair[1]):
            pairs.insert(at, pair)
            follower[i], follows[j] = j, i
    block, count = [0] * len(place), 0
    for items in layers:
        for k in items:
            if follows[k] >= 0:
                block[k] = block[follows[k]]
            else:
                block[k] = count
                count += 1
    return block


def _pulls(net: Net, block: list[int], count: int) -> list[list[tuple[int, float]]]:
    """The blocks that each is joined with, and how strongly."""
    weights: dict[tuple[int, int], float] = {}
    for i, below in enumerate(net.below):
        for j in below:
            a, b = block[i], block[j]
            if a != b:
                key = min(a, b), max(a, b)
                weights[key] = weights.get(key, 0.0) + 1.0
    pulls: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for (a, b), weight in weights.items():
        pulls[a].append((b, weight))
        pulls[b].append((a, weight))
    return pulls


def _walls(net: Net, block: list[int], count: int) -> list[int]:
    """-1 for a block of low walls, 1 for one of high walls, 0 else."""
    wall = [0] * count
    for walls in net.walls.values():
        wall[block[walls[0][0]]], wall[block[walls[0][1]]] = -1, 1
    return wall


def _packed_places(net: Net, layers: list[list[int]], block: list[int], count: int) -> list[float]:
    """The mean place of each block's items when the layers are packed and centred."""
    total, items_of = [0.0] * count, [0] * count
    for items in layers:
        length = sum([net.before[k] + net.after[k] + 10.0 for k in items])
        end = -length / 2
        for k in items:
            end += net.before[k] + 5.0
            total[block[k]] += end
            items_of[block[k]] += 1
            end += net.after[k] + 5.0
    return [t / n for t, n in zip(total, items_of)]


class _Solver:
    """Blocks on a line, some of which must stand at a distance from others."""

    def __init__(
        self, count: int, apart: dict[tuple[int, int], float], pulls: list[list[tuple[int, float]]], wall: list[int]
    ) -> None:
        self.pulls, self.wall = pulls, wall
        self.weight = [sum([w for _, w in pull]) for pull in pulls]
        self.left: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        self.right: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        for (a, b), room in apart.items():
            self.right[a].append((b, room))
            self.left[b].append((a, room))
        missing = [len(x) for x in self.left]
        self.order = [b for b in range(count) if not missing[b]]
        for a in self.order:  # grows while it is read
            for b, _ in self.right[a]:
                missing[b] -= 1
                if not missing[b]:
                    self.order.append(b)
        self.place = [0.0] * count

    def start(self, wanted: list[float]) -> None:
        """Stand as near to the wanted places as the distances allow."""
        self._hug(wanted)
        low, high = list(wanted), list(wanted)
        for b in self.order:
            x = low[b]
            for a, room in self.left[b]:
                if low[a] + room > x:
                    x = low[a] + room
            low[b] = x
        for a in reversed(self.order):
            x = high[a]
            for b, room in self.right[a]:
                if high[b] - room < x:
                    x = high[b] - room
            high[a] = x
        self.place = [(x + y) / 2 for x, y in zip(low, high)]

    def pull(self) -> None:
        """Move to the mean of what each is joined with, then apart again."""
        self.start([self._mean(b) for b in range(len(self.place))])

    def tighten(self) -> None:
        """Move to that mean as far as there is room, from either side."""
        for order in (self.order, reversed(self.order)):
            place = self.place
            for b in order:
                low = max([place[a] + room for a, room in self.left[b]], default=float("-inf"))
                high = min([place[a] - room for a, room in self.right[b]], default=float("inf"))
                wanted = self._mean(b) if not self.wall[b] else high if self.wall[b] < 0 else low
                place[b] = min(max(wanted, low), max(low, high))

    def _mean(self, b: int) -> float:
        place = self.place
        if not self.pulls[b]:
            return place[b]
        return sum([weight * place[a] for a, weight in self.pulls[b]]) / self.weight[b]

    def _hug(self, wanted: list[float]) -> None:
        """Move the places wanted for walls close to what is inside them."""
        if not any(self.wall):
            return
        for a in reversed(self.order):
            if self.wall[a] < 0:
                wanted[a] = min([wanted[b] - room for b, room in self.right[a] if self.wall[b] <= 0], default=wanted[a])
        for b in self.order:
            if self.wall[b] > 0:
                wanted[b] = max([wanted[a] + room for a, room in self.left[b] if self.wall[a] >= 0], default=wanted[b])
