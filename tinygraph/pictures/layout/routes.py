"""From ordered and positioned items to the drawing: places along, channels, the routes of edges, cluster rectangles."""

from __future__ import annotations

from collections.abc import Sequence

from .channels import Ways
from .net import Item, Net, Size, bands

Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]

PAD = 8.0
"""Between a cluster's border and what is inside."""
_GAP = 18.0
"""Between layers, at least."""
_STEEP, _WIDEST = 0.35, 60.0
"""A gap is this part of how far its edges climb, up to the widest."""


class Drawing:
    """The finished geometry, in coordinates along and across; each band starts at 0 along."""

    def __init__(self, net: Net, layers: list[list[int]], place: list[float], titles: Sequence[Size]) -> None:
        """`titles[g]` is the room that a cluster's title needs along: (at its start, in all)."""
        self.net, self.layers, self.place, self.titles = net, layers, list(place), titles
        self.band = bands(range(len(layers)), net.starts)
        self.bands = [
            [k for at in range(start, end) for k in layers[at]]
            for start, end in zip(net.starts, [*net.starts[1:], len(layers)])
        ]
        for items in self.bands:
            low, high = self._reach(items)
            for k in items:
                self.place[k] -= (low + high) / 2
        self.ways = Ways(net, self.band)
        self.ways.collect(self.place)
        self._along()
        self._across()

    def _reach(self, items: Sequence[int]) -> tuple[float, float]:
        net, place = self.net, self.place
        low = min([place[k] - net.before[k] for k in items], default=0.0)
        return low, max([place[k] + net.after[k] for k in items], default=0.0)

    def _along(self) -> None:
        """Where each layer starts and how long it is, and where edges to and from channels leave the layers."""
        net, ways = self.net, self.ways
        self.length = [max([net.along[k] for k in items], default=0.0) for items in self.layers]
        for (g, _), walls in net.walls.items():
            first, last = net.layer[walls[0][0]], net.layer[walls[-1][0]]
            self.length[last] += max(0.0, self.titles[g][1] - sum(self.length[first : last + 1]))
        opens, closes = [0.0] * len(self.layers), [0.0] * len(self.layers)
        for (g, band), walls in net.walls.items():
            ends = [(h, net.walls[h, band]) for h in net.around(g)]
            first, last = net.layer[walls[0][0]], net.layer[walls[-1][0]]
            here = [PAD + self.titles[h][0] for h, outer in ends if net.layer[outer[0][0]] == first]
            opens[first] = max(opens[first], sum(here))
            closes[last] = max(closes[last], PAD * sum([net.layer[outer[-1][0]] == last for _, outer in ends]))
        self.start = [0.0] * len(self.layers)
        self.out: dict[tuple[int, int], float] = {}
        self.into: dict[tuple[int, int], float] = {}
        end = 0.0
        for at, items in enumerate(self.layers):
            if at in net.starts:
                end = 0.0
                climb = 0.0
            else:
                climb = max([abs(self.place[k] - self.place[j]) for k in items for j in net.above[k]], default=0.0)
            entries = ways.entries.get(at, [])
            end += max(_GAP, min(_STEEP * climb, _WIDEST))
            step = _column(len(entries))
            for turn, source in enumerate(entries):
                self.into[at, source] = end + step * turn
            end += step * len(entries) + opens[at]
            self.start[at] = end
            end += self.length[at] + closes[at]
            exits = ways.exits.get(at, [])
            step = _column(len(exits))
            for turn, source in enumerate(exits):
                self.out[at, source] = end + step * (turn + 1)
            end += step * len(exits)

    def _across(self) -> None:
        """Set the bands below each other, with the channels between."""
        self.ways.assign(self.out, self.into, len(self.bands) + 1)
        self.tops, end = [], 0.0
        for items, channel in zip(self.bands, self.ways.heights):
            self.tops.append(end)
            end += channel
            low, high = self._reach(items)
            for k in items:
                self.place[k] += end - low
            end += high - low
        self.tops.append(end)

    def centre(self, k: int) -> Point:
        """The middle of item k; of a label that of its line."""
        at = self.net.layer[k]
        return self.start[at] + self.length[at] / 2, self.place[k]

    def routes(self) -> list[list[Point]]:
        """For each edge the points from border to border: level through a layer, in channels with corners."""
        ports = self._ports()
        return [self._route(e, port) for e, port in enumerate(ports)]

    def _route(self, e: int, port: float) -> list[Point]:
        net, pieces = self.net, self.net.paths[e]
        source, target = pieces[0][0], pieces[-1][-1]
        x, y = self.centre(source)
        points = [(x + net.along[source] / 2, y), (self._end(source), y)]
        for turn, piece in enumerate(pieces):
            if turn:
                corners = self.ways.points(e, self.out, self.into, self.tops)
                level = self.place[piece[0]] + (port if piece[0] == target else 0.0)
                points += [(corners[0][0], y), *corners, (corners[-1][0], level)]
            for k in piece:
                if k not in (source, target):
                    points += [(self.start[net.layer[k]], self.place[k]), (self._end(k), self.place[k])]
        x, y = self.centre(target)
        points += [(self.start[net.layer[target]], y + port), (x - net.along[target] / 2, y + port)]
        return _straight(points)

    def _end(self, k: int) -> float:
        at = self.net.layer[k]
        return self.start[at] + self.length[at]

    def _ports(self) -> list[float]:
        """How far from the middle of its target each edge arrives: a straight one in the middle, others beside."""
        net = self.net
        arrivals: list[list[tuple[float, int]]] = [[] for _ in net.layer]
        for e, pieces in enumerate(net.paths):
            before = [k for piece in pieces for k in piece][-2]
            if len(pieces) == 2 and len(pieces[1]) == 1:
                below = self.ways.channel[e] > self.band[net.layer[pieces[1][0]]]
                level = float("inf") if below else float("-inf")
            else:
                level = self.place[before]
            arrivals[pieces[-1][-1]].append((level, e))
        ports = [0.0] * len(net.paths)
        for target, edges in enumerate(arrivals):
            if len(edges) < 2:
                continue
            edges.sort()
            straight = [turn for turn, (level, _) in enumerate(edges) if abs(level - self.place[target]) < 0.5]
            middle = straight[len(straight) // 2] if straight else (len(edges) - 1) / 2
            most = max(middle, len(edges) - 1 - middle)
            step = min(6.0, 0.4 * net.before[target] / most)
            for turn, (_, e) in enumerate(edges):
                ports[e] = step * (turn - middle)
        return ports

    def rectangles(self, groups: int) -> list[list[Rectangle]]:
        """For each cluster, (low along, low across, high along, high across) in each band where it has items."""
        net = self.net
        reach: dict[tuple[int, int], tuple[float, float]] = {}

        def extend(around: Sequence[int], band: int, low: float, high: float) -> None:
            if around:
                first, last = reach.get((around[-1], band), (low, high))
                reach[around[-1], band] = min(first, low), max(last, high)

        for k, kind in enumerate(net.kind):
            if kind <= Item.LABEL:
                x, half = self.centre(k)[0], net.along[k] / 2
                extend(net.around(net.group[k]), self.band[net.layer[k]], x - half, x + half)
        result: list[list[Rectangle]] = [[] for _ in range(groups)]
        for (g, band), walls in sorted(net.walls.items(), key=lambda wall: -len(net.nested[wall[0][0]])):
            start, whole = self.titles[g]
            low, high = reach[g, band]
            low, high = low - PAD - start, high + PAD
            high = max(high, min(low + whole, self._end(walls[-1][0])))
            low = min(low, high - whole)
            extend(net.nested[g][:-1], band, low, high)
            result[g].append((low, self.place[walls[0][0]], high, self.place[walls[0][1]]))
        return [sorted(rectangles, key=lambda r: r[1]) for rectangles in result]


def _column(count: int) -> float:
    """Between two edges that turn into a channel beside the same layer."""
    return min(5.0, 30.0 / max(count, 1))


def _straight(points: list[Point]) -> list[Point]:
    """Without points between two others on one level, and without repeated ones."""
    result: list[Point] = []
    for p in points:
        if result and abs(p[0] - result[-1][0]) < 1e-6 and abs(p[1] - result[-1][1]) < 1e-6:
            continue
        if len(result) > 1 and abs(result[-1][1] - p[1]) < 1e-6 and abs(result[-2][1] - p[1]) < 1e-6:
            result.pop()
        result.append(p)
    return result
