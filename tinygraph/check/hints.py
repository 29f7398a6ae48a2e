"""What mistake in a rule a wrong gradient looks like, in words for the person who wrote the rule.

Each function below knows one kind of mistake. It compares the gradient that the rule gives with the one that was
measured, and returns a sentence that names the mistake, or "" if the two do not differ in that way.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..engine.node import Array
from ..engine.reasons import first_where
from .evidence import EVERY, SAMPLE, Evidence, measure_each, sample
from .subject import OpOf


def pattern(e: Evidence) -> str:
    """The likely mistake behind a wrong gradient, in words; "" if it looks like none that is known."""
    for look in PATTERNS:
        found = look(e)
        if found:
            return found
    return ""


def all_zero(e: Evidence) -> str:
    """Say that a gradient is zero everywhere it is wrong, as where a rule detaches an input."""
    if not e.wrong.any() or np.any(e.analytic[e.wrong]):
        return ""
    count = int(e.wrong.sum())
    if e.measured.sum() > 1 and count == 1:
        return f"zero in one element only, {_index(e)}, where it should not be"
    where = "everywhere" if not np.any(e.analytic) else f"in {count} elements{_region_of(e)}"
    return f"zero {where}, where it should not be: is the input detached in the rule, or a branch missing?"


def one_element(e: Evidence) -> str:
    """Say that one element alone is wrong, as where an index is off by one."""
    if e.wrong.sum() == 1 and e.measured.sum() > 1:
        return f"only one element is wrong, {_index(e)}: an index, a slice or an edge is off by one"
    return ""


def constant_factor(e: Evidence) -> str:
    """Say that all elements are wrong by the same factor: the sign, 2, or the length of an axis."""
    largest = np.argmax(np.where(e.measured, np.abs(e.numeric), -1))
    c = float(e.analytic.flat[largest] / e.numeric.flat[largest])
    telling = int((e.measured & (np.abs(e.numeric) > e.slack)).sum())
    if not np.isfinite(c) or c == 0 or not e.fits(e.analytic, c * e.numeric):
        return ""
    nearest = next((v for v in _values(e) if abs(abs(c) - v) < 1e-6 * v), None)
    if abs(c + 1) < 1e-6:
        return "the sign: it is minus what it should be"
    if nearest is None and telling < 2:
        return ""
    sign = "minus " if c < 0 else ""
    if nearest is None:
        return f"a constant factor {c:.7g}"
    n = round(max(nearest, 1 / nearest))
    lengths = _lengths(e)
    if n in lengths:
        short = f"{sign}n = {n}" if nearest > 1 else f"{sign}1/n = 1/{n}"
        return f"a constant factor {short}, {lengths[n]}: looks like a mean/sum mix-up"
    what = f"{sign}{n}" if nearest > 1 else f"{sign}1/{n}"
    return f"a constant factor {what}: a term counted {'too often' if nearest > 1 else 'too rarely'}, or the power rule"


def _lengths(e: Evidence) -> dict[int, str]:
    """The numbers that a mean would divide by, each with what it counts."""
    found: dict[int, str] = {}
    for name, a in (("the input", e.x), ("the output", e.y)):
        for axis, n in enumerate(a.shape):
            found.setdefault(n, f"the length of axis {axis} of {name}")
        found.setdefault(a.size, f"the number of elements of {name}")
    if e.y.size and e.x.size % e.y.size == 0:
        found.setdefault(e.x.size // e.y.size, "the number of elements behind each output")
    return {n: text for n, text in found.items() if n > 1}


def _values(e: Evidence) -> list[float]:
    return [v for n in (*_lengths(e), 2, 3, 4) for v in (float(n), 1 / n)]


def transposition(e: Evidence) -> str:
    """Say that the right numbers are in the wrong order: axes exchanged, reversed or shifted."""
    a = e.analytic
    for axes in itertools.permutations(range(a.ndim)) if a.ndim <= 4 else ():
        if axes != tuple(range(a.ndim)) and e.fits(np.transpose(a, axes)):
            return "transposed: it is right with its axes exchanged"
    for axis in range(a.ndim):
        if a.shape[axis] > 1 and e.fits(np.flip(a, axis)):
            return f"reversed along axis {axis}"
        for shift in range(1, min(a.shape[axis], 9)):
            if any(e.fits(np.roll(a, s, axis)) for s in (shift, -shift)):
                return f"shifted by {shift} along axis {axis}"
    return ""


def other_input(e: Evidence) -> str:
    """Say that a gradient is right, but that of another input of the op."""
    for k, name in zip(e.subject.tracked, [e.names[k] for k in e.subject.tracked], strict=True):
        if k != e.position and np.shape(e.inputs[k]) == e.x.shape:
            block = e.subject.tracked.index(k)
            point = [np.asarray(e.inputs[j]) for j in e.subject.tracked]
            chosen = np.flatnonzero(e.measured)
            chosen = chosen if chosen.size <= EVERY else chosen[:: chosen.size // SAMPLE]
            other, error = measure_each(e.subject, point, block, e.g, chosen)
            mask = e.measured & np.isfinite(other)
            if mask.any() and np.all((np.abs(e.analytic - other) <= e.slack + 5 * error)[mask]):
                return f"one input swapped for another: this is the gradient of {name}"
    return ""


def missing_sum(e: Evidence) -> str:
    """Say that a rule forgot to sum over an axis along which its input was broadcast."""
    x, shape = e.x, e.y.shape
    if x.shape == shape or x.ndim > len(shape) or x.size > EVERY:
        return ""
    try:
        spread = np.array(np.broadcast_to(x, shape))
    except ValueError:
        return ""
    inputs = (*e.inputs[: e.position], spread, *e.inputs[e.position + 1 :])
    try:
        again = OpOf(e.subject.node, inputs)
        point = [b.value for b in again.blocks]
        if [v.shape for v in again.values(point)] != [shape] or spread.size > 4 * EVERY:
            return ""
        block = again.tracked.index(e.position)
        full, _ = measure_each(again, point, block, e.g, np.arange(spread.size))
    except (ValueError, TypeError, IndexError):
        return ""
    lead = len(shape) - x.ndim
    axes = [i for i in range(len(shape)) if i < lead or x.shape[i - lead] != shape[i]]
    for picks in itertools.product(*[range(shape[i]) for i in axes]):
        at: list[Any] = [slice(None)] * len(shape)
        for axis, pick in zip(axes, picks, strict=True):
            at[axis] = pick if axis < lead else slice(pick, pick + 1)
        part = full[tuple(at)]
        if part.shape == x.shape and e.fits(e.analytic, part):
            return f"a sum over the broadcast axis {axes[0]} is missing: the gradient is that of slice {picks[0]} alone"
    return ""


def missing_factor(e: Evidence) -> str:
    """Say which function of the inputs or the output a rule forgot to multiply by, or multiplied by needlessly."""
    telling = e.measured & (np.abs(e.numeric) > 1e3 * e.slack)
    if telling.sum() < 2:
        return ""
    for name, value in _expressions(e):
        value = np.broadcast_to(value, e.x.shape)
        usable = telling & np.isfinite(value) & (np.abs(value) > 1e-6)
        if usable.sum() < 2:
            continue
        for verb, right in (("is missing", e.analytic * value), ("is too much", e.analytic / value)):
            c = float(np.median((right / e.numeric)[usable]))
            if c and np.isfinite(c) and e.fits(right, c * e.numeric, usable):
                return f"a factor {name} {verb}" + ("" if abs(c - 1) < 1e-6 else f", besides a constant {c:.4g}")
    return ""


def _expressions(e: Evidence) -> Iterator[tuple[str, Array]]:
    x, y, name = e.x, e.y, e.names[e.position]
    values = [(name, x)]
    values += [(e.names[k], np.asarray(v)) for k, v in enumerate(e.inputs) if k != e.position]
    if y.shape == x.shape:
        values += [("y (the output)", y)]
    for label, v in values:
        if v.dtype.kind != "f" or not _spreads(v, x.shape):
            continue
        short = label.partition(" ")[0]
        yield label, v
        yield f"{short}²", v * v
        yield f"1 - {short}", 1 - v
        yield f"1 + {short}", 1 + v
        yield f"1 - {short}²", 1 - v * v
        yield f"1 + {short}²", 1 + v * v
        yield f"exp({short})", np.exp(v)
        yield f"sign({short})", np.sign(v)


def _spreads(v: Array, shape: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(v.shape, shape) == shape
    except ValueError:
        return False


def missing_term(e: Evidence) -> str:
    """Say which term a rule left out of a sum: a multiple of `g`, the gradient of the output."""
    if e.g.shape != e.x.shape:
        return ""
    missing = (e.numeric - e.analytic) / e.g
    usable = e.measured & (e.g != 0)
    if usable.sum() >= 2 and e.wrong[usable].all():
        c = float(np.median(missing[usable]))
        if c and e.fits(e.analytic + c * e.g):
            return f"one path is missing: the truth is this plus {c:.4g} · g"
        for name, value in _expressions(e):
            value = np.broadcast_to(value, e.x.shape)
            ratio = (missing / value)[usable & (np.abs(value) > 1e-6)]
            c = float(np.median(ratio)) if ratio.size > 2 else 0.0
            if c and np.isfinite(c) and e.fits(e.analytic + c * value * e.g):
                return f"one path is missing: the truth is this plus {c:.4g} · {name} · g"
    return ""


def missing_cross_terms(e: Evidence) -> str:
    """Say that a rule treats each element by itself, though each output of the op depends on several inputs."""
    if e.diagonal or e.g.shape != e.x.shape or e.x.size < 2 or not e.wrong.any():
        return ""
    block = e.subject.tracked.index(e.position)
    point = [np.asarray(e.inputs[j]) for j in e.subject.tracked]
    for at in np.flatnonzero(e.wrong)[[0, -1]]:
        only = np.zeros(e.g.size)
        only[at] = 1.0
        only = only.reshape(e.g.shape)
        mine = np.ravel(e.subject.gradient(point, [only])[block])
        element = tuple([int(i) for i in np.unravel_index(at, e.x.shape)])
        chosen = sample(e.x.shape, element, np.random.default_rng(0))
        truth, error = map(np.ravel, measure_each(e.subject, point, block, only, chosen))
        others = np.isfinite(truth)
        others[at] = False
        if not np.any(mine[others]) and np.any((np.abs(truth) > 50 * error + 1e-9)[others]):
            return "one path is missing: an output depends on other elements too, and the rule leaves out that sum"
    return ""


def common_region(e: Evidence) -> str:
    """Say what the wrong elements have in common: the sign of the input, or a slice."""
    common = _region_of(e)
    return f"wrong only{common}" if common else ""


def _region_of(e: Evidence) -> str:
    w, m, x = e.wrong, e.measured, e.x
    if w.sum() < 2 or np.array_equal(w, m):
        return ""
    for text, where in (("< 0", x < 0), ("> 0", x > 0), ("= 0", x == 0), ("> 1", x > 1), ("< 1", x < 1)):
        if np.array_equal(w, m & where):
            return f" where {e.names[e.position]} {text}: look at that branch"
    for axis in range(w.ndim):
        hit = np.flatnonzero(np.moveaxis(w, axis, 0).reshape(w.shape[axis], -1).any(1))
        if len(hit) == 1 and w.shape[axis] > 1:
            return f" in slice {int(hit[0])} of axis {axis}"
    return ""


def _index(e: Evidence) -> str:
    return str([*(first_where(e.wrong) or ())])


PATTERNS: tuple[Callable[[Evidence], str], ...] = (
    all_zero,
    constant_factor,
    one_element,
    transposition,
    other_input,
    missing_sum,
    missing_factor,
    missing_term,
    missing_cross_terms,
    common_region,
)
"""From what is exact to what is vague; the first that fits is reported."""
