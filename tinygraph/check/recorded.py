"""f recorded once with every value and line: the nodes behind its outputs, and the values they had."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..engine.mode import switch
from ..engine.node import Absent, Array, Node, topological
from ..engine.rules import cast, fit
from ..errors import GraphError
from ..tensors.tensor import Tensor
from .subject import Subject, input_gradient


class Recording:
    """The graph behind `roots`: `order` has inputs before outputs, `inputs` the values each node was made from."""

    def __init__(self, roots: Sequence[Node], outputs: Sequence[Any] = (), leaves: Sequence[Node] = ()) -> None:
        self.roots, self.outputs, self.leaves = list(roots), list(outputs), list(leaves)
        self.order = [node for node in topological(self.roots) if node.op is not None]
        self.inputs: dict[Node, tuple[Any, ...]] = {}
        self.values: dict[Node, Array] = {}
        for node in topological(self.roots):
            self._note(node)

    def _note(self, node: Node) -> None:
        """Find the value of `node` and of its inputs: kept, held by a handle, or computed again."""
        if node.op is None:
            handle = node.fact("handle")()
            if handle is not None:
                self.values[node] = handle._array
            return
        if node.saved is None:
            raise GraphError(
                f"check_gradients: the graph through {node!r} was already used and freed; "
                f"call backward(retain_graph=True), or give the function instead of its result"
            )
        kept = node.fact("values") or node.saved
        found = []
        for value, source in zip(kept, node.inputs, strict=True):
            if type(value) is Node:
                value = self.values.get(value)
            elif type(source) is Node:
                self.values.setdefault(source, value)
            if (value is None and type(source) is Node) or type(value) is Absent:
                raise GraphError(
                    f"check_gradients: an input of {node!r} is gone; record under tg.keep_values(), "
                    f"or give the function instead of its result"
                )
            found.append(value)
        self.inputs[node] = tuple(found)
        value = node.value
        self.values[node] = node.op.kernel(*found, **node.attrs) if value is None else value

    def input_gradient(self, node: Node, position: int, g: Array) -> Array | None:
        """What the rule of one input of a node makes of `g`, the gradient of its output; None without a rule."""
        return input_gradient(node, position, g, self.values[node], self.inputs[node])

    def gradients(self, seeds: Iterable[tuple[Node, Array]]) -> dict[Node, Array]:
        """The gradient of the sum of `<seed, root>` with respect to every node, by one plain sweep."""
        found: dict[Node, Array] = {}
        for root, seed in seeds:
            found[root] = found.get(root, 0) + np.asarray(seed, root.dtype)
        for node in reversed(self.order):
            if node not in found:
                continue
            for k, source in enumerate(node.inputs):
                c = self.input_gradient(node, k, found[node]) if type(source) is Node else None
                if c is not None:
                    c = cast(fit(np.asarray(c), source.shape), source.dtype)
                    found[source] = found.get(source, 0) + c
        return found


def record(subject: Subject, point: Sequence[Array]) -> Recording:
    """f of `subject` recorded at `point`, with the line of every node."""
    with switch(keep=True, origins=True):
        outputs, leaves = subject.run(point, recorded=True)
    roots = [y.node for y in outputs if isinstance(y, Tensor) and y.node is not None]
    return Recording(roots, outputs, leaves)
