"""MODULE:FUNCTION of the command line: the user's function and the inputs it is to be run with."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import operator
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from ..errors import TinygraphError
from ..tensors.tensor import Tensor


class TargetError(TinygraphError, ValueError):
    """What is to be run cannot be found or run. The message says why and what to write instead."""


class UserFunction(NamedTuple):
    """A function of the user's, called `name`, its `module`, and the `inputs` for it."""

    name: str
    module: ModuleType
    function: Callable[..., object]
    inputs: tuple[object, ...]


def load_function(text: str) -> UserFunction:
    """Return the function that `text`, such as mymodel.py:loss, names, with its inputs.

    Raises TargetError where there is no such function, or are no inputs for it.
    """
    place, _, name = text.rpartition(":")
    if not place or not name:
        raise TargetError(f"{text!r} names no function; write MODULE:FUNCTION, such as mymodel.py:loss")
    module = _import_module(place)
    f = _find_function(module, place, name)
    with translate_errors(name):
        return UserFunction(name, module, f, _inputs(module, f, name))


def _import_module(place: str) -> ModuleType:
    """The module at a path ending in .py, or of a dotted name looked up from the current folder."""
    path = Path(place)
    is_file = path.suffix == ".py"
    if is_file and not path.is_file():
        raise TargetError(f"there is no file {place}; write MODULE:FUNCTION, such as mymodel.py:loss")
    if not is_file and os.sep in place:
        raise TargetError(f"{place} is no module; write its file as {place}.py, or its name with dots")
    for folder in (Path.cwd(), path.resolve().parent):  # as Python does for a script, so that it finds its neighbours
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    if not is_file and not _module_exists(place):
        raise TargetError(f"there is no module {place} here; write MODULE:FUNCTION, such as mymodel.py:loss")
    with translate_errors(f"importing {place}"):
        if not is_file:
            return importlib.import_module(place)
        spec: Any = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module


def _module_exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # the package is not there, or the name is none
        return False


def _find_function(module: ModuleType, place: str, name: str) -> Callable[..., object]:
    try:
        f = operator.attrgetter(name)(module)
    except AttributeError:
        own = [n for n, v in vars(module).items() if inspect.isfunction(v) and v.__module__ == module.__name__]
        there = f"; it has {', '.join(own)}" if own else ", nor any other function"
        raise TargetError(f"{place} has no {name!r}{there}") from None
    if not callable(f):
        raise TargetError(f"{place}:{name} is {type(f).__name__} {f!r:.60}; name a function")
    return f  # type: ignore[no-any-return]


def _inputs(module: ModuleType, f: Callable[..., object], name: str) -> tuple[object, ...]:
    """What `NAME_inputs` says (a tuple, one input, or a function that returns either), else the defaults."""
    inputs = getattr(module, f"{name}_inputs", None)
    if inputs is not None:
        inputs = inputs() if callable(inputs) and not isinstance(inputs, Tensor) else inputs
        return inputs if isinstance(inputs, tuple) else (inputs,)
    parameters = inspect.signature(f).parameters.values()
    needed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    missing = [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if missing:
        raise TargetError(
            f"{name} needs a value for {', '.join(missing)}; write defaults in its "
            f"signature, or a function {name}_inputs() beside it that returns the inputs as a tuple"
        )
    return tuple(p.default for p in needed)


@contextmanager
def translate_errors(doing: str) -> Iterator[None]:
    """Turn any failure of the user's code into one line that says where."""
    try:
        yield
    except TinygraphError:
        raise
    except (Exception, SystemExit) as error:
        frames = [s for s in traceback.extract_tb(error.__traceback__) if "importlib" not in s.filename]
        own = [s for s in frames if not s.filename.startswith(str(Path(__file__).parents[1]))]
        where = f" at {own[-1].filename}:{own[-1].lineno}" if own else ""
        raise TargetError(f"{doing} failed{where}: {type(error).__name__}: {error}; make it run first") from error
