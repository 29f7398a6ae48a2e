"""What is folded away: equal sub-graphs in a row and modules found as groups, and the picture with groups closed."""

from __future__ import annotations

import dataclasses
import fnmatch
import graphlib
import heapq
import itertools
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np

from .model import Arrow, Box, Group

Choice = str | Sequence[str] | Callable[[Group], bool]
"""Which groups: a glob on their names, several, or a function that says so."""

LONGEST_PERIOD = 64
"""Operations (or modules) of a sub-graph that is looked for in a row."""
FEWEST_COPIES, FEWEST_HIDDEN = 3, 4
"""A repetition is folded from so many copies on, if that hides so many operations."""


def chosen(choice: Choice, group: Group) -> bool:
    """Whether `choice` names `group`: by its name, its label, or both as `name:label`.

    >>> chosen("layers.*", Group("g1", "module", "layers.0", "Linear"))
    True
    """
    if callable(choice):
        return bool(choice(group))
    globs = [choice] if isinstance(choice, str) else choice
    names = (group.name, group.label, f"{group.name}:{group.label}")
    return any(fnmatch.fnmatchcase(name, glob) for glob in globs for name in names if name)


# ------------------------------------------------------------------------------- equal sub-graphs in a row


def repetitions(
    boxes: Sequence[Box], arrows: Sequence[Arrow], groups: Sequence[Group]
) -> tuple[list[Box], list[Group], set[str]]:
    """Boxes and groups with one more group for each first copy and for the copies that follow it.

    Sub-graphs are equal when their operations, settings, shapes, dtypes and the wiring inside are; which parameters
    they read does not count. Modules that stand in a row are compared as wholes. Third come the ids of given values
    that the first copy reads where the next reads what the first made: they enter the row and are no part of a copy.
    """
    search = _Search(boxes, arrows, groups)
    for parent in [None, *[g.id for g in groups]]:
        search.within(parent)
    return (*search.result(), search.entering)


