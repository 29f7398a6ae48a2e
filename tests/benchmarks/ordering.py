"""Single operations on a million numbers, value and gradient: sort, partition, quantiles, differences, statistics."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Any

import numpy as np

from tests.benchmarks.harness import Array, Step
from tests.benchmarks.ops_scatter_conv import Operation


class Ordered(Operation):
    """An operation whose gradient needs what the value was found by: both are written by hand in one."""

    @abstractmethod
    def both(self, g: Array, *inputs: Array) -> tuple[Array, ...]:
        """The result and the gradients, by NumPy, each in memory of its own."""

    def hand(self) -> Step:
        inputs, g = self.inputs(), self.gradient()
        return lambda: self.both(g, *inputs)

    def vjp(self, g: Array, y: Array, *inputs: Array) -> tuple[Array, ...]:
        return self.both(g, *inputs)[1:]

    def inputs(self) -> tuple[Array, ...]:
        return (np.random.default_rng(0).standard_normal(self.side**2),)


class Sort(Ordered):
    """A vector sorted."""

    def function(self, x: Any) -> Any:
        return np.sort(x)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        order = np.argsort(x)
        gx = np.empty_like(g)
        gx[order] = g
        return x[order], gx


class SortRows(Sort):
    """Each row of a square sorted."""

    def inputs(self) -> tuple[Array, ...]:
        return (np.random.default_rng(0).standard_normal((self.side, self.side)),)

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        order = np.argsort(x)
        gx = np.empty_like(g)
        np.put_along_axis(gx, order, g, -1)
        return np.take_along_axis(x, order, -1), gx


class Partition(Ordered):
    """A vector partitioned at its middle."""

    def function(self, x: Any) -> Any:
        return np.partition(x, self.side**2 // 2)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        order = np.argpartition(x, self.side**2 // 2)
        gx = np.empty_like(g)
        gx[order] = g
        return x[order], gx


class Median(Ordered):
    """The median of a vector of even length."""

    def function(self, x: Any) -> Any:
        return np.median(x)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        middle = [x.size // 2 - 1, x.size // 2]
        order = np.argpartition(x, middle)[middle]
        gx = np.zeros_like(x)
        gx[order] = g / 2
        return np.mean(x[order]), gx


class MedianRows(Ordered):
    """The median of each row of a square with an even side."""

    def inputs(self) -> tuple[Array, ...]:
        return (np.random.default_rng(0).standard_normal((self.side, self.side)),)

    def function(self, x: Any) -> Any:
        return np.median(x, axis=1)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        middle = [self.side // 2 - 1, self.side // 2]
        order = np.argpartition(x, middle, axis=1)[:, middle]
        gx = np.zeros_like(x)
        np.put_along_axis(gx, order, g[:, None] / 2, 1)
        return np.mean(np.take_along_axis(x, order, 1), axis=1), gx


class Quantile(Ordered):
    """Three quantiles of a vector, interpolated."""

    q = np.array([0.123, 0.5, 0.987])

    def function(self, x: Any) -> Any:
        return np.quantile(x, self.q)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        place = (x.size - 1) * self.q
        low = place.astype(np.intp)
        weight = place - low
        order = np.argpartition(x, np.concatenate([low, low + 1]))
        gx = np.zeros_like(x)
        np.add.at(gx, order[low], g * (1 - weight))
        np.add.at(gx, order[low + 1], g * weight)
        return x[order[low]] * (1 - weight) + x[order[low + 1]] * weight, gx


class Unique(Ordered):
    """The different ones of numbers of three digits, and some."""

    def inputs(self) -> tuple[Array, ...]:
        return (super().inputs()[0].round(3),)

    def function(self, x: Any) -> Any:
        return np.unique(x)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        y, first = np.unique(x, return_index=True)
        gx = np.zeros_like(x)
        gx[first] = g
        return y, gx


class Diff(Ordered):
    """Differences of neighbours in a vector."""

    def function(self, x: Any) -> Any:
        return np.diff(x)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        gx = np.empty_like(x)
        gx[0], gx[-1] = -g[0], g[-1]
        np.subtract(g[:-1], g[1:], out=gx[1:-1])
        return x[1:] - x[:-1], gx


class DiffColumns(Ordered):
    """Second differences down the columns of a square."""

    def inputs(self) -> tuple[Array, ...]:
        return (np.random.default_rng(0).standard_normal((self.side, self.side)),)

    def function(self, x: Any) -> Any:
        return np.diff(x, n=2, axis=0)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        gx = g
        for _ in range(2):
            inner, gx = gx, np.empty((len(gx) + 1, *gx.shape[1:]))
            gx[0], gx[-1] = -inner[0], inner[-1]
            np.subtract(inner[:-1], inner[1:], out=gx[1:-1])
        return np.diff(x, n=2, axis=0), gx


class Gradient(Ordered):
    """The derivative of samples at even steps."""

    def function(self, x: Any) -> Any:
        return np.gradient(x, 0.1)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        inner = g[1:-1] / 0.2
        gx = np.empty_like(x)
        np.subtract(inner[:-2], inner[2:], out=gx[2:-2])
        gx[:2], gx[-2:] = -inner[:2], inner[-2:]
        gx[0] -= g[0] / 0.1
        gx[1] += g[0] / 0.1
        gx[-2] -= g[-1] / 0.1
        gx[-1] += g[-1] / 0.1
        return np.gradient(x, 0.1), gx


class GradientUneven(Ordered):
    """The derivative of samples at uneven coordinates."""

    @cached_property
    def at(self) -> Array:
        """The coordinates."""
        return np.cumsum(np.random.default_rng(3).uniform(0.5, 1.5, self.side**2))

    def function(self, x: Any) -> Any:
        return np.gradient(x, self.at)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        steps = np.diff(self.at)
        before, after = steps[:-1], steps[1:]
        span, inner = before + after, g[1:-1]
        gx = np.zeros_like(x)
        gx[:-2] = -after / (before * span) * inner
        gx[1:-1] += (after - before) / (before * after) * inner
        gx[2:] += before / (after * span) * inner
        first, last = g[0] / steps[0], g[-1] / steps[-1]
        gx[0] -= first
        gx[1] += first
        gx[-2] -= last
        gx[-1] += last
        return np.gradient(x, self.at), gx


class Bincount(Ordered):
    """Weights summed by number."""

    @cached_property
    def number(self) -> Array:
        """Of each."""
        return np.random.default_rng(2).integers(0, self.side, self.side**2)

    def function(self, w: Any) -> Any:
        return np.bincount(self.number, w)

    forward = function

    def both(self, g: Array, w: Array) -> tuple[Array, ...]:  # type: ignore[override]
        return np.bincount(self.number, w), g[self.number]


class Cov(Ordered):
    """Covariances of ten variables."""

    rows = 10

    def inputs(self) -> tuple[Array, ...]:
        rows = min(self.rows, self.side)
        return (np.random.default_rng(0).standard_normal((rows, self.side**2 // rows)),)

    def function(self, x: Any) -> Any:
        return np.cov(x)

    forward = function

    def both(self, g: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        centred = x - x.mean(axis=1, keepdims=True)
        freedom = x.shape[1] - 1
        return centred @ centred.T / freedom, ((g + g.T) / freedom) @ centred


class CovMany(Cov):
    """Covariances of a hundred variables."""

    rows = 100


WORKLOADS = (
    Sort("ops_sort", eager_bar=1.5),
    SortRows("ops_sort_rows", eager_bar=1.5),
    Partition("ops_partition", eager_bar=1.5),
    Median("ops_median", eager_bar=1.5),
    MedianRows("ops_median_rows", eager_bar=1.5),
    Quantile("ops_quantile", eager_bar=1.5),
    Unique("ops_unique", eager_bar=1.5),
    Diff("ops_diff", eager_bar=1.5),
    DiffColumns("ops_diff_columns", eager_bar=1.5),
    Gradient("ops_gradient", eager_bar=1.5),
    GradientUneven("ops_gradient_uneven", eager_bar=1.5),
    Bincount("ops_bincount", eager_bar=1.5),
    Cov("ops_cov", eager_bar=1.5),
    CovMany("ops_cov_many", eager_bar=1.5),
)
