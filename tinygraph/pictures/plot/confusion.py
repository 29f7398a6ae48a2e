"""The chart of a classifier's confusions: how often each class was taken for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ink.escape import shorten
from .arrays import floats
from .chart import HEADING, Chart, chart
from .style import px, text, width_of

LONGEST_NAME = 18


def confusion(table: Any, classes: Sequence[str], *, title: str = "") -> Chart:
    """Return the chart of a table of counts: rows are true classes, columns predicted ones.

    Cells are shaded by their share of the row; those on the diagonal, which are right, have an outline too. Raises
    ValueError for another table than one row and one column a class, or counts below 0 or not finite.

    >>> confusion([[8, 2], [1, 9]], ["cat", "dog"]).alt
    'of true cat: 8 cat, 2 dog; of true dog: 1 cat, 9 dog; 17 of 20 right'
    """
    counts, names = floats("confusion", "table", table), [str(name) for name in classes]
    n = len(names)
    if counts.shape != (n, n) or not n:
        raise ValueError(
            f"confusion: the table has shape {counts.shape} and there are {n} classes; give a row and a column each"
        )
    if not (np.isfinite(counts) & (counts >= 0)).all():
        raise ValueError("confusion: the table holds counts that are negative or not finite; count samples")
    short = [shorten(name, LONGEST_NAME) for name in names]
    longest = max(map(width_of, short))
    widest = max(width_of(_count(c)) for c in counts.reshape(-1))
    cell = max(min(60.0, 420 / n), widest + 8, 24)
    slanted = longest > cell - 6
    left = max(30 + longest, 60)
    top = (HEADING if title else 12) + 28 + (0.72 * longest + 8 if slanted else 18)
    parts = [text(left, (HEADING if title else 12) + 16, "predicted", "soft")]
    parts.append(text(left - 12, top - 10, "true", "soft", "end"))
    for j, name in enumerate(short):
        x = left + (j + 0.5) * cell
        turn = f' transform="rotate(-45 {px(x)} {px(top - 10)})"' if slanted else ""
        parts.append(text(x, top - 10, name, "", "start" if slanted else "middle", turn))
    for i, row in enumerate(counts):
        y = top + i * cell
        parts.append(text(left - 12, y + cell / 2 + 4, short[i], "", "end"))
        for j, count in enumerate(row):
            parts.append(_cell(left + j * cell, y, cell, float(count), float(row.sum()), i == j))
    total, right = float(counts.sum()), float(np.trace(counts))
    share = f" ({100 * right / total:.1f} %)" if total else ""
    parts.append(text(left, top + n * cell + 22, f"{_count(right)} of {_count(total)} right{share}", "soft"))
    width = max(left + n * cell + (0.75 * longest if slanted else 24), width_of(title, 15) + 28, left + 190)
    return chart(title, _story(names, counts), width, top + n * cell + 36, parts)


def _cell(x: float, y: float, size: float, count: float, of: float, right: bool) -> str:
    shade = f"{0.1 + 0.36 * count / of:.2f}" if count else "0"
    place = f'x="{px(x + 1.5)}" y="{px(y + 1.5)}" width="{px(size - 3)}" height="{px(size - 3)}" rx="3"'
    parts = [f'<rect class="cell {"k1" if right else "k2"}" {place} fill-opacity="{shade}"/>'] if count else []
    if right:
        parts.append(f'<rect class="outline k1" {place}/>')
    parts.append(text(x + size / 2, y + size / 2 + 4, _count(count), "strong" if count else "soft", "middle"))
    return "".join(parts)


def _count(x: float) -> str:
    return f"{x:,.0f}" if x == round(x) else f"{x:.3g}"


def _story(names: list[str], counts: Any) -> str:
    rows = [
        f"of true {name}: " + (", ".join(f"{_count(c)} {other}" for c, other in zip(row, names) if c) or "none")
        for name, row in zip(names, counts)
    ]
    return f"{'; '.join(rows)}; {_count(np.trace(counts))} of {_count(counts.sum())} right"
