"""`scipy.spatial` for Tensors: distances between points. On plain arrays, SciPy itself."""

from . import distance

__all__ = ["distance"]
