"""Values and gradients as pictures show them: the numbers themselves where they are few, statistics where many."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ..graph import SMALL

_WIDE = 6
"""Numbers on one line."""


@dataclasses.dataclass(frozen=True, slots=True)
class Numbers:
    """An array as it was when it was looked at. `values` are its elements in C order, None if there are many."""

    shape: tuple[int, ...]
    values: tuple[Any, ...] | None
    mean: float = 0.0
    std: float = 0.0
    min: float = 0.0
    max: float = 0.0
    norm: float = 0.0

    @staticmethod
    def of(array: Any) -> Numbers:
        """Look at `array`: up to 16 elements are kept, of more the statistics (of the magnitudes, if complex).

        >>> Numbers.of(np.array([0.5, -2.0])).lines()
        ['[0.5, −2]']
        >>> Numbers.of(np.arange(100.0)).lines()
        ['mean 49.5 · std 28.87', 'min 0 · max 99']
        """
        array = np.asarray(array)
        if array.size <= SMALL:
            return Numbers(array.shape, tuple(array.reshape(-1).tolist()))
        x = np.abs(array) if array.dtype.kind == "c" else array
        with np.errstate(all="ignore"):  # NaN and infinity are shown, not warned about
            x = x.astype(np.float64)
            return Numbers(array.shape, None, *[float(f(x)) for f in (np.mean, np.std, np.min, np.max, _norm)])

    def lines(self, norm: bool = False) -> list[str]:
        """The text, line by line; for many numbers with the Euclidean norm, where asked for."""
        if self.values is None:
            spread = [
                f"mean {number(self.mean)} · std {number(self.std)}",
                f"min {number(self.min)} · max {number(self.max)}",
            ]
            return [f"norm {number(self.norm)}", *spread] if norm else spread
        if self.shape == ():
            return [number(self.values[0])]
        texts = [number(x, 3) for x in self.values]
        if not texts:
            return ["empty"]
        if len(self.shape) == 2 and self.shape[1] == 1 < self.shape[0]:  # a column, laid down
            rows = _bracketed(_rows(texts, _WIDE))
            return [*rows[:-1], rows[-1] + "ᵀ"]
        if len(self.shape) == 2 and self.shape[1] <= 2 * _WIDE:
            return _bracketed([f"[{row}]" for row in _rows(texts, self.shape[1])])
        return _bracketed(_rows(texts, _WIDE))


def _norm(x: Any) -> Any:
    return np.sqrt(np.sum(x * x))


def _rows(texts: list[str], width: int) -> list[str]:
    return [", ".join(texts[i : i + width]) for i in range(0, len(texts), width)]


def _bracketed(rows: list[str]) -> list[str]:
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
