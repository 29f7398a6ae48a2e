"""NumPy's ufuncs on Tensors beyond the plain call: the keywords out, where and dtype, and the methods.

An op knows nothing of these. `where` becomes a `tg.where`, `dtype` a cast of the inputs, a Tensor as `out` gets a new
value as in `t[...] = y`, and each method is the function that computes the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from ..engine.node import Recorded
from ..errors import NotDifferentiable
from ..ops.indexing import index_of_arrays, tensor_or_array
from ..ops.reduction import add_reduceat

REDUCTIONS: dict[np.ufunc, str] = {
    np.add: "sum", np.multiply: "prod", np.maximum: "max", np.minimum: "min", np.logical_and: "all",
    np.logical_or: "any", np.logaddexp: "logsumexp", np.fmax: "nanmax", np.fmin: "nanmin",
}  # fmt: skip
ACCUMULATIONS: dict[np.ufunc, str] = {np.add: "cumsum", np.multiply: "cumprod"}
"""The function that does what a ufunc's `reduce` and `accumulate` do, by its name in `ops`."""

# ---------------------------------------------------------------------------------------------- the call


def call(
    ufunc: np.ufunc, function: Any, *inputs: Any, out: Any = None, where: Any = True, dtype: Any = None,
    signature: Any = None, casting: Any = "same_kind", order: Any = "K", subok: Any = True, **attrs: Any,
) -> Any:  # fmt: skip
    """`ufunc` called with keywords, by the `function` that records it. Memory `order` and subclasses are ours.

    Elements that `where` leaves out are those of `out`, and 0 without it (in NumPy, whatever the memory held).
    """
    name = f"np.{ufunc.__name__}"
    targets = (None,) * ufunc.nout if out is None else out
    check_targets(name, targets)
    unknown = ", ".join(attrs.keys() - getattr(getattr(function, "op", None), "defaults", {}).keys())
    if unknown:
        raise TypeError(f"{name}: {unknown}= is not recorded; call it without, on operands arranged for that")
    if dtype is not None or signature is not None:
        inputs = _cast(name, ufunc, inputs, dtype, signature, casting)
    if where is True:
        return into(name, targets, function(*inputs, **attrs), casting)
    mask = _mask(name, where)
    y = function(*_inputs_where(function, mask, inputs), **attrs)
    parts = y if type(y) is tuple else (y,)
    chosen = [np.where(mask, p, p.dtype.type(0) if t is None else t) for p, t in zip(parts, targets, strict=True)]
    return into(name, targets, tuple(chosen) if type(y) is tuple else chosen[0], casting)


def check_targets(name: str, targets: tuple[Any, ...]) -> None:
    """Raise NotDifferentiable where an array is to hold a result."""
    if not all(t is None or isinstance(t, Recorded) for t in targets):
        raise NotDifferentiable(
            f"{name}: an array cannot hold a recorded result (out=, or array += tensor); give a Tensor, "
            f"or write y = {name}(...) or array = array + tensor"
        )


def into(name: str, targets: tuple[Any, ...], y: Any, casting: Any = "same_kind") -> Any:
    """The results `y`, or the Tensors that are to hold them, which get them as their new values."""
    if type(y) is tuple:
        return tuple([into(name, (t,), part, casting) for t, part in zip(targets, y, strict=True)])
    target: Any = targets[0]
    if target is None:
        return y
    y = y if isinstance(y, Recorded) else target.__class__(y)
    if y.shape != target.shape and np.broadcast_shapes(y.shape, target.shape) == target.shape:
        y = ops.broadcast_to(y, shape=target.shape)
    if casting != "same_kind":
        if not np.can_cast(y.dtype, target.dtype, casting):
            raise TypeError(
                f"{name}: {y.dtype} cannot be cast to {target.dtype} of out= as casting={casting!r}; cast it"
            )
        y = ops.astype(y, dtype=target.dtype)
    return target._rebind(name, y)


def _cast(
    name: str, ufunc: np.ufunc, inputs: tuple[Any, ...], dtype: Any, signature: Any, casting: Any
) -> tuple[Any, ...]:
    """The inputs in the types of the loop that NumPy would run."""
    if signature is None:
        signature = (None,) * ufunc.nin + (dtype,) * ufunc.nout
    elif isinstance(signature, str):
        signature = tuple(signature.replace("->", ""))
    wanted = tuple([None if kind is None else np.dtype(kind) for kind in signature])
    arrays = [x if isinstance(x, Recorded | int | float | complex) else np.asarray(x) for x in inputs]
    given = [getattr(x, "dtype", type(x)) for x in arrays]
    try:
        loop = ufunc.resolve_dtypes((*given, *[None] * ufunc.nout), signature=wanted, casting=casting)
    except TypeError as error:
        raise TypeError(f"{name}: {error}; cast the inputs, as in t.astype(np.float32)") from None
    return tuple([ops.astype(x, dtype=d) if hasattr(x, "dtype") else x for x, d in zip(arrays, loop)])


def _mask(name: str, where: Any) -> Any:
    """`where` as a Tensor or array of bools, or TypeError."""
    mask = tensor_or_array(where)
    if mask.dtype.kind != "b":
        raise TypeError(f"{name}: where= is of {mask.dtype}, not bool; give a mask such as t > 0")
    return mask


