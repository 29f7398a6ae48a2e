"""What a picture says, in any output: the lines in a box, on an arrow, over a group and below the picture."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from ...engine.wording import number_of
from .naming import subscript
from .parts import Arrow, Box, Group, shape_text
from .scene import Scene

LONGEST_LINE, MOST_LINES = 34, 3
_CIRCLED = 10
"""Circled numbers that fonts have."""


class Words(NamedTuple):
    """A box's text: bold lines, a line of facts, rows of numbers (what they are, and the lines), and an alarm."""

    title: list[str]
    facts: str = ""
    numbers: list[tuple[str, list[str]]] = []  # noqa: RUF012 (never changed)
    alarm: str = ""


def step_sign(step: int) -> str:
    """The number of a step as a sign, circled as far as fonts have it.

    >>> step_sign(3), step_sign(21)
    ('③', '(21)')
    """
    return chr(0x2460 + step - 1) if step <= _CIRCLED else f"({step})"


def title(box: Box) -> str:
    """What a box is called and how it was made, in one line."""
    if box.kind == "module":
        return f"{box.name} : {box.formula}" if box.name else str(box.formula)
    if box.kind == "repetition" or box.step is None:
        return box.name
    return f"{''.join(map(step_sign, (*box.takes, box.step)))} {box.name} = {box.formula}"


def counts(group: Group | Box) -> str:
    """How many parameters and operations a group holds.

    >>> counts(Group("g1", "module", "", "Linear", operations=1, parameters=72))
    '72 params · 1 op'
    """
    parts = [number_of(group.parameters, "param")] if group.parameters else []
    return " · ".join([*parts, number_of(group.operations, "op")])


def of_box(box: Box) -> Words:
    """The text in a box."""
    head = wrap(title(box))
    change = [(box.change[0], list(box.change[1:]))] if len(box.change) > 2 else []  # one line has a line of its own
    tag = "" if change else " ".join(box.change)
    if box.kind == "constant":
        return Words(head, numbers=change, alarm=tag)
    facts = [shape_text(box.shape)]
    facts += [box.dtype] if box.dtype != "float64" else []
    if box.is_gradient:
        facts.append("gradient")
    else:
        facts += [box.kind] if box.kind in ("input", "parameter", "output") else []
        facts += [box.phase] if box.phase != "forward" and box.made else []
    facts += [counts(box)] if box.kind in ("module", "repetition") else []
    facts += [f"gives {', '.join(box.gives)}"] if box.gives else []
    facts += ["output"] if box.ends else []
    facts += [f"saves {', '.join(box.saves)}"] if box.saves else []
    facts += [f"used {box.uses}×"] if box.uses > 1 else []
    numbers = [("value", box.value.lines())] if box.value is not None else []
    numbers += [("grad", box.grad.lines(norm=True))] if box.grad is not None else []
    numbers += change
    alarm = f"{'first: ' if box.first else ''}{box.alarm}" if box.alarm else ""
    return Words(head, " · ".join(facts), numbers, " · ".join(filter(None, (alarm, tag))))


def of_arrow(arrow: Arrow) -> list[str]:
    """The lines on an arrow: the shape, then what the gradient is multiplied by."""
    if arrow.pairs:
        return []
    shape = shape_text(arrow.shape)
    if arrow.broadcast is not None:
        shape += f" → {shape_text(arrow.broadcast)}"
    first = shape if arrow.cast is None else f"{shape} {arrow.cast}"
    change = [" ".join(arrow.change)] if len(arrow.change) > 1 else []
    if arrow.derivative is None:
        return [first, "no grad", *change]
    lines = [arrow.partial or ""] if is_long(arrow.derivative) else wrap(arrow.derivative)
    array = arrow.local.startswith("[")
    lines[-1] += f" = {arrow.local}" if arrow.local and not array else ""
    tags = [f"Σ{''.join(map(subscript, arrow.summed))}"] if arrow.summed else []
    tags += ["+="] if arrow.adds and " += " not in arrow.derivative else []
    lines[-1] = "  ".join([part for part in (lines[-1], *tags) if part])
    numbers = [f"= {arrow.local}"] if array else []
    return [first, *[line for line in lines if line], *numbers, *change]


def of_group(group: Group) -> str:
    """The title of a cluster."""
    if group.kind == "copy":
        return f"{group.label} ×{group.copies}, the first   {counts(group)} each"
    if group.kind == "repetition":
        return f"{group.label}, {group.copies} more   {counts(group)}"
    return f"{group.name} : {group.label}   {counts(group)}" if group.name else f"{group.label}   {counts(group)}"


def is_long(derivative: str) -> bool:
    """Whether it is shown as ∂y/∂x, and written out in the tooltip alone."""
    return len(textwrap.wrap(derivative, LONGEST_LINE)) > MOST_LINES


def wrap(text: str) -> list[str]:
    """`text` in at most three lines."""
    return textwrap.wrap(text, LONGEST_LINE, max_lines=MOST_LINES, placeholder=" …") or [text]


def legend(scene: Scene) -> list[str]:
    """What the signs in this picture mean."""
    derivatives = [a.derivative for a in scene.arrows if a.derivative]
    entries = []
    if any(d.startswith("∂ = ") for d in derivatives):
        entries.append("∂: local derivative")
    if any(d.startswith("d") for d in derivatives):
        entries.append("dx: gradient with respect to x")
    sums = sorted({a.summed for a in scene.arrows if a.summed})
    if sums:
        signs = ", ".join(["Σ" + "".join(map(subscript, axes)) for axes in sums])
        axes = f"ax{'i' if len(sums[0]) == 1 else 'e'}s {' and '.join(map(str, sums[0]))}"
        entries.append(f"dashed {signs}: broadcast, its gradient summed over {'these axes' if sums[1:] else axes}")
    if any(a.adds and a.derivative for a in scene.arrows):
        entries.append("+=: gradients add up")
    if any(a.derivative is None and not a.pairs for a in scene.arrows):
        entries.append("dotted: no gradient")
    if any(a.pairs for a in scene.arrows):
        entries.append("dotted, without head: a value and its gradient")
    if any(a.width for a in scene.arrows):
        entries.append("width: size of the gradient")
    if any(box.change for box in scene.boxes) or any(arrow.change for arrow in scene.arrows):
        entries.append("thick, dotted −: only in the first; solid +: only in the second; dashed ~: differs")
    return entries


def contents(scene: Scene) -> str:
    """How many values of each kind the picture has."""
    kinds = [box.kind for box in scene.boxes]
    counts = {
        "operation": sum(box.made for box in scene.boxes),
        "parameter": kinds.count("parameter"), "input": kinds.count("input"), "constant": kinds.count("constant"),
    }  # fmt: skip
    return ", ".join([number_of(n, kind) for kind, n in counts.items() if n])
