"""The page: a view as one HTML file that needs no network, with the picture, its folded states, cards and steps."""

from __future__ import annotations

import base64
import dataclasses
import importlib.resources
import json
import re
import zlib
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import paint, words
from .escape import markup, script
from .model import Box, shape_text

if TYPE_CHECKING:
    from .view import GraphView

MOST_OPEN = 400
"""Boxes up to which the picture with every group open is in the page."""
_PICTURES, _BOXES = 24, 2500
"""Folded states in the page: so many, with so many boxes in all."""
_PLAIN = 40_000
"""Characters from which on data are compressed."""
_STATIC, _STATIC_BOX = 90_000, 350
"""Characters of the picture that stands in the page as it is, and more for each box; a longer one is compressed."""


def html(view: GraphView, steps: Mapping[str, Any] | None = None) -> str:
    """The page of a view; `steps` are those of `Trace.json()`, to be gone through one by one.

    The picture stands in it as static SVG, which is all that is seen with JavaScript off.
    """
    states = _states(view)
    start = _key(view.shut)
    static = paint.svg(view, tooltips=False)
    without = "Folding, search and steps need JavaScript; the picture does not."
    inline = len(static) <= _STATIC + _STATIC_BOX * len(view.boxes)
    if not inline:
        without = "This picture is so large that it is stored compressed, and shown by JavaScript, which is off."
    pictures = {key: paint.svg(state, tooltips=False) for key, state in states.items() if key != start}
    if not inline or pictures:
        pictures[start] = static
    everything = frozenset(group.id for group in view.groups)
    data = {
        "start": start,
        "open": "" if "" in states else None,
        "shut": _key(everything),
        "pictures": pictures,
        "groups": {g.id: {"title": words.of_group(g), "parent": g.parent} for g in view.groups},
        "cards": {box.id: _card(box) for state in states.values() for box in [*view.boxes, *state.shown.boxes]},
        "steps": None if steps is None else _steps(steps, {box.id for box in view.boxes}),
    }
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if len(text) > _PLAIN:
        text = json.dumps(_deflated(text))
    parts = {
        "title": markup(view.name), "contents": markup(words.contents(view)), "css": _file("page.css"),
        "picture": static if inline else "", "without": without, "data": script(text), "js": _file("page.js"),
    }  # fmt: skip
    return re.sub("@([a-z]+)@", lambda found: parts[found[1]], _file("page.html"))


def _states(view: GraphView) -> dict[str, GraphView]:
    """The folded states that are in the page, by the ids of what is shut: the nearest to the one drawn come first."""
    everything = frozenset(group.id for group in view.groups)
    queue = [view.shut, everything, *([frozenset[str]()] if len(view.boxes) <= MOST_OPEN else [])]
    found: dict[str, GraphView] = {}
    boxes = 0
    for shut in queue:  # grows
        key = _key(shut)
        if key in found:
            continue
        state = dataclasses.replace(view, shut=shut)
        shown = state.shown
        boxes += len(shown.boxes)
        if len(found) >= 3 and (len(found) >= _PICTURES or boxes > _BOXES):
            break
        found[key] = state
        visible = [g.id for g in shown.groups] + [b.id for b in shown.boxes if b.id in everything]
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
    facts += [("line", box.origin)] if box.origin else []
    return words.title(box), box.group, facts


def _steps(steps: Mapping[str, Any], boxes: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Of each step the box, the text, and the sums that it adds to: (box, text, how many have arrived, of how many).

    A part of a picture has the steps of its `boxes`.
    """
    return {
        way: [
            {
                "box": step["box"],
                "text": step["text"],
                "sums": [
                    (c["source"], f"d{c['name']} = {c['total']['text']}", c["arrived"], c["of"])
                    for c in step.get("contributions", ())
                ],
            }
            for step in steps[way]
            if step["box"] in boxes
        ]
        for way in ("forward", "backward")
    }


def _deflated(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _file(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8").rstrip("\n")
