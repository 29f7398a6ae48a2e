"""What a notebook shows of a picture: its SVG, folded where that is too large to be kept in a file of cells."""

from __future__ import annotations

import dataclasses

from ..ink.escape import markup
from ..scene import words
from ..scene.scene import Scene
from . import render, text

LARGEST = 300_000
"""Bytes of an SVG from which on notebooks get slow: the file keeps every picture that a cell has shown."""
_FEWEST = 300
"""Bytes of the smallest box, so that a picture of very many is not painted to be thrown away."""
_MOST_LINES = 100
_WHOLE = "view.svg(), view.save('graph.svg') and view.save('graph.html') give the whole"


def picture(scene: Scene) -> tuple[str | None, str]:
    """The SVG to show, or None, and what was done to it: nothing, "", or folded, which its note says too."""
    svg = _small(scene)
    if svg is not None:
        return svg, ""
    shut = frozenset(group.id for group in scene.groups)
    notice = f"folded here: of {words.contents(scene)} the SVG has more than {LARGEST // 1000} KB; {_WHOLE}"
    if shut - scene.shut:
        note = " | ".join(filter(None, (scene.note, notice)))
        svg = _small(dataclasses.replace(scene, shut=shut, note=note))
        if svg is not None:
            return svg, notice
    return None, notice.replace("folded here", "as text here")


def html(scene: Scene) -> str:
    """The SVG, or the first lines of text, and the notice, as HTML."""
    svg, notice = picture(scene)
    lines = "\n".join([markup(line) for line in _text(scene).splitlines()]) if svg is None else ""
    shown = f"<pre>{lines}</pre>" if svg is None else svg
    return f"<div>{shown}{f'<p>{markup(notice)}</p>' if notice else ''}</div>"


def bundle(scene: Scene, line: str) -> dict[str, str]:
    """The picture by type of content, as notebooks ask for it; `line` is its text where it is an image."""
    svg, notice = picture(scene)
    if svg is None:
        return {"text/plain": f"{_text(scene)}\n{notice}"}
    return {"text/plain": f"{line}{f' ({notice})' if notice else ''}", "image/svg+xml": svg}


def _small(scene: Scene) -> str | None:
    """The SVG, unless it is too large."""
    if len(scene.shown.boxes) * _FEWEST > LARGEST:
        return None
    svg = render.svg(scene)
    return svg if len(svg.encode()) <= LARGEST else None


def _text(scene: Scene) -> str:
    lines = text.lines(scene.shown).splitlines()
    more = len(lines) - _MOST_LINES
    return "\n".join([*lines[:_MOST_LINES], *([f"… and {more:,} more lines"] if more > 0 else [])])
