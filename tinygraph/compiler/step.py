"""`tg.compile`: a step that runs as usual at its first call and as straight-line NumPy from then on."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

from ..engine.mode import handed_over
from ..engine.replayable import Deviation, ReplayableStep
from ..engine.trees import children, flatten, is_record
from ..tensors.tensor import Tensor
from .perform import array_of, arrays_of, holds_arrays, perform
from .program import TracedProgram, trace
from .rehearsal import Rehearsal, deviation

__all__ = ["CompiledStep", "compile"]


class CompiledStep(ReplayableStep):
    """A step that is traced at its first call for each shape and dtype of its arguments, then replayed.

    `source` is the Python source of the latest trace, `traces` how many there are.
    """

    def __init__(self, step: Callable[..., Any]) -> None:
        functools.update_wrapper(self, step)
        self.step = step
        self.source = ""
        self._programs: dict[Any, TracedProgram] = {}
        self._lock = threading.Lock()

    @property
    def traces(self) -> int:
        """How many traces are kept."""
        return len(self._programs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(self.step).bind(*args, **kwargs) if kwargs else None
        if bound is not None:
            bound.apply_defaults()
            args, kwargs = bound.args, bound.kwargs
        if kwargs:
            name = self.step.__name__
            raise TypeError(f"compile: {name} takes keyword-only arguments {sorted(kwargs)}; make them positional")
        key = tuple([_signature(x) for x in args])
        with self._lock:
            try:
                known = self._programs.get(key)
            except TypeError:
                raise TypeError(
                    f"compile: an argument of {self.step.__name__} is neither array nor hashable: "
                    f"{[type(x).__name__ for x in flatten(args, records=True)]}; pass arrays, Tensors, numbers or "
                    f"strings, or lists, tuples, dicts or dataclasses of them"
                ) from None
            if known is not None and known.valid():
                return known.replay(arrays_of(args))
            program, result = trace(self.step, args)
            self._programs[key] = program
            self.source = program.source
            return result

    # ------------------------------------------------------- what check_gradients asks; nothing of it lasts
    def losses(self, *args: Any) -> list[Tensor]:
        """What the step calls `backward` on, recorded; parameters, gradients and optimizers stay as they are."""
        with Rehearsal() as tape:
            perform(self.step, args, tape)
        return tape.roots

    def trained(self, *args: Any) -> list[Tensor]:
        """The tensors in whose `grad` the step leaves a gradient."""
        with Rehearsal() as tape:
            perform(self.step, args, tape)
        return tape.trained_handles()

    def deviation(self, *args: Any) -> Deviation | None:
        """Where a replay leaves something else than the step itself, bit for bit; None if it does not."""
        return deviation(self.step, self, lambda: self._programs[tuple([_signature(x) for x in args])], args)

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.step, '__name__', 'step')}, {self.traces} traces>"


def compile(step: Callable[..., Any]) -> CompiledStep:
    """`step`, run as straight-line NumPy from its second call on, with the same results bit for bit.

    The step may compute, call `backward()`, update parameters through an optimizer or `+=`, and return
    tensors. Its first call runs as usual and is traced: every operation of forward, backward and update is
    written into one Python function with preallocated arrays, kept in `.source`. Arguments that are arrays
    or Tensors are the function's arguments; others (numbers, strings) are constants, and a new value, like a
    new shape or dtype, is traced anew. Arguments and results may be lists, tuples, dicts and dataclasses of all
    these. An object of another class is a constant, traced anew when one of its attributes is another. Tensors
    from outside (parameters) are read at each call.

    Raises TraceError when the step asks for a traced value, as in `if loss > 1`: use `tg.where`; and when it
    returns tensors inside of what cannot be built anew at each call, such as an object of a class of yours.

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
    return CompiledStep(handed_over(step))


def _signature(x: Any, nested: bool = False) -> Any:
    """What a program is made for: the shape and dtype of an array, how a container is built, a constant itself."""
    array = array_of(x, nested)
    if array is not None:
        return array.shape, array.dtype
    if isinstance(x, Tensor):  # a parameter
        return id(x), x.shape, x.dtype
    held = children(x, records=True)
    if held is not None and (nested or not is_record(x) or holds_arrays(x)):  # a record of settings is a constant
        return type(x), (*held,), tuple([_signature(item, True) for item in held.values()])
    return type(x), repr(x) if isinstance(x, float | complex) else x  # 0.0 is not -0.0, and NaN is NaN
