"""The planted cases: no miss, no false alarm, nothing that takes too long, and the reference page says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.check.planted import CASES, Planted, check

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "gradient-check-table.md"
SMALL = [name for name, case in CASES.items() if not case.big]
BIG = [name for name, case in CASES.items() if case.big]


def test_there_are_37():
    assert len(CASES) == 37
    assert len(BIG) == 5


@pytest.mark.parametrize("name", SMALL)
def test_small(name):
    found, report = check(CASES[name])
    assert CASES[name].right(found), report


@pytest.mark.slow
@pytest.mark.parametrize("name", BIG)
def test_a_million_inputs(name):
    found, report = check(CASES[name])
    assert CASES[name].right(found), report
    if name == "big1e6_one":
        assert report.findings[0].element == (777_777,)


def row(text: str) -> list[str]:
    return [cell.strip() for cell in text.strip().strip("|").split("|")]


def committed() -> dict[str, str]:
    """tinygraph's column of the page, by case."""
    lines = [row(line) for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    column = lines[0].index("tinygraph")
    return {cells[0].split(" ")[0]: cells[column] for cells in lines if cells[0].split(" ")[0] in CASES}


def test_the_page_has_every_case_and_no_mistake_of_ours():
    column = committed()
    assert list(column) == list(CASES)
    assert [name for name, found in column.items() if not CASES[name].right(found)] == []
    totals = re.findall(
        r"\*\*(misses|false alarms|refused|not feasible)\*\* \| (\d+)", PAGE.read_text(encoding="utf-8")
    )
    assert totals == [("misses", "0"), ("false alarms", "0"), ("refused", "0"), ("not feasible", "0")]


@pytest.mark.parametrize("name", SMALL)
def test_the_page_says_what_happens(name):
    assert committed()[name] == check(CASES[name])[0]


def test_how_answers_are_judged():
    right = CASES["smooth_ok"]
    assert [right.judge(True), right.judge(False), right.judge(False, refused=True)] == ["ok", "FA", "nd"]
    assert [right.right(v) for v in ("ok", "FA", "nd")] == [True, False, False]
    wrong = CASES["bad_sign"]
    assert [wrong.judge(True), wrong.judge(False), wrong.judge(False, refused=True)] == ["miss", "caught", "nd"]
    assert [wrong.right(v) for v in ("miss", "caught", "nd")] == [False, True, False]
    kink: Planted = CASES["relu_at_0"]
    assert [kink.right(v) for v in ("ok", "nd", "FA")] == [True, True, False]
