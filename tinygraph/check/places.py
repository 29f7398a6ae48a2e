"""Where things are written: the function around a line, a line's text, and where an op was declared."""

from __future__ import annotations

import ast
import inspect
import linecache
import os
from collections.abc import Callable
from typing import Any

from ..graph import Node
from ..op import Op


def short(place: str) -> str:
    """`file:line` with the file relative to the current directory, where that is shorter."""
    path, _, line = place.rpartition(":")
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return place
    return f"{relative}:{line}" if os.path.isabs(path) and len(relative) < len(path) else place


def origin(node: Node) -> str:
    """`file:line` that made `node`, or "" if it was not recorded under `tg.origins()`."""
    return short(node.fact("origin") or "")


def text(place: str) -> str:
    """The source line at `file:line`, stripped; "" if it cannot be read."""
    path, _, line = place.rpartition(":")
    return linecache.getline(path, int(line)).strip() if line.isdigit() else ""


def enclosing(place: str) -> tuple[str, str]:
    """Dotted name and source of the innermost function around `file:line`, such as "Net.forward"; "" at module level.

    >>> enclosing("nowhere.py:3")
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


def written(function: Callable[..., Any] | Any) -> str:
    """`file:line` at which a Python function begins, its decorators included; "" for one that is not in Python."""
    function = inspect.unwrap(getattr(function, "func", function))
    code = getattr(function, "__code__", None)
    return short(f"{code.co_filename}:{code.co_firstlineno}") if code is not None else ""


def declared(op: Op, position: int) -> tuple[str, str]:
    """`file:line` of the op's kernel (of its first rule for a NumPy ufunc), and of the rule of one input."""
    rules = [written(rule) for rule in op.rules]
    rule = rules[position if op.arity is not None else 0]
    return written(op.kernel) or rule or next(filter(None, rules), ""), rule
