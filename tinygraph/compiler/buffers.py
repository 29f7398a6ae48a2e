"""Memory of a compiled step: which array each result is written into; one serves many results, one after another."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.trees import flatten
from .tape import Instruction, Variable

Kind = tuple[tuple[int, ...], np.dtype[Any]]


def variables(x: Any) -> list[Variable]:
    """The Variables among inputs, attributes or results, also inside containers."""
    return [v for v in flatten(x, records=True) if isinstance(v, Variable)]


def plan(instructions: list[Instruction], results: list[Any]) -> tuple[dict[int, int], list[Kind]]:
    """For each ufunc's array result that stays inside, by id of the Variable, the number of its buffer.

    Also the shape and dtype of every buffer. A buffer is free again after the last use of what it holds, views
    of it included; an elementwise result may take the buffer of an input that ends with it. What the step
    returns, or a view of it, gets no buffer: the next call would overwrite it.
    """
    outside = _ids_of_returned(instructions, results)
    holds: dict[int, frozenset[int]] = {}  # by variable: the buffered results it may look at
    ends: dict[int, int] = {}  # by buffered result: the last instruction that uses it
    for k, i in enumerate(instructions):
        seen: frozenset[int] = frozenset()
        for v in variables((i.inputs, i.attrs)):
            seen |= holds.get(id(v), frozenset())
        ends.update(dict.fromkeys(seen, k))
        if isinstance(i.op.kernel, np.ufunc):
            own = i.output.shape != () and id(i.output) not in outside
            seen = frozenset((id(i.output),)) if own else frozenset()
            if own:
                ends[id(i.output)] = k
        elif i.op.fresh:
            seen = frozenset()
        holds[id(i.output)] = seen
    ending: dict[int, list[int]] = {}
    for result, k in ends.items():
        ending.setdefault(k, []).append(result)
    places: dict[int, int] = {}
    kinds: list[Kind] = []
    free: dict[Kind, list[int]] = {}
    for k, i in enumerate(instructions):
        kernel: Any = i.op.kernel
        in_place = isinstance(kernel, np.ufunc) and kernel.signature is None
        over = [places[r] for r in ending.get(k, ()) if r in places]
        if in_place:
            for place in over:
                free.setdefault(kinds[place], []).append(place)
        if id(i.output) in ends and id(i.output) in holds[id(i.output)]:
            kind = (i.output.shape, i.output.dtype)
            if not free.get(kind):
                kinds.append(kind)
                free.setdefault(kind, []).append(len(kinds) - 1)
            places[id(i.output)] = free[kind].pop()
            if ends[id(i.output)] == k:  # never used
                over.append(places[id(i.output)])
        if not in_place:
            for place in over:
                free.setdefault(kinds[place], []).append(place)
    return places, kinds


def _ids_of_returned(instructions: list[Instruction], results: list[Any]) -> set[int]:
    """Ids of what the step returns and of all that a result may be a view of."""
    outside = {id(v) for v in variables(results)}
    for i in reversed(instructions):
        if id(i.output) in outside and not i.op.fresh:
            outside.update(id(v) for v in variables((i.inputs, i.attrs)))
    return outside
