"""The look of a picture: shape, stroke and fill of every kind of box, for light and dark paper.

Shape, stroke and tag carry the meaning; fills are decoration (their contrast with the ink is at least 8 to 1).
Alarms have the colours of Okabe and Ito (2008), a stroke of 3 points and their name in the box.
"""

from __future__ import annotations

from typing import NamedTuple

from ..scene.parts import Kind

FONT = "Helvetica,Arial,sans-serif"
TITLE, SMALL = 11, 9
"""Sizes of text in points."""


class Paper(NamedTuple):
    """Colours that do not depend on the kind of box: text, secondary text, arrows, borders, clusters' borders."""

    ink: str
    grey: str
    line: str
    border: str
    cluster: str
    ground: str


LIGHT = Paper("#1B1B1B", "#595959", "#767676", "#3D3D3D", "#9A9A9A", "#FFFFFF")
DARK = Paper("#F2F2F2", "#B8B8B8", "#9A9A9A", "#C8C8C8", "#767676", "#16181B")


class Look(NamedTuple):
    """Outline of a box, its fills on light and dark paper, and the width of its stroke in points."""

    outline: str
    light: str
    dark: str
    stroke: float = 1.0


LOOKS: dict[Kind, Look] = {
    "input": Look("ellipse", "#DDEBF7", "#1F3B57"),
    "parameter": Look("box", "#FFF2CC", "#574615", 2.4),
    "operation": Look("rounded", "#FFFFFF", "#24272B"),
    "constant": Look("plain", "#EDEDED", "#3A3A3A"),
    "output": Look("octagon", "#D5EFD9", "#1E4A2A"),
    "module": Look("tab", "#FFFFFF", "#24272B"),
    "repetition": Look("stack", "#FFFFFF", "#24272B"),
}

DASHES = {"forward": "solid", "backward": "dashed", "double": "dotdash"}
"""Borders by phase."""

ALARMS = {
    "vanishing": "#56B4E9", "exploding": "#D55E00", "NaN": "#CC79A7", "Inf": "#CC79A7", "zero": "#767676",
    "dead": "#767676",
}  # fmt: skip
"""Stroke of a box with an alarm, by its first word."""
ALARM_STROKE = 3.0


class Mark(NamedTuple):
    """How a box that differs is drawn: its class, the colour and dashes of its stroke, and Graphviz's name for them."""

    name: str
    colour: str
    dashes: str
    style: str


MARKS = {
    "−": Mark("removed", "#D55E00", "2 4", "dotted"), "+": Mark("added", "#009E73", "none", "solid"),
    "~": Mark("changed", "#0072B2", "9 4", "dashed"),
}  # fmt: skip
"""Strokes of what differs between two graphs, as wide as an alarm's."""


def alarm_colour(alarm: str) -> str:
    """The stroke of a box with this alarm."""
    return ALARMS[alarm.split()[0]]
