"""Comparing gradients with those of another route: differences, complex steps, scalars, PyTorch, JAX."""

from .comparison import Comparison, Place
from .run import compare

__all__ = ["Comparison", "Place", "compare"]
