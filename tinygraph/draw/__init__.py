"""Computation graphs shown: `draw` takes the picture, `trace` steps through it, `derive` writes the formulas."""

from .derive import Derivation, derive
from .subject import draw
from .trace import Trace
from .view import GraphView
from .walkthrough import trace

__all__ = ["Derivation", "GraphView", "Trace", "derive", "draw", "trace"]