def _in_order(reads: Sequence[set[int]]) -> Sequence[int]:
    """Places 0, 1, ... such that each stands after those that it reads, and otherwise as they are.

    >>> _in_order([{2}, set(), set()])
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


class _Search:
    """The hunt for repetitions, one parent group after another."""

    def __init__(self, boxes: Sequence[Box], arrows: Sequence[Arrow], groups: Sequence[Group]) -> None:
        self.boxes, self.groups = list(boxes), list(groups)
        self.new: list[Group] = []
        self.entering: set[str] = set()
        self.place = {box.id: k for k, box in enumerate(boxes)}
        self.inputs: list[list[int]] = [[] for _ in boxes]
        for arrow in arrows:
            self.inputs[self.place[arrow.target]].append(self.place[arrow.source])
        self.above = {g.id: g.parent for g in groups}
        self.children: dict[str | None, list[list[int]]] = {}  # by parent: items, each the operations it consists of
        item_of: dict[str, list[int]] = {}
        for k, box in enumerate(boxes):
            if not box.made:
                continue
            inner, outer = None, box.group
            self.children.setdefault(outer, []).append([k])
            while outer is not None:  # the module call is one item of the group around it
                inner, outer = outer, self.above[outer]
                if inner not in item_of:
                    item_of[inner] = []
                    self.children.setdefault(outer, []).append(item_of[inner])
                item_of[inner].append(k)
        self.children = {parent: self._ordered(items) for parent, items in self.children.items()}
        self.module_of = {id(item): g for g, item in item_of.items()}
        self.codes: dict[Any, int] = {}

    def _ordered(self, items: list[list[int]]) -> list[list[int]]:
        """`items` with each after all that it reads, so that closing any run of them makes no cycle.

        The first operation of a module may stand before an item that a later operation of it reads.
        """
        at = {k: n for n, item in enumerate(items) for k in item}
        reads = [{at[s] for k in item for s in self.inputs[k] if s in at} - {n} for n, item in enumerate(items)]
        return [items[n] for n in _in_order(reads)]

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
            while copies >= FEWEST_COPIES and taken[start : start + period].any():
                start, copies = start + period, copies - 1
            if taken[start : start + copies * period].any():
                copies = int(np.argmax(taken[start:])) // period
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
        own = {k: n for n, k in enumerate(item)}
        parts = []
        for k in item:
            box = self.boxes[k]
            wiring = [("own", own[s]) if s in own else self._given(s) for s in self.inputs[k]]
            parts.append((box.op, box.attributes, box.shape, box.dtype, tuple(wiring)))
        return self.codes.setdefault((len(item) > 1, tuple(parts)), len(self.codes))

    def _given(self, k: int) -> tuple[str, Any]:
        box = self.boxes[k]
        return ("number", box.name) if box.kind == "constant" else ("value", box.shape)

    def _equal(self, items: list[list[int]], at: dict[int, int], period: int, start: int, copies: int) -> int:
        """How many copies are wired alike: inside each other the same, and from one copy to the next."""
        wiring = [self._wiring(items, at, period, start + c * period, start) for c in range(copies)]
        if copies < 2:
            return copies
        pattern = wiring[1]
        first_matches = all(
            [w for w in a if w[0] == "own"] == [w for w in b if w[0] == "own"] for a, b in zip(wiring[0], pattern)
        )
        if not first_matches:
            return 0
        return next((c for c in range(2, copies) if wiring[c] != pattern), copies)

    def _wiring(
        self, items: list[list[int]], at: dict[int, int], period: int, here: int, start: int
    ) -> list[list[tuple[str, Any]]]:
        """For each item of a copy, where its operations' inputs come from, as seen from the copy."""
        found = []
        for n in range(here, here + period):
            sources: list[tuple[str, Any]] = []
            for k in items[n]:
                for s in self.inputs[k]:
                    if s not in at:
                        sources.append(("leaf", None) if not self.boxes[s].made else ("far", s))
                    elif at[s] >= here:
                        sources.append(("own", at[s] - here))
                    else:
                        sources.append(("before", at[s] - here) if at[s] >= start else ("far", s))
            found.append(sources)
        return found

    def _add(self, parent: str | None, first: list[list[int]], rest: list[list[int]], copies: int) -> None:
        modules = [self.module_of.get(id(item)) for item in first]
        second = rest[: len(first)]
        for k, same in zip((k for item in first for k in item), (k for item in second for k in item), strict=True):
            for s, later in zip(self.inputs[k], self.inputs[same], strict=True):
                if self.boxes[later].made and not self.boxes[s].made:
                    self.entering.add(self.boxes[s].id)
        labels = {g.id: g.label for g in self.groups}
        label = labels[modules[0]] if len(modules) == 1 and modules[0] is not None else "the same"
        for kind, part, count in (("copy", first, copies), ("repetition", rest, copies - 1)):
            operations = sum(map(len, part))
            group = Group(f"r{len(self.new) + 1}", kind, "", label, parent, operations, copies=count)  # type: ignore[arg-type]
            self.new.append(group)
            for item in part:
                module = self.module_of.get(id(item))
                if module is not None:
                    k = next(i for i, g in enumerate(self.groups) if g.id == module)
                    self.groups[k] = dataclasses.replace(self.groups[k], parent=group.id)
                else:
                    self.boxes[item[0]] = dataclasses.replace(self.boxes[item[0]], group=group.id)

    def result(self) -> tuple[list[Box], list[Group]]:
        """All groups, parents first, under new ids g1, g2, ...; values that are given sit with their readers."""
        every = {g.id: g for g in (*self.groups, *self.new)}
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
        boxes = [dataclasses.replace(b, group=ids[b.group]) if b.group else b for b in self.boxes]
        groups = [dataclasses.replace(g, id=ids[g.id], parent=ids[g.parent] if g.parent else None) for g in order]
        return boxes, groups


