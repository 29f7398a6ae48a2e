"""tinygraph's own picture: a scene's words, looks and layout as one SVG element, without Graphviz."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..ink.escape import markup
from ..ink.metrics import width
from ..layout import layout
from ..layout.net import Size
from ..layout.routes import Rectangle
from ..scene import words
from ..scene.parts import Arrow, Box, Group
from ..scene.scene import Scene
from . import outlines, style
from .curves import curve, head

_LEADING = 2.5
"""Between lines of text, in points."""
_BASE = 0.78
"""The part of a line's height that is above its base."""
_GAP, _SPACE = 4.0, "\u00a0"
"""Between what numbers are and the numbers; a space that SVG keeps."""
_HEAD = 7.0
"""Length of an arrow's head."""
_NARROWEST, _EDGE = 280.0, 10.0
"""Width that the lines below the picture have at least; their distance from its edge."""


class _Text(NamedTuple):
    """A piece of text: its class in the style sheet, and where it starts, from the middle of the box."""

    text: str
    look: str
    x: float = 0.0
    y: float = 0.0


class _Content(NamedTuple):
    """The texts of a box and the sizes of its lines."""

    texts: list[_Text]
    lines: list[Size]


def svg(scene: Scene, tooltips: bool = True) -> str:
    """The picture that `scene` shows as a self-contained `<svg>` element: the same text for the same scene.

    Colours follow the reader's light or dark setting. Boxes and groups have their ids, arrows the ids of their
    boxes, and with `tooltips` every box one that says where in the program it was made.
    """
    scene = scene.shown
    place = {box.id: k for k, box in enumerate(scene.boxes)}
    contents = [content(box) for box in scene.boxes]
    sizes = [outlines.around(_outline(box), c.lines) for box, c in zip(scene.boxes, contents)]
    ends = [(place[arrow.source], place[arrow.target]) for arrow in scene.arrows]
    labels = [words.of_arrow(arrow) for arrow in scene.arrows]
    at = {group.id: k for k, group in enumerate(scene.groups)}
    members: list[list[int]] = [[] for _ in scene.groups]
    for k, box in enumerate(scene.boxes):
        if box.group is not None:
            members[at[box.group]].append(k)
    titles = [words.of_group(group) for group in scene.groups]
    drawing = layout(
        sizes,
        [(min(pair), max(pair)) for pair in ends],  # a folded group may be read by what it reads: no cycles for layout
        [_block(lines) for lines in labels],
        [(None if group.parent is None else at[group.parent], m) for group, m in zip(scene.groups, members)],
        [(width(title, style.SMALL), style.SMALL + _LEADING) for title in titles],
        scene.direction,
    )
    parts = [_cluster(*each) for each in zip(scene.groups, titles, drawing.groups)]
    for arrow, pair, lines, route, (x, y) in zip(
        scene.arrows, ends, labels, drawing.edges, drawing.labels.tolist(), strict=True
    ):
        points = route.tolist()
        if pair[0] > pair[1]:
            points.reverse()
        for k, end in zip(pair, (0, -1)):
            points[end] = _on_outline(scene.boxes[k], points[end], drawing.nodes[k].tolist(), sizes[k], scene.direction)
        parts.append(_edge(arrow, lines, points, x, y, scene.direction))
    for box, said, size, (x, y) in zip(scene.boxes, contents, sizes, drawing.nodes.tolist(), strict=True):
        parts.append(_node(box, said, size, x, y, tooltips))
    wide, below = _below(scene, max(drawing.width, _NARROWEST), drawing.height)
    high = drawing.height + len(below) * (style.SMALL + _LEADING) + (_EDGE if below else 0.0)
    return "\n".join([_start(scene, wide, high), *parts, *below, "</svg>"])


def content(box: Box) -> _Content:
    """The texts of a box, line below line, from the middle of all."""
    said = words.of_box(box)
    rows: list[list[tuple[str, str, float]]] = [[(line, "t", 0.0)] for line in said.title]
    lines = [(width(line, style.TITLE, bold=True), style.TITLE + _LEADING) for line in said.title]
    small = style.SMALL + _LEADING
    if said.facts:
        rows.append([(said.facts, "f", 0.0)])
        lines.append((width(said.facts, style.SMALL), small))
    if said.numbers:
        tags = max(width(tag, style.SMALL) for tag, _ in said.numbers) + _GAP
        longest = max(width(line, style.SMALL) for _, block in said.numbers for line in block)
        start = (tags - longest) / 2
        for tag, block in said.numbers:
            for k, line in enumerate(block):
                rows.append([*([] if k else [(tag, "r f", start - _GAP)]), (line, "l", start)])
                lines.append((tags + longest, small))
    if said.alarm:
        rows.append([(said.alarm, "b", 0.0)])
        lines.append((width(said.alarm, style.SMALL, bold=True), small))
    texts, y = [], -sum(h for _, h in lines) / 2
    for row, (_, h) in zip(rows, lines):
        texts += [_Text(text, look, x, y + _BASE * h) for text, look, x in row]
        y += h
    return _Content(texts, lines)


