"""Where in the plane a model says what: regions, the lines between them, and the samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...engine.mode import no_grad
from ...engine.wording import number_of
from ..ink.escape import shorten
from .arrays import Floats, floats, selection
from .axes import Axis, Scale, drawable, frame
from .chart import HEADING, Chart, chart
from .png import image
from .style import LIGHT, marker, px, text, width_of

SIDE = 304
LONGEST_NAME = 20


def boundary(
    predict: Callable[[Any], Any],
    X: Any,
    y: Any,
    classes: Sequence[str] | None = None,
    *,
    resolution: int = 160,
    title: str = "",
    names: tuple[str, str] = ("x₁", "x₂"),
) -> Chart:
    """Return the chart of the decision boundary of a classifier of points in the plane, with its samples.

    `predict` is given points (N, 2) and returns class numbers (N,), or scores or probabilities (N, classes), or for
    two classes the probability of the second, (N,) or (N, 1). `X` is (samples, 2), `y` (samples,) class numbers,
    `classes` their names. The plane is asked at `resolution` times `resolution` points. Colour and marker say the
    true class of a sample, the colour of the ground the predicted one.

    Raises ValueError for other shapes, for samples that are not finite, and for predictions that are NaN.

    >>> chart = boundary(lambda P: P[:, 0] > 0, [[-1.0, 0.0], [1.0, 0.0], [2.0, 1.0]], [0, 1, 0], ["left", "right"])
    >>> chart.alt
    'x₂ against x₁, regions of 2 classes: left, 2 samples, right, 1 sample; 2 of 3 samples in the region of their class'
    """
    X, y = floats("boundary", "X", X), floats("boundary", "y", y)
    _check(X, y, resolution)
    numbers = y.astype(int)
    across_axis, up_axis = (Axis.covering(name, *_with_margin(X[:, k])) for k, name in enumerate(names))
    grid = _grid(across_axis, up_axis, resolution)
    scores = _scores(predict, np.concatenate([grid, X]))
    n = max(scores.shape[1], int(numbers.max()) + 1, len(classes or ()))
    labels = [f"class {k}" for k in range(n)] if classes is None else [str(name) for name in classes]
    if len(labels) < n:
        raise ValueError(f"boundary: there are {n} classes and {len(labels)} names; give one for each")
    top = (HEADING if title else 0) + 34
    left = 22 + up_axis.room
    across, up = across_axis.scale(left, left + SIDE), up_axis.scale(top + SIDE, top)
    ground = scores[: len(grid)].argmax(axis=1).reshape(resolution, resolution)
    right = scores[len(grid) :].argmax(axis=1) == numbers

    parts = [image(_tint(ground[::-1]), f'x="{px(left)}" y="{px(top)}" width="{SIDE}" height="{SIDE}"')]
    parts += frame(across, up, across_axis, up_axis)
    parts.append(_lines(scores[: len(grid)].reshape(resolution, resolution, -1), across, up))
    drawn = selection(len(X)).tolist()
    parts += [marker(int(numbers[i]), across(float(X[i, 0])), up(float(X[i, 1]))) for i in drawn]
    counts = np.bincount(numbers, minlength=n)
    legend = left + SIDE + 22
    parts += _legend(labels, counts, legend, top)
    drawn_of = f"{len(drawn):,} of {len(X):,} samples drawn" if len(drawn) < len(X) else ""
    fact = f"{right.sum():,} of {len(X):,} samples in the region of their class"
    parts.append(text(left, top + SIDE + 54, "; ".join(filter(None, [fact, drawn_of])), "soft"))
    told = ", ".join(f"{name}, {_samples(count)}" for name, count in zip(labels, counts))
    alt = f"{names[1]} against {names[0]}, regions of {n} classes: {told}; {fact}"
    width = legend + 28 + max(width_of(shorten(name, LONGEST_NAME), 13) for name in [*labels, "99 samples"])
    return chart(title, alt, width, max(top + SIDE + 66, top + 36 * n), parts)


def _legend(labels: list[str], counts: Any, x: float, top: float) -> list[str]:
    """Marker, name and number of samples of each class."""
    parts = []
    for k, (name, count) in enumerate(zip(labels, counts)):
        y = top + 36 * k
        parts.append(marker(k, x, y + 10))
        parts.append(text(x + 14, y + 14, shorten(name, LONGEST_NAME), "strong"))
        parts.append(text(x + 14, y + 29, _samples(count), "soft"))
    return parts


def _check(X: Floats, y: Floats, resolution: int) -> None:
    if X.ndim != 2 or X.shape[1] != 2 or not len(X):
        raise ValueError(f"boundary: X has shape {X.shape}; give (samples, 2)")
    if y.shape != (len(X),) or (y < 0).any() or (y != np.round(y)).any():
        raise ValueError(f"boundary: y of shape {y.shape} are no class numbers of {len(X)} samples; give 0, 1, 2, …")
    if not drawable(X).all():
        raise ValueError("boundary: X holds what is not finite; leave these samples out")
    if resolution < 2:
        raise ValueError(f"boundary: cannot see a region at {resolution} points a side; give 100 or so")


def _with_margin(x: Floats) -> tuple[float, float]:
    """The range of `x` with a margin, so that no sample lies on the frame."""
    low, high = float(x.min()), float(x.max())
    return low - 0.03 * (high - low), high + 0.03 * (high - low)


def _grid(across: Axis, up: Axis, resolution: int) -> Floats:
    """The centres of the pixels, row by row from below: (resolution², 2)."""
    middles = (np.arange(resolution) + 0.5) / resolution
    x, y = (axis.ticks[0] + middles * (axis.ticks[-1] - axis.ticks[0]) for axis in (across, up))
    grid: Floats = np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1).reshape(-1, 2)
    return grid


def _scores(predict: Callable[[Any], Any], points: Floats) -> Floats:
    """What `predict` says of the points, as (points, classes): the largest number wins."""
    with no_grad():
        said = predict(points)
    kind = np.dtype(getattr(said, "dtype", float)).kind
    s = floats("boundary", "what predict returns", said)
    if s.shape == (len(points), 1):
        s = s[:, 0]
    if np.isnan(s).any():
        raise ValueError(f"boundary: predict returned NaN for {np.isnan(s).sum():,} numbers; train with a smaller step")
    if s.shape == (len(points),) and kind in "iub":
        if (s < 0).any():
            raise ValueError(f"boundary: predict returned class {s.min():.0f}; number the classes 0, 1, 2, …")
        one_hot: Floats = np.eye(max(int(s.max()) + 1, 2))[s.astype(int)]
        return one_hot
    if s.shape == (len(points),):
        return np.stack([1 - s, s], axis=1)
    if s.ndim != 2 or len(s) != len(points):
        raise ValueError(
            f"boundary: predict returned shape {s.shape} for {len(points)} points; return class numbers (points,) or "
            f"scores (points, classes)"
        )
    return s


def _tint(ground: Any) -> Any:
    """RGBA of the ground: the class's colour, thin enough for text and markers upon it."""
    palette = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] + [56] for c in LIGHT], np.uint8)
    return palette[ground % len(LIGHT)]


