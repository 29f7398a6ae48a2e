"""How often `check_gradients` is wrong on generated programs: false alarms on right ones, misses of mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import tinygraph as tg
from tinygraph.check.findings import OK, UNRESOLVED
from tinygraph.check.report import Report
from tinygraph.testing.programs import Program, program

BANDS = ((1e-3, np.inf), (1e-6, 1e-3), (1e-9, 1e-6))
BARS = (0.995, 0.97, 0.90)


def chooser(seed: int) -> Callable[[int], int]:
    """`choose(n)` of the generator, from one seed."""
    rng = np.random.default_rng(seed)
    return lambda n: int(rng.integers(n))


def right_program(seed: int) -> Program:
    """A right program full of kinks, ties, zeros and scales from 1e-8 to 1e8; every fourth in float32."""
    return program(chooser(seed), dtype=np.float32 if seed % 4 == 3 else np.float64)


def report_on(f: Program) -> Report:
    """What the checker says of a program."""
    return tg.check_gradients(f, *f.inputs.values(), raises=False)


def alarms(seeds: range) -> Iterator[tuple[int, Program, Report]]:
    """The right programs that the checker calls wrong."""
    for seed in seeds:
        f = right_program(seed)
        report = report_on(f)
        if not report.ok:
            yield seed, f, report


class Mistake(NamedTuple):
    """A program with a mistake in step `step`, that changes its gradient by `size`, relative to the largest element."""

    program: Program
    step: int
    size: float


def gradients(f: Program) -> list[Any]:
    """The gradient of the sum of the results times fixed random numbers, for every input."""
    rng = np.random.default_rng(1)

    def total(*inputs: Any) -> Any:
        return sum(tg.sum(y * rng.standard_normal(np.shape(y))) for y in f(*inputs))

    with np.errstate(all="ignore"):
        return list(tg.grad(total, argnums=tuple(range(len(f.inputs))))(*f.inputs.values()))


def mistake(seed: int) -> Mistake | None:
    """A program with one rule off by a factor of 1 ± 1e-9 to 2, everywhere or in one element, if that has an effect."""
    choose = chooser(seed)
    f = program(choose, special=False)
    places = [
        (k, j)
        for k, step in enumerate(f.steps)
        for j, x in enumerate(step.inputs)
        if isinstance(x, str) and step.op.rules[j if step.op.arity is not None else 0] not in (None, 0)
    ]
    if not places:
        return None
    step, position = places[choose(len(places))]
    size = 10 ** (-9 * choose(10_000) / 10_000) * (1 - 2 * choose(2))
    wrong = f.planted(step, position, size, choose(100) if choose(2) else None)
    effect = 0.0
    for truth, claimed in zip(gradients(f), gradients(wrong), strict=True):
        largest = float(np.max(np.abs(truth), initial=0.0))
        if largest > 1e-12:  # of less, every digit is rounding
            effect = max(effect, float(np.max(np.abs(claimed - truth))) / largest)
    return Mistake(wrong, step, effect) if effect >= BANDS[-1][0] else None


class Rate(NamedTuple):
    """Of `total` mistakes in a band, how many were noticed, traced to the right op, left unresolved, missed in silence.

    `heavy` are the silent misses of at least 1e-4.
    """

    total: int = 0
    noticed: int = 0
    named: int = 0
    unresolved: int = 0
    silent: int = 0
    heavy: int = 0


def detection(seeds: range) -> list[Rate]:
    """The rates for each band of `BANDS`."""
    rates = [Rate() for _ in BANDS]
    for seed in seeds:
        planted = mistake(seed)
        if planted is None:
            continue
        report = report_on(planted.program)
        culprit = report.culprit.op if report.culprit else None
        named = not report.ok and culprit == planted.program.steps[planted.step].op.name
        vague = report.ok and (report.verdict == UNRESOLVED or report.agreement >= planted.size)
        silent = report.ok and not vague and report.verdict == OK
        band = next(k for k, (low, _) in enumerate(BANDS) if planted.size >= low)
        new = Rate(1, not report.ok, named, vague, silent, silent and planted.size >= 1e-4)
        rates[band] = Rate(*[a + int(b) for a, b in zip(rates[band], new, strict=True)])
    return rates
