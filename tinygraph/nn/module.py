"""A Module is fields plus `__call__`: finding its parameters, and saving and loading them."""

from __future__ import annotations

import functools
import reprlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from ..engine.mode import Scope, in_force, scope
from ..ops import habits
from ..tensors.tensor import Tensor


class Module:
    """Base of layers and models: assign tensors and modules to fields, write `__call__`.

    A field that is a Tensor with `requires_grad` is a parameter; lists, tuples and dicts of tensors and
    modules are searched too. It stays one while `p.requires_grad_(False)` freezes it: no step changes it then. Tensors
    that never had `requires_grad` are buffers: saved, not trained. Recorded results kept in a field (an activation to
    look at) are neither.

    >>> import tinygraph as tg
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = tg.tensor(2.0, requires_grad=True)
    ...     def __call__(self, x):
    ...         return self.factor * x
    >>> [name for name, _ in Scale().named_parameters()]
    ['factor']
    """

    training = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls):
            cls.__call__ = _with_scope(cls.__call__)  # type: ignore[method-assign]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{type(self).__name__}: has no __call__; define __call__(self, x) to say what it computes")

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            """Say what to write for an attribute that PyTorch's layers have."""
            raise AttributeError(habits.of_layer(type(self).__name__, name), name=name, obj=self)

    def named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """`(path, tensor)` for every tensor inside, each once, in the order of assignment."""
        seen: set[int] = set()
        for path, found in _walk(self, ""):
            if isinstance(found, Tensor) and found.is_leaf and id(found) not in seen:
                seen.add(id(found))
                yield path, found

    def modules(self) -> Iterator[Module]:
        """This module and all inside it, each once."""
        seen: set[int] = set()
        for _, found in _walk(self, ""):
            if isinstance(found, Module) and id(found) not in seen:
                seen.add(id(found))
                yield found

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """`(path, parameter)` such as `("layers.0.weight", ...)`."""
        return ((path, t) for path, t in self.named_tensors() if t.is_parameter)

    def parameters(self) -> list[Tensor]:
        """All parameters, each once."""
        return [t for _, t in self.named_parameters()]

    def state_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """Copies of all parameters and buffers by path; `np.savez("model.npz", **m.state_dict())` saves them."""
        return {path: np.array(t._array, order="C") for path, t in self.named_tensors()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set all parameters and buffers from `state`, as `state_dict()` gave it. All or nothing.

        Raises KeyError for names missing or unknown, ValueError for a wrong shape.
        """
        own = dict(self.named_tensors())
        missing, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
        if missing or unknown:
            raise KeyError(
                f"load_state_dict: missing {missing or 'nothing'}, unknown {unknown or 'nothing'}; "
                f"the state must come from a {type(self).__name__} built the same way"
            )
        values = {path: np.array(state[path], dtype=t.dtype) for path, t in own.items()}
        for path, t in own.items():
            if values[path].shape != t.shape:
                raise ValueError(
                    f"load_state_dict: {path} has shape {values[path].shape} in the state and {t.shape} in the "
                    f"module; build the module with the same sizes"
                )
        for path, t in own.items():
            t.data = values[path]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for t in self.parameters():
            t.grad = None

    def train(self, mode: bool = True) -> Module:
        """Put this module and all inside it in training mode."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Put this module and all inside it in evaluation mode."""
        return self.train(False)

    @reprlib.recursive_repr()
    def __repr__(self) -> str:
        def field_text(value: Any) -> str:
            return f"{value.shape}" if isinstance(value, Tensor) else repr(value)

        fields = ", ".join(f"{k}={field_text(v)}" for k, v in vars(self).items() if not k.startswith("_"))
        return f"{type(self).__name__}({fields})"


def _with_scope(call: Callable[..., Any]) -> Callable[..., Any]:
    """`call`, which under `tg.origins()` tells the operations in it what module they belong to."""

    @functools.wraps(call)
    def call_in_scope(self: Module, *args: Any, **kwargs: Any) -> Any:
        mode = in_force.get()
        if mode is None or not mode.origins:
            return call(self, *args, **kwargs)
        running = scope.get()
        if running is not None and running[0] is self:  # super().__call__()
            return call(self, *args, **kwargs)
        token = scope.set((self, _scope(self, running)))
        try:
            return call(self, *args, **kwargs)
        finally:
            scope.reset(token)

    return call_in_scope


def _scope(module: Module, running: tuple[Any, Scope] | None) -> Scope:
    """The call of `module` by the one that is running. The outermost also tells its parameters their paths."""
    kind = type(module).__name__
    if running is None:
        for path, t in module.named_parameters():
            if t.node is not None:
                t.node.note("path", path)
        return Scope("", kind, None)
    owner, outer = running
    path = next((path for path, found in _walk(owner, "") if found is module), kind)
    return Scope(f"{outer.path}.{path}" if outer.path else path, kind, outer)


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """All tensors and modules inside `value`, with their paths: depth first, no module twice."""
    stack: list[tuple[str, Any]] = [(path, value)]
    entered: set[int] = set()
    while stack:
        path, value = stack.pop()
        if isinstance(value, Tensor):
            yield path, value
            continue
        if isinstance(value, Module):
            items = list(vars(value).items())
        elif isinstance(value, dict):
            items = [(str(k), v) for k, v in value.items()]
        elif isinstance(value, list | tuple):
            items = [(str(k), v) for k, v in enumerate(value)]
        else:
            continue
        if id(value) in entered:
            continue
        entered.add(id(value))
        if isinstance(value, Module):
            yield path, value
        stack.extend((f"{path}.{k}" if path else k, v) for k, v in reversed(items))
