"""How SciPy's ufuncs are declared as operations: under their own names, parameters without derivative by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ....engine.declare import elementwise
from ....engine.op import Function
from ....errors import NotDifferentiable


class NoDerivative:
    """The rule of a parameter in which no closed form of the derivative is known: it says so where one is asked for."""

    def __init__(self, function: str, parameter: str) -> None:
        self.function, self.parameter = function, parameter

    def __call__(self, *values: Any) -> Any:
        raise NotDifferentiable(
            f"{self.function}: the derivative in {self.parameter} has no closed form; give "
            f"{self.parameter} as a number, an array or t.detach()"
        )


def declare(ufunc: np.ufunc, *rules: Callable[..., Any] | int | str | None, **facts: Any) -> Function:
    """The op on one of SciPy's ufuncs. A rule that is a string names a parameter without derivative of closed form.

    Analytic functions are `holomorphic`; or `conjugates`, which says no more than that the rules hold for complex
    numbers, where SciPy rounds small imaginary parts away, so that a complex step would measure nothing.
    """
    name = facts.pop("name", ufunc.__name__)
    found = [NoDerivative(f"scipy.special.{name}", rule) if isinstance(rule, str) else rule for rule in rules]
    function = elementwise(*found, name=f"scipy.special.{name}", **{"symbol": name, **facts})(ufunc)
    function.__module__, function.__qualname__ = __package__, name  # type: ignore[attr-defined]
    function.__doc__ = f"SciPy's `{name}`, recorded in the graph when given a Tensor."
    return function


def like(x: Any, y: Any) -> Any:
    """`y` in the precision of `x`: beside Python numbers some of SciPy's ufuncs widen float32."""
    return y.astype(x.dtype)
