"""A Tensor given as a setting, such as an axis or a shape: it stands for its value, or is refused."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ..errors import NotDifferentiable
from . import mode
from .node import Recorded
from .trees import flatten, map_leaves

PLAIN = frozenset([int, float, bool, str, type(None), type, np.dtype, np.ndarray, slice, *np.sctypeDict.values()])
"""Exact types of settings in which no Tensor can be."""
Setting = Any
"""A parameter so annotated is a setting; so is one of any annotation without `Any`, such as `int | None`."""
F = TypeVar("F", bound=Callable[..., Any])


def settle(function: str, name: str, value: Any, traced: bool = False) -> Any:
    """A setting with numbers and arrays in place of the Tensors in it; these stay in one that may be `traced`.

    Raises NotDifferentiable for a recorded Tensor, as the function has no gradient with respect to a setting, and
    TraceError where a step that is compiled would depend on its value.
    """
    if isinstance(value, Recorded):
        return _value(function, name, value, traced)
    if isinstance(value, tuple | list | dict) and any(isinstance(x, Recorded) for x in flatten(value)):
        return map_leaves(value, lambda x: _value(function, name, x, traced) if isinstance(x, Recorded) else x)
    return value


def _value(function: str, name: str, t: Any, traced: bool) -> Any:
    now = mode.current()
    if t.node is not None and now.grad:
        raise NotDifferentiable(
            f"{function}: {name} is a recorded tensor, and {function} has no gradient with respect to {name}; "
            f"give {name}=t.item() or t.detach()"
        )
    if traced and now.tape is not None:
        return t
    value = t.numpy()
    return value if value.ndim else value[()]


def settings(f: F) -> F:
    """Make a function take Tensors for its settings, which are told by their annotations; see `Setting`."""
    code, kinds = f.__code__, f.__annotations__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    wanted = {name: "Any" not in kinds.get(name, "Any") for name in names}
    at = [(k, name) for k, name in enumerate(names[: code.co_argcount]) if wanted[name]]
    function: Any = f

    def settled(*args: Any, **kwargs: Any) -> Any:
        for k, name in at:
            if k < len(args) and args[k].__class__ not in PLAIN:
                args = (*args[:k], settle(function.__name__, name, args[k]), *args[k + 1 :])
        for name, value in kwargs.items():
            if value.__class__ not in PLAIN and wanted.get(name, False):
                kwargs[name] = settle(function.__name__, name, value)
        return function(*args, **kwargs)

    return functools.update_wrapper(settled, f)  # type: ignore[return-value]
