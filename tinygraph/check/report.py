"""What `check_gradients` returns: the findings with the words for them, and the op to blame with its check again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from . import render
from .findings import Blame, Outcome


@dataclasses.dataclass(frozen=True, slots=True)
class Culprit(Blame):
    """An op whose own gradient is wrong, with all that is known of it; `check()` repeats the check of it alone."""

    check: Callable[[], Report] | None = dataclasses.field(default=None, repr=False, compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Report(Outcome):
    """What `check_gradients` found. `str(report)` is the verdict in at most 25 lines; `ok` in one bool.

    `findings` has one entry per input and order, `skipped` the inputs without gradient (integers),
    `evaluations` says how often f was run, and `ops` how many operations were checked by themselves. Of a wrong
    gradient, `culprit` is the op that is wrong, or `suspects` say what is if all ops are right. `kinks` are the
    places where f has a kink, if it has one here. The same `seed` gives the same report.
    """

    culprit: Culprit | None = None

    def __str__(self) -> str:
        return render.text(self)

    def json(self) -> dict[str, Any]:
        """Everything as a dict that `json.dumps` takes; numbers that are not finite are None.

        >>> Report(function="f", findings=()).json()["verdict"]
        'ok'
        """
        return render.json(self)

    def html(self) -> str:
        """The report as a self-contained HTML fragment, escaped."""
        return render.html(self)
