"""Which values of two graphs are the same: by what makes them, what reads them, and what they are called."""

from __future__ import annotations

import graphlib
import heapq
import re
from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from ..scene.parts import Arrow, Box

_MOST_EDITS = 400
"""Operations put in or left out up to which the rest of both graphs is aligned."""
_NUMBERED = re.compile("[₀₁₂₃₄₅₆₇₈₉]+$")

_Label = Callable[[Box], Hashable]


def own_name(box: Box) -> str:
    """The name that a value has of its own, "" where it is called by its step; of a constant the number.

    Numbers that tell values of one name apart depend on how many there are, and are no part of it.
    """
    name = _NUMBERED.sub("", box.name)
    return "" if box.made and name.lstrip("d") == "v" else name


def _exact(box: Box) -> Hashable:
    return _loose(box), own_name(box), box.attributes, box.shape, box.dtype


def _loose(box: Box) -> Hashable:
    """A key of a value that stays the same when shapes, dtypes, settings and numbers change."""
    return _sort(box) if box.made or box.kind == "constant" else (_sort(box), own_name(box))


def _sort(box: Box) -> Hashable:
    """A key that two values must share to be the same one: of one operation, or both given."""
    return (box.op, box.phase) if box.made else ("constant" if box.kind == "constant" else "given", box.phase)


class Wiring:
    """How boxes are joined, by their places: the sources of each, in order, and its readers with the position there."""

    def __init__(self, boxes: Sequence[Box], arrows: Sequence[Arrow]) -> None:
        self.boxes = boxes
        place = {box.id: k for k, box in enumerate(boxes)}
        self.sources: list[list[int]] = [[] for _ in boxes]
        self.readers: list[list[tuple[int, int]]] = [[] for _ in boxes]
        for arrow in arrows:
            if not arrow.pairs:
                source, target = place[arrow.source], place[arrow.target]
                self.readers[source].append((target, len(self.sources[target])))
                self.sources[target].append(source)
        self.order = list(graphlib.TopologicalSorter(dict(enumerate(self.sources))).static_order())


class _Codes(dict[Any, int]):
    """Numbers its keys, equal ones alike: what a hash does, without collisions."""

    def __missing__(self, key: Any) -> int:
        self[key] = len(self)
        return self[key]

    def made_of(self, graph: Wiring, label: _Label) -> list[int]:
        """A number for each value, equal where the whole sub-graphs that make two values are equal."""
        found = [0] * len(graph.boxes)
        for k in graph.order:
            found[k] = self["up", label(graph.boxes[k]), tuple([found[s] for s in graph.sources[k]])]
        return found

    def read_by(self, graph: Wiring, label: _Label) -> list[int]:
        """A number for each value, equal where all that is computed from two values has the same structure."""
        found = [0] * len(graph.boxes)
        for k in reversed(graph.order):
            readers = sorted([(found[r], position) for r, position in graph.readers[k]])
            found[k] = self["down", label(graph.boxes[k]), tuple(readers)]
        return found

    def around(self, graph: Wiring, label: _Label, radius: int) -> list[int]:
        """A number for each value, equal where its surroundings are, up to `radius` arrows (Weisfeiler and Leman)."""
        found = [self["here", label(box)] for box in graph.boxes]
        for _ in range(radius):
            found = [
                self[
                    "around", found[k], tuple([found[s] for s in graph.sources[k]]),
                    tuple(sorted([(found[r], position) for r, position in graph.readers[k]])),
                ]
                for k in range(len(found))
            ]  # fmt: skip
        return found


def match(a: Wiring, b: Wiring) -> list[int | None]:
    """Find for each place in `a` the place of the same value in `b`, None where there is none.

    First come values whose whole sub-graphs are equal, then those that are read alike, those whose names or
    surroundings are equal and the only ones, and those next to what is matched; last the rest in the order of the
    graphs, with the fewest put in or left out. Both graphs laid on each other there have no cycles. Takes time in
    proportion to the graphs' sizes, but for sorting.
    """
    codes, match = _Codes(), _Match(a, b)
    up = [codes.made_of(g, _exact) for g in (a, b)]
    down = [codes.read_by(g, _exact) for g in (a, b)]
    match.add_equal([list(zip(*both, strict=True)) for both in zip(up, down, strict=True)])
    match.add_equal(up)
    match.add_equal([codes.made_of(g, _loose) for g in (a, b)])
    certain = {k for k, there in enumerate(match.there) if there is not None}
    match.add_equal([codes.read_by(g, _loose) for g in (a, b)])
    match.add_equal([[own_name(box) and (_sort(box), own_name(box)) for box in g.boxes] for g in (a, b)], alone=True)
    match.add_equal([codes.around(g, _loose, 3) for g in (a, b)], alone=True)
    match.add_neighbours()
    match.add_aligned()
    match.add_neighbours()
    return match.without_cycles(certain)


