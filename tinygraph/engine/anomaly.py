"""Stopping at the first NaN or infinity under `detect_anomaly`, in forward and backward; `reasons` has the remedies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import AnomalyError
from .node import Node, Recorded
from .op import OPERATORS, Op
from .origins import place
from .reasons import describe_inputs, element, first_bad, reason
from .rules import contribution


def run(op: Op, values: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """Compute `op` under `detect_anomaly`; AnomalyError if the result is not finite although every input is."""
    with np.errstate(all="ignore"):
        y = OPERATORS.get(op.kernel, op.kernel)(*values, **attrs)
        index = first_bad(y) if np.asarray(y).dtype.kind in "fc" else None
        if index is None or any(first_bad(x) is not None for x in values if x is not None):
            return y
    bad = np.asarray(y)[index].item()
    why = reason(op, values, attrs, np.shape(y), index, bad)
    raise AnomalyError(
        f"{op.name}: {element(index)} of the result is {bad} at {place()}, made from "
        f"{describe_inputs(op, values, np.shape(y), index)}: {why.words}; {why.fix}"
    )


def examine(node: Node, g: Any, saved: Sequence[Any], needed: Any, behind: bool) -> None:
    """Raise AnomalyError if backward is about to make a NaN or infinity at `node`, which the gradient `g` reaches.

    Runs the rules of `node` once more, with a zero gradient winning where it lies `behind` a selection.
    """
    g = g._array if isinstance(g, Recorded) else g
    op: Any = node.op  # leaves are not examined
    at = node.fact("origin")
    with np.errstate(all="ignore"):
        index = first_bad(g)
        if index is not None:
            raise AnomalyError(
                f"backward: {element(index)} of the gradient that reaches {node!r} (recorded at {at}) is "
                f"{np.asarray(g)[index].item()}, and no operation recorded under detect_anomaly made it; look at the "
                f"gradient given to backward, at hooks, and record everything under tg.detect_anomaly()"
            )
        for k, (source, rule) in enumerate(zip(node.inputs, op.rules_of(len(node.inputs)))):
            if type(source) is not Node or (needed is not None and source not in needed):
                continue
            c = contribution(op, rule, g, node.value, saved, node.attrs, guarded=behind)
            index = first_bad(c)
            if index is not None:
                bad = np.asarray(c)[index].item()
                values = node.fact("values")
                why = reason(op, values, node.attrs, np.shape(c), index, bad, k)
                reaching = np.conj(np.broadcast_to(g, np.shape(c))[index]).item()
                above = f"the gradient {reaching:g}" if op.local else "gradients"
                raise AnomalyError(
                    f"backward: {element(index)} of the gradient that {node!r} (recorded at {at}) passes on is {bad}, "
                    f"made from {above} and {describe_inputs(op, values, np.shape(c), index)}: {why.words}; {why.fix}"
                )
