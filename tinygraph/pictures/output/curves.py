"""The lines of arrows as SVG paths, from the routes of a layout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

Point = Sequence[float]
_ROUND = 8.0
"""Radius of the corners."""
_LEVEL = 0.05
"""Points: what deviates less counts as level."""


def curve(points: Sequence[Point], direction: Literal["right", "down"] = "right") -> str:
    """The `d` of a smooth path through `points`: straight where two are level or plumb, else a bend like an S.

    A bend leaves and arrives in `direction`; corners between straight lines are rounded.

    >>> curve([(0, 0), (30, 0)]), curve([(0, 0), (20, 10)])
    ('M0 0H30', 'M0 0C10 0 10 10 20 10')
    """
    path = [f"M{_text(points[0])}"]
    at = points[0]
    for k in range(1, len(points)):
        p = points[k]
        if _straight(points[k - 1], p):
            after = points[k + 1] if k + 1 < len(points) else None
            if after is not None and _straight(p, after) and _turns(points[k - 1], p, after):
                reach = min(_ROUND, _half(points[k - 1], p), _half(p, after))
                start, end = _toward(p, points[k - 1], reach), _toward(p, after, reach)
                path += [_line(at, start), f"Q{_text(p)} {_text(end)}"]
                at = end
                continue
            path.append(_line(at, p))
        elif direction == "right":
            middle = (at[0] + p[0]) / 2
            path.append(f"C{_text((middle, at[1]))} {_text((middle, p[1]))} {_text(p)}")
        else:
            middle = (at[1] + p[1]) / 2
            path.append(f"C{_text((at[0], middle))} {_text((p[0], middle))} {_text(p)}")
        at = p
    return "".join(path)


def head(points: Sequence[Point], direction: Literal["right", "down"] = "right", size: float = 7.0) -> str:
    """The `d` of the arrow's head, a closed triangle with its tip on the last point.

    >>> head([(0, 0), (30, 0)])
    'M30 0L23 2.5L23 -2.5Z'
    """
    (x, y), before = points[-1], points[-2]
    dx, dy = x - before[0], y - before[1]
    if not _straight(before, points[-1]):
        dx, dy = (1.0, 0.0) if direction == "right" else (0.0, 1.0)
    length = math.hypot(dx, dy) or 1.0
    dx, dy = size * dx / length, size * dy / length
    back, wide = (x - dx, y - dy), 2.5 / 7
    left, right = (back[0] - wide * dy, back[1] + wide * dx), (back[0] + wide * dy, back[1] - wide * dx)
    return f"M{_text((x, y))}L{_text(left)}L{_text(right)}Z"


def _text(p: Point) -> str:
    return f"{_short(p[0])} {_short(p[1])}"


def _short(x: float) -> str:
    """One decimal, and none where it is 0."""
    return f"{x:.1f}".removesuffix(".0") if abs(x) >= _LEVEL else "0"


def _straight(p: Point, q: Point) -> bool:
    return abs(p[0] - q[0]) < _LEVEL or abs(p[1] - q[1]) < _LEVEL


def _turns(p: Point, q: Point, r: Point) -> bool:
    return (abs(p[0] - q[0]) < _LEVEL) != (abs(q[0] - r[0]) < _LEVEL)


def _half(p: Point, q: Point) -> float:
    return math.hypot(p[0] - q[0], p[1] - q[1]) / 2


def _toward(p: Point, q: Point, reach: float) -> Point:
    length = math.hypot(q[0] - p[0], q[1] - p[1]) or 1.0
    return p[0] + (q[0] - p[0]) * reach / length, p[1] + (q[1] - p[1]) * reach / length


def _line(p: Point, q: Point) -> str:
    if abs(p[1] - q[1]) < _LEVEL:
        return f"H{_short(q[0])}" if abs(p[0] - q[0]) >= _LEVEL else ""
    return f"V{_short(q[1])}" if abs(p[0] - q[0]) < _LEVEL else f"L{_text(q)}"
