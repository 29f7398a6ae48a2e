"""Numbers, arrays and nested lists with Tensors in them made into one Tensor: what np.array does, recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...engine.node import Recorded
from ...tensors.tensor import Tensor

_NUMBERS = frozenset([float, int, complex, bool, np.float64, np.ndarray])
"""What lists of numbers are made of, mostly."""


def holds_tensor(x: Any) -> bool:
    """Whether `x` is a Tensor, or a list or tuple with one in it, at any depth.

    >>> import tinygraph as tg
    >>> holds_tensor([1.0, (2.0, tg.tensor(3.0))]), holds_tensor([1.0])
    (True, False)
    """
    kind = x.__class__
    if kind is list or kind is tuple:
        for y in x:  # noqa: SIM110  a generator costs twice as much
            if y.__class__ not in _NUMBERS and holds_tensor(y):
                return True
        return False
    return isinstance(x, Recorded)


def joined(x: Any, dtype: Any = None) -> Any:
    """The Tensor (or, without one in it, the array) that np.array(x, dtype) would be; `x` itself where it is one.

    >>> import tinygraph as tg
    >>> t = tg.tensor(2.0, requires_grad=True)
    >>> joined([[1.0, t], [t, 0.0]])
    tensor([[1., 2.],
            [2., 0.]], op='stack')
    """
    if not isinstance(x, Recorded):
        x = ops.stack([joined(y) for y in x]) if holds_tensor(x) else np.asarray(x)
    if dtype is None or x.dtype == dtype:
        return x
    if isinstance(x, Recorded):
        return ops.astype(x, dtype=np.dtype(dtype))
    return x.astype(dtype)


def cast(dtype: Any) -> Any:
    """What calling the NumPy type `dtype` makes of a Tensor or a list with some: the same numbers in that dtype."""

    def of(x: Any = 0) -> Any:
        return joined(x, dtype)

    return of


def writable(array: Any) -> Any:
    """A new array as a Tensor, so that Tensors can be written into it and are recorded; integers stay an array."""
    return Tensor(array) if array.dtype.kind in "fc" else array
