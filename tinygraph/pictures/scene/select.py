"""Parts of a picture: what is near a value, and the ways from one value to another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ...engine.wording import some_of
from .scene import S, Scene


def around(scene: S, name: str, radius: int) -> S:
    """What lies within `radius` arrows of the value called `name`, against or along them."""
    if radius < 0:
        raise ValueError(f"around: radius is {radius}; give the number of arrows to go, 0 or more")
    return part(scene, near(scene, {_id(scene, "around", name)}, radius), f"within {radius} of {name}")


def near(scene: Scene, starts: set[str], radius: int) -> set[str]:
    """The ids of what lies within `radius` arrows of these, against or along them."""
    forward, back = _steps(scene)
    found = edge = starts
    for _ in range(radius):
        edge = {n for k in edge for n in (*forward.get(k, ()), *back.get(k, ()))} - found
        found = found | edge
    return found


def path(scene: S, start: str, end: str) -> S:
    """What lies on a way from the value called `start` to the one called `end`."""
    first, last = _id(scene, "path", start), _id(scene, "path", end)
    forward, back = _steps(scene)
    found = _reachable(first, forward) & _reachable(last, back)
    if not found:
        raise ValueError(f"path: no way leads from {start} to {end}; values flow along the arrows")
    return part(scene, found, f"from {start} to {end}")


def part(scene: S, ids: Iterable[str], what: str) -> S:
    """`scene` with these boxes alone, the numbers that their formulas name, and a note that says so."""
    ids = set(ids)
    numbers = {b.id for b in scene.boxes if b.kind == "constant"}
    ids |= {a.source for a in scene.arrows if a.target in ids and a.source in numbers}
    boxes = tuple([b for b in scene.boxes if b.id in ids])
    arrows = tuple([a for a in scene.arrows if a.source in ids and a.target in ids])
    inhabited = {b.group for b in boxes}
    for group in reversed(scene.groups):  # a group lives on with those inside it
        if group.id in inhabited:
            inhabited.add(group.parent)
    groups = tuple([g for g in scene.groups if g.id in inhabited])
    note = f"{what}: {len(boxes):,} of {len(scene.boxes):,} values"
    shut = scene.shut & {g.id for g in groups}
    return dataclasses.replace(scene, boxes=boxes, arrows=arrows, groups=groups, shut=shut, note=note)


def _id(scene: Scene, function: str, name: str) -> str:
    found = [b.id for b in scene.boxes if name in (b.name, b.id)]
    if not found:
        names = [b.name for b in scene.boxes if b.kind != "constant"]
        known = some_of(names, 8)
        raise ValueError(f"{function}: no value is called {name!r}; there are {known}")
    return found[0]


def _steps(scene: Scene) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    forward: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for arrow in scene.arrows:
        forward.setdefault(arrow.source, []).append(arrow.target)
        back.setdefault(arrow.target, []).append(arrow.source)
    return forward, back


def _reachable(start: str, steps: dict[str, list[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for k in steps.get(waiting.pop(), ()):
            if k not in found:
                found.add(k)
                waiting.append(k)
    return found
