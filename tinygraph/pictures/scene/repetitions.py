"""Equal sub-graphs in a row, found as groups; and which group each value belongs to."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from .order import in_order
from .parts import Group

LONGEST_PERIOD = 64
"""Operations (or modules) of a sub-graph that is looked for in a row."""
FEWEST_COPIES, FEWEST_HIDDEN = 3, 4
"""A repetition is folded from so many copies on, if that hides so many operations."""


@dataclasses.dataclass
class Sketch:
    """A graph as this file sees it, each value by its place in topological order.

    `inputs` are the places of what a value is made from. `made` is equal for equal operations, None for what is
    given; `seen` is equal for values that a sub-graph may read in each other's place: the text of a number, else the
    shape. `learned` says which are parameters, `home` is the id of the innermost group.
    """

    inputs: list[list[int]]
    made: list[int | None]
    seen: list[Any]
    learned: list[bool]
    home: list[str | None]


def repetitions(sketch: Sketch, groups: Sequence[Group]) -> tuple[list[Group], set[int]]:
    """Find sub-graphs that repeat in a row: `groups` with one more for each first copy and one for those that follow.

    `sketch.home` is set to them. Those of modules alone have the classes as label, others none.
    Sub-graphs are equal when their operations, settings, shapes, dtypes and the wiring inside are; which parameters
    they read does not count. Modules that stand in a row are compared as wholes. Second come the places of given
    values that the first copy reads where the next reads what the first made: they enter the row and are no part of
    a copy.
    """
    search = _Search(sketch, groups)
    for parent in [None, *[g.id for g in groups]]:
        search.within(parent)
    return search.result(), search.entering


class _Search:
    """The hunt for repetitions, one parent group after another."""

    def __init__(self, sketch: Sketch, groups: Sequence[Group]) -> None:
        self.sketch, self.inputs, self.groups = sketch, sketch.inputs, {g.id: g for g in groups}
        self.new: list[Group] = []
        self.entering: set[int] = set()
        self.children: dict[str | None, list[list[int]]] = {}  # by parent: items, each the operations it consists of
        item_of: dict[str, list[int]] = {}
        for k, made in enumerate(sketch.made):
            if made is None:
                continue
            inner, outer = None, sketch.home[k]
            self.children.setdefault(outer, []).append([k])
            while outer is not None:  # the module call is one item of the group around it
                inner, outer = outer, self.groups[outer].parent
                if inner not in item_of:
                    item_of[inner] = []
                    self.children.setdefault(outer, []).append(item_of[inner])
                item_of[inner].append(k)
        self.children = {parent: self._ordered(items) for parent, items in self.children.items()}
        self.module_of = {id(item): g for g, item in item_of.items()}
        self.codes: dict[Hashable, int] = {}

    def _ordered(self, items: list[list[int]]) -> list[list[int]]:
        """`items` with each after all that it reads, so that closing any run of them makes no cycle.

        The first operation of a module may stand before an item that a later operation of it reads.
        """
        if all(len(item) == 1 for item in items):
            return items
        at = {k: n for n, item in enumerate(items) for k in item}
        reads = [{at[s] for k in item for s in self.inputs[k] if s in at} - {n} for n, item in enumerate(items)]
        return [items[n] for n in in_order(reads)]

    def within(self, parent: str | None) -> None:
        """Find the repetitions among the items of one group."""
        items = self.children.get(parent, [])
        if len(items) < FEWEST_COPIES:
            return
        kinds = np.array([self._kind(item) for item in items])
        at = {k: n for n, item in enumerate(items) for k in item}
        taken = np.zeros(len(items), bool)
        sizes = np.cumsum([0, *map(len, items)])
        runs = []
        for period in range(1, min(LONGEST_PERIOD, len(items) // FEWEST_COPIES) + 1):
            same = kinds[:-period] == kinds[period:]
            edges = np.flatnonzero(np.diff(np.concatenate([[0], same.astype(np.int8), [0]])))
            for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
                copies = (end - start) // period + 1
                if copies >= FEWEST_COPIES:
                    hidden = int(sizes[start + copies * period] - sizes[start + period])
                    runs.append((-hidden, period, start, copies))
        for _, period, start, copies in sorted(runs):
            touched = taken[start : start + copies * period].reshape(copies, period).max(axis=1)
            skipped = int(np.argmin(touched))
            touched = touched[skipped:]
            start, copies = start + skipped * period, int(np.argmax(touched)) if touched.any() else len(touched)
            if copies < FEWEST_COPIES:
                continue
            copies = self._equal(items, at, period, start, copies)
            span = items[start + period : start + copies * period]
            if copies < FEWEST_COPIES or sum(map(len, span)) < FEWEST_HIDDEN:
                continue
            taken[start : start + copies * period] = True
            self._add(parent, items[start : start + period], span, copies)

    def _kind(self, item: Sequence[int]) -> int:
        """A number for what an item does, whatever comes in: equal for equal items."""
        made, seen = self.sketch.made, self.sketch.seen
        if len(item) == 1:
            [k] = item
            sign: tuple[Hashable, ...] = (made[k], *[seen[s] for s in self.inputs[k]])
        else:
            own = {k: n for n, k in enumerate(item)}
            sign = tuple([(made[k], *[own.get(s, seen[s]) for s in self.inputs[k]]) for k in item])
        return self.codes.setdefault(sign, len(self.codes))

    def _equal(self, items: list[list[int]], at: dict[int, int], period: int, start: int, copies: int) -> int:
        """How many copies are wired alike: inside each other the same, and from one copy to the next."""
        first, pattern = [self._wiring(items, at, period, start + c * period, start) for c in (0, 1)]
        if [_own(sources) for sources in first] != [_own(sources) for sources in pattern]:
            return 0
        for c in range(2, copies):
            if self._wiring(items, at, period, start + c * period, start) != pattern:
                return c
        return copies

    def _wiring(
        self, items: list[list[int]], at: dict[int, int], period: int, here: int, start: int
    ) -> list[list[Any]]:
        """For each item of a copy, where its operations' inputs come from, as seen from the copy.

        That is the number of the item, from 0 in the copy and below in the row before it, the place of what is made
        elsewhere, or None for what is given.
        """
        found = []
        for n in range(here, here + period):
            sources: list[Any] = []
            for k in items[n]:
                for s in self.inputs[k]:
                    if s in at and at[s] >= start:
                        sources.append(at[s] - here)
                    else:
                        sources.append(None if self.sketch.made[s] is None else ("far", s))
            found.append(sources)
        return found

    def _add(self, parent: str | None, first: list[list[int]], rest: list[list[int]], copies: int) -> None:
        modules = [self.module_of.get(id(item)) for item in first]
        second = rest[: len(first)]
        made = self.sketch.made
        for k, same in zip((k for item in first for k in item), (k for item in second for k in item), strict=True):
            for s, later in zip(self.inputs[k], self.inputs[same], strict=True):
                if made[later] is not None and made[s] is None:
                    self.entering.add(s)
        label = ", ".join([self.groups[m].label for m in modules if m is not None]) if all(modules) else ""
        for kind, part, count in (("copy", first, copies), ("repetition", rest, copies - 1)):
            operations = sum(map(len, part))
            group = Group(
                id=f"r{len(self.new) + 1}",
                kind=kind,  # type: ignore[arg-type]
                name="",
                label=label,
                parent=parent,
                operations=operations,
                copies=count,
            )
            self.new.append(group)
            for item in part:
                module = self.module_of.get(id(item))
                if module is not None:
                    self.groups[module] = self.groups[module]._replace(parent=group.id)
                else:
                    self.sketch.home[item[0]] = group.id

    def result(self) -> list[Group]:
        """All groups, parents first, under new ids g1, g2, ..., by which values know them."""
        every = {g.id: g for g in (*self.groups.values(), *self.new)}
        order: list[Group] = []
        seen: set[str] = set()
        for group in every.values():
            chain = []
            while group.id not in seen:
                seen.add(group.id)
                chain.append(group)
                if group.parent is None:
                    break
                group = every[group.parent]
            order += chain[::-1]
        ids = {g.id: f"g{n}" for n, g in enumerate(order, 1)}
        self.sketch.home = [ids[home] if home else None for home in self.sketch.home]
        return [g._replace(id=ids[g.id], parent=ids[g.parent] if g.parent else None) for g in order]


def _own(sources: list[Any]) -> list[int]:
    return [s for s in sources if type(s) is int and s >= 0]


def settle(sketch: Sketch, groups: Sequence[Group], entering: set[int]) -> list[Group]:
    """Count what groups hold, and put each parameter and number into the innermost group of all its readers.

    Those `entering` a row of copies stay outside the first.
    """
    chains: dict[str | None, list[str]] = {None: []}
    for group in groups:  # parents come first
        chains[group.id] = [*chains[group.parent], group.id]
    copies = {g.id for g in groups if g.kind == "copy"}
    homes: dict[int, list[str]] = {}
    for k, sources in enumerate(sketch.inputs):
        for s in sources:
            if sketch.made[s] is None and (sketch.learned[s] or isinstance(sketch.seen[s], str)):
                chain, home = chains[sketch.home[k]], homes.get(s)
                if s in entering:
                    chain = list(itertools.takewhile(lambda group: group not in copies, chain))
                homes[s] = chain if home is None else [a for a, b in zip(chain, home, strict=False) if a == b]
    operations: Counter[str | None] = Counter()
    parameters: Counter[str | None] = Counter()
    for s, home in homes.items():
        sketch.home[s] = home[-1] if home else sketch.home[s]
        if sketch.learned[s]:
            parameters.update(dict.fromkeys(home, int(np.prod(sketch.seen[s], dtype=np.int64))))
    for group_id, count in Counter(h for h, made in zip(sketch.home, sketch.made) if made is not None).items():
        operations.update(dict.fromkeys(chains[group_id], count))
    return [g._replace(operations=operations[g.id], parameters=parameters[g.id]) for g in groups]
