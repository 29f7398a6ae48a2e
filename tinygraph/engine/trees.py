"""Nests of values: one way to take containers apart and to build them again. Nobody else walks them.

Containers are lists, tuples and dicts, and what is derived from them: named tuples, OrderedDict, defaultdict. Instances
of dataclasses are taken apart on request alone (`records`): where derivatives with respect to them are wanted, and in
what a compiled step takes and returns. Elsewhere a function may know them by identity. Anything else is a leaf, a
model too.
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
_LEAVES = frozenset([float, int, complex, np.ndarray, np.float64])
"""What leaves mostly are: not asked whether they are containers."""


def children(x: Any, records: bool = False) -> Mapping[Any, Any] | None:
    """What a container holds, by index, key or name of the field; None if `x` is no container.

    Dataclass instances are containers where `records` are taken apart.

    >>> children([3.0, {"w": 1.0}]), children(3.0)
    ({0: 3.0, 1: {'w': 1.0}}, None)
    """
    if isinstance(x, dict):
        return x
    if isinstance(x, _SEQUENCES):
        return dict(enumerate(x))
    if records and is_record(x):
        return {f.name: getattr(x, f.name) for f in dataclasses.fields(x) if hasattr(x, f.name)}
    return None


def is_record(x: Any) -> bool:
    """Whether `x` is an instance of a dataclass that is no model: a container with fields."""
    return getattr(type(x), "__dataclass_fields__", None) is not None and not hasattr(x, "named_parameters")


def rebuild(x: Any, values: Sequence[Any]) -> Any:
    """A container like `x` that holds `values`, one for each of its children, and keeps the rest of what it has.

    A dataclass, or a class derived from a built-in one, is made without its `__init__`.

    >>> rebuild({"w": 1.0, "b": 2.0}, [5.0, 7.0])
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
        for name, value in zip(children(x, records=True) or (), values, strict=True):
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


def map_leaves(tree: Any, f: Callable[[Any], Any], records: bool = False) -> Any:
    """A nest built like `tree`, with `f(leaf)` in place of every leaf.

    >>> map_leaves({"w": 1.0, "b": [2.0, 3.0]}, lambda x: 10 * x)
    {'w': 10.0, 'b': [20.0, 30.0]}
    """
    return _map(tree, f, records, ())


def _map(tree: Any, f: Callable[[Any], Any], records: bool, around: tuple[Any, ...]) -> Any:
    held = None if tree.__class__ in _LEAVES else children(tree, records)
    if held is None or any(tree is record for record in around):
        return f(tree)
    record = records and is_record(tree)
    inside = (*around, tree) if record else around
    new = [_map(x, f, records, inside) for x in held.values()]
    if record and all(x is y for x, y in zip(new, held.values(), strict=True)):
        return tree  # it may be known by its identity
    return rebuild(tree, new)


def flatten(tree: Any, records: bool = False) -> list[Any]:
    """The leaves of `tree`, in the order in which its containers hold them.

    >>> flatten({"w": 1.0, "b": [2.0, 3.0]})
    [1.0, 2.0, 3.0]
    """
    found: list[Any] = []
    _collect(tree, records, (), found)
    return found


def _collect(tree: Any, records: bool, around: tuple[Any, ...], found: list[Any]) -> None:
    held = None if tree.__class__ in _LEAVES else children(tree, records)
    if held is None or any(tree is record for record in around):
        found.append(tree)
        return
    inside = (*around, tree) if records and is_record(tree) else around
    for x in held.values():
        _collect(x, records, inside, found)


def paths(tree: Any, records: bool = False, around: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every leaf of `tree`, each with the indexes, keys and names of fields that lead to it.

    >>> list(paths({"w": 1.0, "b": [2.0]}))
    [(('w',), 1.0), (('b', 0), 2.0)]
    """
    held = children(tree, records)
    if held is None or any(tree is record for record in around):
        yield (), tree
        return
    inside = (*around, tree) if records and is_record(tree) else around
    for key, x in held.items():
        for path, leaf in paths(x, records, inside):
            yield (key, *path), leaf


def find_held(x: Any, kind: type) -> Iterator[Any]:
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
    held = children(x, records=True)
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
