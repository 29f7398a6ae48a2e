"""Which names of whose modules stand for recording ones, put there for a while and put back."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import CellType, FunctionType, ModuleType, TracebackType
from typing import Any, NamedTuple

import numpy as np

from .. import namespaces
from ..namespaces import builtins as builtin_names
from ..namespaces.math import cmath, math
from ..namespaces.numpy import numpy, vectorized

_MISSING = object()
_lock = threading.RLock()


class Replaced(NamedTuple):
    """One name of one module: what is there, and what stands for it."""

    names: dict[str, Any]
    name: str
    original: Any
    stand_in: Any


@functools.lru_cache(maxsize=1)
def _table(loaded: int) -> dict[int, tuple[Any, Any]]:
    """By identity, each covered object and what stands for it, once so many modules are loaded."""
    found: dict[int, tuple[Any, Any]] = {}
    of_scipy = namespaces.scipy.sheets() if "scipy" in sys.modules else []
    for sheet in (numpy, math, cmath, *of_scipy):
        found |= sheet.stand_ins()
    return found


def python_function(value: Any) -> Any:
    """The function in Python that somebody has wrapped so that it takes no Tensors, or None."""
    kind = type(value)
    if kind is functools._lru_cache_wrapper:
        return value.__wrapped__  # Tensors are no keys
    if kind.__module__.startswith("numba.") and hasattr(value, "py_func"):
        return _uncompiled(value.py_func)
    if kind is np.vectorize:
        return _vectorized(value)
    return None


def _uncompiled(function: FunctionType) -> FunctionType:
    """The Python function of a compiled one, which sees the Python functions of those that it closes over."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    plain = [_stand_in(value, 0) or value for value in cells]
    if all(a is b for a, b in zip(plain, cells, strict=True)):
        return function
    closure = tuple(CellType(value) for value in plain)
    made = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, closure)
    functools.update_wrapper(made, function)
    return made


def _vectorized(value: np.vectorize) -> Callable[..., Any]:
    @functools.wraps(value.pyfunc)
    def function(*args: Any, **kwargs: Any) -> Any:
        return vectorized(value, *args, **kwargs)

    return function


def _modules_of(package: str) -> list[ModuleType]:
    """The modules of a package that are loaded."""
    return [
        module
        for name, module in list(sys.modules.items())
        if isinstance(module, ModuleType) and (name == package or name.startswith(package + "."))
    ]


_stand_ins: dict[int, tuple[Any, Any]] = {}
"""By the identity of a wrapped function: itself, which keeps the identity its own, and what stands for it."""


def _stand_in(value: Any, loaded: int) -> Any:
    pair = (_table(loaded) if loaded else {}).get(id(value)) or _stand_ins.get(id(value))
    if pair is not None:
        return pair[1]
    function = python_function(value)
    if function is not None:
        _stand_ins[id(value)] = value, function
    return function


_found: dict[str, tuple[int, list[ModuleType], int, tuple[Replaced, ...]]] = {}
"""By package: among how many modules in all, in which of its own with how many names, and what was found."""


def replaced_in(package: str) -> tuple[Replaced, ...]:
    """The names that are replaced in the modules of `package`, looked for anew where modules or names came."""
    if package in _found:
        loaded, modules, count, found = _found[package]
        if loaded == len(sys.modules) and count == _count(modules) and all(map(_is_there, found)):
            return found
    modules = _modules_of(package)
    found = tuple(_search(modules))
    if not any(_overlap(package, other) for other in _running):
        _found[package] = len(sys.modules), modules, _count(modules), found
    return found


def _is_there(one: Replaced) -> bool:
    return one.names.get(one.name, _MISSING) is one.original


def _count(modules: Sequence[ModuleType]) -> int:
    """How many names there are in modules."""
    return sum([len(module.__dict__) for module in modules])


def _overlap(package: str, other: str) -> bool:
    return f"{package}.".startswith(f"{other}.") or f"{other}.".startswith(f"{package}.")


def _search(modules: Sequence[ModuleType]) -> Iterator[Replaced]:
    loaded = len(sys.modules)
    for module in modules:
        names = vars(module)
        for name, value in list(names.items()):
            stand_in = None if name.startswith("__") else _stand_in(value, loaded)
            if stand_in is not None:
                yield Replaced(names, name, value, stand_in)
        asked = _names_asked_for(module)
        for name, stand_in in builtin_names.OWN.items():
            if name not in names and name in asked:
                yield Replaced(names, name, _MISSING, stand_in)


def _names_asked_for(module: ModuleType) -> set[str]:
    """The names that the functions and methods of a module look up, as far as they are found."""
    found: set[str] = set()
    todo: list[Any] = [v for v in vars(module).values() if getattr(v, "__module__", None) == module.__name__]
    seen: set[int] = set()
    while todo:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, type):
            todo += vars(value).values()
        elif isinstance(value, staticmethod | classmethod):
            todo.append(value.__func__)
        elif isinstance(value, property):
            todo += [value.fget, value.fset]
        elif hasattr(value, "__wrapped__"):
            todo.append(value.__wrapped__)
        code = getattr(getattr(value, "py_func", value), "__code__", None)
        if code is not None:
            found |= _names_in(code)
    return found


def _names_in(code: Any) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            found |= _names_in(constant)
    return found


_running: dict[str, _Running] = {}
"""By package, what stands in its modules just now: the first call puts it there, the last one takes it away."""


class Substitution:
    """Context in which the names of `packages` stand for recording ones; nested and in several threads at once."""

    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = packages

    def __enter__(self) -> None:
        with _lock:
            for package in self.packages:
                if package not in _running:
                    _running[package] = _Running(replaced_in(package))
                    _running[package].put()
                _running[package].calls += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _lock:
            for package in self.packages:
                _running[package].calls -= 1
                if not _running[package].calls:
                    _running.pop(package).put_back()


class _Running:
    """The stand-ins of one package while calls in any thread need them."""

    def __init__(self, of: tuple[Replaced, ...]) -> None:
        self.names, self.calls = of, 0

    def put(self) -> None:
        for one in self.names:
            one.names[one.name] = one.stand_in

    def put_back(self) -> None:
        for one in self.names:
            if one.names.get(one.name) is not one.stand_in:
                continue  # the module has given the name a value of its own meanwhile
            if one.original is _MISSING:
                del one.names[one.name]
            else:
                one.names[one.name] = one.original
