"""What starting costs: processor time of the import and of the command's help beyond NumPy's import; modules."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

IMPORT_BAR, HELP_BAR, MODULES_BAR = 40, 70, 80  # ms, ms, modules of ours

COMMANDS = {
    "numpy": ["-c", "import numpy"],
    "import": ["-c", "import tinygraph"],
    "help": ["-m", "tinygraph", "--help"],
}
COUNT = "import sys, tinygraph; print(sum(name.split('.')[0] == 'tinygraph' for name in sys.modules))"


@dataclass(frozen=True)
class Startup:
    """One figure of this checkout and, if asked for, of another; and the greatest that this one may have."""

    name: str
    unit: str
    this: float
    that: float | None
    bar: float

    @property
    def good(self) -> bool:
        """Whether the bar is met."""
        return self.this <= self.bar


def run(arguments: list[str], checkout: Path, environment: dict[str, str]) -> tuple[float, str]:
    """Milliseconds of processor time of a fresh interpreter that finds `checkout` first, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=checkout, env=environment, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), ran.stdout


def measure(that: Path | None, runs: int) -> list[Startup]:
    """Import, help and number of modules, of this checkout and another one.

    The time is the median of `runs`, each beside a run of `import numpy` that is taken off. The bytecode is cached,
    in a folder of its own, as it is wherever a package is installed.
    """
    checkouts = [Path(__file__).resolve().parents[2], *([that] if that else [])]
    beyond: dict[tuple[str, Path], list[float]] = {}
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}
        modules = [
            float(run(["-c", COUNT], checkout, environment)[1]) for checkout in checkouts
        ]  # also fills the cache
        for checkout in checkouts:
            run(COMMANDS["help"], checkout, environment)
        for _ in range(runs):
            for checkout in checkouts:
                numpy = run(COMMANDS["numpy"], checkout, environment)[0]
                for name in ("import", "help"):
                    took = run(COMMANDS[name], checkout, environment)[0] - numpy
                    beyond.setdefault((name, checkout), []).append(took)

    def row(name: str, unit: str, figures: list[float], bar: float) -> Startup:
        return Startup(name, unit, figures[0], figures[1] if that else None, bar)

    times = {name: [statistics.median(beyond[name, c]) for c in checkouts] for name in ("import", "help")}
    return [
        row("`import tinygraph` beyond NumPy's import", "ms", times["import"], IMPORT_BAR),
        row("`tinygraph --help` beyond NumPy's import", "ms", times["help"], HELP_BAR),
        row("modules of ours that the import loads", "modules", modules, MODULES_BAR),
    ]
