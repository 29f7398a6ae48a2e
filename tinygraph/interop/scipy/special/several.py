"""Functions that come in twos and fours: SciPy computes them together, each is an operation of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import _ufuncs as special

from ....engine.declare import elementwise, ufuncs
from ....engine.op import Function, Op
from ..atom import atomic_kernel

__all__ = ["airy", "fresnel", "shichi", "sici"]

PARTS: dict[Callable[[Any], Any], list[Op]] = {}
"""The operations behind each function."""


def _part(ufunc: np.ufunc, k: int, name: str, rule: Callable[..., Any], facts: dict[str, Any]) -> Function:
    @elementwise(rule, name=f"scipy.special.{name}", symbol=name, **facts)
    @atomic_kernel
    def part(x: Any) -> Any:
        return ufunc(x)[k]

    part.__module__ = __package__
    return part


def _declare(ufunc: np.ufunc, rules: dict[str, Callable[..., Any]], **facts: Any) -> Callable[[Any], Any]:
    """The function that SciPy's `ufunc` is on Tensors: a tuple of its parts, by their names and derivatives."""
    parts = [_part(ufunc, k, name, rule, facts) for k, (name, rule) in enumerate(rules.items())]

    def function(x: Any) -> Any:
        return tuple([part(x) for part in parts])

    function.__name__ = function.__qualname__ = ufunc.__name__
    function.__module__ = __package__
    function.__doc__ = f"SciPy's `{ufunc.__name__}`: {', '.join(rules)}, recorded when given a Tensor."
    PARTS[function] = [part.op for part in parts]
    ufuncs[ufunc] = function  # type: ignore[assignment]
    return function


def _ratio_to_x(f: Any, sign: float, x: Any) -> Any:
    """f(x) / x of f = sin (sign -1) or sinh (sign 1), also at 0, where it is 0F1(3/2, sign x²/4)."""
    near = np.abs(x) < 1
    far = np.where(near, 1, x)
    return np.where(near, special.hyp0f1(1.5, 0.25 * sign * np.square(np.where(near, x, 0))), f(far) / far)


sici = _declare(special.sici, {"Si": lambda y, x: _ratio_to_x(np.sin, -1, x), "Ci": lambda y, x: np.cos(x) / x})
shichi = _declare(special.shichi, {"Shi": lambda y, x: _ratio_to_x(np.sinh, 1, x), "Chi": lambda y, x: np.cosh(x) / x})
fresnel = _declare(
    special.fresnel,
    {"S": lambda y, x: np.sin(0.5 * np.pi * x * x), "C": lambda y, x: np.cos(0.5 * np.pi * x * x)},
    holomorphic=True,
)
airy = _declare(
    special.airy,
    {
        "Ai": lambda y, x: special.airy(x)[1],
        "Aip": lambda y, x: x * special.airy(x)[0],
        "Bi": lambda y, x: special.airy(x)[3],
        "Bip": lambda y, x: x * special.airy(x)[2],
    },
    conjugates=True,
)
