"""Saving a picture: which output belongs to which suffix of a file."""

from __future__ import annotations

import json
import os

from ..ink import files
from ..scene.scene import Scene
from . import dot, mermaid, page, render, text

SUFFIXES = (".svg", ".html", ".dot", ".gv", ".png", ".pdf", ".mmd", ".txt", ".json")


def save(scene: Scene, path: str) -> None:
    """Write `scene` in the format that the suffix of `path` names."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise ValueError(
            f"save: the suffix of {os.path.basename(path)!r} names no format; use one of {' '.join(SUFFIXES)}"
        )
    if suffix in (".png", ".pdf"):
        content = render.png(scene) if suffix == ".png" else render.pdf(scene)
    else:
        content = _text(scene, suffix).encode()
    files.write(path, content)


def _text(scene: Scene, suffix: str) -> str:
    if suffix == ".svg":
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + render.svg(scene)
    if suffix == ".html":
        return page.html(scene)
    if suffix == ".json":
        return json.dumps(scene.json(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    if suffix == ".mmd":
        return mermaid.flowchart(scene.shown)
    return text.lines(scene.shown) + "\n" if suffix == ".txt" else dot.source(scene)
