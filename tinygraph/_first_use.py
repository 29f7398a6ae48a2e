"""The one place where modules are imported by name: what a package loads when it is first asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence


def load_at_first_use(
    package: str, names: Mapping[str, str], modules: Sequence[str] = (), missing: Callable[[str], str] | None = None
) -> Callable[[str], object]:
    """Return a `__getattr__` for `package`, which imports what somebody asks for, and remembers it.

    names: for each name the module, relative to the package, that defines it. modules: modules, relative to the
    package, that go by the last part of their own names. missing: what is said of a name that is not there. The same
    imports stand beside it under TYPE_CHECKING, for readers and type checkers.

    >>> load = load_at_first_use("json", {"JSONDecodeError": ".decoder"}, [".encoder"])
    >>> load("JSONDecodeError")
    <class 'json.decoder.JSONDecodeError'>
    >>> load("encoder").__name__
    'json.encoder'
    >>> load("shout")
    Traceback (most recent call last):
    AttributeError: module 'json' has no attribute 'shout'
    """
    whole = {module.rpartition(".")[2]: module for module in modules}

    def load(name: str) -> object:
        where = whole.get(name) or names.get(name)
        if where is None:
            said = f"module {package!r} has no attribute {name!r}" if missing is None else missing(name)
            raise AttributeError(said, name=name, obj=sys.modules.get(package))
        module = importlib.import_module(where, package)
        value = module if name in whole else getattr(module, name)
        setattr(sys.modules[package], name, value)  # asked for once
        return value

    return load
