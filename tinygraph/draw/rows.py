"""What a row of equal sub-graphs is called: by what the first computes, or by its operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..engine.symbol import Symbol
from . import labels
from .model import Group

if TYPE_CHECKING:
    from .snapshot import Snapshot

_LONGEST = 40
"""Characters of what names a repetition."""


def labelled(
    groups: Sequence[Group], home: Sequence[str | None], made: Sequence[Any], describe: Callable[[list[int]], str]
) -> list[Group]:
    """The groups, each copy without a label, and the repetition of it, with what `describe` says of its operations.

    `home` are the groups of all values, by place; `made` is None for those that no operation made.
    """
    members: dict[str | None, list[int]] = {}
    for k, group_id in enumerate(home):
        if made[k] is not None:
            members.setdefault(group_id, []).append(k)
    named: dict[str | None, str] = {}
    found = []
    for group in groups:
        if group.kind == "copy" and not group.label:  # the repetition of it comes next in the same group
            named[group.parent] = describe(members.get(group.id, []))
        found.append(group if group.label else group._replace(label=named[group.parent]))
    return found


def computed(snapshot: Snapshot, places: Sequence[int]) -> str:
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
    [last] = map(str, list(made.values())[-1:])
    return last if len(last) <= _LONGEST else listed([snapshot.order[k].op.name for k in places])


def listed(operations: Sequence[str]) -> str:
    """The names of operations, in one line if that is short."""
    names = ", ".join(operations)
    return names if len(names) <= _LONGEST else f"{len(operations)} operations"
