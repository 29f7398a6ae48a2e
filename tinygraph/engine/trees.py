"""Nests of values: one way to take containers apart and to build them again. Nobody else walks them.

Containers are lists, tuples, dicts and dataclass instances, and what is derived from them: named tuples, OrderedDict,
defaultdict. Anything else is a leaf, a model too: it is known by what it is rather than by what it holds.
"""

from __future__ import annotations

import collections
import copy
import dataclasses
import functools
import inspect
import types
from collections.abc import Callable, Iterator, Mapping, MappingView, Sequence
from typing import Any

import numpy as np

_SEQUENCES = (list, tuple)


def children(x: Any) -> Mapping[Any, Any] | None:
    """What a container holds, by index, key or name of the field; None if `x` is no container.

    >>> children([3.0, {"w": 1.0}]), children(3.0)
    ({0: 3.0, 1: {'w': 1.0}}, None)
    """
    if isinstance(x, dict):
        return x
    if isinstance(x, _SEQUENCES):
        return dict(enumerate(x))
    if getattr(type(x), "__dataclass_fields__", None) is not None and not hasattr(x, "named_parameters"):
        return {f.name: getattr(x, f.name) for f in dataclasses.fields(x) if hasattr(x, f.name)}
    return None


def rebuilt(x: Any, values: Sequence[Any]) -> Any:
    """A container like `x` that holds `values`, one for each of its children, and keeps the rest of what it has.

    A dataclass, or a class derived from a built-in one, is made without its `__init__`.

    >>> rebuilt({"w": 1.0, "b": 2.0}, [5.0, 7.0])
    {'w': 5.0, 'b': 7.0}
    """
    cls = type(x)
    if cls is dict:
        return dict(zip(x, values, strict=True))
    if cls is list or cls is tuple:
        return cls(values)
    if isinstance(x, tuple):
        return _tuple(x, values)
    new = copy.copy(x)
    if isinstance(x, list):
        list.__setitem__(new, slice(None), values)
    elif isinstance(x, dict):
        for key, value in zip(x, values, strict=True):
            dict.__setitem__(new, key, value)
    else:
        for name, value in zip(children(x) or (), values, strict=True):
            object.__setattr__(new, name, value)  # a frozen one too
    for name in [*getattr(new, "__dict__", ())]:
        if isinstance(inspect.getattr_static(cls, name, None), functools.cached_property):
            del new.__dict__[name]  # found from the old values
    return new


def _tuple(x: Any, values: Sequence[Any]) -> Any:
    try:
        new = tuple.__new__(type(x), values)
    except TypeError:  # a class written in C, such as os.stat_result
        return type(x)(values)
    if hasattr(new, "__dict__"):
        vars(new).update(vars(x))
    return new


def map_leaves(tree: Any, f: Callable[[Any], Any]) -> Any:
    """A nest built like `tree`, with `f(leaf)` in place of every leaf.

    >>> map_leaves({"w": 1.0, "b": [2.0, 3.0]}, lambda x: 10 * x)
    {'w': 10.0, 'b': [20.0, 30.0]}
    """
    held = children(tree)
    return f(tree) if held is None else rebuilt(tree, [map_leaves(x, f) for x in held.values()])


def flatten(tree: Any) -> list[Any]:
    """The leaves of `tree`, in the order in which its containers hold them.

    >>> flatten({"w": 1.0, "b": [2.0, 3.0]})
    [1.0, 2.0, 3.0]
    """
    held = children(tree)
    return [tree] if held is None else [leaf for x in held.values() for leaf in flatten(x)]


def held_by(x: Any, kind: type) -> Iterator[Any]:
    """Every `kind` that an object holds at any depth: in its attributes and items, and in what a function closes over.

    For objects that are no containers, which nobody can take apart and build again.
    """
    seen: dict[int, Any] = {}
    stack = [x]
    while stack:
        x = stack.pop()
        if id(x) in seen:
            continue
        seen[id(x)] = x
        if isinstance(x, kind):
            yield x
        elif not isinstance(x, type | types.ModuleType):
            stack += _inside(x)


def _inside(x: Any) -> list[Any]:
    held = children(x)
    if held is not None:
        return [*held.values()]
    if isinstance(x, set | frozenset | collections.deque | MappingView):
        return list(x)  # type: ignore[arg-type]
    if isinstance(x, np.ndarray):
        return x.ravel().tolist() if x.dtype.hasobject else []
    if isinstance(x, functools.partial):
        return [x.func, x.args, x.keywords]
    if isinstance(x, types.MethodType):
        return [x.__self__, x.__func__]
    if isinstance(x, types.FunctionType):
        return [content for cell in x.__closure__ or () for content in _content(cell)]
    members = [(n, v) for cls in type(x).__mro__ for n, v in vars(cls).items()]
    slots = [n for n, v in members if isinstance(v, types.MemberDescriptorType) and hasattr(x, n)]
    return [*getattr(x, "__dict__", {}).values(), *[getattr(x, n) for n in slots]]


def _content(cell: types.CellType) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:  # the variable has no value yet
        return []
