"""Pictures of computation graphs: `draw` takes one, `diff` compares two, `trace` steps, `derive` writes formulas."""

from .comparing import diff
from .deriving import Derivation, derive
from .drawing import draw
from .stepping import Trace, trace
from .view import GraphView

__all__ = ["Derivation", "GraphView", "Trace", "derive", "diff", "draw", "trace"]
