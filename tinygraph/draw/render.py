"""From a view to files: by the `dot` program, else pygraphviz, whose wheels carry Graphviz, else the own painter."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from .. import files
from ..errors import RendererNotFound
from . import paint

if TYPE_CHECKING:
    from .view import GraphView

LIMIT = 1500
"""Graphviz lays out this many boxes in about half a second; its time then grows with their square and more."""
REACH = 10_000
"""Boxes that all arrows pass by, together: a value that is read all along a chain keeps Graphviz busy for minutes."""
MOST = 20_000
"""The own painter takes some seconds for this many."""


def render(source: str, format: str) -> bytes:
    """The picture of the DOT text `source` as "svg", "png" or "pdf", by the first renderer that works.

    Raises RendererNotFound if neither does.
    """
    try:
        return _by_dot(source, format)
    except _UnusableError as error:
        no_dot = error
    try:
        return _by_pygraphviz(source, format)
    except _UnusableError as no_pygraphviz:
        raise RendererNotFound(
            f"draw: no renderer for {format} ({no_dot}; {no_pygraphviz}); install pygraphviz, which carries Graphviz, "
            f'by pip install "tinygraph[draw]", or the dot program, as by apt-get install graphviz; '
            f"view.svg() and view.text() need neither"
        ) from None


def svg(view: GraphView) -> str:
    """The `<svg>` element of a view: by Graphviz as far as it is there and quick, else by the own painter."""
    boxes = len(view.shown.boxes)
    check_most("svg", boxes)
    if boxes <= LIMIT and _reach(view.shown) <= REACH:
        try:
            return svg_element(render(view.dot(), "svg").decode())
        except RendererNotFound:
            pass
    return paint.svg(view)


def _reach(view: GraphView) -> int:
    """How many boxes the arrows pass by, in the order of the boxes, all together."""
    place = {box.id: k for k, box in enumerate(view.boxes)}
    return sum(abs(place[arrow.target] - place[arrow.source]) for arrow in view.arrows if not arrow.pairs)


def check_most(function: str, boxes: int) -> None:
    """Raise ValueError if so many boxes are more than the own painter draws."""
    if boxes > MOST:
        raise ValueError(
            f"{function}: {boxes:,} boxes are more than the {MOST:,} that a picture has at most; draw a smaller graph, "
            f"or fold what repeats, tg.draw(..., level='op')"
        )


def check_size(function: str, boxes: int) -> None:
    """Raise ValueError if a picture of so many boxes would take Graphviz minutes."""
    if boxes > LIMIT:
        raise ValueError(
            f"{function}: {boxes:,} boxes are more than the {LIMIT:,} that can be laid out in reasonable time; draw a "
            f"smaller graph, such as fewer steps or layers, or save the DOT text, view.save('graph.dot'), for a "
            f"program for large graphs"
        )


def svg_element(svg: str) -> str:
    """The `<svg>` element alone, without XML declaration, document type and the renderer's version."""
    return svg[svg.index("<svg") :]


SUFFIXES = (".svg", ".html", ".dot", ".gv", ".png", ".pdf", ".mmd", ".txt", ".json")


def save(view: GraphView, path: str) -> None:
    """Write `view` in the format that the suffix of `path` names."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise ValueError(
            f"save: the suffix of {os.path.basename(path)!r} names no format; use one of {' '.join(SUFFIXES)}"
        )
    if suffix in (".png", ".pdf"):
        content = view.png() if suffix == ".png" else view.pdf()
    else:
        content = _text(view, suffix).encode()
    files.write(path, content)


def _text(view: GraphView, suffix: str) -> str:
    if suffix == ".svg":
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + view.svg()
    if suffix == ".html":
        return view.html()
    if suffix == ".json":
        return json.dumps(view.json(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    if suffix == ".mmd":
        return view.mermaid()
    return view.text() + "\n" if suffix == ".txt" else view.dot()


class _UnusableError(Exception):
    """This renderer cannot be used here."""


def _by_dot(source: str, format: str) -> bytes:
    import graphviz  # late: importing tinygraph must stay cheap

    try:
        return graphviz.pipe("dot", format, source.encode(), quiet=True)  # type: ignore[no-any-return]
    except graphviz.ExecutableNotFound:
        raise _UnusableError("no dot program on PATH") from None
    except (graphviz.CalledProcessError, OSError) as error:
        raise _UnusableError(f"the dot program failed: {str(error)[:200]}") from None


def _by_pygraphviz(source: str, format: str) -> bytes:
    try:
        import pygraphviz
    except (ImportError, OSError) as error:  # OSError: a shared library that it needs is missing
        raise _UnusableError(f"pygraphviz cannot be imported: {error}") from None
    try:
        graph = pygraphviz.AGraph(string=source)
        return graph.draw(format=format, prog="dot")  # type: ignore[no-any-return]
    except (OSError, ValueError, RuntimeError) as error:
        raise _UnusableError(f"pygraphviz failed: {str(error)[:200]}") from None
