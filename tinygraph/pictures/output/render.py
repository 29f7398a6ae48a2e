"""SVG, PNG and PDF of a scene: by the `dot` program, else pygraphviz, whose wheels carry Graphviz, else our painter."""

from __future__ import annotations

import contextlib
import math
import re

from ...errors import RendererNotFound
from ..scene.scene import Scene
from . import dot, paint

LIMIT = 1500
"""Graphviz lays out this many boxes in about half a second; its time then grows with their square and more."""
REACH = 10_000
"""Boxes that all arrows pass by, together: a value that is read all along a chain keeps Graphviz busy for minutes."""
MOST = 20_000
"""Operations for which the own painter takes some seconds."""
PIXELS = 16_000
"""Width and height of a PNG that programs still open."""
_PIXELS_PER_POINT = 96 / 72
"""Graphviz draws a PNG with 96 pixels an inch."""


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


def svg(scene: Scene) -> str:
    """The `<svg>` element of a scene: by Graphviz as far as it is there and quick, else by the own painter."""
    check_most("svg", scene)
    if len(scene.shown.boxes) <= LIMIT and _reach(scene.shown) <= REACH:
        try:
            return titles_above(svg_element(render(dot.source(scene), "svg").decode()))
        except RendererNotFound:
            pass
    return paint.svg(scene)


def _reach(scene: Scene) -> int:
    """How many boxes the arrows pass by, in the order of the boxes, all together."""
    place = {box.id: k for k, box in enumerate(scene.boxes)}
    return sum(abs(place[arrow.target] - place[arrow.source]) for arrow in scene.arrows if not arrow.pairs)


def check_most(function: str, scene: Scene) -> None:
    """Raise ValueError if `scene` shows more operations than the own painter draws."""
    operations = sum(box.made for box in scene.shown.boxes)
    if operations > MOST:
        raise ValueError(
            f"{function}: {operations:,} operations are more than the {MOST:,} that a picture has at most; draw a "
            f"smaller graph, or fold what repeats, tg.draw(..., level='op')"
        )


def png(scene: Scene) -> bytes:
    """The picture as PNG, once its layout is known to be no larger than programs open."""
    check_layout("png", scene)
    source = dot.source(scene)
    with contextlib.suppress(RendererNotFound):  # then there is none for PNG either, which is what is to be said
        check_pixels(render(source, "svg").decode())
    return render(source, "png")


def check_pixels(svg: str) -> None:
    """Raise ValueError if the PNG that belongs to Graphviz's SVG would be larger than programs open."""
    sides = re.findall(r'(?:width|height)="([\d.]+)pt"', svg)[:2]
    wide, high = [math.ceil(float(side) * _PIXELS_PER_POINT) for side in sides]
    if max(wide, high) > PIXELS:
        raise ValueError(
            f"png: the picture would be {wide:,} x {high:,} pixels, more than the {PIXELS:,} that programs open; use "
            f"view.svg() or view.html(), which have no such limit, or fold groups, view.fold('*')"
        )


def pdf(scene: Scene) -> bytes:
    """The picture as PDF."""
    check_layout("pdf", scene)
    return render(dot.source(scene), "pdf")


def check_layout(function: str, scene: Scene) -> None:
    """Raise ValueError if the layout of `scene` would take Graphviz minutes."""
    boxes, reach = len(scene.shown.boxes), _reach(scene.shown)
    if boxes > LIMIT:
        raise ValueError(
            f"{function}: {boxes:,} boxes are more than the {LIMIT:,} that Graphviz lays out in reasonable time; use "
            f"view.svg() or view.html(), or draw a smaller graph, or save the DOT text, view.save('graph.dot'), for a "
            f"program for large graphs"
        )
    if reach > REACH:
        raise ValueError(
            f"{function}: arrows pass by {reach:,} boxes, more than the {REACH:,} that Graphviz lays out in reasonable "
            f"time, as where one value is read all along a chain; use view.svg() or view.html(), or fold groups, "
            f"view.fold('*')"
        )


def svg_element(svg: str) -> str:
    """The `<svg>` element alone, without XML declaration, document type and the renderer's version."""
    return svg[svg.index("<svg") :]


_FRAME = re.compile(
    r'(<g id="[^"]*" class="cluster[^"]*">\n<title>[^<]*</title>\n<p[^>]*/>\n)((?:<text[^>]*>[^<]*</text>\n)+)(?=</g>)'
)


def titles_above(svg: str) -> str:
    """Graphviz's SVG with the titles of frames above the arrows that cross them, each letter on a white rim."""
    titles: list[str] = []

    def frame(found: re.Match[str]) -> str:
        titles.append(found[2])
        return found[1]

    svg = _FRAME.sub(frame, svg)
    if not titles:
        return svg
    rim = '<g class="titles" paint-order="stroke" stroke="white" stroke-width="3" stroke-linejoin="round">\n'
    end = svg.rindex("</g>\n</svg>")
    return f"{svg[:end]}{rim}{''.join(titles)}</g>\n{svg[end:]}"


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
