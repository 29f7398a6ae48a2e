"""Weights as images: what each unit looks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ink.escape import shorten
from ..ink.numbers import number
from .arrays import Floats, floats
from .chart import HEADING, Chart, chart
from .png import image
from .style import px, text, width_of

NEGATIVE, ZERO, POSITIVE = (0, 68, 136), (247, 247, 247), (213, 94, 0)
"""RGB of the ends and the middle of the scale; the negative end is darker, which shows without colour too."""

MISSING = (204, 121, 167)
"""RGB of what is not finite."""

WIDTH, GAP = 760, 14
_BAR = 200
_CHANNELS = "in red, green and blue each"


def images(
    weights: Any,
    shape: tuple[int, ...] | None = None,
    *,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    title: str = "",
) -> Chart:
    """Return the chart of weights as small images, one for each unit, on one scale that is symmetric around 0.

    `weights` is (units, pixels), each row of the image's `shape` (height, width) or (height, width, 3), by default
    square; or (units, height, width) or (units, height, width, 3). One channel goes from blue (negative) over white
    (0) to orange; of three, each makes its own colour darker or lighter than the grey of 0. Below each image stand
    its name, from `titles`, and its range.

    Raises TypeError for what are no numbers, ValueError for shapes that do not fit.

    >>> images(np.eye(4), titles=["a", "b", "c", "d"]).alt
    '4 images of 2 by 2 weights, from 0 to 1: a from 0 to 1; b from 0 to 1; c from 0 to 1; d from 0 to 1'
    """
    w = _as_images(floats("images", "weights", weights), shape)
    n, (height, width) = len(w), w.shape[1:3]
    names = [f"unit {k}" for k in range(1, n + 1)] if titles is None else [str(name) for name in titles]
    if len(names) != n:
        raise ValueError(f"images: there are {n} images and {len(names)} titles; give one for each")
    if columns is not None and columns < 1:
        raise ValueError(f"images: cannot lay {n} images in {columns} columns; give a number above 0")
    limit = float(np.max(np.abs(w), where=np.isfinite(w), initial=0.0)) or 1.0
    zoom, cell, columns = _layout(n, height, width, columns)
    top = HEADING + 8 if title else 14
    row = height * zoom + 44
    parts = []
    for k, (one, name) in enumerate(zip(w, names)):
        x, y = 14 + k % columns * cell, top + k // columns * row
        size = f'x="{px(x)}" y="{px(y)}" width="{px(width * zoom)}" height="{px(height * zoom)}"'
        parts.append(image(pixels(one, limit), size))
        room = int((cell - 4) / 7)
        parts.append(text(x, y + height * zoom + 15, shorten(name, room), "strong"))
        parts.append(text(x, y + height * zoom + 29, _span(one, " … ", 2), "soft"))
    bottom = top + math.ceil(n / columns) * row
    colour = w.ndim == 4
    parts += _bar(bottom, limit, colour)
    lost = int((~np.isfinite(w)).sum())
    if lost:
        parts.append(text(14, bottom + 48, f"{lost:,} not finite, in pink", "soft"))
    stories = [f"{name} from {_span(one, ' to ', 4)}" for one, name in zip(w, names)]
    kind = f"{height} by {width} {'colour ' if colour else ''}weights"
    alt = f"{n} image{'s' * (n != 1)} of {kind}, from {_span(w, ' to ', 4)}: {'; '.join(stories)}"
    wide = max(14 + columns * cell, 42 + _BAR + width_of(_CHANNELS) * colour, width_of(title, 15) + 28)
    return chart(title, f"{alt}{f'; {lost:,} not finite' if lost else ''}", wide, bottom + 40 + 20 * bool(lost), parts)


def pixels(one: Floats, limit: float) -> Any:
    """The RGB pixels of one image whose largest possible magnitude is `limit`.

    >>> pixels(np.array([[-1.0, 0.0, 1.0]]), 1.0).tolist()
    [[[0, 68, 136], [247, 247, 247], [213, 94, 0]]]
    """
    bad: Any = ~np.isfinite(one)
    s = np.where(bad, 0.0, one) / limit
    if one.ndim == 3:
        rgb, bad = 127.5 + 127.5 * s, bad.any(axis=2)
    else:
        middle, ends = np.array(ZERO), np.where(s[..., None] < 0, NEGATIVE, POSITIVE)
        rgb = middle + np.abs(s)[..., None] * (ends - middle)
    rgb[bad] = MISSING
    return np.round(rgb).astype(np.uint8)


def _as_images(w: Floats, shape: tuple[int, ...] | None) -> Floats:
    """`w` as (units, height, width) or (units, height, width, 3)."""
    given = w.shape
    if shape is None and w.ndim == 2 and w.size:
        side, side3 = math.isqrt(given[1]), math.isqrt(given[1] // 3)
        shape = next((s for s in ((side, side), (side3, side3, 3)) if math.prod(s) == given[1]), None)
        if shape is None:
            raise ValueError(f"images: {given[1]} weights make no square image; give shape=(height, width)")
    if shape is not None:
        if w.ndim < 2 or math.prod(given[1:]) != math.prod(shape):
            raise ValueError(f"images: weights of shape {given} are no images of {shape}; give (units, pixels)")
        w = w.reshape(given[0], *shape)
    if not (w.ndim == 3 or (w.ndim == 4 and w.shape[3] == 3)) or not w.size:
        raise ValueError(
            f"images: weights of shape {w.shape} are no images; give (units, height, width) or (units, height, width, "
            f"3), or (units, pixels) with shape="
        )
    return w


def _layout(n: int, height: int, width: int, columns: int | None) -> tuple[float, float, int]:
    """Size of a pixel, distance of images, and their number in a row: wide enough for the range below them."""
    wanted = 100.0 if n > 6 else 132.0
    zoom = round(wanted / max(height, width)) or wanted / max(height, width)
    cell = max(width * zoom, 100) + GAP
    return zoom, cell, min(n, columns or max(int((WIDTH - 14) // cell), 1))


def _span(w: Floats, between: str, digits: int) -> str:
    """The smallest and the largest finite number."""
    finite = w[np.isfinite(w)]
    return (
        between.join([number(float(v), digits) for v in (finite.min(), finite.max())]) if finite.size else "no number"
    )


def _bar(y: float, limit: float, colour: bool) -> list[str]:
    """The scale, from -limit over 0 to limit."""
    steps = np.linspace(-limit, limit, 101)[None]
    ramp = pixels(np.repeat(steps[..., None], 3, axis=2) if colour else steps, limit)
    parts = [image(ramp, f'x="14" y="{px(y)}" width="{_BAR}" height="12"')]
    ends = ((14, "start", -limit), (14 + _BAR / 2, "middle", 0.0), (14 + _BAR, "end", limit))
    parts += [text(x, y + 28, number(value, 3), "soft", anchor) for x, anchor, value in ends]
    if colour:
        parts.append(text(14 + _BAR + 14, y + 11, _CHANNELS, "soft"))
    return parts
