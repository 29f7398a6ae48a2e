"""The gradient followed from a loss to one node, as far as the recorded values allow, without touching the graph."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ..anomaly import contribution
from ..autodiff import fit
from ..graph import Absent, Node, Recorded, topological


@dataclasses.dataclass(frozen=True, eq=False)
class Edge:
    """One step of backward: `g` reaches `reader`, whose input `position` is `source` and receives `passed`.

    `slope` is the local derivative (elementwise operations only), `raw` what is passed before broadcasting is undone,
    `values` the inputs of the reader. None stands for what is not known any more.
    """

    reader: Node
    position: int
    source: Node
    g: Any
    slope: Any
    raw: Any
    passed: Any
    values: tuple[Any, ...]


class Trace:
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
        left = left_by_backward(loss)
        seed = np.ones(loss.shape, loss.dtype) if left is None else left
        self.grads: dict[Node, Any] = {loss: seed}
        behind: set[Node] = set()
        if self.reached:
            with np.errstate(all="ignore"):
                for node in reversed(order):
                    if node is not target and node.op is not None and node in on_the_way:
                        self._step(node, on_the_way, behind)
        self.found = self.grads.get(target)

    def _step(self, node: Node, on_the_way: set[Node], behind: set[Node]) -> None:
        op, g = node.op, self.grads.get(node)
        if op is None:
            return
        if g is None:
            g = self.grads[node] = left_by_backward(node)
        g = g._data if isinstance(g, Recorded) else g
        values = values_of(node)
        selected = op.selects or node in behind
        for k, source in enumerate(node.inputs):
            if type(source) is not Node or source not in on_the_way:
                continue
            if selected:
                behind.add(source)
            slope, raw = _passed(node, k, g, values, selected)
            passed = None if raw is None else fit(np.asarray(raw), source.shape).astype(source.dtype, copy=False)
            self.edges.append(Edge(node, k, source, g, slope, raw, passed, values))
            if source not in self.grads:
                self.grads[source] = passed
            else:  # one unknown part makes the sum unknown
                before = self.grads[source]
                self.grads[source] = None if before is None or passed is None else before + passed


def left_by_backward(node: Node) -> Any:
    """The gradient that backward left in the graph for pictures, or None."""
    return getattr(node, "grad", None)  # the recorders leave it unset


def value_of(node: Node) -> Any:
    """The value of a node, or None where it is not held any more. A leaf's is what its tensor holds now."""
    if node.value is not None or node.op is not None:
        return node.value
    handle = node.fact("handle")()
    return None if handle is None else handle._data


def values_of(node: Node) -> tuple[Any, ...]:
    """The values of a node's inputs, each None where it is not known."""
    kept = node.fact("values")
    if kept is not None:
        return tuple(kept)
    values: list[Any] = []
    current = False
    for k, source in enumerate(node.inputs):
        saved = None if node.saved is None else node.saved[k]
        if saved is not None and type(saved) is not Node:
            values.append(saved)
        elif type(source) is Node:
            current = current or (source.op is None and node.saved is None)
            values.append(value_of(source))
        else:
            values.append(None if isinstance(source, Absent) else source)
    if current and not _agrees(node, values):  # the leaf was updated since
        return tuple([None if type(i) is Node and i.op is None else v for i, v in zip(node.inputs, values)])
    return tuple(values)


def _agrees(node: Node, values: list[Any]) -> bool:
    """Whether the operation, run on what leaves hold now, gives the small value that was recorded."""
    if node.op is None or node.value is None or any(v is None for v in values):
        return False
    with np.errstate(all="ignore"):
        return np.array_equal(node.op.kernel(*values, **node.attrs), node.value, equal_nan=True)


def _passed(node: Node, k: int, g: Any, values: tuple[Any, ...], selected: bool) -> tuple[Any, Any]:
    """The local derivative and what input `k` receives; None where they cannot be known."""
    op = node.op
    if op is None:
        return None, None
    reads = op.needs(tuple([type(i) is Node and j == k for j, i in enumerate(node.inputs)]))
    held = (node.value, *values)
    if any(use == "value" and v is None for use, v in zip(reads, held)):
        return None, None
    saved = [i if v is None else v for i, v in zip(node.inputs, values)]  # a node knows shape and dtype
    rule = op.rule(k)
    slope = None
    if op.local:
        slope = rule(node.value, *saved, **node.attrs) if callable(rule) else np.asarray(rule)
    return slope, None if g is None else contribution(op, rule, g, node.value, saved, node.attrs, selected)
