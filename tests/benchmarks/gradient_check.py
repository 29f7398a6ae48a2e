"""The command line: `python -m tests.benchmarks.gradient_check` measures how right the gradient checker is.

`--programs 5000` checks generated right programs and prints every false alarm, `--mistakes 5000` programs with a
planted mistake, `--table` the planted cases with tinygraph and every installed peer; `--out` writes the table's page.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.engines import ONE_THREAD
from tests.benchmarks.gradient_peers import NOT_FEASIBLE, PEERS, TOO_LONG, Outcome, outcomes
from tests.benchmarks.gradient_rates import BANDS, BARS, alarms, detection
from tests.check.planted import CASES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "gradient-check-table.md"
TIMED = {
    "smooth_ok": "10 elements, right",
    "bad_one_of_1e4": "10,000, one wrong",
    "big1e6_None": "1,000,000, right",
    "big1e6_one": "1,000,000, one wrong",
}

_PAGE = """# Planted gradients, and who notices

37 functions with right and wrong gradients of their own, given to `tg.check_gradients` and to the gradient checkers of
other packages, each with its default settings. `tests/check/planted.py` has the cases, and the tests run them.
Written by `python -m tests.benchmarks.gradient_check --table --out`, on {machine},
with {versions}.

ok: passed, and right. caught: refused, and wrong. **FA**: a false alarm on a right gradient. **miss**: a wrong
gradient that passed. nd: refused as not differentiable, which is accepted at a kink. **n/f**: not feasible in memory
or number of evaluations. **T/O**: longer than {limit:g} s. scipy.differentiate measures and does not judge: its
verdict here is ten times its own estimate of the error, plus 1e-9 of the largest slope (in float32, what float32 can
hold).

{table}

The truth is ok (right), kink (a right subgradient, at a kink), bad, or nondet (the function differs from run to run).
`bad_broadcast_shape` leaves out the sum over columns, so that its gradient has a shape that broadcasting can explain,
along the wrong axis.

## Seconds

Best of five where it is short. What took a checker that then missed the mistake counts no less.

{times}
"""


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows))


def page(found: Mapping[str, Mapping[str, Outcome]], limit: float) -> str:
    """The reference page of what every peer made of the cases."""
    rows = []
    for name, case in CASES.items():
        verdicts = [found[peer][name].verdict for peer in found]
        rows.append([f"{name} ({case.truth})", *(v if case.right(v) else f"**{v}**" for v in verdicts)])
    kinds = {"misses": ("miss",), "false alarms": ("FA",), "refused": ("nd",), "not feasible": (NOT_FEASIBLE, TOO_LONG)}
    for kind, words in kinds.items():
        wrong = [
            sum(o.verdict in words and not CASES[name].right(o.verdict) for name, o in found[peer].items())
            for peer in found
        ]
        rows.append([f"**{kind}**", *map(str, wrong)])
    times = [[what, *(_seconds(found[peer][name]) for peer in found)] for name, what in TIMED.items()]
    modules = dict.fromkeys(peer.module for peer in PEERS if peer.name in found and peer.module != "tinygraph")
    return _PAGE.format(
        machine=f"{platform.machine()} ({os.cpu_count()} cores, one thread each)",
        versions=", ".join(
            [f"Python {platform.python_version()}", *(f"{m} {version(m)}" for m in ("numpy", *modules))]
        ),
        limit=limit,
        table=markdown(["case (truth)", *found], rows),
        times=markdown(["inputs", *found], times),
    )


def _seconds(outcome: Outcome) -> str:
    if outcome.verdict in (NOT_FEASIBLE, TOO_LONG):
        return outcome.verdict
    return f"{outcome.seconds:.1e}" if outcome.seconds < 0.01 else f"{outcome.seconds:.2g}"


def main() -> int:
    """Measure what was asked for; 1 where a bar was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gradient_check", description=__doc__)
    parser.add_argument("--programs", type=int, default=0, metavar="N", help="right programs to check")
    parser.add_argument("--mistakes", type=int, default=0, metavar="N", help="programs to plant a mistake in")
    parser.add_argument("--seed", type=int, default=0, help="of the first program")
    parser.add_argument("--table", action="store_true", help="the planted cases, with every installed peer")
    parser.add_argument("--limit", type=float, default=20.0, metavar="SECONDS", help="for one planted case")
    parser.add_argument("--out", type=Path, nargs="?", const=PAGE, metavar="FILE.md", help="where the table goes")
    options = parser.parse_args()
    os.environ |= ONE_THREAD  # for the processes that run the peers
    good = True

    if options.programs:
        start, count = time.perf_counter(), 0
        for seed, f, report in alarms(range(options.seed, options.seed + options.programs)):
            count += 1
            print(f"seed {seed}:\n{f!r}\n{report}\n")
        print(f"{count} false alarms in {options.programs} right programs, {time.perf_counter() - start:.0f} s")
        good &= count * 5000 <= max(options.programs, 5000)
    if options.mistakes:
        rates = detection(range(options.seed, options.seed + options.mistakes))
        rows = []
        for (low, high), bar, r in zip(BANDS, BARS, rates, strict=True):
            shares = [f"{100 * n / max(r.total, 1):.2f} %" for n in r[1:5]]
            rows.append([f"{low:g} to {high:g}", str(r.total), shares[0], f"{100 * bar:g} %", *shares[1:]])
            good &= r.noticed >= bar * r.total
        print(markdown(["relative size", "mistakes", "noticed", "bar", "op named", "unresolved", "silent"], rows))
        heavy, large = sum(r.heavy for r in rates), sum(r.total for r in rates)
        print(f"silent misses of at least 1e-4: {heavy} of {large}")
        good &= heavy < 1e-3 * large
    if options.table:
        found = {}
        for peer in PEERS:
            if peer.installed:
                found[peer.name] = outcomes(peer, limit=options.limit)
                print(f"{peer.name}: done", file=sys.stderr)
        text = page(found, options.limit)
        print(text)
        if options.out:
            options.out.write_text(text, encoding="utf-8")
        good &= all(CASES[name].right(outcome.verdict) for name, outcome in found["tinygraph"].items())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
