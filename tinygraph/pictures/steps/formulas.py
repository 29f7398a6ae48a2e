"""The lines of a derivation: which values get one, how they were made, and what the rules say of their gradients."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

import numpy as np

from ...engine.node import Node, op_of
from ...engine.symbol import Symbol, derivative
from ..scene import labels
from ..scene.node_boxes import NodeBoxes
from .notation import Text, chain_product, unbroadcast

_LONGEST = 8
"""Operations without a name that may stand in one line."""
_SHORT, _LONG, _RULE = 12, 60, 130
"""Characters of what may be repeated within a formula, and of a rule to write out."""
_SUMMED = "Σ"


@dataclasses.dataclass(frozen=True)
class Line:
    """One equation: `name` is `expression`, a Symbol of earlier names and inputs or a number, of this `shape`.

    `of` is the name of the value whose gradient it is, None in the forward lines. An expression of fewer axes
    stands for its value repeated.
    """

    name: str
    expression: Any
    shape: tuple[int, ...]
    of: str | None = None

    def __str__(self) -> str:
        return f"{self.name} = {Text().write(self.expression)}"


class Deriver:
    """Derives a gradient: `lines` writes a line for each node in `own`, and the other nodes inside these lines."""

    def __init__(self, boxes: NodeBoxes, root: Node, targets: Collection[Node]) -> None:
        self.boxes, self.root = boxes, root
        self.sources: dict[Node, list[Node]] = {}
        """For each node on the way, its inputs on the way: none for those where the derivation ends."""
        for node in boxes.order:
            sources = [x for x in node.inputs if type(x) is Node and x in self.sources]
            if sources or node in targets:
                self.sources[node] = sources
        uses = dict.fromkeys(boxes.order, 0)
        self.read: set[Node] = set()
        """Those whose values the rules on the way read."""
        for node in boxes.nodes:
            op = op_of(node)
            for x in node.inputs:
                if type(x) is Node:
                    uses[x] += 1
            if self.sources.get(node):
                needs = op.needs(tuple([type(x) is Node and x in self.sources for x in node.inputs]))
                self.read |= {x for x, need in zip((node, *node.inputs), needs) if type(x) is Node and need == "value"}
        self.own = {root, *targets}
        self.own |= {n for n in boxes.order if n.op is None or uses[n] != 1 or _is_named(n)}

    def lines(self) -> tuple[Line, ...]:
        """All lines, after as many attempts as it takes to find what cannot stand inside another line."""
        while True:
            before = len(self.own)
            self._write_forward()
            backward = self._backward()
            if len(self.own) == before:
                return (*self._forward(), *backward)

    # ------------------------------------------------------------------------------------------ forward
    def _write_forward(self) -> None:
        """For each node the expression by which others mention it, and `made`, how it was made."""
        self.symbol: dict[Node, Any] = {}
        self.made: dict[Node, Any] = {}
        size: dict[Node, int] = {}
        for node in self.boxes.order:
            name = self.boxes.of[node].name
            if node.op is None:
                self.symbol[node] = Symbol(name, node.shape)
                continue
            size[node] = 1 + sum(size.get(x, 0) for x in node.inputs if type(x) is Node and x not in self.own)
            made = labels.expression(node.op, self._terms(node), node.attrs)
            made._shape = node.shape
            if size[node] > _LONGEST or (node in self.read and node not in self.own and _length(made) > _SHORT):
                self.own.add(node)
            self.made[node] = made
            self.symbol[node] = Symbol(name, node.shape) if node in self.own else made

    def _terms(self, node: Node) -> list[Any]:
        """The inputs of an operation: expressions, names, and numbers for constants."""
        terms: list[Any] = []
        for x, box in zip(node.inputs, self.boxes.sources[node], strict=True):
            if type(x) is Node:
                terms.append(self.symbol[x])
            elif box.kind == "constant":
                terms.append(x.item() if isinstance(x, np.generic | np.ndarray) else x)
            else:
                terms.append(Symbol(box.name, box.shape))
        return terms

    def _forward(self) -> list[Line]:
        """Lines for the values on the way, and for unnamed ones beside it that these mention."""
        lines: list[Line] = []
        mentioned: set[Node] = set()
        for node in reversed(self.boxes.order):
            here = bool(self.sources.get(node))
            unnamed = node in mentioned and not _is_named(node)
            if node.op is not None and (here or unnamed):
                mentioned.update(x for x in node.inputs if type(x) is Node)
                if node in self.own:
                    lines.append(Line(self.boxes.of[node].name, self.made[node], node.shape))
        return lines[::-1]

    # ----------------------------------------------------------------------------------------- backward
    def _gradient_name(self, node: Node) -> str:
        name = self.boxes.of[node].name
        taken = {box.name for box in self.boxes.of.values()}
        return f"d({name})" if f"d{name}" in taken else f"d{name}"

    def _backward(self) -> list[Line]:
        """Lines for the gradients; nodes whose gradients must have lines join `own`, and then all is to be run again.

        That is one that is written with fewer axes than it has, as `dJ/3` is, before a sum or a matrix product; and
        a long one, where it would be repeated.
        """
        lines = []
        parts: dict[Node, list[Any]] = {self.root: [1]}
        for node in self._readers_first():
            total = parts[node][0]
            for part in parts[node][1:]:
                total = Symbol.call(np.add, (total, part))
            if node not in self.own and not self._fits(node, total):
                self.own.add(node)
            g = total
            if node in self.own:
                name, of = self._gradient_name(node), self.boxes.of[node].name
                g = Symbol(name, node.shape)
                if node is not self.root or node.size == 1:
                    lines.append(Line(name, total, node.shape, of))
            for index, x in enumerate(node.inputs):
                if type(x) is Node and x in self.sources:
                    parts.setdefault(x, []).append(self._contribution(node, index, x, g))
        return lines

    def _readers_first(self) -> Iterator[Node]:
        """The nodes on the way, each after all its readers; those where it ends as soon as these are done."""
        left = dict.fromkeys(self.sources, 0)
        for sources in self.sources.values():
            for x in sources:
                left[x] += 1
        for node in reversed(self.boxes.order):
            if not self.sources.get(node) and node is not self.root:
                continue
            yield node
            for x in self.sources.get(node, ()):
                left[x] -= 1
                if not left[x] and not self.sources[x]:
                    yield x

    def _fits(self, node: Node, g: Any) -> bool:
        """Whether the gradient `g` of a node without a line can stand in those of its inputs."""
        op = op_of(node)  # leaves have lines
        sources = self.sources[node]
        if not op.local or any(x.shape != node.shape for x in sources):
            return _shape(g, node.shape) == node.shape and _length(g) <= _SHORT
        return _length(g) <= (_LONG if len(sources) == 1 else _SHORT)

    def _contribution(self, node: Node, index: int, source: Node, g: Any) -> Any:
        """What `source`, an input of `node`, receives of `g`, in its own shape."""
        op = op_of(node)  # leaves pass nothing on
        y, terms = self.symbol[node], self._terms(node)
        shapes = [node.shape, *[getattr(x, "shape", ()) for x in node.inputs]]
        how = derivative(op, index, output=y, inputs=terms, attrs=node.attrs, shapes=shapes, gradient=g)
        if op.local:
            if _is_long(how):
                how = Symbol(f"∂{op.name}", node.shape, partial(_run, op.rule(index), node.attrs), (y, *terms))
            if isinstance(how, int | float):
                raw = g if how == 1 else Symbol.call(np.multiply, (how, g)) if how != -1 else -g
            else:
                raw = Symbol.call(chain_product, (g, how))
            shape = node.shape
        else:
            if _is_long(how):
                how = Symbol(f"vjp[{op.name}]", None, partial(_run, op.rule(index), node.attrs), (g, y, *terms))
            raw, shape = how, _shape(how, source.shape)
        axes = labels.summed_axes(shape, source.shape)
        if not axes:
            return raw
        lead = len(shape) - len(source.shape)
        return Symbol(_SUMMED, None, unbroadcast, (raw,), {"axes": axes, "lead": lead})


def _is_named(node: Node) -> bool:
    return bool((node.fact("name") or "").strip())


def _length(x: Any) -> int:
    return len(Text().write(x))


def _is_long(rule: Any) -> bool:
    """Whether a rule cannot be written, or not so that anyone would read it."""
    return rule is None or _length(rule) > _RULE


def _run(rule: Any, attrs: dict[str, Any], *args: Any) -> Any:
    """A rule that is not written out, called with arrays."""
    return rule(*args, **attrs)


def _shape(x: Any, otherwise: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of an expression; where it is not known, found by computing with zeros."""
    if not isinstance(x, Symbol):
        return np.shape(x)
    if x._shape is None:
        zeros: dict[str, Any] = {}
        stack: list[Any] = [x]
        while stack:
            s = stack.pop()
            if isinstance(s, Symbol) and s.function is None:
                zeros[s.name] = np.zeros(s.shape)
            elif isinstance(s, Symbol):
                stack += [*s.args, *s.kwargs.values()]
            elif type(s) in (list, tuple):
                stack += s
        x._shape = otherwise
        with contextlib.suppress(Exception), np.errstate(all="ignore"):  # a rule may need other values than zeros
            x._shape = np.shape(x.evaluate(zeros))
    return x._shape
