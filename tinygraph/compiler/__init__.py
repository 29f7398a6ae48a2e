"""Compiled steps: a training step is run once, written down, and replayed as straight-line NumPy source."""

from .step import CompiledStep, compile

__all__ = ["CompiledStep", "compile"]
