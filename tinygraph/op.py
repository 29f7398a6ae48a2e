"""Kept for a version, for pickles too: these stand in `tinygraph.engine.declare` and `tinygraph.engine.op` now."""

from .engine.declare import define, elementwise, linear, primitive, registry, ufuncs
from .engine.op import Function, Op, _op_of

__all__ = ["Function", "Op", "_op_of", "define", "elementwise", "linear", "primitive", "registry", "ufuncs"]
