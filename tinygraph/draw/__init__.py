"""Computation graphs shown: `draw` takes the picture, `trace` steps through it, `derive` writes the formulas."""

from .derive import Derivation, derive
from .snapshot import draw
from .trace import Trace, trace
from .view import GraphView

__all__ = ["Derivation", "GraphView", "Trace", "derive", "draw", "trace"]
