"""Every benchmark, reduced and untimed: tinygraph computes what the hand-written NumPy step computes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.costs import NODES
from tests.benchmarks.engines import COMPILED, HAND, TINYGRAPH, Engine
from tests.benchmarks.harness import MismatchError, Workload, compare, measure
from tests.benchmarks.scalar import ScalarExpr
from tests.benchmarks.workloads import OVERHEADS, WORKLOADS

ALL = (*WORKLOADS, *OVERHEADS, NODES)
PAIRS = [(workload, side) for workload in ALL for side in (TINYGRAPH, COMPILED) if workload.supports(side)]


@pytest.mark.parametrize(("workload", "engine"), PAIRS, ids=lambda value: value.name)
def test_tinygraph_computes_what_the_hand_written_step_computes(workload: Workload, engine: Engine) -> None:
    small = workload.small()
    found, expected = (small.steps(small.build(side)) for side in (engine, HAND))
    compare(small, found, expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert [value.dtype for value in ours] == [value.dtype for value in theirs]


def test_a_wrong_value_shape_count_or_nan_is_a_mismatch() -> None:
    workload = ScalarExpr("scalar_expr")
    right = [[np.array(2.0), np.array([1.0, 3.0])]]
    compare(workload, right, right)
    wrong = {
        "output 1 of step 1 differs from NumPy's by": [[np.array(2.0), np.array([1.0, 3.001])]],
        "output 0 of step 1 differs from NumPy's by nan": [[np.array(np.nan), np.array([1.0, 3.0])]],
        "output 1 of step 1 has shape (1, 2), NumPy (2,)": [[np.array(2.0), np.array([[1.0, 3.0]])]],
        "step 1 returned 1 values where NumPy returned 2": [[np.array(2.0)]],
    }
    for message, found in wrong.items():
        with pytest.raises(MismatchError) as caught:
            compare(workload, found, right)
        assert message in str(caught.value)


def test_an_update_hidden_behind_a_large_parameter_is_still_compared() -> None:
    first = [np.array([1e3, 1e3])]
    right, wrong = [first, [first[0] + 1e-9]], [first, [first[0] + 2e-9]]
    with pytest.raises(MismatchError, match="movement of output 0"):
        compare(ScalarExpr("scalar_expr"), wrong, right)


class WrongExpr(ScalarExpr):
    """Its tinygraph step returns a wrong derivative."""

    def tinygraph(self):  # type: ignore[no-untyped-def]
        step = self.hand()
        return lambda: (step()[0], 0.0, 0.0)


def test_a_mismatch_is_reported_and_never_timed() -> None:
    result = measure(WrongExpr("wrong_expr"), [TINYGRAPH], budget=0.0, limit=60.0)
    assert result.failures["tinygraph"].startswith("MISMATCH: output 1 of step 1")
    assert set(result.seconds) == {"hand"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, from the repository's root."""
    command = [sys.executable, "-m", "tests.benchmarks", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    ran = run("--only", "scalar_expr", "--peers", "none", "--quick", "--out", str(out))
    assert ran.returncode in (0, 1), ran.stderr
    assert "| workload | hand NumPy us | tinygraph eager | eager bar |" in ran.stdout
    assert out.read_text(encoding="utf-8") == ran.stdout
    assert "| scalar_expr |" in ran.stdout


def test_the_command_rejects_names_it_does_not_know() -> None:
    for option in ("--only", "--peers"):
        ran = run(option, "nonsense")
        assert ran.returncode == 2
        assert "nonsense; there are" in ran.stderr
