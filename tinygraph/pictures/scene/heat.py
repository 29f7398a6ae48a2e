"""How large the gradients in a picture are, and what is wrong with them: alarms, and the first in backward's order."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from .parts import Box
from .scene import S, Scene

VANISHED, EXPLODED, DEAD = 1e-7, 1e3, 0.9
"""Root mean squares relative to that at the output, and the share of zeros, from which on an alarm is given."""
AWAY = 3
"""Operations from the output on which a gradient that small is called vanishing, or that large exploding."""
_FULL = 1e-2
"""Share of the largest number of the dtype."""
_NARROW, _WIDE, _DECADES = 1.0, 5.0, 8.0


def add_heat(scene: S) -> S:
    """`scene` with widths of arrows, alarms, and a note on the first box that has one."""
    sizes = {box.id: box.grad.rms for box in scene.boxes if box.grad is not None and box.grad.size}
    outputs = [sizes[box.id] for box in scene.boxes if box.kind == "output" and box.id in sizes]
    end = max((s for s in outputs if math.isfinite(s)), default=0.0)
    readers: dict[str, list[str]] = {}
    for arrow in scene.arrows:
        if arrow.derivative is not None:
            readers.setdefault(arrow.source, []).append(arrow.target)
    away: dict[str, int] = {}
    alarms: dict[str, str] = {}
    for box in reversed(scene.boxes):
        size = sizes.get(box.id)
        if size is None:
            continue
        after = [r for r in readers.get(box.id, ()) if r in sizes]
        away[box.id] = max((1 + away[r] for r in after), default=0)
        alarm = _alarm(box, size, end, away[box.id])
        if alarm:
            alarms[box.id] = alarm
    first = next((box for box in reversed(scene.boxes) if box.id in alarms), None)
    boxes = [
        box._replace(alarm=alarms.get(box.id, ""), first=first is not None and box.id == first.id)
        for box in scene.boxes
    ]
    arrows = [
        a._replace(width=_width(sizes[a.source], end)) if a.source in sizes and a.derivative is not None else a
        for a in scene.arrows
    ]
    return dataclasses.replace(scene, boxes=tuple(boxes), arrows=tuple(arrows), note=_note(scene, first, alarms))


def _alarm(box: Box, size: float, end: float, away: int) -> str:
    if box.grad is None:
        return ""
    if math.isnan(size) or math.isinf(size):
        return "NaN" if math.isnan(size) else "Inf"
    share = box.grad.zero_share
    if share == 1:
        return "zero"
    if share >= DEAD:
        return f"dead {100 * share:.0f} %"
    if size < VANISHED * end and away >= AWAY:
        return "vanishing"
    largest = float(np.finfo(box.dtype).max)
    if size > _FULL * largest or (end and size > EXPLODED * end and away >= AWAY):
        return "exploding"
    return ""


def _width(size: float, end: float) -> float:
    """One point for what is 1e-8 of the gradient at the output, or less, five for as much, or more."""
    if not math.isfinite(size) or not end or not size:
        return _WIDE if not math.isfinite(size) else _NARROW
    share = 1 + math.log10(size / end) / _DECADES
    return round(_NARROW + (_WIDE - _NARROW) * min(max(share, 0.0), 1.0), 2)


def _note(scene: Scene, first: Box | None, alarms: dict[str, str]) -> str:
    if first is None:
        return scene.note
    where = f" at {first.origin}" if first.origin else ""
    more = f", and {len(alarms) - 1} more" if len(alarms) > 1 else ""
    note = f"first alarm in the order of backward: {first.name} is {alarms[first.id]}{where}{more}"
    return " | ".join(filter(None, (scene.note, note)))
