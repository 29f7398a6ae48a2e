"""The layers of a recorded graph: which nodes are linear maps by a parameter, and what follows from which."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ... import graph
from ...graph import Node
from ...tensor import Tensor

_REARRANGING = frozenset(
    ["transpose", "swapaxes", "moveaxis", "reshape", "squeeze", "expand_dims", "broadcast_to", "astype", "positive"]
)
_SUMS = frozenset(["add", "subtract", "negative"])
_SCALINGS = frozenset(["multiply", "divide"])


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One application of a linear map. `axis` is the axis of the units in its output; `rows` has one row a unit.

    `gradients` holds the gradient of each row. `rows` and `gradients` are None where the weight is no matrix.
    """

    name: str
    node: Node
    data: Node | None
    axis: int | None
    rows: Any
    gradients: Any
    inputs: int


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """A nonlinearity applied to what `layer` computes (None: to something else); `axis` is that of its units."""

    op: str
    node: Node
    source: Node
    layer: Layer | None
    axis: int | None

    def by_unit(self, values: Any) -> Any:
        """`values` of this node's shape as (samples, units)."""
        if values.ndim < 2:
            return values.reshape(-1, 1)
        if self.axis is None:  # every place counts as a unit
            return values.reshape(len(values), -1)
        return np.moveaxis(values, self.axis, -1).reshape(-1, values.shape[self.axis])

    @property
    def name(self) -> str:
        """The layer it belongs to."""
        return self.layer.name if self.layer else self.op


