"""Kept for a version: these stand in `tinygraph.engine.reverse` and `tinygraph.engine.rules` now."""

from .engine.reverse import pullback, pullback_rows
from .engine.rules import fit

__all__ = ["fit", "pullback", "pullback_rows"]
