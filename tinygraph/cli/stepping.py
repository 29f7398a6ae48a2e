"""What `tinygraph step MODULE:FUNCTION` does: print the steps of forward and backward, one after another."""

from __future__ import annotations

import sys

from ..pictures import trace
from .target import load, told

_PROMPT = "Enter: next, b: back, q: quit > "


def step(text: str, *, forward: bool = True, backward: bool = True, wait: bool = True) -> int:
    """Print the steps of the function that `text` names; return 0.

    Waits between them where a person reads: with `wait`, when input and output are terminals. Raises TargetError
    where there is no such function, no inputs for it, or where it fails.
    """
    target = load(text)
    with told(target.name):
        found = trace(target.function, *target.inputs)
        phases = [("forward", found.forward)] if forward else []
        phases += [("backward", found.backward)] if backward else []  # type: ignore[list-item]
        pages = []
        for name, steps in phases:
            texts = [str(s) for s in steps()]
            pages += [f"{name} {k} of {len(texts)}: {page}" for k, page in enumerate(texts, 1)]
    if wait and sys.stdin.isatty() and sys.stdout.isatty():
        _one_by_one(pages)
    else:
        print("\n\n".join(pages))
    return 0


def _one_by_one(pages: list[str]) -> None:
    """Print a page, and wait; the end of the input quits."""
    here = 0
    while here < len(pages):
        print(f"\n{pages[here]}\n")
        if here + 1 == len(pages):
            return
        try:
            answer = input(_PROMPT).strip().lower()
        except EOFError:
            print()
            return
        if answer.startswith("q"):
            return
        here = max(here - 1, 0) if answer.startswith("b") else here + 1
