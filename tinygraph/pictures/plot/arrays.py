"""What users give to a chart, lists or arrays or tensors, as arrays of floats, or an error that says what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...tensors.tensor import Tensor

Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

MOST_POINTS = 2000
"""Of more points an even selection is drawn: a chart holds no more in any use."""


def floats(function: str, name: str, values: Any) -> Floats:
    """`values` as float64 of any shape; TypeError where they are no real numbers."""
    if isinstance(values, list | tuple):
        values = [v.numpy() if isinstance(v, Tensor) else v for v in values]
    try:
        array = values.numpy() if isinstance(values, Tensor) else np.asarray(values)
    except ValueError:  # lists of different lengths
        array = np.empty(0, object)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{function}: {name} is {values!r:.60}; give real numbers")
    with np.errstate(over="ignore"):  # a longdouble can be too large
        return array.astype(np.float64)


def vector(function: str, name: str, values: Any) -> Floats:
    """`values` as float64 of one axis; ValueError where they have another number of axes."""
    array = floats(function, name, values)
    if array.ndim != 1:
        raise ValueError(f"{function}: {name} has shape {array.shape}; give one axis of numbers")
    return array


def by_name(function: str, given: Any) -> dict[str, Any]:
    """`given` as a dict with texts for keys; an error where it is no mapping, or empty."""
    try:
        items = {str(name): values for name, values in dict(given).items()}
    except (TypeError, ValueError):
        raise TypeError(f"{function}: got {given!r:.60}; give a dict, {{name: numbers}}") from None
    if not items:
        raise ValueError(f"{function}: there is nothing to draw in an empty dict; give {{name: numbers}}")
    return items


def selection(count: int) -> Any:
    """The indices of at most `MOST_POINTS` of `count` points, evenly spread."""
    return np.arange(count) if count <= MOST_POINTS else np.linspace(0, count - 1, MOST_POINTS).astype(int)
