"""Pictures of computation graphs: `draw` takes the snapshot, `GraphView` writes it as DOT, SVG, PNG, PDF and text."""

from .snapshot import draw
from .view import GraphView

__all__ = ["GraphView", "draw"]
