"""Rehearsing a step without lasting changes: what it differentiates, and whether its program does the same."""

from __future__ import annotations

import ast
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..engine.mode import switch
from ..engine.node import Recorded
from ..engine.op import Op
from ..engine.origins import place
from ..engine.reasons import first_where
from ..engine.replayable import Deviation
from ..engine.trees import children, flatten, map_leaves
from ..random import Draws
from .perform import argument, array_of, arrays_of, perform
from .tape import StepTape


class Rehearsal(StepTape):
    """A tape that notes what backward is called on, and afterwards undoes what the step changed.

    Operations are written down, with their lines, only if `written`: it takes most of the time.
    """

    tracks_arguments = True

    def __init__(self, written: bool = False) -> None:
        super().__init__()
        self.written = written
        self.roots: list[Any] = []
        self.places: dict[str, str] = {}
        self._values: dict[int, tuple[Any, Any, Any]] = {}
        self._gradients: dict[int, tuple[Any, Any]] = {}
        self._changed: list[weakref.ref[Any]] = []
        self._trained: list[weakref.ref[Any]] = []

    def __enter__(self) -> Rehearsal:
        self._mode = switch(grad=True)
        self._mode.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._mode.__exit__(*error)
        for handle, data, node in self._values.values():
            handle._array, handle.node = data, node
        for handle, before in self._gradients.values():
            handle._grad = before
        kept = [handle for handle, *_ in (*self._values.values(), *self._gradients.values())]
        self._changed = [weakref.ref(handle) for handle in kept]
        self._values, self._gradients = {}, {}  # what the step made for itself dies

    def changed_handles(self) -> list[Any]:
        """The handles that were given another value or gradient, of those that live on after the step."""
        return list(dict.fromkeys(handle for ref in self._changed if (handle := ref()) is not None))

    def trained_handles(self) -> list[Any]:
        """The handles that backward left a gradient in."""
        return list(dict.fromkeys(handle for ref in self._trained if (handle := ref()) is not None))

    def root(self, output: Any) -> None:
        """Note that backward is called on `output`."""
        self.roots.append(output)

    def expand(self, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        """As a tape does, if operations are written down."""
        return super().expand(op, inputs, attrs) if self.written else None

    def record(self, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], out: Recorded) -> None:
        """Write down one application and its line."""
        if not self.written:
            return
        count = len(self.instructions)
        super().record(op, inputs, attrs, out)
        if len(self.instructions) > count:
            self.places[self.instructions[-1].output.name] = place()

    def assign(self, target: Any, new: Any) -> None:
        """Keep the value of `target` from before the step."""
        self._values.setdefault(id(target), (target, target._array, target.node))
        if self.written:
            super().assign(target, new)

    def forget(self, handle: Any) -> None:
        """Keep the gradient of `handle` from before the step."""
        self._gradients.setdefault(id(handle), (handle, handle.grad))

    def gradient(self, handle: Any, g: Any, before: Any) -> None:
        """Keep the gradient of `handle` from before the step."""
        self._gradients.setdefault(id(handle), (handle, before))
        self._trained.append(weakref.ref(handle))
        if self.written:
            super().gradient(handle, g, before)

    def values(self) -> dict[str, Any]:
        """The arrays of all variables by name."""
        return {self._variables[id(array)].name: array for array in self._alive}


def deviation(
    step: Callable[..., Any], compiled: Callable[..., Any], program: Callable[[], Any], args: tuple[Any, ...]
) -> Deviation | None:
    """Run `step` by itself and `compiled` from the same values, and compare all that they return and leave behind."""
    draws = Draws()
    with Rehearsal(written=True) as tape, draws:
        perform(step, args, tape)
    handles = tape.changed_handles()
    given = tuple(
        [map_leaves(x, partial(_as_argument, children(x, records=True) is not None), records=True) for x in args]
    )
    with draws:
        eager = _outcome(step, given, handles)
    with draws:
        _outcome(compiled, given, handles)  # traced now, if it was not
    with draws:
        replayed = _outcome(compiled, given, handles)
    for (what, a), (_, b) in zip(eager, replayed, strict=True):
        if not _are_equal(a, b):
            with draws:
                where = _statement(program(), tape, arrays_of(args))
            facts = np.shape(a), str(getattr(a, "dtype", type(a).__name__))
            if a is None or b is None or a.shape != b.shape or a.dtype != b.dtype:
                return Deviation(what, *facts, (), np.nan, np.nan, *where)
            element = first_where((a != b) & ~(np.isnan(a) & np.isnan(b))) or ()
            return Deviation(what, *facts, element, float(a[element]), float(b[element]), *where)
    return None


def _as_argument(nested: bool, x: Any) -> Any:
    array = array_of(x, nested)
    return x if array is None else argument(array)


def _outcome(run: Callable[..., Any], args: tuple[Any, ...], handles: list[Any]) -> list[tuple[str, Any]]:
    """Copies of what `run(*args)` returns and leaves in `handles`, which then get back what they held."""
    before = [(h, h._array, np.array(h._array), h.node, h.grad) for h in handles]
    found: list[tuple[str, Any]] = []

    try:
        outputs = [x for x in flatten(run(*args), records=True) if isinstance(x, Recorded)]
        found += [(f"output {k}", np.array(x._array)) for k, x in enumerate(outputs)]
        names = [h.name or f"tensor {k}" for k, h in enumerate(handles)]
        for name, h in zip(names, handles, strict=True):
            found.append((f"the gradient of {name}", None if h.grad is None else np.array(h.grad._array)))
        found += [(f"the value of {name}", np.array(h._array)) for name, h in zip(names, handles, strict=True)]
    finally:
        for h, data, copy, node, grad in before:
            if isinstance(data, np.ndarray) and not _are_equal(data, copy):
                data[...] = copy  # an optimizer may work in place
            h._array, h.node, h._grad = data, node, grad
    return found


def _are_equal(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    same = a.shape == b.shape and a.dtype == b.dtype
    return same and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))


def _statement(program: Any, tape: Rehearsal, arrays: list[Any]) -> tuple[str, str, str]:
    """Op, origin and text of the first statement of a program that gives another value than the rehearsal had."""
    function: Any = ast.parse(program.source).body[0]
    names = [parameter.arg for parameter in function.args.args]
    space = {**program.run.__globals__}
    space.update(zip(names, [*arrays, *[handle._array for handle in program.read]], strict=True))
    expected = tape.values()
    ops = {i.output.name: i.op.name for i in tape.instructions}
    for statement in function.body[:-1]:
        module = ast.Module([statement], type_ignores=[])
        exec(compile(module, "<program>", "exec"), space)  # the program's own source
        lines: list[Any] = statement.body if isinstance(statement, ast.With) else [statement]
        for line in lines:
            name = line.targets[0].id
            if name not in expected or not _are_equal(np.asarray(space[name]), np.asarray(expected[name])):
                return ops.get(name, name), tape.places.get(name, ""), ast.unparse(line)
    return "", "", ""
