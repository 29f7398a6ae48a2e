"""The page: one HTML file that needs no network, with the picture, its folded states, cards and steps."""

from __future__ import annotations

import base64
import dataclasses
import importlib.resources
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..ink.escape import markup, script
from ..scene import words
from ..scene.parts import Box, shape_text
from ..scene.scene import Scene
from . import paint, render, text

MOST_OPEN = 400
"""Boxes up to which the picture with every group open is in the page."""
_FOLDED, _FOLDED_BOX = 150_000, 600
"""Characters of all the pictures with some groups open, before compression, and more for each box."""
_PLAIN = 40_000
"""Characters from which on data are compressed."""
_LONGEST, _LONGEST_BOX = 120_000, 550
"""Characters of picture and data, and more for each box, beyond which the picture is compressed too."""


def html(scene: Scene) -> str:
    """The page of a scene, with its steps to be gone through one by one. Raises ValueError for too many operations.

    The picture stands in it as static SVG, which is all that is seen with JavaScript off; where that is stored
    compressed, a folded one or the lines of text.
    """
    render.check_most("html", scene)
    states = _states(scene)
    pictures = {key: picture for key, (_, picture) in states.items()}
    start = _key(scene.shut)
    static = pictures[start]
    everything = frozenset(group.id for group in scene.groups)
    data: dict[str, Any] = {
        "start": start,
        "open": "" if "" in pictures else None,
        "shut": _key(everything),
        "pictures": pictures if len(pictures) > 1 else {},
        "groups": {g.id: {"title": words.of_group(g), "parent": g.parent} for g in scene.groups},
        "cards": {
            box.id: _card(box) for boxes in (*[shown for shown, _ in states.values()], scene.boxes) for box in boxes
        },
        "steps": None if scene.steps is None else _steps(scene.steps, {box.id: box for box in scene.boxes}),
    }
    seen = {box.id for box in dataclasses.replace(scene, shut=frozenset()).shown.boxes}
    for arrow in scene.arrows:
        if arrow.source not in seen:  # written into the formula of its only reader, which is marked in its place
            title, _, facts = data["cards"][arrow.source]
            data["cards"][arrow.source] = title, arrow.target, facts
    packed = _pack(data)
    without = "<p>Folding, search and steps need JavaScript; the picture does not.</p>"
    if len(static) + len(packed) > _LONGEST + _LONGEST_BOX * len(scene.boxes):
        packed, static = _pack({**data, "pictures": pictures}), ""
        room = _LONGEST + _LONGEST_BOX * len(scene.boxes) - len(packed)
        without = _without_script(scene, [pictures[start], pictures[_key(everything)]], room)
    parts = {
        "title": markup(scene.name), "contents": markup(words.contents(scene)), "css": _file("page.css"),
        "picture": static, "without": without, "data": packed, "js": _file("page.js"),
    }  # fmt: skip
    return re.sub("@([a-z]+)@", lambda found: parts[found[1]], _file("page.html"))


def _without_script(scene: Scene, pictures: Sequence[str], room: int) -> str:
    """What is seen with JavaScript off of a picture that is stored compressed: the first that fits, or the text."""
    said = "<p>This picture is so large that it is stored compressed, and shown by JavaScript, which is off."
    for picture, folded in zip(pictures, ("", " Here it is with all groups folded."), strict=True):
        if len(picture.encode()) <= room:
            return f"{said}{folded}</p>\n{picture}"
    written = text.lines(scene.shown)
    if len(written.encode()) > room and scene.groups:
        everything = frozenset(group.id for group in scene.groups)
        written = text.lines(dataclasses.replace(scene, shut=everything).shown)
    lines = "\n".join(map(markup, written.split("\n")))
    return f"{said}</p>\n<pre>{lines}</pre>" if len(lines.encode()) <= room else f"{said}</p>"


def _states(scene: Scene) -> dict[str, tuple[tuple[Box, ...], str]]:
    """The picture and folded states of it, the nearest first: by the ids of what is shut, the boxes and the SVG."""
    everything = frozenset(group.id for group in scene.groups)
    queue = [scene.shut, everything, *([frozenset[str]()] if len(scene.boxes) <= MOST_OPEN else [])]
    always = set(map(_key, queue))
    left = _FOLDED + _FOLDED_BOX * len(scene.boxes)
    found: dict[str, tuple[tuple[Box, ...], str]] = {}
    for shut in queue:  # grows
        key = _key(shut)
        if key in found:
            continue
        state = dataclasses.replace(scene, shut=shut).shown
        picture = paint.svg(state, tooltips=False)
        left -= len(picture)
        if key not in always and left < 0:
            break
        found[key] = state.boxes, picture
        if left > 0:
            visible = [g.id for g in state.groups] + [b.id for b in state.boxes if b.id in everything]
            queue += [shut ^ {group} for group in visible]
    return found


def _key(shut: Iterable[str]) -> str:
    return " ".join(sorted(shut))


def _card(box: Box) -> tuple[str, str | None, list[tuple[str, str]]]:
    """What is said of a box beside the picture: its title, its group, and facts, each a term and a text."""
    facts = [("shape", shape_text(box.shape)), ("dtype", box.dtype), ("kind", box.kind)]
    facts += [("op", f"{box.op} {box.attributes}".rstrip())] if box.op else []
    facts += [("value", "\n".join(box.value.lines()))] if box.value is not None else []
    facts += [("grad", "\n".join(box.grad.lines(norm=True)))] if box.grad is not None else []
    facts += [("saves", ", ".join(box.saves))] if box.saves else []
    facts += [("used", f"{box.uses}×")] if box.uses > 1 else []
    facts += [("holds", words.counts(box))] if box.operations else []
    facts += [("alarm", box.alarm)] if box.alarm else []
    facts += [("differs", " ".join([box.change[0], "\n".join(box.change[1:])]))] if box.change else []
    facts += [("line", box.origin)] if box.origin else []
    return words.title(box), box.group, facts


def _steps(steps: Mapping[str, Any], boxes: Mapping[str, Box]) -> dict[str, list[dict[str, Any]]]:
    """Of each step at one of `boxes` its box, its text, and the sums that it adds to.

    Sums are those of given values, and of others that are used several times: (box, text, arrived, of how many).
    """

    def sums(step: Mapping[str, Any]) -> list[tuple[str, str, int, int]]:
        return [
            (c["source"], f"d{c['name']} = {c['total']['text']}", c["arrived"], c["of"])
            for c in step.get("contributions", ())
            if c["of"] > 1 or (c["source"] in boxes and not boxes[c["source"]].made)
        ]

    return {
        way: [{"box": s["box"], "text": s["text"], "sums": sums(s)} for s in steps[way] if s["box"] in boxes]
        for way in ("forward", "backward")
    }


def _pack(data: Mapping[str, Any]) -> str:
    """JSON; where that is long, a JSON string of it compressed, in base 64."""
    packed = script(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    if len(packed) > _PLAIN:
        packed = json.dumps(base64.b64encode(zlib.compress(packed.encode(), 9)).decode())
    return packed


def _file(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8").rstrip("\n")
