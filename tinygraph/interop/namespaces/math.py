"""`tg.math` and `tg.cmath`: Python's functions of one number, which record a Tensor."""

from __future__ import annotations

import cmath as _cmath
import math as _math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ...engine.node import Recorded
from .joined import joined
from .notes import note
from .overlay import Overlay, standing_for

Function = Callable[..., Any]


def _value(x: Any) -> Any:
    if not isinstance(x, Recorded):
        return x
    return x._array.reshape(-1)[0] if x._array.size == 1 else x._array


def _recorded(module: ModuleType, name: str, ours: Function, prepare: Function) -> Function:
    """The function `name` of math or cmath, which is `ours` for Tensors of one element."""
    original = getattr(module, name)

    @standing_for(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        if not any(isinstance(x, Recorded) for x in args):
            return original(*args, **kwargs)
        for x in args:
            if isinstance(x, Recorded) and x._array.size != 1:
                raise TypeError(
                    f"{module.__name__}.{name}: takes one number, not a tensor of shape {x._array.shape}; use np's"
                )
        note(f"{module.__name__}.{name}")
        original(*[_value(x) for x in args], **kwargs)  # for its errors: math.log(-1) is one
        return ours(*[prepare(x) for x in args], **kwargs)

    return function


def _on_value(module: ModuleType, name: str) -> Function:
    """The function `name`, whose result has no derivative, at the value of a Tensor."""
    original = getattr(module, name)

    @standing_for(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        return original(*[_value(x) for x in args], **{k: _value(x) for k, x in kwargs.items()})

    return function


def _log(x: Any, base: Any = None) -> Any:
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _special(name: str) -> Function:
    def function(x: Any) -> Any:
        from scipy import special  # of an extra: only where one of these meets a Tensor

        return getattr(special, name)(x)

    return function


def _dist(p: Any, q: Any) -> Any:
    return np.linalg.norm(joined(list(p)) - joined(list(q)))


def _over_lists(name: str, ours: Function) -> Function:
    """A function of sequences, such as math.fsum, of which some elements may be Tensors."""
    original = getattr(_math, name)

    @standing_for(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        args = tuple(x if isinstance(x, Recorded) else list(x) for x in args)
        if any(isinstance(x, Recorded) or any(isinstance(y, Recorded) for y in x) for x in args):
            return ours(*args, **kwargs)
        return original(*args, **kwargs)

    return function


def _float(x: Any) -> Any:
    return joined(x, np.float64).reshape(()) if isinstance(x, Recorded) else x


def _complex(x: Any) -> Any:
    return joined(x, np.complex128).reshape(()) if isinstance(x, Recorded) else x


_SAME = [
    "sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log10", "sqrt", "expm1", "log1p", "log2", "hypot", "fabs",
    "degrees", "radians", "copysign", "fmod", "exp2", "cbrt", "nextafter", "ldexp",
]  # fmt: skip
_ALSO = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh",
         "atanh": "arctanh", "atan2": "arctan2", "pow": "power"}  # fmt: skip
_ON_VALUE = ["isnan", "isinf", "isfinite", "isclose", "floor", "ceil", "trunc", "frexp", "ulp"]
_COMPLEX = ["sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log10", "sqrt"]

OWN_MATH: dict[str, Any] = {
    **{n: _recorded(_math, n, getattr(np, n), _float) for n in _SAME if hasattr(_math, n)},
    **{n: _recorded(_math, n, getattr(np, m), _float) for n, m in _ALSO.items()},
    **{n: _on_value(_math, n) for n in _ON_VALUE},
    **{n: _recorded(_math, n, _special(m), _float) for n, m in {"erf": "erf", "erfc": "erfc", "gamma": "gamma",
                                                             "lgamma": "gammaln"}.items()},
    "log": _recorded(_math, "log", _log, _float),
    "modf": _recorded(_math, "modf", np.modf, _float),
    "remainder": _recorded(_math, "remainder", lambda x, y: x - y * np.round(_value(x) / _value(y)), _float),
    "fsum": _over_lists("fsum", lambda x: np.sum(joined(x))),
    "prod": _over_lists("prod", lambda x, start=1: start * np.prod(joined(x))),
    "dist": _over_lists("dist", _dist),
}  # fmt: skip
OWN_CMATH: dict[str, Any] = {
    **{n: _recorded(_cmath, n, getattr(np, n), _complex) for n in _COMPLEX},
    **{n: _recorded(_cmath, n, getattr(np, m), _complex) for n, m in _ALSO.items() if hasattr(_cmath, n)},
    **{n: _on_value(_cmath, n) for n in ("isnan", "isinf", "isfinite", "isclose")},
    "log": _recorded(_cmath, "log", _log, _complex),
    "phase": _recorded(_cmath, "phase", np.angle, _complex),
    "polar": _recorded(_cmath, "polar", lambda z: (np.abs(z), np.angle(z)), _complex),
    "rect": _recorded(_cmath, "rect", lambda r, phi: r * np.cos(phi) + 1j * (r * np.sin(phi)), _float),
}

math = Overlay(_math, OWN_MATH)
cmath = Overlay(_cmath, OWN_CMATH)
