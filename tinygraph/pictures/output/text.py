"""The graph as a tree of text, for terminals and wherever no picture can be shown."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..ink import escape
from ..ink.numbers import Numbers
from ..scene.parts import Box, Group, shape_text
from ..scene.scene import Scene
from ..scene.words import counts, of_group, step_sign, title

WIDTH, NARROWEST = 120, 30
"""Columns of text that goes to no terminal, and the fewest that can be asked for."""
_HEADS, _SHAPES = 0.6, 24
"""The share of the width that titles have, and the columns of shapes, at most."""
_ROOM = 16
"""Columns of a title that lines to its left leave it."""
_COLOURS = {"lane": "2", "group": "1", "output": "1", "above": "36", "alarm": "1;31"}
"""ANSI codes: faint, bold, cyan, bold red."""

_Piece = tuple[str, str]
"""Text and what it is, a key of `_COLOURS`, or "" """


class _Row(NamedTuple):
    """One line: a value, or the head of a group, which has no `box`, or an empty one, which has neither.

    `lane` counts the values that wait to the left for what reads them, and `joins` says that this is the last of its
    lane. `above` are the values that it reads and that stand elsewhere; `inside` is the group that it returns to.
    """

    box: Box | None
    group: Group | None
    indent: int
    lane: int
    joins: bool = False
    above: tuple[str, ...] = ()
    inside: str = ""


def for_terminal(scene: Scene, width: int | None, ascii: bool | None, colour: bool | None) -> str:
    """The tree of text; what is None is as standard output takes it: its width, its characters, its colours."""
    stream = sys.stdout
    terminal = stream is not None and stream.isatty()
    if width is None:
        width = max(shutil.get_terminal_size().columns, NARROWEST) if terminal else WIDTH
    if width < NARROWEST:
        raise ValueError(f"text: width is {width}; give at least {NARROWEST} columns")
    if colour is None:
        colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    written = lines(scene, width, bool(ascii), colour)
    if ascii is None:
        try:
            written.encode(getattr(stream, "encoding", None) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            return lines(scene, width, True, colour)
    return written


def lines(scene: Scene, width: int = WIDTH, ascii: bool = False, colour: bool = False) -> str:
    """One line for each value but constants that do not differ: what reads it stands below, at the left of its lane.

    Each has its shape, value and gradient. A value that is read again is not written again: what reads it says `↑④`.
    Groups are indented under a head, which is written once.
    """
    spell = escape.ascii if ascii else escape.clean
    most = int(_HEADS * width)
    rows = [(_head(row, spell, most), row) for row in _rows(scene)]
    shapes = [spell(shape_text(row.box.shape)) if row.box is not None else "" for _, row in rows]
    heads = max([_cells("".join([t for t, _ in head])) for head, row in rows if row.box is not None], default=0)
    wide = min(max(map(_cells, shapes), default=0), _SHAPES)
    texts = []
    for (head, row), shape in zip(rows, shapes, strict=True):
        pieces = head
        if row.box is not None:
            gap = " " * (heads - _cells("".join([t for t, _ in head])) + 2)
            facts = [(spell(text), look) for text, look in _facts(row, width // 3)]
            shape += " " * (wide - _cells(shape)) if facts else ""
            pieces = [*head, (gap + shape, ""), *[p for text, look in facts for p in (("  ", ""), (text, look))]]
        texts.append(_with_colours(_fit(pieces, width, spell("…")), colour))
    notes = textwrap.wrap(spell(scene.note), width) if scene.note else []
    return "\n".join([*texts, *notes])


# ------------------------------------------------------------------------------------------- the tree


def _rows(scene: Scene) -> Iterator[_Row]:
    """The rows of `_tree` indented by their groups, with the head of each group before its first."""
    groups = {g.id: g for g in scene.groups}
    chains: dict[str | None, list[str]] = {None: []}
    for group in scene.groups:  # parents come first
        chains[group.id] = [*chains[group.parent], group.id]
    written: set[str] = set()
    before: list[str] = []
    for row in _tree(scene):
        if row.box is None:
            yield row
            continue
        chain = chains[row.box.group]
        left = any(g in written and g not in before for g in chain)
        for k, g in enumerate(chain):
            if g not in written:
                yield _Row(None, groups[g], k, row.lane - row.joins)
                written.add(g)
        before = chain
        inside = groups[chain[-1]].name or groups[chain[-1]].label if left else ""
        yield row._replace(indent=len(chain), inside=inside)


def _tree(scene: Scene) -> Iterator[_Row]:
    """A row for each value, after those that it is made of.

    The input with the longest way behind it stands right above, in the same lane; the others come between, each in
    a lane to the right. So a chain of any length goes straight down, and lanes are few.
    """
    boxes = {box.id: box for box in scene.boxes if box.kind != "constant" or box.change}
    inputs: dict[str, list[str]] = {id: [] for id in boxes}
    read: set[str] = set()
    for arrow in scene.arrows:
        if not arrow.pairs and arrow.source in boxes and arrow.target in boxes:
            inputs[arrow.target].append(arrow.source)
            read.add(arrow.source)
    length: dict[str, int] = {}
    for id in boxes:
        length[id] = 1 + max((length.get(source, 0) for source in inputs[id]), default=0)
    started: set[str] = set()
    for root in [*[id for id in boxes if id not in read], *reversed(boxes)]:  # all the rest is in circles of groups
        if root in started:
            continue
        if started:
            yield _Row(None, None, 0, 0)
        started.add(root)
        stack: list[tuple[str, int, bool, list[str], Iterator[str]]] = []
        entered: tuple[str, int, bool] | None = (root, 0, False)
        while entered or stack:
            if entered:
                id, lane, joins = entered
                fresh = [s for s in dict.fromkeys(inputs[id]) if s not in started]
                above = [s for s in dict.fromkeys(inputs[id]) if s in started]
                longest = max(fresh, key=length.__getitem__, default=None)
                stack.append((id, lane, joins, above, iter([s for s in fresh if s != longest])))
                entered = None
                if longest is not None:
                    started.add(longest)
                    entered = longest, lane, False
                continue
            id, lane, joins, above, rest = stack[-1]
            for source in rest:
                if source not in started:
                    started.add(source)
                    entered = source, lane + 1, True
                    break
                above.append(source)  # a value to the left reads it too
            else:
                stack.pop()
                names = [f"↑{step_sign(step)}" for s in above if (step := boxes[s].step) is not None]
                yield _Row(boxes[id], None, 0, lane, joins, tuple(names))


# ------------------------------------------------------------------------------------------ the lines


def _facts(row: _Row, most: int) -> list[_Piece]:
    """What is said beside the shape, numbers in at most so many columns."""
    box = row.box
    if box is None:
        return []
    facts = [(reference, "above") for reference in row.above]
    facts += [(box.alarm, "alarm")] if box.alarm else []
    facts += [(f"{box.change[0]} {', '.join(box.change[1:])}", "alarm")] if box.change else []
    facts += [(box.dtype, "")] if box.dtype != "float64" else []
    facts += [(counts(box), "")] if box.operations else []
    facts += [(f"gives {', '.join(box.gives)}", "")] if box.gives else []
    facts += [(f"value {_numbers(box.value, most)}", "")] if box.value is not None else []
    facts += [(f"grad {_numbers(box.grad, most)}", "")] if box.grad is not None else []
    facts += [(f"used {box.uses}×", "")] if box.uses > 1 else []
    facts += [(f"in {row.inside}", "")] if row.inside else []
    return facts + ([(box.kind, "")] if box.kind in ("input", "output") else [])


def _numbers(numbers: Numbers, most: int) -> str:
    return _fit([(" ".join([line.strip() for line in numbers.lines()]), "")], most)[0][0]


def _head(row: _Row, spell: Callable[[str], str], most: int) -> list[_Piece]:
    """Indentation, lanes and title, in at most so many columns; the head of a group may be wider."""
    indent = "  " * row.indent
    lanes = "│  " * (row.lane - row.joins) + "├─ " * row.joins
    room = most - _cells(indent) - _ROOM
    if len(lanes) > max(room, 6):  # lanes beyond the edge
        fewer = max(room, 6) // 3 - 1
        lanes = f"{'│  ' * fewer}{'├' if row.joins else '│'}{row.lane - fewer} "
    lanes = spell(lanes)
    if row.group is not None:
        return [(indent + lanes, "lane"), (spell(of_group(row.group)), "group")]
    if row.box is None:
        return []
    look = "output" if row.box.kind == "output" else ""
    return _fit([(indent + lanes, "lane"), (spell(title(row.box)), look)], most, spell("…"))


def _fit(pieces: list[_Piece], width: int, ellipsis: str = "…") -> list[_Piece]:
    """As much of the text as has room, with an ellipsis where that is not all."""
    if sum(_cells(text) for text, _ in pieces) <= width:
        return pieces
    left = width - len(ellipsis)
    fitted: list[_Piece] = []
    for text, look in pieces:
        kept = ""
        for c in text:
            left -= _cells(c)
            if left < 0:
                return [*fitted, (kept.rstrip() + ellipsis, look)]
            kept += c
        fitted.append((kept, look))
    return fitted


def _with_colours(pieces: list[_Piece], colour: bool) -> str:
    if not colour:
        return "".join([text for text, _ in pieces]).rstrip()
    return "".join(
        [f"\x1b[{_COLOURS[look]}m{text}\x1b[0m" if look and text else text for text, look in pieces]
    ).rstrip()


def _cells(text: str) -> int:
    """Columns that a terminal gives the text: two to wide characters, none to what is set on the one before."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) or unicodedata.category(c) in ("Cf", "Mn", "Me")
        else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )  # fmt: skip
