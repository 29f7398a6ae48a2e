"""The finished picture as users have it: a scene with a method for each part of it and each output."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

from .output import dot, mermaid, notebook, page, render, save, text
from .scene import fold, heat, select, words
from .scene.fold import Choice
from .scene.scene import Scene

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclasses.dataclass(frozen=True, repr=False)
class GraphView(Scene):
    """What `tg.draw` returns: all `boxes` in topological order, the `arrows` between them and the `groups` they form.

    Groups in `shut` are drawn as one box each; `shown` is the picture that the outputs draw. `note` is said below it.
    Where it is `brief`, a transpose of a given matrix stands in the formula of the product that reads it.
    `steps` are those of forward and backward, as `Trace.json()` gives them, for the page.
    A notebook shows it as SVG. No output needs Graphviz but PNG and PDF, which need pygraphviz or the `dot` program.

    >>> import tinygraph as tg
    >>> x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> view = tg.draw(tg.exp(x))
    >>> view
    <GraphView 'graph': 1 operation, 1 parameter>
    >>> view.dot().startswith('digraph "graph"')
    True
    """

    # ------------------------------------------------------------------------------- what is to be seen
    def open(self, groups: Choice = "*") -> Self:
        """The same picture with these groups open: a glob on names and classes, several, or a function of a Group."""
        return dataclasses.replace(self, shut=self.shut - self._ids("open", groups))

    def fold(self, groups: Choice = "*") -> Self:
        """The same picture with these groups as one box each."""
        return dataclasses.replace(self, shut=self.shut | self._ids("fold", groups))

    def around(self, name: str, radius: int = 2) -> Self:
        """The part of the picture within `radius` arrows of the value called `name`."""
        return select.around(self, name, radius)

    def heat(self) -> Self:
        """The picture after backward, with arrows as wide as gradients are large and alarms where they are not well.

        A box is tagged `NaN`, `Inf`, `zero` (all of it), `dead` (at least 90 % zeros), `vanishing` (root mean square
        below 1e-7 of that at the output, at least three operations away from it) or `exploding` (above 1e3
        likewise, or above 1 % of what the dtype holds). The first in the order of backward has a double frame, and
        the note names it.
        """
        return heat.add_heat(self)

    def path(self, start: str, end: str) -> Self:
        """The part of the picture on the ways from the value called `start` to the one called `end`."""
        return select.path(self, start, end)

    def _ids(self, function: str, choice: Choice) -> frozenset[str]:
        found = frozenset([g.id for g in self.groups if fold.is_chosen(choice, g)])
        if not found:
            known = ", ".join(sorted({g.name or g.label for g in self.groups})) or "none"
            raise ValueError(f"{function}: {choice!r} names no group of this picture; it has {known}")
        return found

    # ------------------------------------------------------------------------------------------ outputs
    def dot(self) -> str:
        """The picture in the DOT language."""
        return dot.source(self)

    def graphviz(self) -> Any:
        """The picture as a `graphviz.Digraph`, to change or to render with that package. New at every call."""
        return dot.digraph(self.shown)

    def text(self, width: int | None = None, ascii: bool | None = None, colour: bool | None = False) -> str:
        """The graph as a tree of text: a line for each value, below what it is made of, and groups indented.

        The input with the longest way behind it stands right above a value, the others hang between on lines of
        their own. What is read again is written once, and `↑④` says that step 4, elsewhere, is read. Long lines end
        in an ellipsis after `width` columns: those of the terminal, or 120 where the text goes to no terminal.
        `ascii` spells everything in ASCII, as None does where standard output takes nothing else. `colour` writes
        ANSI colours, None where standard output is a terminal and NO_COLOR is not set.
        Raises ValueError for a width of less than 30.
        """
        return text.for_terminal(self.shown, width, ascii, colour)

    def mermaid(self) -> str:
        """The picture in the Mermaid language, which GitHub and many editors draw.

        Raises ValueError beyond what Mermaid draws by default: 400 arrows or 45,000 characters.
        """
        return mermaid.flowchart(self.shown)

    def svg(self) -> str:
        """The picture as a self-contained `<svg>` element, of up to 20,000 operations (ValueError beyond).

        Drawn by the `dot` program, else pygraphviz; without them, and beyond 1,500 boxes, by tinygraph itself.
        """
        return render.svg(self)

    def png(self) -> bytes:
        """The picture as PNG.

        Raises RendererNotFound without a renderer, ValueError for more than 1,500 boxes or 16,000 pixels, or where
        arrows are so long that Graphviz would take minutes.
        """
        return render.png(self)

    def pdf(self) -> bytes:
        """The picture as PDF; raises as `png` does, except for pixels."""
        return render.pdf(self)

    def html(self) -> str:
        """The picture as a page that needs no network: pan, zoom, fold, search, and step through backward.

        It can be stepped through if at most 300 operations, whose values are kept, end in one number.
        """
        return page.html(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file, in the format that its suffix names: .svg .html .png .pdf .dot .gv .mmd .txt
        .json.

        The file is complete or not there: it is written aside and then renamed.
        """
        save.save(self, os.fspath(path))

    # ---------------------------------------------------------------------------------------- notebooks
    def _repr_svg_(self) -> str | None:
        """The SVG; the folded one where it is too large, and None where that is too large as well."""
        return notebook.picture(self)[0]

    def _repr_html_(self) -> str:
        """The same picture with what is said of its size, as HTML."""
        return notebook.html(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The same picture with a line of text, or the first lines of the text alone."""
        return notebook.bundle(self, repr(self))

    def __repr__(self) -> str:
        folded = f", {len(self.shown.boxes)} boxes shown" if self.shut else ""
        return f"<GraphView {self.name!r:.60}: {words.contents(self)}{folded}>"


def view_of(scene: Scene) -> GraphView:
    """The view of a scene."""
    return GraphView(**{field.name: getattr(scene, field.name) for field in dataclasses.fields(Scene)})