class Structure:
    """The graph of one loss after backward: parameters by name, layers and activations in the order of forward."""

    def __init__(self, root: Node, gradients: dict[Node, Any], named: dict[str, Tensor] | None, here: str) -> None:
        self.root, self.gradients, self.here = root, gradients, here
        self.order = graph.topological([root])
        self.parameters = _leaves(self.order) if named is None else named
        self.paths = {t.node: name for name, t in self.parameters.items() if t.node is not None}
        self.layers: list[Layer] = []
        self.activations: list[Activation] = []
        self._owner: dict[Node, tuple[Layer, int | None]] = {}
        self._readers: dict[Node, set[Node]] = {node: set() for node in self.order}
        for node in self.order:
            for source in node.inputs if node.op is not None else ():
                if type(source) is Node:
                    self._readers[source].add(node)
            if node.op is not None:
                self._place(node)
        self._before = self._lead_to_layers()

    def gradient_of(self, t: Tensor) -> Any:
        """The gradient of a parameter, or None if none reaches it."""
        return None if t.node is None else self.gradients.get(t.node)

    def gradient_at(self, node: Node) -> Any:
        """The gradient that arrived at a node, None before backward."""
        return self.gradients.get(node) if node.op is None else getattr(node, "grad", None)

    def hidden(self, node: Node) -> bool:
        """Whether another layer reads what this node computes."""
        return node in self._before

    def line(self, node: Node) -> str:
        """Where the node was recorded, if outside tinygraph and not by the call of diagnose itself."""
        origin = node.fact("origin")
        return "" if origin in (None, "<unknown>", self.here) else str(origin)

    def name(self, node: Node) -> str:
        """The name of the layer that the node belongs to."""
        return self._owner[node][0].name if node in self._owner else ""

    def straight_from(self, layer: Layer) -> set[Layer] | None:
        """The layers from which the data of `layer` follows by linear steps alone.

        None if anything else takes part, or reads a value on the way, as in a residual network: then the maps
        cannot be made one.
        """
        found: set[Layer] = set()
        inside = {layer.node}
        stack = [layer.data]
        while stack:
            node = stack.pop()
            if node is None or node.op is None:
                if node not in self.paths:
                    return None
                continue
            inside.add(node)
            if node in self._owner and self._owner[node][0].node is node:
                found.add(self._owner[node][0])
            elif node.op.name in _REARRANGING or node.op.name in _SUMS or _scales(node):
                stack += [i for i in node.inputs if type(i) is Node]
            else:
                return None
        shared = any(self._readers[node] - inside for node in inside if node is not layer.node)
        return None if shared else found

    def _place(self, node: Node) -> None:
        """Note whether `node` is a layer or an activation, and to which layer it belongs."""
        layer = self._as_layer(node)
        if layer is not None:
            self.layers.append(layer)
            self._owner[node] = layer, layer.axis
            return
        owners = [(self._owner[i], i) for i in node.inputs if type(i) is Node and i in self._owner]
        if owners:
            (owner, axis), source = owners[-1]
            same = node.op is not None and node.op.kind == "elementwise" and node.shape == source.shape
            self._owner[node] = owner, axis if same else None
        kind = _activation(node)
        sources = [i for i in node.inputs if type(i) is Node]
        if kind and sources:
            layer, axis = self._owner.get(node, (None, None))
            self.activations.append(Activation(kind, node, sources[0], layer, axis))

    def _as_layer(self, node: Node) -> Layer | None:
        op: Any = node.op
        if op.name not in ("affine", "matmul"):
            return None
        positions = (1,) if op.name == "affine" else (1, 0)
        for position in positions:
            path = self._weight(node.inputs[position])
            if path is not None:
                break
        else:
            return None
        operand = node.inputs[position]
        value, gradient = np.asarray(node.saved[position]), self.gradient_at(operand)  # type: ignore[index]
        across = op.name == "matmul" and position == 1  # the operand's columns are the units
        rows = gradients = axis = None
        if value.ndim == 2 and len(node.shape) >= 2:
            axis = len(node.shape) - (1 if position == 1 else 2)
            rows = value.T if across else value
            if gradient is not None:
                gradients = gradient.T if across else gradient
        data = node.inputs[1 - position]
        inputs = max(value.size // (len(rows) if rows is not None else 1), 1)
        return Layer(layer_of(path), node, data if type(data) is Node else None, axis, rows, gradients, inputs)

    def _weight(self, operand: Any) -> str | None:
        """The path of the parameter that `operand` is, possibly rearranged."""
        while type(operand) is Node and operand.op is not None and operand.op.name in _REARRANGING:
            operand = operand.inputs[0]
        return self.paths.get(operand) if type(operand) is Node else None

    def _lead_to_layers(self) -> set[Node]:
        read = {layer.node: layer.data for layer in self.layers}
        found: set[Node] = set()
        for node in reversed(self.order):
            if node in found and node not in read:
                found.update(i for i in node.inputs if type(i) is Node)
            data = read.get(node)
            if data is not None:
                found.add(data)
        return found


def layer_of(path: str) -> str:
    """The layer that a parameter belongs to: the module for its weight and bias, else the parameter itself.

    >>> layer_of("layers.0.weight"), layer_of("attention.W1")
    ('layers.0', 'attention.W1')
    """
    module, _, field = path.rpartition(".")
    return module if module and field in ("weight", "bias") else path


def _leaves(order: list[Node]) -> dict[str, Tensor]:
    """The parameters of a graph that nobody named: its leaves, by their names where they have one."""
    named: dict[str, Tensor] = {}
    for node in order:
        handle = node.fact("handle")() if node.op is None else None
        if handle is not None:
            name = node.fact("name")
            named[name if name and name not in named else f"parameter {len(named)}"] = handle
    return named


def _scales(node: Node) -> bool:
    """Whether a node multiplies by one constant number; an array could be a mask made from the data."""
    op: Any = node.op
    constants = [i for i in node.inputs if type(i) is not Node]
    return op.name in _SCALINGS and len(constants) == 1 and np.size(constants[0]) == 1


def _activation(node: Node) -> str:
    """Which of the judged nonlinearities a node is, or ""."""
    op: Any = node.op
    if op.name in ("relu", "sigmoid", "tanh"):
        return str(op.name)
    constants = [i for i in node.inputs if type(i) is not Node]
    is_relu = op.name == "maximum" and len(constants) == 1 and np.size(constants[0]) == 1
    return "relu" if is_relu and float(np.asarray(constants[0]).item()) == 0.0 else ""
