"""A second oracle, independent of differences: the slope of an analytic function from evaluations at complex inputs.

Im f(x + ihd) / h is the slope along d up to O(h²), and nothing is subtracted, so that h = 1e-30 costs no digits (Squire
and Trapp 1998, "Using complex variables to estimate derivatives of real functions").
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence

import numpy as np

from ..engine.node import Array
from ..tensors.tensor import Tensor
from .estimate import Slope
from .recorded import record
from .subject import Subject
from .wiring import cuts

STEP = 1e-30


class ComplexStep:
    """Slopes of a subject at a point with respect to one of its blocks, where it is an analytic function."""

    def __init__(self, subject: Subject, point: Sequence[Array], index: int, weights: Array) -> None:
        self.subject, self.point, self.index, self.weights = subject, list(point), index, weights
        self.evaluations = 0

    @functools.cached_property
    def applies(self) -> bool:
        """Whether every op is declared holomorphic, and no constant of the graph moves with the inputs.

        Such a constant may come from np.abs, .real or the like outside of the graph, where a complex step sees nothing.
        """
        if any(block.complex for block in self.subject.blocks):
            return False
        try:
            recording = record(self.subject, [block.value for block in self.subject.blocks])
            holomorphic = all(node.op is not None and node.op.holomorphic for node in recording.order)
            return holomorphic and not any(True for _ in cuts(self.subject, recording, np.random.default_rng(0)))
        except Exception:
            return False

    def slope(self, direction: Array) -> Slope | None:
        """The slope along `direction`, or None where f is not known to be analytic or does not run on complex arrays.

        The error is how far rounding carries: what the slope changes by when the inputs change in their last digits.
        By enough of them, that is, for the rounding of a cancelling sum to come out differently.
        """
        if self.point[self.index].dtype != np.float64 or not self.applies:
            return None
        x = self.point[self.index]
        eps = float(np.finfo(x.dtype).eps)
        found = self._at(x, direction)
        if found is None:
            return None
        value, size = found
        error = 64 * eps * size
        rng = np.random.default_rng(0)
        for _ in range(3):
            nearby = self._at(x * (1 + 64 * eps * rng.uniform(-1, 1, x.shape)), direction)
            if nearby is None:
                return None
            error = max(error, 32 * abs(nearby[0] - value))
        return Slope(value, error, STEP)

    def _at(self, x: Array, direction: Array) -> tuple[float, float] | None:
        """The slope at `x`, and the sum of the sizes of its terms."""
        real, moved = list(self.point), list(self.point)
        real[self.index], moved[self.index] = x, x + 1j * STEP * direction
        self.evaluations += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # an imaginary part that is dropped warns
                outputs, _ = self.subject.run(moved, recorded=False)
                values = self.subject.values(real)
        except Exception:
            return None
        found = [np.asarray(y._array if isinstance(y, Tensor) else y) for y in outputs]
        found = [y for y in found if y.dtype.kind in "fc"]
        if [y.shape for y in found] != [y.shape for y in values]:
            return None
        for y, z in zip(values, found, strict=True):
            if not np.allclose(z.real, y, rtol=1e-9, atol=1e-9 * float(np.max(np.abs(y), initial=0.0))):
                return None  # another branch
        terms = self.weights * np.concatenate([np.ravel(z.imag) for z in found]) / STEP
        value, size = float(np.sum(terms)), float(np.sum(np.abs(terms)))
        return (value, size) if np.isfinite(size) else None
