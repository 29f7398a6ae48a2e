"""Explanations after the fact: why a gradient is missing, zero, tiny, huge, or not a number."""

from .answer import Why
from .why import why

__all__ = ["Why", "why"]
