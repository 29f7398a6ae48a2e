"""How other libraries take a Tensor that nobody follows: as an array, by NumPy's interface, DLPack and their own names.

While it is recorded, or a transform, a trace or a picture is being made, taking its numbers would cut the graph in
silence, and they meet an error instead.
"""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np

from ..engine import mode
from ..engine.node import Recorded

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
    return uuid.uuid4().hex
