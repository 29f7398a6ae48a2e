"""Example applications of an operation: given by hand, or for elementwise ops derived from their domain."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.node import SMALL, Array
from ..engine.op import Op

SHAPES: dict[int, list[tuple[tuple[int, ...], ...]]] = {
    1: [((),), ((5,),), ((2, 3),), ((0, 3),)],
    2: [((3,), (3,)), ((), (2,)), ((2, 1), (1, 3)), ((2, 3), (3,)), ((1,), (2, 3)), ((1, 2, 1), (3, 1, 2)),
        ((0, 1), (2,)), ((2, 1), (2, 0)), ((), ())],
    3: [((3,), (3,), (3,)), ((2, 3), (), (3,)), ((), (2, 1), (1, 2)), ((0, 2), (1, 1), (2,))],
}  # fmt: skip
"""Shapes by number of inputs: leading, size-1, size-0 and both-sided broadcasting, and 0-d."""


class Case:
    """One application of an operation: `Case(x, y, axis=0)` stands for `op(x, y, axis=0)`.

    Inputs are arrays, numbers, or lists that become float64 arrays.
    """

    __slots__ = ("attrs", "inputs")

    def __init__(self, *inputs: Any, **attrs: Any) -> None:
        self.inputs = tuple(np.array(x, float) if isinstance(x, list) else x for x in inputs)
        self.attrs = attrs

    def __repr__(self) -> str:
        shown = [f"{x.dtype}{x.shape}" if isinstance(x, np.ndarray) else repr(x) for x in self.inputs]
        return f"({', '.join([*shown, *[f'{k}={v!r}' for k, v in self.attrs.items()]])})"

    def with_inputs(self, inputs: Sequence[Any]) -> Case:
        """The same attributes with other inputs."""
        return Case(*inputs, **self.attrs)

    def mapped(self, convert: Callable[[Array], Any]) -> Case:
        """The same case with every floating-point array converted."""
        return self.with_inputs([convert(x) if is_float(x) else x for x in self.inputs])


def is_float(x: Any) -> bool:
    """Whether `x` is an array that can have a gradient."""
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def is_complex(x: Any) -> bool:
    """Whether `x` is an array of complex numbers."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "c"


def cast(x: Array, dtype: Any) -> Array:
    """`x` in the precision of the floating-point `dtype`: complex numbers stay complex."""
    return x.astype(np.result_type(dtype, np.complex64) if is_complex(x) else dtype)


def random(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> Array:
    """Normal deviates of `shape`, with imaginary parts for a complex `dtype`."""
    drawn = rng.standard_normal(shape)
    return np.asarray(drawn + 1j * rng.standard_normal(shape) if np.dtype(dtype).kind == "c" else drawn, dtype)


def draw(rng: np.random.Generator, domain: tuple[float, float], shape: tuple[int, ...]) -> Array:
    """Random values well inside an open interval.

    >>> x = draw(np.random.default_rng(0), (1, np.inf), (100,))
    >>> bool(x.min() > 1)
    True
    """
    low, high = domain
    if np.isfinite(low) and np.isfinite(high):
        return np.asarray(rng.uniform(low + 0.05 * (high - low), high - 0.05 * (high - low), shape))
    if np.isfinite(low):
        return np.asarray(low + np.exp(0.5 * rng.standard_normal(shape)))
    if np.isfinite(high):
        return np.asarray(high - np.exp(0.5 * rng.standard_normal(shape)))
    return np.asarray(1.5 * rng.standard_normal(shape))


def derived_cases(op: Op, seed: int = 0) -> list[Case]:
    """Cases for an elementwise op from its domain: every kind of broadcasting, 0-d, empty and larger inputs.

    Raises TypeError for other kinds and for ops with attributes that have no default: their cases cannot be
    guessed.
    """
    required = [name for name, value in op.defaults.items() if value is inspect.Parameter.empty]
    if op.kind != "elementwise" or op.arity not in SHAPES or required:
        why = f"needs {', '.join(required)}" if required else f"is {op.kind} with inputs {', '.join(op.inputs)}"
        raise TypeError(
            f"check_op: {op.name} {why}, so examples cannot be derived; give cases=[Case(x, ...), ...] of arrays "
            f"it takes"
        )
    rng = np.random.default_rng(seed)
    cases = [Case(*[draw(rng, op.domain, shape) for shape in shapes]) for shapes in SHAPES[op.arity]]
    flat = next(case for case in cases if all(x.ndim for x in case.inputs))
    cases.append(flat.mapped(lambda x: np.resize(x, SMALL + 1)))  # of which a node keeps only what a rule reads
    try:
        op.kernel(*cases[0].inputs, **op.defaults)
    except TypeError:  # an operation on integers, such as bitwise_and
        return [case.mapped(lambda x: np.asarray(np.floor(4 * x), np.int64)) for case in cases]
    return cases
