"""The layers of a recorded graph: which nodes are linear maps by a parameter, and what follows from which."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ...engine.edges import values_of
from ...engine.node import Array, Node, op_of, topological
from ...tensors.tensor import Tensor
from ..facts import contraction, ends_of, is_bounded, linear_in, rearranges


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One application of a linear map. `axis` is the axis of the units in its output; `rows` has one row a unit.

    `gradients` holds the gradient of each row. `rows` and `gradients` are None where the weight is no matrix.
    """

    name: str
    node: Node
    data: Node | None
    axis: int | None
    rows: Array | None
    gradients: Array | None
    inputs: int


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """A nonlinearity applied to what `layer` computes (None: to something else); `axis` is that of its units.

    `op` is what it is called, and `low` and `high` are the ends of its range at which it is flat, infinite where there
    is none: both are there in a sigmoid, one in a relu.
    """

    op: str
    node: Node
    source: Node
    layer: Layer | None
    axis: int | None
    low: float
    high: float

    @property
    def one_sided(self) -> bool:
        """Whether it is flat on one side only, as a relu is."""
        return not is_bounded((self.low, self.high))

    def at_an_end(self) -> Array:
        """Which values lie at an end of the range or beyond; shape (samples, units)."""
        y = self.by_unit(self.node.value)
        return (y <= self.low) | (y >= self.high)

    def steepness(self) -> Array:
        """By value, 0 at the ends of the range and 1 in the middle, as the slope of a sigmoid; (samples, units)."""
        part = (self.by_unit(self.node.value) - self.low) / (self.high - self.low)
        return 4 * part * (1 - part)

    def by_unit(self, values: Array) -> Array:
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

    def __init__(self, root: Node, gradients: dict[Node, Array], named: dict[str, Tensor] | None, here: str) -> None:
        self.root, self.gradients, self.here = root, gradients, here
        self.order = topological([root])
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

    def gradient_of(self, t: Tensor) -> Array | None:
        """The gradient of a parameter, or None if none reaches it."""
        return None if t.node is None else self.gradients.get(t.node)

    def gradient_at(self, node: Node) -> Array | None:
        """The gradient that arrived at a node, None before backward."""
        return self.gradients.get(node) if node.op is None else getattr(node, "grad", None)

    def is_hidden(self, node: Node) -> bool:
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
            elif rearranges(node.op) or _is_line(node):
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
        found = _activation(node)
        if found is not None:
            layer, axis = self._owner.get(node, (None, None))
            name, source, low, high = found
            self.activations.append(
                Activation(op=name, node=node, source=source, layer=layer, axis=axis, low=low, high=high)
            )

    def _as_layer(self, node: Node) -> Layer | None:
        op = op_of(node)
        for position in reversed(range(op.arity or 0)):  # of two parameters, the last is the weight
            product, path = contraction(op, position), self._weight(node.inputs[position])
            if product is not None and path is not None:
                break
        else:
            return None
        operand = node.inputs[position]
        value, gradient = np.asarray(node.saved[position]), self.gradient_at(operand)  # type: ignore[index]
        rows = gradients = axis = None
        if value.ndim == 2 and len(node.shape) >= 2:
            axis = len(node.shape) + product.axis
            rows = value.T if product.unit == 1 else value
            if gradient is not None:
                gradients = gradient.T if product.unit == 1 else gradient
        data = node.inputs[product.partner]
        inputs = max(value.size // (len(rows) if rows is not None else 1), 1)
        return Layer(
            name=layer_of(path), node=node, data=data if type(data) is Node else None, axis=axis, rows=rows,
            gradients=gradients, inputs=inputs,
        )  # fmt: skip

    def _weight(self, operand: Any) -> str | None:
        """The path of the parameter that `operand` is, possibly rearranged."""
        while type(operand) is Node and operand.op is not None and rearranges(operand.op):
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


def _is_line(node: Node) -> bool:
    """Whether a node is a sum of its tracked inputs, times constant numbers; an array could be a mask of the data."""
    op = op_of(node)
    if not op.local:
        return False
    tracked = [k for k, x in enumerate(node.inputs) if type(x) is Node]
    if all(not callable(op.rule(k)) and linear_in(op, k) for k in tracked):
        return True
    constants = [x for x in node.inputs if type(x) is not Node]
    return len(tracked) == 1 and linear_in(op, tracked[0]) and all(np.size(x) == 1 for x in constants)


def _activation(node: Node) -> tuple[str, Node, float, float] | None:
    """What a node is called if it is one of the judged nonlinearities, its source, and the ends of its range."""
    op = op_of(node)
    tracked = [x for x in node.inputs if type(x) is Node]
    constants = [x for x in node.inputs if type(x) is not Node]
    if not op.local or len(tracked) != 1 or any(np.size(x) != 1 for x in constants):
        return None
    ends, name = ends_of(node, values_of(node)), op.name
    if op.extremum is not None and constants:  # such as np.maximum(x, 0)
        limit = float(np.asarray(constants[0]).item())
        ends = (limit, np.inf) if op.extremum == "maximum" else (-np.inf, limit)
        name = "relu" if ends == (0, np.inf) else name
    elif ends is None or not (is_bounded(ends) or op.kinks):
        return None
    return name, tracked[0], float(ends[0]), float(ends[1])
