"""`tg.diff`: two graphs laid on each other in one picture, with what differs marked by strokes and tags."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from ..engine.node import Recorded
from ..engine.wording import number_of
from ..errors import GraphError
from ..tensors.tensor import Tensor
from .difference.differences import differences, in_numbers_alone
from .difference.match import Wiring, in_order, match, merge
from .drawing import MOST, draw
from .ink.escape import clean, shorten
from .scene import fold, select
from .scene.parts import Arrow, Box, Group
from .scene.repetitions import Sketch, repetitions, settle
from .scene.row_labels import label_copies, list_operations
from .scene.scene import Scene
from .view import GraphView, view_of

_LONGEST = 12
"""Characters of a graph's name in tags."""
_OF_NUMPY = "; the differences of neighbours in an array are np.diff(t), which is recorded for tensors"


def diff(
    a: GraphView | Tensor | Sequence[Tensor] | Callable[..., Any],
    b: GraphView | Tensor | Sequence[Tensor] | Callable[..., Any] | None = None,
    *inputs: Any,
    context: int | None = None,
) -> GraphView:
    """Return one picture of the graphs `a` and `b`: what both have, what one has, and what differs.

    Each is a view, or what `tg.draw` takes: tensors, or a function or module, which is run on `inputs`. Values are
    matched by structure: the same operation, made of the same and read by the same, and name, whatever its place.
    What one graph has alone is tagged `− only in a` or `+ only in b`, what both have with another shape, dtype,
    setting, name, value or gradient `~ shape (8, 3) → (8, 4)`, each with a stroke of its own. Numbers differ from the
    square root of their dtype's precision on, relative to the largest. The note counts all. Names and formulas are
    those of `b`, where it has the value; steps are numbered anew. What repeats is folded where it differs alike,
    modules in which something differs stay open. `context` leaves out what is farther than so many arrows from any
    difference. Raises as `tg.draw` does, TypeError for inputs that nothing takes, ValueError for a negative context.

    >>> import tinygraph as tg
    >>> view = diff(lambda x: tg.exp(x), lambda x: tg.exp(x + 0.0), 0.5)
    >>> view.note
    'a → b: 2 the same, 2 only in b'
    >>> diff(tg.sin, tg.sin, 0.0).note
    'a and b are the same: 2 values, none differs'
    """
    if context is not None and context < 0:
        raise ValueError(f"diff: context is {context}; give the number of arrows to go, 0 or more")
    if b is None:
        raise TypeError(f"diff: one graph was given, and two are compared; give tg.diff(a, b){_OF_NUMPY}")
    first, second = [_view(graph, inputs) for graph in (a, b)]
    if inputs and not (_is_function(a) or _is_function(b)):
        raise TypeError(
            f"diff: {len(inputs)} inputs were given, and neither graph is a function; give the graphs alone"
        )
    names = (first.name, second.name) if first.name != second.name else ("a", "b")
    return view_of(_Both(first, second, (_short_name(names[0]), _short_name(names[1]))).scene(context))


def _is_function(graph: object) -> bool:
    return callable(graph) and not isinstance(graph, Recorded)


def _view(graph: Any, inputs: tuple[Any, ...]) -> GraphView:
    """The view that was given, or that of the graph."""
    if isinstance(graph, GraphView):
        return graph
    if _is_function(graph):
        return draw(graph, *inputs, level="all")
    tensors = list(graph) if isinstance(graph, Iterable) and not isinstance(graph, Recorded) else [graph]
    for t in tensors:
        if not isinstance(t, Recorded):
            raise TypeError(
                f"diff: cannot compare {type(t).__name__} {t!r:.60}; give two views, functions or recorded tensors"
                f"{_OF_NUMPY}"
            )
        if t.node is None:
            raise GraphError(
                f"diff: the tensor of shape {t._array.shape} is not recorded, so it has no graph to compare; compute "
                f"it from tensors with requires_grad=True, outside no_grad and without detach{_OF_NUMPY}"
            )
    return draw(tensors, level="all")


def _short_name(name: str) -> str:
    return shorten(clean(name), _LONGEST)


