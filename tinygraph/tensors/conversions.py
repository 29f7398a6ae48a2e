"""Conversions into Tensors and out of them: what is taken, cast or refused, and the errors that say so."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine import mode
from ..engine.node import SMALL, Recorded, Symbolic
from ..engine.origins import place
from ..errors import GraphError, NotDifferentiable, TraceError

namesakes: list[Callable[[str, str], str | None]] = []
"""Asked for what takes tensors in the place of a function of a library, by its module and its name."""
_LIST = "{}: a list with recorded tensors would lose them; use tg.stack"


def new_array(function: str, data: Any, dtype: Any, *, copy: bool) -> Any:
    """The array that `data` describes: a number, nested lists, an array or an untracked Tensor."""
    data = without_tensors(function, data)
    try:
        return np.array(data, dtype=dtype) if copy else np.asarray(data, dtype=dtype)
    except NotDifferentiable:  # from a recorded tensor deeper in the lists
        raise NotDifferentiable(_LIST.format(function)) from None


def without_tensors(function: str, data: Any) -> Any:
    """`data` without the Tensors in it; refuses what would be cut from the graph or lose a mask."""
    if isinstance(data, Recorded):
        if data.node is not None and mode.current().grad:
            raise NotDifferentiable(
                f"{function}: the data is a recorded tensor, and a new one would not be connected to it; "
                f"use t.detach() to cut on purpose, t.copy() to stay connected"
            )
        return data._array
    if isinstance(data, list | tuple) and any(isinstance(x, Recorded) for x in data):
        if any(x.node is not None for x in data if isinstance(x, Recorded)):
            raise NotDifferentiable(_LIST.format(function))
        return [x._array if isinstance(x, Recorded) else x for x in data]
    if isinstance(data, np.ma.MaskedArray):
        raise NotDifferentiable(f"{function}: a masked array would lose its mask; use data.filled(...) and tg.where")
    return data


def array_of_numbers(data: Any) -> Any:
    """`data` as an array (or NumPy scalar) of numbers."""
    array = data if isinstance(data, np.generic) else np.asarray(data)
    if array.dtype.kind not in "biufc":
        raise TypeError(
            f"tensor: data of type {array.dtype} cannot be computed with; give numbers (bool, integer, float, complex)"
        )
    return array


def cast_like(function: str, value: Any, target: Recorded) -> Any:
    """`value` in the dtype of `target`, which it is to replace: of its shape, and of no kind that would be lost."""
    old = target._array
    if value.shape != old.shape:
        raise ValueError(
            f"{function}: a value of shape {value.shape} cannot replace one of shape {old.shape}; "
            f"make a new tensor for a new shape"
        )
    if value.dtype == old.dtype:
        return value
    if not np.can_cast(value.dtype, old.dtype, "same_kind"):
        raise TypeError(
            f"{function}: a value of {value.dtype} cannot replace one of {old.dtype} without loss; cast it first"
        )
    return value.astype(old.dtype)


def seed(t: Recorded, gradient: Any) -> Any:
    """What backward starts with: `gradient` in the dtype of `t`, or 1 for a single element."""
    y = t._array
    if gradient is None:
        if y.size != 1:
            raise GraphError(
                f"backward: the output has shape {y.shape}, not one element; reduce it first, as in "
                f"t.sum().backward(), or give gradient= of that shape"
            )
        if y.dtype.kind == "c":
            raise GraphError(
                f"backward: the output is complex ({y.dtype}), and a gradient is that of a real number; make it real, "
                f"as in np.abs(t) ** 2 or t.real, or give gradient="
            )
        return np.ones_like(y)[()] if y.ndim else y.dtype.type(1)
    value = np.asarray(gradient._array if isinstance(gradient, Recorded) else gradient)
    if value.shape != y.shape:
        raise GraphError(f"backward: gradient has shape {value.shape}, the tensor {y.shape}; give one of its shape")
    kept = value.size <= SMALL or mode.current().keep  # by the node, for pictures; else who writes into it makes a copy
    return cast_change("backward: gradient", value, y.dtype, copy=kept)


def cast_change(what: str, value: Any, dtype: np.dtype[Any], copy: bool = True) -> Any:
    """`value`, a gradient or tangent of something of `dtype`, in that dtype."""
    if value.dtype.kind == "c" and dtype.kind != "c":
        raise TypeError(f"{what} is {value.dtype}, and what it belongs to is {dtype}; give its real part")
    return value.astype(dtype, copy=copy)


def comparable(other: object) -> bool:
    """Whether `other` holds numbers, so that == with it is asked elementwise."""
    numbers = (int, float, complex, list, tuple, Recorded, Symbolic)
    return isinstance(other, numbers) or hasattr(other, "__array__")


def jumps(dtype: np.dtype[Any]) -> str:
    """What is said of results of a bool or integer dtype where a derivative of them is asked for."""
    return (
        f"numbers of {dtype}, which jump and have no gradient; return floating-point ones, such as "
        f"np.where(x > 0, x, 0.0) for a comparison or tg.softmax(x) for an argmax"
    )


def not_traced(function: str) -> None:
    """Raise TraceError where a value is asked for while a step is being compiled."""
    if mode.tracing():
        raise TraceError(
            f"{function}: the value of a traced tensor was asked for at {place()}, but a compiled step must "
            f"not depend on values; use tg.where instead of branching, and look at what the step returns"
        )


# --------------------------------------------------------------------------- how other libraries take a Tensor
# While it is recorded, or a transform, a trace or a picture is being made, taking its numbers would cut the graph in
# silence, and they meet an error instead.

PANDAS_PRIORITY = 5000
"""Above those of pandas (a DataFrame's is 4000): a Series on the left of an operator leaves it to the Tensor."""


def array_interface(t: Recorded) -> dict[str, Any]:
    """`Tensor.__array_interface__`: where the numbers are. The array that holds them stays alive with who has this.

    Raises AttributeError while somebody follows `t`, as if there were none: NumPy then asks for `__array__`.
    """
    if t.node is not None or mode.listening():
        raise AttributeError(
            f"__array_interface__: a tensor of shape {np.shape(t._array)} is no plain array while it is recorded, or a "
            f"transform, a trace or a picture is being made; give t.numpy() where no gradient is needed"
        )
    array = np.ascontiguousarray(t._array).reshape(np.shape(t._array))
    return {**array.__array_interface__, "data": array, "strides": array.strides}


def dlpack(t: Recorded, **settings: Any) -> Any:
    """`Tensor.__dlpack__`: the numbers for any library of arrays, as in torch.from_dlpack(t), without copying."""
    return np.asarray(t).__dlpack__(**settings)


def dlpack_device(t: Recorded) -> tuple[int, int]:
    """`Tensor.__dlpack_device__`: the processor, as of any NumPy array."""
    return np.asarray(t._array).__dlpack_device__()


def tobytes(t: Recorded, order: Any = "C") -> bytes:
    """The bytes of the elements, as of an array."""
    return np.asarray(t).tobytes(order)


def dask_token(t: Recorded) -> str:
    """`Tensor.__dask_tokenize__`: a name never given before. Equal values are not the same tensor: gradients differ."""
    return os.urandom(16).hex()
