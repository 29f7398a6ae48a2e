"""`tg.numpy`: NumPy, whose functions that make arrays keep and make Tensors where tensors are about."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import ops
from ...engine.mode import listening
from ...engine.node import Recorded
from .joined import cast, holds_tensor, joined, writable
from .kinds import kind
from .notes import note
from .overlay import Overlay, standing_for


def _keeping(original: Callable[..., Any], copy: bool = False, ndmin: int = 0) -> Callable[..., Any]:
    """`original`, one of np.asarray's kind, which makes of Tensors and lists of them one Tensor."""

    @standing_for(original)
    def make(a: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if a.__class__ is np.ndarray or not holds_tensor(a):
            made = original(a) if dtype is None and not kwargs and not args else original(a, dtype, *args, **kwargs)
            return _to_write(original, made) if copy and listening() else made
        note(f"np.{original.__name__}")
        t = joined(a, dtype)
        t = t.copy() if t is a and kwargs.get("copy", copy) else t
        least = kwargs.get("ndmin", ndmin)
        return ops.reshape(t, (1,) * (least - t.ndim) + t.shape) if t.ndim < least else t

    return make


def _new(original: Callable[..., Any]) -> Callable[..., Any]:
    """`original`, which makes an array of a shape: a Tensor to write into where tensors are about."""

    @standing_for(original)
    def make(*args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        return _to_write(original, made) if listening() else made

    return make


def _to_write(original: Callable[..., Any], array: Any) -> Any:
    note(f"np.{original.__name__}")
    return writable(array)


def _like(original: Callable[..., Any]) -> Callable[..., Any]:
    """`original`, which makes an array like another: a Tensor to write into where tensors are about."""

    @standing_for(original)
    def make(a: Any, *args: Any, **kwargs: Any) -> Any:
        if a.__class__ is not np.ndarray and holds_tensor(a):
            a = joined(a)
        made = original(a, *args, **kwargs)
        return _to_write(original, made) if type(made) is np.ndarray and listening() else made

    return make


@standing_for(np.require)
def _require(a: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
    return joined(a, dtype) if holds_tensor(a) else np.require(a, dtype, *args, **kwargs)


@standing_for(np.full)
def _full(shape: Any, fill_value: Any, *args: Any, **kwargs: Any) -> Any:
    if fill_value.__class__ is not float and holds_tensor(fill_value):
        note("np.full")
        return ops.copy(np.broadcast_to(joined(fill_value, *args[:1] or [kwargs.get("dtype")]), shape))
    made = np.full(shape, fill_value, *args, **kwargs)
    return _to_write(np.full, made) if listening() else made


@standing_for(np.arange)
def _arange(*args: Any, **kwargs: Any) -> Any:
    for x in args:
        if isinstance(x, Recorded):
            return _arange_of(*args, **kwargs)
    made = np.arange(*args, **kwargs)
    return _to_write(np.arange, made) if listening() else made


def _arange_of(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None, **kwargs: Any) -> Any:
    """start + step k: how many there are is a value, what they are is recorded."""
    start, stop = (0, start) if stop is None else (start, stop)
    values = [x._array if isinstance(x, Recorded) else x for x in (start, stop, step)]
    number = np.arange(*values, **kwargs).shape[0]
    return joined(start + step * np.arange(number), dtype)


@standing_for(np.isscalar)
def _isscalar(element: Any) -> bool:
    return not element._array.ndim if isinstance(element, Recorded) else np.isscalar(element)


@standing_for(np.iterable)
def _iterable(y: Any) -> bool:
    return bool(y._array.ndim) if isinstance(y, Recorded) else np.iterable(y)


class _Concatenator:
    """np.r_ or np.c_, which joins Tensors by `join`."""

    def __init__(self, original: Any, join: Callable[[list[Any]], Any]) -> None:
        self._original, self._join = original, join

    def __getitem__(self, key: Any) -> Any:
        keys = key if isinstance(key, tuple) else (key,)
        if not any(holds_tensor(k) for k in keys):
            return self._original[key]
        if any(isinstance(k, str) for k in keys):
            raise TypeError(f"np.r_ and np.c_: {key!r:.60} with Tensors; join them by np.concatenate or np.stack")
        note("np.r_" if self._original is np.r_ else "np.c_")
        return self._join([joined(k) if holds_tensor(k) else self._original[k] for k in keys])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


def _join_rows(parts: list[Any]) -> Any:
    return ops.concatenate([np.atleast_1d(p) for p in parts])


def _join_columns(parts: list[Any]) -> Any:
    return ops.concatenate([p if p.ndim > 1 else np.reshape(p, (-1, 1)) for p in parts], axis=-1)


class _Vectorize:
    """np.vectorize, which calls the function for each element of Tensors and stacks what it returns."""

    def __init__(self, pyfunc: Any, *args: Any, **kwargs: Any) -> None:
        self._original = np.vectorize(pyfunc, *args, **kwargs)
        functools.update_wrapper(self, pyfunc, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not any(holds_tensor(x) for x in (*args, *kwargs.values())):
            return self._original(*args, **kwargs)
        return vectorized(self._original, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


def vectorized(v: np.vectorize, *args: Any, **kwargs: Any) -> Any:
    """The np.vectorize object `v` called with Tensors: its function for each element, the results stacked."""
    note("np.vectorize")
    if v.signature is not None:
        raise TypeError("np.vectorize: signature= with Tensors; call the function in a loop and join with np.stack")
    names = list(kwargs)
    given = [*args, *kwargs.values()]
    fixed = {k for k, x in enumerate([*range(len(args)), *names]) if x in v.excluded}
    spread = [x if k in fixed else joined(x) for k, x in enumerate(given)]
    shape = np.broadcast_shapes(*[x.shape for k, x in enumerate(spread) if k not in fixed])
    spread = [x if k in fixed else np.broadcast_to(x, shape) for k, x in enumerate(spread)]
    results = []
    for index in np.ndindex(shape):
        values = [x if k in fixed else x[index] for k, x in enumerate(spread)]
        results.append(v.pyfunc(*values[: len(args)], **dict(zip(names, values[len(args) :], strict=True))))
    if not results:
        raise ValueError(f"np.vectorize: there is no element in Tensors of shape {shape}; give at least one")
    if isinstance(results[0], tuple):
        return tuple(np.reshape(joined(list(column)), shape) for column in zip(*results, strict=True))
    return np.reshape(joined(results), shape)


_TYPES = (
    "float16", "float32", "float64", "longdouble", "complex64", "complex128", "clongdouble", "int8", "int16", "int32",
    "int64", "uint8", "uint16", "uint32", "uint64", "intp", "uintp", "half", "single", "double", "csingle", "cdouble",
    "bool_", "bool", "int_", "uint", "longlong", "ulonglong", "intc", "uintc", "short", "ushort", "byte", "ubyte",
    "long", "ulong",
)  # fmt: skip
_ABSTRACT = ("generic", "number", "inexact", "floating", "complexfloating", "integer", "signedinteger", "ndarray")

OWN: dict[str, Any] = {
    **{name: kind(getattr(np, name), cast(getattr(np, name))) for name in _TYPES},
    **{name: kind(getattr(np, name)) for name in _ABSTRACT},
    **{name: _new(getattr(np, name)) for name in ("zeros", "ones", "empty", "eye", "identity", "tri", "fromfunction")},
    **{name: _keeping(getattr(np, name)) for name in ("asarray", "asanyarray", "asarray_chkfinite")},
    **{name: _keeping(getattr(np, name), ndmin=1) for name in ("ascontiguousarray", "asfortranarray")},
    **{name: _like(getattr(np, name)) for name in ("zeros_like", "ones_like", "empty_like", "full_like")},
    "array": _keeping(np.array, copy=True),
    "require": _require,
    "arange": _arange,
    "full": _full,
    "isscalar": _isscalar,
    "iterable": _iterable,
    "r_": _Concatenator(np.r_, _join_rows),
    "c_": _Concatenator(np.c_, _join_columns),
    "vectorize": _Vectorize,
}
"""By name, what stands for NumPy's own."""

numpy = Overlay(np, OWN)
