"""What is known of a wrong rule: its gradient of one input, and the truth measured element by element.

Each element is moved by itself; or all at once, where the op is elementwise and each output tells of its own.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from ..engine.node import Array
from .estimate import RATIO, central_slope, each_slope
from .findings import Finding
from .slopes import Measurement
from .subject import OpOf, input_name, seeds

EVERY, SAMPLE = 256, 32
"""All elements are measured in an input of up to `EVERY`, in a larger one `SAMPLE` and the one that was found."""


@dataclasses.dataclass(frozen=True)
class Evidence:
    """The gradient of one input of an op, `analytic`, and where it was `measured` the truth: `numeric` within `error`.

    `g` is the gradient of the output `y`, `names` and `inputs` the op's inputs, `position` which of them `x` is.
    `diagonal` says that the Jacobian is: each output depends on its own element of `x` alone.
    """

    subject: OpOf
    position: int
    names: tuple[str, ...]
    inputs: tuple[Any, ...]
    y: Array
    g: Array
    analytic: Array
    numeric: Array
    error: Array
    diagonal: bool

    @property
    def x(self) -> Array:
        """The input."""
        return np.asarray(self.inputs[self.position])

    @property
    def measured(self) -> Array:
        """Where the truth is known."""
        return np.isfinite(self.numeric)

    @property
    def slack(self) -> Array:
        """By how much equal numbers may differ."""
        largest = float(np.max(np.abs(self.numeric[self.measured]), initial=0.0))
        return np.asarray(5 * self.error + 1e-12 * largest + 1e-300)

    def fits(self, a: Any, b: Any = None, where: Any = True) -> bool:
        """Whether `a` equals `b`, by default the measured truth, at every element that was measured."""
        b = self.numeric if b is None else b
        if np.shape(a) != self.numeric.shape:
            return False
        mask = self.measured & np.isfinite(a) & where
        size = np.maximum(1.0, np.abs(np.divide(a, self.numeric, out=np.ones_like(self.numeric), where=mask)))
        return bool(mask.any() and np.all((np.abs(a - b) <= self.slack * size)[mask]))

    @property
    def wrong(self) -> Array:
        """Where the gradient is wrong."""
        return np.asarray(self.measured & ~(np.abs(self.analytic - self.numeric) <= self.slack))


def gather(subject: OpOf, block: int, finding: Finding, seed: int) -> Evidence:
    """Measure the gradient of one input of an op, element by element."""
    rng = np.random.default_rng(seed)
    point = [b.value.astype(np.float64) for b in subject.blocks]
    [y] = subject.values(point)
    [g] = seeds(rng, [y])
    analytic = subject.gradient(point, [g])[block]
    chosen = sample(point[block].shape, finding.element, rng)
    diagonal = subject.op.local and y.shape == point[block].shape
    numeric, error = measure_at_once(subject, point, block, g, chosen) if diagonal else (None, None)
    if numeric is None or error is None:
        diagonal = False
        numeric, error = measure_each(subject, point, block, g, chosen)
    inputs = list(subject.inputs)
    for k, x in zip(subject.tracked, point, strict=True):
        inputs[k] = x
    return Evidence(
        subject=subject,
        position=subject.tracked[block],
        names=tuple([input_name(subject.op, k) for k in range(len(inputs))]),
        inputs=tuple(inputs),
        y=y,
        g=g,
        analytic=analytic,
        numeric=numeric,
        error=error,
        diagonal=diagonal,
    )


def sample(shape: tuple[int, ...], element: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Flat indices of the elements to measure: `element` first, if any, then all or some at random.

    Half of those share all but one coordinate with `element`, so that a wrong row is told from a wrong element.
    """
    size = math.prod(shape)
    if size <= EVERY:
        chosen = np.arange(size)
    else:
        places = rng.integers(0, shape, (SAMPLE, len(shape)))
        if element:
            for k in range(SAMPLE // 2):
                axis = k % len(shape)
                places[k] = [*element[:axis], places[k, axis], *element[axis + 1 :]]
        chosen = np.unique(np.ravel_multi_index(tuple(places.T), shape))
    first = [int(np.ravel_multi_index(element, shape))] if element else []
    return np.array(first + [k for k in chosen.tolist() if k not in first], int)


def measure_each(subject: OpOf, point: list[Array], block: int, g: Array, chosen: Array) -> tuple[Array, Array]:
    """The slope with respect to the `chosen` elements of a block, NaN for the others, and its error.

    In a large input only the first takes a full ladder of steps, the others the two finest that it used.
    """
    x = point[block]
    numeric, error = np.full(x.shape, np.nan), np.zeros(x.shape)
    measured = Measurement(subject, point, block, [g], np.zeros(x.shape))
    good: float | None = None
    for k in chosen:
        line, step = measured.line(measured.unit(k)), measured.scale.flat[k]
        slope = central_slope(line, measured.weights, good, rungs=2) if good else central_slope(line, measured.weights)
        if slope is not None:
            numeric.flat[k], error.flat[k] = slope.value / step, slope.error / step
            good = slope.step * RATIO if x.size > 4 * EVERY else None
    return numeric, error


def measure_at_once(
    subject: OpOf, point: list[Array], block: int, g: Array, chosen: Array
) -> tuple[Array, Array] | tuple[None, None]:
    """The slope with respect to every element, all moved at once; None if an output depends on others than its own.

    That is found out by moving the first of the `chosen` alone, and then all the others without it.
    """
    x = point[block]
    measured = Measurement(subject, point, block, [g], np.zeros(x.shape))
    if not chosen.size:
        return None, None
    first = int(chosen[0])
    alone = central_slope(measured.line(measured.unit(first)), measured.weights)
    if alone is None:
        return None, None
    smallest = alone.step
    slopes, errors = each_slope(measured.line(measured.scale), measured.weights, smallest)
    others = measured.line(measured.scale - measured.unit(first))
    still = others(smallest).flat[first] == others(-smallest).flat[first]
    if not still or abs(alone.value - slopes[first]) > 3 * (alone.error + errors[first]):
        return None, None
    return slopes.reshape(x.shape) / measured.scale, errors.reshape(x.shape) / measured.scale
