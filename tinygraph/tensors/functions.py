"""NumPy's functions called with Tensors: which record, which see the value, and what the others say."""

from __future__ import annotations

import functools
import inspect
import sys
from typing import Any

import numpy as np

from .. import ops, tensors
from ..engine.declare import function_of
from ..engine.foreign import has_functions, has_ufuncs, is_plain
from ..engine.node import Recorded
from ..engine.trees import map_leaves
from ..errors import NotDifferentiable
from . import conversions
from .ufuncs import METHODS, check_targets, into

ON_SHAPES = frozenset(
    [np.shape, np.ndim, np.size, np.result_type, np.can_cast,
     np.iscomplexobj, np.isrealobj, np.may_share_memory, np.shares_memory, np.broadcast_shapes, np.diag_indices_from,
     np.tril_indices_from, np.triu_indices_from, np.common_type]
)  # fmt: skip
"""NumPy functions that look at shapes, dtypes and memory alone: they see the array."""
ON_VALUES = frozenset(
    [np.array_equal, np.allclose, np.array2string, np.array_repr, np.array_str, np.array_equiv, np.min_scalar_type,
     np.ix_, np.ravel_multi_index, np.unravel_index]
)  # fmt: skip
"""NumPy functions whose answer carries no derivative: they see the value, which no compiled step may depend on."""

CONVERSIONS = frozenset([np.atleast_1d, np.atleast_2d, np.atleast_3d])
"""NumPy functions that make arrays of anything, as np.asarray does, by which SciPy takes what it hands on to C."""


