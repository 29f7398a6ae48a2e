"""Transposes of given matrices written into the product that reads them, Z = Wᵀ @ X, instead of as boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .naming import subscript
from .parts import Arrow, Box


def inline_transposes(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> tuple[tuple[Box, ...], tuple[Arrow, ...]]:
    """The picture without the boxes of transposes that nothing is lost without.

    That is a nameless transpose of a given matrix, read once, by a matrix product beside it. The product has its step
    too, and on the arrow from the matrix stands the whole: dW = (dZ @ Xᵀ)ᵀ.
    """
    of = {box.id: box for box in boxes}
    into: dict[str, tuple[Arrow, Arrow]] = {}
    sources = {arrow.target: arrow for arrow in arrows if _is_transpose(of[arrow.source], of[arrow.target])}
    for arrow in arrows:
        if arrow.source in sources and _fits(of[arrow.source], of[arrow.target], arrow):
            into[arrow.source] = sources[arrow.source], arrow
    if not into:
        return tuple(boxes), tuple(arrows)
    takes: dict[str, list[Box]] = {}
    for box_id, (_, onward) in into.items():
        takes.setdefault(onward.target, []).append(of[box_id])
    shown = []
    for box in boxes:
        if box.id in takes:
            formula, saves = str(box.formula), box.saves
            for taken in takes[box.id]:
                name = of[into[taken.id][0].source].name
                formula = _replace_name(formula, taken.name, name)
                saves = tuple([f"{name}ᵀ" if saved == taken.name else saved for saved in saves])
            steps = tuple([taken.step or 0 for taken in takes[box.id]])
            box = box._replace(formula=formula, saves=saves, takes=steps)
        if box.id not in into:
            shown.append(box)
    kept = []
    for arrow in arrows:
        derivative = arrow.derivative
        for taken in takes.get(arrow.target, ()) if derivative else ():
            derivative = _replace_name(str(derivative), taken.name, of[into[taken.id][0].source].name)
        if arrow.source in into:
            first = into[arrow.source][0]
            whole, name = str(arrow.derivative).partition(" = ")[2], of[first.source].name
            kept.append(
                first._replace(
                    target=arrow.target,
                    derivative=f"d{name} {'+=' if first.adds else '='} ({whole})ᵀ",
                    partial=f"∂{of[arrow.target].name}/∂{name}",
                )
            )
        elif arrow.target not in into:
            kept.append(arrow._replace(derivative=derivative) if derivative != arrow.derivative else arrow)
    return tuple(shown), tuple(kept)


def _is_transpose(given: Box, box: Box) -> bool:
    """Whether a box is a nameless transpose of a given matrix, by how it is written."""
    plain = box.formula == f"{given.name}ᵀ" and box.name == f"v{subscript(box.step or 0)}" and len(box.shape) == 2
    return plain and box.kind == "operation" and not box.alarm and not given.made


def _fits(box: Box, reader: Box, onward: Arrow) -> bool:
    """Whether a transpose can stand in the formula of what reads it: a matrix product beside it, and nothing else."""
    whole = str(onward.derivative).startswith(f"d{box.name} = ") and not onward.summed and not onward.cast
    beside = (box.group, box.phase) == (reader.group, reader.phase)
    return whole and beside and box.uses == 1 and " @ " in str(reader.formula)


def _replace_name(text: str, transposed: str, name: str) -> str:
    """`text` with the matrix `name` in the place of its transpose, which was called `transposed`.

    >>> _replace_name("dX = v₁ᵀ @ dv₂", "v₁", "W"), _replace_name("v₁ @ v₁₂", "v₁", "W")
    ('dX = W @ dv₂', 'Wᵀ @ v₁₂')
    """
    return re.sub(rf"(?<!\w){re.escape(transposed)}(ᵀ?)(?!\w)", lambda f: name if f[1] else f"{name}ᵀ", text)
