"""Tracing: one run of a step on Tensors, written down as a straight line of instructions."""

from __future__ import annotations

import dataclasses
import keyword
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.mode import Tape
from ..engine.node import Recorded
from ..engine.op import Op
from ..engine.origins import place
from ..engine.trees import flatten, map_leaves
from ..errors import TraceError


class Variable:
    """A value of the program: an argument, a tensor from outside, or an instruction's result.

    A tensor from outside has a `handle`, held weakly while tracing: one that the step made for itself is
    gone when the step returns, and its `value` is then a constant of the program.
    """

    __slots__ = ("name", "shape", "dtype", "value", "handle")

    def __init__(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.name, self.shape, self.dtype = name, shape, dtype
        self.value: Any = None
        self.handle: weakref.ref[Any] | None = None


@dataclasses.dataclass(eq=False, slots=True)
class Instruction:
    """`output = op(*inputs, **attrs)`. Inputs are Variables or constants; attrs may hold Variables too."""

    op: Op
    inputs: tuple[Any, ...]
    attrs: dict[str, Any]
    output: Variable
    phase: str
    errors: dict[str, str]


class StepTape(Tape):
    """What a traced step did: instructions in order, values read from outside, and lasting changes.

    A value is known by its array: every result is an array object of its own, kept alive by the tape, so
    the same object is the same value, whichever handle carries it.
    """

    tracks_arguments = False
    """Whether arguments that are tracked stay so, rather than being constants of the gradient."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.read: list[Variable] = []
        self.assigned: dict[int, tuple[weakref.ref[Any], Variable]] = {}
        self.gradients: dict[int, tuple[weakref.ref[Any], Variable]] = {}
        self.guards: list[tuple[Callable[[], Any], Any]] = []
        self.phase = "forward"
        self._variables: dict[int, Variable] = {}
        self._alive: list[Any] = []
        self._expanding: set[Op] = set()
        self._names: dict[str, int] = {"np": 1}  # taken in the source
        self._errors: dict[str, Any] = {**np.geterr()}

    # ------------------------------------------------------------------- called by the recording side
    def expand(self, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        """The result of a kernel composed of NumPy functions, recorded step by step; None for an atom."""
        if op.kind == "linear" or isinstance(op.kernel, np.ufunc) or op in self._expanding or not op.differentiable:
            return None
        self._expanding.add(op)
        try:
            return op.kernel(*inputs, **attrs)
        finally:
            self._expanding.discard(op)

    def record(self, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], out: Recorded) -> None:
        """Write down one application, unless it merely passed its input on."""
        refs = tuple(self.ref(x) for x in inputs)
        if any(isinstance(x, Recorded) and x._array is out._array for x in inputs):
            return
        attrs = map_leaves(attrs, self.ref, records=True)
        if op.mask is not None and any(_is_mask(i) for i in flatten(attrs[op.mask], records=True)):
            raise TraceError(
                f"compile: a mask computed in the step selects elements at {place()}; their number is not known "
                f"when the step is replayed; use tg.where(mask, x, 0)"
            )
        if type(out._array) is np.bool_:  # True and False are single objects: give this one an identity
            out._array = np.asarray(out._array)
        errors = {k: str(v) for k, v in np.geterr().items() if v != self._errors[k]}
        output = self._new(f"t{len(self.instructions) + 1}", out._array)
        self.instructions.append(Instruction(op, refs, attrs, output, self.phase, errors))

    def assign(self, target: Recorded, new: Recorded) -> None:
        """Note that `target`, which may outlive the step, is given the value of `new`."""
        self.assigned[id(target)] = (weakref.ref(target), self.ref(new))

    def gradient(self, handle: Recorded, g: Recorded, before: Recorded | None) -> None:
        """Note that backward leaves `g` in `handle.grad`, where `before` was."""
        if before is not None and any(v.handle is not None and v.handle() is before for v in self.read):
            raise TraceError(
                "compile: backward adds to a gradient left from before the step; "
                "call zero_grad() at the start of the step"
            )
        variable = self.ref(g)
        variable.name = self.unique(f"d_{self.ref(handle).name}")
        self.gradients[id(handle)] = (weakref.ref(handle), variable)

    def root(self, output: Recorded) -> None:
        """Note that backward is called on `output`."""

    def forget(self, handle: Recorded) -> None:
        """Note that the gradient of `handle` is about to be replaced by hand."""

    def guard(self, facts: Callable[[], Any]) -> None:
        """Note that the trace holds only as long as `facts()` stays what it is now."""
        self.guards.append((facts, facts()))

    # ---------------------------------------------------------------------------------------- naming
    def argument(self, name: str, handle: Recorded) -> Variable:
        """Declare an argument of the step."""
        return self._new(name, handle._array)

    def ref(self, x: Any) -> Any:
        """The Variable that carries a Tensor's value; anything else is a constant and itself."""
        if not isinstance(x, Recorded):
            return x
        known = self._variables.get(id(x._array))
        if known is None:  # made outside: read again at each call, as its handle may have a new value by then
            known = self._new(self._name_of(x), x._array)
            known.value, known.handle = x._array, weakref.ref(x)
            self.read.append(known)
        return known

    def computes(self, x: Recorded) -> bool:
        """Whether `x` is an argument or a result, with another value at each call, that no later call writes into."""
        known = self._variables.get(id(x._array))
        return known is not None and known.handle is None and id(x) not in self.assigned

    def _new(self, name: str, array: Any) -> Variable:
        variable = Variable(self.unique(name), array.shape, array.dtype)
        self._variables[id(array)] = variable
        self._alive.append(array)
        return variable

    def _name_of(self, handle: Any) -> str:
        return handle.name or "v"

    def unique(self, name: str) -> str:
        """`name`, with a number where it is taken already."""
        name = "".join(c if c.isalnum() else "_" for c in name)
        name = name if name.isidentifier() and not keyword.iskeyword(name) else f"v{name}"
        count = self._names[name] = self._names.get(name, 0) + 1
        return name if count == 1 else self.unique(f"{name}_{count}")


def _is_mask(i: Any) -> bool:
    return isinstance(i, Variable) and i.dtype == np.bool_
