"""What is wrong with the shape of what a rule gives, where backward fails on it."""

from __future__ import annotations

import itertools

import numpy as np

from ..engine.rules import fit
from .subject import OpOf, input_gradient

Shape = tuple[int, ...]


def misfit(subject: OpOf) -> tuple[int, str] | None:
    """The position of the first input whose rule raises or gives a shape that does not fit, with a word on it."""
    op, attrs, inputs = subject.op, subject.node.attrs, subject.inputs
    y = np.asarray(op.kernel(*inputs, **attrs))
    g = np.ones_like(y)
    for k in subject.tracked:
        shape = np.shape(inputs[k])
        try:
            given = np.asarray(input_gradient(subject.node, k, g, y, inputs))
        except Exception as error:
            return k, f"the rule raised {type(error).__name__}: {error}"
        try:
            fit(given, shape)
        except ValueError:
            return k, f"the rule gives shape {given.shape} for input {shape}{mistake(given.shape, shape)}"
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
    if (axes := _extra_axes(given, wanted)) is not None:
        return f": missing sum over {_axis_names(axes)}"
    if (axes := _extra_axes(wanted, given)) is not None:
        lengths = ", ".join(str(wanted[a]) for a in axes)
        if len(axes) == 1:
            return f": {_axis_names(axes)} is missing, put it back with length {lengths}"
        return f": {_axis_names(axes)} are missing, put them back with lengths {lengths}"
    if sorted(given) == sorted(wanted):
        return ": transposed"
    if len(given) == len(wanted) and all(n in (1, m) for n, m in zip(wanted, given, strict=True)):
        return f": missing sum over {_axis_names(tuple(a for a, n in enumerate(wanted) if n != given[a]))}"
    return ": its elements in another shape" if np.prod(given) == np.prod(wanted) else ""


def _extra_axes(longer: Shape, shorter: Shape) -> Shape | None:
    """The axes without which `longer` is `shorter`."""
    for axes in itertools.combinations(range(len(longer)), max(0, len(longer) - len(shorter))):
        if axes and tuple(n for a, n in enumerate(longer) if a not in axes) == shorter:
            return axes
    return None


def _axis_names(axes: Shape) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"
