"""The gradient on its way from a loss to one node, as far as the recorded values allow, without touching the graph."""

from __future__ import annotations

from ..engine.edges import Edge, seed_of, visits
from ..engine.node import Array, Node, topological


class Path:
    """All edges on the ways from `loss` to `target`, in the order of backward. `found` is the target's gradient."""

    def __init__(self, loss: Node, target: Node) -> None:
        order = topological([loss])
        on_the_way = {target}
        for node in order:
            if any(type(i) is Node and i in on_the_way for i in node.inputs):
                on_the_way.add(node)
        self.reached = target in order
        self.target = target
        self.order = order
        self.edges: list[Edge] = []
        self.grads: dict[Node, Array] = {loss: seed_of(loss)}
        if self.reached:
            for visit in visits(loss, self.grads[loss], on_the_way):
                if visit.node is not target:
                    self.edges += visit.edges
                    self.grads |= {visit.node: visit.g} | {edge.source: edge.total for edge in visit.edges}
        self.found = self.grads.get(target)
