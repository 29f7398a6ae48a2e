"""The pytest plugin: `gradcheck` fails a test with the report and obeys markers."""

from __future__ import annotations

import importlib.metadata
import os
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ENTRY = "tinygraph = tinygraph.testing.plugin"
ROOT = Path(__file__).resolve().parents[2]
INSTALLED = any(e.name == "tinygraph" for e in importlib.metadata.entry_points(group="pytest11"))

CHECKS = """
import numpy as np
import pytest
import tinygraph as tg

@tg.elementwise(lambda y, x: 2 * y)
def slope_doubled(x):
    return np.exp(x)

def test_right(gradcheck):
    report = gradcheck(lambda x: np.sin(x), np.array([0.5, 1.0]))
    assert report.ok

def test_wrong(gradcheck):
    gradcheck(slope_doubled, 0.5, seed=7)

@pytest.mark.gradcheck(order=2)
def test_marked(gradcheck):
    assert max(f.order for f in gradcheck(np.sin, 0.5).findings) == 2

@pytest.mark.gradcheck(order=2)
def test_the_call_wins(gradcheck):
    assert max(f.order for f in gradcheck(np.sin, 0.5, order=1).findings) == 1

@pytest.mark.gradcheck(raises=False)
class TestClass:
    def test_marked(self, gradcheck):
        assert not gradcheck(slope_doubled, 0.5).ok

@pytest.mark.gradcheck(2)
def test_by_position(gradcheck):
    pass
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Run pytest on one file in a process of its own, with the plugin as it is installed, or from the source."""
    paths = [str(ROOT)]
    if not INSTALLED:  # an installation as pip would write it
        info = pytester.mkdir("site") / "tinygraph-0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tinygraph\nVersion: 0\n")
        (info / "entry_points.txt").write_text(f"[pytest11]\n{ENTRY}\n")
        paths.append(str(info.parent))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    def runs(text: str, *words: str) -> pytest.RunResult:
        pytester.makepyfile(text)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *words)

    return runs


def test_outcomes_and_what_a_failure_shows(run) -> None:
    result = run(CHECKS, "--strict-markers", "-W", "error")
    result.assert_outcomes(passed=4, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*gradcheck(slope_doubled, 0.5, seed=7)"])
    result.stdout.fnmatch_lines(["E *slope_doubled*wrong*", "E *again with gradcheck(..., seed=7, effort='normal')"])
    result.stdout.fnmatch_lines(
        [
            "*Captured gradient check call*",
            "check_gradients: slope_doubled's gradient is wrong*",
            "  op  *",
            "  checked  *",
        ]
    )
    result.stdout.fnmatch_lines(["gradcheck: effort=normal, seed=0"])
    result.stdout.fnmatch_lines(["gradcheck: the marker has (2,); give settings by name, such as order=2"])
    assert "plugin.py" not in result.stdout.str(), "the failure is shown at the line of the test"


@pytest.mark.slow
def test_a_wrong_setting_is_an_error_at_the_call(run) -> None:
    result = run("import pytest\n\n@pytest.mark.gradcheck(oder=2)\ndef test(gradcheck):\n    gradcheck(abs, 0.5)\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*unexpected keyword argument 'oder'*"])


EFFORTS = """
import numpy as np
import pytest

@pytest.fixture
def found(gradcheck):
    return lambda **settings: gradcheck(np.sin, np.ones(300), **settings)

def test_the_option_counts(found):
    report = found()
    assert (report.ops, report.findings[0].projections) == (1, 0)

@pytest.mark.gradcheck(effort="normal")
def test_the_marker_wins(found):
    assert found().findings[0].projections == 3

@pytest.mark.gradcheck(effort="normal")
def test_the_call_wins(found):
    assert found(effort="quick").findings[0].projections == 2

def test_wrong(gradcheck):
    gradcheck(lambda x: x * x.detach(), 2.0)
"""


@pytest.mark.slow
def test_the_options_set_what_no_call_or_marker_does(run) -> None:
    result = run(EFFORTS, "--tg-effort=thorough", "--tg-seed=5")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["gradcheck: effort=thorough, seed=5", "E *again with *seed=5, effort='thorough')"])


@pytest.mark.slow
def test_an_unknown_effort_is_refused(run) -> None:
    result = run(EFFORTS, "--tg-effort=much")
    assert result.ret != 0
    result.stderr.fnmatch_lines(["*--tg-effort: invalid choice: 'much'*"])


CASES = """
import numpy as np
import pytest
import tinygraph as tg
from tinygraph.testing import op_checks

@tg.elementwise(lambda y, x: 2 * y)
def doubled(x):
    return np.exp(x)

@pytest.mark.parametrize("check", op_checks(tg.sin, doubled, only=["first_order", "second_order"]), ids=str)
def test_op(check):
    check()
"""


def test_one_test_for_each_op_case_and_property(run) -> None:
    result = run(CASES, "-v")
    result.assert_outcomes(passed=12, failed=8)  # no elements, no difference
    result.stdout.fnmatch_lines(["*::test_op[[]sin[[]case 2 (2,3)[]]-second_order[]] PASSED*"])
    result.stdout.fnmatch_lines(["*::test_op[[]doubled[[]case 2 (2,3)[]]-first_order[]] FAILED*"])


@pytest.mark.slow
def test_nothing_heavy_is_imported(run) -> None:
    text = "import sys\n\ndef test():\n    assert not {'hypothesis', 'graphviz', 'scipy'} & set(sys.modules)\n"
    run(text, "-p", "no:hypothesispytest").assert_outcomes(passed=1)


@pytest.mark.slow
def test_works_without_hypothesis(run) -> None:
    text = """
        import sys

        sys.modules["hypothesis"] = None  # importing it now fails

        def test(gradcheck):
            assert gradcheck(abs, 0.5).ok
    """
    run(text, "-p", "no:hypothesispytest").assert_outcomes(passed=1)


@pytest.mark.slow
def test_can_be_switched_off(run) -> None:
    result = run("def test(gradcheck):\n    pass\n", "-p", "no:tinygraph")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'gradcheck' not found"])


@pytest.mark.slow
def test_the_marker_is_listed(run) -> None:
    run("", "--markers").stdout.fnmatch_lines(["@pytest.mark.gradcheck(order=1, seed=0, ...): settings of *"])


def test_the_project_declares_it() -> None:
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    name, _, module = ENTRY.partition(" = ")
    assert f'[project.entry-points.pytest11]\n{name} = "{module}"\n' in declared
