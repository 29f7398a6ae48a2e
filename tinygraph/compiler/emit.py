"""From what a tape wrote down to readable straight-line Python source, and the function that it defines."""

from __future__ import annotations

import linecache
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import TraceError
from .buffers import plan, variables
from .tape import Instruction, StepTape, Variable


class Source:
    """Source text under construction, with the constants and buffers that it refers to."""

    def __init__(self, tape: StepTape, read: list[Variable], results: list[Any]) -> None:
        self.tape, self.read, self.results = tape, read, results
        self.namespace: dict[str, Any] = {"np": np}
        self.constants = 0
        self.namespace.update((v.name, v.value) for v in tape.read if v not in read)
        self.places, kinds = plan(tape.instructions, results)
        self.buffers = [tape.unique(f"b{n}") for n in range(1, len(kinds) + 1)]
        self.namespace.update(zip(self.buffers, (np.empty(shape, dtype) for shape, dtype in kinds), strict=True))
        self.kernels: dict[Any, str] = {}
        self.text = ""

    def function(self, name: str, arguments: list[Variable]) -> Callable[..., Any]:
        """Write the function `name(*arguments, *values read)` and define it."""
        lines = [f"def {name}({', '.join(v.name for v in (*arguments, *self.read))}):"]
        phase = ""
        quiet: dict[str, str] = {}
        for instruction in self.tape.instructions:
            if instruction.phase != phase:
                phase = instruction.phase
                lines.append(f"    # {phase}")
            if instruction.errors and instruction.errors != quiet:
                lines.append(f"    with np.errstate({', '.join(f'{k}={v!r}' for k, v in instruction.errors.items())}):")
            quiet = instruction.errors
            lines.append(f"    {'    ' if quiet else ''}{self._statement(instruction)}")
        results = [self._text(v) for v in self.results]
        lines.append(f"    return ({', '.join(results)}{',' if len(results) == 1 else ''})")
        self.text = "\n".join(lines) + "\n"
        filename = f"<compiled {name} {id(self):x}>"
        linecache.cache[filename] = (len(self.text), None, self.text.splitlines(True), filename)
        exec(compile(self.text, filename, "exec"), self.namespace)  # the source is our own
        return self.namespace[name]  # type: ignore[no-any-return]

    def _statement(self, i: Instruction) -> str:
        line = f"{i.output.name} = {self._expression(i)}"
        if not i.output.shape:
            return line
        dtype = "" if i.output.dtype == np.float64 else f" {i.output.dtype}"
        return f"{line}  # {i.output.shape}{dtype}"

    def _expression(self, i: Instruction) -> str:
        op = i.op
        inputs = [self._text(x) for x in i.inputs]
        pattern = op.spelling if op.spelling is not None and "{" in op.spelling else None
        if isinstance(op.kernel, np.ufunc):
            if i.output.shape == () and pattern is not None:
                return pattern.format(*inputs)
            place = self.places.get(id(i.output))
            out = [] if place is None else [f"out={self.buffers[place]}"]
            numpys = getattr(np, op.kernel.__name__, None) is op.kernel
            name = f"np.{op.kernel.__name__}" if numpys else self._kernel(op.kernel, op.kernel.__name__)
            return f"{name}({', '.join(inputs + out)})"
        if pattern is not None:
            places = inputs if op.arity is not None else [", ".join(inputs)]
            indexes = {k for k in i.attrs if f"[{{{k}}}]" in pattern}
            texts = {k: self._index(v) if k in indexes else self._text(v) for k, v in i.attrs.items()}
            return pattern.format(*places, **texts)
        attrs = [f"{k}={self._text(v)}" for k, v in i.attrs.items() if v is not op.defaults[k]]
        return f"{op.spelling or self._kernel(op.kernel, op.name)}({', '.join(inputs + attrs)})"

    def _kernel(self, kernel: Any, name: str) -> str:
        """The name under which the source calls a kernel that is not NumPy's."""
        if kernel not in self.kernels:
            self.kernels[kernel] = self.tape.unique(name)
            self.namespace[self.kernels[kernel]] = kernel
        return self.kernels[kernel]

    def _index(self, x: Any) -> str:
        """An index as it stands between brackets, such as `1:4, 0`."""
        if isinstance(x, tuple) and x:
            texts = [self._text(i) if isinstance(i, tuple) else self._index(i) for i in x]
            return ", ".join(texts) + ("," if len(x) == 1 and isinstance(x[0], tuple) else "")
        if isinstance(x, slice):
            parts = ["" if v is None else self._text(v) for v in (x.start, x.stop, x.step)]
            return ":".join(parts if x.step is not None else parts[:2])
        return self._text(x)

    def _text(self, x: Any) -> str:
        """A variable's name, a literal, or the name of a constant put into the namespace."""
        if isinstance(x, Variable):
            return x.name
        if x is None or x is Ellipsis or type(x) in (bool, int, str):
            return "..." if x is Ellipsis else repr(x)
        if type(x) is float and math.isfinite(x):
            return repr(x)
        if isinstance(x, tuple):
            return f"({', '.join(self._text(i) for i in x)}{',' if len(x) == 1 else ''})"
        if isinstance(x, list) and variables(x):
            return f"[{', '.join(self._text(i) for i in x)}]"
        if isinstance(x, dict) and variables(x):
            return f"{{{', '.join(f'{self._text(k)}: {self._text(v)}' for k, v in x.items())}}}"
        if variables(x):
            raise TraceError(
                f"compile: an attribute is {type(x).__name__} with traced tensors in it, which cannot be written as "
                f"source; give the operation lists, tuples or dicts of tensors"
            )
        if isinstance(x, slice):
            return f"slice({', '.join(self._text(v) for v in (x.start, x.stop, x.step))})"
        if isinstance(x, np.dtype | type) and (dtype := _numpys(x)):
            return f"np.{dtype}"
        self.constants += 1
        name = self.tape.unique(f"c{self.constants}")
        self.namespace[name] = x
        return name


def _numpys(kind: Any) -> str:
    """The name in NumPy of a dtype, or of the class that stands for one; "" where it has none."""
    if isinstance(kind, np.dtype):
        return _numpys(kind.type) if kind.isnative and kind.kind in "biufc" else ""
    name: str = kind.__name__
    return name if issubclass(kind, np.generic) and getattr(np, name, None) is kind else ""


def emit(
    name: str, tape: StepTape, arguments: list[Variable], read: list[Variable], results: list[Any]
) -> tuple[Callable[..., Any], str]:
    """The function `name(*arguments, *read)` that replays `tape` and returns `results`; and its source."""
    source = Source(tape, read, results)
    return source.function(name, arguments), source.text
