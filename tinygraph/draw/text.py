"""The graph as lines of text, for terminals and wherever no picture can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Box, shape_text
from .words import counts, of_group, title

if TYPE_CHECKING:
    from .view import GraphView

_WIDEST = 60


def lines(view: GraphView) -> str:
    """One line for each value but the constants, how it was made, shape, value, gradient; groups indented."""
    boxes = [box for box in view.boxes if box.kind != "constant"]
    boxes.sort(key=lambda box: box.group is not None or box.made)  # what is given from outside comes first
    groups = {g.id: g for g in view.groups}
    chains: dict[str | None, list[str]] = {None: []}
    for group in view.groups:  # parents come first
        chains[group.id] = [*chains[group.parent], group.id]
    rows: list[tuple[str, str]] = []
    open_: list[str] = []
    for box in boxes:
        chain = chains[box.group]
        shared = next(
            (k for k, (a, b) in enumerate(zip(open_, chain, strict=False)) if a != b), min(len(open_), len(chain))
        )
        rows += [("  " * k + of_group(groups[chain[k]]), "") for k in range(shared, len(chain))]
        open_ = chain
        rows.append(("  " * len(chain) + title(box), "  ".join(_facts(box))))
    width = min(_WIDEST, max((len(head) for head, facts in rows if facts), default=0))
    text = [f"{head:{width}}  {facts}" if facts else head for head, facts in rows]
    return "\n".join([*text, *([view.note] if view.note else [])])


def _facts(box: Box) -> list[str]:
    facts = [shape_text(box.shape)]
    facts += [box.dtype] if box.dtype != "float64" else []
    facts += [counts(box)] if box.operations else []
    facts += [f"gives {', '.join(box.gives)}"] if box.gives else []
    facts += [f"value {' '.join(box.value.lines())}"] if box.value is not None else []
    facts += [f"grad {' '.join(box.grad.lines())}"] if box.grad is not None else []
    facts += [box.alarm] if box.alarm else []
    facts += [f"used {box.uses}×"] if box.uses > 1 else []
    return facts + ([box.kind] if box.kind in ("input", "output") else [])
