"""From a recorded graph to the boxes and arrows of its picture; `draw` is the way in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import GraphError
from ..graph import Absent, Node, Recorded, name_of, topological
from ..op import Op
from ..tensor import Tensor
from . import labels
from .model import Arrow, Box, Kind
from .naming import subscript, unique
from .numbers import Numbers, number
from .view import Direction, GraphView


def draw(tensors: Tensor | Sequence[Tensor], *, name: str = "graph", direction: Direction = "right") -> GraphView:
    """Return the picture of the graph that `tensors`, one or several, were computed by.

    Every operation is shown with its formula, shape, value and, after `backward()`, gradient; every arrow with
    the local derivative. Draw before or after `backward()`: small values stay, and `tg.keep_values()` keeps
    all. A tensor is called by its `name` (unnamed ones by letters and step numbers), a constant by its value.
    `name` titles the picture, `direction` is where the computation flows: "right" or "down".

    The view is a snapshot: later changes of the tensors do not reach it, and the same program gives the same
    text, byte for byte. Raises GraphError for a tensor that is not recorded, ValueError for nothing to draw.

    >>> import tinygraph as tg
    >>> x = tg.tensor(3.0, requires_grad=True, name="x")
    >>> y = x**2 + x
    >>> y.backward()
    >>> print(draw(y).text())
    x        ()  value 3  grad 7  used 2×
    ① v₁ = x²      ()  value 9  grad 1
    ② v₂ = v₁ + x  ()  value 12  grad 1  output
    """
    if direction not in ("right", "down"):
        raise ValueError(f'draw: direction is "right" or "down", got {direction!r}')
    roots = [tensors] if isinstance(tensors, Recorded) else list(tensors)
    if not roots:
        raise ValueError("draw: there is nothing to draw in an empty list; give a Tensor or several")
    nodes = []
    for t in roots:
        if not isinstance(t, Recorded):
            raise TypeError(f"draw: cannot draw {type(t).__name__} {t!r:.60}; give a Tensor or several")
        if t.node is None:
            raise GraphError(
                f"draw: the tensor of shape {t._data.shape} is not recorded, so there is no graph to draw; compute it "
                f"from tensors with requires_grad=True, outside no_grad and without detach"
            )
        nodes.append(t.node)
    return _Snapshot(nodes).view(str(name), direction)


class _Snapshot:
    """The work of one `draw`: everything drawn is a key (a Node, or an untracked input) with a place in `order`."""

    def __init__(self, roots: Sequence[Node]) -> None:
        self.roots = frozenset(roots)
        nodes = topological(roots)
        self.order: list[Any] = []
        self.place: dict[Any, int] = {}
        self.sources: dict[Node, list[int]] = {}
        self.values: dict[Node, Any] = {}
        for node in nodes:
            self.sources[node] = [self._source(x) for x in node.inputs]
            self.place[id(node)] = len(self.order)
            self.order.append(node)
            for source, saved in zip(node.inputs, node.saved or (), strict=False):
                if type(source) is Node and isinstance(saved, np.ndarray | np.generic):
                    self.values[source] = saved
        self.steps = {node: n for n, node in enumerate((n for n in nodes if n.op is not None), 1)}
        self.uses = [0] * len(self.order)
        for sources in self.sources.values():
            for source in sources:
                self.uses[source] += 1
        self.names = self._names()

    def _source(self, x: Any) -> int:
        """Where the input `x` stands. An untracked one is put in place: arrays once, numbers for each use."""
        key: Any = id(x)
        if isinstance(x, Absent) and x.name is not None:  # each reader has its own
            key = (x.name, x.shape, x.dtype)
        if isinstance(x, Node | np.ndarray | Absent) and key in self.place:
            return self.place[key]
        self.place[key] = len(self.order)
        self.order.append(x)
        return self.place[key]

    def _names(self) -> list[str]:
        wanted: list[tuple[str | None, str]] = []
        for x in self.order:
            if type(x) is Node:
                own = x.fact("name")
                letter = "w" if x.op is None else f"v{subscript(self.steps[x])}"
            else:
                own = _name(x)
                letter = number(_constant(x)) if _is_constant(x) else "x"
            wanted.append((None if own is None else str(own), letter))
        free = [k for k, x in enumerate(self.order) if not _is_constant(x)]
        names = [letter for _, letter in wanted]
        for k, name in zip(free, unique([wanted[k] for k in free]), strict=True):
            names[k] = name
        return names

    def view(self, name: str, direction: Direction) -> GraphView:
        """The finished picture."""
        boxes = tuple([self._box(k, x) for k, x in enumerate(self.order)])
        arrows = tuple([a for node in self.sources for a in self._arrows(node)])
        return GraphView(boxes, arrows, name, direction)

    def _box(self, k: int, x: Any) -> Box:
        id, name, uses = f"n{k + 1}", self.names[k], self.uses[k]
        if type(x) is not Node:
            given = x if isinstance(x, Absent) else np.asarray(x)
            shape, dtype = given.shape, str(given.dtype)
            if _is_constant(x):
                return Box(id, "constant", name, shape, dtype, formula=name, uses=uses)
            value = None if isinstance(given, Absent) else Numbers.of(given)
            return Box(id, "input", name, shape, dtype, value=value, uses=uses)
        shape, dtype, origin = x.shape, str(x.dtype), x.fact("origin")
        value, grad = self.values.get(x, x.value), getattr(x, "grad", None)
        if x.op is None:
            handle = x.fact("handle")() if x.fact("handle") is not None else None
            if handle is not None and handle.node is x:
                value = handle._data if value is None else value
                grad = handle.grad._data if handle.grad is not None else None
        facts = {"value": _numbers(value), "grad": _numbers(grad), "uses": uses, "origin": origin}
        if x.op is None:
            return Box(id, "parameter", name, shape, dtype, **facts)
        kind: Kind = "output" if x in self.roots else "operation"
        written = labels.formula(x.op, self._terms(x), x.attrs)
        return Box(id, kind, name, shape, dtype, step=self.steps[x], formula=written, **facts)

    def _terms(self, node: Node) -> list[Any]:
        """The inputs as formulas name them: constants by value."""
        return [_constant(x) if _is_constant(x) else self.names[k] for k, x in self._inputs(node)]

    def _inputs(self, node: Node) -> list[tuple[int, Any]]:
        return [(k, self.order[k]) for k in self.sources[node]]

    def _arrows(self, node: Node) -> list[Arrow]:
        op, target, output = node.op, f"n{self.place[id(node)] + 1}", self.names[self.place[id(node)]]
        if op is None:
            return []
        inputs, terms = self._inputs(node), self._terms(node)
        shapes = [node.shape, *[getattr(x, "shape", ()) for _, x in inputs]]
        arrows = []
        for index, (k, x) in enumerate(inputs):
            shape: tuple[int, ...] = shapes[index + 1]
            if type(node.inputs[index]) is not Node or _has_no_rule(op, index):
                arrows.append(Arrow(f"n{k + 1}", target, shape))
                continue
            local = labels.local(op, index, output=output, inputs=terms, attrs=node.attrs, shapes=shapes)
            summed, adds = labels.summed_axes(local.shape, shape), self.uses[k] > 1
            arrows.append(
                Arrow(
                    f"n{k + 1}", target, shape, local.text(output, self.names[k], adds),
                    partial=f"∂{output}/∂{self.names[k]}", broadcast=local.shape if summed else None, summed=summed,
                    cast=f"{x.dtype} → {node.dtype}" if x.dtype != node.dtype else None,
                    adds=adds,
                )
            )  # fmt: skip
        return arrows


def _has_no_rule(op: Op, index: int) -> bool:
    return op.arity is not None and op.rules[index] is None


def _numbers(value: Any) -> Numbers | None:
    return None if value is None else Numbers.of(value)


def _name(x: Any) -> str | None:
    return x.name if isinstance(x, Absent) else name_of(x)


def _is_constant(x: Any) -> bool:
    """Whether `x` is one unnamed number, which is its own best name."""
    return not isinstance(x, Node | Absent) and np.shape(x) == () and _name(x) is None


def _constant(x: Any) -> Any:
    """The number itself, as Python has it."""
    return x.item() if isinstance(x, np.generic | np.ndarray) else x
