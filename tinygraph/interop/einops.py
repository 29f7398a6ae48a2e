"""einops on Tensors: the backend through which it works, found by einops among the classes derived from its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from einops._backends import AbstractBackend

from ..tensors.tensor import Tensor, tensor


class TensorBackend(AbstractBackend):  # type: ignore[misc]
    """What einops asks of a library of tensors, answered by NumPy's functions, which record."""

    framework_name = "tinygraph"

    def is_appropriate_type(self, x: Any) -> bool:
        """Whether `x` is ours."""
        return isinstance(x, Tensor)

    def from_numpy(self, x: Any) -> Tensor:
        """An array as an untracked Tensor."""
        return tensor(x)

    def to_numpy(self, x: Tensor) -> Any:
        """The value, read-only."""
        return x.numpy()

    def is_float_type(self, x: Tensor) -> bool:
        """Whether a mean of `x` keeps its type."""
        return x.dtype.kind in "fc"

    def add_axis(self, x: Tensor, new_position: int) -> Any:
        """`x` with an axis of length 1 more."""
        return np.expand_dims(x, new_position)

    def tile(self, x: Tensor, repeats: Sequence[int]) -> Any:
        """`x` repeated along each axis."""
        return np.tile(x, repeats)

    def concat(self, tensors: Sequence[Tensor], axis: int) -> Any:
        """The tensors joined along `axis`."""
        return np.concatenate(tensors, axis=axis)

    def stack_on_zeroth_dimension(self, tensors: Sequence[Tensor]) -> Any:
        """The tensors along a new first axis."""
        return np.stack(tensors)

    def einsum(self, pattern: str, *tensors: Tensor) -> Any:
        """Einstein's sums, for einops.einsum."""
        return np.einsum(pattern, *tensors)
