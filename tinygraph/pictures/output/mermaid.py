"""The picture as a Mermaid flowchart, in the part of the language that GitHub draws."""

from __future__ import annotations

from ..ink.escape import mermaid as quoted
from ..scene import words
from ..scene.parts import Arrow, Box
from ..scene.scene import Scene
from . import style

MOST_ARROWS, MOST_CHARACTERS = 400, 45_000
"""Mermaid refuses more than 500 arrows and 50,000 characters unless it is configured otherwise."""

_OUTLINES = {
    "ellipse": ('(["', '"])'), "box": ('["', '"]'), "rounded": ('("', '")'), "plain": ('["', '"]'),
    "octagon": ('{{"', '"}}'), "tab": ('[["', '"]]'), "stack": ('[["', '"]]'),
}  # fmt: skip


def flowchart(scene: Scene) -> str:
    """The picture in the Mermaid language, from the word `flowchart` on."""
    if len(scene.arrows) > MOST_ARROWS:
        raise ValueError(
            f"mermaid: {len(scene.arrows)} arrows are more than the {MOST_ARROWS} that Mermaid draws by default; fold "
            f"groups, view.fold('*'), or use svg() or html()"
        )
    inside: dict[str | None, list[str]] = {}
    for box in scene.boxes:
        inside.setdefault(box.group, []).append(_box(box))
    for group in reversed(scene.groups):
        lines = [f"  {line}" for line in inside.pop(group.id, [])]
        block = [f'subgraph {group.id} ["{quoted(words.of_group(group))}"]', *lines, "end"]
        inside.setdefault(group.parent, [])[:0] = block
    lines = [f"  {line}" for line in inside.get(None, [])]
    lines += [f"  {_arrow(arrow)}" for arrow in scene.arrows]
    for kind, look in style.LOOKS.items():
        ids = [box.id for box in scene.boxes if box.kind == kind and not box.alarm and not box.change]
        if ids:
            dash = ",stroke-dasharray:1 3" if kind == "constant" else ""
            css = f"fill:{look.light},stroke:{style.LIGHT.border},color:{style.LIGHT.ink}"
            lines += [
                f"  classDef {kind} {css},stroke-width:{look.stroke:g}px{dash}",
                f"  class {','.join(ids)} {kind}",
            ]
    alarmed = {box.alarm.split()[0] for box in scene.boxes if box.alarm and not box.change}
    for alarm in sorted(alarmed):
        ids = [box.id for box in scene.boxes if box.alarm.split()[:1] == [alarm] and not box.change]
        css = f"fill:#FFFFFF,stroke:{style.ALARMS[alarm]},color:{style.LIGHT.ink},stroke-width:3px"
        lines += [f"  classDef {alarm} {css}", f"  class {','.join(ids)} {alarm}"]
    for sign, mark in style.MARKS.items():
        ids = [box.id for box in scene.boxes if box.change[:1] == (sign,)]
        if ids:
            dash = "" if mark.dashes == "none" else f",stroke-dasharray:{mark.dashes}"
            css = f"fill:#FFFFFF,stroke:{mark.colour},color:{style.LIGHT.ink},stroke-width:3px{dash}"
            lines += [f"  classDef {mark.name} {css}"]
            lines += [f"  class {','.join(ids)} {mark.name}"]
    if scene.note:
        lines.insert(0, f'  note["{quoted(scene.note)}"]')
    text = "\n".join([f"flowchart {'LR' if scene.direction == 'right' else 'TB'}", *lines]) + "\n"
    if len(text) > MOST_CHARACTERS:
        raise ValueError(
            f"mermaid: {len(text):,} characters are more than the {MOST_CHARACTERS:,} that Mermaid draws by default; "
            f"fold groups, view.fold('*'), or use svg() or html()"
        )
    return text


def _box(box: Box) -> str:
    said = words.of_box(box)
    before, after = _OUTLINES[style.LOOKS[box.kind].outline]
    numbers = [f"{tag} {' '.join(lines)}" for tag, lines in said.numbers]
    lines = [*said.title, *filter(None, [said.facts, *numbers, said.alarm])]
    return f"{box.id}{before}{'<br/>'.join(map(quoted, lines))}{after}"


def _arrow(arrow: Arrow) -> str:
    said = "<br/>".join(map(quoted, words.of_arrow(arrow)))
    line = "-.-" if arrow.pairs else "-.->" if arrow.derivative is None or arrow.summed else "-->"
    return f"{arrow.source} {line}{f'|{chr(34)}{said}{chr(34)}|' if said else ''} {arrow.target}"
