"""What a comparison found, and how it reads."""

from __future__ import annotations

import dataclasses

from ...engine.node import Array
from ...engine.wording import number_of


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where two routes first part: at `op`, applied at `origin` (`file:line`, "" if unknown), which reads `source`.

    In the order of backward, `op` is the first whose own contribution to the gradient of its input `input` differs:
    there `ours` is tinygraph's gradient at `element`, `other` that of the other route. With `input` "" it is the value
    of the op that differs, in the order of forward. `note` says more, or what is wrong if every op is right (then `op`
    is "").
    """

    op: str
    origin: str
    source: str = ""
    input: str = ""
    shape: tuple[int, ...] = ()
    element: tuple[int, ...] = ()
    ours: float = float("nan")
    other: float = float("nan")
    note: str = ""

    def text(self, against: str) -> str:
        """The place in one line."""
        where = f" at {self.origin}" if self.origin else ""
        line = f": {self.source}" if self.source else ""
        if not self.op:
            return f"{self.note}{where}{line}"
        what = f"gradient of its input {self.input}" if self.input else "its value"
        note = f"; {self.note}" if self.note else ""
        numbers = describe_difference(self.element, self.ours, self.other, against)
        return f"first in {self.op}{where}, {what}{numbers}{note}{line}"


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """Gradients by tinygraph (`gradients`) and by another route (`others`), one array for each floating-point input.

    `positions` says which inputs they belong to. Where they differ, `input` is the position of the first input that
    does and `element` the index of its worst element; otherwise `input` is None. `place` is the op at which they
    begin to differ, None where all agrees or that could not be found.
    """

    against: str
    positions: tuple[int, ...]
    gradients: tuple[Array, ...]
    others: tuple[Array, ...]
    input: int | None = None
    element: tuple[int, ...] = ()
    place: Place | None = None

    @property
    def ok(self) -> bool:
        """Whether the gradients agree, and the values where the route compares them."""
        return self.input is None and self.place is None

    def __str__(self) -> str:
        if self.ok:
            n = len(self.gradients)
            return f"gradients agree with {self.against}: {number_of(n, 'input')}"
        lines = [f"values differ from {self.against}"]
        if self.input is not None:
            k = self.positions.index(self.input)
            ours, other = float(self.gradients[k][self.element]), float(self.others[k][self.element])
            numbers = describe_difference(self.element, ours, other, self.against, self.gradients[k].shape)
            lines = [f"gradients differ from {self.against}, first at input {self.input}{numbers}"]
        return "\n  ".join(lines + ([self.place.text(self.against)] if self.place else []))


def describe_difference(
    element: tuple[int, ...], ours: float, other: float, against: str, shape: tuple[int, ...] | None = None
) -> str:
    """Such as "[1] of shape (2,): tinygraph 3, finite 6, ratio 0.5"."""
    index = f"{list(element)}" if element else ""
    ratio = f", ratio {ours / other:.4g}" if other else ""
    of = f" of shape {shape}" if shape is not None else ""
    return f"{index}{of}: tinygraph {ours:.7g}, {against} {other:.7g}{ratio}"
