"""What a gradient check found: one finding per input and order, and how it reads."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

OK, KINK, UNRESOLVED = "ok", "kink", "unresolved"
WRONG, NOT_DIFFERENTIABLE = "wrong", "not differentiable"
_READS = {OK: "right", KINK: "a subgradient: f has a kink", UNRESOLVED: "unresolved",
          WRONG: "wrong", NOT_DIFFERENTIABLE: "not defined"}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on the gradient with respect to one input.

    `verdict` is `ok`; `kink` (f has a kink here and the gradient lies between its one-sided slopes); `wrong`;
    `not differentiable` (f jumps or is not finite around here, or is not deterministic); or `unresolved`
    (f is too noisy to tell: `agreement` says how far it was established). `agreement` bounds the difference
    to the truth, relative to the largest element of the gradient. For a wrong gradient, `element` is the
    worst index found, `x` the input there, `analytic` what backward gives and `numeric` what differences
    give, within `error`.
    """

    input: str
    shape: tuple[int, ...]
    dtype: str
    verdict: str
    projections: int = 0
    order: int = 1
    agreement: float = 0.0
    element: tuple[int, ...] = ()
    x: float = float("nan")
    analytic: float = float("nan")
    numeric: float = float("nan")
    error: float = float("nan")
    note: str = ""

    @property
    def elements(self) -> int:
        """How many numbers the input holds."""
        return math.prod(self.shape)

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the gradient."""
        return self.verdict in (OK, KINK, UNRESOLVED)

    @property
    def ratio(self) -> float:
        """Analytic over numeric: 2 or -1 or 1/n often names the mistake."""
        return float(np.divide(self.analytic, self.numeric)) if self.numeric else float("inf")

    def __str__(self) -> str:
        what = "gradient" if self.order == 1 else f"derivative of order {self.order}"
        text = f"{what} with respect to {self.input} {self.shape} {self.dtype} is {_READS[self.verdict]}"
        if self.verdict in (OK, UNRESOLVED):
            text += f", agrees to {self.agreement:.0e}"
        if not np.isnan(self.x):
            text += f" at element [{', '.join(map(str, self.element))}] = {self.x:.6g}"
        if self.verdict == WRONG and not np.isnan(self.analytic):
            text += f": analytic {self.analytic:.7g}"
        if self.verdict == WRONG and not np.isnan(self.numeric):
            text += f", numeric {self.numeric:.7g} ± {self.error:.0e}, ratio {self.ratio:.4g}"
        return f"{text}; {self.note}" if self.note else text


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What `check_gradients` found. `str(report)` is the verdict in one paragraph; `ok` in one bool.

    `findings` has one entry per input and order, `skipped` the inputs without gradient (integers), and
    `evaluations` says how often f was run.
    """

    function: str
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...] = ()
    evaluations: int = 0

    @property
    def ok(self) -> bool:
        """Whether no gradient was found to be wrong."""
        return all(finding.ok for finding in self.findings)

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings that speak against the gradient."""
        return tuple(finding for finding in self.findings if not finding.ok)

    @property
    def agreement(self) -> float:
        """The largest difference to the truth that is possible, relative to the largest gradient of the input."""
        return max((f.agreement for f in self.findings), default=0.0)

    def __str__(self) -> str:
        if not self.ok:
            return f"check_gradients: {self._failure()}"
        first = [f for f in self.findings if f.order == 1]
        elements = sum(f.elements for f in first)
        parts = [_count(len(first), "input"), _count(elements, "element"), f"agree to {self.agreement:.0e}"]
        by_projection = [f for f in first if f.projections]
        if by_projection:
            names = ", ".join(f.input for f in by_projection)
            parts.insert(2, f"{names} by {by_projection[0].projections} random projections")
        order = max(f.order for f in self.findings)
        what = "gradients" if order == 1 else f"gradients and derivatives up to order {order}"
        notes = [str(f) for f in self.findings if f.verdict != OK]
        notes += [f"{name} has no gradient" for name in self.skipped]
        return "\n  ".join([f"{what} of {self.function} are right: {', '.join(parts)}", *notes])

    def _failure(self) -> str:
        wrong = self.wrong
        right = len(self.findings) - len(wrong)
        shown = [str(f) for f in wrong[:8]]
        if len(wrong) > 8:
            shown.append(f"and {len(wrong) - 8} more")
        if right:
            shown.append(f"{_count(right, 'other check')} passed")
        advice = "; look for the rule, the detach or the in-place change that its gradient passes through"
        return "\n  ".join([f"{self.function}'s {shown[0]}{advice if wrong[0].verdict == WRONG else ''}", *shown[1:]])


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def agreement(difference: Any, scale: float) -> float:
    """`difference` relative to `scale`, absolute where that is 0."""
    return float(difference) / (scale or 1.0)
