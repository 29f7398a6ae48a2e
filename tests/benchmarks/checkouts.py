"""Eager time of this checkout against another's: `python -m tests.benchmarks --against PATH`.

Every row is timed in pairs of fresh processes, one for each checkout, both running this checkout's code of the
workload. The two processes of a pair take turns, so that what slows the machine down slows both; a process counts
with the fastest of its repeats, a row with the median of its pairs' ratios.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.engines import TINYGRAPH
from tests.benchmarks.harness import FailedError, MismatchError, Side, TooSlowError, Workload, compare
from tests.benchmarks.startup import Startup
from tests.benchmarks.table import Report, figure, markdown

MEAN_BAR, ROW_BAR = 1.03, 1.10  # this checkout's time over the other's: geometric mean of all rows, and of each
WARM_UP, SLOW = 3, 0.5  # repeats before the first that counts: the allocator settles; of one that takes seconds, one
REPEATS, PAIR_SECONDS = 5, 2.0  # timed repeats of one process, fewer where they take long; at least one
LIMIT = 120.0  # seconds until an answer is given up
LEAST, PATIENCE = 3, 10  # pairs that even a slow row gets, unless they take so many times the budget


@dataclass
class Row:
    """Seconds a step of one workload, a figure for each pair of processes; or why there are none."""

    name: str
    this: list[float] = field(default_factory=list)
    that: list[float] = field(default_factory=list)
    problem: str = ""

    @property
    def ratios(self) -> list[float]:
        """This checkout's time over the other's, of each pair."""
        return [a / b for a, b in zip(self.this, self.that, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(self.ratios)

    @property
    def spread(self) -> float:
        """Between which quartiles the ratios lie, half their distance; 0 for one pair."""
        if len(self.this) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.ratios, n=4, method="inclusive")
        return (high - low) / 2


def time_row(workload: Workload, this: Path, that: Path, pairs: int, budget: float) -> Row:
    """One workload of both checkouts: the same results to begin with, then `pairs` of processes.

    A row above its bar is given as many again, to tell chance from cost. A slow row gets fewer: what `budget` seconds
    hold, and at least three if they can be had.
    """
    row = Row(workload.name)
    number = 0
    started = time.perf_counter()
    try:
        while _wants_more(row, pairs, (time.perf_counter() - started) / budget):
            with closing(Side(workload, TINYGRAPH, this)) as a, closing(Side(workload, TINYGRAPH, that)) as b:
                if not number:
                    compare(workload, *(side.ask("steps", limit=LIMIT) for side in (a, b)), "the other checkout")
                    number = min(side.ask("repeats", limit=LIMIT) for side in (a, b))
                took = _take_turns((a, b) if len(row.this) % 2 else (b, a), number)
            row.this.append(took[a])
            row.that.append(took[b])
    except MismatchError as problem:
        row.problem = f"MISMATCH: {problem}"
    except (FailedError, TooSlowError) as problem:
        row.problem = str(problem)
    return row


def _wants_more(row: Row, pairs: int, spent: float) -> bool:
    count = len(row.this)
    if count == 0 or spent > (1 if count >= LEAST else PATIENCE):
        return count == 0
    return count < pairs or (count < 2 * pairs and row.ratio > ROW_BAR)


def _take_turns(sides: Sequence[Side], number: int) -> dict[Side, float]:
    """The shortest of each side's repeats of `number` steps, in seconds a step; what warms them up is not counted."""
    for side in sides:
        for _ in range(WARM_UP):
            if side.ask("seconds", number, limit=LIMIT) > SLOW:
                break
    best = dict.fromkeys(sides, math.inf)
    stop = time.perf_counter() + PAIR_SECONDS
    for _ in range(REPEATS):
        for side in sides:
            best[side] = min(best[side], side.ask("seconds", number, limit=LIMIT) / number)
        if time.perf_counter() > stop:
            break
    return best


def time_rows(
    workloads: Sequence[Workload], that: Path, pairs: int, budget: float, done: Callable[[Row], None]
) -> list[Row]:
    """The rows of all workloads that tinygraph runs eagerly; `done` hears of each when it is finished."""
    this = Path(__file__).resolve().parents[2]
    rows = []
    for workload in workloads:
        if workload.supports(TINYGRAPH):
            rows.append(time_row(workload, this, that, pairs, budget))
            done(rows[-1])
    return rows


def report(rows: Sequence[Row], startup: Sequence[Startup]) -> Report:
    """The table, the geometric mean and the worst row; good where all agree and meet their bars."""
    timed = [row for row in rows if not row.problem]
    lines: list[str] = []
    verdicts: list[bool] = [not row.problem for row in rows]
    if timed:
        lines += [
            "Eager time of one step, in microseconds of processor time: medians of fresh processes of each checkout. "
            "Ratio: the median of this over that in each pair; spread: half the distance between its quartiles.",
            "",
        ]
        cells = [
            [row.name, figure(1e6 * statistics.median(row.this)), figure(1e6 * statistics.median(row.that)),
             f"{row.ratio:.3f}", f"± {row.spread:.3f}", str(len(row.this)), _verdict(row.ratio <= ROW_BAR)]
            for row in timed
        ]  # fmt: skip
        lines += markdown(["workload", "this", "that", "ratio", "spread", "pairs", f"at most {ROW_BAR:.2f}?"], cells)
        mean = math.exp(statistics.fmean(math.log(row.ratio) for row in timed))
        worst = max(timed, key=lambda row: row.ratio)
        verdicts += [mean <= MEAN_BAR, worst.ratio <= ROW_BAR]
        lines += [
            "",
            f"Geometric mean {mean:.3f} (bar {MEAN_BAR:.2f}: {_verdict(mean <= MEAN_BAR)}); "
            f"worst row {worst.name}, {worst.ratio:.3f} (bar {ROW_BAR:.2f}: {_verdict(worst.ratio <= ROW_BAR)}).",
        ]
    if startup:
        cells = [
            [f"{cost.name}, {cost.unit}", figure(cost.this), figure(cost.that), figure(cost.bar), _verdict(cost.good)]
            for cost in startup
        ]
        verdicts += [cost.good for cost in startup]
        lines += ["", "Starting, medians of alternating processes; the bar is this checkout's.", ""]
        lines += markdown(["cost", "this", "that", "bar", "met?"], cells)
    if len(timed) < len(rows):
        lines += ["", "Not measured:", "", *[f"- {row.name}: {row.problem}" for row in rows if row.problem]]
    return Report("\n".join(lines).strip(), all(verdicts))


def _verdict(good: bool) -> str:
    return "yes" if good else "**no**"
