"""The visual language: how boxes and arrows become DOT; shape, stroke and tag carry the meaning, not colour alone."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from .escape import markup, string
from .model import Arrow, Box, shape_text
from .naming import subscript

if TYPE_CHECKING:
    from .view import GraphView

_FONT = "Helvetica,Arial,sans-serif"
_INK, _GREY, _LINE = "#1B1B1B", "#595959", "#767676"
_STYLES: dict[str, dict[str, str]] = {
    "input": {"shape": "ellipse", "style": "filled", "fillcolor": "#DDEBF7", "margin": "0.02,0.02"},
    "parameter": {"shape": "box", "style": "filled", "fillcolor": "#FFF2CC", "penwidth": "2.4"},
    "operation": {"shape": "box", "style": "rounded,filled", "fillcolor": "#FFFFFF"},
    "constant": {"shape": "plaintext", "style": "filled", "fillcolor": "#EDEDED", "margin": "0.08,0.03",
                 "height": "0.2", "width": "0.2"},
    "output": {"shape": "doubleoctagon", "style": "filled", "fillcolor": "#D5EFD9", "margin": "0.02,0.0"},
}  # fmt: skip
_LONGEST_LINE, _MOST_LINES = 34, 3
_GAP = "\u00a0"
_CIRCLED = 10
"""Circled numbers that fonts have."""


def digraph(view: GraphView) -> Any:
    """The picture as a `graphviz.Digraph`."""
    import graphviz  # late: importing tinygraph must stay cheap

    graph = graphviz.Digraph(
        string(view.name),
        graph_attr={
            "rankdir": "LR" if view.direction == "right" else "TB",
            "nodesep": "0.25", "ranksep": "0.35", "pad": "0.15", "fontname": _FONT, "fontsize": "9",
            "fontcolor": _GREY, "labelloc": "b", "label": _legend(view),
        },
        node_attr={
            "fontname": _FONT, "fontsize": "11", "fontcolor": _INK, "color": "#3D3D3D", "margin": "0.1,0.05",
            "height": "0.4",
        },
        edge_attr={
            "fontname": _FONT, "fontsize": "9", "fontcolor": _INK, "color": _LINE, "arrowsize": "0.7",
        },
    )  # fmt: skip
    for box in view.boxes:
        facts = {"tooltip": string(box.origin)} if box.origin else {}
        graph.node(box.id, label=_box_label(box), **{"class": box.kind, "id": box.id}, **_STYLES[box.kind], **facts)
    for arrow in view.arrows:
        graph.edge(arrow.source, arrow.target, label=_arrow_label(arrow), **_arrow_style(arrow))
    return graph


def step_sign(step: int) -> str:
    """
    >>> step_sign(3), step_sign(21)
    ('③', '(21)')
    """
    return chr(0x2460 + step - 1) if step <= _CIRCLED else f"({step})"


def title(box: Box) -> str:
    """What a box is called and how it was made, in one line."""
    if box.step is None:
        return box.name
    return f"{step_sign(box.step)} {box.name} = {box.formula}"


def _box_label(box: Box) -> str:
    head = "<BR/>".join(f"<B>{markup(line)}</B>" for line in _wrapped(title(box)))
    if box.kind == "constant":
        return f"<{head}>"
    facts = [shape_text(box.shape)]
    if box.dtype != "float64":
        facts.append(box.dtype)
    facts += [box.kind] if box.kind in ("input", "parameter", "output") else []
    facts += [f"used {box.uses}×"] if box.uses > 1 else []
    numbers = _fact("value", box.value.lines()) if box.value is not None else ""
    numbers += _fact("grad", box.grad.lines(norm=True)) if box.grad is not None else ""
    rows = [head, _small(" · ".join(facts)), *([_table(numbers)] if numbers else [])]
    return f"<{_table(''.join(f'<TR><TD>{row}</TD></TR>' for row in rows))}>"


def _table(rows: str) -> str:
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'


def _small(text: str, colour: str = _GREY) -> str:
    return f'<FONT POINT-SIZE="9" COLOR="{colour}">{markup(text)}</FONT>'


def _fact(tag: str, lines: list[str]) -> str:
    """A table row: what it is, in grey, and the lines of numbers below each other."""
    cell = '<BR ALIGN="LEFT"/>'.join(_small(line, _INK) for line in lines)
    end = '<BR ALIGN="LEFT"/>' if len(lines) > 1 else ""
    return f'<TR><TD ALIGN="RIGHT" VALIGN="TOP">{_small(tag + _GAP)}</TD><TD ALIGN="LEFT">{cell}{end}</TD></TR>'


def _arrow_style(arrow: Arrow) -> dict[str, str]:
    if arrow.derivative is None:
        return {"style": "dotted", "arrowhead": "empty"}
    style = {"style": "dashed"} if arrow.summed else {}
    if _is_long(arrow.derivative):
        style["labeltooltip"] = string(arrow.derivative)
    return style


def _arrow_label(arrow: Arrow) -> str:
    shape = shape_text(arrow.shape)
    if arrow.broadcast is not None:
        shape += f" → {shape_text(arrow.broadcast)}"
    first = shape if arrow.cast is None else f"{shape} {arrow.cast}"
    if arrow.derivative is None:
        return _edge_label([_small(first), _small("no grad")])
    lines = [arrow.partial or ""] if _is_long(arrow.derivative) else _wrapped(arrow.derivative)
    tags = [f"Σ{''.join(map(subscript, arrow.summed))}"] if arrow.summed else []
    tags += ["+="] if arrow.adds and " += " not in arrow.derivative else []
    lines[-1] = "  ".join([lines[-1], *tags])
    return _edge_label([_small(first), *map(markup, lines)])


def _is_long(derivative: str) -> bool:
    """Whether it is shown as ∂y/∂x, and written out in the tooltip alone."""
    return len(textwrap.wrap(derivative, _LONGEST_LINE)) > _MOST_LINES


def _edge_label(lines: list[str]) -> str:
    """Lines in a table whose padding keeps them off the arrow."""
    return f'<<TABLE BORDER="0" CELLPADDING="2"><TR><TD>{"<BR/>".join(lines)}</TD></TR></TABLE>>'


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _LONGEST_LINE, max_lines=_MOST_LINES, placeholder=" …") or [text]


def _legend(view: GraphView) -> str:
    """What the signs in this picture mean."""
    derivatives = [a.derivative for a in view.arrows if a.derivative is not None]
    entries = []
    if any(d.startswith("∂ = ") for d in derivatives):
        entries.append("∂: local derivative")
    if any(d.startswith("d") for d in derivatives):
        entries.append("dx: gradient with respect to x")
    if any(a.summed for a in view.arrows):
        entries.append("dashed Σ₀: broadcast, its gradient summed over axis 0")
    if any(a.adds and a.derivative for a in view.arrows):
        entries.append("+=: gradients add up")
    if any(a.derivative is None for a in view.arrows):
        entries.append("dotted: no gradient")
    return f"<{_small('   |   '.join(entries))}>" if entries else ""
