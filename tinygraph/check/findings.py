"""What a gradient check found, as plain data: a verdict per input and order, and the op or the line to blame."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

OK, KINK, UNRESOLVED = "ok", "kink", "unresolved"
WRONG, NOT_DIFFERENTIABLE = "wrong", "not differentiable"
NONDETERMINISTIC, NOT_FINITE, CHANGED = "nondeterministic", "not finite", "changed"
DEVIATES, OTHER_VALUE = "deviates", "another value"
_READS = {OK: "right", KINK: "a subgradient: f has a kink", UNRESOLVED: "unresolved",
          WRONG: "wrong", NOT_DIFFERENTIABLE: "not defined", NONDETERMINISTIC: "not deterministic",
          NOT_FINITE: "not finite", CHANGED: "not checked"}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on the gradient with respect to one input.

    `verdict` is `ok`; `kink` (f has a kink here and the gradient lies between its one-sided slopes); `wrong`;
    `not differentiable` (f jumps, or is not finite around here); `not finite` (the output or the gradient);
    `nondeterministic` (two runs differ); `changed` (f changes its inputs in place); `deviates` (the program of a
    compiled step leaves `analytic` in `input`, the step itself `numeric`); `another value` (through tensors f gives
    another one than on plain arrays); or `unresolved` (f is too noisy to tell:
    `agreement` says how far it was established). `agreement` bounds the difference
    to the truth, relative to the largest element of the gradient. Of an input checked by `projections`, `tolerance`
    is what may pass along one, relative to the norm of its terms. For a wrong gradient, `element` is the
    worst index found, `x` the input there, `analytic` what backward gives and `numeric` what differences
    give, within `error`.
    """

    input: str
    shape: tuple[int, ...]
    dtype: str
    verdict: str
    projections: int = 0
    tolerance: float = float("nan")
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

    def missed(self, error: float = 1e-6) -> float:
        """Probability that all projections miss an error vector of this size, relative to the norm of the gradient.

        A random projection of it is about normal with that size as deviation: it stays below the tolerance with
        probability sqrt(2/π) · tolerance / size, for each projection anew; up to twice that if only two elements are
        wrong, and never if it is one. 0 where every element was checked.

        >>> three = Finding(input="x", shape=(1000,), dtype="float64", verdict="ok", projections=3, tolerance=1e-9)
        >>> f"{three.missed(1e-6):.0e}"
        '5e-10'
        """
        return min(1.0, 0.8 * self.tolerance / error) ** self.projections if self.projections else 0.0

    @property
    def ratio(self) -> float:
        """Analytic over numeric: 2 or -1 or 1/n often names the mistake."""
        return float(np.divide(self.analytic, self.numeric)) if self.numeric else float("inf")

    def __str__(self) -> str:
        if self.verdict == DEVIATES:
            at = f" at element [{', '.join(map(str, self.element))}]" if self.element else ""
            numbers = f"compiled {self.analytic:.17g}, not compiled {self.numeric:.17g}"
            if np.isnan(self.analytic) and np.isnan(self.numeric):
                numbers = "compiled, it is of another shape or dtype, or is None on one side only"
            where = f"{self.input} {self.shape} {self.dtype}{at}"
            return f"program does not leave what the step itself leaves in {where}: {numbers}"
        if self.verdict == OTHER_VALUE:
            return f"value is another one than on plain arrays: {self.note}; code that asks for the type of its input?"
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
class Blame:
    """An op whose own gradient is wrong, checked alone on the values it had: `finding` is the verdict on it.

    `op` is its name, `input` the input (with `position`) whose rule is wrong, `name`, `shape` and `dtype` its
    output's. `origin` is the `file:line` that applied it, in `function`, which reads `source`; `declared` where
    its kernel is and `rule` where the wrong rule is written. `pattern` names the likely mistake, or is "".
    `rank` and `ops` say that it is one of `rank` wrong ones among `ops`.
    """

    op: str
    input: str
    position: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    origin: str
    function: str
    source: str
    declared: str
    rule: str
    finding: Finding
    pattern: str = ""
    wrong: int = 0
    measured: int = 0
    rank: int = 1
    ops: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Suspect:
    """What else is to blame where no op is, or where a kink is: `reason` in words, its `origin` and `function`."""

    reason: str
    origin: str = ""
    function: str = ""
    source: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that one check found; `Report` is this with the words for it, and says what each field holds."""

    function: str
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...] = ()
    evaluations: int = 0
    culprit: Blame | None = None
    suspects: tuple[Suspect, ...] = ()
    ops: int = 0
    strict: bool = False
    kinks: tuple[Suspect, ...] = ()
    seed: int = 0

    @property
    def ok(self) -> bool:
        """Whether no gradient was found to be wrong; with `strict`, whether none was left unresolved either."""
        return self.culprit is None and not self.wrong

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings that speak against the gradient."""
        return tuple(f for f in self.findings if not f.ok or (self.strict and f.verdict == UNRESOLVED))

    @property
    def verdict(self) -> str:
        """The verdict of the first finding that speaks against the gradient, else of the first that is not `ok`."""
        if self.wrong or self.culprit is None:
            return next((f.verdict for f in (*self.wrong, *self.findings) if f.verdict != OK), OK)
        return WRONG

    @property
    def agreement(self) -> float:
        """The largest difference to the truth that is possible, relative to the largest gradient of the input."""
        return max((f.agreement for f in self.findings), default=0.0)


def agreement(difference: float, scale: float) -> float:
    """`difference` relative to `scale`, absolute where that is 0."""
    return difference / (scale or 1.0)