def _lines(scores: Floats, across: Scale, up: Scale) -> str:
    """The boundary: where a class and the best of the others are equal, found in each square of four points."""
    n = scores.shape[2]
    segments = []
    for k in range(1 if n == 2 else n):
        margin = scores[..., k] - np.delete(scores, k, axis=2).max(axis=2)
        segments += _zero(margin)
    size = scores.shape[0]

    def at(column: float, row: float) -> str:
        x = across.start + (column + 0.5) / size * (across.end - across.start)
        return f"{px(x)} {px(up.start + (row + 0.5) / size * (up.end - up.start))}"

    path = "".join(f"M{at(*a)}L{at(*b)}" for a, b in segments)
    return f'<path class="contour" d="{path}"/>' if path else ""


def _zero(field: Floats) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Segments, in (column, row), where `field` passes 0: marching squares, with linear interpolation on the sides."""
    positive = field > 0
    mixed = positive[:-1, :-1].astype(int) + positive[:-1, 1:] + positive[1:, :-1] + positive[1:, 1:]
    segments = []
    for r, c in np.argwhere((mixed > 0) & (mixed < 4)).tolist():
        corners = [(c, r), (c + 1, r), (c + 1, r + 1), (c, r + 1)]
        crossings = []
        for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1]):
            a, b = float(field[y0, x0]), float(field[y1, x1])
            if (a > 0) != (b > 0):
                t = a / (a - b)
                crossings.append((x0 + t * (x1 - x0), y0 + t * (y1 - y0)))
        segments += list(zip(crossings[::2], crossings[1::2]))
    return segments


def _samples(count: int) -> str:
    return number_of(count, "sample")
