"""Kept for a version: these stand in `tinygraph.engine.declare` and `tinygraph.engine.op` now."""

from .engine.declare import define, elementwise, linear, primitive, registry, ufuncs
from .engine.op import Function, Op

__all__ = ["Function", "Op", "define", "elementwise", "linear", "primitive", "registry", "ufuncs"]
