"""What a notebook shows of a view: its SVG, folded where that is too large to be kept in a file of cells."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from . import text, words
from .escape import markup

if TYPE_CHECKING:
    from .view import GraphView

LARGEST = 300_000
"""Bytes of an SVG from which on notebooks get slow: the file keeps every picture that a cell has shown."""
_FEWEST = 300
"""Bytes of the smallest box, so that a picture of very many is not painted to be thrown away."""
_MOST_LINES = 100
_WHOLE = "view.svg(), view.save('graph.svg') and view.save('graph.html') give the whole"


def picture(view: GraphView) -> tuple[str | None, str]:
    """The SVG to show, or None, and what was done to it: nothing, "", or folded, which its note says too."""
    svg = _small(view)
    if svg is not None:
        return svg, ""
    shut = frozenset(group.id for group in view.groups)
    notice = f"folded here: of {words.contents(view)} the SVG has more than {LARGEST // 1000} KB; {_WHOLE}"
    if shut - view.shut:
        note = " | ".join(filter(None, (view.note, notice)))
        svg = _small(dataclasses.replace(view, shut=shut, note=note))
        if svg is not None:
            return svg, notice
    return None, notice.replace("folded here", "as text here")


def html(view: GraphView) -> str:
    """The SVG, or the first lines of text, and the notice, as HTML."""
    svg, notice = picture(view)
    lines = "\n".join([markup(line) for line in _text(view).splitlines()]) if svg is None else ""
    shown = f"<pre>{lines}</pre>" if svg is None else svg
    return f"<div>{shown}{f'<p>{markup(notice)}</p>' if notice else ''}</div>"


def bundle(view: GraphView) -> dict[str, str]:
    """By type of content, as notebooks ask for it."""
    svg, notice = picture(view)
    if svg is None:
        return {"text/plain": f"{_text(view)}\n{notice}"}
    return {"text/plain": f"{view!r}{f' ({notice})' if notice else ''}", "image/svg+xml": svg}


def _small(view: GraphView) -> str | None:
    """The SVG, unless it is too large."""
    if len(view.shown.boxes) * _FEWEST > LARGEST:
        return None
    svg = view.svg()
    return svg if len(svg.encode()) <= LARGEST else None


def _text(view: GraphView) -> str:
    lines = text.lines(view.shown).splitlines()
    more = len(lines) - _MOST_LINES
    return "\n".join([*lines[:_MOST_LINES], *([f"… and {more:,} more lines"] if more > 0 else [])])
