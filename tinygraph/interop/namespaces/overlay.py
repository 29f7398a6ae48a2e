"""A module seen through a sheet: all its names, of which some stand for other objects."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class Overlay(ModuleType):
    """`original` with the names in `own` in the place of its own; everything else is the original's, the same object.

    >>> import math
    >>> sheet = Overlay(math, {"pi": 3})
    >>> sheet.pi, sheet.sqrt is math.sqrt
    (3, True)
    """

    def __init__(self, original: ModuleType, own: Mapping[str, Any]) -> None:
        super().__init__(original.__name__, original.__doc__)
        self.__dict__.update(own)
        self.__dict__.update(__original__=original, __own__=dict(own))

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__dict__["__original__"], name)
        setattr(self, name, value)  # asked for once
        return value

    def __dir__(self) -> list[str]:
        return sorted({*dir(self.__dict__["__original__"]), *self.__dict__["__own__"]})

    def stand_ins(self) -> dict[int, tuple[Any, Any]]:
        """By the identity of each object that is covered: the object itself, and what stands for it."""
        found = {id(self.__original__): (self.__original__, self)}
        for name, ours in self.__own__.items():
            theirs = getattr(self.__original__, name, None)
            if theirs is not None and theirs is not ours:
                found[id(theirs)] = (theirs, ours)
                if isinstance(ours, Overlay):
                    found |= ours.stand_ins()
        return found


def standing_for(original: Callable[..., Any]) -> Callable[[Function], Function]:
    """Decorator of a function that stands for `original`: with its name, signature and documentation.

    >>> import math
    >>> @standing_for(math.sqrt)
    ... def sqrt(x):
    ...     return 2.0
    >>> sqrt.__name__, sqrt.__wrapped__ is math.sqrt
    ('sqrt', True)
    """

    def dress(function: Function) -> Function:
        functools.update_wrapper(function, original)
        return function

    return dress
