"""What a gradient check asks of a step that replays a program: its losses, what it trains, and where the two differ."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Sequence
from typing import Any

from .node import Recorded


@dataclasses.dataclass(frozen=True, slots=True)
class Deviation:
    """`what` (an output, a value or a gradient) differs at `element`: `eager` by the step, `compiled` by its program.

    The numbers are NaN where one of the two is of another shape or dtype, or not there at all. `op` is the operation of
    the first statement of the program, `source`, whose result differs, and `origin` the `file:line` that it was traced
    from; "" where no statement does.
    """

    what: str
    shape: tuple[int, ...]
    dtype: str
    element: tuple[int, ...]
    eager: float
    compiled: float
    op: str = ""
    origin: str = ""
    source: str = ""


class ReplayableStep(abc.ABC):
    """A step of training that replays a program in place of running; it can be tried out without lasting changes.

    A check knows such steps by this class alone, so that no model is taken for one because of the names it uses.
    """

    @abc.abstractmethod
    def losses(self, *args: Any) -> Sequence[Recorded]:
        """What the step calls `backward` on, as recorded Tensors."""

    @abc.abstractmethod
    def trained(self, *args: Any) -> Sequence[Recorded]:
        """The Tensors in whose `grad` the step leaves a gradient."""

    @abc.abstractmethod
    def deviation(self, *args: Any) -> Deviation | None:
        """Where a replay leaves something else than the step itself, bit for bit; None if it does not."""
