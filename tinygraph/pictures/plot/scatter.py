"""The chart of predicted against true numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import selection, vector
from .axes import Axis, drawable, frame
from .chart import HEADING, Chart, chart
from .style import line, marker, text

WIDTH, SIDE = 460, 300


def scatter(true: Any, predicted: Any, *, title: str = "", x_name: str = "true", y_name: str = "predicted") -> Chart:
    """Return the chart of predicted against true numbers, with the diagonal on which they agree.

    R² = 1 - sum (true - predicted)² / sum (true - mean of true)² is written beside it. Of more than 2,000 points an
    even selection is drawn, of which the chart tells. Raises TypeError for what are no numbers, ValueError for other
    than one axis or different lengths.

    >>> scatter([1.0, 2.0, 3.0], [1.1, 1.9, 3.2]).alt
    'predicted against true for 3 samples, R² 0.97'
    """
    x, y = vector("scatter", "true", true), vector("scatter", "predicted", predicted)
    if len(x) != len(y):
        raise ValueError(f"scatter: there are {len(x)} true and {len(y)} predicted numbers; give pairs")
    shown = drawable(x) & drawable(y)
    lost = len(x) - int(shown.sum())
    x, y = x[shown], y[shown]
    both = np.concatenate([x, y]) if len(x) else np.array([0.0, 1.0])
    top = (HEADING if title else 0) + 34
    bottom = top + SIDE - 20
    up_axis = Axis.covering(y_name, float(both.min()), float(both.max()))
    across_axis = Axis.covering(x_name, float(both.min()), float(both.max()))
    left = 22 + up_axis.room
    across, up = across_axis.scale(left, WIDTH - 24), up_axis.scale(bottom, top)
    parts = frame(across, up, across_axis, up_axis)
    parts.append(line(left, bottom, WIDTH - 24, top, "axis", ' stroke-dasharray="5 5"'))
    parts.append(text(WIDTH - 24, top - 8, "equal", "soft", "end"))
    parts += [marker(0, across(float(x[i])), up(float(y[i])), ' fill-opacity=".7"') for i in selection(len(x)).tolist()]
    facts = [f"R² {_r2(x, y):.3g}"] if len(x) > 1 else []
    facts += [f"{len(selection(len(x))):,} drawn"] if len(selection(len(x))) < len(x) else []
    facts += [f"{lost:,} not finite, left out"] if lost else []
    parts.append(text(WIDTH - 24, bottom + 54, " · ".join(facts), "soft", "end"))
    alt = ", ".join([f"{y_name} against {x_name} for {len(x) + lost:,} samples", *facts])
    return chart(title, alt, WIDTH, bottom + 66, parts)


def _r2(true: Any, predicted: Any) -> float:
    """1 - residual / total sum of squares; NaN where the true numbers do not vary."""
    total = float(np.sum((true - true.mean()) ** 2))
    return 1 - float(np.sum((true - predicted) ** 2)) / total if total else float("nan")
