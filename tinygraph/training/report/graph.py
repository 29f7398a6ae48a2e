"""The computation graph of a trained model's loss as DOT, SVG and a page of steps; several as SVG on one sheet."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Sequence

from ...pictures import draw
from ...tensors.tensor import Tensor
from ..loop import Training

BATCH = 2
"""How many samples the drawn loss is of: enough to see the shapes, few enough to read the values."""

_NUMBER = r"([0-9.]+)"


@dataclasses.dataclass(frozen=True)
class Picture:
    """One graph: its title, its DOT source, its SVG, its page, and which gradients are not well."""

    title: str
    dot: str
    svg: str
    page: str = ""
    alarms: tuple[str, ...] = ()

    @property
    def alt(self) -> str:
        """What the picture shows, for those who cannot see it."""
        return f"Computation graph of the loss of {self.title}, as in graph.dot: parameters and data flow to the loss"

    @property
    def size(self) -> tuple[float, float]:
        """(width, height) from the SVG's viewBox."""
        box = re.search(rf'viewBox="{_NUMBER} {_NUMBER} {_NUMBER} {_NUMBER}"', self.svg)
        return (float(box[3]), float(box[4])) if box else (800.0, 600.0)

    def element(self, place: str = "") -> str:
        """Return the bare <svg> element, without XML declaration, one unit one pixel; `place`: more attributes.

        That it is a picture, and of what, says the frame around it.

        >>> Picture("net", "", '<?xml?><svg role="img" width="4pt" viewBox="0 0 4 3"></svg>').element('x="9"')
        '<svg viewBox="0 0 4 3" width="4" height="3" x="9"></svg>'
        """
        tag, rest = self.svg[self.svg.index("<svg") :].split(">", 1)
        bare = re.sub(r'\s(width|height|role)="[^"]*"', "", tag)
        width, height = self.size
        return f'{bare} width="{width:g}" height="{height:g}"{place and " "}{place}>{rest}'


def loss_picture(training: Training) -> Picture:
    """Return the Picture of the loss of the first samples, with its gradients, how large they are, and its modules."""
    X, y = training.dataset.X_train[:BATCH], training.dataset.y_train[:BATCH]

    def loss() -> Tensor:
        return training.learner.cost(X, y)

    view = draw(loss, name=training.title, direction="down", heat=True)
    alarms = tuple([f"{box.name}: {box.alarm}" for box in reversed(view.boxes) if box.alarm])
    return Picture(training.title, view.dot(), view.svg(), view.html(), alarms)


def file_name(number: int) -> str:
    """Return the name of the page of the model of this number, from 1.

    >>> file_name(1), file_name(2)
    ('graph.html', 'graph-2.html')
    """
    return "graph.html" if number == 1 else f"graph-{number}.html"


def sheet(pictures: Sequence[Picture]) -> str:
    """Return one SVG document with the pictures side by side, a title over each.

    >>> one = Picture("net", "", '<svg width="4" height="3" viewBox="0 0 4 3"></svg>')
    >>> print(sheet([one]))
    <svg width="4" height="3" viewBox="0 0 4 3"></svg>
    >>> '<text x="30" y="28"' in sheet([one, one])
    True
    """
    if len(pictures) == 1:
        return pictures[0].svg
    head, gap, narrowest = 44.0, 30.0, 300.0  # a title needs some width
    left, parts = gap, []
    for picture in pictures:
        place = picture.element(f'x="{left:g}" y="{head:g}"')
        parts.append(
            f'<text x="{left:g}" y="28" font-family="Helvetica,Arial,sans-serif" font-size="18" '
            f'font-weight="bold">{html.escape(picture.title)}</text>\n{place}'
        )
        left += max(picture.size[0], narrowest) + gap
    height = max(picture.size[1] for picture in pictures) + head
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{left:g}" height="{height:g}" viewBox="0 0 {left:g} {height:g}">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{"".join(parts)}</svg>\n'
    )