def _inputs_where(function: Any, mask: Any, inputs: tuple[Any, ...]) -> list[Any]:
    """The inputs where `mask` holds, elsewhere a number at which the function and its slope are finite."""
    low, high = function.op.domain if hasattr(function, "op") else (-np.inf, np.inf)
    inside = low + 1 if np.isfinite(low) else 1
    inside = (low + high) / 2 if np.isfinite(low) and np.isfinite(high) else inside
    arrays: list[Any] = [x if isinstance(x, Recorded | int | float | complex) else np.asarray(x) for x in inputs]
    return [np.where(mask, x, x.dtype.type(inside)) if hasattr(x, "dtype") else x for x in arrays]


# ------------------------------------------------------------------------------------------- the methods


def _function_for(ufunc: np.ufunc, method: str, names: dict[np.ufunc, str]) -> Any:
    """The function of `ops` for a method, or the error that says for which ufuncs there is one."""
    known = {u: getattr(ops, name) for u, name in names.items() if hasattr(ops, name)}
    if ufunc not in known:
        raise _unknown(ufunc, method, *known)
    return known[ufunc]


def _unknown(ufunc: np.ufunc, method: str, *known: np.ufunc) -> NotDifferentiable:
    """What is raised for a ufunc whose `method` is not recorded; names those for which it is."""
    recorded = ", ".join([f"np.{u.__name__}.{method}" for u in known])
    return NotDifferentiable(
        f"np.{ufunc.__name__}.{method}: has no gradient in tinygraph, only {recorded}; compose it of functions, "
        f"or apply it to t.numpy() if no gradient is needed"
    )


def _operand(x: Any, dtype: Any) -> Any:
    """`x` as a Tensor or array, of `dtype` if one is given."""
    x = tensor_or_array(x)
    return x if dtype is None else ops.astype(x, dtype=np.dtype(dtype))


def reduce(
    ufunc: np.ufunc, function: Any, array: Any, *, axis: Any = 0, dtype: Any = None, out: Any = None,
    keepdims: bool = False, initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """`ufunc.reduce`: `np.add.reduce` is the sum along axis 0, and so on."""
    name = f"np.{ufunc.__name__}.reduce"
    by, x = _function_for(ufunc, "reduce", REDUCTIONS), _operand(array, dtype)
    targets = out or (None,)
    check_targets(name, targets)
    initial = None if initial is np._NoValue else initial
    if where is not True:
        nothing = initial if ufunc.identity is None else ufunc.identity
        if nothing is None:
            raise ValueError(f"{name}: where= leaves positions out; give initial=, the value of none")
        x = np.where(_mask(name, where), x, x.dtype.type(nothing))
    if initial is None:
        return into(name, targets, by(x, axis=axis, keepdims=keepdims))
    if ufunc.identity is None:  # the largest of nothing is the initial value
        return into(name, targets, by(x, axis=axis, keepdims=keepdims, initial=initial))
    return into(name, targets, function(by(x, axis=axis, keepdims=keepdims), initial))


def accumulate(ufunc: np.ufunc, function: Any, array: Any, *, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """`ufunc.accumulate`: `np.add.accumulate` is the cumulative sum along axis 0."""
    name = f"np.{ufunc.__name__}.accumulate"
    by, targets = _function_for(ufunc, "accumulate", ACCUMULATIONS), out or (None,)
    check_targets(name, targets)
    return into(name, targets, by(_operand(array, dtype), axis=axis))


def outer(ufunc: np.ufunc, function: Any, a: Any, b: Any, **keywords: Any) -> Any:
    """`ufunc.outer`: every element of `a` with every one of `b`."""
    a = tensor_or_array(a)
    return call(ufunc, function, np.reshape(a, (*a.shape, *[1] * np.ndim(b))), b, **keywords)


def at(ufunc: np.ufunc, function: Any, a: Any, indices: Any, b: Any = None) -> None:
    """`np.add.at` and `np.subtract.at`: `a[indices] += b` where repeated indices add. The handle gets the new value."""
    name = f"np.{ufunc.__name__}.at"
    if ufunc not in (np.add, np.subtract):
        raise _unknown(ufunc, "at", np.add, np.subtract)
    check_targets(name, (a,))
    there = a._array[index_of_arrays(indices)].shape
    added = ops.scatter(np.broadcast_to(b, there), index=indices, shape=a.shape)
    a._rebind(name, function(a, added))


def reduceat(
    ufunc: np.ufunc, function: Any, array: Any, indices: Any, *, axis: int = 0, dtype: Any = None, out: Any = None
) -> Any:
    """`np.add.reduceat`: sums from each index to the next, the last to the end; one element where none lies between."""
    name = f"np.{ufunc.__name__}.reduceat"
    if ufunc is not np.add:
        raise _unknown(ufunc, "reduceat", np.add)
    x, targets = _operand(array, dtype), out or (None,)
    check_targets(name, targets)
    axis, starts = axis % x.ndim, np.asarray(index_of_arrays(indices))
    n = x.shape[axis]
    if starts.size and not 0 <= starts.min() <= starts.max() < n:
        raise IndexError(
            f"{name}: indices from {starts.min()} to {starts.max()} on an axis of length {n}; give 0 to n-1"
        )
    return into(name, targets, add_reduceat(x, starts=starts, axis=axis))


METHODS: dict[str, Callable[..., Any]] = {
    "__call__": call, "reduce": reduce, "accumulate": accumulate, "outer": outer, "at": at, "reduceat": reduceat,
}  # fmt: skip
