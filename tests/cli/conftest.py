"""Small tables for the command line's tests, and a way to run it."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tinygraph.cli import main


@dataclasses.dataclass(frozen=True)
class Ran:
    """How a command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def tinygraph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Run `tinygraph` with these words in an empty folder; a wrong option's SystemExit counts as an exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Ran:
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:
            code = int(end.code or 0)
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def mymodel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """mymodel.py in the test's folder, with the MODEL of the test's module; what importing it leaves is undone."""
    (tmp_path / "mymodel.py").write_text(request.module.MODEL)
    modules = set(sys.modules)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture
def table(tmp_path: Path) -> str:
    """flowers.csv in the test's folder: numbers, a category, missing values; three targets to choose from."""
    rng = np.random.default_rng(0)
    lines = ["length,colour,wild,species,weight"]
    for i in range(60):
        species = ("aster", "lily", "rose")[i % 3]
        length = f"{3 * (i % 3) + rng.normal():.2f}" if i % 11 else ""
        colour = ("red", "white", "")[rng.integers(3)]
        lines.append(f"{length},{colour},{('yes', 'no')[i % 3 == 2]},{species},{2 * (i % 3) + rng.normal():.3f}")
    (tmp_path / "flowers.csv").write_text("\n".join(lines) + "\n")
    return "flowers.csv"