class _Match:
    """The matches found so far: `there` has the places in `b` of those of `a`, `back` the other way round."""

    def __init__(self, a: Wiring, b: Wiring) -> None:
        self.a, self.b = a, b
        self.there: list[int | None] = [None] * len(a.boxes)
        self.back: list[int | None] = [None] * len(b.boxes)

    def add_equal(self, keys: Sequence[Sequence[Any]], alone: bool = False) -> None:
        """Match what has equal keys, the first with the first; if `alone`, only where no other has that key, not ""."""
        a, b = keys
        waiting: dict[Any, deque[int]] = {}
        for k, key in enumerate(b):
            if self.back[k] is None:
                waiting.setdefault(key, deque()).append(k)
        counts = Counter([key for k, key in enumerate(a) if self.there[k] is None]) if alone else {}
        for k, key in enumerate(a):
            there = waiting.get(key)
            if self.there[k] is None and there and not (alone and (not key or counts[key] > 1 or len(there) > 1)):
                self._add(k, there.popleft())

    def add_aligned(self) -> None:
        """Match operations in the order of both graphs, those before and after each other as they are."""
        left, right = (
            [k for k, there in enumerate(found) if there is None and g.boxes[k].made]
            for found, g in ((self.there, self.a), (self.back, self.b))
        )
        sorts = [[_sort(g.boxes[k]) for k in places] for g, places in ((self.a, left), (self.b, right))]
        for n, m in _align(*sorts):
            self._add(left[n], right[m])

    def add_neighbours(self) -> None:
        """Match inputs at the same position, and readers at the same position, of what is matched."""
        queue = deque([(k, there) for k, there in enumerate(self.there) if there is not None])
        while queue:
            k, there = queue.popleft()
            neighbours = list(zip(self.a.sources[k], self.b.sources[there], strict=False))
            waiting: dict[Any, deque[int]] = {}
            for reader, position in self.b.readers[there]:
                if self.back[reader] is None:
                    waiting.setdefault((_sort(self.b.boxes[reader]), position), deque()).append(reader)
            for reader, position in self.a.readers[k]:
                alike = waiting.get((_sort(self.a.boxes[reader]), position))
                if self.there[reader] is None and alike:
                    neighbours.append((reader, alike.popleft()))
            for near, far in neighbours:
                free = self.there[near] is None and self.back[far] is None
                if free and _sort(self.a.boxes[near]) == _sort(self.b.boxes[far]):
                    self._add(near, far)
                    queue.append((near, far))

    def _add(self, k: int, there: int) -> None:
        self.there[k], self.back[there] = there, k

    def without_cycles(self, certain: set[int]) -> list[int | None]:
        """Take back matches on cycles of both graphs together, except those that cannot make any.

        What has equal sub-graphs is such: along any path the sub-graphs grow.
        """
        ahead, _ = merge(self.a, self.b, self.there)
        behind: list[list[int]] = [[] for _ in ahead]
        for k, targets in enumerate(ahead):
            for target in targets:
                behind[target].append(k)
        for k in _core(ahead, behind):
            if k < len(self.there) and k not in certain and self.a.sources[k]:
                self.there[k] = None
        return self.there


def merge(a: Wiring, b: Wiring, there: Sequence[int | None]) -> tuple[list[list[int]], list[int]]:
    """Lay both graphs on each other: what reads each value, by number, and for each place of `b` its number.

    Numbers are the places in `a`, and beyond them those of the rest of `b`.
    """
    number = [len(a.boxes) + k for k in range(len(b.boxes))]
    for k, place in enumerate(there):
        if place is not None:
            number[place] = k
    ahead: list[list[int]] = [[] for _ in range(len(a.boxes) + len(b.boxes))]
    for k, readers in enumerate(a.readers):
        ahead[k] += [reader for reader, _ in readers]
    for k, readers in enumerate(b.readers):
        ahead[number[k]] += [number[reader] for reader, _ in readers]
    return ahead, number


def _align(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pair the places of equal elements in the same order, as many as there can be; [] if too many are left over.

    E. W. Myers, "An O(ND) difference algorithm and its variations", Algorithmica 1 (1986), the greedy algorithm.

    >>> _align("abcd", "axcd")
    [(0, 0), (2, 2), (3, 3)]
    """
    reached = {1: 0}  # by the diagonal: how far in `a`
    history: list[dict[int, int]] = []
    for edits in range(min(len(a) + len(b), _MOST_EDITS) + 1):
        history.append(dict(reached))
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1])
            x = reached[diagonal + 1] if down else reached[diagonal - 1] + 1
            while x < len(a) and x - diagonal < len(b) and a[x] == b[x - diagonal]:
                x += 1
            reached[diagonal] = x
            if x >= len(a) and x - diagonal >= len(b):
                return _trace_back(history, x, diagonal)
    return []


def _trace_back(history: list[dict[int, int]], x: int, diagonal: int) -> list[tuple[int, int]]:
    """The pairs of equal elements, found on the way back from the end."""
    pairs = []
    for edits in range(len(history) - 1, -1, -1):
        reached = history[edits]
        down = diagonal == -edits or (diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1])
        before = diagonal + 1 if down else diagonal - 1
        start = (reached[before] if down else reached[before] + 1) if edits else 0
        while x > start:
            x -= 1
            pairs.append((x, x - diagonal))
        x, diagonal = reached[before], before
    return pairs[::-1]


def _core(ahead: list[list[int]], behind: list[list[int]]) -> set[int]:
    """The places on cycles, and between cycles: what is left when ends without predecessor or successor are cut off."""
    left = set(range(len(ahead)))
    for before, after in ((behind, ahead), (ahead, behind)):
        count = {k: sum(n in left for n in before[k]) for k in left}
        ready = [k for k in left if count[k] == 0]
        while ready:
            k = ready.pop()
            left.discard(k)
            for n in after[k]:
                if n in left:
                    count[n] -= 1
                    if count[n] == 0:
                        ready.append(n)
    return left


def in_order(ahead: list[list[int]], rank: Sequence[tuple[int, int]], places: Sequence[int]) -> list[int]:
    """Sort `places` so that each stands after what it is made of, and else by its rank."""
    count = dict.fromkeys(places, 0)
    for k in places:
        for n in ahead[k]:
            count[n] += 1
    ready = [(rank[k], k) for k in places if count[k] == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        _, k = heapq.heappop(ready)
        order.append(k)
        for n in ahead[k]:
            count[n] -= 1
            if count[n] == 0:
                heapq.heappush(ready, (rank[n], n))
    return order
