"""What a rule reads of the output and the inputs, found in its bytecode: so a rule saves what it names."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterable
from functools import cache
from types import CodeType
from typing import Any

Reads = tuple[str | None, ...]
"""For the output and then each input: 'value', 'shape' (only facts about it), or None."""

_SHAPE_FACTS = frozenset(("shape", "dtype", "ndim", "size"))


def _inputs(rule: Any) -> tuple[str, ...] | None:
    """Names of the positional parameters, a variadic one last; None where they cannot be told."""
    code: CodeType | None = getattr(rule, "__code__", None)
    if code is None:
        return None
    positional = code.co_varnames[: code.co_argcount]
    if code.co_flags & inspect.CO_VARARGS:
        positional = (*positional, code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
    return positional


def check(rule: Any, first: int, arity: int | None) -> None:
    """Raise TypeError unless a callable rule takes `first` gradients, the output and `arity` inputs."""
    positional = _inputs(rule)
    expected = first + 1 + (1 if arity is None else arity)
    if positional is not None and len(positional) != expected:
        raise TypeError(
            f"declaration: a rule takes {len(positional)} positional arguments {positional}, expected {expected}: "
            f"{'(g, output, inputs)' if first else '(output, inputs)'}; attributes are keyword-only"
        )


def reads(rule: Any, first: int, arity: int | None) -> Reads:
    """What a rule reads of the output and of each input: 'value', 'shape' (facts about it only) or None.

    Found in the rule's bytecode, so that what a rule saves is exactly what it names.
    """
    count = 1 + (1 if arity is None else arity)
    if not callable(rule):
        return (None,) * count
    positional = _inputs(rule)
    if positional is None:
        return ("value",) * count
    uses: dict[str, str] = dict.fromkeys((n for n in positional if n in rule.__code__.co_cellvars), "value")
    pending: str | None = None
    for instruction in dis.get_instructions(rule):
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


def merged(rules: Iterable[Reads]) -> Reads:
    """What several rules read together."""
    columns = zip(*rules, strict=True)
    return tuple("value" if "value" in column else "shape" if "shape" in column else None for column in columns)


@cache
def union(rules: tuple[Reads, ...], tracked: tuple[bool, ...]) -> Reads:
    """What the rules of the tracked inputs read together."""
    return merged(read for read, wanted in zip(rules, tracked, strict=True) if wanted)
