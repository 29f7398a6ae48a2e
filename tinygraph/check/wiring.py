"""What is to blame where every op is right: paths cut, values changed, hooks, random numbers, values not finite."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

import numpy as np

from ..engine import origins
from ..engine.node import Node
from ..engine.rules import fit, typed
from ..tensors.tensor import Tensor
from .report import Suspect
from .subject import Subject, parts, seeds
from .trace import Trace, record

RIGHT = "the ops are right, the graph is not: "
CUTS = ("detach(", ".numpy(", ".item(", ".tolist(", ".data", "no_grad", "float(", "np.asarray(")


def graph_reasons(subject: Subject, trace: Trace, rng: np.random.Generator, wrong: Container[str]) -> list[Suspect]:
    """Why the gradients of the `wrong` inputs are wrong though all ops are right; empty if the graph is right too."""
    found = [*_changed(trace), *cuts(subject, trace, rng), *_hooked(trace)] or [*_apart(subject, trace, wrong)]
    if found or _summed(subject, trace, rng):
        return found
    return [Suspect(f"{RIGHT}no reason was found; look at branches on values and at what f keeps between calls")]


def _summed(subject: Subject, trace: Trace, rng: np.random.Generator) -> bool:
    """Whether the gradient is what the rules give along the recorded graph, added up here once more.

    Outputs and inputs must still be what the graph recorded, too.
    """
    roots = [(y.node, y._data) for y in trace.outputs if isinstance(y, Tensor) and y.node is not None]
    if any(y.dtype.kind != "f" or _differs(y, trace.values[node]) for node, y in roots):
        return False
    weights = seeds(rng, [y for _, y in roots])
    grads: dict[Node, Any] = {}
    for (node, _), w in zip(roots, weights, strict=True):
        grads[node] = grads.get(node, 0) + w
    for node in reversed(trace.order):
        op: Any = node.op
        for k, source in enumerate(node.inputs):
            rule = op.rule(k)
            if type(source) is Node and _differs(trace.inputs[node][k], trace.values[source]):
                return False
            if type(source) is Node and rule is not None and node in grads:
                values = (trace.values[node], *trace.inputs[node])
                g = np.asarray(grads[node], node.dtype)
                if op.local:
                    part = g * (rule(*values, **node.attrs) if callable(rule) else rule)
                else:
                    part = rule(g, *values, **node.attrs)
                part = typed(fit(np.asarray(part), source.shape), source.dtype)
                grads[source] = grads.get(source, 0) + part
    found = subject.gradient([b.value for b in subject.blocks], weights)
    for leaf, g in zip(trace.leaves, found, strict=True):
        off = np.abs(g - parts(np.conj(grads.get(leaf, np.zeros(leaf.shape, leaf.dtype)))))
        if not np.all(off <= np.finfo(g.dtype).eps ** 0.5 * np.max(np.abs(g), initial=0.0)):
            return False
    return True


def _suspect(reason: str, node: Node, likely: tuple[str, ...] = ()) -> Suspect:
    """What is said of `node`, with the line that explains it: its own, or one of its function that cuts a path."""
    place = node.fact("origin") or ""
    name, source = origins.enclosing(place)
    line = origins.text(place)
    if likely and not any(word in line for word in likely):
        line = next((s.strip() for s in source.splitlines() if any(word in s for word in likely)), line)
    word = next((word for word in likely if word in line), "")
    if word:
        reason += f"; looks like {word.rstrip('(')}{'()' if word.endswith('(') else ''}"
    return Suspect(reason, origins.short(place), name, line)


def _changed(trace: Trace) -> Iterator[Suspect]:
    """Values that are no longer what their op gives: somebody wrote into an array."""
    for node in trace.order:
        op: Any = node.op
        again = op.kernel(*trace.inputs[node], **node.attrs)
        if not np.array_equal(again, trace.values[node], equal_nan=True):
            yield _suspect(
                f"{RIGHT}a value that {op.name} read or made was changed in place after it was recorded", node
            )
            return


def cuts(subject: Subject, trace: Trace, rng: np.random.Generator) -> Iterator[Suspect]:
    """Constants of the graph that move with the inputs, and outputs or inputs that are not in it."""
    point = [b.value for b in subject.blocks]
    moved = [(x * (1 + 1e-3 * np.asarray(rng.random(x.shape))) + 1e-4).astype(x.dtype) for x in point]
    other = record(subject, moved)
    if [n.op for n in trace.order] != [n.op for n in other.order]:
        yield Suspect(f"{RIGHT}close by, f records another graph: it branches on values that depend on its inputs")
        return
    for node, twin in zip(trace.order, other.order, strict=True):
        op: Any = node.op
        for k, source in enumerate(node.inputs):
            smooth = np.asarray(trace.inputs[node][k]).dtype.kind in "fc"  # a mask or an index has no slope to lose
            if type(source) is not Node and smooth and _differs(trace.inputs[node][k], other.inputs[twin][k]):
                name = op.inputs[k] if op.arity is not None else f"number {k}"
                yield _suspect(
                    f"{RIGHT}a path is cut: {op.name}'s input {name} {np.shape(trace.inputs[node][k])} changes "
                    f"with the inputs of f but is not connected to them",
                    node,
                    CUTS,
                )
    for k, (y, z) in enumerate(zip(trace.outputs, other.outputs, strict=True)):
        loose = not isinstance(y, Tensor) or y.node is None
        if loose and _differs(getattr(y, "_data", y), getattr(z, "_data", z)):
            yield Suspect(f"{RIGHT}output {k} of f depends on the inputs but is not recorded; was it detached?")


def _apart(subject: Subject, trace: Trace, wrong: Container[str]) -> Iterator[Suspect]:
    """Inputs whose gradient is wrong and that the graph does not know."""
    inside = {i for node in trace.order for i in node.inputs if type(i) is Node} | set(trace.roots)
    for block, leaf in zip(subject.blocks, trace.leaves, strict=False):
        if block.name in wrong and leaf not in inside:
            yield Suspect(f"{RIGHT}{block.name} is not connected to the output")


def _differs(a: Any, b: Any) -> bool:
    return np.shape(a) != np.shape(b) or not np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f")


def _hooked(trace: Trace) -> Iterator[Suspect]:
    for node in {*trace.order, *trace.leaves}:
        if node.fact("hooks"):
            yield _suspect(f"{RIGHT}a hook on {node!r} may change the gradient", node)


def random_reasons(subject: Subject) -> list[Suspect]:
    """The first value, in order of computation, that two runs do not share."""
    point = [b.value for b in subject.blocks]
    first, second = record(subject, point), record(subject, point)
    if [n.op for n in first.order] != [n.op for n in second.order]:
        return [Suspect("two runs record different graphs: f branches on something random, or keeps a state")]
    for node, twin in zip(first.order, second.order, strict=True):
        op: Any = node.op
        for k, source in enumerate(node.inputs):
            if type(source) is not Node and _differs(first.inputs[node][k], second.inputs[twin][k]):
                name = op.inputs[k] if op.arity is not None else f"number {k}"
                return [_suspect(f"{op.name}'s input {name} differs from run to run", node)]
        if _differs(first.values[node], second.values[twin]):
            return [_suspect(f"{op.name} gives two results for the same inputs", node)]
    for node in reversed(first.order):
        op = node.op
        seed = np.ones(node.shape, node.dtype)
        for k, source in enumerate(node.inputs):
            rule = op.rule(k)
            if type(source) is Node and callable(rule):
                given = (() if op.local else (seed,)) + (first.values[node], *first.inputs[node])
                if _differs(rule(*given, **node.attrs), rule(*given, **node.attrs)):
                    return [_suspect(f"the rule of {op.name}'s input {k} gives two results", node)]
    return []


def infinite_reasons(subject: Subject) -> list[Suspect]:
    """The first op, in order of computation, whose value or slope is not finite though what goes in is."""
    trace = record(subject, [b.value for b in subject.blocks])
    for node in trace.order:
        op: Any = node.op
        y = np.asarray(trace.values[node])
        if not np.isfinite(y).all():
            index = [int(i) for i in np.argwhere(~np.isfinite(y))[0]]
            return [_suspect(f"{op.name} is the first op that is not finite: {y[tuple(index)]} at {index}", node)]
    for node in reversed(trace.order):
        op = node.op
        seed = np.ones(node.shape, node.dtype)
        for k, source in enumerate(node.inputs):
            rule = op.rule(k)
            if type(source) is Node and callable(rule):
                given = (() if op.local else (seed,)) + (trace.values[node], *trace.inputs[node])
                slope = np.asarray(rule(*given, **node.attrs))
                if not np.isfinite(slope).all():
                    index = [int(i) for i in np.argwhere(~np.isfinite(slope))[0]]
                    what = f"{slope[tuple(index)]} at {index}"
                    return [
                        _suspect(f"the rule of {op.name}'s input {k} is the first that is not finite: {what}", node)
                    ]
    return []
