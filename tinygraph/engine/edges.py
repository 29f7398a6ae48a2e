"""Backward walked edge by edge, in the order and with the arithmetic of the sweep, without touching the graph.

What explanations and pictures of single steps read. It goes as far as the recorded values allow: None stands for
what is not known any more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from .node import Absent, Node, Recorded, topological
from .rules import conjugate_if_complex, contribution, fit_and_cast


@dataclasses.dataclass(frozen=True, eq=False)
class Edge:
    """One step of the chain rule: `g` reaches `reader`, whose input `position` is `source` and receives `passed`.

    `slope` is the local derivative (elementwise operations only), `raw` what is passed before broadcasting is undone,
    `values` the inputs of the reader. `total` is the gradient of the source so far, with this edge the `arrived`-th
    `of` so many.
    """

    reader: Node
    position: int
    source: Node
    g: Any
    slope: Any
    raw: Any
    passed: Any
    values: tuple[Any, ...]
    total: Any
    arrived: int
    of: int


@dataclasses.dataclass(frozen=True, eq=False)
class Visit:
    """What backward does at one operation: the gradient `g` that reaches `node`, and an edge for each tracked input."""

    node: Node
    g: Any
    edges: tuple[Edge, ...]


def visits(loss: Node, seed: Any, through: Collection[Node] | None = None) -> Iterator[Visit]:
    """The operations that backward from `loss` goes through; with `through`, only those nodes and edges to them.

    As in the sweep, an operation comes after all its readers, the last that became ready first: so what several
    readers contribute is added in the same order, and the sums are the same to the last bit. Hooks are not run.
    """
    order = topological([loss])
    chosen = set(order) if through is None else through
    readings = dict.fromkeys(chosen, 0)
    for node in order:
        if node in chosen:
            for source in node.inputs:
                if type(source) is Node and source in chosen:
                    readings[source] += 1
    arrived = dict.fromkeys(chosen, 0)
    grads: dict[Node, Any] = {loss: conjugate_if_complex(seed)}
    behind: set[Node] = set()  # nodes behind a selection, where a zero gradient wins
    ready = [loss] if loss in chosen else []
    while ready:
        node = ready.pop()
        g = grads.pop(node)
        if node.op is None:
            continue
        g = getattr(node, "grad", None) if g is None else g
        g = g._array if isinstance(g, Recorded) else g
        edges, values = [], values_of(node)
        selected = node.op.selects or node in behind
        for k, source in enumerate(node.inputs):
            if type(source) is not Node or source not in chosen:
                continue
            slope, raw, passed = _passed(node, k, source, g, values, selected)
            if selected:
                behind.add(source)
            arrived[source] += 1
            if source in grads:  # one unknown part makes the sum unknown
                before = grads[source]
                grads[source] = None if before is None or passed is None else before + passed
            else:
                grads[source] = passed
            total, progress = _shown(grads[source]), (arrived[source], readings[source])
            edges.append(Edge(node, k, source, _shown(g), slope, _shown(raw), _shown(passed), values, total, *progress))
            if arrived[source] == readings[source]:
                ready.append(source)
        yield Visit(node, _shown(g), tuple(edges))


def _shown(g: Any) -> Any:
    """What the sweep carries as the gradient that it stands for, or None."""
    return None if g is None else conjugate_if_complex(g)


def left_by_backward(node: Node) -> Any:
    """The gradient that backward left in the graph for pictures, or None."""
    g = getattr(node, "grad", None)  # the recorders leave it unset
    return _shown(g._array if isinstance(g, Recorded) else g)


def seed_of(loss: Node) -> Any:
    """What backward starts with: what it was given when it ran, as far as that is known, else ones."""
    left = left_by_backward(loss)
    return np.ones(loss.shape, loss.dtype)[()] if left is None else left


def value_of(node: Node) -> Any:
    """The value of a node, or None where it is not held any more. A leaf's is what its tensor holds now."""
    if node.value is not None or node.op is not None:
        return node.value
    handle = node.fact("handle")()
    return None if handle is None else handle._array


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
            current = current or source.op is None
            values.append(value_of(source))
        else:
            values.append(None if isinstance(source, Absent) else source)
    if current and not _agrees(node, values):  # the leaf was updated since
        return tuple([None if type(i) is Node and i.op is None else v for i, v in zip(node.inputs, values)])
    return tuple(values)


def _agrees(node: Node, values: list[Any]) -> bool:
    """Whether the operation, run on what leaves hold now, gives the small value that was recorded.

    Where that cannot be told, they count as changed once backward has freed the node: updates follow it.
    """
    if node.op is None or node.value is None or any(v is None for v in values):
        return node.saved is not None
    with np.errstate(all="ignore"):
        return np.array_equal(node.op.kernel(*values, **node.attrs), node.value, equal_nan=True)


def _passed(node: Node, k: int, source: Node, g: Any, values: tuple[Any, ...], selected: bool) -> tuple[Any, Any, Any]:
    """The local derivative, and what input `k` receives before and after broadcasting is undone."""
    op: Any = node.op  # leaves pass nothing on
    reads = op.needs(tuple([type(i) is Node and j == k for j, i in enumerate(node.inputs)]))
    held = (node.value, *values)
    if any(use == "value" and v is None for use, v in zip(reads, held)):
        return None, None, None
    saved = [i if v is None else v for i, v in zip(node.inputs, values)]  # a node knows shape and dtype
    rule = op.rule(k)
    slope = None
    with np.errstate(all="ignore"):
        if op.local:
            slope = rule(node.value, *saved, **node.attrs) if callable(rule) else np.asarray(rule)
        if g is None:
            return slope, None, None
        raw = contribution(op, rule, g, node.value, saved, node.attrs, guarded=selected)
        return slope, raw, fit_and_cast(raw, source.shape, source.dtype)
