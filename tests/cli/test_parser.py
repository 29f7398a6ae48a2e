"""The command line as a whole: what it loads to show its help, and what it offers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tinygraph.check import EFFORTS
from tinygraph.cli import check

LOADED = """
import sys, tinygraph
before = set(sys.modules)
import tinygraph.cli
new = {name.split(".")[1] for name in set(sys.modules) - before if name.startswith("tinygraph.")}
print(*sorted(new - {"cli", "training", "nn", "optim", "random"}))
"""


def test_the_help_loads_neither_pictures_nor_checks() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("command", ["train", "predict", "check", "draw", "step"])
def test_every_command_is_in_the_help_and_has_one(tinygraph: Callable, command: str) -> None:
    assert f"\n    {command} " in tinygraph("--help").out
    ran = tinygraph(command, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"usage: tinygraph {command} ")


def test_an_unknown_command_is_refused(tinygraph: Callable) -> None:
    ran = tinygraph("fly")
    assert ran.code == 2
    assert "invalid choice: 'fly'" in ran.err


def test_the_efforts_offered_are_those_of_the_check() -> None:
    assert tuple(EFFORTS) == check.EFFORTS
