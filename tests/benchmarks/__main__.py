"""The command line: `python -m tests.benchmarks` measures and prints a markdown report."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.benchmarks import checkouts, costs, startup, table
from tests.benchmarks.engines import COMPILED, DEFAULT_PEERS, HAND, ONE_THREAD, PEERS, STEADY_MEMORY, TINYGRAPH
from tests.benchmarks.harness import Result, Workload, measure
from tests.benchmarks.workloads import OVERHEADS, WORKLOADS

COSTS = ("import", "graph_memory", "peak_memory")


def main() -> int:
    """Measure what was asked for and print the report; 1 where a side was wrong, failed or missed its bar."""
    names = [workload.name for workload in (*WORKLOADS, *OVERHEADS)] + list(COSTS)
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"prefixes of: {', '.join(names)}")
    parser.add_argument(
        "--peers",
        default=",".join(DEFAULT_PEERS),
        help="of " + ", ".join(peer.name for peer in PEERS) + "; or none",
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="PATH",
        help="another checkout: time tinygraph's eager rows and its start in both, nothing else",
    )
    parser.add_argument("--runs", type=int, metavar="N", help="with --against: processes a side; 15, or 5 if quick")
    parser.add_argument("--quick", action="store_true", help="a tenth of the time, for a first look")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="also write the report here")
    options = parser.parse_args()

    wanted = tuple(options.only or [""])
    if unknown := [prefix for prefix in wanted if not any(name.startswith(prefix) for name in names)]:
        parser.error(f"--only: no workload begins with {', '.join(unknown)}; there are {', '.join(names)}")
    os.environ |= ONE_THREAD  # for the workers; this process computes nothing
    workloads = [workload for workload in (*WORKLOADS, *OVERHEADS) if workload.name.startswith(wanted)]
    if options.against is not None:
        if not (options.against / "tinygraph" / "__init__.py").exists():
            parser.error(f"--against: there is no tinygraph in {options.against}; give the root of a checkout")
        os.environ |= STEADY_MEMORY
        runs = options.runs or (5 if options.quick else 15)
        return _finish(_compare(workloads, options.against.resolve(), runs, options.quick, wanted), options.out)

    known = {peer.name: peer for peer in PEERS}
    asked = [name for name in options.peers.split(",") if name not in ("", "none")]
    if unknown := [name for name in asked if name not in known]:
        parser.error(f"--peers: no peer is called {', '.join(unknown)}; there are {', '.join(known)}, none")
    engines = [e for e in (TINYGRAPH, *(known[name] for name in asked), COMPILED) if e.installed]
    budget, limit = (1.5, 30.0) if options.quick else (15.0, 60.0)

    results: list[Result] = []
    for workload in workloads:
        started = time.perf_counter()
        results.append(measure(workload, engines, budget, limit))
        print(f"{workload.name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    rows: list[costs.Cost] = []
    if "import".startswith(wanted):
        starting = startup.measure(None, runs=5 if options.quick else 15)
        rows += [costs.Cost(s.name, s.unit, {TINYGRAPH.name: s.this}, s.bar, {}) for s in starting]
    if "graph_memory".startswith(wanted):
        rows.append(costs.graph_memory(engines, limit))
    if "peak_memory".startswith(wanted):
        rows += costs.peak_memory((HAND, *engines), limit)

    return _finish(table.report(results, rows, engines), options.out)


def _compare(workloads: list[Workload], that: Path, runs: int, quick: bool, wanted: tuple[str, ...]) -> table.Report:
    """This checkout beside another; a line for each row that is finished goes to the standard error."""

    def tell(row: checkouts.Row) -> None:
        print(f"{row.name}: {row.problem or f'{row.ratio:.3f} ± {row.spread:.3f}'}", file=sys.stderr)

    rows = checkouts.time_rows(workloads, that, runs, 2.5 if quick else 40.0, tell)
    return checkouts.report(rows, startup.measure(that, runs) if "import".startswith(wanted) else [])


def _finish(report: table.Report, out: Path | None) -> int:
    """Print the report and write it where wanted; the exit code says whether it is good."""
    print(report.text)
    if out:
        out.write_text(report.text + "\n", encoding="utf-8")
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
