"""Reductions and cumulatives of a million numbers, value and gradient, against NumPy by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.harness import Array
from tests.benchmarks.ops_scatter_conv import Operation

Forward = Callable[[Any], Any]
Vjp = Callable[[Array, Array, Array], Array]


def _spread(g: Array, x: Array) -> Array:
    return np.array(np.broadcast_to(g, x.shape))


def _attained(g: Array, hit: Array, axis: int | None) -> Array:
    return hit * (g / np.count_nonzero(hit, axis=axis))


def _back(g: Array, axis: int) -> Array:
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


def _others(x: Array) -> Array:
    """Products along rows of all other elements, zeros among them or not: from the left, times from the right."""
    left, right = np.ones_like(x), np.ones_like(x)
    np.cumprod(x[:, :-1], axis=1, out=left[:, 1:])
    np.cumprod(x[:, :0:-1], axis=1, out=right[:, -2::-1])
    return left * right


def _shared(g: Array, x: Array, axis: int | None) -> Array:
    known = ~np.isnan(x)
    return np.where(known, g / np.count_nonzero(known, axis=axis), 0)


CASES: dict[str, tuple[str, Forward, Vjp]] = {
    "sum": ("normal", np.sum, lambda g, y, x: np.full_like(x, g)),
    "sum_0": ("normal", lambda x: np.sum(x, 0), lambda g, y, x: _spread(g, x)),
    "sum_1": ("normal", lambda x: np.sum(x, 1), lambda g, y, x: _spread(g[:, None], x)),
    "mean_0": ("normal", lambda x: np.mean(x, 0), lambda g, y, x: _spread(g / len(x), x)),
    "var": ("normal", np.var, lambda g, y, x: (2 * g / x.size) * (x - x.mean())),
    "var_0": ("normal", lambda x: np.var(x, 0), lambda g, y, x: (2 * g / len(x)) * (x - x.mean(0))),
    "std_0": ("normal", lambda x: np.std(x, 0), lambda g, y, x: (g / (y * len(x))) * (x - x.mean(0))),
    "max": ("normal", np.max, lambda g, y, x: _attained(g, x == y, None)),
    "max_0": ("normal", lambda x: np.max(x, 0), lambda g, y, x: _attained(g, x == y, 0)),
    "prod": ("near one", np.prod, lambda g, y, x: g * y / x),
    "prod_1": ("near one", lambda x: np.prod(x, 1), lambda g, y, x: (g * y)[:, None] / x),
    "prod_zeros": ("with zeros", lambda x: np.prod(x, 1), lambda g, y, x: g[:, None] * _others(x)),
    "cumsum": ("normal", lambda x: np.cumsum(x, 1), lambda g, y, x: _back(g, 1).copy()),
    "cumsum_0": ("normal", lambda x: np.cumsum(x, 0), lambda g, y, x: _back(g, 0).copy()),
    "cumprod": ("near one", lambda x: np.cumprod(x, 1), lambda g, y, x: _back(g * y, 1) / x),
    "cumprod_0": ("near one", lambda x: np.cumprod(x, 0), lambda g, y, x: _back(g * y, 0) / x),
    "nansum": ("with NaNs", np.nansum, lambda g, y, x: np.where(np.isnan(x), 0, g)),
    "nanmean_0": ("with NaNs", lambda x: np.nanmean(x, 0), lambda g, y, x: _shared(g, x, 0)),
    "nanmean": ("with NaNs", np.nanmean, lambda g, y, x: _shared(g, x, None)),
}


class Reduction(Operation):
    """One function of a square, by its name in `CASES`: NumPy's, called by both sides, and its gradient by hand."""

    @property
    def case(self) -> tuple[str, Forward, Vjp]:
        """What numbers it is of, the function, and its gradient."""
        return CASES[self.name.removeprefix("ops_")]

    def inputs(self) -> tuple[Array, ...]:
        rng = np.random.default_rng(0)
        x = rng.standard_normal((self.side, self.side))
        if self.case[0] == "near one":  # products of a million of them are in range
            x = 1 + 1e-4 * x
        elif self.case[0] == "with NaNs":
            x[rng.random(x.shape) < 0.1] = np.nan
        elif self.case[0] == "with zeros":
            x[:, self.side // 2] = 0
        return (x,)

    def function(self, x: Any) -> Any:
        return self.case[1](x)

    def forward(self, x: Array) -> Array:
        return np.asarray(self.case[1](x))

    def vjp(self, g: Array, y: Array, x: Array) -> tuple[Array, ...]:
        return (self.case[2](g, y, x),)


WORKLOADS = tuple([Reduction(f"ops_{name}", eager_bar=1.5) for name in CASES])
