"""The finished picture: an immutable snapshot whose outputs are pure functions of it."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Literal

from .. import files
from ..errors import RendererNotFound
from . import dot, render, text
from .model import Arrow, Box

Direction = Literal["right", "down"]
_SUFFIXES = (".svg", ".dot", ".gv", ".png", ".pdf")


@dataclasses.dataclass(frozen=True, repr=False)
class GraphView:
    """What `tg.draw` returns: `boxes` in topological order and the `arrows` between them, as text or picture.

    A notebook shows it as SVG. SVG, PNG and PDF need pygraphviz or the `dot` program; DOT and text need nothing.

    >>> import tinygraph as tg
    >>> x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> view = tg.draw(tg.exp(x))
    >>> view
    <GraphView 'graph': 1 operation, 1 parameter>
    >>> view.dot().startswith('digraph "graph"')
    True
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    name: str
    direction: Direction

    def dot(self) -> str:
        """The picture in the DOT language."""
        return str(self.graphviz().source)

    def graphviz(self) -> Any:
        """The picture as a `graphviz.Digraph`, to change or to render with that package. New at every call."""
        return dot.digraph(self)

    def text(self) -> str:
        """The graph in lines of text, one a value."""
        return text.lines(self)

    def svg(self) -> str:
        """The picture as a self-contained `<svg>` element.

        Raises RendererNotFound without a renderer, ValueError for more than 1,500 boxes.
        """
        return render.svg_element(self._rendered("svg").decode())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file, in the format that its suffix names: .svg .dot .gv .png .pdf.

        The file is complete or not there: it is written aside and then renamed.
        """
        path = os.fspath(path)
        suffix = os.path.splitext(path)[1].lower()
        if suffix not in _SUFFIXES:
            raise ValueError(
                f"save: the suffix of {os.path.basename(path)!r} names no format; use one of {' '.join(_SUFFIXES)}"
            )
        if suffix in (".dot", ".gv"):
            content = self.dot().encode()
        elif suffix == ".svg":
            content = ('<?xml version="1.0" encoding="UTF-8"?>\n' + self.svg()).encode()
        else:
            content = self._rendered(suffix[1:])
        files.write(path, content)

    def _rendered(self, format: str) -> bytes:
        render.check_size(format, len(self.boxes))
        return render.render(self.dot(), format)

    def _repr_svg_(self) -> str | None:
        """For notebooks: the SVG, or None where it cannot be had."""
        try:
            return self.svg()
        except (RendererNotFound, ValueError):
            return None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For notebooks: the SVG if it can be had, and always the text."""
        svg = self._repr_svg_()
        if svg is None:
            return {"text/plain": self.text()}
        return {"text/plain": repr(self), "image/svg+xml": svg}

    def __repr__(self) -> str:
        kinds = [box.kind for box in self.boxes]
        counts = {
            "operation": kinds.count("operation") + kinds.count("output"),
            "parameter": kinds.count("parameter"), "input": kinds.count("input"), "constant": kinds.count("constant"),
        }  # fmt: skip
        parts = [f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in counts.items() if n]
        return f"<GraphView {self.name!r:.60}: {', '.join(parts)}>"