def settled(
    boxes: Sequence[Box], arrows: Sequence[Arrow], groups: Sequence[Group], entering: Collection[str] = ()
) -> tuple[list[Box], list[Group]]:
    """Boxes with every given value in the innermost group that holds all its readers, and groups with their counts.

    Those `entering` a row of copies stay outside the first.
    """
    above = {g.id: g.parent for g in groups}
    copies = {g.id for g in groups if g.kind == "copy"}

    def around(group: str | None) -> list[str]:
        chain = []
        while group is not None:
            chain.append(group)
            group = above[group]
        return chain[::-1]

    chains = {box.id: around(box.group) for box in boxes}
    homes: dict[str, list[str]] = {}
    given = {box.id for box in boxes if not box.made}
    for arrow in arrows:
        if arrow.source in given:
            chain, home = chains[arrow.target], homes.get(arrow.source)
            if arrow.source in entering:
                chain = list(itertools.takewhile(lambda group: group not in copies, chain))
            shared = [a for a, b in zip(chain, chain if home is None else home, strict=False) if a == b]
            homes[arrow.source] = shared
    placed, operations, parameters = [], dict.fromkeys(above, 0), dict.fromkeys(above, 0)
    for box in boxes:
        home = homes.get(box.id) if box.kind in ("parameter", "constant") else None
        if home:
            box = dataclasses.replace(box, group=home[-1])
        for around_it in home if home else chains[box.id]:
            operations[around_it] += box.made
            parameters[around_it] += (box.kind == "parameter") * int(np.prod(box.shape, dtype=np.int64))
        placed.append(box)
    return placed, [dataclasses.replace(g, operations=operations[g.id], parameters=parameters[g.id]) for g in groups]


# -------------------------------------------------------------------------------------- closing groups


def closed(
    groups: Sequence[Group], boxes: Sequence[Box], level: str, open: Choice, fold: Choice, most: int
) -> frozenset[str]:
    """Ids of the groups that are closed: repetitions, modules below `level`, and more until `most` boxes are left."""
    shut = {g.id for g in groups if level != "all" and g.kind == "repetition"}
    if level == "module":
        shut |= {g.id for g in groups if g.kind == "module" and g.parent is not None and _depth(g, groups) == 1}
    wanted = {g.id for g in groups if open and chosen(open, g)}
    if level == "op":
        inner = sorted((g for g in groups if g.kind == "module"), key=lambda g: (-_depth(g, groups), g.id))
        for depth in sorted({_depth(g, groups) for g in inner}, reverse=True):
            if _visible(boxes, groups, shut - wanted) <= most:
                break
            shut |= {g.id for g in inner if _depth(g, groups) == depth}
    shut -= wanted
    return frozenset(shut | {g.id for g in groups if fold and chosen(fold, g)})


def _depth(group: Group, groups: Sequence[Group]) -> int:
    """Modules around."""
    by_id = {g.id: g for g in groups}
    depth, parent = 0, group.parent
    while parent is not None:
        depth += by_id[parent].kind == "module"
        parent = by_id[parent].parent
    return depth


def outermost(groups: Sequence[Group], shut: Iterable[str]) -> dict[str, str]:
    """For each group that is not seen, the closed group that stands for it."""
    shut = set(shut)
    hidden: dict[str, str] = {}
    for group in groups:  # parents come first
        if group.parent is not None and group.parent in hidden:
            hidden[group.id] = hidden[group.parent]
        elif group.id in shut:
            hidden[group.id] = group.id
    return hidden


def _visible(boxes: Sequence[Box], groups: Sequence[Group], shut: set[str]) -> int:
    hidden = outermost(groups, shut)
    return sum(box.group not in hidden for box in boxes) + len(set(hidden.values()))


