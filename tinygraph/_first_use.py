"""The one place where modules are imported by name: a package's table of what is loaded at first use."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping


def load_at_first_use(package: str, table: Mapping[str, str]) -> Callable[[str], object]:
    """Return a `__getattr__` for `package`, which imports a name of the table when somebody first asks for it.

    table: for each name the module, relative to the package, that defines it, or that it is: a module of the same
    name as its last part. Beside it stand the same imports under TYPE_CHECKING, for readers and type checkers.

    >>> load_at_first_use("json", {"JSONDecodeError": ".decoder"})("JSONDecodeError")
    <class 'json.decoder.JSONDecodeError'>
    >>> load_at_first_use("json", {"decoder": ".decoder"})("decoder").__name__
    'json.decoder'
    >>> load_at_first_use("json", {})("shout")
    Traceback (most recent call last):
    AttributeError: module 'json' has no attribute 'shout'
    """

    def load(name: str) -> object:
        if name not in table:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(table[name], package)
        value = module if table[name].rpartition(".")[2] == name else getattr(module, name)
        setattr(sys.modules[package], name, value)  # asked for once
        return value

    return load
