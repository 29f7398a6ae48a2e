"""The ways of edges that run beside the layers: out of a layer, along a channel between bands, into another layer."""

from __future__ import annotations

import dataclasses
import heapq

from .net import Net

_TRACK, _MOST = 4.0, 120.0
"""Between two tracks of a channel, and all of them together."""


@dataclasses.dataclass(slots=True)
class Ways:
    """The ways of edges in two pieces; edges of one source share their way as far as it is the same.

    `exits[k]` are the sources that leave layer k for a channel, `entries[k]` those whose edges come into it.
    Channel c is above band c, the last one below the last band.
    """

    net: Net
    band: list[int]
    channel: dict[int, int] = dataclasses.field(default_factory=dict)
    """For an edge within its band, which channel it takes."""
    exits: dict[int, list[int]] = dataclasses.field(default_factory=dict)
    entries: dict[int, list[int]] = dataclasses.field(default_factory=dict)
    tracks: dict[tuple[int, int], int] = dataclasses.field(default_factory=dict)
    sides: dict[int, int] = dataclasses.field(default_factory=dict)
    """The track of (channel, source), and the one beside all bands of a source."""
    heights: list[float] = dataclasses.field(default_factory=list)
    """How wide the channels are across."""
    steps: list[float] = dataclasses.field(default_factory=list)
    """How far apart their tracks are."""

    def collect(self, place: list[float]) -> None:
        """Find who leaves and enters where. `place` is across, each band's middle at 0."""
        leave: dict[int, set[int]] = {}
        enter: dict[int, set[int]] = {}
        for e, pieces in enumerate(self.net.paths):
            if len(pieces) == 2:
                source, target = pieces[0][0], pieces[1][0]
                leave.setdefault(self.net.layer[source], set()).add(source)
                enter.setdefault(self.net.layer[target], set()).add(source)
                a, b = self._bands(e)
                above = place[source] + place[target] < 0
                self.channel[e] = a + 1 if a < b or not above else a
        self.exits = {k: sorted(sources, key=lambda u: (place[u], u)) for k, sources in leave.items()}
        self.entries = {k: sorted(sources, key=lambda u: (place[u], u)) for k, sources in enter.items()}

    def assign(self, out: dict[tuple[int, int], float], into: dict[tuple[int, int], float], channels: int) -> None:
        """Give every way its tracks; `out` and `into` say where along (layer, source) leaves and enters."""
        runs: list[dict[int, tuple[float, float]]] = [{} for _ in range(channels)]
        sides: dict[int, tuple[float, float]] = {}
        for e, pieces in enumerate(self.net.paths):
            if len(pieces) == 1:
                continue
            source, target = pieces[0][0], pieces[1][0]
            x, y = out[self.net.layer[source], source], into[self.net.layer[target], source]
            (a, b), c = self._bands(e), self.channel[e]
            if b > a + 1:
                _extend(runs[c], source, 0.0, x)
                _extend(runs[b], source, 0.0, y)
                _extend(sides, source, c, b)
            else:
                _extend(runs[c], source, min(x, y), max(x, y))
        for c, run in enumerate(runs):
            tracks = _tracks(run)
            count = max(tracks.values(), default=-1) + 1
            self.tracks |= {(c, source): track for source, track in tracks.items()}
            inside = 0 < c < channels - 1
            self.steps.append(_step(tracks))
            self.heights.append((self.steps[-1] * count + 16.0) * (count > 0) + 12.0 * inside)
        self.sides = _tracks(sides)

    def points(
        self, e: int, out: dict[tuple[int, int], float], into: dict[tuple[int, int], float], tops: list[float]
    ) -> list[tuple[float, float]]:
        """The corners of the way of edge e, without the places on the level of its ends."""
        source, target = self.net.paths[e][0][0], self.net.paths[e][1][0]
        x, y = out[self.net.layer[source], source], into[self.net.layer[target], source]
        (a, b), c = self._bands(e), self.channel[e]
        level = self._level(c, source, tops)
        if b <= a + 1:
            return [(x, level), (y, level)]
        side, last = -12.0 - self.sides[source] * _step(self.sides), self._level(b, source, tops)
        return [(x, level), (side, level), (side, last), (y, last)]

    def _bands(self, e: int) -> tuple[int, int]:
        pieces = self.net.paths[e]
        return self.band[self.net.layer[pieces[0][0]]], self.band[self.net.layer[pieces[1][0]]]

    def _level(self, c: int, source: int, tops: list[float]) -> float:
        return tops[c] + 8.0 + self.tracks[c, source] * self.steps[c]


def _extend(runs: dict[int, tuple[float, float]], source: int, low: float, high: float) -> None:
    first, last = runs.get(source, (low, high))
    runs[source] = (min(first, low), max(last, high))


def _tracks(runs: dict[int, tuple[float, float]]) -> dict[int, int]:
    """A track for each run, so that no two on the same one overlap: the lowest free, from the left."""
    tracks: dict[int, int] = {}
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    for source, (low, high) in sorted(runs.items(), key=lambda run: (run[1], run[0])):
        while busy and busy[0][0] + _TRACK < low:
            heapq.heappush(free, heapq.heappop(busy)[1])
        track = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (high, track))
        tracks[source] = track
    return tracks


def _step(tracks: dict[int, int]) -> float:
    """How far apart the tracks are."""
    return min(_TRACK, _MOST / (1 + max(tracks.values(), default=0)))
