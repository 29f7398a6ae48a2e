"""Running a step on a tape: its arguments as untracked Tensors, its results taken apart."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import graph
from ..graph import Recorded
from ..tensor import Tensor
from .tape import StepTape, Variable


def perform(step: Callable[..., Any], args: tuple[Any, ...], arrays: list[Any], tape: StepTape) -> tuple[Any, Any]:
    """Run `step` once on `tape`: the Variables of its array arguments, and what it returned."""
    names = list(inspect.signature(step).parameters)
    given: list[Any] = list(args)
    arguments: list[Variable] = []
    for k, array in enumerate(arrays):
        if array is not None:
            if not (tape.tracks_arguments and isinstance(given[k], Tensor) and given[k].node is not None):
                given[k] = argument(array)
            arguments.append(tape.argument(names[k] if k < len(names) else f"x{k}", given[k]))
    with graph.switch(tape=tape):
        result = step(*given)
    return arguments, result


def nest(tree: Any, f: Callable[[Any], Any]) -> Any:
    """`tree` of lists, tuples and dicts with every leaf replaced by `f(leaf)`."""
    if type(tree) in (list, tuple):
        return type(tree)(nest(x, f) for x in tree)
    if type(tree) is dict:
        return {k: nest(v, f) for k, v in tree.items()}
    return f(tree)


def array_of(x: Any) -> Any:
    """The array an argument carries, None if it is a constant."""
    if isinstance(x, Recorded):
        return x._data
    return x if isinstance(x, np.ndarray | np.generic) else None


def argument(array: Any) -> Tensor:
    """An untracked Tensor with an array object of its own, also where one array is given twice."""
    return untracked(array[...] if isinstance(array, np.ndarray) else np.array(array))


def untracked(array: Any) -> Tensor:
    """A Tensor on `array` itself."""
    t: Tensor = object.__new__(Tensor)
    t._data, t.node = array, None
    return t
