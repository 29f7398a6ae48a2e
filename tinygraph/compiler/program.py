"""A traced step as a program: what it reads, computes and leaves outside, and the containers its results come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..engine.trees import find_held, flatten, map_leaves
from ..engine.views import origin
from ..errors import TraceError
from ..tensors.tensor import Tensor
from ..tensors.writing import replace
from .emit import emit
from .perform import perform, tensor_on
from .tape import StepTape, Variable

_OUTPUT = object()
"""Stands for a Tensor in the nest that a step returns."""


class TracedProgram:
    """A step written as straight-line NumPy, its `source`, and the tensors from outside that it works on.

    `layout` is what the step returned, with `_OUTPUT` in place of its Tensors.
    """

    def __init__(self, name: str, tape: StepTape, arguments: list[Variable], outputs: list[Any], layout: Any) -> None:
        alive: list[tuple[Variable, Any]] = [(v, v.handle() if v.handle is not None else None) for v in tape.read]
        self.read = [handle for _, handle in alive if handle is not None]
        read = [v for v, handle in alive if handle is not None]
        self.types = [(v.shape, v.dtype) for v in read]
        assigned: list[tuple[Any, Variable]] = [(ref(), v) for ref, v in tape.assigned.values()]
        trained: list[tuple[Any, Variable]] = [(ref(), v) for ref, v in tape.gradients.values()]
        assigned = [(handle, v) for handle, v in assigned if handle is not None]
        trained = [(handle, v) for handle, v in trained if handle is not None and handle.grad is not None]
        self.assigned, self.trained = [h for h, _ in assigned], [h for h, _ in trained]
        self.guards, self.layout = tape.guards, layout
        results = [*outputs, *[v for _, v in assigned], *[v for _, v in trained]]
        self.run, self.source = emit(name, tape, arguments, read, results)

    def valid(self) -> bool:
        """Whether what was constant while tracing still is what it was."""
        for handle, kind in zip(self.read, self.types, strict=True):
            if (handle._array.shape, handle._array.dtype) != kind:
                return False
        return all(facts() == value for facts, value in self.guards)

    def replay(self, arrays: list[Any]) -> Any:
        """Run the program on the arguments' arrays, then make its lasting changes; what the step returns."""
        values: Iterator[Any] = iter(self.run(*arrays, *[handle._array for handle in self.read]))
        result = map_leaves(self.layout, lambda x: tensor_on(next(values)) if x is _OUTPUT else x, records=True)
        for handle in self.assigned:
            value = next(values)
            if origin(handle) is None:  # a view follows what it is a view of
                replace(handle, value)
        for handle in self.trained:
            handle._grad = tensor_on(next(values))
        return result


def trace(step: Callable[..., Any], args: tuple[Any, ...]) -> tuple[TracedProgram, Any]:
    """Run `step` once and write it down: its program, and what it returned."""
    tape = StepTape()
    name = getattr(step, "__name__", "step")
    arguments, result = perform(step, args, tape)
    outputs = []
    for leaf in flatten(result, records=True):
        if isinstance(leaf, Tensor):
            outputs.append(tape.ref(leaf))
        else:
            _check_constant(name, leaf, tape)
    layout = map_leaves(result, lambda x: _OUTPUT if isinstance(x, Tensor) else x, records=True)
    shown = map_leaves(result, lambda x: x.detach() if isinstance(x, Tensor) else x, records=True)
    del result, leaf  # what the step made for itself dies here, what lives on is from outside
    return TracedProgram(name if name.isidentifier() else "step", tape, arguments, outputs, layout), shown


def _check_constant(name: str, leaf: Any, tape: StepTape) -> None:
    """Raise TraceError if something that a step returned would be that of the first run for ever."""
    kind = type(leaf).__name__
    if isinstance(leaf, Iterator):
        raise TraceError(f"compile: {name} returned {kind}, which gives its items only once; return a list of them")
    if any(tape.computes(x) for x in find_held(leaf, Tensor)):
        raise TraceError(
            f"compile: {name} returned {kind}, whose tensors a replay cannot replace; make it a dataclass, or return "
            f"its tensors in a list, tuple, dict or dataclass"
        )
