"""What a diagnosis found, and how it reads."""

from __future__ import annotations

import dataclasses

from ...engine.wording import number_of


@dataclasses.dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that stands in the way of learning.

    `kind` is one of "not finite", "unused parameters", "dead units", "symmetric units", "saturated units",
    "vanishing gradient", "exploding gradient", "linear after linear", "promotion", "update too large", "update
    too small" and "another value". `layer` is the path of the module, such as `layers.0`, or the name of the weight;
    "" where there is none. `count` of `total` `things` are affected. `line` is `file.py:line` where the operation was
    recorded, "" where that is inside tinygraph.
    """

    kind: str
    layer: str
    problem: str
    fix: str
    count: int = 0
    total: int = 0
    things: str = "units"
    line: str = ""

    @property
    def share(self) -> str:
        """Such as "17 of 64 units"; "" where nothing is counted."""
        return f"{self.count} of {self.total} {self.things}" if self.total else ""

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.layer, self.share, self.line and f"at {self.line}") if part)
        return f"{self.kind}: {where + ': ' if where else ''}{self.problem}; {self.fix}"


@dataclasses.dataclass(frozen=True, slots=True)
class Diagnosis:
    """What `tg.diagnose` found: `findings`, most serious first; `ok` when there are none.

    `layers` counts the applications of linear maps on the way to the loss, `parameters` the numbers that are
    trained, and `loss` is the value of the loss on the batch.
    """

    findings: tuple[Obstacle, ...]
    layers: int
    parameters: int
    loss: float

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the findings, each once."""
        return tuple(dict.fromkeys(finding.kind for finding in self.findings))

    def __str__(self) -> str:
        about = f"{number_of(self.layers, 'layer')}, {number_of(self.parameters, 'parameter')}, loss {self.loss:.4g}"
        if self.ok:
            return f"no findings: {about}"
        return "\n  ".join([f"{number_of(len(self.findings), 'finding')} ({about})", *map(str, self.findings)])