def array_ufunc(self: Recorded, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """`Tensor.__array_ufunc__`: NumPy's elementwise functions by the op declared on them, or the function so named."""
    function = function_of(ufunc) or namesake(ufunc)
    if function is not None and method == "__call__" and not kwargs:
        return function(*inputs)
    into_array = (method == "at" and isinstance(inputs[0], np.ndarray)) or any(
        isinstance(x, np.ndarray) for x in kwargs.get("out", ())
    )
    if (function is None or into_array) and (_hold_no_gradient(kwargs) or is_plain((inputs, kwargs))):
        return getattr(ufunc, method)(*_values(inputs), **{k: _values(v) for k, v in kwargs.items()})
    if any(has_ufuncs(x.__class__) for x in inputs):
        return NotImplemented
    if function is None:
        raise NotDifferentiable(_no_rule(_name_of(ufunc)))
    return METHODS[method](ufunc, function, *inputs, **kwargs)


def _hold_no_gradient(kwargs: dict[str, Any]) -> bool:
    """Whether all results go into arrays of bools, which have no gradient to lose."""
    if not all(isinstance(x, np.ndarray) and x.dtype.kind == "b" for x in kwargs.get("out", (None,))):
        return False
    conversions.not_traced("out=")
    return True


def array_function(self: Recorded, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`Tensor.__array_function__`: NumPy's other functions by the op of the same name; a Tensor can be their `out`."""
    if any(has_functions(kind) for kind in types):
        return NotImplemented
    if function in ON_VALUES:
        conversions.not_traced(f"np.{function.__name__}")
    if function in ON_VALUES or function in ON_SHAPES:
        return function(*_values(args), **{k: _values(v) for k, v in kwargs.items()})
    recorded = namesake(function)
    if function in CONVERSIONS and is_plain((args, kwargs)) and tensors.leaving.within_scipy():
        return function(*_values(args))
    if (recorded is None or isinstance(kwargs.get("out"), np.ndarray)) and is_plain((args, kwargs)):
        return function(*_values(args), **{k: _values(v) for k, v in kwargs.items()})
    name = f"{'np.emath' if _is_emath(function) else function.__module__.replace('numpy', 'np', 1)}.{function.__name__}"
    if recorded is None:
        raise NotDifferentiable(_no_rule(name))
    order, renamed = _argument_names(function, recorded)
    if not renamed.isdisjoint(kwargs):
        args, kwargs = _arguments_by_position(order, renamed, args, dict(kwargs))
    if kwargs.get("out") is None:
        return recorded(*args, **kwargs)
    out = kwargs.pop("out")
    check_targets(name, (out,))
    return into(name, (out,), recorded(*args, **kwargs))


def array_namespace(self: Recorded, *, api_version: Any = None) -> Any:
    """`Tensor.__array_namespace__`: NumPy, whose functions take Tensors. SciPy asks under SCIPY_ARRAY_API=1."""
    return np


@functools.cache
def _argument_names(function: Any, recorded: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """NumPy's arguments that can be given by position, with their defaults, and those that ours calls otherwise."""
    try:
        theirs = inspect.signature(function).parameters.values()
    except ValueError:  # written in C: by position alone
        return {}, frozenset()
    order = {p.name: p.default for p in theirs if p.kind is p.POSITIONAL_OR_KEYWORD}
    op = getattr(recorded, "op", None)
    known = op.defaults if op is not None else inspect.signature(recorded).parameters
    return order, frozenset(order) - set(known) - {"out"}


def _arguments_by_position(
    order: dict[str, Any], renamed: frozenset[str], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments in which none is called by a name that ours does not have, as in np.clip(t, a_max=1)."""
    values = list(args)
    for name, default in list(order.items())[len(args) :]:
        if renamed.isdisjoint(kwargs):
            break
        values.append(kwargs.pop(name, None if default is np._NoValue else default))
    return tuple(values), kwargs


def _name_of(ufunc: np.ufunc) -> str:
    """The name of a ufunc for messages, such as np.exp or scipy.special.erf."""
    theirs = getattr(sys.modules.get("scipy.special"), ufunc.__name__, None) is ufunc
    return f"{'scipy.special' if theirs else 'np'}.{ufunc.__name__}"


def namesake(function: Any) -> Any:
    """What stands under the same name in `ops` as `function` in NumPy: np.linalg.norm is ops.linalg.norm.

    NumPy's folder `lib` is none here: np.lib.stride_tricks.sliding_window_view is ops.sliding_window_view. Those of
    np.emath, which turn to complex numbers where ours give NaN, have no namesake.
    """
    if isinstance(function, np.ufunc):  # not one that somebody else has made, and called as he liked
        known = any(getattr(m, function.__name__, None) is function for m in (np, sys.modules.get("scipy.special")))
        return getattr(ops, function.__name__, None) if known else None
    theirs, ours = np, ops
    path = (function.__module__ or "").split(".")[1:]
    if _is_emath(function):
        return None
    if path[:1] == ["lib"]:
        theirs, path = getattr(np.lib, path[-1], None), []  # type: ignore[assignment]
    for name in (*path, function.__name__):
        theirs, ours = getattr(theirs, name, None), getattr(ours, name, None)  # type: ignore[assignment]
    return ours if theirs is function else None


def _is_emath(function: Any) -> bool:
    """Whether a function is one of np.emath, whose module has another name in each NumPy."""
    return getattr(np.emath, function.__name__, None) is function


def _values(x: Any) -> Any:
    """A tree of arguments with the arrays of its Tensors, instead of these."""
    return map_leaves(x, lambda leaf: leaf._array if isinstance(leaf, Recorded) else leaf)


def _no_rule(name: str) -> str:
    reason = tensors.leaving.WITHOUT_GRADIENT.get(name.rpartition(".")[2])
    if reason is not None:
        return f"{name}: has no gradient: {reason}; apply it to t.numpy() if no gradient is needed"
    near = [n for n in ops.__all__ if n.startswith(name.rpartition(".")[2][:4])]  # type: ignore[attr-defined]
    instead = f"use {', '.join('tg.' + n for n in near)}" if near else "compose it from functions of tg"
    return (
        f"{name}: has no gradient in tinygraph; {instead}, declare it with tg.primitive, "
        f"or apply it to t.numpy() if no gradient is needed"
    )
