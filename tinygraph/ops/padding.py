"""Padding: elements put at the ends of axes, in all the ways of `np.pad`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import linear
from ..engine.node import Recorded
from ..engine.settings import Setting, settings, settle
from ..engine.trees import flatten
from ..errors import NotDifferentiable
from .creation import full_like
from .indexing import getitem, index_of_axis, take
from .joining import block

__all__ = ["pad"]


@linear(lambda g, y, x, *, pad_width: _unpad(g, x.shape, pad_width), name="pad", onnx="Pad", fresh=True)
def _pad(x, *, pad_width):  # type: ignore[no-untyped-def]
    return np.pad(x, pad_width or 0)


def _unpad(g: Any, shape: tuple[int, ...], pad_width: Any) -> Any:
    cut = [slice(before, before + n) for (before, _), n in zip(pad_width, shape, strict=True)]
    return getitem(g, index=tuple(cut))


_BY_INDEX = ("edge", "reflect", "symmetric", "wrap")
_BY_STATISTIC = {"maximum": "max", "mean": "mean", "median": "median", "minimum": "min"}
_SETTINGS = {
    "constant": "constant_values", "linear_ramp": "end_values", "reflect": "reflect_type", "symmetric": "reflect_type",
    **dict.fromkeys(_BY_STATISTIC, "stat_length"),
}  # fmt: skip


@settings
def pad(x: Any, pad_width: Setting, mode: Any = "constant", **given: Any) -> Any:
    """`x` with `pad_width` elements added at the ends of its axes: an int, a pair, a pair by axis, or a dict.

    Modes, with their settings: constant (`constant_values`), edge, linear_ramp (`end_values`), maximum, mean, median,
    minimum (`stat_length`), reflect and symmetric (`reflect_type`), wrap.

    >>> pad(np.array([1.0, 2.0]), 1)
    array([0., 1., 2., 0.])
    """
    tensor = next((v for v in flatten([x, *given.values()]) if isinstance(v, Recorded)), None)
    if tensor is None:
        return np.pad(x, pad_width, mode, **given)
    cls: Any = type(tensor)
    return _pad_tensor(x if isinstance(x, Recorded) else cls(np.asarray(x)), pad_width, mode, **given)


def _pad_tensor(x: Any, pad_width: Any, mode: Any, **given: Any) -> Any:
    """`pad` of a Tensor, composed of operations."""
    width = _pairs(x, pad_width)
    allowed = _SETTINGS.get(mode) if isinstance(mode, str) else None
    if unknown := given.keys() - {allowed}:
        raise ValueError(f"pad: mode {mode!r} does not take {', '.join(sorted(unknown))}; it takes {allowed or 'none'}")
    setting = given.get(allowed) if allowed else None
    if allowed == "stat_length":
        setting = settle("pad", allowed, setting)
    if mode == "constant":
        return _pad_constant(x, width, 0 if setting is None else setting)
    if mode == "linear_ramp":
        for axis, (pair, ends) in enumerate(zip(width, _end_settings(x, 0 if setting is None else setting))):
            ramps = [_ramp(x, axis, 0, pair[0], ends[0]), np.flip(_ramp(x, axis, -1, pair[1], ends[1]), axis)]
            x = np.concatenate([ramps[0], x, ramps[1]], axis=axis)
        return x
    if mode in _BY_STATISTIC:
        for axis, (pair, most) in enumerate(zip(width, _end_settings(x, setting))):
            ends = [_statistic(x, axis, mode, n, first) for n, first in zip(most, (True, False))]
            spread = [np.repeat(end, n, axis) for end, n in zip(ends, pair)]
            x = np.concatenate([spread[0], x, spread[1]], axis=axis)
        return x
    if mode not in _BY_INDEX:
        known = ", ".join(sorted({*_SETTINGS, *_BY_INDEX}))
        raise NotDifferentiable(f"pad: mode {mode!r} has no gradient; use one of {known}")
    for axis, pair in enumerate(width):
        if any(pair) and setting in (None, "even"):
            x = take(x, np.pad(np.arange(x.shape[axis]), pair, mode=mode), axis=axis)
        elif any(pair):  # 2 * edge - mirrored, again and again: a matrix
            ends = np.pad(np.eye(x.shape[axis], dtype=x.dtype), (pair, (0, 0)), mode, reflect_type=setting)
            x = np.moveaxis(np.matmul(np.moveaxis(x, axis, -1), ends.T), -1, axis)
    return x


def _pairs(x: Any, pad_width: Any) -> tuple[tuple[int, int], ...]:
    """How many elements come before and after each axis."""
    if isinstance(pad_width, dict):
        given = {axis % x.ndim: pair for axis, pair in pad_width.items()}
        pad_width = [np.broadcast_to(given.get(axis, 0), 2) for axis in range(x.ndim)]
    return tuple((int(a), int(b)) for a, b in np.broadcast_to(pad_width, (x.ndim, 2)))


def _end_settings(x: Any, setting: Any) -> Any:
    """A setting for both ends of each axis."""
    if setting is None:
        return [(None, None)] * x.ndim
    if any(isinstance(v, Recorded) for v in flatten(setting)):
        setting = setting if isinstance(setting, Recorded) else block(_nested(setting))
        return [[row[0], row[1]] for row in np.broadcast_to(setting, (x.ndim, 2))]
    return np.broadcast_to(setting, (x.ndim, 2)).tolist()


def _nested(setting: Any) -> Any:
    """Nested tuples as lists, of which `block` makes one tensor."""
    return [_nested(s) for s in setting] if isinstance(setting, tuple | list) else setting


def _pad_constant(x: Any, width: tuple[tuple[int, int], ...], values: Any) -> Any:
    """`x` with the constants `values` at the ends of its axes."""
    if isinstance(values, int | float) and values == 0:
        return _pad(x, pad_width=width)
    for axis, (pair, ends) in enumerate(zip(width, _end_settings(x, values))):
        shapes = [(*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in pair]
        before, after = (full_like(x, end, shape=shape) for shape, end in zip(shapes, ends))
        x = np.concatenate([before, x, after], axis=axis)
    return x


def _ramp(x: Any, axis: int, edge: int, n: int, end: float) -> Any:
    """`n` elements from `end` towards the first or last element along `axis`, which is left out."""
    real = x.real.dtype if x.dtype.kind in "fc" else np.float64
    t = (np.arange(n, dtype=real) / max(n, 1)).reshape(-1, *[1] * (x.ndim - axis - 1))
    y = end + t * (x[index_of_axis(axis, slice(edge, None if edge else 1))] - end)
    return y if x.dtype.kind in "fc" else np.floor(y).astype(x.dtype)


def _statistic(x: Any, axis: int, mode: str, most: int | None, first: bool) -> Any:
    """The statistic named `mode` of the `most` first or last elements along `axis` (all by default), as one there."""
    n = x.shape[axis] if most is None else min(int(most), x.shape[axis])
    part = slice(n) if first else slice(x.shape[axis] - n, None)
    y = getattr(np, _BY_STATISTIC[mode])(x[index_of_axis(axis, part)], axis=axis, keepdims=True)
    return y if y.dtype == x.dtype else (np.rint(y) if x.dtype.kind in "iu" else y).astype(x.dtype)
