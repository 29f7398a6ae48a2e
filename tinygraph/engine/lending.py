"""Functions that users wrote, run on arrays that others hold: they may read them, and write into copies alone."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import GraphError
from .node import Recorded
from .views import apart

_PACKAGE = __name__.partition(".")[0] + "."


def is_foreign(function: Any) -> bool:
    """Whether `function` was written outside of tinygraph, whose own are tested to keep what is asked of them here."""
    while isinstance(function, functools.partial):
        function = function.func
    known = isinstance(function, np.ufunc) or hasattr(function, "foreign")
    return not (known or str(getattr(function, "__module__", "")).startswith(_PACKAGE))


def lent(x: Any) -> Any:
    """`x` to be read: of an array a view that only reads, of a Tensor one of its own, anything else itself."""
    if type(x) is np.ndarray:
        view = x.view()
        view.flags.writeable = False
        return view
    return apart(x) if isinstance(x, Recorded) else [lent(item) for item in x] if type(x) is list else x


def copied(x: Any) -> Any:
    """`x` to do with as one likes: a copy of an array."""
    if type(x) is list:
        return [copied(item) for item in x]
    return x.copy() if type(x) is np.ndarray else apart(x) if isinstance(x, Recorded) else x


def returned(found: Any, lents: Sequence[Any], arrays: Sequence[Any]) -> Any:
    """What a function returned that was given `lents` for `arrays`; a view may be written into where the array may."""
    for view, array in zip(lents, arrays, strict=True):
        if found is view:
            return array
    if type(found) is np.ndarray and not found.flags.writeable and any(found.base is x for x in arrays):
        found.flags.writeable = all(n < 2 or step for n, step in zip(found.shape, found.strides, strict=True))
    return found


class Lender:
    """Runs a function on what it may read; if it writes nevertheless, once more and from then on with copies."""

    def __init__(self) -> None:
        self.hand = lent

    def run(self, function: Callable[[Callable[[Any], Any]], Any]) -> Any:
        """`function(hand)`, which hands out what it passes on by `hand`."""
        try:
            return function(self.hand)
        except ValueError as error:
            if self.hand is copied or "read-only" not in str(error):
                raise
        self.hand = copied
        return function(copied)


def guarded_rule(rule: Any, local: bool) -> Any:
    """A rule that changes nothing it is given, and whose result is its own; if `local`, one that nobody writes into."""
    if not callable(rule) or not is_foreign(rule):
        return rule
    lender = Lender()

    @functools.wraps(rule)
    def guarded(*values: Any, **attrs: Any) -> Any:
        found = lender.run(lambda hand: rule(*[hand(x) for x in values], **attrs))
        if type(found) is np.ndarray:  # it may be one of `values`, or kept by the rule
            return found.view() if local else found.copy()
        return found

    guarded.foreign = rule  # type: ignore[attr-defined]
    return guarded


def guarded_kernel(kernel: Any, name: str) -> Any:
    """A kernel that raises GraphError where it writes into what it is given."""
    if not is_foreign(kernel):
        return kernel

    @functools.wraps(kernel)
    def guarded(*values: Any, **attrs: Any) -> Any:
        lents = [lent(x) for x in values]
        try:
            return returned(kernel(*lents, **attrs), lents, values)
        except ValueError as error:
            raise written(name, "its kernel", error) from error

    guarded.foreign = kernel  # type: ignore[attr-defined]
    return guarded


def written(name: str, what: str, error: ValueError) -> Exception:
    """What to raise for an error of code that ran on what it may only read: that it wrote, or the same error."""
    if "read-only" not in str(error):
        return error
    return GraphError(
        f"{name}: {what} writes into an input ({error}), which the graph may still need; let it write into a copy, "
        f"as in x = x.copy()"
    )
