"""Every benchmark, reduced and untimed: tinygraph computes what the hand-written NumPy step computes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import checkouts, startup
from tests.benchmarks.costs import NODES
from tests.benchmarks.engines import COMPILED, HAND, TINYGRAPH, Engine
from tests.benchmarks.harness import MismatchError, Workload, compare, measure
from tests.benchmarks.scalar import ScalarExpr
from tests.benchmarks.workloads import OVERHEADS, WORKLOADS

ROOT = Path(__file__).resolve().parents[2]
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


def test_checkouts_that_compute_different_things_are_not_timed(tmp_path: Path) -> None:
    (tmp_path / "tinygraph").mkdir()
    (tmp_path / "tinygraph" / "__init__.py").write_text("other = 1\n", encoding="utf-8")
    row = checkouts.time_row(ScalarExpr("scalar_expr"), ROOT, tmp_path, pairs=1, budget=1.0)
    assert row.problem.startswith("AttributeError: module 'tinygraph' has no attribute")
    assert not row.this
    row = checkouts.time_row(WrongExpr("wrong_expr"), ROOT, ROOT, pairs=1, budget=1.0)
    assert not row.problem  # equally wrong is none of this mode's business
    assert len(row.this) == len(row.that) == 1
    text = checkouts.report([checkouts.Row("scalar_expr", problem="MISMATCH: output 1")], []).text
    assert text == "Not measured:\n\n- scalar_expr: MISMATCH: output 1"


def test_the_other_checkouts_results_are_the_reference() -> None:
    workload, right = ScalarExpr("scalar_expr"), [[np.array(2.0)]]
    for wrong, message in [
        ([[np.array(3.0)]], "output 0 of step 1 differs from the other checkout's by 5.0e-01 relative"),
        ([[np.array([2.0])]], "output 0 of step 1 has shape (1,), the other checkout ()"),
        ([[]], "step 1 returned 0 values where the other checkout returned 1"),
    ]:
        with pytest.raises(MismatchError) as caught:
            compare(workload, wrong, right, "the other checkout")
        assert message in str(caught.value)


def test_rows_and_their_mean_have_bars() -> None:
    def good(*ratios: float) -> bool:
        rows = [checkouts.Row(f"row_{k}", [ratio, ratio], [1.0, 1.0]) for k, ratio in enumerate(ratios)]
        return checkouts.report(rows, []).good

    assert good(1.0, 1.05)
    assert good(1.1, 0.9)
    assert not good(1.11, 0.9)
    assert not good(1.05, 1.02)
    assert not checkouts.report([], [startup.Startup("import", "ms", 41.0, 35.0, 40.0)]).good
    row = checkouts.Row("row", [1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5)
    assert (row.ratio, row.spread) == (3.0, 1.0)
    text = checkouts.report([row], [startup.Startup("import", "ms", 30.0, 35.0, 40.0)]).text
    assert "| row | 3,000,000 | 1,000,000 | 3.000 | ± 1.000 | 5 | **no** |" in text
    assert "Geometric mean 3.000 (bar 1.03: **no**); worst row row, 3.000 (bar 1.10: **no**)." in text
    assert "| import, ms | 30.0 | 35.0 | 40.0 | yes |" in text


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, from the repository's root."""
    command = [sys.executable, "-m", "tests.benchmarks", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    ran = run("--only", "scalar_expr", "--peers", "none", "--quick", "--out", str(out))
    assert ran.returncode in (0, 1), ran.stderr
    assert "| workload | hand NumPy us | tinygraph eager | eager bar |" in ran.stdout
    assert out.read_text(encoding="utf-8") == ran.stdout
    assert "| scalar_expr |" in ran.stdout


def test_the_command_compares_two_checkouts(tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "tinygraph", other / "tinygraph", ignore=shutil.ignore_patterns("__pycache__"))
    ran = run("--against", str(other), "--only", "scalar_expr", "import", "--runs", "1")
    assert ran.returncode in (0, 1), ran.stderr
    row = r"^\| scalar_expr \| [\d.]+ \| [\d.]+ \| \d\.\d+ \| ± (0\.000 \| 1|\d\.\d+ \| 2) \|"  # two pairs above 1.10
    assert re.search(row, ran.stdout, re.M)
    assert "Geometric mean" in ran.stdout
    assert re.search(r"^\| modules of ours that the import loads, modules \| ([\d.]+) \| \1 \| 80", ran.stdout, re.M)
    ran = run("--against", str(tmp_path))
    assert ran.returncode == 2
    assert f"--against: there is no tinygraph in {tmp_path}; give the root of a checkout" in ran.stderr


def test_the_command_rejects_names_it_does_not_know() -> None:
    for option in ("--only", "--peers"):
        ran = run(option, "nonsense")
        assert ran.returncode == 2
        assert "nonsense; there are" in ran.stderr