def _outline(box: Box) -> str:
    return style.LOOKS[box.kind].outline


def _block(lines: Sequence[str]) -> Size:
    if not lines:
        return 0.0, 0.0
    return max(width(line, style.SMALL) for line in lines), len(lines) * (style.SMALL + _LEADING)


# ------------------------------------------------------------------------------------------- the parts


def _node(box: Box, said: _Content, size: Size, x: float, y: float, tooltips: bool) -> str:
    outline, (w, h) = _outline(box), size
    marks, stroke = f"node {box.kind}", ""
    if box.phase != "forward":
        marks += f" {box.phase}"
    if box.alarm:
        marks += " alarm"
        stroke = f' style="stroke:{style.alarm_colour(box.alarm)}"'
    if box.change:
        marks += f" {style.MARKS[box.change[0]].name}"
        stroke = f' style="stroke:{style.MARKS[box.change[0]].colour}"'
    drawn = outlines.paths(outline, x - w / 2, y - h / 2, w, h)
    if box.first:
        drawn.insert(0, outlines.paths("box", x - w / 2 - 5, y - h / 2 - 5, w + 10, h + 10)[0])
    dx, dy = outlines.middle(outline)
    return "".join(
        [f'<g id="{box.id}" class="{marks}"{stroke}>{_tooltip(box) if tooltips else ""}',
         *[f'<path d="{d}"/>' for d in drawn],
         *[_text(t.text, t.look, x + dx + t.x, y + dy + t.y) for t in said.texts], "</g>"]
    )  # fmt: skip


def _tooltip(box: Box) -> str:
    lines = [words.title(box), *([box.origin] if box.origin else [])]
    return f"<title>{chr(10).join(map(markup, lines))}</title>"


def _text(text: str, look: str, x: float, y: float) -> str:
    mark = f' class="{look}"' if look else ""
    kept = re.sub("^ |  +", lambda spaces: _SPACE * len(spaces[0]), markup(text))
    return f'<text{mark} x="{x:.1f}" y="{y:.1f}">{kept}</text>'


def _edge(arrow: Arrow, lines: Sequence[str], points: list[list[float]], x: float, y: float, direction: str) -> str:
    marks, stroke = "edge", ""
    if arrow.pairs:
        marks += " pair"
    elif arrow.derivative is None:
        marks += " nograd"
    elif arrow.summed:
        marks += " summed"
    if arrow.change:
        marks += f" {style.MARKS[arrow.change[0]].name}"
    if arrow.width:
        stroke = f' style="stroke-width:{arrow.width:.2f}"'
    parts = [f'<g class="{marks}" data-source="{arrow.source}" data-target="{arrow.target}"{stroke}>']
    if arrow.derivative and words.is_long(arrow.derivative):
        parts.append(f"<title>{markup(arrow.derivative)}</title>")
    shorter = [list(p) for p in points]
    if not arrow.pairs:
        along = direction == "down"
        shorter[-1][along] += (_HEAD - 1) * (-1 if shorter[-1][along] > shorter[-2][along] else 1)
    parts.append(f'<path d="{curve(shorter, direction)}"/>')  # type: ignore[arg-type]
    if not arrow.pairs:
        parts.append(f'<path class="head" d="{head(points, direction, _HEAD + arrow.width)}"/>')  # type: ignore[arg-type]
    small = style.SMALL + _LEADING
    top = y - len(lines) * small / 2
    for k, line in enumerate(lines):
        grey = k == 0 or arrow.derivative is None
        parts.append(_text(line, "f" if grey else "", x, top + k * small + _BASE * small))
    return "".join([*parts, "</g>"])


def _on_outline(box: Box, end: Sequence[float], centre: Sequence[float], size: Size, direction: str) -> list[float]:
    """The end of an arrow, moved from the rectangle around a box to its outline."""
    along = int(direction == "down")
    across = 1 - along
    first = end[along] < centre[along]
    if first and direction == "down":
        inside = outlines.below_top(_outline(box), *size, end[0] - centre[0])
    else:
        inside = outlines.inset(_outline(box), size[along], size[across], end[across] - centre[across])
    moved = list(end)
    moved[along] += inside if first else -inside
    return moved


