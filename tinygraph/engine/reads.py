"""What a rule reads of the output and the inputs, found in its bytecode: so a rule saves what it names."""

from __future__ import annotations

import dis
import inspect
import types
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

Reads = tuple[str | None, ...]
"""For the output and then each input: 'value', 'shape' (only facts about it), or None."""

_SHAPE_FACTS = frozenset(("shape", "dtype", "ndim", "size"))
_LOADS = frozenset((
    "LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW",
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "STORE_FAST_LOAD_FAST",
))  # fmt: skip
"""Instructions that end in putting a variable on the stack. Any other that names an input counts as reading it."""


def check_parameters(rule: Callable[..., Any], first: int, arity: int | None) -> None:
    """Raise TypeError unless a rule takes `first` gradients, the output and `arity` inputs by position."""
    expected = first + 1 + (1 if arity is None else arity)
    try:
        parameters = inspect.signature(rule).parameters.values()
    except (TypeError, ValueError):  # written in C: it does not say what it takes
        return
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p for p in positional if p.default is p.empty]
    star = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if arity is None and star and len(positional) == expected - 1:
        return
    if len(required) > expected or (len(positional) < expected and not star) or (arity is None and not star):
        names = tuple(p.name for p in positional)
        raise TypeError(
            f"declaration: a rule takes {len(names)} positional arguments {names}, expected {expected}: "
            f"{'(g, output, inputs)' if first else '(output, inputs)'}; attributes are keyword-only"
        )


def reads(rule: Any, first: int, arity: int | None) -> Reads:
    """What a rule reads of the output and of each input: 'value', 'shape' (facts about it only) or None.

    Found in the bytecode of a plain Python function. Of anything else (a bound method, a decorated function, one in
    C), and wherever the bytecode does not tell, everything counts as read.
    """
    count = 1 + (1 if arity is None else arity)
    if not callable(rule):
        return (None,) * count
    rule = getattr(rule, "foreign", rule)  # as it was written
    code = rule.__code__ if isinstance(rule, types.FunctionType) and not hasattr(rule, "__wrapped__") else None
    if code is None:
        return ("value",) * count
    positional = code.co_varnames[: code.co_argcount]
    if code.co_flags & inspect.CO_VARARGS:  # reading the star is reading all that it holds
        star = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
        positional += (star,) * (first + count - len(positional))
    uses: dict[str, str] = dict.fromkeys((n for n in positional if n in code.co_cellvars), "value")
    pending: str | None = None
    for instruction in dis.get_instructions(rule):
        if pending is not None:
            shape_only = instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and instruction.argval in _SHAPE_FACTS
            uses[pending] = "shape" if shape_only and uses.get(pending) != "value" else "value"
            pending = None
        if "_FAST" in instruction.opname:
            named = [*instruction.argval] if isinstance(instruction.argval, tuple) else [instruction.argval]
            if instruction.opname in _LOADS:
                pending = named.pop()
            uses.update(dict.fromkeys(named, "value"))
    if pending is not None:
        uses[pending] = "value"
    kept = tuple(uses.get(name) for name in positional[first : first + count])
    return ("value" if kept[0] else None, *kept[1:])


def merge(rules: Iterable[Reads]) -> Reads:
    """What several rules read between them: a value wins over a shape, a shape over nothing."""
    columns = zip(*rules, strict=True)
    return tuple("value" if "value" in column else "shape" if "shape" in column else None for column in columns)


@cache
def union(rules: tuple[Reads, ...], tracked: tuple[bool, ...]) -> Reads:
    """What the rules of the tracked inputs read between them."""
    return merge(read for read, wanted in zip(rules, tracked, strict=True) if wanted)
