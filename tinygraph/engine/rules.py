"""One rule applied to one gradient: what an input receives, broadcasting undone, in its own shape and dtype.

For real numbers that is the chain rule: gradient times local derivative. For complex ones: the gradient G of a real L
with respect to z = x + iy is dL/dx + i dL/dy. Inside, a sweep carries g, the conjugate of G: dL = Re(sum(g * dz)), so
that the rules of analytic functions are the same as for real numbers. Seeds and hooks see G, and so does whoever is
given a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .node import Recorded, wrap
from .op import Op, Rule


def contribution(
    op: Op, rule: Rule, g: Any, value: Any, saved: Sequence[Any], attrs: dict[str, Any], *, guarded: bool = False
) -> Any:
    """What one input receives when the gradient `g` reaches the output, before broadcasting is undone.

    `value` and `saved` are the output and the inputs. Where it is `guarded`, because it lies behind a selection such as
    `where`, a zero gradient wins over an infinite derivative. The reverse sweep has a faster copy of this in its loop.
    """
    if not op.local:
        return rule(g, value, *saved, **attrs)  # type: ignore[operator, misc]
    if not callable(rule):
        return scale(g, rule)  # type: ignore[arg-type]
    if guarded or op.selects:
        return guarded_product(rule, g, value, saved, attrs)
    return g * rule(value, *saved, **attrs)


def scale(g: Any, constant: int) -> Any:
    """`g * constant` for a constant derivative; 1 and -1 multiply nothing, and 0 wins over everything."""
    if constant == 1:
        return g
    if constant == -1:
        return -g
    if constant == 0:
        return wrap(g.__class__, np.zeros_like(g._array), None) if isinstance(g, Recorded) else np.zeros_like(g)
    return g * constant


def guarded_product(rule: Any, g: Any, value: Any, saved: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """Gradient times derivative behind a `where`: an exactly zero `g` wins over an infinite or NaN derivative."""
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        d = rule(value, *saved, **attrs)
        return g * np.where(np.equal(g, 0) & ~np.isfinite(d), 0, d)


def fit_and_cast(c: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """A contribution as an input receives it: in the shape and dtype of the input."""
    return cast(c if c.shape == shape else fit(c, shape), dtype)


def fit(g: Any, shape: tuple[int, ...]) -> Any:
    """Undo broadcasting: `g` summed over the axes along which `shape` had been broadcast, or broadcast up to `shape`.

    >>> fit(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    """
    lead = g.ndim - len(shape)
    if lead > 0:
        g = g.sum(axis=0 if lead == 1 else tuple(range(lead)))
    if lead >= 0 and g.shape != shape:
        axes = tuple([i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1])
        if axes:
            g = g.sum(axis=axes, keepdims=True)
    if g.shape == shape:
        return g
    if isinstance(g, np.generic):  # the common case, a scalar, five times faster than by broadcast_to
        return np.ndarray(shape, g.dtype, np.asarray(g), strides=(0,) * len(shape))
    return np.broadcast_to(g, shape)


def fit_rows(c: Any, shape: tuple[int, ...]) -> Any:
    """`fit` for gradients stacked along a first axis, which stays."""
    if c.shape == shape:
        return c
    lead = c.ndim - len(shape)
    if lead > 0:
        c = c.sum(axis=tuple(range(1, 1 + lead)))
    axes = tuple([i for i, n in enumerate(shape) if i and n == 1 and c.shape[i] != 1])
    return c.sum(axis=axes, keepdims=True) if axes else np.broadcast_to(c, shape)


def conjugate_if_complex(g: Any) -> Any:
    """`g` for G or G for `g`, of an array or a Tensor: the conjugate of a complex one, a real one itself."""
    return np.conjugate(g) if g.dtype.kind == "c" else g


def cast(c: Any, dtype: Any) -> Any:
    """`c` in `dtype`; for something real, the real part of a complex `c` is what counts."""
    if c.dtype.kind == "c" and dtype.kind != "c":
        c = c.real
    return c if c.dtype == dtype else c.astype(dtype)
