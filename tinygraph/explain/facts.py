"""What follows from the declaration of an operation: where it is flat, what it multiplies, sums over and leaves linear.

Explanations ask these functions, and never the name of an operation: so an op of yours is explained like ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..engine.node import Node
from ..engine.op import Op
from ..engine.reads import Reads, reads

Ends = tuple[Any, Any]
"""The ends of an operation's range near which its slope fades to 0; infinite where there is none."""


def ends_of(node: Node, values: Sequence[Any]) -> Ends | None:
    """The ends at which the operation saturates, given its inputs; None where it does not, or they are not known."""
    op = node.op
    if op is None or op.saturates is None:
        return None
    if not callable(op.saturates):
        return op.saturates
    if node.value is None or any(v is None for v in values):
        return None
    low, high = op.saturates(node.value, *values, **node.attrs)
    return low, high


def is_bounded(ends: Ends | None) -> bool:
    """Whether there is an end on both sides, as in a sigmoid."""
    return ends is not None and bool(np.all(np.isfinite(ends[0])) and np.all(np.isfinite(ends[1])))


@cache
def _reads(op: Op, position: int) -> Reads:
    """What the reverse rule of one input reads: of the output, then of each input."""
    rule = op.rules[position if op.arity is not None else 0]
    return reads(rule, 0 if op.local else 1, op.arity)


def linear_in(op: Op, position: int) -> bool:
    """Whether the operation is a straight line in one input: its slope there does not depend on that input.

    >>> from tinygraph import divide
    >>> linear_in(divide.op, 0), linear_in(divide.op, 1)
    (True, False)
    """
    if op.rule(position) is None:
        return False
    if op.kind == "linear":
        return True
    if not op.holomorphic or op.arity is None:  # steps have constant slopes too
        return False
    use = _reads(op, position)
    return use[0] != "value" and use[1 + position] != "value"


def factors_of(op: Op, position: int, count: int) -> list[int]:
    """Which of the `count` inputs the operation multiplies input `position` by.

    >>> from tinygraph import add, multiply
    >>> factors_of(multiply.op, 0, 2), factors_of(add.op, 0, 2)
    ([1], [])
    """
    if not linear_in(op, position):
        return []
    use = _reads(op, position)
    others = [k for k in range(count) if k != position]
    if op.arity is None:
        return others if use[1] == "value" else []
    return [k for k in others if use[1 + k] == "value" and callable(op.rules[k])]


def rearranges(op: Op) -> bool:
    """Whether the result holds the elements of the one input, in other places at most."""
    return op.rearranges or (op.holomorphic and op.rules == (1,))


class Contraction(NamedTuple):
    """How an operation sums over products with a matrix: `unit` is the axis of the matrix that is left.

    In the output that axis is the `axis`-th, counted from the end; `partner` is the input that is multiplied.
    """

    unit: int
    axis: int
    partner: int


def contraction(op: Op, position: int) -> Contraction | None:
    """What the operation does with the matrix in input `position`, None if it sums over no axis of it.

    >>> from tinygraph import matmul
    >>> contraction(matmul.op, 1)
    Contraction(unit=1, axis=-1, partner=0)
    """
    if op.contracts is None:
        return None
    inputs, output = op.contracts.replace("?", "").replace(" ", "").split("->")
    axes = [part.split(",") for part in inputs.strip("()").split("),(")]
    left = output.strip("()").split(",")
    if len(axes[position]) != 2 or not linear_in(op, position):
        return None
    for unit, summed in ((0, 1), (1, 0)):
        name, over = axes[position][unit], axes[position][summed]
        partners = [k for k, names in enumerate(axes) if k != position and over in names and linear_in(op, k)]
        if name in left and over not in left and partners:
            return Contraction(unit, left.index(name) - len(left), partners[0])
    return None


def multiplies_by_a_matrix(op: Op) -> bool:
    """Whether the operation multiplies by a matrix and sums, as matmul and the affine layers do."""
    return op.arity is not None and any(contraction(op, k) is not None for k in range(op.arity))
