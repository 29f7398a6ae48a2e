"""Running a step once while a tape writes it down, with a Tensor of its own for every array in its arguments."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..engine.mode import switch
from ..engine.node import Recorded
from ..engine.trees import children, flatten, map_leaves, paths
from ..errors import TraceError
from ..tensors.tensor import Tensor
from .tape import StepTape, Variable

_NUMBERS = (bool, int, float, complex, str, bytes)
"""Attributes that are the same if they are equal; others are if they are one object."""


def perform(step: Callable[..., Any], args: tuple[Any, ...], tape: StepTape) -> tuple[list[Variable], Any]:
    """Run `step` once, written down on `tape`: the Variables of the arrays in its arguments, and what it returned."""
    parameters = [*inspect.signature(step).parameters]
    parameters += [f"x{k}" for k in range(len(parameters), len(args))]
    names = iter([name for parameter, x in zip(parameters, args, strict=False) for name in _names(parameter, x)])
    arguments: list[Variable] = []

    def own_argument(nested: bool, x: Any) -> Any:
        name, array = next(names), array_of(x, nested)
        if array is None:
            _guard_attributes(x, tape)
            return x
        tracked = tape.tracks_arguments and isinstance(x, Tensor) and x.node is not None
        handle = x if tracked else argument(array)
        arguments.append(tape.argument(name, handle))
        return handle

    given = [map_leaves(x, partial(own_argument, children(x, records=True) is not None), records=True) for x in args]
    before = [id(x) for x in flatten(given, records=True)]
    with switch(tape=tape):
        result = step(*given)
    if [id(x) for x in flatten(given, records=True)] != before:
        raise TraceError(
            "compile: the step changed what a container among its arguments holds, which a replay does not do; "
            "leave it as it is, and return what is new"
        )
    return arguments, result


def _names(name: str, x: Any) -> list[str]:
    """What the source calls each leaf of an argument: `params_w` is params["w"]."""
    return ["_".join([name, *map(str, path)]) for path, _ in paths(x, records=True)]


def _guard_attributes(x: Any, tape: StepTape) -> None:
    """The step may look at the attributes of an object that it is given: a trace holds as long as they stay."""
    if not hasattr(x, "__dict__") or isinstance(x, type | types.ModuleType):
        return
    before = {**vars(x)}

    def unchanged() -> bool:
        now = vars(x)
        return now.keys() == before.keys() and all(
            now[k] is v or (isinstance(v, _NUMBERS) and type(now[k]) is type(v) and now[k] == v)
            for k, v in before.items()
        )

    tape.guard(unchanged)


def array_of(x: Any, nested: bool = False) -> Any:
    """The array that an argument, or a leaf of one that is `nested`, carries; None if it is a constant.

    A parameter in a container is one: it is the same at each call, and backward leaves its gradient there.
    """
    if isinstance(x, Recorded):
        return None if nested and x.node is not None and x.node.op is None else x._array
    return x if isinstance(x, np.ndarray | np.generic) else None


def arrays_of(args: tuple[Any, ...]) -> list[Any]:
    """The arrays that the arguments carry, also in containers."""
    found = [array_of(leaf, leaf is not x) for x in args for leaf in flatten(x, records=True)]
    return [array for array in found if array is not None]


def holds_arrays(x: Any) -> bool:
    """Whether a container holds an array or Tensor, parameters included."""
    return any(isinstance(leaf, Recorded | np.ndarray | np.generic) for leaf in flatten(x, records=True))


def argument(array: Any) -> Tensor:
    """An untracked Tensor with an array object of its own, also where one array is given twice."""
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"compile: an argument is an array of {array.dtype}; give arrays of numbers, or lists of arrays"
        )
    return tensor_on(array[...] if isinstance(array, np.ndarray) else np.array(array))


def tensor_on(array: Any) -> Tensor:
    """A Tensor on `array` itself."""
    t: Tensor = object.__new__(Tensor)
    t._array, t.node = array, None
    return t
