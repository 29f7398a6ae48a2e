"""Kept for a version, for pickles too: these stand in `tinygraph.tensors.tensor` now."""

from .tensors.tensor import Tensor, _restore, asarray, tensor

__all__ = ["Tensor", "_restore", "asarray", "tensor"]
