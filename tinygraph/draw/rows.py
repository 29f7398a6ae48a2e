"""What a row of equal sub-graphs is called: by what the first computes, or by its operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..graph import Node
from ..symbol import Symbol
from . import labels
from .model import Group

if TYPE_CHECKING:
    from .snapshot import Snapshot

_LONGEST = 40
"""Characters of what names a repetition."""


def labelled(snapshot: Snapshot, groups: Sequence[Group], home: Sequence[str | None]) -> list[Group]:
    """The groups, each copy that has no label with what its operations compute, or with their names."""
    members: dict[str | None, list[int]] = {}
    for k, x in enumerate(snapshot.order):
        if type(x) is Node and x.op is not None:
            members.setdefault(home[k], []).append(k)
    named: dict[str | None, str] = {}
    found = []
    for group in groups:
        if group.label:
            found.append(group)
            continue
        if group.kind == "copy":  # the repetition of it comes next in the same group
            named[group.parent] = _computed(snapshot, members.get(group.id, []))
        found.append(group._replace(label=named[group.parent]))
    return found


def _computed(snapshot: Snapshot, places: Sequence[int]) -> str:
    """What the last of these operations makes of what the others get, in one line if that is short."""
    made: dict[int, Symbol] = {}
    for k in places:
        terms = [
            snapshot.numbers[s][0] if snapshot.numbers[s]
            else made[s] if s in made and snapshot.uses[s] == 1
            else Symbol(snapshot.names[s], snapshot.order[s].shape)
            for s in snapshot.inputs[k]
        ]  # fmt: skip
        made[k] = labels.expression(snapshot.order[k].op, terms, snapshot.order[k].attrs)
    written = [*map(str, list(made.values())[-1:]), ", ".join([snapshot.order[k].op.name for k in places])]
    return next((text for text in written if len(text) <= _LONGEST), f"{len(places)} operations")
