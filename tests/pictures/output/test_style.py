"""The palette: text can be read on every fill, on light and dark paper, and signs have strokes of their own."""

from __future__ import annotations

import re

import pytest

from tinygraph.pictures.output import style

from .. import graphs


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast ratio (WCAG 2.2), from 1 to 21."""
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("paper", "which"), [(style.LIGHT, "light"), (style.DARK, "dark")])
def test_text_has_contrast_on_every_fill(paper: style.Paper, which: str) -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    for fill in [paper.ground, *[getattr(look, which) for look in style.LOOKS.values()]]:
        assert contrast(paper.ink, fill) >= 8
        assert contrast(paper.grey, fill) >= 4.5  # secondary text: level AA
    for stroke in (paper.border, paper.line):
        assert contrast(stroke, paper.ground) >= 3


def test_the_svg_has_these_colours_and_no_other() -> None:
    light, dark = graphs.scalar().svg(), graphs.folded_layers().svg()
    known = {*style.LIGHT, *style.DARK, *style.ALARMS.values()}
    known |= {colour for look in style.LOOKS.values() for colour in (look.light, look.dark)}
    for svg in (light, dark):
        assert {colour.upper() for colour in re.findall(r"#[0-9A-Fa-f]{6}\b", svg)} <= known


def test_marks_differ_in_dashes_and_class() -> None:
    marks = list(style.MARKS.values())
    for field in ("name", "colour", "dashes", "style"):
        assert len({getattr(mark, field) for mark in marks}) == len(marks)
