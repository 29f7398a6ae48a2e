"""Where things are written: the line that runs, what its result is assigned to, a line's text, an op's declaration."""

from __future__ import annotations

import ast
import dis
import functools
import inspect
import linecache
import os
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

_PACKAGE = __name__.partition(".")[0]


def caller() -> FrameType | None:
    """The frame of the nearest caller outside tinygraph."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module != _PACKAGE and not module.startswith(_PACKAGE + "."):
            return frame
        frame = frame.f_back
    return None


def place() -> str:
    """`file.py:line` of the nearest caller outside tinygraph (`<unknown>` if there is none)."""
    frame = caller()
    return "<unknown>" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def assigned_name() -> str | None:
    """The variable (or field) that gets what the nearest caller outside tinygraph is computing right now, or None.

    Read off the instruction that follows the running one: it stores the result, or it does not.

    >>> code = compile("y = f(x) + 1", "<example>", "exec")
    >>> sorted(set(_targets(code).values()))
    ['y']
    """
    frame = caller()
    return None if frame is None else _targets(frame.f_code).get(frame.f_lasti)


@functools.lru_cache(maxsize=512)
def _targets(code: CodeType) -> dict[int, str]:
    """The name that the result of an instruction is stored under at once, by the offset of the instruction."""
    found: dict[int, str] = {}
    instructions = list(dis.get_instructions(code))
    for k, store in enumerate(instructions[1:], 1):
        here, end = instructions[k - 1].offset, store.offset
        if store.opname in ("COPY", "DUP_TOP") and k + 1 < len(instructions):  # a = b = value
            store = instructions[k + 1]
        elif store.opname.startswith("LOAD_") and k + 1 < len(instructions):  # self.a = value
            store = instructions[k + 1] if instructions[k + 1].opname == "STORE_ATTR" else store
        if not store.opname.startswith("STORE_"):
            continue
        name = store.argval[0] if isinstance(store.argval, tuple) else store.argval  # two stores in one instruction
        if isinstance(name, str):
            found.update(dict.fromkeys(range(here, end), name))  # some Pythons point past the call, at its cache
    return found


def shorten(place: str) -> str:
    """`file:line` with the file relative to the current directory, where that is shorter."""
    path, _, line = place.rpartition(":")
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return place
    return f"{relative}:{line}" if os.path.isabs(path) and len(relative) < len(path) else place


def origin_of(node: Any) -> str:
    """`file:line` that made `node`, or "" if it was not recorded under `tg.origins()`."""
    return shorten(node.fact("origin") or "")


def source_line(place: str) -> str:
    """The source line at `file:line`, stripped; "" if it cannot be read."""
    path, _, line = place.rpartition(":")
    return linecache.getline(path, int(line)).strip() if line.isdigit() else ""


def enclosing_function(place: str) -> tuple[str, str]:
    """Dotted name and source of the innermost function around `file:line`, such as "Net.forward"; "" at module level.

    >>> enclosing_function("nowhere.py:3")
    ('', '')
    """
    path, _, line = place.rpartition(":")
    lines = linecache.getlines(path)
    if not lines or not line.isdigit():
        return "", ""
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return "", ""
    names: list[str] = []
    body, inner = tree.body, ""
    stack: list[Any] = [*body]
    while stack:
        item = stack.pop()
        if not item.lineno <= int(line) <= (item.end_lineno or 0):
            continue
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(item.name)
            inner = "" if isinstance(item, ast.ClassDef) else "".join(lines[item.lineno - 1 : item.end_lineno])
        stack = [child for child in ast.iter_child_nodes(item) if isinstance(child, ast.stmt | ast.ExceptHandler)]
    return (".".join(names), inner) if inner else ("", "")


def definition_of(function: Callable[..., Any] | Any) -> str:
    """`file:line` at which a Python function begins, its decorators included; "" for one that is not in Python."""
    function = inspect.unwrap(getattr(function, "func", function))
    code = getattr(function, "__code__", None)
    return shorten(f"{code.co_filename}:{code.co_firstlineno}") if code is not None else ""


def declaration_of(op: Any, position: int) -> tuple[str, str]:
    """`file:line` of the op's kernel (of its first rule for a NumPy ufunc), and of the rule of one input."""
    rules = [definition_of(rule) for rule in op.rules]
    rule = rules[position if op.arity is not None else 0]
    return definition_of(op.kernel) or rule or next(filter(None, rules), ""), rule
