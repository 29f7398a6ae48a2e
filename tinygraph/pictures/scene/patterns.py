"""The texts of an operation: formula, derivatives and settings, written once for all that differ in names alone."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...engine.op import Op
from ...engine.symbol import Symbol
from ...engine.watch import checksum
from . import labels

STAND_INS = [chr(0x10400 + k) for k in range(8)]
"""Letters that no name has: the first for the output, the others for what it is made from."""

FEW = 4
"""Elements up to which the numbers of a local derivative are written on its arrow."""


class Reading(NamedTuple):
    """How an operation reads one of its inputs: the fields of its arrow, but for names.

    `factor` is the local derivative to evaluate where that gives a few numbers: one for each element of a small output.
    """

    shape: tuple[int, ...]
    derivative: str | None = None
    broadcast: tuple[int, ...] | None = None
    summed: tuple[int, ...] = ()
    cast: str | None = None
    adds: bool = False
    factor: Any = None


class Pattern(NamedTuple):
    """The texts of an operation in the names it was written with. `saves` are what its rules keep: 0 is the output."""

    formula: str
    readings: tuple[Reading, ...]
    saves: tuple[int, ...]
    op: str
    attributes: str
    shape: tuple[int, ...]
    dtype: str


class Input(NamedTuple):
    """An input as an operation sees it: `tracked` if a gradient flows back into it, `adds` if to others.

    A `number` is a tuple of it alone, empty for all that has a name.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    tracked: bool
    adds: bool
    number: tuple[Any, ...]


def pattern(
    op: Op,
    attrs: Mapping[str, Any],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    inputs: Sequence[Input],
    terms: Sequence[Any],
    output: str,
) -> Pattern:
    """The pattern of `op` applied to `inputs`, called `terms` (numbers stand for themselves); it makes `output`."""
    shapes = [shape, *[x.shape for x in inputs]]
    readings = []
    for index, x in enumerate(inputs):
        if not x.tracked or (op.arity is not None and op.rules[index] is None):
            readings.append(Reading(x.shape))
            continue
        local = labels.local(op, index, output=output, inputs=terms, attrs=attrs, shapes=shapes)
        summed = labels.summed_axes(local.shape, x.shape)
        cast = f"{x.dtype} → {dtype}" if x.dtype != dtype else None
        text = local.text(output, terms[index], x.adds)
        few = math.prod(shape) <= (FEW if op.local else 1) and math.prod(x.shape) <= FEW
        factor = local.factor if few and output == STAND_INS[0] and _has_names(local.factor) else None
        readings.append(
            Reading(
                shape=x.shape,
                derivative=text,
                broadcast=local.shape if summed else None,
                summed=summed,
                cast=cast,
                adds=x.adds,
                factor=factor,
            )
        )
    reads = op.needs(tuple([x.tracked for x in inputs]))
    saves = [k for k, use in enumerate(reads) if use == "value" and (k == 0 or not inputs[k - 1].number)]
    return Pattern(
        formula=labels.formula(op, terms, attrs),
        readings=tuple(readings),
        saves=tuple(saves),
        op=op.name,
        attributes=attributes(attrs),
        shape=shape,
        dtype=dtype_text(dtype),
    )


def _has_names(x: object) -> bool:
    if not isinstance(x, Symbol):
        return False
    return x.function is None or any(map(_has_names, x.args))


@functools.cache
def dtype_text(dtype: np.dtype[Any]) -> str:
    """A dtype's name; NumPy takes long to find it."""
    return str(dtype)


def attributes(attrs: Mapping[str, Any]) -> str:
    """The settings of an operation as text.

    >>> attributes({"axis": 0, "keepdims": True})
    'axis=0, keepdims=True'
    """
    return ", ".join([f"{k}={_digest(v)}" for k, v in attrs.items()])


def _digest(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"array of {value.dtype} {value.shape} #{checksum(value):08x}"
    return f"({', '.join(map(_digest, value))})" if isinstance(value, tuple) else str(value)
