"""Paths written as they read inside a frame: in that of the module encoder, encoder.layers.0 is layers.0."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .parts import Arrow, Box, Group


def shorten_paths(
    boxes: Sequence[Box], arrows: Sequence[Arrow], groups: Sequence[Group]
) -> tuple[tuple[Box, ...], tuple[Arrow, ...], tuple[Group, ...]]:
    """The picture with the path of the innermost module around it left out of what is written in each place.

    An arrow stands in the innermost frame that holds both ends.
    """
    chains: dict[str | None, list[str]] = {None: []}
    path: dict[str | None, str] = {None: ""}
    for group in groups:  # parents come first
        chains[group.id] = [*chains[group.parent], group.id]
        path[group.id] = group.name or path[group.parent]
    if not any(path.values()):
        return tuple(boxes), tuple(arrows), tuple(groups)
    home = {box.id: box.group for box in boxes}
    written = []
    for box in boxes:
        around = path[box.group]
        if around:
            formula = None if box.formula is None else _within(box.formula, around)
            saves = tuple([_within(saved, around) for saved in box.saves])
            box = box._replace(name=_within(box.name, around), formula=formula, saves=saves)
        written.append(box)
    kept = []
    for arrow in arrows:
        ends = zip(chains[home[arrow.source]], chains[home[arrow.target]], strict=False)
        shared = [a for a, b in ends if a == b]
        around = path[shared[-1]] if shared else ""
        if around and arrow.derivative:
            derivative, partial = _within(arrow.derivative, around), _within(arrow.partial or "", around)
            arrow = arrow._replace(derivative=derivative, partial=partial)
        kept.append(arrow)
    inner = [g._replace(name=_within(g.name, path[g.parent])) if path[g.parent] else g for g in groups]
    return tuple(written), tuple(kept), tuple(inner)


def _within(text: str, path: str) -> str:
    """`text` with names as they read inside the module at `path`.

    >>> _within("dnet.0.weight = dv₁ᵀ @ x", "net.0"), _within("other.net.0.weight", "net.0")
    ('dweight = dv₁ᵀ @ x', 'other.net.0.weight')
    """
    return re.sub(rf"(?<![\w.])([d∂]?){re.escape(path)}\.", r"\1", text)
