"""How a report reads: as text of at most 25 lines, as a dict for JSON, and as HTML."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

from ..engine.wording import number_of, some_of
from .findings import Blame, Finding, Outcome, Suspect

WIDTH = 160
"""Lines are cut here: a message is read in a terminal."""


def text(report: Outcome) -> str:
    """The verdict: what is right in one paragraph, or what is wrong, where, and what it looks like."""
    lines = _lines_if_right(report) if report.ok else _lines_if_wrong(report)
    return "\n  ".join(line if len(line) <= 2 * WIDTH else line[: 2 * WIDTH] + " …" for line in lines[:25])


def _lines_if_right(report: Outcome) -> list[str]:
    first = [f for f in report.findings if f.order == 1]
    parts = [number_of(len(first), "input"), number_of(sum(f.elements for f in first), "element")]
    by_projection = [f for f in first if f.projections]
    if by_projection:
        names = ", ".join(f.input for f in by_projection[:4]) + (", ..." if len(by_projection) > 4 else "")
        parts.append(f"{names} by {by_projection[0].projections} random projections{_miss_rate(by_projection)}")
    if report.ops:
        parts.append(f"{number_of(report.ops, 'op')} each by itself")
    vague = any(f.verdict == "unresolved" for f in report.findings)
    if not vague:
        parts.append(f"agree to {report.agreement:.0e}")
    told = "show no mistake as far as they can be told" if vague else "are right"
    order = max((f.order for f in report.findings), default=1)
    what = "gradients" if order == 1 else f"gradients and derivatives up to order {order}"
    notes = [str(f) for f in report.findings if f.verdict != "ok"]
    notes += [_place(kink) for kink in report.kinks]
    notes += [f"{name} has no gradient" for name in report.skipped]
    return [f"{what} of {report.function} {told}: {', '.join(parts)}", *_at_most(notes, 20)]


def _lines_if_wrong(report: Outcome) -> list[str]:
    wrong, right = report.wrong, len(report.findings) - len(report.wrong)
    lines: list[str] = []
    if report.culprit is not None:
        lines += _culprit_lines(report.culprit)
        lines.append(f"effect     {_effect(report)}")
        lines.append(
            f"repro      error.report.culprit.check()   # this op alone, on the values it had, seed {report.seed}"
        )
    else:
        lines += [f"check_gradients: {report.function}'s {wrong[0]}", *[str(f) for f in wrong[1:8]]]
        if len(wrong) > 8:
            lines.append(f"and {len(wrong) - 8} more")
        lines += [_place(suspect) for suspect in report.suspects[:3]]
        lines.append(f"repro      tg.check_gradients(..., seed={report.seed})   # the same numbers again")
    lines += [f"kink       {_place(kink)}" for kink in report.kinks[:2]]
    checked = f"{number_of(report.ops, 'op')} by itself, " if report.ops == 1 else f"{report.ops} ops, "
    checked = (checked if report.ops else "") + number_of(report.evaluations, "evaluation")
    if right:
        checked += f"; {number_of(right, 'other check')} passed"
    return [*lines, f"checked    {checked}"]


def _miss_rate(findings: list[Finding]) -> str:
    """How large an error the projections find nearly for sure, and how rarely they miss it."""
    for error in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1):
        chance = max(f.missed(error) for f in findings)
        if chance < 1e-3:
            return f" (an error of {error:.0e} is missed with probability {chance:.0e})"
    return ""


def _effect(report: Outcome) -> str:
    """By how much each gradient of the whole is wrong, and which are right."""
    if not report.wrong:
        return f"none on the gradients of {report.function} that differences can see here"
    first = [f for f in report.wrong if f.order == report.wrong[0].order]
    parts = [f"of {f.input} {f.verdict}{_size_of_error(f)}" for f in first[:4]]
    if len(first) > 4:
        parts.append(f"of {len(first) - 4} more")
    right = [f.input for f in report.findings if f.ok and f.order == first[0].order]
    if right:
        parts.append(f"of {some_of(right)} right")
    return f"{report.function}'s {_derivative_name(first[0])} {', '.join(parts)}"


def _size_of_error(f: Finding) -> str:
    """By how much a gradient is wrong, and at which element."""
    if math.isnan(f.analytic) or math.isnan(f.numeric):
        return ""
    at = "" if math.isnan(f.x) else f" at {list(f.element)}"
    if not f.numeric:
        return f" ({f.analytic:.4g} instead of 0){at}"
    percent = 100 * abs(f.analytic - f.numeric) / abs(f.numeric)
    return f" by {percent:{',.0f' if 10 <= percent < 1e6 else '.2g'}} %{at}"


def _derivative_name(f: Finding) -> str:
    return "gradient" if f.order == 1 else f"derivative of order {f.order}"


def _place(suspect: Suspect) -> str:
    """A reason with its line."""
    where = f" at {suspect.origin}" if suspect.origin else ""
    where += f" in {suspect.function}" if suspect.function else ""
    return f"{suspect.reason}{where}{f': {suspect.source}' if suspect.source else ''}"


def _culprit_lines(c: Blame) -> list[str]:
    f = c.finding
    others = f"; {c.rank - 1} more is wrong" if c.rank > 1 else ""
    later = "all later ops are right" if c.ops > 1 else "it is the only op"
    what = _derivative_name(f)
    name = f"{c.name} = " if c.name else ""
    lines = [
        f"check_gradients: {c.op}'s {what} is wrong   ({c.rank} of {number_of(c.ops, 'op')}; {later}{others})",
        f"op         {name}{c.op}  {c.shape} {c.dtype}  at {c.origin or 'an unknown line'}"
        + (f" in {c.function}" if c.function else ""),
    ]
    if c.source:
        lines.append(f"line       {c.source}")
    rule = f", rule of {c.input} at {c.rule}" if c.rule and c.rule != c.declared else ""
    lines.append(f"declared   {c.declared or 'an unknown place'}{rule}")
    at = f"{c.input} {f.shape}" if math.isnan(f.x) else f"{c.input}{list(f.element)} = {f.x:.6g}"
    lines.append(f"at         {at}")
    if not math.isnan(f.analytic):
        lines.append(f"analytic   {f.analytic:.7g}   numeric {f.numeric:.7g} ± {f.error:.0e}   ratio {f.ratio:.4g}")
    if f.note and f.note != c.pattern:
        lines.append(f"note       {f.note}")
    if c.pattern or c.measured:
        share = f"{c.wrong} of {number_of(c.measured, 'element')} wrong" if c.measured else ""
        lines.append(f"pattern    {share}{'; ' if share and c.pattern else ''}{c.pattern}")
    return lines


def json(report: Outcome) -> dict[str, Any]:
    """The report as plain dicts, lists, strings and numbers."""
    culprit = None
    if report.culprit is not None:
        culprit = {k.name: getattr(report.culprit, k.name) for k in dataclasses.fields(Blame)}
        culprit["finding"] = _finding_json(report.culprit.finding)
    return {
        "function": report.function,
        "ok": report.ok,
        "verdict": report.verdict,
        "agreement": _json_value(report.agreement),
        "findings": [_finding_json(f) for f in report.findings],
        "culprit": _json_value(culprit),
        "suspects": [dataclasses.asdict(s) for s in report.suspects],
        "kinks": [dataclasses.asdict(s) for s in report.kinks],
        "seed": report.seed,
        "skipped": list(report.skipped),
        "evaluations": report.evaluations,
        "ops": report.ops,
        "text": text(report),
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    plain = {k: _json_value(v) for k, v in dataclasses.asdict(finding).items()}
    return {**plain, "ratio": _json_value(finding.ratio), "missed": _json_value(finding.missed())}


def _json_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _json_value(v) for k, v in value.items()}
    if isinstance(value, tuple):
        return [_json_value(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def html(report: Outcome) -> str:
    """A `<section>` with the verdict and a table of the findings; styled in place, nothing is loaded."""
    colour = "#1a7f37" if report.ok else "#b42318"
    head, *rest = text(report).split("\n")
    rows = [
        (f.input, str(f.shape), f.dtype, str(f.order), f.verdict, f"{f.analytic:.7g}", f"{f.numeric:.7g}", f.note)
        for f in report.findings
    ]
    names = ("input", "shape", "dtype", "order", "verdict", "analytic", "numeric", "note")
    return "\n".join(
        [
            '<section class="tg-check" style="font-family:sans-serif">',
            f'<p style="color:{colour};font-weight:bold">{_escape(head)}</p>',
            f"<pre>{_escape(chr(10).join(line.strip() for line in rest))}</pre>",
            '<table style="border-collapse:collapse">',
            _row("th", names),
            *[_row("td", [cell.replace("nan", "") if cell == "nan" else cell for cell in row]) for row in rows],
            "</table>",
            "</section>",
        ]
    )


def _row(tag: str, cells: Iterable[str]) -> str:
    style = ' style="padding:2px 8px;text-align:left;border-bottom:1px solid #ddd"'
    return f"<tr>{''.join(f'<{tag}{style}>{_escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _at_most(lines: list[str], count: int) -> list[str]:
    return lines if len(lines) <= count else [*lines[:count], f"and {len(lines) - count} more"]


def _escape(text: str) -> str:
    import html  # only when a page is wanted: it loads a table of all entities

    return html.escape(text)
