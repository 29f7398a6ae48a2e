"""Comparing the gradient of one input with measured slopes, element by element or along random directions."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.node import Array
from ..engine.reasons import first_bad
from .analytic import ComplexStep
from .estimate import (
    FINE,
    FIRST,
    RATIO,
    SEEN,
    Line,
    Sides,
    Slope,
    central_slope,
    each_slope,
    finer_slope,
    noise,
    roughness,
    shows_slope,
    sides,
)
from .findings import KINK, NOT_DIFFERENTIABLE, NOT_FINITE, OK, UNRESOLVED, WRONG, Finding, agreement
from .rounding import inner_rounding
from .subject import Block, Subject


class Effort(NamedTuple):
    """Inputs of up to `every` elements are checked element by element, larger ones along random directions.

    With `ops`, each op is checked by itself too, whatever the check of the whole says.
    """

    every: int
    projections: int
    ops: bool = False


EFFORTS = {"quick": Effort(16, 2), "normal": Effort(256, 3), "thorough": Effort(1024, 6, True)}
NORMAL = EFFORTS["normal"]

FAR = 2.0**12
"""An output that moves at this step, but at none near by, moves there by less than its last digit."""

SIDES = "the slopes on its sides are"

TINY = 2.0**-30 / 3
"""Steps on which a gradient is straight but for rounding, which is another at each as this is no power of two."""
SMALLEST = 1e-100
"""Inputs below this are taken for 0: steps of their size are lost."""

RETRIES = (FIRST * 3 / 64, FIRST / 16, FIRST * 5 / 4096)
"""First steps of the independent measurements that a mismatch must survive before it is called wrong."""


class _DirectionCheck(NamedTuple):
    """The comparison along one direction: `analytic` is the gradient times it, `slope` what was measured."""

    direction: Array
    analytic: float
    slope: Slope
    slack: float
    verdict: str
    note: str = ""
    around: Sides | None = None

    @property
    def off(self) -> float:
        """The largest difference between the two that the measurement allows."""
        return abs(self.analytic - self.slope.value) + self.slope.error


class Measurement:
    """One input of the checked function at a point: the lines through it, and the gradient that is claimed there."""

    def __init__(
        self,
        subject: Subject,
        point: Sequence[Array],
        index: int,
        weights: Sequence[Array],
        gradient: Array,
        effort: Effort = NORMAL,
    ) -> None:
        self.subject, self.point, self.index, self.effort = subject, list(point), index, effort
        self.x, self.gradient = self.point[index], gradient
        self.seeds = weights
        self.weights = np.concatenate([np.ravel(w) for w in weights]) if weights else np.zeros(0)
        sizes = np.where(np.abs(self.x) < SMALLEST, 0, np.abs(self.x))
        usual = float(np.median(sizes)) if sizes.size else 1.0
        exponents = np.round(np.log2(np.maximum(sizes, usual or 1.0)))
        self.scale = np.asarray(np.exp2(exponents))  # powers of two: steps along them are exact
        self.oracle = ComplexStep(subject, self.point, index, self.weights)
        self.evaluations = 0

    @functools.cached_property
    def rounding(self) -> float:
        """Noise of the weighted outputs that is made inside of f."""
        return inner_rounding(self.subject, self.point, self.weights)

    def line(self, direction: Array) -> Line:
        """The outputs along `direction` through the point, each distance evaluated once."""
        known: dict[float, Array] = {}

        def at(t: float) -> Array:
            if t not in known:
                self.evaluations += 1
                moved = list(self.point)
                moved[self.index] = (self.x + t * direction).astype(self.x.dtype)
                known[t] = self._outputs(moved) if t else self._defined_outputs(moved)
            return known[t]

        return at

    def _defined_outputs(self, point: list[Array]) -> Array:
        outputs = self.subject.values(point)
        return np.concatenate([np.ravel(y) for y in outputs]) if outputs else np.zeros(0)

    def _outputs(self, point: list[Array]) -> Array:
        """All outputs; NaN where f raises, or its outputs become other ones: it is not defined there."""
        try:
            outputs = self._defined_outputs(point)
        except (ArithmeticError, ValueError):  # NumPy's LinAlgError is one
            outputs = np.zeros(0)
        return outputs if outputs.shape == self.weights.shape else np.full(self.weights.shape, np.nan)

    def compare(self, direction: Array) -> _DirectionCheck:
        """Measure along `direction`, and again if it does not match, before anything is called wrong."""
        parts = self.gradient * direction
        analytic = float(np.sum(parts))
        slack = 64 * float(np.finfo(self.x.dtype).eps) * float(np.sum(np.abs(parts)))
        line = self.line(direction)

        def result(slope: Slope, verdict: str, note: str = "", around: Sides | None = None) -> _DirectionCheck:
            return _DirectionCheck(
                direction=direction,
                analytic=analytic,
                slope=slope,
                slack=slack,
                verdict=verdict,
                note=note,
                around=around,
            )

        measured = central_slope(line, self.weights) or central_slope(line, self.weights, FINE[1])
        if measured is None:
            note = "f is not finite on both sides of it; check at another point"
            return result(Slope(0, 0), NOT_DIFFERENTIABLE, note)
        slope = measured
        size = max(abs(slope.value), abs(analytic))
        agrees, vague = not slope.differs(analytic, slack), slope.error > 1e-2 * size
        if agrees and slope.error <= 1e-6 * size:
            return result(slope, OK)
        exact = self.oracle.slope(direction)
        if exact and (refined := self._decide_exactly(direction, analytic, slope, slack, line, exact)):
            return refined
        if agrees and not vague:
            return result(slope, OK)
        around = None if exact else sides(line, self.weights)  # analytic functions have no kinks
        if around is not None and not around.continuous and not self._drowns(line):
            note = "f jumps there; check at another point"
            return result(slope, NOT_DIFFERENTIABLE, note)
        if around is not None and around.continuous:
            verdict = KINK if around.admit(analytic, slack) else WRONG
            return result(slope, verdict, around=around)
        if agrees and slope.value == analytic == 0:  # f does not move near by, whatever it does further away
            return result(slope, OK)
        hidden = noise(self.weights, line(0.0), line(FAR), line(-FAR))  # of outputs that depend on the direction
        known = max(roughness(line, self.weights), hidden, self.rounding)
        slope = central_slope(line, self.weights, known=known) or slope
        if not slope.differs(analytic, slack):
            return result(slope, OK)
        if abs(analytic - slope.value) > 10 * SEEN * abs(analytic) and shows_slope(
            line, self.weights, analytic, slope.step
        ):
            shown = Slope(analytic, SEEN * abs(analytic), slope.step)
            return result(shown, OK)
        if self._drowns(line):
            note = "rounding inside of f is as large as what f changes by; check at another point"
            return result(slope, UNRESOLVED, note)
        for first in RETRIES:
            again = central_slope(line, self.weights, first, known=known)
            if again is None or not again.differs(analytic, slack):
                return result(again or slope, OK if again else UNRESOLVED)
            if not again.differs(slope.value, 3 * slope.error + 1e-3 * abs(analytic - slope.value)):
                fine = finer_slope(line, self.weights, slope, known, analytic, slack)
                right = fine or not slope.differs(analytic, slack + 10 * self._blur(direction))
                return result(fine or slope, OK if right else WRONG)
            slope = again
        return result(slope, UNRESOLVED, "the measurements do not agree with each other")

    def _blur(self, direction: Array) -> float:
        """Rounding error of the gradient along `direction`, which ops amplify: 4th differences of it on tiny steps.

        1 - a² of a tanh that is nearly 1, or x minus its mean, have few digits. Takes 7 gradients.
        """
        along = []
        for k in range(1, 8):  # beside the point, which may be a kink
            moved = list(self.point)
            moved[self.index] = (self.x + k * TINY * direction).astype(self.x.dtype)
            along.append(float(np.sum(self.subject.gradient(moved, self.seeds)[self.index] * direction)))
        level = float(np.sqrt(np.mean(np.diff(along, 4) ** 2) / math.comb(8, 4)))
        return level if math.isfinite(level) else 0.0

    def _drowns(self, line: Line) -> bool:
        """Whether what f changes by, though it does, is little more than the rounding inside of it."""
        moves = float(np.linalg.norm(self.weights * (line(FIRST) - line(-FIRST))))
        return self.rounding > 0.3 * moves > 100 * noise(self.weights, line(0.0), line(FIRST), line(-FIRST))

    def _decide_exactly(
        self, direction: Array, analytic: float, slope: Slope, slack: float, line: Line, exact: Slope
    ) -> _DirectionCheck | None:
        """The comparison with `exact`, from a complex step, where it decides and differences do not speak against it.

        It decides that a gradient is right. That one is wrong it confirms if differences say so too and the mismatch
        is plain: where f cancels, backward rounds as f does, and a complex step knows nothing of it.
        """
        found = _DirectionCheck(
            direction=direction,
            analytic=analytic,
            slope=exact._replace(step=slope.step),
            slack=slack,
            verdict=OK,
        )
        far = slope.differs(exact.value, exact.error)
        if not exact.differs(analytic, slack):
            return found if not far or shows_slope(line, self.weights, exact.value) else None
        if far:
            return None
        plain = abs(analytic - exact.value) > 1e-2 * abs(exact.value) > slope.error
        return found._replace(verdict=WRONG) if plain and slope.differs(analytic, slack) else None

    def locate(self, along: _DirectionCheck) -> _DirectionCheck:
        """Find one wrong element behind a wrong projection; the projection itself if none is found."""
        return self._guess(along) or self._halve(along) or along

    def _guess(self, along: _DirectionCheck) -> _DirectionCheck | None:
        """Guess the wrong element from the output at the same index, where f has an output for each element."""
        if self.weights.size != self.x.size:
            return None
        slopes, error = each_slope(self.line(along.direction), self.weights, along.slope.step)
        off = np.abs(np.ravel(self.gradient * along.direction) - slopes) - 3 * error
        return self._confirm(along, int(np.argmax(np.nan_to_num(off, nan=-np.inf))))

    def _halve(self, along: _DirectionCheck) -> _DirectionCheck | None:
        """Find the wrong element by halving: follow the half of the elements with the larger part of the mismatch."""
        support = np.flatnonzero(along.direction)
        mismatch = along.analytic - along.slope.value
        size = float(np.sum(np.abs(self.gradient * along.direction)))
        rungs = 1 if abs(mismatch) > 1e-5 * size / support.size**0.5 else 2  # extrapolated where every digit counts
        while support.size > 1:
            left, right = support[: support.size // 2], support[support.size // 2 :]
            direction = self._part(along.direction, left)
            line, h = self.line(direction), along.slope.step
            slope = float(self.weights @ (line(h) - line(-h))) / (2 * h)
            if rungs == 2:
                h *= RATIO
                slope += (slope - float(self.weights @ (line(h) - line(-h))) / (2 * h)) / (RATIO**2 - 1)
            here = float(np.sum(self.gradient * direction)) - slope
            if abs(here) >= abs(mismatch - here):
                support, mismatch = left, here
            else:
                support, mismatch = right, mismatch - here
        return self._confirm(along, int(support[0]))

    def _confirm(self, along: _DirectionCheck, element: int) -> _DirectionCheck | None:
        """The comparison at one element, if the gradient is wrong there too."""
        direction = self._part(along.direction, np.array([element]))
        line = self.line(direction)
        slope = central_slope(line, self.weights)
        analytic = float(np.sum(self.gradient * direction))
        slack = 64 * float(np.finfo(self.x.dtype).eps) * abs(analytic)
        if slope is None:
            return None
        if slope.differs(analytic, slack):
            return _DirectionCheck(
                direction=direction,
                analytic=analytic,
                slope=slope,
                slack=slack,
                verdict=WRONG,
            )
        exact = self.oracle.slope(direction)
        refined = exact and self._decide_exactly(direction, analytic, slope, slack, line, exact)
        return refined if refined and refined.verdict == WRONG else None

    def unit(self, element: int) -> Array:
        """The axis of one element, as long as a step there may be."""
        return self._part(self.scale, np.array([element]))

    def _part(self, direction: Array, support: Array) -> Array:
        part = np.zeros(direction.size)
        part[support] = np.ravel(direction)[support]
        return part.reshape(direction.shape)

    def directions(self, rng: np.random.Generator) -> list[Array]:
        """Every axis, or random directions of which every element has a part."""
        if self.x.size <= self.effort.every:
            return [self.unit(k) for k in range(self.x.size)]
        shape = self.x.shape
        return [
            self.scale * rng.choice([-1.0, 1.0], shape) * rng.integers(2048, 6145, shape) / 4096
            for _ in range(self.effort.projections)
        ]


def examine(measured: Measurement, block: Block, order: int, rng: np.random.Generator) -> Finding:
    """Check the gradient of one input along every axis, or along random directions; the finding says what came out."""
    x, gradient = measured.x, measured.gradient
    projections = 0 if x.size <= measured.effort.every else measured.effort.projections
    facts: dict[str, Any] = {
        "input": block.name,
        "shape": x.shape,
        "dtype": str(block.value.dtype),
        "projections": projections,
        "order": order,
    }
    if gradient.shape != x.shape:
        note = f"its shape is {gradient.shape}, the input's {x.shape}"
        return Finding(verdict=WRONG, note=note, **facts)
    where = first_bad(gradient)
    if where is not None:
        facts |= {"element": where, "x": float(x[where]), "analytic": float(gradient[where])}
        return Finding(verdict=NOT_FINITE, **facts)
    results = []
    for direction in measured.directions(rng):
        results.append(measured.compare(direction))
        if projections and results[-1].verdict == WRONG:
            break  # one is enough, and each of them is dear
    size = max((abs(r.analytic) for r in results), default=0.0)
    worst = max(results, key=lambda r: r.off, default=None)
    facts["agreement"] = agreement(worst.off, size) if worst else 0.0
    if projections:
        facts["tolerance"] = max(_tolerance(r, gradient) for r in results)
    for verdict in (WRONG, NOT_DIFFERENTIABLE, UNRESOLVED, KINK):
        found = [r for r in results if r.verdict == verdict]
        if found:
            worst = max(found, key=lambda r: r.off)
            if verdict == KINK:
                smooth = [r.off for r in results if r.verdict == OK]
                facts["agreement"] = agreement(max(smooth, default=0.0), size)
            if verdict == WRONG and projections:
                worst = measured.locate(worst)
            return _finding_at(worst, measured, verdict=verdict, **facts)
    if facts["agreement"] > 1e-2:
        return Finding(verdict=UNRESOLVED, note="f is too noisy here to tell more", **facts)
    return Finding(verdict=OK, **facts)


def _tolerance(along: _DirectionCheck, gradient: Array) -> float:
    """What may pass along a direction, relative to the norm of the terms that are summed; not a number for none."""
    norm = float(np.linalg.norm(gradient * along.direction))
    return (3 * along.slope.error + along.slack) / norm if norm else float("nan")


def _finding_at(along: _DirectionCheck, measured: Measurement, **facts: Any) -> Finding:
    """The finding at the one element that the direction moves, or along the direction where it moves several."""
    moved = np.argwhere(along.direction)
    if len(moved) != 1:
        note = f"along a direction of {len(moved)} elements" + (f"; {along.note}" if along.note else "")
        return Finding(analytic=along.analytic, numeric=along.slope.value, error=along.slope.error, note=note, **facts)
    where = tuple(moved[0].tolist())
    step = float(along.direction[where])
    note = along.note
    if along.around is not None:
        left, right = along.around.left / step, along.around.right / step
        note = f"{SIDES} {left:.6g} and {right:.6g}"
    return Finding(
        element=where,
        x=float(measured.x[where]),
        analytic=float(measured.gradient[where]),
        numeric=along.slope.value / step,
        error=along.slope.error / abs(step),
        note=note,
        **facts,
    )
