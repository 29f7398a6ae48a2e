"""The finished chart: immutable, self-contained SVG that says in words what it shows."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from ..ink import files
from ..ink.escape import markup
from .style import STYLE, px, text

HEADING = 34
"""Height that a title takes."""


@dataclasses.dataclass(frozen=True, repr=False, slots=True)
class Chart:
    """What the functions of `tg.plot` return. A notebook shows it.

    `alt` says what is to be seen, for those who cannot see it. `width` and `height` are in pixels; `body` is the SVG
    within. The same data give the same SVG, byte for byte.

    >>> import tinygraph as tg
    >>> chart = tg.plot.curves({"loss": [1.0, 0.5, 0.25]}, title="Training")
    >>> chart
    <Chart 'Training': loss from 1 to 0.25, over epoch 1 to 3>
    >>> chart.svg().startswith("<svg ")
    True
    """

    title: str
    alt: str
    width: float
    height: float
    body: str

    def svg(self) -> str:
        """The chart as one `<svg>` element: its styles are inside, it loads nothing, and it follows light or dark."""
        name = markup(self.title or self.alt)
        label = markup(f"{self.title}: {self.alt}" if self.title else self.alt)
        size = f'width="{px(self.width)}" height="{px(self.height)}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="tg-chart" role="img" aria-label="{label}" {size} '
            f'viewBox="0 0 {px(self.width)} {px(self.height)}">\n<title>{name}</title>\n'
            f"<desc>{markup(self.alt)}</desc>\n<style>{STYLE}</style>\n"
            f'<rect class="surface" {size}/>\n{self._heading()}{self.body}\n</svg>'
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the SVG to a file, whose suffix must be .svg. The file is complete or not there.

        Raises ValueError for another suffix.
        """
        path = os.fspath(path)
        if not path.lower().endswith(".svg"):
            raise ValueError(f"save: charts are SVG, and {os.path.basename(path)!r} is not called so; name it NAME.svg")
        files.write(path, ('<?xml version="1.0" encoding="UTF-8"?>\n' + self.svg() + "\n").encode())

    def _heading(self) -> str:
        return text(14, 24, self.title, "heading") + "\n" if self.title else ""

    def _repr_svg_(self) -> str:
        """The SVG, for notebooks."""
        return self.svg()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For notebooks: the SVG, and the text for those that show none."""
        return {"text/plain": repr(self), "image/svg+xml": self.svg()}

    def __repr__(self) -> str:
        return f"<Chart {self.title!r:.60}: {self.alt:.200}>"


def chart(title: str, alt: str, width: float, height: float, parts: list[str]) -> Chart:
    """The Chart of these elements, one a line. Where there is a title, `HEADING` pixels at the top are free for it."""
    return Chart(title, alt, width, height, "\n".join(part for part in parts if part))
