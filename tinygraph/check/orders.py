"""A function checked by measuring, order by order: its slopes, its own precision, and that its Hessian is symmetric."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from ..engine.node import Array
from ..engine.reasons import largest_at
from .findings import CHANGED, KINK, NONDETERMINISTIC, NOT_FINITE, WRONG, Finding
from .recorded import record
from .slopes import NORMAL, Effort, Measurement, examine
from .subject import BackwardError, Block, GradientOf, Subject, seeds

FAILED = "backward raised"
UNLINEAR = "backward is not linear in the gradient it is given"


def check(subject: Subject, order: int, rng: np.random.Generator, effort: Effort = NORMAL) -> tuple[list[Finding], int]:
    """The findings of each order up to the first that fails, and how many evaluations they took."""
    point, outputs = _measuring_point(subject)
    findings: list[Finding] = []
    evaluations = 0
    for level in range(1, order + 1):
        weights = seeds(rng, outputs)
        try:
            stop, gradients = _obstacle(subject, point, outputs, weights)
        except BackwardError as error:
            stop, gradients = (WRONG, f"{FAILED} {error}"), []
        if stop is not None:
            return findings + [_finding(block, level, *stop) for block in subject.blocks], evaluations
        current = []
        for k, block in enumerate(subject.blocks):
            measured = Measurement(subject, point, k, weights, gradients[k], effort)
            current.append(examine(measured, block, level, rng))
            evaluations += measured.evaluations + measured.oracle.evaluations
        if level == 1:
            current = _check_own_precision(subject, current, point, weights, gradients)
        elif level == 2 and not any(finding.verdict in (KINK, WRONG) for finding in findings + current):
            current = check_symmetry(subject, current, point, rng)
        findings += current
        if level == order or not all(finding.ok for finding in current):
            break
        subject = GradientOf(subject, weights)
        outputs = subject.values(point)
    return findings, evaluations


def _finding(block: Block, order: int, verdict: str, note: str) -> Finding:
    return Finding(
        input=block.name,
        shape=block.value.shape,
        dtype=str(block.value.dtype),
        verdict=verdict,
        order=order,
        note=note,
    )


def _measuring_point(subject: Subject) -> tuple[list[Array], list[Array]]:
    """The point in at least double precision, if f can be evaluated there, and the outputs."""
    own = [block.value for block in subject.blocks]
    double = [x.astype(np.result_type(x.dtype, np.float64)) for x in own]
    try:
        return double, subject.values(double)
    except Exception:
        return own, subject.values(own)  # raises what is wrong with f, if it is not the precision


def _obstacle(
    subject: Subject, point: Sequence[Array], outputs: Sequence[Array], weights: Sequence[Array]
) -> tuple[tuple[str, str] | None, list[Array]]:
    """What stands in the way of any check, as verdict and note, and the gradient: two runs of f are compared."""
    again = subject.values(point)
    if name := subject.changed_block(point):
        return (CHANGED, f"f writes into {name}; let it work on a copy"), []
    if not _all_equal(outputs, again):
        return (NONDETERMINISTIC, "f gave two results for the same inputs; fix its random numbers"), []
    if not all(np.isfinite(y).all() for y in outputs):
        return (NOT_FINITE, "the output is not finite here; check at another point"), []
    gradients = subject.gradient(point, weights)
    if name := subject.changed_block(point):
        return (CHANGED, f"backward writes into {name}; let the hook or rule work on a copy"), []
    scaled = subject.gradient(point, [-2 * w for w in weights])  # exact in binary: tells two mistakes in one run
    if not _all_equal([-2 * g for g in gradients], scaled):
        return _nonlinearity(subject, point, weights, gradients, scaled), gradients
    return None, gradients


def _nonlinearity(
    subject: Subject,
    point: Sequence[Array],
    weights: Sequence[Array],
    gradients: Sequence[Array],
    scaled: Sequence[Array],
) -> tuple[str, str] | None:
    """Why -2 times the weights did not give -2 times the gradient: random numbers, a rule, or nothing but rounding."""
    again, third = subject.gradient(point, weights), subject.gradient(point, weights)
    if not (_all_equal(gradients, again) and _all_equal(again, third)):
        return NONDETERMINISTIC, "backward gave two results for the same inputs; no rule may draw random numbers"
    types = {node.dtype for node in record(subject, point).order}
    rounding = max([1e-6, *[64 * float(np.finfo(t).eps) for t in types]])  # scaling is not exact among denormals
    for block, g, s in zip(subject.blocks, gradients, scaled, strict=True):
        off = np.abs(s + 2 * g)
        if g.size and np.max(off) > rounding * np.max(np.abs(g)) + 1e-290:
            at = largest_at(off)
            return WRONG, (
                f"{UNLINEAR}: for -2 times the gradient of the output, that of {block.name} is {s[at]:.6g} at "
                f"{list(at)}, not -2 times {g[at]:.6g}"
            )
    return None


def _all_equal(first: Sequence[Array], second: Sequence[Array]) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, second, strict=True))


def _check_own_precision(
    subject: Subject,
    findings: Sequence[Finding],
    point: Sequence[Array],
    weights: Sequence[Array],
    gradients: Sequence[Array],
) -> list[Finding]:
    """Check that gradients in float32 or float16 are those in float64 to half their digits; the findings say so."""
    own = [block.value for block in subject.blocks]
    if all(x.dtype == p.dtype for x, p in zip(own, point, strict=True)):
        return list(findings)
    rounded = subject.gradient(own, weights)
    random = np.random.default_rng(0)
    nearby = [x * (1 + np.finfo(o.dtype).eps * random.uniform(-1, 1, x.shape)) for x, o in zip(point, own, strict=True)]
    moved = subject.gradient(nearby, weights)
    heaviest = max((float(np.max(np.abs(w), initial=0.0)) for w in weights), default=0.0)
    checked = []
    for finding, x, low, g, other in zip(findings, own, rounded, gradients, moved, strict=True):
        size = float(np.max(np.abs(g), initial=0.0))
        kink = finding.verdict == KINK  # there, rounding may choose another subgradient
        if finding.ok and not kink and x.size and size <= float(np.finfo(x.dtype).max):  # beyond, overflow is right
            off = np.abs(low.astype(g.dtype) - g)
            where = largest_at(off)
            # half the digits, what the last digit of the inputs makes out, and the last digit of a cancelling sum
            eps = float(np.finfo(x.dtype).eps)
            tolerance = eps**0.5 * size + 64 * float(np.max(np.abs(other - g))) + 64 * eps * heaviest
            if low.dtype != x.dtype or not off[where] <= tolerance:
                finding = dataclasses.replace(
                    finding,
                    verdict=WRONG,
                    element=where,
                    x=float(x[where]),
                    analytic=float(low[where]),
                    numeric=float(g[where]),
                    error=tolerance,
                    note=f"in {low.dtype}; in float64 it is right",
                )
        checked.append(finding)
    return checked


def check_symmetry(
    subject: Subject, findings: Sequence[Finding], point: Sequence[Array], rng: np.random.Generator
) -> list[Finding]:
    """Check that the Hessian H is symmetric, <u, H v> = <v, H u>, which differences of the gradient cannot see.

    Not by the last digits of a gradient over its inputs: of a Hessian that is zero, rounding alone is left.
    """
    u, v = seeds(rng, point), seeds(rng, point)
    hu, hv = subject.gradient(point, u), subject.gradient(point, v)
    left = sum(float(np.sum(a * b)) for a, b in zip(u, hv, strict=True))
    right = sum(float(np.sum(a * b)) for a, b in zip(v, hu, strict=True))
    size = sum(float(np.sum(np.abs(a * b))) for a, b in zip(u + v, hv + hu, strict=True))
    steep, far = _largest_size(subject.values(point)), _largest_size(point)
    rounding = 64 * float(np.finfo(np.float64).eps) * steep / far if far else 0.0
    if abs(left - right) <= 1e-8 * size + rounding * _largest_size(u) * _largest_size(v) * sum(x.size for x in point):
        return list(findings)
    note = f"the Hessian is not symmetric: <u, Hv> is {left:.7g} and <v, Hu> is {right:.7g}"
    return [dataclasses.replace(finding, verdict=WRONG, note=note) for finding in findings]


def _largest_size(arrays: Sequence[Array]) -> float:
    return max([float(np.max(np.abs(x), initial=0.0)) for x in arrays], default=0.0)
