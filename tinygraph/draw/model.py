"""What a picture is made of: boxes (values, how each was made) and arrows (who reads them). Plain data, no drawing."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from .numbers import Numbers

Kind = Literal["input", "constant", "parameter", "operation", "output"]


@dataclasses.dataclass(frozen=True, slots=True)
class Box:
    """One value: given (input, constant, parameter), or made by an operation (also where it is an output).

    `id` is n1, n2, ... in topological order; `step` counts the operations alone. `formula` says how the value
    was made, in the names of the other boxes; of a constant it is the value. `uses` counts the arrows that leave.
    """

    id: str
    kind: Kind
    name: str
    shape: tuple[int, ...]
    dtype: str
    step: int | None = None
    formula: str | None = None
    value: Numbers | None = None
    grad: Numbers | None = None
    uses: int = 0
    origin: str | None = None

    @property
    def tracked(self) -> bool:
        """Whether a gradient flows into it."""
        return self.kind not in ("input", "constant")


@dataclasses.dataclass(frozen=True, slots=True)
class Arrow:
    """One reading of a value by an operation, from box id `source` to box id `target`.

    `derivative` is the text of the local derivative, None where no gradient flows back; `partial` its short
    form, ∂y/∂x. `summed` are the axes over which the gradient is summed because `shape` had been broadcast to
    `broadcast`. `cast` says how the dtype changes. `adds` says that the gradient is added to those of other
    readings.
    """

    source: str
    target: str
    shape: tuple[int, ...]
    derivative: str | None = None
    partial: str | None = None
    broadcast: tuple[int, ...] | None = None
    summed: tuple[int, ...] = ()
    cast: str | None = None
    adds: bool = False


def shape_text(shape: tuple[Any, ...]) -> str:
    """A shape as NumPy writes it.

    >>> shape_text((8, 1)), shape_text(())
    ('(8, 1)', '()')
    """
    return str(tuple(int(n) for n in shape))