def folded(
    boxes: Sequence[Box], arrows: Sequence[Arrow], groups: Sequence[Group], shut: Iterable[str]
) -> tuple[tuple[Box, ...], tuple[Arrow, ...], tuple[Group, ...]]:
    """The picture with one box in the place of each closed group."""
    hidden = outermost(groups, shut)
    by_id = {g.id: g for g in groups}
    last = {hidden[b.group]: b for b in boxes if b.group in hidden and b.made}  # the value that leaves
    alarmed = {hidden[b.group]: b for b in boxes if b.group in hidden and b.alarm}  # the first in backward's order
    of = {box.id: box for box in boxes}
    leaving: dict[str, list[str]] = {group: [] for group in hidden.values()}
    for box in boxes:
        if box.kind == "output" and box.group in hidden:
            leaving[hidden[box.group]].append(box.name)
    for arrow in arrows:
        inside = hidden.get(of[arrow.source].group or "")
        if inside is not None and inside != hidden.get(of[arrow.target].group or ""):
            leaving[inside].append(of[arrow.source].name)
    within: dict[str, list[Box]] = {}
    for box in boxes:
        if box.group in hidden:
            within.setdefault(hidden[box.group], []).append(box)
    shown: list[Box] = []
    stand_in: dict[str, str] = {}
    for box in boxes:
        group = hidden.get(box.group or "")
        if group is None:
            shown.append(box)
            continue
        stand_in[box.id] = group
        if box is last.get(group):
            shown.append(_stand_in(by_id[group], box, alarmed.get(group, box), leaving[group], within[group]))
    merged: dict[tuple[str, str], Arrow] = {}
    kept: list[Arrow] = []
    for arrow in arrows:
        source, target = stand_in.get(arrow.source, arrow.source), stand_in.get(arrow.target, arrow.target)
        if source == arrow.source and target == arrow.target:
            kept.append(arrow)
        elif source != target:
            known = merged.get((source, target))
            flows = arrow.derivative is not None or (known is not None and known.derivative is not None)
            if known is None:
                unwritten = "" if target != arrow.target else arrow.derivative
                arrow = dataclasses.replace(
                    arrow, source=source, target=target, derivative=unwritten if flows else None
                )
                merged[source, target] = arrow
                kept.append(arrow)
    at = {box.id: n for n, box in enumerate(shown)}  # a value may be read before the last of its group is made
    reads: list[set[int]] = [set() for _ in shown]
    for arrow in kept:
        if not arrow.pairs:
            reads[at[arrow.target]].add(at[arrow.source])
    shown = [shown[n] for n in _in_order(reads)]
    seen = {g.id for g in groups if g.id not in hidden}
    return tuple(shown), tuple(kept), tuple([g for g in groups if g.id in seen])


def _stand_in(group: Group, last: Box, alarmed: Box, leaving: Iterable[str], within: Sequence[Box]) -> Box:
    """The box in the place of a closed group: of the shape, value and gradient of what leaves it, and its alarm."""
    changes = [box.change for box in within if box.change]
    alike = len(changes) == len(within) and len(set(changes)) == 1
    differs = ("~", f"{len(changes):,} of {len(within):,} values differ") if changes else ()
    repeated = group.kind == "repetition"
    name = f"{group.label} ×{group.copies} more" if repeated else group.name
    return dataclasses.replace(
        last, id=group.id, kind="repetition" if repeated else "module", name=name, formula=group.label, saves=(),
        group=group.parent, operations=group.operations, parameters=group.parameters,
        alarm=alarmed.alarm, first=alarmed.first, gives=tuple(dict.fromkeys(leaving)),
        change=changes[0] if alike else differs,
    )  # fmt: skip


def caption(boxes: Sequence[Box], shown: Sequence[Box]) -> str:
    """What is hidden: "5,000 ops, 12 drawn: open=... shows more"; "" where nothing is."""
    operations, drawn = sum(b.made for b in boxes), sum(b.made and not b.operations for b in shown)
    if operations == drawn:
        return ""
    return f'{operations:,} ops, {drawn:,} drawn one by one; level="all" or open=... shows more'
