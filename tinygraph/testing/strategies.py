"""Hypothesis strategies for tests of differentiable code: shapes, dtypes, values, axes, layouts and programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "tinygraph.testing.strategies: hypothesis is not installed; pip install hypothesis, or use check_op, "
        "which does without"
    ) from missing

from ..engine.node import Array
from .programs import Program, program

_SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-8, -1e8, 1e8, 5e-324)


def shapes(min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4) -> st.SearchStrategy[Any]:
    """Shapes: tuples of axis lengths, 0-d and empty ones included unless excluded."""
    return st.lists(st.integers(min_side, max_side), min_size=min_dims, max_size=max_dims).map(tuple)


@st.composite
def broadcastable_shapes(
    draw: st.DrawFn, count: int = 2, max_dims: int = 3, max_side: int = 3
) -> list[tuple[int, ...]]:
    """`count` shapes that broadcast together: with leading axes missing, and axes of length 1 and 0."""
    whole = draw(shapes(0, max_dims, 0, max_side))
    found = []
    for _ in range(count):
        missing = draw(st.integers(0, len(whole)))
        found.append(tuple(1 if draw(st.booleans()) else n for n in whole[missing:]))
    return found


def dtypes() -> st.SearchStrategy[np.dtype[Any]]:
    """Floating-point dtypes, from float16 to longdouble."""
    return st.sampled_from([np.dtype(t) for t in (np.float16, np.float32, np.float64, np.longdouble)])


def complex_dtypes() -> st.SearchStrategy[np.dtype[Any]]:
    """Complex dtypes, from complex64 to clongdouble."""
    return st.sampled_from([np.dtype(t) for t in (np.complex64, np.complex128, np.clongdouble)])


@st.composite
def values(
    draw: st.DrawFn,
    shape: tuple[int, ...] = (),
    domain: tuple[float, float] = (-np.inf, np.inf),
    dtype: Any = np.float64,
    special: bool = False,
) -> Array:
    """Arrays of numbers inside the open interval `domain`; a third of them zeros, ties and extremes if `special`.

    With a complex `dtype`, both parts are drawn so.
    """
    low, high = max(domain[0], -8.0), min(domain[1], 8.0)
    if low >= high:  # an interval beyond 8 on one side
        low, high = (domain[0], domain[0] + 8) if domain[0] >= 8 else (domain[1] - 8, domain[1])
    number = st.floats(low, high, exclude_min=True, exclude_max=True, allow_subnormal=False)
    inside = [x for x in _SPECIAL if domain[0] < x < domain[1]]
    if special and inside:
        number = st.one_of(number, number, st.sampled_from(inside))
    size = int(np.prod(shape, dtype=int))
    flat = draw(st.lists(number, min_size=size, max_size=size))
    if np.dtype(dtype).kind == "c":
        other = draw(st.lists(number, min_size=size, max_size=size))
        return np.asarray([complex(a, b) for a, b in zip(flat, other, strict=True)], dtype).reshape(shape)
    return np.asarray(flat, np.float64).astype(dtype).reshape(shape)


@st.composite
def axes(draw: st.DrawFn, ndim: int, none: bool = True) -> Any:
    """An `axis` argument for an array of `ndim` axes: None, an int or a tuple, negative or not, without repeats."""
    if ndim == 0:
        return draw(st.sampled_from([None, ()])) if none else ()
    chosen = draw(st.lists(st.integers(0, ndim - 1), unique=True, max_size=ndim))
    signed = tuple(a - ndim if draw(st.booleans()) else a for a in chosen)
    kinds = ["tuple"] + (["one"] if signed else []) + (["none"] if none else [])
    kind = draw(st.sampled_from(kinds))
    return None if kind == "none" else signed[0] if kind == "one" else signed


@st.composite
def views(draw: st.DrawFn, x: Array) -> Array:
    """An array equal to `x` in another layout: strided, reversed, transposed, or broadcast where it is constant."""
    if x.ndim == 0:
        return x
    axis = draw(st.integers(0, x.ndim - 1))
    way = draw(st.sampled_from(["same", "strided", "reversed", "transposed", "read-only"]))
    if way == "strided":
        return np.repeat(x, 2, axis=axis)[(slice(None),) * axis + (slice(None, None, 2),)]
    if way == "reversed":
        return np.flip(np.flip(x, axis).copy(), axis)
    if way == "transposed":
        return x.T.copy().T
    view = x.view()
    view.flags.writeable = way == "same"
    return view


def arrays(shape: Sequence[int] | st.SearchStrategy[Any] | None = None, **kwargs: Any) -> st.SearchStrategy[Array]:
    """Arrays of any drawn `shape`, with `values`'s arguments, in any layout."""
    drawn = shapes() if shape is None else shape if isinstance(shape, st.SearchStrategy) else st.just(tuple(shape))
    return drawn.flatmap(lambda s: values(s, **kwargs)).flatmap(views)


@st.composite
def graphs(draw: st.DrawFn, max_ops: int = 8, *, special: bool = True, dtype: Any = np.float64) -> Program:
    """Random programs of declared ops, with the inputs to call them on (see `tinygraph.testing.programs.program`).

    A failing one shrinks to few steps on small inputs, and its repr can be pasted into a test.
    """
    return program(lambda n: draw(st.integers(0, n - 1)), max_ops, special=special, dtype=dtype)
