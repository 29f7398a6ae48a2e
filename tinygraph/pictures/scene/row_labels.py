"""What a row of equal sub-graphs is called: by what the first copy computes, or by its operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .parts import Group

LONGEST = 40
"""Characters of what names a repetition."""


def label_copies(
    groups: Sequence[Group], home: Sequence[str | None], made: Sequence[Any], describe: Callable[[list[int]], str]
) -> list[Group]:
    """Label each first copy that has no label, and its repetition, with what `describe` says of its operations.

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


def list_operations(operations: Sequence[str]) -> str:
    """The names of operations, in one line if that is short."""
    names = ", ".join(operations)
    return names if len(names) <= LONGEST else f"{len(operations)} operations"
