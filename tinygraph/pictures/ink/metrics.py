"""How wide text is in Helvetica, so that boxes fit their text without a font library."""

from __future__ import annotations

import functools
import unicodedata

_REGULAR = """
278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584
584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278
278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500
500 334 260 334 584"""
_BOLD = """
278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333 584 584
584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 667 667 611 333
278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556
500 389 280 389 584"""
"""Advance widths of the characters from space to ~, in thousandths of the size: Adobe's font metrics of Helvetica
and Helvetica-Bold, which Arial and Liberation Sans share."""
_SIGNS = {
    "·": 278,
    "\u00a0": 278,
    "×": 584,
    "−": 584,
    "¬": 584,
    "‖": 500,
    "•": 350,
    "∂": 500,
    "∞": 715,
    "√": 550,
    "ω": 845,
}
_NARROWEST = 278
"""Of the letters with accents, which are wider than the i."""
_KINDS = {"<super>": 402, "<sub>": 402, "<circle>": 1000}
_BLOCKS = ((0x0370, 720), (0x0400, 640), (0x0530, 700), (0x2010, 560), (0x2014, 1000), (0x2018, 360), (0x2020, 560),
           (0x2024, 1000), (0x2030, 560), (0x2190, 1000), (0x2200, 720), (0x2264, 550), (0x2266, 850), (0x2300, 1000),
           (0x27E6, 400), (0x27F0, 1000), (0x2E80, 1000))  # fmt: skip
"""Where the characters with a usual width begin: at or below the first, 600."""


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a line of text is in points: exact for ASCII, else a usual width of such characters.

    >>> width("W @ X", 10), width("W @ X", 10, bold=True)
    (31.82, 31.42)
    """
    return sum([_advance(c, bold) for c in text]) * size / 1000


@functools.cache
def _advance(c: str, bold: bool) -> int:
    if " " <= c <= "~":
        return _tables()[bold][ord(c) - 32]
    if c in _SIGNS:
        return _SIGNS[c]
    if unicodedata.combining(c) or unicodedata.category(c) in ("Cf", "Mn"):
        return 0
    if unicodedata.east_asian_width(c) in "WF":
        return 1050
    parts = unicodedata.decomposition(c).split()
    if parts and parts[0] in _KINDS:
        return _KINDS[parts[0]]
    if parts and parts[0][0] != "<":  # a letter with an accent
        return max(_advance(chr(int(parts[0], 16)), bold), _NARROWEST)
    usual = max([block for block in _BLOCKS if block[0] <= ord(c)], default=(0, 600))[1]
    return usual + 50 * bold if c.isalpha() else usual


@functools.cache
def _tables() -> tuple[list[int], list[int]]:
    return [int(w) for w in _REGULAR.split()], [int(w) for w in _BOLD.split()]
