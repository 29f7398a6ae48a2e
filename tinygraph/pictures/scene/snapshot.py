"""From a recorded graph to the boxes, arrows and groups of its picture."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from ...engine import origins
from ...engine.edges import left_by_backward
from ...engine.mode import Scope
from ...engine.names import name_of
from ...engine.node import Absent, Array, Node
from ...engine.symbol import Symbol
from ..ink.numbers import Numbers, number
from . import labels, repetitions, row_labels
from .naming import subscript, unique
from .order import program_order
from .parts import Arrow, Box, Group, Phase
from .patterns import FEW, STAND_INS, Input, Pattern, Reading, dtype_text, pattern
from .scene import Direction, Scene

MOST_NUMBERS = 300
"""Operations up to which local derivatives come with their numbers."""


class Snapshot:
    """A look at the graph behind `roots`, of which `scene` makes what is drawn.

    Everything drawn is a key (a Node, or an untracked input) with a place in `order`.

    `grads` are gradients of leaves that their tensors do not hold, `variables` names of values by node or by id of
    an untracked array, `data` the leaves that are given rather than learned, `phases` the sweeps that made nodes.
    """

    def __init__(
        self,
        roots: Sequence[Node],
        *,
        grads: Mapping[Node, Array] | None = None,
        variables: Mapping[Node | int, str] | None = None,
        data: Sequence[Node] = (),
        phases: Mapping[Node, Phase] | None = None,
    ) -> None:
        self.roots, self.data, self.phases = frozenset(roots), frozenset(data), phases or {}
        self.grads, self.variables = grads or {}, variables or {}
        nodes = program_order(roots)
        self.order: list[Any] = []
        self.numbers: list[tuple[Any, ...]] = []
        """By place: an unnamed number, which is its own best name, alone in a tuple; () for all else."""
        self.inputs: list[list[int]] = []
        """By place: the places of what it was made from."""
        self.place: dict[Hashable, int] = {}
        self.values: dict[Node, Any] = {}
        self.lines: dict[str, str | None] = {}
        for node in nodes:
            sources = [self.place[id(x)] if type(x) is Node else self._source(x) for x in node.inputs]
            self._put(id(node), node, sources)
            for source, saved in zip(node.inputs, node.saved or (), strict=False):
                if type(source) is Node and isinstance(saved, np.ndarray | np.generic):
                    self.values[source] = saved
        self.uses = [0] * len(self.order)
        for sources in self.inputs:
            for source in sources:
                self.uses[source] += 1
        self.steps = {node: n for n, node in enumerate((n for n in nodes if n.op is not None), 1)}
        self.assigned = self._assigned_names(nodes)
        self.names = self._names()

    def _source(self, x: Any) -> int:
        """Where the untracked input `x` is put: arrays once, numbers for each use."""
        key: Hashable = id(x)
        if isinstance(x, Absent) and x.name is not None:  # each reader has its own
            key = (x.name, x.shape, x.dtype)
        if isinstance(x, np.ndarray | Absent) and key in self.place:
            return self.place[key]
        return self._put(key, x, [])

    def _put(self, key: Hashable, x: Any, inputs: list[int]) -> int:
        place = self.place[key] = len(self.order)
        self.order.append(x)
        self.inputs.append(inputs)
        self.numbers.append(() if type(x) is Node else _number(x))
        return place

    def _names(self) -> list[str]:
        wanted: list[tuple[str | None, str]] = []
        named: list[int] = []
        names = [number(x[0]) if x else "" for x in self.numbers]
        for k, x in enumerate(self.order):
            if self.numbers[k]:
                continue
            if type(x) is Node:
                own, letter = self._own_name(x), "w" if x.op is None else f"v{subscript(self.steps[x])}"
            else:
                own, letter = _name(x) or self.variables.get(id(x)), "x"
            wanted.append((None if own is None else str(own), letter))
            named.append(k)
        for k, name in zip(named, unique(wanted), strict=True):
            names[k] = name
        return names

    def _own_name(self, node: Node) -> str | None:
        """The name given, the path in the module, the variable, or the one that got the value where it was made."""
        if node.meta is not None:
            name, path = node.meta.get("name"), node.meta.get("path")
            if path is not None and (name is None or path.rpartition(".")[2] == name):
                return str(path)
            if name is not None:
                return str(name)
        return self.variables.get(node) or (self.assigned.get(node) if node.op is not None else None)

    def _assigned_names(self, nodes: Sequence[Node]) -> dict[Node, str]:
        """The variable that got each value where it was made; of several values in one assignment the last has it.

        The variable that gets the picture, or what is made of it, is not one of them.
        """
        picture = (origins.assigned_name(), origins.place())
        found = {n: (n.meta["assigned"], n.fact("origin")) for n in nodes if n.meta and n.meta.get("assigned")}
        found = {node: variable for node, variable in found.items() if variable != picture}
        for node in nodes:
            for source in node.inputs:
                if type(source) is Node and source in found and found[source] == found.get(node):
                    del found[source]
        return {node: name for node, (name, _) in found.items()}

    def scene(self, name: str, direction: Direction, repeat: bool = True) -> Scene:
        """The finished scene, with nothing folded; equal sub-graphs in a row are grouped if `repeat`."""
        groups = self._groups()
        looks = self._patterns()
        sketch, entering, found = self._sketch(looks), set[int](), list(groups.values())
        if repeat:
            found, entering = repetitions.repetitions(sketch, found)
        if found:
            settled = repetitions.settle(sketch, found, entering)
            found = row_labels.label_copies(settled, sketch.home, looks, self._describe)
        boxes, arrows, called = [], [], self.names.__getitem__
        for k, (x, look, home) in enumerate(zip(self.order, looks, sketch.home, strict=True)):
            if look is None:
                boxes.append(self._box_of_source(k, x, home))
                continue
            letters = dict(zip(_LETTERS, map(called, dict.fromkeys((k, *self.inputs[k])))))
            boxes.append(self._box_of_operation(k, x, look, home, letters))
            arrows += self._arrows(k, look, letters)
        return Scene(tuple(boxes), tuple(arrows), name, direction, tuple(found))

    def _groups(self) -> dict[Scope, Group]:
        """A group for each module call that operations belong to, outer ones first."""
        self.group: dict[Node, str] = {}
        groups: dict[Scope, Group] = {}
        for node in self.order:
            innermost = node.meta.get("scope") if type(node) is Node and node.meta is not None else None
            scope, chain = innermost, []
            while scope is not None and scope not in groups:
                chain.append(scope)
                scope = scope.parent
            for scope in reversed(chain):
                parent = groups[scope.parent].id if scope.parent is not None else None
                id = f"g{len(groups) + 1}"
                groups[scope] = Group(id=id, kind="module", name=scope.path, label=scope.kind, parent=parent)
            if innermost is not None:
                self.group[node] = groups[innermost].id
        return groups

    def _describe(self, places: Sequence[int]) -> str:
        """What the last of these operations makes of what the others get, in one line if that is short."""
        made: dict[int, Symbol] = {}
        for k in places:
            terms = [
                self.numbers[s][0] if self.numbers[s]
                else made[s] if s in made and self.uses[s] == 1
                else Symbol(self.names[s], self.order[s].shape)
                for s in self.inputs[k]
            ]  # fmt: skip
            made[k] = labels.expression(self.order[k].op, terms, self.order[k].attrs)
        [last] = map(str, list(made.values())[-1:])
        return (
            last
            if len(last) <= row_labels.LONGEST
            else row_labels.list_operations([self.order[k].op.name for k in places])
        )

    def _patterns(self) -> list[Pattern | None]:
        """What is written of each operation, by place; those that differ in names alone share it."""
        kinds: dict[Hashable, int] = {}
        codes = [
            kinds.setdefault((x.shape, x.dtype, type(x) is Node, uses > 1), len(kinds))
            if not number
            else kinds.setdefault((_dtype(x), repr(number[0])), len(kinds))
            for x, uses, number in zip(self.order, self.uses, self.numbers, strict=True)
        ]
        known: dict[Hashable, Pattern] = {}
        found: list[Pattern | None] = []
        for k, node in enumerate(self.order):
            if type(node) is not Node or node.op is None:
                found.append(None)
                continue
            inputs, attrs = self.inputs[k], node.attrs
            distinct = {s: n for n, s in enumerate(dict.fromkeys(inputs), 1)}
            key: Hashable = None
            if len(distinct) < len(STAND_INS):
                settings = tuple([(name, type(v), v) for name, v in attrs.items()])
                key = (node.op, codes[k], settings, *[(codes[s], distinct[s]) for s in inputs])
            try:
                look = known.get(key) if key is not None else None
            except TypeError:  # a setting that cannot be a key, such as an array
                look = key = None
            if look is None:
                letters = {s: STAND_INS[n] for s, n in distinct.items()} if key is not None else {}
                terms = [self.numbers[s][0] if self.numbers[s] else letters.get(s, self.names[s]) for s in inputs]
                output = STAND_INS[0] if key is not None else self.names[k]
                look = pattern(node.op, attrs, node.shape, node.dtype, list(map(self._input_at, inputs)), terms, output)
                if key is not None:
                    known[key] = look
            found.append(look)
        return found

    def _input_at(self, place: int) -> Input:
        """What is at a place, as the operations that read it see it."""
        x, number = self.order[place], self.numbers[place]
        if number:
            return Input((), _dtype(x), False, False, number)
        return Input(x.shape, x.dtype, type(x) is Node, self.uses[place] > 1, number)

    def _sketch(self, looks: Sequence[Pattern | None]) -> repetitions.Sketch:
        kinds: dict[Hashable, int] = {}
        made = [
            None if look is None else kinds.setdefault((look.op, look.attributes, look.shape, look.dtype), len(kinds))
            for look in looks
        ]
        seen = [name if number else x.shape for x, name, number in zip(self.order, self.names, self.numbers)]
        learned = [type(x) is Node and x.op is None and x not in self.data for x in self.order]
        home = [self.group.get(x) if type(x) is Node else None for x in self.order]
        return repetitions.Sketch(self.inputs, made, seen, learned, home)

    def _local(self, look: Reading, values: Mapping[str, Array]) -> str:
        """The value of a local derivative, where it is a few numbers in a row that its formula does not tell."""
        try:
            with np.errstate(all="ignore"):
                value = look.factor.evaluate(values)
        except KeyError:  # a value that is not kept
            return ""
        if np.size(value) == 1:
            return number(np.asarray(value).item())
        lines = Numbers.of(value).lines() if np.size(value) <= FEW else []
        return lines[0] if len(lines) == 1 else ""

    def _box_of_source(self, k: int, x: Any, home: str | None) -> Box:
        id, name, uses = f"n{k + 1}", self.names[k], self.uses[k]
        if self.numbers[k]:
            dtype = dtype_text(_dtype(x))
            return Box(id=id, kind="constant", name=name, shape=(), dtype=dtype, formula=name, uses=uses, group=home)
        shape, dtype = x.shape, dtype_text(x.dtype)
        if type(x) is not Node:
            value = None if isinstance(x, Absent) else Numbers.of(x)
            return Box(id=id, kind="input", name=name, shape=shape, dtype=dtype, value=value, uses=uses)
        value, grad, phase = self.values.get(x, x.value), left_by_backward(x), self.phases.get(x, "forward")
        handle = x.fact("handle")() if x.fact("handle") is not None else None
        if handle is not None and handle.node is x:
            value = handle._array if value is None else value
            grad = handle.grad._array if handle.grad is not None else None
        return Box(
            id=id,
            kind="input" if x in self.data else "parameter",
            name=name,
            shape=shape,
            dtype=dtype,
            value=_numbers(value),
            grad=_numbers(self.grads.get(x, grad)),
            uses=uses,
            origin=self._origin(x.fact("origin")),
            group=home,
            phase=phase,
        )

    def _box_of_operation(self, k: int, x: Node, look: Pattern, home: str | None, letters: dict[int, str]) -> Box:
        places = (k, *self.inputs[k])
        saves = tuple(dict.fromkeys([self.names[places[n]] for n in look.saves])) if look.saves else ()
        return Box(
            id=f"n{k + 1}",
            kind="output" if x in self.roots else "operation",
            name=self.names[k],
            shape=look.shape,
            dtype=look.dtype,
            step=self.steps[x],
            formula=look.formula.translate(letters),
            value=_numbers(self.values.get(x, x.value)),
            grad=_numbers(left_by_backward(x)),
            uses=self.uses[k],
            origin=self._origin(x.meta.get("origin") if x.meta else None),
            op=look.op,
            attributes=look.attributes,
            saves=saves,
            group=home,
            phase=self.phases.get(x, "forward"),
        )

    def _arrows(self, k: int, look: Pattern, letters: dict[int, str]) -> list[Arrow]:
        target, name, arrows = f"n{k + 1}", self.names[k], []
        values: dict[str, Array] | None = None
        for s, reading in zip(self.inputs[k], look.readings, strict=True):
            source, local = f"n{s + 1}", ""
            if reading.derivative is None:
                arrows.append(Arrow(source, target, reading.shape))
                continue
            if reading.factor is not None and len(self.steps) <= MOST_NUMBERS:
                values = self._values_by_letter(k, letters) if values is None else values
                local = self._local(reading, values)
            arrows.append(
                Arrow(
                    source=source,
                    target=target,
                    shape=reading.shape,
                    derivative=reading.derivative.translate(letters),
                    partial=f"∂{name}/∂{self.names[s]}",
                    broadcast=reading.broadcast,
                    summed=reading.summed,
                    cast=reading.cast,
                    adds=reading.adds,
                    local=local,
                )
            )
        return arrows

    def _values_by_letter(self, k: int, letters: Mapping[int, str]) -> dict[str, Array]:
        """The values of an operation's inputs and output, by the letters in its texts."""
        values = {}
        for letter, s in zip(letters, dict.fromkeys((k, *self.inputs[k])), strict=True):
            x = self.order[s]
            value = self.values.get(x, x.value) if type(x) is Node else x
            if type(x) is Node and x.op is None and value is None:
                handle = x.fact("handle")() if x.fact("handle") is not None else None
                value = handle._array if handle is not None and handle.node is x else None
            if value is not None and not isinstance(x, Absent):
                values[chr(letter)] = value
        return values

    def _origin(self, place: str | None) -> str | None:
        """`file:line` as people read it."""
        if place is None:
            return None
        if place not in self.lines:
            self.lines[place] = origins.shorten(place) or None
        return self.lines[place]


_LETTERS = [ord(letter) for letter in STAND_INS]


def _numbers(value: Array | None) -> Numbers | None:
    return None if value is None else Numbers.of(value)


def _name(x: Any) -> str | None:
    return x.name if isinstance(x, Absent) else name_of(x)


def _number(x: Any) -> tuple[Any, ...]:
    """An unnamed number as Python has it, in a tuple; else ()."""
    if type(x) in (float, int):
        return (x,)
    if isinstance(x, Node | Absent) or np.shape(x) != () or _name(x) is not None:
        return ()
    return (x.item(),) if isinstance(x, np.generic | np.ndarray) else (x,)


def _dtype(x: Any) -> np.dtype[Any]:
    return np.asarray(x).dtype
