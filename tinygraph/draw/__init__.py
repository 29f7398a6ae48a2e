"""Computation graphs shown: `draw` takes the picture, `diff` compares two, `trace` steps, `derive` writes."""

from .derive import Derivation, derive
from .diff import diff
from .subject import draw
from .view import GraphView
from .walkthrough import Trace, trace

__all__ = ["Derivation", "GraphView", "Trace", "derive", "diff", "draw", "trace"]
