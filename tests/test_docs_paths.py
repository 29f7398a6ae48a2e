"""Every file and folder of this repository that a page names is there."""

from __future__ import annotations

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PATH = re.compile(r"(?<![\w./-])(?:tinygraph|tests|docs|examples)/[\w./*-]*")


def missing(text: str) -> list[str]:
    """The paths in a text that lead nowhere."""
    found = [path.rstrip(".") for path in PATH.findall(text)]
    return sorted({path for path in found if not any(ROOT.glob(path.rstrip("/")))})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_in_pages_exist(page: pathlib.Path) -> None:
    assert missing(page.read_text(encoding="utf-8")) == []


def test_a_path_that_is_gone_is_noticed() -> None:
    text = "See `tinygraph/errors.py` and `tests/benchmarks/`, then tinygraph/nowhere.py, docs/img/*.svg. ../tests/none"
    assert missing(text) == ["tinygraph/nowhere.py"]
