"""`check_gradients`: is what backward computes the derivative of what forward computes?"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import GradientError
from .compare import Measured, examine
from .report import KINK, NOT_DIFFERENTIABLE, WRONG, Finding, Report
from .subject import GradientOf, Subject, seeds

Array = np.ndarray[Any, Any]


def check_gradients(
    f: Callable[..., Any],
    *inputs: Any,
    order: int = 1,
    wrt: Any = None,
    seed: int = 0,
    raises: bool = True,
) -> Report:
    """Compare the gradients of `f(*inputs)` with differences; the report says how far they agree.

    `inputs` are numbers, arrays, Tensors, or lists and dicts of them, and are never changed: `f` is called with
    float64 Tensors in their place. It returns a tensor of any shape, or several. `wrt` says what to check: by
    default every floating-point input, else positions of inputs, tensors that `f` uses (`model.parameters()`),
    or modules. Integer inputs are passed on as they are. `order` 2 also checks the gradient as a function
    in turn, and that the Hessian is symmetric. `seed` draws the weights of the outputs.

    There is no step or tolerance to choose. Slopes come from central differences extrapolated to step zero,
    each with its own error bound, and the tolerance is that bound. Inputs of up to 256 elements are checked
    element by element, larger ones along random directions. At a kink, such as relu's at 0, a gradient between
    the one-sided slopes is right. Gradients in float32 and float16 are checked in float64 first, and then
    held against the result in their own precision.

    Returns a `Report`. Raises GradientError with the report if a gradient is wrong (unless `raises` is False),
    NotDifferentiable if an input to check has no gradient, TypeError if there is nothing to check.

    >>> print(check_gradients(lambda x, y: np.sin(x) * y, 0.5, np.array([1.0, 2.0])))
    gradients of <lambda> are right: 2 inputs, 3 elements, agree to ...
    """
    if order < 1:
        raise ValueError(f"check_gradients: order is {order}; give 1 for gradients, 2 for second derivatives too")
    subject = Subject(f, inputs, wrt)
    with np.errstate(all="ignore"):  # what is not finite is reported
        findings, evaluations = _check(subject, order, np.random.default_rng(seed))
    name = getattr(f, "__name__", type(f).__name__)
    report = Report(name, tuple(findings), tuple(subject.skipped), evaluations)
    if raises and not report.ok:
        raise GradientError(str(report), report)
    return report


def _check(subject: Subject, order: int, rng: np.random.Generator) -> tuple[list[Finding], int]:
    """The findings of each order up to the first that fails, and how many evaluations they took."""
    point = _measurable(subject)
    findings: list[Finding] = []
    evaluations = 0
    for level in range(1, order + 1):
        current = _unusable(subject, point, level)
        if current:
            return findings + current, evaluations
        weights = seeds(rng, subject.values(point))
        gradients = subject.gradient(point, weights)
        for k, block in enumerate(subject.blocks):
            measured = Measured(subject, point, k, weights, gradients[k])
            current.append(examine(measured, block, level, rng))
            evaluations += measured.evaluations
        if level == 1:
            current = _in_own_precision(subject, current, point, weights, gradients)
        elif level == 2 and not any(finding.verdict in (KINK, WRONG) for finding in findings + current):
            current = _symmetric(subject, current, point, rng)
        findings += current
        if not all(finding.ok for finding in current):
            break
        subject = GradientOf(subject, weights)
    return findings, evaluations


def _measurable(subject: Subject) -> list[Array]:
    """The point in at least double precision, if f can be evaluated there."""
    own = [block.value for block in subject.blocks]
    double = [x.astype(np.result_type(x.dtype, np.float64)) for x in own]
    try:
        subject.values(double)
    except Exception:
        subject.values(own)  # raises what is wrong with f, if it is not the precision
        return own
    return double


def _unusable(subject: Subject, point: Sequence[Array], order: int) -> list[Finding]:
    """What stands in the way of any check: f changes from call to call, or is not finite here."""
    first, again = subject.values(point), subject.values(point)
    if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, again, strict=True)):
        note = "f gave two results for the same inputs; fix its random numbers"
    elif not all(np.isfinite(y).all() for y in first):
        note = "the output is not finite here; check at another point"
    else:
        return []
    return [
        Finding(b.name, b.value.shape, str(b.value.dtype), NOT_DIFFERENTIABLE, order=order, note=note)
        for b in subject.blocks
    ]


def _in_own_precision(
    subject: Subject,
    findings: Sequence[Finding],
    point: Sequence[Array],
    weights: Sequence[Array],
    gradients: Sequence[Array],
) -> list[Finding]:
    """The findings, wrong where a gradient in float32 or float16 is not that in float64 to half its digits."""
    own = [block.value for block in subject.blocks]
    if all(x.dtype == p.dtype for x, p in zip(own, point, strict=True)):
        return list(findings)
    rounded = subject.gradient(own, weights)
    nearby = [x * (1 + np.finfo(o.dtype).eps) for x, o in zip(point, own, strict=True)]
    moved = subject.gradient(nearby, weights)
    heaviest = max((float(np.max(np.abs(w), initial=0.0)) for w in weights), default=0.0)
    checked = []
    for finding, x, low, g, other in zip(findings, own, rounded, gradients, moved, strict=True):
        if finding.ok and x.size:
            size = float(np.max(np.abs(g)))
            off = np.abs(low.astype(g.dtype) - g)
            where = np.unravel_index(int(np.argmax(off)), x.shape)
            # half the digits, what the last digit of the inputs makes out, and the last digit of a cancelling sum
            eps = float(np.finfo(x.dtype).eps)
            tolerance = eps**0.5 * size + 64 * float(np.max(np.abs(other - g))) + 64 * eps * heaviest
            if low.dtype != x.dtype or not off[where] <= tolerance:
                finding = dataclasses.replace(
                    finding,
                    verdict=WRONG,
                    element=tuple(int(i) for i in where),
                    x=float(x[where]),
                    analytic=float(low[where]),
                    numeric=float(g[where]),
                    error=tolerance,
                    note=f"in {low.dtype}; in float64 it is right",
                )
        checked.append(finding)
    return checked


def _symmetric(
    subject: Subject, findings: Sequence[Finding], point: Sequence[Array], rng: np.random.Generator
) -> list[Finding]:
    """The findings, wrong where <u, H v> is not <v, H u>: what differences of the gradient cannot see."""
    u, v = seeds(rng, point), seeds(rng, point)
    hu, hv = subject.gradient(point, u), subject.gradient(point, v)
    left = sum(float(np.sum(a * b)) for a, b in zip(u, hv, strict=True))
    right = sum(float(np.sum(a * b)) for a, b in zip(v, hu, strict=True))
    size = sum(float(np.sum(np.abs(a * b))) for a, b in zip(u + v, hv + hu, strict=True))
    if abs(left - right) <= 1e-8 * size:
        return list(findings)
    note = f"the Hessian is not symmetric: <u, Hv> is {left:.7g} and <v, Hu> is {right:.7g}"
    return [dataclasses.replace(finding, verdict=WRONG, note=note) for finding in findings]
