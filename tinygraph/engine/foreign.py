"""Operands of other libraries that compute by themselves, as quantities with units do: theirs is the answer.

NumPy's rule (NEP 13): an operand with an `__array_ufunc__` of its own is asked for the result, one that sets it to
None, or has a higher `__array_priority__`, for its operator on the right. What only holds numbers is an array here.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from . import mode
from .node import Recorded, Symbolic
from .op import Op
from .trees import flatten

_CONTAINERS = frozenset(["pandas", "dask"])
"""Libraries whose arrays are taken for the numbers in them: they put tensors into cells, or compute later."""
_ON_THE_RIGHT = {
    np.add: "__radd__", np.subtract: "__rsub__", np.multiply: "__rmul__", np.divide: "__rtruediv__",
    np.floor_divide: "__rfloordiv__", np.remainder: "__rmod__", np.power: "__rpow__",
    np.matmul: "__rmatmul__", np.less: "__gt__", np.less_equal: "__ge__", np.greater: "__lt__",
    np.greater_equal: "__le__", np.equal: "__eq__", np.not_equal: "__ne__",
}  # fmt: skip
"""The method by which the operand on the right of an operator is asked."""


@functools.lru_cache(maxsize=256)
def has_ufuncs(kind: type) -> bool:
    """Whether values of this type say themselves what a ufunc of them is."""
    return _is_own(kind, "__array_ufunc__")


@functools.lru_cache(maxsize=256)
def has_functions(kind: type) -> bool:
    """Whether values of this type say themselves what NumPy's other functions of them are."""
    return _is_own(kind, "__array_function__")


@functools.lru_cache(maxsize=256)
def has_operators(kind: type) -> bool:
    """Whether values of this type are to be asked before an array to their left is."""
    if hasattr(kind, "__array_ufunc__"):
        return kind.__array_ufunc__ is None
    priority = getattr(kind, "__array_priority__", 0)
    return isinstance(priority, int | float) and priority > 0


def _is_own(kind: type, method: str) -> bool:
    mine = issubclass(kind, Recorded | Symbolic) or kind.__module__.partition(".")[0] in _CONTAINERS
    return not mine and getattr(kind, method, None) not in (None, getattr(np.ndarray, method))


def is_plain(values: Any) -> bool:
    """Whether the Tensors in a nest of values are only arrays now: none is recorded, and nobody listens."""
    if mode.listening():
        return False
    recorded = mode.current().grad
    return not any(isinstance(x, Recorded) and x.node is not None and recorded for x in flatten(values))


def answer(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
    """What operands that compute by themselves make of `op`, or NotImplemented where there are none.

    Where they decline, they are given the arrays of Tensors that nobody follows. Else raises TypeError.
    """
    kernel, asked = op.kernel, None
    for x in inputs:
        kind = x.__class__
        if isinstance(kernel, np.ufunc) and has_ufuncs(kind):
            result = x.__array_ufunc__(kernel, "__call__", *inputs, **attrs)
        elif len(inputs) == 2 and x is inputs[1] and has_operators(kind) and kernel in _ON_THE_RIGHT:
            result = getattr(x, _ON_THE_RIGHT[kernel], _declines)(inputs[0])
        elif has_functions(kind):
            result = NotImplemented
        else:
            continue
        if result is not NotImplemented:
            return result
        asked = kind
    if asked is None:
        return NotImplemented
    if isinstance(kernel, np.ufunc) and is_plain(inputs):
        return kernel(*[x._array if isinstance(x, Recorded) else x for x in inputs], **attrs)
    raise TypeError(
        f"{op.name}: {asked.__module__.partition('.')[0]}'s {asked.__name__} computes by itself and does not take a "
        f"recorded tensor here; give its numbers, such as np.asarray(x), and mind its units or labels yourself"
    )


def _declines(other: Any) -> Any:
    return NotImplemented
