"""SciPy's modules, in which the functions that `tg.scipy` has are its own where a Tensor meets them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ...engine.node import Recorded
from ...engine.trees import flatten
from .. import scipy as ours
from .joined import holds_tensor, joined
from .notes import note
from .overlay import Overlay, standing_for

_MODULES = ("linalg", "special", "stats", "signal", "integrate", "interpolate", "fft")


def _either(original: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """`ours` where an argument is or holds a Tensor, else SciPy's; a list with Tensors is made one."""

    @standing_for(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        tensors = any(isinstance(x, Recorded) for x in flatten((args, kwargs)))
        if not tensors:
            return original(*args, **kwargs)
        note(f"{original.__module__.rpartition('._')[0] or original.__module__}.{original.__name__}")
        args = tuple(joined(x) if type(x) is list and holds_tensor(x) else x for x in args)
        return ours(*args, **kwargs)

    return function


class _Methods:
    """An object of SciPy, such as the distribution `stats.norm`, of which the methods that ours has are either's."""

    def __init__(self, original: Any, ours: Any) -> None:
        self._original, self._ours = original, ours

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._original(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        theirs, mine = getattr(self._original, name), getattr(self._ours, name, None)
        return _either(theirs, mine) if callable(mine) and inspect.isroutine(theirs) else theirs


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
        mine = getattr(own, name)
        if original is None or original is mine or isinstance(original, np.ufunc):
            continue
        names[name] = _either(original, mine) if inspect.isroutine(original) else _Methods(original, mine)
    return Overlay(theirs, names)
