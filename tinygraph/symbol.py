"""Kept for a version: these stand in `tinygraph.engine.symbol` now."""

from .engine.symbol import Symbol, derivative

__all__ = ["Symbol", "derivative"]
