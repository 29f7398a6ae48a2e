"""What a picture is made of: boxes (values, how each was made), arrows (who reads them), groups. Plain data."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..ink.numbers import Numbers

Kind = Literal["input", "constant", "parameter", "operation", "output", "module", "repetition"]
Phase = Literal["forward", "backward", "double"]
GRADIENT = "gradient"
"""What stands in the place of an operation where a box is a gradient: the rules of all that read the value made it."""


class Box(NamedTuple):
    """One value: given (input, constant, parameter), or made by an operation (also where it is an output).

    `id` is n1, n2, ... in topological order; `step` counts the operations alone. `formula` says how the value
    was made, in the names of the other boxes; of a constant it is the value. `uses` counts the arrows that leave.
    `op` and `attributes` are the operation's name and settings, `saves` the names of what its rules keep for
    backward, `group` the id of the innermost group. `phase` is "backward" for a gradient's value and "double" for
    one of second order. `alarm` is what is wrong with its gradient, such as "vanishing", `first` marks where that
    begins. A "module" or "repetition" stands for `operations` and `parameters` that are folded away, and `gives` the
    values of these names to the rest of the picture, or as output, which `ends` tells. `takes` are the steps
    that are written into its formula. `change` is how it differs in a `tg.diff`: the sign "−", "+" or "~", and
    lines that say so.
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
    op: str = ""
    attributes: str = ""
    saves: tuple[str, ...] = ()
    group: str | None = None
    phase: Phase = "forward"
    alarm: str = ""
    first: bool = False
    operations: int = 0
    parameters: int = 0
    gives: tuple[str, ...] = ()
    ends: bool = False
    takes: tuple[int, ...] = ()
    change: tuple[str, ...] = ()

    @property
    def tracked(self) -> bool:
        """Whether a gradient flows into it."""
        return self.kind not in ("input", "constant")

    @property
    def is_gradient(self) -> bool:
        """Whether it stands for the gradient of a value, as in `tg.draw(..., mode="backward")`."""
        return self.op == GRADIENT and self.phase == "backward"

    @property
    def made(self) -> bool:
        """Whether an operation makes it."""
        return self.step is not None


class Arrow(NamedTuple):
    """One reading of a value by an operation, from box id `source` to box id `target`.

    `derivative` is the text of the local derivative, "" where it is folded away, None where no gradient flows back;
    `partial` its short form, ∂y/∂x, and `local` its value where that is a few numbers.
    `summed` are the axes over which the gradient is summed because `shape` had been
    broadcast to `broadcast`. `cast` says how the dtype changes. `adds` says that the gradient is added to those of
    other readings. `pairs` joins a value with its own gradient. `width` is the stroke in points where the arrow
    shows how large the gradient is, else 0. `change` is that of a box, of the sign alone where an end has it too.
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
    pairs: bool = False
    width: float = 0.0
    local: str = ""
    change: tuple[str, ...] = ()


class Group(NamedTuple):
    """Boxes that belong together: the call of a module, or copies of one sub-graph in a row.

    `id` is g1, g2, ...; `parent` that of the group around. A module's `name` is the path to it, its `label` the
    class. A "repetition" holds the copies after the first, which stays beside it as a "copy".
    """

    id: str
    kind: Literal["module", "repetition", "copy"]
    name: str
    label: str
    parent: str | None = None
    operations: int = 0
    parameters: int = 0
    copies: int = 1


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as NumPy writes it.

    >>> shape_text((8, 1)), shape_text(())
    ('(8, 1)', '()')
    """
    return str(tuple(int(n) for n in shape))
