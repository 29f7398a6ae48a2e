"""Values and gradients as pictures show them: the numbers themselves where they are few, statistics where many."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ...engine.node import SMALL

_WIDE = 6
"""Numbers on one line."""


class Numbers(NamedTuple):
    """An array as it was when it was looked at. `values` are its elements in C order, None if there are many."""

    shape: tuple[int, ...]
    values: tuple[Any, ...] | None
    mean: float = 0.0
    std: float = 0.0
    min: float = 0.0
    max: float = 0.0
    norm: float = 0.0
    zeros: float = 0.0
    bars: str = ""

    @staticmethod
    def of(array: Any) -> Numbers:
        """Look at `array`: up to 16 elements are kept, of more the statistics (of the magnitudes, if complex).

        >>> Numbers.of(np.array([0.5, -2.0])).lines()
        ['[0.5, −2]']
        >>> Numbers.of(np.arange(100.0) ** 2).lines()
        ['mean 3284 · std 2953', 'min 0 · max 9801', '█▄▄▃▃▃▃▃ zeros 1 %']
        """
        array = np.asarray(array)
        if array.size <= SMALL:
            return Numbers(array.shape, tuple(array.reshape(-1).tolist()))
        x = np.abs(array) if array.dtype.kind == "c" else array
        with np.errstate(all="ignore"):  # NaN and infinity are shown, not warned about
            x = x.astype(np.float64)
            return Numbers(
                shape=array.shape,
                values=None,
                mean=float(np.mean(x)),
                std=float(np.std(x)),
                min=float(np.min(x)),
                max=float(np.max(x)),
                norm=float(_norm(x)),
                zeros=_zeros(x),
                bars=_bars(x),
            )

    @property
    def size(self) -> int:
        """How many elements the array had."""
        return math.prod(self.shape)

    @property
    def rms(self) -> float:
        """The root of the mean square of the elements; NaN or infinite if one of them is, 0 if there are none."""
        if self.values is None:
            return self.norm / math.sqrt(self.size)
        with np.errstate(all="ignore"):
            return float(_norm(np.abs(np.array(self.values, dtype=complex)))) / math.sqrt(max(self.size, 1))

    @property
    def zero_share(self) -> float:
        """The share of elements that are exactly zero."""
        return self.zeros if self.values is None else sum(x == 0 for x in self.values) / max(self.size, 1)

    def lines(self, norm: bool = False) -> list[str]:
        """The text, line by line; for many numbers with the Euclidean norm, where asked for."""
        if self.values is None:
            spread = [
                f"mean {number(self.mean)} · std {number(self.std)}",
                f"min {number(self.min)} · max {number(self.max)}",
            ]
            share = f"zeros {100 * self.zeros:.3g} %" if self.zeros else ""
            spread += [" ".join(filter(None, (self.bars, share)))] if self.bars or share else []
            return [f"norm {number(self.norm)}", *spread] if norm else spread
        if self.shape == ():
            return [number(self.values[0])]
        texts = [number(x, 3) for x in self.values]
        if not texts:
            return ["empty"]
        if len(self.shape) == 2 and self.shape[1] == 1 < self.shape[0]:  # a column, laid down
            rows = _bracket(_rows(texts, _WIDE))
            return [*rows[:-1], rows[-1] + "ᵀ"]
        if len(self.shape) == 2 and self.shape[1] <= 2 * _WIDE:
            return _bracket([f"[{row}]" for row in _rows(texts, self.shape[1])])
        return _bracket(_rows(texts, _WIDE))


def _norm(x: Any) -> Any:
    return np.sqrt(np.sum(x * x))


def _zeros(x: Any) -> float:
    return 1.0 - int(np.count_nonzero(x)) / int(x.size)


def _bars(x: Any) -> str:
    """A histogram of eight bars from the smallest element to the largest, as text; "" where that says nothing."""
    low, high = float(np.min(x)), float(np.max(x))
    if not np.isfinite(high - low) or low == high:
        return ""
    counts = np.bincount(np.minimum(((x.reshape(-1) - low) / (high - low) * 8).astype(int), 7), minlength=8)
    heights = np.ceil(7 * counts / counts.max()).astype(int)  # what is there shows, what is not lies flat
    return "".join("▁▂▃▄▅▆▇█"[h] for h in heights)


def _rows(texts: list[str], width: int) -> list[str]:
    return [", ".join(texts[i : i + width]) for i in range(0, len(texts), width)]


def _bracket(rows: list[str]) -> list[str]:
    rows = [f"[{rows[0]}", *[f" {row}" for row in rows[1:]]]
    return [*[f"{row}," for row in rows[:-1]], f"{rows[-1]}]"]


def number(x: Any, digits: int = 4) -> str:
    """A number in a few significant digits, with a minus sign as mathematics prints it.

    >>> number(-0.123456), number(float("-inf")), number(3), number(True), number(1e-12)
    ('−0.1235', '−∞', '3', 'True', '1e−12')
    """
    if isinstance(x, bool | int) and (isinstance(x, bool) or abs(x) < 10**6):
        text = str(x)
    else:
        text = f"{x + 0.0:.{digits}g}"  # + 0.0: not -0
    return text.replace("-", "−").replace("inf", "∞")
