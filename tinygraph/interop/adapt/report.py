"""What an adapted function met on its way: the names that kept Tensors in the graph, and the lines that used them."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from ...engine.mode import switch
from ...engine.origins import shorten
from ...engine.trees import map_leaves
from ...errors import TinygraphError
from ...tensors.tensor import Tensor
from ..namespaces.notes import notes


class Use(NamedTuple):
    """One name that met a Tensor: `np.asarray`, the line `file:line` that called it, and how often it did."""

    name: str
    place: str
    times: int


@dataclass(frozen=True)
class AdaptReport:
    """Where the graph would have been cut, had the names not stood for recording ones.

    `uses` are the names and lines in the order of their first use; `error` is what stopped the run, or "".
    """

    function: str
    uses: tuple[Use, ...]
    error: str = ""

    def __str__(self) -> str:
        lines = [f"adapt: {self.function}: {len(self.uses)} lines kept in the graph"]
        width = max((len(use.name) for use in self.uses), default=0)
        lines += [f"  {u.name:<{width}}  {u.place}{f'  {u.times}×' if u.times > 1 else ''}" for u in self.uses]
        return "\n".join(lines + ([f"stopped by {self.error}"] if self.error else []))

    __repr__ = __str__


def within(frame: FrameType, packages: tuple[str, ...]) -> bool:
    """Whether a frame runs code of one of `packages`."""
    module = frame.f_globals.get("__name__") or ""
    return any(module == p or module.startswith(p + ".") for p in packages)


def noting(adapted: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> AdaptReport:
    """The report of a run of `adapted` on Tensors of `args` and `kwargs`."""
    found: Counter[tuple[str, str]] = Counter()

    def note(name: str) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and not within(frame, adapted.packages):
            frame = frame.f_back
        if frame is not None:
            found[name, shorten(f"{frame.f_code.co_filename}:{frame.f_lineno}")] += 1

    token, error = notes.set(note), ""
    try:
        with switch(grad=True):
            adapted(*map_leaves(args, _as_leaf), **map_leaves(kwargs, _as_leaf))
    except (TinygraphError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as stopped:
        error = f"{type(stopped).__name__}: {stopped}"
    finally:
        notes.reset(token)
    uses = tuple(Use(name, place, times) for (name, place), times in found.items())
    return AdaptReport(getattr(adapted.function, "__name__", repr(adapted.function)), uses, error)


def _as_leaf(x: Any) -> Any:
    floating = isinstance(x, float) or (isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fc")
    return Tensor(np.array(x), requires_grad=True) if floating else x
