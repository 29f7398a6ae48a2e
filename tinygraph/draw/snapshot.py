"""From a recorded graph to the boxes, arrows and groups of its picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import places
from ..graph import Absent, Node, Scope, checksum, name_of
from ..op import Op
from ..walk import left_by_backward
from . import fold, labels
from .model import Arrow, Box, Group, Kind, Phase
from .naming import subscript, unique
from .numbers import Numbers, number
from .order import program_order
from .view import Direction, GraphView

_STAND_INS = [chr(0x10400 + k) for k in range(8)]
"""Letters that no name has: labels are written with them once, and with the names of each place afterwards."""


class Snapshot:
    """The work of one `draw`: everything drawn is a key (a Node, or an untracked input) with a place in `order`.

    `grads` are gradients of leaves that their tensors do not hold, `variables` names of values by node or by id of
    an untracked array, `data` the leaves that are given rather than learned, `phases` the sweeps that made nodes.
    """

    def __init__(
        self,
        roots: Sequence[Node],
        *,
        grads: Mapping[Node, Any] | None = None,
        variables: Mapping[Any, str] | None = None,
        data: Sequence[Node] = (),
        phases: Mapping[Node, Phase] | None = None,
    ) -> None:
        self.roots, self.data, self.phases = frozenset(roots), frozenset(data), phases or {}
        self.grads, self.variables = grads or {}, variables or {}
        self.written: dict[Any, Any] = {}
        nodes = program_order(roots)
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
        self.assigned = self._assigned(nodes)
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
                own = self._own_name(x)
                letter = "w" if x.op is None else f"v{subscript(self.steps[x])}"
            else:
                own = _name(x) or self.variables.get(id(x))
                letter = number(_constant(x)) if _is_constant(x) else "x"
            wanted.append((None if own is None else str(own), letter))
        free = [k for k, x in enumerate(self.order) if not _is_constant(x)]
        names = [letter for _, letter in wanted]
        for k, name in zip(free, unique([wanted[k] for k in free]), strict=True):
            names[k] = name
        return names

    def _own_name(self, node: Node) -> str | None:
        """The name given, the path in the module, the variable, or the one that got the value where it was made."""
        name, path = node.fact("name"), node.fact("path")
        if path is not None and (name is None or path.rpartition(".")[2] == name):
            return str(path)
        if name is not None:
            return str(name)
        return self.variables.get(node) or (self.assigned.get(node) if node.op is not None else None)

    def _assigned(self, nodes: Sequence[Node]) -> dict[Node, str]:
        """Variables that got a value where it was made. All in one call knows its variable: the last counts.

        The variable that gets the picture, or what is made of it, is not one of them.
        """
        picture = (places.assigned(), places.place())
        found = {node: (node.fact("assigned"), node.fact("origin")) for node in nodes if node.fact("assigned")}
        found = {node: variable for node, variable in found.items() if variable != picture}
        for node in nodes:
            for source in node.inputs:
                if type(source) is Node and source in found and found[source] == found.get(node):
                    del found[source]
        return {node: name for node, (name, _) in found.items()}

    def view(self, name: str, direction: Direction, repeat: bool = True) -> GraphView:
        """The finished picture, with nothing folded; equal sub-graphs in a row are grouped if `repeat`."""
        groups = self._groups()
        boxes = [self._box(k, x) for k, x in enumerate(self.order)]
        arrows = [a for node in self.sources for a in self._arrows(node)]
        found, entering = list(groups.values()), set[str]()
        if repeat:
            boxes, found, entering = fold.repetitions(boxes, arrows, found)
        if found:
            boxes, found = fold.settled(boxes, arrows, found, entering)
        return GraphView(tuple(boxes), tuple(arrows), name, direction, tuple(found))

    def _groups(self) -> dict[Scope, Group]:
        """A group for each module call that operations belong to, outer ones first."""
        self.group: dict[Node, str] = {}
        groups: dict[Scope, Group] = {}
        for node in self.sources:
            scope, chain = node.fact("scope"), []
            while scope is not None and scope not in groups:
                chain.append(scope)
                scope = scope.parent
            for scope in reversed(chain):
                parent = groups[scope.parent].id if scope.parent is not None else None
                groups[scope] = Group(f"g{len(groups) + 1}", "module", scope.path, scope.kind, parent)
            if node.fact("scope") is not None:
                self.group[node] = groups[node.fact("scope")].id
        return groups

    def _box(self, k: int, x: Any) -> Box:
        id, name, uses = f"n{k + 1}", self.names[k], self.uses[k]
        if type(x) is not Node:
            given = x if isinstance(x, Absent) else np.asarray(x)
            shape, dtype = given.shape, str(given.dtype)
            if _is_constant(x):
                return Box(id, "constant", name, shape, dtype, formula=name, uses=uses)
            value = None if isinstance(given, Absent) else Numbers.of(given)
            return Box(id, "input", name, shape, dtype, value=value, uses=uses)
        shape, dtype, origin = x.shape, str(x.dtype), places.origin(x) or None
        value, grad = self.values.get(x, x.value), left_by_backward(x)
        if x.op is None:
            handle = x.fact("handle")() if x.fact("handle") is not None else None
            if handle is not None and handle.node is x:
                value = handle._data if value is None else value
                grad = handle.grad._data if handle.grad is not None else None
            grad = self.grads.get(x, grad)
        facts: dict[str, Any] = {
            "value": _numbers(value),
            "grad": _numbers(grad),
            "uses": uses,
            "origin": origin,
            "phase": self.phases.get(x, "forward"),
        }
        if x.op is None:
            return Box(id, "input" if x in self.data else "parameter", name, shape, dtype, **facts)
        kind: Kind = "output" if x in self.roots else "operation"
        return Box(
            id, kind, name, shape, dtype, step=self.steps[x], formula=self._formula(x), op=x.op.name,
            attributes=_attributes(x.attrs), saves=self._saves(x), group=self.group.get(x), **facts,
        )  # fmt: skip

    def _formula(self, node: Node) -> str:
        op: Any = node.op
        written = self._written(node, "formula", lambda y, terms: (labels.formula(op, terms, node.attrs),))
        return str(written[0])

    def _written(self, node: Node, what: Any, write: Callable[[str, list[Any]], tuple[Any, ...]]) -> tuple[Any, ...]:
        """What `write` makes of the output's name and the terms: once for all nodes that differ in names alone."""
        output, terms = self.names[self.place[id(node)]], self._terms(node)
        names = list(dict.fromkeys(t for t in terms if isinstance(t, str)))  # one letter for a value that is read twice
        if len(names) >= len(_STAND_INS):
            return write(output, terms)
        letters = dict(zip(names, _STAND_INS[1:], strict=False))
        stand_ins = [letters[t] if isinstance(t, str) else t for t in terms]
        shapes = tuple([getattr(x, "shape", ()) for _, x in self._inputs(node)])
        key = (node.op, what, *stand_ins, *map(type, terms), node.shape, shapes, *node.attrs.items())
        try:
            texts = self.written.get(key)
        except TypeError:  # an attribute that cannot be a key, such as an array
            return write(output, terms)
        if texts is None:
            texts = self.written[key] = write(_STAND_INS[0], stand_ins)
        back = {ord(_STAND_INS[0]): output, **{ord(letter): name for name, letter in letters.items()}}
        return tuple([t.translate(back) if isinstance(t, str) else t for t in texts])

    def _saves(self, node: Node) -> tuple[str, ...]:
        """Names of what the rules of `node` read."""
        op: Any = node.op
        reads = op.needs(tuple([type(i) is Node for i in node.inputs]))
        places = [self.place[id(node)], *self.sources[node]]
        names = [self.names[k] for k, use in zip(places, reads, strict=False) if use == "value"]
        given = [k for k in places if _is_constant(self.order[k])]
        return tuple(dict.fromkeys(n for n in names if n not in {self.names[k] for k in given}))

    def _terms(self, node: Node) -> list[Any]:
        """The inputs as formulas name them: constants by value."""
        return [_constant(x) if _is_constant(x) else self.names[k] for k, x in self._inputs(node)]

    def _inputs(self, node: Node) -> list[tuple[int, Any]]:
        return [(k, self.order[k]) for k in self.sources[node]]

    def _arrows(self, node: Node) -> list[Arrow]:
        op, target = node.op, f"n{self.place[id(node)] + 1}"
        if op is None:
            return []
        inputs = self._inputs(node)
        shapes = [node.shape, *[getattr(x, "shape", ()) for _, x in inputs]]
        arrows = []
        for index, (k, x) in enumerate(inputs):
            shape: tuple[int, ...] = shapes[index + 1]
            if type(node.inputs[index]) is not Node or _has_no_rule(op, index):
                arrows.append(Arrow(f"n{k + 1}", target, shape))
                continue
            adds = self.uses[k] > 1
            derivative, partial, before = self._label(node, index, shapes, adds)
            summed = labels.summed_axes(before, shape)
            arrows.append(
                Arrow(
                    f"n{k + 1}", target, shape, derivative, partial=partial, broadcast=before if summed else None,
                    summed=summed, cast=f"{x.dtype} → {node.dtype}" if x.dtype != node.dtype else None, adds=adds,
                )
            )  # fmt: skip
        return arrows

    def _label(self, node: Node, index: int, shapes: Sequence[Any], adds: bool) -> tuple[Any, ...]:
        """On the arrow of one input: the local derivative, its short form, and the gradient's shape before a sum."""
        op: Any = node.op

        def write(y: str, terms: list[Any]) -> tuple[Any, ...]:
            local = labels.local(op, index, output=y, inputs=terms, attrs=node.attrs, shapes=shapes)
            return local.text(y, terms[index], adds), f"∂{y}/∂{terms[index]}", local.shape

        return self._written(node, (index, adds), write)


def _attributes(attrs: Mapping[str, Any]) -> str:
    """
    >>> _attributes({"axis": 0, "keepdims": True})
    'axis=0, keepdims=True'
    """
    return ", ".join(f"{k}={_digest(v)}" for k, v in attrs.items())


def _digest(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array of {value.dtype} {value.shape} #{checksum(value):08x}"
    return f"({', '.join(map(_digest, value))})" if isinstance(value, tuple) else str(value)


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