def _cluster(group: Group, title: str, rectangles: Sequence[Rectangle]) -> str:
    parts = [f'<g id="{group.id}" class="cluster {group.kind}">']
    parts += [f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="8"/>' for x, y, w, h in rectangles]
    parts += [_text(title, "h", x + 8, y + style.SMALL + 2) for x, y, _, _ in rectangles[:1]]
    return "".join([*parts, "</g>"])


def _below(scene: Scene, wide: float, y: float) -> tuple[float, list[str]]:
    """The note and the legend, in lines as wide as the picture; and how wide it is with them."""
    lines: list[str] = []
    for entries in ([scene.note] if scene.note else [], words.legend(scene)):
        line = ""
        for entry in entries:
            longer = f"{line}   |   {entry}" if line else entry
            if line and width(longer, style.SMALL) > wide - 2 * _EDGE:
                lines.append(line)
                longer = entry
            line = longer
        lines += [line] if line else []
    wide = max([wide, *[width(line, style.SMALL) + 2 * _EDGE for line in lines]])
    small = style.SMALL + _LEADING
    return wide, [_text(line, "l f", _EDGE, y + k * small + _BASE * small) for k, line in enumerate(lines)]


# ------------------------------------------------------------------------------------------- the whole


def _start(scene: Scene, wide: float, high: float) -> str:
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" class="tinygraph" role="img" width="{wide:.0f}" '
         f'height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}">',
         f"<title>{markup(scene.name)}</title><desc>{markup(words.contents(scene))}</desc>",
         f"<style>{_sheet(scene)}</style>", '<rect class="paper" width="100%" height="100%"/>']
    )  # fmt: skip


def _sheet(scene: Scene) -> str:
    """The style sheet; what is inside a picture of another maker is not touched."""
    rules = [
        f"text{{font:{style.SMALL}px {style.FONT};stroke:none;text-anchor:middle}}",
        f".t{{font-size:{style.TITLE}px}}", ".t,.b{font-weight:bold}", ".l,.h{text-anchor:start}",
        ".r{text-anchor:end}", ".h{paint-order:stroke;stroke-width:3;stroke-linejoin:round}", "path,rect{fill:none}",
        ".node path{fill:inherit}", ".paper{stroke:none}",
        *[f".node.{kind}{{stroke-width:{look.stroke:g}}}" for kind, look in style.LOOKS.items() if look.stroke != 1],
        ".backward{stroke-dasharray:5 3}", ".double{stroke-dasharray:7 2 1.5 2}",
        f".node.alarm{{stroke-width:{style.ALARM_STROKE:g}}}",
        ".summed{stroke-dasharray:5 3}", ".nograd,.pair{stroke-dasharray:1.5 2.5}",
        ".head{stroke-dasharray:none;stroke-width:1;stroke-linejoin:round}",
    ]  # fmt: skip
    if any(box.change for box in scene.boxes) or any(arrow.change for arrow in scene.arrows):
        wide = f"stroke-width:{style.ALARM_STROKE:g}"
        rules += [
            f".node.{mark.name},.edge.{mark.name}{{{wide};stroke-dasharray:{mark.dashes}}}"
            for mark in style.MARKS.values()
        ]
    both = [f".tinygraph {part}" for rule in rules for part in [_scope(rule)]]
    dark = "".join(_colours(style.DARK, "dark"))
    return "".join([*both, *_colours(style.LIGHT, "light"), f"@media (prefers-color-scheme:dark){{{dark}}}"])


def _scope(rule: str) -> str:
    selectors, body = rule.split("{", 1)
    return ",.tinygraph ".join(selectors.split(",")) + "{" + body


def _colours(paper: style.Paper, which: str) -> list[str]:
    rules = [
        f"text{{fill:{paper.ink}}}", f".f{{fill:{paper.grey}}}", f".h{{fill:{paper.grey};stroke:{paper.ground}}}",
        f".paper{{fill:{paper.ground}}}", f".node{{stroke:{paper.border}}}", f".cluster{{stroke:{paper.cluster}}}",
        f".edge{{stroke:{paper.line}}}", f".edge .head{{fill:{paper.line}}}", f".nograd .head{{fill:{paper.ground}}}",
        *[f".node.{kind}{{fill:{getattr(look, which)}}}" for kind, look in style.LOOKS.items()],
        ".node.constant{stroke:none}",
    ]  # fmt: skip
    return [f".tinygraph {rule}" for rule in rules]
