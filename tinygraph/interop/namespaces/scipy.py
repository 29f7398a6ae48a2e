"""SciPy's modules, in which the functions that `tg.scipy` has are its own where a Tensor meets them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ...engine.node import Recorded
from ...engine.trees import flatten
from .. import scipy as ours
from .notes import note
from .overlay import Overlay, standing_for

_MODULES = ("linalg", "special", "stats", "signal", "integrate", "interpolate", "fft")


def _either(original: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """`ours` where an argument is or holds a Tensor, else SciPy's."""

    @standing_for(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        tensors = any(isinstance(x, Recorded) for x in flatten((args, kwargs)))
        if not tensors:
            return original(*args, **kwargs)
        note(f"{original.__module__.rpartition('._')[0] or original.__module__}.{original.__name__}")
        return ours(*args, **kwargs)

    return function


def sheets() -> list[Overlay]:
    """The overlays of SciPy and of those of its modules that are loaded."""
    found: dict[str, Any] = {}
    for name in _MODULES:
        theirs, own = sys.modules.get(f"scipy.{name}"), getattr(ours, name, None)
        if theirs is not None and own is not None:
            found[name] = _sheet(theirs, own)
    return [Overlay(sys.modules["scipy"], found), *found.values()]


def _sheet(theirs: ModuleType, own: ModuleType) -> Overlay:
    names = {}
    for name in getattr(own, "__all__", ()):
        original = getattr(theirs, name, None)
        if callable(original) and original is not getattr(own, name) and not hasattr(original, "nin"):  # no ufunc
            names[name] = _either(original, getattr(own, name))
    return Overlay(theirs, names)
