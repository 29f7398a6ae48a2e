"""Computation graphs shown: `draw` takes the picture, `diff` compares two, `trace` steps, `derive` writes."""

from .derive import Derivation, derive
from .diff import diff
from .subject import draw
from .trace import Trace
from .view import GraphView
from .walkthrough import trace

__all__ = ["Derivation", "GraphView", "Trace", "derive", "diff", "draw", "trace"]
