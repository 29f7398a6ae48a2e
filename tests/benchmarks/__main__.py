"""The command line: `python -m tests.benchmarks` measures and prints a markdown report."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.benchmarks import costs, table
from tests.benchmarks.engines import COMPILED, DEFAULT_PEERS, HAND, ONE_THREAD, PEERS, TINYGRAPH
from tests.benchmarks.harness import Result, measure
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
    parser.add_argument("--quick", action="store_true", help="a tenth of the time, for a first look")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="also write the report here")
    options = parser.parse_args()

    wanted = tuple(options.only or [""])
    if unknown := [prefix for prefix in wanted if not any(name.startswith(prefix) for name in names)]:
        parser.error(f"--only: no workload begins with {', '.join(unknown)}; there are {', '.join(names)}")
    known = {peer.name: peer for peer in PEERS}
    asked = [name for name in options.peers.split(",") if name not in ("", "none")]
    if unknown := [name for name in asked if name not in known]:
        parser.error(f"--peers: no peer is called {', '.join(unknown)}; there are {', '.join(known)}, none")
    engines = [e for e in (TINYGRAPH, *(known[name] for name in asked), COMPILED) if e.installed]
    budget, limit = (1.5, 30.0) if options.quick else (15.0, 60.0)
    os.environ |= ONE_THREAD  # for the workers; this process computes nothing

    results: list[Result] = []
    for workload in (*WORKLOADS, *OVERHEADS):
        if workload.name.startswith(wanted):
            started = time.perf_counter()
            results.append(measure(workload, engines, budget, limit))
            print(f"{workload.name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    rows: list[costs.Cost] = []
    if "import".startswith(wanted):
        rows.append(costs.import_time(runs=4 if options.quick else 15))
    if "graph_memory".startswith(wanted):
        rows.append(costs.graph_memory(engines, limit))
    if "peak_memory".startswith(wanted):
        rows += costs.peak_memory((HAND, *engines), limit)

    report = table.report(results, rows, engines)
    print(report.text)
    if options.out:
        options.out.write_text(report.text + "\n", encoding="utf-8")
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
