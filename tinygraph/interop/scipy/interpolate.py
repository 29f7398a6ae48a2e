"""`scipy.interpolate` for Tensors: cubic splines and linear interpolation on grids, in values, knots and points."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import interpolate

from ... import ops
from ...tensors.tensor import Tensor
from .atom import any_tensor

__all__ = ["CubicSpline", "RegularGridInterpolator"]


def _value(x: Any) -> Any:
    return x._array if isinstance(x, Tensor) else np.asarray(x)


class CubicSpline:
    """The cubic spline through y at the increasing knots x, twice continuously differentiable: call it at points.

    x has shape (n,), y (n, ...), with gradients in both and in the points. `bc_type` is SciPy's "not-a-knot",
    "natural" (second derivative 0 at the ends) or "clamped" (first derivative 0). Beyond the ends the last cubic goes
    on. The slopes at the knots solve a tridiagonal system (de Boor, A Practical Guide to Splines, chapter IV).

    >>> import tinygraph as tg
    >>> spline = lambda y: CubicSpline(np.array([0.0, 1.0, 2.0, 3.0]), y)(1.5)
    >>> tg.grad(spline)(np.array([0.0, 1.0, 4.0, 9.0]))
    array([-0.0625,  0.5625,  0.5625, -0.0625])
    """

    def __init__(self, x: Any, y: Any, bc_type: str = "not-a-knot") -> None:
        self.x, self.y = (v if isinstance(v, Tensor) else np.asarray(v, dtype=float) for v in (x, y))
        interpolate.CubicSpline(_value(self.x), _value(self.y), bc_type=bc_type)  # for its errors
        if bc_type not in ("not-a-knot", "natural", "clamped"):
            raise ValueError(
                f'CubicSpline: bc_type={bc_type!r} is not recorded; "not-a-knot", "natural", "clamped" are'
            )
        self.bc_type = bc_type
        self.slopes = self._slopes()

    def _slopes(self) -> Any:
        n = self.x.shape[0]
        h = np.diff(self.x)
        rise = np.diff(self.y, axis=0)
        slope = rise / np.reshape(h, (n - 1,) + (1,) * (self.y.ndim - 1))
        if self.bc_type == "not-a-knot" and n == 2:
            return np.concatenate([slope, slope])
        one, zero = np.ones(1), np.zeros(1)
        if self.bc_type == "clamped":
            first, last = [(0, one)], [(n - 1, one)]
            ends = [0 * slope[:1], 0 * slope[-1:]]
        elif self.bc_type == "natural":
            first, last = [(0, 2 * one), (1, one)], [(n - 1, 2 * one), (n - 2, one)]
            ends = [3 * slope[:1], 3 * slope[-1:]]
        elif n == 3:  # one parabola
            first, last = [(0, one), (1, one)], [(2, one), (1, one)]
            ends = [2 * slope[:1], 2 * slope[-1:]]
        else:
            d, e = h[0] + h[1], h[-1] + h[-2]
            first, last = [(0, h[1:2]), (1, one * d)], [(n - 1, h[-2:-1]), (n - 2, one * e)]
            ends = [
                ((h[0] + 2 * d) * h[1] * slope[:1] + h[0] ** 2 * slope[1:2]) / d,
                ((h[-1] + 2 * e) * h[-2] * slope[-1:] + h[-1] ** 2 * slope[-2:-1]) / e,
            ]
        middle = np.reshape(h, (n - 1,) + (1,) * (self.y.ndim - 1))
        right = np.concatenate([ends[0], 3 * (middle[:-1] * slope[1:] + middle[1:] * slope[:-1]), ends[1]])
        rows = [_row(first, n, zero)]
        rows += [_row([(k - 1, h[k : k + 1]), (k, one * 2 * (h[k] + h[k - 1])), (k + 1, h[k - 1 : k])], n, zero)
                 for k in range(1, n - 1)]  # fmt: skip
        matrix = np.stack([*rows, _row(last, n, zero)])
        return np.reshape(np.linalg.solve(matrix, np.reshape(right, (n, -1))), right.shape)

    def __call__(self, points: Any, nu: int = 0) -> Any:
        """The value (`nu` 1 to 3: that derivative) at points of any shape."""
        if not any_tensor(points, self.x, self.y):
            return interpolate.CubicSpline(self.x, self.y, bc_type=self.bc_type)(points, nu)
        t = points if isinstance(points, Tensor) else np.asarray(points, dtype=float)
        k = np.clip(np.searchsorted(_value(self.x), _value(t), side="right") - 1, 0, self.x.shape[0] - 2)
        wide = (...,) + (None,) * (self.y.ndim - 1)
        h, u = (self.x[k + 1] - self.x[k])[wide], (t - self.x[k])[wide]
        y0, s0, s1 = self.y[k], self.slopes[k], self.slopes[k + 1]
        m = (self.y[k + 1] - y0) / h
        c2, c3 = (3 * m - 2 * s0 - s1) / h, (s0 + s1 - 2 * m) / h**2
        if nu == 0:
            return y0 + u * (s0 + u * (c2 + u * c3))
        if nu == 1:
            return s0 + u * (2 * c2 + u * 3 * c3)
        if nu == 2:
            return 2 * c2 + 6 * u * c3
        if nu == 3:
            return 6 * c3 + 0 * u
        raise ValueError(f"CubicSpline: nu={nu!r}; give a derivative from 0 to 3")


def _row(entries: Sequence[tuple[int, Any]], n: int, zero: Any) -> Any:
    """The row of a matrix that holds `entries` at their columns."""
    parts = [zero] * n
    for column, entry in entries:
        parts[column] = entry
    return np.concatenate(parts)


class RegularGridInterpolator:
    """Linear interpolation of `values` on the grid of `points`, one increasing axis for each: call it at points.

    `values` has shape (len(points[0]), len(points[1]), ..., more); gradients in it and in the points that it is called
    with, of shape (..., number of axes). Outside of the grid ValueError, or `fill_value`; None goes on as inside.

    >>> import tinygraph as tg
    >>> grid = RegularGridInterpolator(([0.0, 1.0], [0.0, 2.0]), tg.tensor([[0.0, 2.0], [1.0, 5.0]]))
    >>> grid([0.5, 1.0])
    tensor([2.])
    """

    def __init__(
        self, points: Sequence[Any], values: Any, method: str = "linear", bounds_error: bool = True,
        fill_value: Any = np.nan,
    ) -> None:  # fmt: skip
        if method != "linear":
            raise ValueError(f'RegularGridInterpolator: method={method!r} is not recorded; give "linear"')
        self.points = [np.asarray(_value(axis), dtype=float) for axis in points]
        self.values = values if isinstance(values, Tensor) else np.asarray(values)
        self.bounds_error, self.fill_value = bounds_error, fill_value
        interpolate.RegularGridInterpolator(self.points, _value(self.values))  # for its errors

    def __call__(self, xi: Any) -> Any:
        """The values at points of shape (..., number of axes)."""
        settings = {"bounds_error": self.bounds_error, "fill_value": self.fill_value}
        if isinstance(xi, tuple):
            xi = np.stack(np.broadcast_arrays(*xi), axis=-1)
        if not any_tensor(self.values, xi):
            return interpolate.RegularGridInterpolator(self.points, self.values, **settings)(xi)
        t = xi if isinstance(xi, Tensor) else np.asarray(xi, dtype=float)
        t = np.reshape(t, (-1, t.shape[-1])) if t.ndim < 2 else t
        places = [_value(t)[..., k] for k in range(len(self.points))]
        outside = np.any([(p < a[0]) | (p > a[-1]) for p, a in zip(places, self.points, strict=True)], axis=0)
        if self.bounds_error and np.any(outside):
            raise ValueError("RegularGridInterpolator: a point lies outside of the grid; give bounds_error=False")
        corners, weights = [], []
        for k, (p, axis) in enumerate(zip(places, self.points, strict=True)):
            at = np.clip(np.searchsorted(axis, p, side="right") - 1, 0, len(axis) - 2)
            share = (t[..., k] - axis[at]) / (axis[at + 1] - axis[at])
            corners.append((at, at + 1))
            weights.append((1 - share, share))
        more = (...,) + (None,) * (self.values.ndim - len(self.points))
        total: Any = 0.0
        for which in itertools.product((0, 1), repeat=len(self.points)):
            weight: Any = 1.0
            for k, side in enumerate(which):
                weight = weight * weights[k][side]
            total = total + weight[more] * self.values[tuple(corners[k][side] for k, side in enumerate(which))]
        return total if self.fill_value is None else ops.where(outside[more], self.fill_value, total)
