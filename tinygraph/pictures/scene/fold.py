"""What is folded away: which groups are closed, and the picture with one box in the place of each."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Sequence

from .order import in_order
from .parts import Arrow, Box, Group

Choice = str | Sequence[str] | Callable[[Group], bool]
"""Which groups: a glob on their names, several, or a function that says so."""


def is_chosen(choice: Choice, group: Group) -> bool:
    """Whether `choice` names `group`: by its name, its label, or both as `name:label`.

    >>> is_chosen("layers.*", Group("g1", "module", "layers.0", "Linear"))
    True
    """
    if callable(choice):
        return bool(choice(group))
    globs = [choice] if isinstance(choice, str) else choice
    names = (group.name, group.label, f"{group.name}:{group.label}")
    return any(fnmatch.fnmatchcase(name, glob) for glob in globs for name in names if name)


def groups_to_close(
    groups: Sequence[Group], boxes: Sequence[Box], level: str, open: Choice, fold: Choice, most: int
) -> frozenset[str]:
    """Ids of the groups that are closed: repetitions, modules as `level` says, and more until `most` boxes are left."""
    shut = {g.id for g in groups if level != "all" and g.kind == "repetition"}
    depths = _depths(groups)
    if level == "module":
        shut |= {group for group, depth in depths.items() if depth <= 1}
        tops = _tops(boxes, groups)
        if len(tops) == 1:
            shut -= tops  # it is all there is
    wanted = {g.id for g in groups if open and is_chosen(open, g)}
    if level == "op":
        for deepest in sorted(set(depths.values()), reverse=True):
            if _visible(boxes, groups, shut - wanted) <= most:
                break
            shut |= {group for group, depth in depths.items() if depth == deepest}
    shut -= wanted
    return frozenset(shut | {g.id for g in groups if fold and is_chosen(fold, g)})


def _tops(boxes: Sequence[Box], groups: Sequence[Group]) -> set[str | None]:
    """The outermost modules that operations are in, None for those in none."""
    top: dict[str | None, str | None] = {None: None}
    for group in groups:  # parents come first
        top[group.id] = top[group.parent] or (group.id if group.kind == "module" else None)
    return {top[box.group] for box in boxes if box.made}


def _depths(groups: Sequence[Group]) -> dict[str, int]:
    """For each module, how many modules are around it."""
    inside: dict[str | None, int] = {None: 0}  # for each group, the modules around what it holds
    depths = {}
    for group in groups:  # parents come first
        around = inside[group.parent]
        inside[group.id] = around + (group.kind == "module")
        if group.kind == "module":
            depths[group.id] = around
    return depths


def outermost_closed(groups: Sequence[Group], shut: Iterable[str]) -> dict[str, str]:
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
    hidden = outermost_closed(groups, shut)
    return sum(box.group not in hidden for box in boxes) + len(set(hidden.values()))


def fold_groups(
    boxes: Sequence[Box], arrows: Sequence[Arrow], groups: Sequence[Group], shut: Iterable[str]
) -> tuple[tuple[Box, ...], tuple[Arrow, ...], tuple[Group, ...]]:
    """The picture with one box in the place of each closed group."""
    hidden = outermost_closed(groups, shut)
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
    ending = {hidden[b.group] for b in boxes if b.group in hidden and b.kind == "output"}
    shown: list[Box] = []
    stand_in: dict[str, str] = {}
    for box in boxes:
        group = hidden.get(box.group or "")
        if group is None:
            shown.append(box)
            continue
        stand_in[box.id] = group
        if box is last.get(group):
            stands = _stand_in(by_id[group], box, alarmed.get(group, box), leaving[group], within[group])
            shown.append(stands._replace(ends=group in ending))
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
                arrow = arrow._replace(
                    source=source,
                    target=target,
                    derivative=unwritten if flows else None,
                    local="" if unwritten == "" else arrow.local,
                )
                merged[source, target] = arrow
                kept.append(arrow)
    at = {box.id: n for n, box in enumerate(shown)}  # a value may be read before the last of its group is made
    reads: list[set[int]] = [set() for _ in shown]
    for arrow in kept:
        if not arrow.pairs:
            reads[at[arrow.target]].add(at[arrow.source])
    shown = [shown[n] for n in in_order(reads)]
    seen = {g.id for g in groups if g.id not in hidden}
    return tuple(shown), tuple(kept), tuple([g for g in groups if g.id in seen])


def _stand_in(group: Group, last: Box, alarmed: Box, leaving: Iterable[str], within: Sequence[Box]) -> Box:
    """The box in the place of a closed group: of the shape, value and gradient of what leaves it, and its alarm."""
    changes = [box.change for box in within if box.change]
    alike = len(changes) == len(within) and len(set(changes)) == 1
    differs = ("~", f"{len(changes):,} of {len(within):,} values differ") if changes else ()
    repeated = group.kind == "repetition"
    name = f"{group.label} ×{group.copies} more" if repeated else group.name
    return last._replace(
        id=group.id, kind="repetition" if repeated else "module", name=name, formula=group.label, saves=(),
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
