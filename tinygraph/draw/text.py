"""The graph as lines of text, for terminals and wherever no picture can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dot import title
from .model import Box, shape_text

if TYPE_CHECKING:
    from .view import GraphView

_WIDEST = 60


def lines(view: GraphView) -> str:
    """One line for each value but the constants: how it was made, shape, value, gradient."""
    boxes = [box for box in view.boxes if box.kind != "constant"]
    width = min(_WIDEST, max(len(title(box)) for box in boxes))
    return "\n".join(f"{title(box):{width}}  {'  '.join(_facts(box))}" for box in boxes)


def _facts(box: Box) -> list[str]:
    facts = [shape_text(box.shape)]
    facts += [box.dtype] if box.dtype != "float64" else []
    facts += [f"value {' '.join(box.value.lines())}"] if box.value is not None else []
    facts += [f"grad {' '.join(box.grad.lines())}"] if box.grad is not None else []
    facts += [f"used {box.uses}×"] if box.uses > 1 else []
    return facts + ([box.kind] if box.kind in ("input", "output") else [])
