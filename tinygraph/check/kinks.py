"""Where a function has its kinks: which ops of a recorded graph sit at a point where their derivative jumps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..engine import origins
from ..engine.node import Node
from .report import Suspect
from .trace import Trace

Array = np.ndarray[Any, Any]

NEAR = 1e-9
"""So near to a kink, relative to 1 or to where it is, no step is small enough to tell."""


def kinks(trace: Trace) -> list[Suspect]:
    """Every node with elements at a kink that its op declares, or tied as it declares, with their number."""
    return list(_found(trace))


def _found(trace: Trace) -> Iterator[Suspect]:
    for node in trace.order:
        at = _mask(node, trace)
        count = int(np.sum(at))
        if not count:
            continue
        op: Any = node.op
        place = node.fact("origin") or ""
        many = f"{count} of {at.size} elements" if at.size > 1 else "the element"
        what = f"of {op.name}'s input {'are' if count > 1 else 'is'} {'tied' if op.ties else 'at its kink'}"
        yield Suspect(f"{many} {what}", origins.short(place), origins.enclosing(place)[0], origins.text(place))


def _mask(node: Node, trace: Trace) -> Array:
    """Which elements are at a kink, or tied."""
    op: Any = node.op
    inputs = trace.inputs[node]
    if op.ties is not None:
        return np.asarray(op.ties(trace.values[node], *inputs, **node.attrs))
    x = np.asarray(inputs[0])
    at = np.zeros(x.shape, bool)
    for kink in op.kinks if op.arity == 1 else ():
        at |= np.abs(x - kink) <= NEAR * max(1.0, abs(kink))
    return at
