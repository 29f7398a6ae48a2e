"""Python's own types and questions as modules of numbers use them: `float(t)`, `round(t)`, `isinstance(t, float)`."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ... import ops
from ...engine.node import Recorded
from .joined import joined
from .kinds import kind, numpy_type
from .notes import note
from .overlay import standing_for


def _one(name: str, t: Any) -> Any:
    if t.size != 1:
        raise TypeError(f"{name}: only a tensor of one element is a number, not one of shape {t.shape}")
    return t.reshape(())


def _float(x: Any) -> Any:
    return joined(_one("float", x), np.float64)


def _complex(real: Any, imag: Any = 0) -> Any:
    """complex(t), complex(re, im)."""
    z = real if type(imag) is int and not imag else real + 1j * imag
    return joined(_one("complex", z), np.complex128)


def _int(x: Any) -> int:
    return int(_one("int", x)._array)


@standing_for(builtins.round)
def _round(number: Any, ndigits: Any = None) -> Any:
    if not isinstance(number, Recorded):
        return round(number, ndigits) if ndigits is not None else round(number)
    note("round")
    return (
        ops.round(number, ndigits or 0) if ndigits is not None or number._array.ndim else round(_int(ops.round(number)))
    )


@standing_for(builtins.isinstance)
def _isinstance(x: Any, kinds: Any) -> bool:
    if isinstance(x, kinds):
        return True
    if not isinstance(x, Recorded) or not issubclass(numpy_type(x), kinds):
        return False
    note("isinstance")
    return True


@standing_for(builtins.hasattr)
def _hasattr(x: Any, name: str) -> bool:
    if isinstance(x, Recorded) and name in ("__len__", "__iter__", "__getitem__"):
        return bool(x._array.ndim)
    return hasattr(x, name)


OWN: dict[str, Any] = {
    "float": kind(float, _float),
    "complex": kind(complex, _complex),
    "int": kind(int, _int),
    "round": _round,
    "isinstance": _isinstance,
    "hasattr": _hasattr,
}
"""By name, what stands for the builtin in a module that is adapted."""
