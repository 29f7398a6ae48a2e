"""Dividing rows: into a training and a held-out part, and the training part into batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .arrays import Array, Integers

HELD_OUT = 0.2
"""The share of the rows that training never sees."""


def split_rows(y: Array, rng: np.random.Generator, stratify: bool = True) -> tuple[Integers, Integers]:
    """Return (training rows, held-out rows), shuffled; stratified, every class is in both in proportion.

    y: (rows,), class numbers where `stratify`, and then each class needs two rows at least.

    >>> train, test = split_rows(np.array([0] * 10 + [1] * 5), np.random.default_rng(0))
    >>> len(train), len(test), sorted((test >= 10).tolist())
    (12, 3, [False, False, True])
    """
    groups = [np.flatnonzero(y == c) for c in np.unique(y)] if stratify else [np.arange(len(y))]
    train, test = [], []
    for rows in groups:
        shuffled = rng.permutation(rows)
        held_out = min(max(round(HELD_OUT * len(rows)), 1), len(rows) - 1)
        test.append(shuffled[:held_out])
        train.append(shuffled[held_out:])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def batches(rows: int, size: int, rng: np.random.Generator) -> Iterator[Integers | slice]:
    """Yield the rows of each batch of one epoch: shuffled anew, or all of them in order where one batch holds them.

    >>> [len(batch) for batch in batches(10, 4, np.random.default_rng(0))]
    [4, 4, 2]
    >>> list(batches(10, 10, np.random.default_rng(0)))
    [slice(None, None, None)]
    """
    if size >= rows:
        yield slice(None)
        return
    order = rng.permutation(rows)
    for start in range(0, rows, size):
        yield order[start : start + size]
