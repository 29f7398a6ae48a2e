"""Compiling a training step: trace it once, replay straight-line NumPy source from then on."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

from ..tensor import Tensor
from .emit import emit
from .perform import array_of, nest, perform, untracked
from .rehearsal import Deviation, Rehearsal, deviation
from .tape import StepTape, Variable

__all__ = ["CompiledStep", "compile"]


class CompiledStep:
    """A step that is traced at its first call for each shape and dtype of its arguments, then replayed.

    `source` is the Python source of the latest trace, `traces` how many there are.
    """

    def __init__(self, step: Callable[..., Any]) -> None:
        functools.update_wrapper(self, step)
        self.step = step
        self.source = ""
        self._traces: dict[Any, tuple[_Trace, Any]] = {}
        self._lock = threading.Lock()

    @property
    def traces(self) -> int:
        """How many traces are kept."""
        return len(self._traces)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(self.step).bind(*args, **kwargs) if kwargs else None
        if bound is not None:
            bound.apply_defaults()
            args, kwargs = bound.args, bound.kwargs
        if kwargs:
            name = self.step.__name__
            raise TypeError(f"compile: {name} takes keyword-only arguments {sorted(kwargs)}; make them positional")
        arrays = [array_of(x) for x in args]
        key = _key(args)
        with self._lock:
            try:
                known = self._traces.get(key)
            except TypeError:
                raise TypeError(
                    f"compile: an argument of {self.step.__name__} is neither array nor hashable: "
                    f"{[type(x).__name__ for x in args]}; pass arrays, Tensors, numbers or strings"
                ) from None
            if known is not None and known[0].valid():
                values = known[0].replay([a for a in arrays if a is not None])
                return nest(known[1], lambda x: untracked(values[x.position]) if isinstance(x, _Slot) else x)
            trace, layout, result = _trace(self.step, args, arrays)
            self._traces[key] = trace, layout
            self.source = trace.source
            return result

    # ------------------------------------------------------- what check_gradients asks; nothing of it lasts
    def losses(self, *args: Any) -> list[Tensor]:
        """What the step calls `backward` on, recorded; parameters, gradients and optimizers stay as they are."""
        with Rehearsal() as tape:
            perform(self.step, args, [array_of(x) for x in args], tape)
        return tape.roots

    def trained(self, *args: Any) -> list[Tensor]:
        """The tensors in whose `grad` the step leaves a gradient."""
        with Rehearsal() as tape:
            perform(self.step, args, [array_of(x) for x in args], tape)
        return tape.trained()

    def deviation(self, *args: Any) -> Deviation | None:
        """Where a replay leaves something else than the step itself, bit for bit; None if it does not."""
        return deviation(self.step, self, lambda: self._traces[_key(args)][0], args)

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.step, '__name__', 'step')}, {self.traces} traces>"


def compile(step: Callable[..., Any]) -> CompiledStep:
    """`step`, run as straight-line NumPy from its second call on, with the same results bit for bit.

    The step may compute, call `backward()`, update parameters through an optimizer or `+=`, and return
    tensors. Its first call runs as usual and is traced: every operation of forward, backward and update is
    written into one Python function with preallocated arrays, kept in `.source`. Arguments that are arrays
    or Tensors are the function's arguments; others (numbers, strings) are constants, and a new value, like a
    new shape or dtype, is traced anew. Tensors from outside (parameters) are read at each call.

    Raises TraceError when the step asks for a traced value, as in `if loss > 1`: use `tg.where`.

    >>> import numpy as np, tinygraph as tg
    >>> w = tg.tensor(2.0, requires_grad=True, name="w")
    >>> descent = tg.optim.SGD([w], lr=0.01)
    >>> @tg.compile
    ... def step(x):
    ...     loss = (w * x) ** 2
    ...     descent.zero_grad()
    ...     loss.backward()
    ...     descent.step()
    ...     return loss
    >>> step(np.array(3.0)).item(), round(step(np.array(3.0)).item(), 4), step.traces
    (36.0, 24.2064, 1)
    """
    return CompiledStep(step)


def _key(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a trace is good for: shapes and dtypes of arrays, and constants."""
    return tuple([x if (a := array_of(x)) is None else (a.shape, a.dtype) for x in args])


class _Trace:
    """A traced step ready to be replayed."""

    def __init__(self, name: str, tape: StepTape, arguments: list[Variable], outputs: list[Any]) -> None:
        alive: list[tuple[Variable, Any]] = [(v, v.handle() if v.handle is not None else None) for v in tape.read]
        self.read = [handle for _, handle in alive if handle is not None]
        read = [v for v, handle in alive if handle is not None]
        self.types = [(v.shape, v.dtype) for v in read]
        assigned: list[tuple[Any, Variable]] = [(ref(), v) for ref, v in tape.assigned.values()]
        trained: list[tuple[Any, Variable]] = [(ref(), v) for ref, v in tape.gradients.values()]
        assigned = [(handle, v) for handle, v in assigned if handle is not None]
        trained = [(handle, v) for handle, v in trained if handle is not None and handle.grad is not None]
        self.assigned, self.trained = [h for h, _ in assigned], [h for h, _ in trained]
        self.guards, self.count = tape.guards, len(outputs)
        results = [*outputs, *[v for _, v in assigned], *[v for _, v in trained]]
        self.run, self.source = emit(name, tape, arguments, read, results)

    def valid(self) -> bool:
        """Whether what was constant while tracing still is what it was."""
        for handle, kind in zip(self.read, self.types, strict=True):
            if (handle._data.shape, handle._data.dtype) != kind:
                return False
        return all(facts() == value for facts, value in self.guards)

    def replay(self, arrays: list[Any]) -> list[Any]:
        """Run the program, then make its lasting changes; returns the outputs."""
        results = self.run(*arrays, *[handle._data for handle in self.read])
        rest = iter(results[self.count :])
        for handle in self.assigned:
            handle._data = next(rest)
        for handle in self.trained:
            handle._grad = untracked(next(rest))
        return list(results[: self.count])


def _trace(step: Callable[..., Any], args: tuple[Any, ...], arrays: list[Any]) -> tuple[_Trace, Any, Any]:
    """Run `step` once on a tape: the trace, the shape of what it returned, and what it returned."""
    tape = StepTape()
    arguments, result = perform(step, args, arrays, tape)
    outputs: list[Any] = []

    def collect(x: Any) -> Any:
        if not isinstance(x, Tensor):
            return x
        outputs.append(tape.ref(x))
        return _Slot(len(outputs) - 1)

    layout = nest(result, collect)
    shown = nest(result, lambda x: x.detach() if isinstance(x, Tensor) else x)
    del result  # what the step made for itself dies here, what lives on is from outside
    name = getattr(step, "__name__", "step")
    return _Trace(name if name.isidentifier() else "step", tape, arguments, outputs), layout, shown


class _Slot:
    """Where an output goes in what the step returns."""

    def __init__(self, position: int) -> None:
        self.position = position
