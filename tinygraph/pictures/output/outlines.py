"""The outlines of boxes: how large each is around lines of text, its path, and where arrows meet it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..layout.net import Size

_PAD, _TIGHT = (9.0, 5.0), (4.0, 2.0)
"""Left and right of the text, above and below: in a box, and around a constant, which has no border."""
_ROUND, _CUT, _TAB, _DEEP = 6.0, 8.0, 5.0, 6.0
"""Radius of corners, what an octagon lacks of them, height of a tab, how far a stack reaches behind."""
_DOUBLE = 3.0
"""Between the lines of a double outline."""
_OVAL = 1.3
"""How much higher an ellipse is than its text."""


def around(outline: str, lines: Sequence[Size]) -> Size:
    """Width and height of the outline around centred lines of text, each (width, height).

    >>> around("plain", [(20.0, 10.0)]), around("stack", [(20.0, 10.0)])
    ((28.0, 14.0), (44.0, 26.0))
    """
    width, height = max(w for w, _ in lines), sum(h for _, h in lines)
    if outline == "ellipse":
        high = _OVAL * (height + _TIGHT[1])
        wide, y = 0.0, -height / 2
        for w, h in lines:  # the corners of each line are inside
            farthest = max(abs(y), abs(y + h))
            wide = max(wide, w / math.sqrt(1 - (2 * farthest / high) ** 2))
            y += h
        return wide + 2 * _TIGHT[0], high
    across, along = _TIGHT if outline == "plain" else _PAD
    more = {"octagon": (_DOUBLE * 2, _DOUBLE * 2), "tab": (0.0, _TAB), "stack": (_DEEP, _DEEP)}.get(outline, (0.0, 0.0))
    return width + 2 * across + more[0], height + 2 * along + more[1]


def middle(outline: str) -> tuple[float, float]:
    """Where the middle of the text is, seen from the middle of the outline.

    >>> middle("stack"), middle("box")
    ((-3.0, 3.0), (0.0, 0.0))
    """
    return {"tab": (0.0, _TAB / 2), "stack": (-_DEEP / 2, _DEEP / 2)}.get(outline, (0.0, 0.0))


def paths(outline: str, x: float, y: float, width: float, height: float) -> list[str]:
    """The `d` of the paths that draw the outline with its corner at x, y; those behind come first."""
    if outline == "ellipse":
        rx, ry = width / 2, height / 2
        arc = f"A{rx:.1f} {ry:.1f} 0 0 1 "
        return [f"M{x:.1f} {y + ry:.1f}{arc}{x + width:.1f} {y + ry:.1f}{arc}{x:.1f} {y + ry:.1f}Z"]
    if outline == "rounded":
        return [_rounded(x, y, width, height)]
    if outline == "octagon":
        inner = width - 2 * _DOUBLE, height - 2 * _DOUBLE
        return [_octagon(x, y, width, height, _CUT), _octagon(x + _DOUBLE, y + _DOUBLE, *inner, _CUT - _DOUBLE / 2)]
    if outline == "tab":
        tab = min(24.0, width / 2)
        return [_box(x, y, tab, _TAB), _box(x, y + _TAB, width, height - _TAB)]
    if outline == "stack":
        each = width - _DEEP, height - _DEEP
        return [_rounded(x + d, y + _DEEP - d, *each) for d in (_DEEP, _DEEP / 2, 0.0)]
    return [_box(x, y, width, height)]


def inset(outline: str, length: float, breadth: float, offset: float) -> float:
    """How far inside the rectangle an arrow along `length` meets the outline, `offset` beside the axis.

    >>> inset("ellipse", 20.0, 10.0, 0.0), inset("ellipse", 20.0, 10.0, 5.0), inset("box", 20.0, 10.0, 5.0)
    (0.0, 10.0, 0.0)
    """
    if outline == "ellipse":
        return length / 2 * (1 - math.sqrt(max(0.0, 1 - (2 * offset / breadth) ** 2)))
    if outline == "octagon":
        return max(0.0, _CUT - (breadth / 2 - abs(offset)))
    return 0.0


def below_top(outline: str, width: float, height: float, offset: float) -> float:
    """How far inside the rectangle an arrow from above meets the outline: that of a tab below the tab."""
    return _TAB if outline == "tab" else inset(outline, height, width, offset)


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}Z"


def _rounded(x: float, y: float, width: float, height: float) -> str:
    r = _ROUND
    across, along = f"{width - 2 * r:.1f}", f"{height - 2 * r:.1f}"
    return (
        f"M{x + r:.1f} {y:.1f}h{across}q{r:g} 0 {r:g} {r:g}v{along}q0 {r:g} {-r:g} {r:g}"
        f"h-{across}q{-r:g} 0 {-r:g} {-r:g}v-{along}q0 {-r:g} {r:g} {-r:g}Z"
    )


def _octagon(x: float, y: float, width: float, height: float, cut: float) -> str:
    across, along = width - 2 * cut, height - 2 * cut
    return (
        f"M{x + cut:.1f} {y:.1f}h{across:.1f}l{cut:g} {cut:g}v{along:.1f}l{-cut:g} {cut:g}"
        f"h{-across:.1f}l{-cut:g} {-cut:g}v{-along:.1f}Z"
    )
