"""What a rule reads of the output and the inputs, found in its bytecode: so a rule saves what it names."""

from __future__ import annotations

import dis
import inspect
from functools import cache
from types import CodeType
from typing import Any

Reads = tuple[str | None, ...]
"""For the output and then each input: 'value', 'shape' (only facts about it), or None."""

_SHAPE_FACTS = frozenset(("shape", "dtype", "ndim", "size"))


def reads(rule: Any, first: int, arity: int | None) -> Reads:
    """What a rule reads of the output and of each input: 'value', 'shape' (facts about it only) or None.

    Found in the rule's bytecode, so that what a rule saves is exactly what it names.
    """
    count = 1 + (1 if arity is None else arity)
    if not callable(rule):
        return (None,) * count
    code: CodeType | None = getattr(rule, "__code__", None)
    if code is None:
        return ("value",) * count
    names = code.co_varnames[: code.co_argcount + bool(code.co_flags & inspect.CO_VARARGS) + code.co_kwonlyargcount]
    positional = code.co_varnames[: code.co_argcount]
    if code.co_flags & inspect.CO_VARARGS:
        positional = (*positional, code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
    if len(positional) != first + count:
        expected = "(output, inputs)" if first == 0 else "(g, output, inputs)"
        raise TypeError(
            f"declaration: a rule takes {len(positional)} positional arguments {positional}, expected "
            f"{first + count}: {expected}; attributes are keyword-only"
        )
    uses: dict[str, str] = dict.fromkeys((n for n in names if n in code.co_cellvars), "value")
    pending: str | None = None
    for instruction in dis.get_instructions(code):
        if pending is not None:
            shape_only = instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and instruction.argval in _SHAPE_FACTS
            uses[pending] = "shape" if shape_only and uses.get(pending) != "value" else "value"
            pending = None
        if instruction.opname.startswith("LOAD_FAST"):
            loaded = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
            uses.update(dict.fromkeys(loaded[:-1], "value"))
            pending = loaded[-1]
    kept = tuple(uses.get(name) for name in positional[first:])
    return ("value" if kept[0] else None, *kept[1:])


@cache
def union(rules: tuple[Reads, ...], tracked: tuple[bool, ...]) -> Reads:
    """What the rules of the tracked inputs read together."""
    used = [read for read, wanted in zip(rules, tracked, strict=True) if wanted]
    columns = zip(*used, strict=True)
    return tuple("value" if "value" in column else "shape" if "shape" in column else None for column in columns)
