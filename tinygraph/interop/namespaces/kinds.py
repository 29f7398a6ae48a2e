"""Classes that stand for types of numbers and arrays: called with a Tensor they record, elsewhere they are the type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...engine.node import Recorded
from .joined import holds_tensor
from .notes import note


def numpy_type(t: Recorded) -> type:
    """What a Tensor is to a program of NumPy: a scalar of its dtype if it has no axes, else an array.

    >>> import tinygraph as tg
    >>> numpy_type(tg.tensor(1.0)), numpy_type(tg.tensor([1.0]))
    (<class 'numpy.float64'>, <class 'numpy.ndarray'>)
    """
    return np.ndarray if t._array.ndim else t._array.dtype.type


class Kind(type):
    """The class of the classes that `kind` makes: made, asked and compared as what they stand for."""

    _base: type
    _of: Callable[..., Any] | None

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls._of is not None:
            for x in args:
                if isinstance(x, Recorded) or (x.__class__ is list and holds_tensor(x)):
                    note(cls.__name__ if cls._base.__module__ == "builtins" else f"np.{cls.__name__}")
                    return cls._of(*args, **kwargs)
        return cls._base(*args, **kwargs)

    def __instancecheck__(cls, x: object) -> bool:
        return isinstance(x, cls._base) or (isinstance(x, Recorded) and issubclass(numpy_type(x), cls._base))

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, cls._base)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls._base

    def __hash__(cls) -> int:
        return hash(cls._base)

    def __repr__(cls) -> str:
        return repr(cls._base)


def kind(base: type, of: Callable[..., Any] | None = None) -> Any:
    """The class that stands for `base`: `of(t, ...)` is what calling it makes of a Tensor.

    >>> import tinygraph as tg
    >>> number = kind(float, lambda t: t + 1)
    >>> number("3"), number(tg.tensor(1.0)), isinstance(tg.tensor(1.0), number), np.zeros(1, number).dtype
    (3.0, tensor(2.), True, dtype('float64'))
    """
    members: dict[str, Any] = {f"__{k}__": getattr(base, f"__{k}__") for k in ("module", "qualname", "doc")}
    if base in (bool, float, int, complex):
        members["dtype"] = np.dtype(base)  # before NumPy 2.1 a class derived from float is taken for an object's
    final = base in (bool, np.bool_, type(None))
    made: Any = Kind(base.__name__, (object,) if final else (base,), members)
    made._base, made._of = base, of
    return made
