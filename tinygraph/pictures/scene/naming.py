"""What each box of a picture is called: by its own name where it has one, else by a letter, or a step, of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ..ink.escape import clean, shorten

LONGEST = 24
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_OPERATOR = re.compile(r"[\s+\-*/@=,;()·−]")


def subscript(n: int) -> str:
    """A number in digits below the line.

    >>> subscript(12)
    '₁₂'
    """
    return str(n).translate(_SUBSCRIPT)


def display(name: str) -> str:
    """A name as it stands in formulas: visible characters, not too long, bracketed where it reads like a formula.

    >>> display("W"), display("my weights")
    ('W', '⟨my weights⟩')
    """
    name = shorten(clean(name), LONGEST)
    return f"⟨{name}⟩" if _OPERATOR.search(name) else name


def unique(wanted: Sequence[tuple[str | None, str]]) -> list[str]:
    """One name per `(own name or None, letter)`, no two equal: those that would be are numbered.

    A letter such as `v₃` that is used once stays as it is.

    >>> unique([("W", "w"), ("b", "w"), (None, "x"), ("b", "w"), (None, "w"), (None, "w")])
    ['W', 'b₁', 'x', 'b₂', 'w₁', 'w₂']
    """
    own = [name if name and name.strip() else None for name, _ in wanted]
    bases = [letter if name is None else display(name) for name, (_, letter) in zip(own, wanted, strict=True)]
    given = Counter(base for name, base in zip(own, bases, strict=True) if name is not None)
    made = Counter(base for name, base in zip(own, bases, strict=True) if name is None)
    taken = {base for base, count in given.items() if count == 1}
    taken |= {base for base, count in made.items() if count == 1 and base not in given}
    counts: Counter[str] = Counter()
    names = []
    for name, base in zip(own, bases, strict=True):
        counter = given if name is not None else made
        if counter[base] == 1 and (name is not None or base not in given):
            names.append(base)
            continue
        numbered = base
        while numbered in taken or numbered == base:
            counts[base] += 1
            numbered = base + subscript(counts[base])
        taken.add(numbered)
        names.append(numbered)
    return names
