"""How messages, reports and pictures say how many of something there are, and list some of it."""

from __future__ import annotations

from collections.abc import Sequence


def number_of(n: int, noun: str) -> str:
    """The number with its noun.

    >>> number_of(1, "layer"), number_of(1200, "layer")
    ('1 layer', '1,200 layers')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def some_of(names: Sequence[str], most: int = 4) -> str:
    """The first names, and how many are left.

    >>> some_of(["W1", "b1", "W2"], most=2), some_of(["W1"])
    ('W1, b1 and 1 more', 'W1')
    """
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
