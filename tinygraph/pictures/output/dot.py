"""The picture in the DOT language: the words and looks of boxes, arrows and groups as Graphviz writes them."""

from __future__ import annotations

from typing import Any

from ..ink.escape import markup, string
from ..scene import words
from ..scene.parts import Arrow, Box
from ..scene.scene import Scene
from . import style

_PAPER = style.LIGHT
_OUTLINES: dict[str, dict[str, str]] = {
    "ellipse": {"shape": "ellipse", "style": "filled", "margin": "0.02,0.02"},
    "box": {"shape": "box", "style": "filled"},
    "rounded": {"shape": "box", "style": "rounded,filled"},
    "plain": {"shape": "plaintext", "style": "filled", "margin": "0.08,0.03", "height": "0.2", "width": "0.2"},
    "octagon": {"shape": "doubleoctagon", "style": "filled", "margin": "0.02,0.0"},
    "tab": {"shape": "tab", "style": "filled"},
    "stack": {"shape": "box3d", "style": "filled"},
}
_GAP = "\u00a0"


def source(scene: Scene) -> str:
    """The picture in the DOT language."""
    return str(digraph(scene.shown).source)


def digraph(scene: Scene) -> Any:
    """The picture as a `graphviz.Digraph`."""
    import graphviz  # late: importing tinygraph must stay cheap

    graph = graphviz.Digraph(
        string(scene.name),
        graph_attr={
            "rankdir": "LR" if scene.direction == "right" else "TB",
            "nodesep": "0.25", "ranksep": "0.35", "pad": "0.15", "fontname": style.FONT, "fontsize": f"{style.SMALL}",
            "fontcolor": _PAPER.grey, "labelloc": "b", "label": _below(scene),
        },
        node_attr={
            "fontname": style.FONT, "fontsize": f"{style.TITLE}", "fontcolor": _PAPER.ink, "color": _PAPER.border,
            "margin": "0.1,0.05", "height": "0.4",
        },
        edge_attr={
            "fontname": style.FONT, "fontsize": f"{style.SMALL}", "fontcolor": _PAPER.ink, "color": _PAPER.line,
            "arrowsize": "0.7",
        },
    )  # fmt: skip
    members: dict[str | None, list[Box]] = {}
    for box in scene.boxes:
        members.setdefault(box.group, []).append(box)
    clusters: dict[str | None, Any] = {None: graph}
    for group in scene.groups:
        cluster = graphviz.Digraph(f"cluster_{group.id}")
        cluster.attr(
            label=f"<{_small(words.of_group(group))}>", labelloc="t", labeljust="l", style="rounded",
            color=_PAPER.cluster, id=group.id, **{"class": group.kind},
        )  # fmt: skip
        clusters[group.id] = cluster
    for group_id, boxes in members.items():
        for box in boxes:
            clusters[group_id].node(box.id, label=_box_label(box), **_box_style(box))
    for group in reversed(scene.groups):  # inner ones are complete before they are put into those around
        clusters[group.parent].subgraph(clusters[group.id])
    place = {box.id: k for k, box in enumerate(scene.boxes)}
    for arrow in scene.arrows:
        ends, facts = [arrow.source, arrow.target], _arrow_style(arrow)
        if place[arrow.source] > place[arrow.target]:  # drawn against the direction of the picture
            ends.reverse()
            facts |= {"dir": "back"} | ({"arrowtail": facts["arrowhead"]} if "arrowhead" in facts else {})
        graph.edge(*ends, label=_arrow_label(arrow), **facts)
    return graph


def _box_style(box: Box) -> dict[str, str]:
    look = style.LOOKS[box.kind]
    facts = {"class": box.kind, "id": box.id, **_OUTLINES[look.outline], "fillcolor": look.light}
    if look.stroke != 1:
        facts["penwidth"] = f"{look.stroke:g}"
    if box.phase != "forward":
        facts["style"] += "," + ("dashed" if box.phase == "backward" else "dotted")
        facts["class"] += f" {box.phase}"
    if box.alarm:
        facts |= {"penwidth": f"{style.ALARM_STROKE:g}", "color": style.alarm_colour(box.alarm)}
        facts |= {"peripheries": "2"} if box.first else {}
    if box.change:
        mark = style.MARKS[box.change[0]]
        facts |= {"penwidth": f"{style.ALARM_STROKE:g}", "color": mark.colour}
        facts["style"] = f"{facts['style'].removesuffix(',dashed').removesuffix(',dotted')},{mark.style}"
        facts["class"] += f" {mark.name}"
        facts |= {"shape": "box"} if facts["shape"] == "plaintext" else {}
    if box.origin:
        facts["tooltip"] = string(box.origin)
    return facts


def _box_label(box: Box) -> str:
    said = words.of_box(box)
    head = "<BR/>".join(f"<B>{markup(line)}</B>" for line in said.title)
    if not said.facts and not said.numbers and not said.alarm:
        return f"<{head}>"
    numbers = "".join(_fact(tag, lines) for tag, lines in said.numbers)
    rows = [head, *([_small(said.facts)] if said.facts else []), *([_table(numbers)] if numbers else [])]
    rows += [f"<B>{_small(said.alarm, _PAPER.ink)}</B>"] if said.alarm else []
    return f"<{_table(''.join(f'<TR><TD>{row}</TD></TR>' for row in rows))}>"


def _table(rows: str) -> str:
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'


def _small(text: str, colour: str = _PAPER.grey) -> str:
    return f'<FONT POINT-SIZE="{style.SMALL}" COLOR="{colour}">{markup(text)}</FONT>'


def _fact(tag: str, lines: list[str]) -> str:
    """A table row: what it is, in grey, and the lines of numbers below each other."""
    cell = '<BR ALIGN="LEFT"/>'.join(_small(line, _PAPER.ink) for line in lines)
    end = '<BR ALIGN="LEFT"/>' if len(lines) > 1 else ""
    return f'<TR><TD ALIGN="RIGHT" VALIGN="TOP">{_small(tag + _GAP)}</TD><TD ALIGN="LEFT">{cell}{end}</TD></TR>'


def _arrow_style(arrow: Arrow) -> dict[str, str]:
    if arrow.pairs:
        return {"style": "dotted", "arrowhead": "none", "constraint": "false"}
    marked = {"style": style.MARKS[arrow.change[0]].style, "penwidth": "2.2"} if arrow.change else {}
    if arrow.derivative is None:
        return {"style": "dotted", "arrowhead": "empty"} | marked
    facts = ({"style": "dashed"} if arrow.summed else {}) | marked
    if arrow.width:
        facts["penwidth"] = f"{arrow.width:.2f}"
    if words.is_long(arrow.derivative):
        facts["labeltooltip"] = string(arrow.derivative)
    return facts


def _arrow_label(arrow: Arrow) -> str:
    """Lines in a table whose padding keeps them off the arrow."""
    said = words.of_arrow(arrow)
    if not said:
        return ""
    rest = [markup(line) if arrow.derivative is not None else _small(line) for line in said[1:]]
    lines = "<BR/>".join([_small(said[0]), *rest])
    return f'<<TABLE BORDER="0" CELLPADDING="2"><TR><TD>{lines}</TD></TR></TABLE>>'


def _below(scene: Scene) -> str:
    """The caption, which says what is hidden or wrong, and the legend."""
    lines = [line for line in (scene.note, "   |   ".join(words.legend(scene))) if line]
    return f"<{'<BR/>'.join(map(_small, lines))}>" if lines else ""
