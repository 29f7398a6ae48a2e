"""Comparisons, logic, tests and operations on whole numbers: recorded for replay, without derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import elementwise, primitive
from .indexing import no_out
from .reduction import elements_where

__all__ = [
    "all", "any", "bitwise_and", "bitwise_count", "bitwise_or", "bitwise_xor", "equal", "gcd",
    "greater", "greater_equal", "invert", "isclose", "iscomplex", "isfinite", "isinf", "isnan", "isneginf", "isposinf",
    "isreal", "lcm", "left_shift", "less", "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor",
    "not_equal", "right_shift", "signbit",
]  # fmt: skip

equal = elementwise(None, None, symbol="=", onnx="Equal")(np.equal)
not_equal = elementwise(None, None, symbol="≠")(np.not_equal)
less = elementwise(None, None, symbol="<", onnx="Less")(np.less)
less_equal = elementwise(None, None, symbol="≤", onnx="LessOrEqual")(np.less_equal)
greater = elementwise(None, None, symbol=">", onnx="Greater")(np.greater)
greater_equal = elementwise(None, None, symbol="≥", onnx="GreaterOrEqual")(np.greater_equal)
logical_and = elementwise(None, None, symbol="and", onnx="And")(np.logical_and)
logical_or = elementwise(None, None, symbol="or", onnx="Or")(np.logical_or)
logical_xor = elementwise(None, None, symbol="xor", onnx="Xor")(np.logical_xor)
logical_not = elementwise(None, symbol="not", onnx="Not")(np.logical_not)
bitwise_and = elementwise(None, None, symbol="&")(np.bitwise_and)
bitwise_or = elementwise(None, None, symbol="|")(np.bitwise_or)
bitwise_xor = elementwise(None, None, symbol="xor")(np.bitwise_xor)
invert = elementwise(None, symbol="~")(np.invert)
bitwise_count = elementwise(None)(np.bitwise_count)
left_shift = elementwise(None, None, symbol="<<")(np.left_shift)
right_shift = elementwise(None, None, symbol=">>")(np.right_shift)
gcd = elementwise(None, None)(np.gcd)
lcm = elementwise(None, None)(np.lcm)
isnan = elementwise(None, onnx="IsNaN")(np.isnan)
isfinite = elementwise(None)(np.isfinite)
isinf = elementwise(None, onnx="IsInf")(np.isinf)
signbit = elementwise(None)(np.signbit)


@elementwise(None, spelling="np.isneginf")
def isneginf(x):  # type: ignore[no-untyped-def]
    """Whether `x` is minus infinity, elementwise."""
    return np.equal(x, -np.inf)


@elementwise(None, spelling="np.isposinf")
def isposinf(x):  # type: ignore[no-untyped-def]
    """Whether `x` is plus infinity, elementwise."""
    return np.equal(x, np.inf)


@elementwise(None, None, name="isclose", spelling="np.isclose")
def _isclose(a, b, *, rtol=1e-05, atol=1e-08, equal_nan=False):  # type: ignore[no-untyped-def]
    return np.isclose(a, b, rtol, atol, equal_nan)


def isclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Any:
    """Whether |a - b| is at most atol + rtol |b|, elementwise; without derivative.

    >>> isclose(np.array([1.0, 2.0]), 1.0 + 1e-6)
    array([ True, False])
    """
    return _isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


def iscomplex(x: Any) -> Any:
    """Whether the imaginary part of `x` is not 0, elementwise; without derivative.

    >>> iscomplex(np.array([1j, 1.0]))
    array([ True, False])
    """
    return np.not_equal(np.imag(x), 0)


def isreal(x: Any) -> Any:
    """Whether the imaginary part of `x` is 0, elementwise; without derivative.

    >>> isreal(np.array([1j, 1.0]))
    array([False,  True])
    """
    return np.equal(np.imag(x), 0)


@primitive(None, name="any", fresh=True, spelling="np.any")
def _any(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.any(x, axis=axis, keepdims=keepdims)


@primitive(None, name="all", fresh=True, spelling="np.all")
def _all(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.all(x, axis=axis, keepdims=keepdims)


def any(a: Any, axis: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None) -> Any:
    """Whether any element along `axis` is true, of those where `where` holds.

    >>> bool(any(np.array([False, True]), where=np.array([True, False])))
    False
    """
    no_out("any", out)
    return _any(elements_where("any", a, where, False), axis=axis, keepdims=keepdims)


def all(a: Any, axis: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None) -> Any:
    """Whether all elements along `axis` are true, of those where `where` holds.

    >>> bool(all(np.array([False, True]), where=np.array([False, True])))
    True
    """
    no_out("all", out)
    return _all(elements_where("all", a, where, True), axis=axis, keepdims=keepdims)