class _Both:
    """Two scenes laid on each other."""

    def __init__(self, a: Scene, b: Scene, names: tuple[str, str]) -> None:
        self.a, self.b, self.names = a, b, names
        self.only = (("−", f"only in {names[0]}"), ("+", f"only in {names[1]}"))
        left, right = Wiring(a.boxes, a.arrows), Wiring(b.boxes, b.arrows)
        self.there = match(left, right)
        self.ahead, self.number = merge(left, right, self.there)
        self.wirings = left, right

    def scene(self, context: int | None) -> Scene:
        """The picture."""
        boxes, groups = self._boxes()
        arrows = self._arrows()
        order = self._order(list(boxes))
        ids = {k: f"n{n}" for n, k in enumerate(order, 1)}
        steps = {k: n for n, k in enumerate([k for k in order if boxes[k].made], 1)}
        placed = [boxes[k]._replace(id=ids[k], step=steps.get(k)) for k in order]
        drawn = [arrow._replace(source=ids[s], target=ids[t]) for s, t, arrow in arrows]
        drawn.sort(key=lambda arrow: (int(arrow.target[1:]), arrow.pairs))  # stable: inputs stay in their order
        placed, groups = _group_repetitions(placed, [arrow for arrow in drawn if not arrow.pairs], groups)
        name = f"{self.names[0]} → {self.names[1]}"
        whole = Scene(tuple(placed), tuple(drawn), name, self.b.direction, tuple(groups), note=self._note(placed))
        whole = dataclasses.replace(whole, shut=_closed_groups(whole))
        changed = {box.id for box in placed if box.change}
        changed |= {end for arrow in drawn if arrow.change for end in (arrow.source, arrow.target)}
        if context is None or not changed:
            return whole
        part = select.part(whole, select.near(whole, changed, context), f"within {context} of a difference")
        return dataclasses.replace(part, note=f"{whole.note} | {part.note}")

    def _boxes(self) -> tuple[dict[int, Box], list[Group]]:
        """All boxes by number, and all groups of modules; of a value that both graphs have, the box of `b`."""
        groups, above = _modules(self.b, {}, "b")
        more, above_a = _modules(self.a, {path: id for id, path in _paths(groups).items()}, "a")
        boxes: dict[int, Box] = {}
        for k, box in enumerate(self.a.boxes):
            place = self.there[k]
            if place is None:
                boxes[k] = box._replace(group=above_a.get(box.group), change=self.only[0])
                continue
            other = self.b.boxes[place]
            lines = differences(box, other)
            if self._reads_in_another_order(k, place):
                lines.insert(0, f"{shorten(str(box.formula), 20)} → {shorten(str(other.formula), 20)}")
            change = ("~", *lines) if lines else ()
            boxes[k] = other._replace(group=above.get(other.group), change=change)
        for k, box in enumerate(self.b.boxes):
            if self.number[k] >= len(self.a.boxes):
                boxes[self.number[k]] = box._replace(group=above.get(box.group), change=self.only[1])
        return boxes, groups + more

    def _reads_in_another_order(self, k: int, place: int) -> bool:
        """Whether it reads the same values in another order."""
        left = self.wirings[0].sources[k]
        right = [self.number[s] for s in self.wirings[1].sources[place]]
        return left != right and sorted(left) == sorted(right)

    def _arrows(self) -> list[tuple[int, int, Arrow]]:
        """All arrows with the numbers of their ends; of one that both graphs have, that of `b`."""
        place_a, place_b = ({box.id: k for k, box in enumerate(scene.boxes)} for scene in (self.a, self.b))
        left = [(place_a[x.source], place_a[x.target], x) for x in self.a.arrows]
        right = [(self.number[place_b[x.source]], self.number[place_b[x.target]], x) for x in self.b.arrows]
        known = set(range(len(self.a.boxes))) & set(self.number)
        found = []
        for arrows, others, only in ((right, left, self.only[1]), (left, right, self.only[0])):
            common = Counter([(s, t, x.pairs) for s, t, x in others])
            for s, t, x in arrows:
                if common[s, t, x.pairs] > 0:
                    common[s, t, x.pairs] -= 1
                    if only is self.only[1]:
                        found.append((s, t, x))
                else:  # where an end is in one graph alone, that says it
                    change = only if s in known and t in known else only[:1]
                    found.append((s, t, x._replace(change=change)))
        return found

    def _order(self, places: list[int]) -> list[int]:
        """Sort the boxes as in `b`, with what only `a` has after what it follows there."""
        rank = [(0, 0)] * len(self.ahead)
        for k, place in enumerate(self.number):
            rank[place] = (k, -1)
        last = -1
        for k, there in enumerate(self.there):
            last = last if there is None else there
            if there is None:
                rank[k] = (last, k)
        return in_order(self.ahead, rank, places)

    def _note(self, boxes: Sequence[Box]) -> str:
        signs = Counter([box.change[0] if box.change else "=" for box in boxes])
        a, b = self.names
        if set(signs) == {"="}:
            count = number_of(len(boxes), "value")
            return f"{a} and {b} are the same: {count}, none differs"
        parts = [f"{signs['=']:,} the same"]
        parts += [f"{signs['−']:,} only in {a}"] if signs["−"] else []
        parts += [f"{signs['+']:,} only in {b}"] if signs["+"] else []
        parts += [f"{signs['~']:,} differ{'s' if signs['~'] == 1 else ''}"] if signs["~"] else []
        alone = sum(in_numbers_alone(box) for box in boxes)
        parts[-1] += f" ({alone:,} in numbers alone)" if alone else ""
        return f"{a} → {b}: {', '.join(parts)}"


