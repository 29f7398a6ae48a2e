"""One node for a whole computation: a rule of its own that gives the gradients of all inputs together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Container, Sequence
from typing import Any

import numpy as np

from ..engine.declare import define
from ..engine.mode import current, tracing
from ..engine.node import Node, clock, wrap
from ..engine.op import Function, Op
from ..engine.trees import map_leaves
from ..tensors.tensor import Tensor


class Joint:
    """A computation that the graph shows as one node. Subclasses say what it computes and its gradients."""

    def output(self, xs: tuple[Any, ...]) -> Any:
        """The value for the input arrays `xs`."""
        raise NotImplementedError(f"output: {type(self).__name__} does not say what it computes")

    def gradients(self, g: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
        """One gradient per input; recorded if `g` is a Tensor."""
        raise NotImplementedError(f"gradients: {type(self).__name__} has no rule")

    def gradients_in_one(self, g: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
        """The gradients; in a compiled step cut out of one result, so that a replay computes them all at once."""
        if not (isinstance(g, Tensor) and tracing() and not current().grad):
            return self.gradients(g, y, xs)
        return parts_of(_packed_gradients(g, y, *xs, joint=self), [np.shape(x) for x in xs])


def node_of(name: str) -> Function:
    """The function that records a Joint, `function(*inputs, joint=...)`, as a node called `name`."""
    return define(
        Op(
            "primitive",
            lambda *xs, joint: None if any(isinstance(x, Tensor) for x in xs) else joint.output(xs),
            (lambda g, y, *xs, joint: joint.gradients_in_one(g, y, xs),),
            name=name,
            conjugates=True,
            whole=True,
        )
    ).function


def parts_of(flat: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """The arrays of these `shapes` whose elements the vector `flat` holds one after another."""
    ends = [*itertools.accumulate(map(math.prod, shapes), initial=0)]
    return [np.reshape(flat[a:b], shape) for a, b, shape in zip(ends, ends[1:], shapes, strict=False)]


def _flat_gradients(g: Any, y: Any, *xs: Any, joint: Joint) -> Any:
    """The gradients of all inputs of `joint` one after another, in one vector."""
    gradients = [np.broadcast_to(c, np.shape(x)) for c, x in zip(joint.gradients(g, y, xs), xs, strict=True)]
    return np.concatenate([np.reshape(c, -1) for c in gradients])


_packed_gradients = define(
    Op(
        "primitive",
        lambda *values, joint: _flat_gradients(*values, joint=joint),
        (None,),
        name="gradients",
        fresh=True,
    )
).function
"""The gradients of a Joint one after another, as an operation of a compiled step."""


def recorded_positions(leaves: Sequence[Any]) -> list[int]:
    """The positions of recorded tensors among `leaves`."""
    return [k for k, x in enumerate(leaves) if isinstance(x, Tensor) and x.node is not None]


def with_leaves(tree: Any, leaves: dict[int, Any]) -> Any:
    """`tree` with the `leaves` given by position; of a Tensor at any other position, its array."""
    count = itertools.count()

    def leaf_at(x: Any) -> Any:
        k = next(count)
        return leaves[k] if k in leaves else x._array if isinstance(x, Tensor) else x

    return map_leaves(tree, leaf_at)


def tick() -> int:
    """The present moment: what is recorded from now on is no older."""
    clock.now += 1
    return clock.now


def outer_tensors(root: Node, ends: Container[Node | None], start: int) -> list[Tensor]:
    """Tensors older than `start` that went into `root` otherwise than through `ends`: what f closes over."""
    found: list[Tensor] = []
    seen: set[Node] = {root}
    stack = [root]
    while stack:
        node = stack.pop()
        if node in ends:
            continue
        if node.epoch < start:
            handle = node.fact("handle")() if node.op is None else None
            if handle is None or handle.node is not node:  # nobody reads its value
                handle = wrap(Tensor, np.broadcast_to(np.zeros((), node.dtype), node.shape), node)
            found.append(handle)
            continue
        fresh = [i for i in node.inputs if type(i) is Node and i not in seen]
        seen.update(fresh)
        stack.extend(fresh)
    return found
