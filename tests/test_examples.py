"""Every example runs to its end in a fresh interpreter, warnings being errors; its own asserts check its results."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def run(*command: str, cwd: pathlib.Path) -> subprocess.CompletedProcess[str]:
    """Run Python in `cwd`, with the tinygraph that is being tested."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(example: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = run(str(example), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), f"{example.name} prints nothing to look at"
    assert not list(tmp_path.iterdir()), f"{example.name} leaves files behind"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_checks_its_result_and_says_how_to_run_it(example: pathlib.Path) -> None:
    text = example.read_text(encoding="utf-8")
    assert "    assert " in text
    assert f"Run: python examples/{example.name}" in text


def test_scalar_graph_draws_its_picture(tmp_path: pathlib.Path) -> None:
    done = run(str(ROOT / "examples" / "scalar_graph.py"), "neuron.svg", cwd=tmp_path)
    if "RendererNotFound" in done.stderr:
        pytest.skip("no renderer on this machine")
    assert done.returncode == 0, done.stderr
    assert "tanh" in (tmp_path / "neuron.svg").read_text(encoding="utf-8")


def test_scipy_example_is_skipped_without_scipy(tmp_path: pathlib.Path) -> None:
    blocked = "import sys; sys.modules['scipy'] = None; import runpy; runpy.run_path(sys.argv[1], run_name='__main__')"
    done = run("-c", blocked, str(ROOT / "examples" / "scipy_optimize.py"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "skipped: SciPy is not installed\n"


def test_every_example_is_listed_in_the_documentation() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    missing = [path.name for path in EXAMPLES if f"examples/{path.name}" not in index]
    assert not missing
