"""What `tg.why` answers, and how nodes, places and counts are put into words."""

from __future__ import annotations

import dataclasses
import os

from ..engine.node import Node
from ..engine.wording import some_of

RECORD = "Record under `with tg.origins():` to learn the line."
AGAIN = (
    "Backward let the values go: record with `with tg.keep_values(), tg.origins():`, run backward again, and ask again."
)


@dataclasses.dataclass(frozen=True)
class Why:
    """Why a gradient is as it is. `str(why)` is one to six sentences; `cause` is a short stable word.

    `node` is the operation to blame and `origin` its `file:line`, where they are known; `element` is the index of
    the element to look at; `fix` says what to do, and is empty where nothing needs to be done.
    """

    cause: str
    sentences: tuple[str, ...]
    fix: str = ""
    node: Node | None = None
    element: tuple[int, ...] | None = None

    @property
    def healthy(self) -> bool:
        """Whether there is nothing to explain."""
        return self.cause == "healthy"

    @property
    def origin(self) -> str | None:
        """`file:line` of `node`, or None where it was not recorded under `tg.origins()`."""
        return None if self.node is None else self.node.fact("origin")

    def __str__(self) -> str:
        parts = [*self.sentences, self.fix]
        if self.node is not None and self.node.op is not None and self.origin is None:
            parts.append(RECORD)
        return " ".join(part for part in parts if part)

    def __repr__(self) -> str:
        return f"<Why {self.cause}: {self}>"


def place(node: Node) -> str:
    """The operation and, where known, its line: `relu at model.py:14`."""
    name = node.op.name if node.op is not None else node.fact("name") or "a leaf"
    origin = node.fact("origin")
    return f"{name} at {os.path.basename(origin)}" if origin else name


def sentence(words: str) -> str:
    """The words as a sentence, with a capital and a full stop."""
    return f"{words[0].upper()}{words[1:]}."


def names(nodes: list[Node], most: int = 4) -> str:
    """Leaves by name, or by shape where they have none."""
    return some_of([n.fact("name") or f"an unnamed tensor of shape {n.shape}" for n in nodes], most)
