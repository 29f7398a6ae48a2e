"""The report: markdown tables of what was measured, each figure beside its bar."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from tests.benchmarks.costs import Cost
from tests.benchmarks.engines import COMPILED, HAND, TINYGRAPH, Engine
from tests.benchmarks.harness import Result
from tests.benchmarks.overheads import BACKWARD_BAR, FORWARD_BAR, LENGTH, Overhead

NONE = "-"


@dataclass(frozen=True)
class Report:
    """The markdown text, and whether every figure met its bar and every side agreed."""

    text: str
    good: bool


def figure(value: float | None) -> str:
    """Three significant digits, thousands with a comma, or a dash."""
    if value is None:
        return NONE
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table: the first column to the left, figures to the right."""
    rule = ["---"] + ["--:"] * (len(header) - 1)
    return ["| " + " | ".join(row) + " |" for row in (header, rule, *rows)]


def _met(value: float | None, bar: float | None, fastest: float | None = None) -> str:
    """Whether the bar is met; a miss that still beats the fastest eager peer of the same run says so."""
    if value is None or bar is None:
        return NONE
    if value <= bar:
        return "yes"
    return "**no**" if fastest is None or value > fastest else "**no**, but fastest"


def report(results: Sequence[Result], costs: Sequence[Cost], engines: Sequence[Engine]) -> Report:
    """The whole report of one run."""
    peers = [engine for engine in engines if engine not in (TINYGRAPH, COMPILED)]
    timed = [result for result in results if not isinstance(result.workload, Overhead)]
    overheads = {(r.workload.op, r.workload.backward): r for r in results if isinstance(r.workload, Overhead)}
    versions = ", ".join([f"Python {platform.python_version()}", *_versions(peers)])
    lines = [f"{versions}; {platform.machine()}, one thread."]
    met: list[str] = []

    if timed:
        header = ["workload", "hand NumPy us", *(peer.title for peer in peers)]
        header += ["tinygraph eager", "eager bar", "met?", "tinygraph compiled", "compiled bar", "met?"]
        rows = []
        for result in timed:
            eager, compiled = result.ratio(TINYGRAPH), result.ratio(COMPILED)
            against = [ratio for peer in peers if peer.eager and (ratio := result.ratio(peer))]
            verdicts = (
                _met(eager, result.workload.eager_bar, min(against, default=None)),
                _met(compiled, result.workload.compiled_bar),
            )
            met += verdicts
            row = [result.workload.name, figure(_micros(result, HAND))]
            row += [_cell(result, peer) for peer in peers]
            row += [_cell(result, TINYGRAPH), figure(result.workload.eager_bar), verdicts[0]]
            row += [_cell(result, COMPILED), figure(result.workload.compiled_bar), verdicts[1]]
            rows.append(row)
        lines += [
            "",
            "Time of one step as a multiple of the hand-written NumPy step's; minimum, lower is better.",
            "",
        ]
        lines += markdown(header, rows)

    if overheads:
        columns = [HAND, *(peer for peer in peers if peer.eager), TINYGRAPH]
        rows = []
        for op in dict.fromkeys(op for op, _ in overheads):
            forward, both = overheads.get((op, False)), overheads.get((op, True))
            for phase, bar in (("forward", FORWARD_BAR), ("backward", BACKWARD_BAR)):
                figures = {e.name: _per_op(forward, both, e, phase) for e in columns}
                verdict = _met(figures[TINYGRAPH.name], bar)
                met.append(verdict)
                cells = [figure(figures[engine.name]) for engine in columns]
                rows.append([f"{op} {phase}", *cells, figure(bar), verdict])
        lines += ["", "Microseconds an operation on a small array (the bare NumPy calls included).", ""]
        lines += markdown(["operation", *(engine.title for engine in columns), "bar", "met?"], rows)

    if costs:
        columns = [HAND, *peers, TINYGRAPH, COMPILED]
        rows = []
        for cost in costs:
            verdict = _met(cost.figures.get(TINYGRAPH.name), cost.bar)
            met.append(verdict)
            cells = [figure(cost.figures.get(engine.name)) for engine in columns]
            rows.append([f"{cost.name}, {cost.unit}", *cells, figure(cost.bar), verdict])
        header = ["cost", *(engine.title for engine in columns), "bar", "met?"]
        lines += ["", "Other costs.", "", *markdown(header, rows)]

    failed = [(r.workload.name, r.failures) for r in results] + [(c.name, c.failures) for c in costs]
    notes = [f"- {name}, {engine}: {problem}" for name, failures in failed for engine, problem in failures.items()]
    if notes:
        lines += ["", "Not measured:", "", *notes]
    wrong = any("MISMATCH" in note for note in notes) or any(
        f"{engine.name}: " in note and ">" not in note for note in notes for engine in (HAND, TINYGRAPH)
    )
    return Report("\n".join(lines), not wrong and not any("no" in verdict for verdict in met))


def _micros(result: Result, engine: Engine) -> float | None:
    found = result.seconds.get(engine.name)
    return None if found is None else 1e6 * found


def _cell(result: Result, engine: Engine) -> str:
    problem = result.failures.get(engine.name)
    if problem is None:
        return figure(result.ratio(engine))
    return problem if problem.startswith(">") else "**wrong**" if problem.startswith("MISMATCH") else "error"


def _per_op(forward: Result | None, both: Result | None, engine: Engine, phase: str) -> float | None:
    """Microseconds an operation: the chain's forward time, or what backward adds to it, over its length."""
    first = _micros(forward, engine) if forward else None
    second = _micros(both, engine) if both else None
    if phase == "forward":
        return None if first is None else first / LENGTH
    return None if first is None or second is None else max(0.0, second - first) / LENGTH


def _versions(peers: Sequence[Engine]) -> list[str]:
    modules = dict.fromkeys(engine.module for engine in (HAND, TINYGRAPH, *peers))
    return [f"{module} {_version(module)}".strip() for module in modules]


def _version(module: str) -> str:
    try:
        return version(module)
    except PackageNotFoundError:  # run from a checkout that is not installed
        return ""
