"""The names of untracked tensors' arrays, for pictures of graphs in which such an array is an input."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

_names: dict[int, str] = {}


def name_array(array: Any, name: str | None) -> None:
    """Note the name of an untracked tensor's array, for pictures of graphs in which it is an input."""
    if isinstance(array, np.ndarray):
        if id(array) not in _names:
            weakref.finalize(array, _names.pop, id(array), None).atexit = False
        _names[id(array)] = name or ""


def name_of(array: Any) -> str | None:
    """The name noted by `label`, or None."""
    return _names.get(id(array)) or None if isinstance(array, np.ndarray) else None
