"""What is known of a wrong rule: its gradient of one input, and the truth measured element by element."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from .compare import Measured
from .estimate import central
from .report import Finding
from .subject import seeds

if TYPE_CHECKING:
    from .nodes import Applied

Array = np.ndarray[Any, Any]

SAMPLE = 256
"""So many elements are measured, at random in a larger input."""


@dataclasses.dataclass(frozen=True)
class Evidence:
    """The gradient of one input of an op, `analytic`, and where it was `measured` the truth: `numeric` within `error`.

    `g` is the gradient of the output `y`, `names` and `inputs` the op's inputs, `position` which of them `x` is.
    """

    applied: Applied
    position: int
    names: tuple[str, ...]
    inputs: tuple[Any, ...]
    y: Array
    g: Array
    analytic: Array
    numeric: Array
    error: Array

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
        """Whether `a` is `b` (the truth by default) wherever measured, and that says something."""
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


def gather(applied: Applied, block: int, finding: Finding, seed: int) -> Evidence:
    """Measure the gradient of one input of an op, element by element."""
    rng = np.random.default_rng(seed)
    point = [b.value.astype(np.float64) for b in applied.blocks]
    [y] = applied.values(point)
    [g] = seeds(rng, [y])
    analytic = applied.gradient(point, [g])[block]
    numeric, error = measure(applied, point, block, g, finding.element, rng)
    op: Any = applied.node.op
    inputs = list(applied.inputs)
    for k, x in zip(applied.tracked, point, strict=True):
        inputs[k] = x
    names = op.inputs if op.arity is not None else tuple([f"{op.inputs[0]}[{k}]" for k in range(len(inputs))])
    return Evidence(applied, applied.tracked[block], names, tuple(inputs), y, g, analytic, numeric, error)


def measure(
    applied: Applied, point: list[Array], block: int, g: Array, element: tuple[int, ...], rng: np.random.Generator
) -> tuple[Array, Array]:
    """The slope with respect to each element of a block, NaN where it was not measured, and its error."""
    x = point[block]
    numeric, error = np.full(x.shape, np.nan), np.zeros(x.shape)
    chosen = np.arange(x.size) if x.size <= SAMPLE else np.sort(rng.choice(x.size, SAMPLE, replace=False))
    if element:
        chosen = np.union1d(chosen, np.ravel_multi_index(element, x.shape))
    measured = Measured(applied, point, block, [g], np.zeros(x.shape))
    for k in chosen:
        direction = np.zeros(x.size)
        direction[k] = step = measured.scale.flat[k]
        slope = central(measured.line(direction.reshape(x.shape)), measured.weights)
        if slope is not None:
            numeric.flat[k], error.flat[k] = slope.value / step, slope.error / step
    return numeric, error
