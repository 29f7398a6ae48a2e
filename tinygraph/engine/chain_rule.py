"""The reverse sweep in its simplest form: for reading, and to hold the fast one of `reverse` against.

On arrays it gives bit for bit the same, for every node rather than for leaves alone. It leaves the graph as it was,
and knows no hooks, no `detect_anomaly` and no second order.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from .node import Node, topological
from .rules import conjugate_if_complex, contribution, fit_and_cast


def pullback(root: Node, seed: Any) -> dict[Node, Any]:
    """Return the gradient, with respect to every node that `root` was made from, of `root` times `seed`."""
    nodes = topological([root])
    uses = Counter(source for node in nodes for source in node.inputs if type(source) is Node)
    grads = {root: conjugate_if_complex(seed)}
    behind: set[Node] = set()  # what a `where` selects from: there a zero wins over an infinite slope
    ready = [root]
    while ready:
        node = ready.pop()
        op, upstream, value, saved = node.op, grads[node], node.value, node.saved or ()
        if op is None:  # a leaf: it was made from nothing
            continue
        guarded = op.selects or node in behind
        for k, source in enumerate(node.inputs):
            if type(source) is not Node:  # a constant: nobody asks for its gradient
                continue
            c = contribution(op, op.rule(k), upstream, value, saved, node.attrs, guarded=guarded)
            c = fit_and_cast(c, source.shape, source.dtype)  # summed where it was broadcast
            grads[source] = grads[source] + c if source in grads else c
            if guarded:
                behind.add(source)
            uses[source] -= 1
            if not uses[source]:  # all that was made from it has reported
                ready.append(source)
    return {node: conjugate_if_complex(g) for node, g in grads.items()}
