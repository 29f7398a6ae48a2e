"""Computation graphs shown: `draw` takes the picture, `trace` goes through it step by step."""

from .snapshot import draw
from .trace import Trace, trace
from .view import GraphView

__all__ = ["GraphView", "Trace", "draw", "trace"]
