"""The command line as a whole: what it loads to show its help, and what it offers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tinygraph import training
from tinygraph.check import EFFORTS
from tinygraph.cli import check

LOADED = """
import sys, tinygraph
before = set(sys.modules)
import tinygraph.cli
print(*sorted(name for name in set(sys.modules) - before if name.startswith("tinygraph.")))
"""


def test_the_help_loads_the_commands_and_the_table_of_settings_alone() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    rest = [name for name in done.stdout.split() if not name.startswith("tinygraph.cli")]
    assert [name for name in rest if name.startswith("tinygraph.training")] == [
        "tinygraph.training",
        "tinygraph.training.settings",
    ]
    assert {name.split(".")[1] for name in rest} == {"training", "nn", "random"}  # settings name first weights


def test_what_training_loads_at_first_use_is_there() -> None:
    for name in training.__all__:
        assert getattr(training, name).__doc__
    with pytest.raises(AttributeError, match=r"module 'tinygraph\.training' has no attribute 'fly'"):
        training.fly


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
