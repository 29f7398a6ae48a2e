"""What is to blame where every op is right: paths cut, values changed, hooks, random numbers, values not finite."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

import numpy as np

from ..engine import origins
from ..engine.node import Array, Node, op_of
from ..engine.reasons import first_bad
from ..tensors.tensor import Tensor
from .findings import Suspect
from .recorded import Recording, record
from .subject import Subject, as_real, input_name, seeds

RIGHT = "the ops are right, the graph is not: "
CUTS = ("detach(", ".numpy(", ".item(", ".tolist(", ".data", "no_grad", "float(", "np.asarray(")


def graph_reasons(
    subject: Subject, recording: Recording, rng: np.random.Generator, wrong: Container[str]
) -> list[Suspect]:
    """Why the gradients of the `wrong` inputs are wrong though all ops are right; empty if the graph is right too."""
    found = [*_changed_values(recording), *cuts(subject, recording, rng), *_hooks(recording)] or [
        *_unconnected_inputs(subject, recording, wrong)
    ]
    if found or _follows_rules(subject, recording, rng):
        return found
    return [Suspect(f"{RIGHT}no reason was found; look at branches on values and at what f keeps between calls")]


def _follows_rules(subject: Subject, recording: Recording, rng: np.random.Generator) -> bool:
    """Whether the gradient is what the rules give along the recorded graph, added up here once more.

    Outputs and inputs must still be what the graph recorded, too.
    """
    roots = [(y.node, y._array) for y in recording.outputs if isinstance(y, Tensor) and y.node is not None]
    if any(y.dtype.kind != "f" or _differs(y, recording.values[node]) for node, y in roots):
        return False
    weights = seeds(rng, [y for _, y in roots])
    for node in recording.order:
        for value, source in zip(recording.inputs[node], node.inputs, strict=True):
            if type(source) is Node and _differs(value, recording.values[source]):
                return False
    grads = recording.gradients(zip([node for node, _ in roots], weights, strict=True))
    found = subject.gradient([b.value for b in subject.blocks], weights)
    for leaf, g in zip(recording.leaves, found, strict=True):
        off = np.abs(g - as_real(np.conj(grads.get(leaf, np.zeros(leaf.shape, leaf.dtype)))))
        if not np.all(off <= np.finfo(g.dtype).eps ** 0.5 * np.max(np.abs(g), initial=0.0)):
            return False
    return True


def _suspect(reason: str, node: Node, likely: tuple[str, ...] = ()) -> Suspect:
    """A reason with the line to look at: where `node` was made, or a line of that function that cuts a path."""
    place = node.fact("origin") or ""
    name, source = origins.enclosing_function(place)
    line = origins.source_line(place)
    if likely and not any(word in line for word in likely):
        line = next((s.strip() for s in source.splitlines() if any(word in s for word in likely)), line)
    word = next((word for word in likely if word in line), "")
    if word:
        reason += f"; looks like {word.rstrip('(')}{'()' if word.endswith('(') else ''}"
    return Suspect(reason, origins.shorten(place), name, line)


def _changed_values(recording: Recording) -> Iterator[Suspect]:
    """Values that are no longer what their op gives: somebody wrote into an array."""
    for node in recording.order:
        op = op_of(node)
        again = op.kernel(*recording.inputs[node], **node.attrs)
        if not np.array_equal(again, recording.values[node], equal_nan=True):
            yield _suspect(
                f"{RIGHT}a value that {op.name} read or made was changed in place after it was recorded", node
            )
            return


def cuts(subject: Subject, recording: Recording, rng: np.random.Generator) -> Iterator[Suspect]:
    """Find paths that are cut: constants of the graph that change with the inputs, and outputs that are not in it."""
    point = [b.value for b in subject.blocks]
    moved = [(x * (1 + 1e-3 * np.asarray(rng.random(x.shape))) + 1e-4).astype(x.dtype) for x in point]
    other = record(subject, moved)
    if [n.op for n in recording.order] != [n.op for n in other.order]:
        yield Suspect(f"{RIGHT}close by, f records another graph: it branches on values that depend on its inputs")
        return
    for node, twin in zip(recording.order, other.order, strict=True):
        op = op_of(node)
        for k, source in enumerate(node.inputs):
            smooth = np.asarray(recording.inputs[node][k]).dtype.kind in "fc"  # a mask or an index has no slope to lose
            if type(source) is not Node and smooth and _differs(recording.inputs[node][k], other.inputs[twin][k]):
                name = input_name(op, k)
                yield _suspect(
                    f"{RIGHT}a path is cut: {op.name}'s input {name} {np.shape(recording.inputs[node][k])} changes "
                    f"with the inputs of f but is not connected to them",
                    node,
                    CUTS,
                )
    for k, (y, z) in enumerate(zip(recording.outputs, other.outputs, strict=True)):
        loose = not isinstance(y, Tensor) or y.node is None
        if loose and _differs(getattr(y, "_array", y), getattr(z, "_array", z)):
            yield Suspect(f"{RIGHT}output {k} of f depends on the inputs but is not recorded; was it detached?")


def _unconnected_inputs(subject: Subject, recording: Recording, wrong: Container[str]) -> Iterator[Suspect]:
    """Inputs whose gradient is wrong and that the graph does not know."""
    inside = {i for node in recording.order for i in node.inputs if type(i) is Node} | set(recording.roots)
    for block, leaf in zip(subject.blocks, recording.leaves, strict=False):
        if block.name in wrong and leaf not in inside:
            yield Suspect(f"{RIGHT}{block.name} is not connected to the output")


def _differs(a: Any, b: Any) -> bool:
    return np.shape(a) != np.shape(b) or not np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f")


def _hooks(recording: Recording) -> Iterator[Suspect]:
    for node in {*recording.order, *recording.leaves}:
        if node.fact("hooks"):
            yield _suspect(f"{RIGHT}a hook on {node!r} may change the gradient", node)


def random_reasons(subject: Subject) -> list[Suspect]:
    """The first value, in order of computation, that two runs do not share."""
    point = [b.value for b in subject.blocks]
    first, second = record(subject, point), record(subject, point)
    if [n.op for n in first.order] != [n.op for n in second.order]:
        return [Suspect("two runs record different graphs: f branches on something random, or keeps a state")]
    for node, twin in zip(first.order, second.order, strict=True):
        op = op_of(node)
        for k, source in enumerate(node.inputs):
            if type(source) is not Node and _differs(first.inputs[node][k], second.inputs[twin][k]):
                name = input_name(op, k)
                return [_suspect(f"{op.name}'s input {name} differs from run to run", node)]
        if _differs(first.values[node], second.values[twin]):
            return [_suspect(f"{op.name} gives two results for the same inputs", node)]
    for node in reversed(first.order):
        seed = np.ones(node.shape, node.dtype)
        for k, source in enumerate(node.inputs):
            if type(source) is Node:
                once, again = (first.input_gradient(node, k, seed) for _ in range(2))
                if _differs(once, again):
                    return [_suspect(f"the rule of {op_of(node).name}'s input {k} gives two results", node)]
    return []


def infinite_reasons(subject: Subject) -> list[Suspect]:
    """The first op, in order of computation, whose value or slope is not finite though what goes in is."""
    recording = record(subject, [b.value for b in subject.blocks])
    for node in recording.order:
        y = np.asarray(recording.values[node])
        if not np.isfinite(y).all():
            what = f"{op_of(node).name} is the first op that is not finite"
            return [_suspect(f"{what}: {_first_not_finite(y)}", node)]
    for node in reversed(recording.order):
        seed = np.ones(node.shape, node.dtype)
        for k, source in enumerate(node.inputs):
            slope = recording.input_gradient(node, k, seed) if type(source) is Node else None
            if slope is not None and not np.isfinite(slope).all():
                what = f"the rule of {op_of(node).name}'s input {k} is the first that is not finite"
                return [_suspect(f"{what}: {_first_not_finite(np.asarray(slope))}", node)]
    return []


def _first_not_finite(a: Array) -> str:
    """The first element of `a` that is not finite, and its index."""
    index = first_bad(a) or ()
    return f"{a[index]} at {list(index)}"
