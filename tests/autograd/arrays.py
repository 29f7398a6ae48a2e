"""`autograd.numpy`: NumPy, and the few functions that autograd has of its own, which join lists of Tensors."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np

import tinygraph as tg
from tests.autograd.spaces import leaves, mapped


def namespace(name: str, *of: Any, **names: Any) -> Any:
    """A module called `name`, with these names and those that one of the namespaces `of` has."""
    module = types.ModuleType(name)
    module.__dict__.update(names)

    def find(attribute: str) -> Any:
        for other in of:
            if hasattr(other, attribute):
                return getattr(other, attribute)
        raise AttributeError(attribute)

    module.__getattr__ = find  # type: ignore[method-assign]
    return module


def joined(arrange: Callable[[Any], Any], nest: Any) -> Any:
    """What `arrange` makes of a nest of arrays, of Tensors too: it is shown where they stand in one vector."""
    if not any(isinstance(x, tg.Tensor) for x in leaves(nest)):
        return arrange(nest)
    nest = mapped(lambda x: np.r_[x] if isinstance(x, slice) else x, nest)
    vector = np.concatenate([np.ravel(x) for x in leaves(nest)])
    start = 0

    def places(x: Any) -> Any:
        nonlocal start
        start += np.size(x)
        return np.arange(start - np.size(x), start).reshape(np.shape(x))

    return vector[arrange(mapped(places, nest))]


def array(x: Any, *args: Any, **kwargs: Any) -> Any:
    """NumPy's `array`, which asks no element of a list, but of Tensors in lists too."""
    if isinstance(x, tg.Tensor):
        return np.positive(x)
    return joined(lambda x: np.array(x, *args, **kwargs), x)


def where(condition: Any, *args: Any, **kwargs: Any) -> Any:
    """NumPy's `where`, which returns one of two numbers or lists as it is."""
    chosen = (*args, *kwargs.values())
    if isinstance(condition, bool) and not any(hasattr(x, "dtype") for x in chosen):
        return chosen[0] if condition else chosen[1]
    return np.where(condition, *chosen)


class _Joining:
    def __init__(self, of: Any) -> None:
        self.of = of

    def __getitem__(self, items: Any) -> Any:
        return joined(lambda x: self.of[x], items)


def _of_lists(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, *args, **kwargs: f(array(x) if isinstance(x, (list, tuple)) else x, *args, **kwargs)


def make_diagonal(x: Any, offset: int = 0, axis1: int = -1, axis2: int = -2) -> Any:
    return x[..., None] * np.eye(x.shape[-1])


linalg = namespace(
    "autograd.numpy.linalg",
    np.linalg,
    norm=_of_lists(np.linalg.norm),
    T=lambda x: np.swapaxes(x, -1, -2),
    _dot=np.matmul,
)
numpy = namespace(
    "autograd.numpy", np, array=array, r_=_Joining(np.r_), c_=_Joining(np.c_), make_diagonal=make_diagonal,
    linalg=linalg, where=where, append=lambda x, values, axis=None: np.append(array(x), array(values), axis),
    **{f.__name__: _of_lists(f) for f in (np.mean, np.std, np.var)},
)  # fmt: skip