# -------------------------------------------------------------------------------------- groups


Path = tuple[tuple[str, str] | int, ...]
"""Names and classes of a group and those around it, from outside, and after each its number among equals."""


def _paths(groups: Sequence[Group]) -> dict[str, Path]:
    """What identifies each group: its name and class, those of the groups around it, and its number among equals."""
    around: dict[str | None, Path] = {None: ()}
    paths: dict[str, Path] = {}
    seen: Counter[Path] = Counter()
    for group in groups:  # parents come first
        path = (*around[group.parent], (group.name, group.label))
        seen[path] += 1
        paths[group.id] = around[group.id] = (*path, seen[path])
    return paths


def _modules(scene: Scene, known: dict[Path, str], mark: str) -> tuple[list[Group], dict[str | None, str | None]]:
    """The modules of a scene that are not `known` by their paths, under new ids; for each group what stands for it."""
    above: dict[str | None, str | None] = {None: None}
    modules = []
    for group in scene.groups:
        above[group.id] = f"{mark}{group.id}" if group.kind == "module" else above[group.parent]
        if group.kind == "module":
            modules.append(group._replace(id=f"{mark}{group.id}", parent=above[group.parent]))
    same = {id: known[path] for id, path in _paths(modules).items() if path in known}
    new = [g._replace(parent=same.get(g.parent or "", g.parent)) for g in modules if g.id not in same]
    return new, {id: same.get(there or "", there) for id, there in above.items()}


def _group_repetitions(boxes: list[Box], arrows: list[Arrow], groups: list[Group]) -> tuple[list[Box], list[Group]]:
    """Put what repeats into groups of its own: copies are equal where they differ alike."""
    inhabited = {box.group for box in boxes}
    for group in reversed(groups):
        if group.id in inhabited:
            inhabited.add(group.parent)
    groups = [group for group in groups if group.id in inhabited]
    place = {box.id: k for k, box in enumerate(boxes)}
    inputs: list[list[int]] = [[] for _ in boxes]
    for arrow in arrows:
        inputs[place[arrow.target]].append(place[arrow.source])
    kinds: dict[Hashable, int] = {}
    made = [kinds.setdefault(_likeness(box), len(kinds)) if box.made else None for box in boxes]
    seen = [box.name if box.kind == "constant" else box.shape for box in boxes]
    sketch = Sketch(inputs, made, seen, [box.kind == "parameter" for box in boxes], [box.group for box in boxes])
    groups, entering = repetitions(sketch, groups)
    if groups:
        settled = settle(sketch, groups, entering)
        groups = label_copies(settled, sketch.home, made, lambda places: list_operations([boxes[k].op for k in places]))
    return [box._replace(group=home) for box, home in zip(boxes, sketch.home, strict=True)], groups


def _likeness(box: Box) -> Hashable:
    """A key that is equal for boxes that may be folded as copies: all differences in numbers are alike."""
    return box.op, box.attributes, box.shape, box.dtype, in_numbers_alone(box) or box.change


def _closed_groups(scene: Scene) -> frozenset[str]:
    """The groups to fold: what repeats, and modules in which nothing differs until few boxes are left.

    Where numbers differ all over, modules in which nothing but numbers does are folded too.
    """
    shut = fold.groups_to_close(scene.groups, scene.boxes, "op", (), (), MOST)
    parents = {group.id: group.parent for group in scene.groups}
    modules = {group.id for group in scene.groups if group.kind == "module"}

    def shut_but_around(changed: list[Box]) -> frozenset[str]:
        open_: set[str] = set()
        for box in changed:
            group = box.group
            while group is not None and group not in open_:
                open_.add(group)
                group = parents[group]
        return shut - (open_ & modules)

    every = shut_but_around([box for box in scene.boxes if box.change])
    if len(dataclasses.replace(scene, shut=every).shown.boxes) <= MOST:
        return every
    return shut_but_around([box for box in scene.boxes if box.change and not in_numbers_alone(box)])
