"""One function of a package of science, with a point at which it is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Case(NamedTuple):
    """A function of one array of numbers, as the users of `package` call it, and the numbers to take it at."""

    package: str
    name: str
    f: Callable[[Any], Any]
    point: Sequence[float]
