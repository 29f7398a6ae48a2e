"""What is wrong with the shape of what a rule gives, where backward fails on it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.rules import fit

if TYPE_CHECKING:
    from .nodes import Applied

Shape = tuple[int, ...]


def misfit(applied: Applied) -> tuple[int, str] | None:
    """The position of the first input whose rule raises or gives a shape that does not fit, with a word on it."""
    op: Any = applied.node.op
    attrs, inputs = applied.node.attrs, applied.inputs
    y = np.asarray(op.kernel(*inputs, **attrs))
    g = np.ones_like(y)
    for k in applied.tracked:
        rule, shape = op.rule(k), np.shape(inputs[k])
        if not callable(rule):
            continue
        try:
            given = rule(y, *inputs, **attrs) if op.local else rule(g, y, *inputs, **attrs)
            if op.local:
                given = g * given
        except Exception as error:
            return k, f"the rule raised {type(error).__name__}: {error}"
        try:
            fit(np.asarray(given), shape)
        except ValueError:
            return k, f"the rule gives shape {np.shape(given)} for input {shape}{mistake(np.shape(given), shape)}"
    return None


def mistake(given: Shape, wanted: Shape) -> str:
    """What turns one shape into the other, after a colon; "" if nothing simple does.

    >>> mistake((3, 4), (3,))
    ': missing sum over axis 1'
    >>> mistake((3, 4), (4, 3))
    ': transposed'
    >>> mistake((3,), (3, 4))
    ': axis 1 is missing, put it back with length 4'
    """
    if (axes := _left_out(given, wanted)) is not None:
        return f": missing sum over {_named(axes)}"
    if (axes := _left_out(wanted, given)) is not None:
        lengths = ", ".join(str(wanted[a]) for a in axes)
        if len(axes) == 1:
            return f": {_named(axes)} is missing, put it back with length {lengths}"
        return f": {_named(axes)} are missing, put them back with lengths {lengths}"
    if sorted(given) == sorted(wanted):
        return ": transposed"
    if len(given) == len(wanted) and all(n in (1, m) for n, m in zip(wanted, given, strict=True)):
        return f": missing sum over {_named(tuple(a for a, n in enumerate(wanted) if n != given[a]))}"
    return ": its elements in another shape" if np.prod(given) == np.prod(wanted) else ""


def _left_out(longer: Shape, shorter: Shape) -> Shape | None:
    """The axes without which `longer` is `shorter`."""
    for axes in itertools.combinations(range(len(longer)), max(0, len(longer) - len(shorter))):
        if axes and tuple(n for a, n in enumerate(longer) if a not in axes) == shorter:
            return axes
    return None


def _named(axes: Shape) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"
