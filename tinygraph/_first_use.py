"""The one place where modules are imported by name: what a package loads when it is first asked for, or first met."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder


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


def when_imported(name: str, then: Callable[[], object]) -> None:
    """Call `then` once the module `name` of another library has been imported: now, if it already is.

    For libraries that ask a list of their own what an object is, and never the object. See decisions/einops.md.
    """
    if name in sys.modules:
        then()
    else:
        sys.meta_path.insert(0, _Awaited(name, then))


class _Awaited:
    """A finder of one module, which leaves with it: what finds the module is Python's own."""

    def __init__(self, name: str, then: Callable[[], object]) -> None:
        self.name, self.then = name, then

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            loader, run = spec.loader, spec.loader.exec_module

            def exec_module(module: object) -> None:
                loader.exec_module = run  # type: ignore[method-assign]
                run(module)  # type: ignore[arg-type]
                self.then()

            loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
