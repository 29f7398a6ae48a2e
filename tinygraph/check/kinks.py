"""Where a function has its kinks: which ops of a recorded graph sit at a point where their derivative jumps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..engine import origins
from ..engine.node import Array, Node, op_of
from .findings import Suspect
from .recorded import Recording

NEAR = 1e-9
"""So near to a kink, relative to 1 or to where it is, no step is small enough to tell."""


def kinks(recording: Recording) -> list[Suspect]:
    """Every node with elements at a kink that its op declares, or tied as it declares, with their number."""
    return list(_suspects(recording))


def _suspects(recording: Recording) -> Iterator[Suspect]:
    for node in recording.order:
        at = _mask(node, recording)
        count = int(np.sum(at))
        if not count:
            continue
        op = op_of(node)
        place = node.fact("origin") or ""
        many = f"{count} of {at.size} elements" if at.size > 1 else "the element"
        what = f"of {op.name}'s input {'are' if count > 1 else 'is'} {'tied' if op.ties else 'at its kink'}"
        yield Suspect(
            f"{many} {what}", origins.shorten(place), origins.enclosing_function(place)[0], origins.source_line(place)
        )


def _mask(node: Node, recording: Recording) -> Array:
    """Which elements are at a kink, or tied."""
    op = op_of(node)
    inputs = recording.inputs[node]
    if op.ties is not None:
        return np.asarray(op.ties(recording.values[node], *inputs, **node.attrs))
    x = np.asarray(inputs[0])
    at = np.zeros(x.shape, bool)
    for kink in op.kinks if op.arity == 1 else ():
        at |= np.abs(x - kink) <= NEAR * max(1.0, abs(kink))
    return at
