"""The scene: everything that is drawn of a graph, as plain data, and the part of it that is to be seen."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ..ink.numbers import Numbers
from . import fold, frames, inline
from .parts import Arrow, Box, Group

if TYPE_CHECKING:
    from typing_extensions import Self

Direction = Literal["right", "down"]


@dataclasses.dataclass(frozen=True, repr=False)
class Scene:
    """What a picture is drawn from: all `boxes` in topological order, the `arrows` between them and their `groups`.

    Groups in `shut` are drawn as one box each; `shown` is the scene that outputs draw. `note` is said below it.
    Where it is `brief`, a transpose of a given matrix stands in the formula of the product that reads it.
    `steps` are those of forward and backward, as `Trace.json()` gives them, for the page.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    name: str
    direction: Direction
    groups: tuple[Group, ...] = ()
    shut: frozenset[str] = frozenset()
    note: str = ""
    brief: bool = False
    steps: Mapping[str, Any] | None = dataclasses.field(default=None, compare=False)

    @functools.cached_property
    def shown(self) -> Self:
        """The picture with one box in the place of each group that is shut, and paths as they read inside frames."""
        written = inline.inline_transposes(self.boxes, self.arrows) if self.brief else (self.boxes, self.arrows)
        if not self.shut and not self.groups and len(written[0]) == len(self.boxes):
            return self
        boxes, arrows, groups = frames.shorten_paths(*fold.fold_groups(*written, self.groups, self.shut))
        note = " | ".join(filter(None, (self.note, fold.caption(written[0], boxes))))
        seen = type(self)(boxes, arrows, self.name, self.direction, groups, note=note)
        seen.__dict__["shown"] = seen  # there is nothing left to do
        return seen

    def json(self) -> dict[str, Any]:
        """Everything in the snapshot, shown or folded, as a dict that `json.dumps` takes."""
        return {
            "name": self.name,
            "direction": self.direction,
            "note": self.note,
            "boxes": [box._asdict() | {"value": _as_dict(box.value), "grad": _as_dict(box.grad)} for box in self.boxes],
            "arrows": [arrow._asdict() for arrow in self.arrows],
            "groups": [{**group._asdict(), "shut": group.id in self.shut} for group in self.groups],
        }


S = TypeVar("S", bound=Scene)
"""A scene or what builds on it, such as a view: functions of a scene return the class that they are given."""


def _as_dict(numbers: Numbers | None) -> dict[str, Any] | None:
    return None if numbers is None else numbers._asdict()
