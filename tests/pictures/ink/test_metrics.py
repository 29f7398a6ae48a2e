"""Text widths against those that Chromium measured in Liberation Sans, whose widths are Helvetica's."""

from __future__ import annotations

import pytest

from tinygraph.pictures.ink.metrics import width

MEASURED = [  # at 1,000 points without kerning, regular and bold
    ("value 0.5", 4059, 4225),
    ("dW2 = dv @ A1", 7046, 7227),
    ("net.0.lin : Linear", 7116, 7668),
    ("×", 584, 584),
    ("café", 1890, 2001),
]
OTHERS = [
    ("①", 896, 896), ("v₁", 901, 957), ("∂", 494, 494), ("σ", 617, 684), ("∞", 713, 713), ("→", 1000, 1000),
    ("≤", 549, 549), ("Aᵀ", 1052, 1107), ("⟨x⟩", 1280, 1336), ("Ω", 748, 802), ("ω", 781, 845), ("π", 690, 766),
    ("…", 1000, 1000), ("∇", 669, 669), ("x²", 833, 889), ("naïve", 2446, 2557),
]  # fmt: skip


@pytest.mark.parametrize(("text", "regular", "bold"), MEASURED)
def test_widths_of_helvetica(text: str, regular: int, bold: int) -> None:
    assert width(text, 1000) == pytest.approx(regular, abs=1)
    assert width(text, 1000, bold=True) == pytest.approx(bold, abs=1)


@pytest.mark.parametrize(("text", "regular", "bold"), OTHERS)
def test_other_signs_have_room(text: str, regular: int, bold: int) -> None:
    assert 0.96 * regular <= width(text, 1000) <= 1.25 * regular
    assert 0.96 * bold <= width(text, 1000, bold=True) <= 1.25 * bold


def test_marks_have_no_width_and_wide_characters_have_two() -> None:
    assert width("e\u0301", 10) == width("e", 10)
    assert width("\u200b", 10) == 0
    assert width("語", 10) >= 10
    assert width("", 10) == 0
