"""Sums of products over chosen axes: by lists of them, and in index notation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.declare import linear
from ..engine.node import Recorded
from ..engine.settings import Setting, settings
from .diagonals import diagonal
from .indexing import tensor_or_array

__all__ = ["einsum", "einsum_path", "tensordot"]

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@settings
def tensordot(x: Any, y: Any, axes: Setting = 2) -> Any:
    """Sum of products over the given axes: a number (last of x with first of y) or a pair of axes lists.

    >>> tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    x, y = tensor_or_array(x), tensor_or_array(y)
    if isinstance(axes, int | np.integer):
        left: list[Any] = list(range(x.ndim - int(axes), x.ndim))
        right: list[Any] = list(range(int(axes)))
    else:
        left, right = ([a] if isinstance(a, int | np.integer) else list(a) for a in axes)
    left, right = [int(a) % x.ndim for a in left], [int(a) % y.ndim for a in right]
    if [x.shape[a] for a in left] != [y.shape[a] for a in right]:
        raise ValueError(
            f"tensordot: axes {left} of shape {x.shape} do not match axes {right} of shape {y.shape}; "
            f"the summed axes must have equal lengths"
        )
    free_x = [a for a in range(x.ndim) if a not in left]
    free_y = [a for a in range(y.ndim) if a not in right]
    shape = tuple(x.shape[a] for a in free_x) + tuple(y.shape[a] for a in free_y)
    n = int(np.prod([x.shape[a] for a in left], dtype=int))
    rows = int(np.prod([x.shape[a] for a in free_x], dtype=int))
    columns = int(np.prod([y.shape[a] for a in free_y], dtype=int))
    a = np.reshape(np.transpose(x, free_x + left), (rows, n))
    b = np.reshape(np.transpose(y, right + free_y), (n, columns))
    return np.reshape(np.matmul(a, b), shape)


def _einsum_rule(g: Any, y: Any, *xs: Any, subscripts: str, optimize: Any, wrt: int) -> Any:
    terms, _, result = subscripts.partition("->")
    inputs = terms.split(",")
    others = [(term, x) for k, (term, x) in enumerate(zip(inputs, xs, strict=True)) if k != wrt]
    reachable = "".join(c for c in inputs[wrt] if c in result or any(c in term for term, _ in others))
    call = ",".join([result, *[term for term, _ in others]]) + "->" + reachable
    grad = np.einsum(call, g, *[x for _, x in others], optimize=optimize)
    for position, letter in enumerate(inputs[wrt]):  # letters summed in this operand alone
        if letter not in reachable:
            grad = np.expand_dims(grad, position)
    return grad


@linear(_einsum_rule, name="einsum", onnx="Einsum")
def _einsum(*xs, subscripts, optimize):  # type: ignore[no-untyped-def]
    return np.einsum(subscripts, *xs, optimize=optimize)


def einsum(*operands: Any, optimize: Any = False, dtype: Any = None) -> Any:
    """Sum of products in index notation, as `np.einsum`: explicit or implicit output, ellipsis, repeats.

    The subscripts come first, as text; or, as numbers, each operand is followed by the list of its axes.

    >>> float(einsum("i,i", np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    >>> einsum(np.ones((2, 3)), [0, 1], [1])
    array([2., 2., 2.])
    """
    subscripts, operands = operands[0], operands[1:]
    if not isinstance(subscripts, str):
        subscripts, operands = _subscripts_of(subscripts, *operands)
    text, operands = _explicit_subscripts(subscripts.replace(" ", ""), operands)
    if dtype is not None:
        operands = tuple([x.astype(dtype) for x in operands])
    return _einsum(*operands, subscripts=text, optimize=optimize)


def einsum_path(*operands: Any, optimize: Any = "greedy") -> tuple[list[Any], str]:
    """The order in which `einsum` with `optimize=` multiplies, and a text about its cost; without derivative.

    >>> einsum_path("ij,jk,k", np.ones((2, 3)), np.ones((3, 4)), np.ones(4))[0]
    ['einsum_path', (1, 2), (0, 1)]
    """
    return np.einsum_path(*[x._array if isinstance(x, Recorded) else x for x in operands], optimize=optimize)


def _subscripts_of(*operands: Any) -> tuple[str, tuple[Any, ...]]:
    """Subscripts and operands, of operands each followed by its axes, and maybe those of the output at the end."""
    lists = [*operands[1::2], *([operands[-1]] if len(operands) % 2 else [])]
    if len(operands) < 2 or not all(isinstance(axes, list | tuple) for axes in lists):
        raise TypeError(
            f"einsum: got {', '.join(type(x).__name__ for x in operands)}; give subscripts such as 'ij,jk->ik' first, "
            f"or after each operand the list of its axes"
        )
    terms = ["".join("..." if axis is Ellipsis else _LETTERS[axis] for axis in axes) for axes in lists]
    count = len(operands) // 2
    text = ",".join(terms[:count]) + "".join("->" + term for term in terms[count:])
    return text, operands[: 2 * count : 2]


def _explicit_subscripts(subscripts: str, operands: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Subscripts of letters alone with an output, and their operands, of repeated letters the diagonals."""
    terms, arrow, result = subscripts.partition("->")
    inputs = terms.split(",")
    if len(inputs) != len(operands):
        raise ValueError(f"einsum: {subscripts!r} has {len(inputs)} operands, got {len(operands)}; give one for each")
    ranks = [np.ndim(x) - len(t.replace("...", "")) for t, x in zip(inputs, operands, strict=True) if "..." in t]
    dots = "".join([c for c in _LETTERS if c not in subscripts][: max(ranks, default=0)])
    if not arrow:
        letters = sorted({c for c in terms if c.isalpha()})
        result = ("..." if ranks else "") + "".join(c for c in letters if terms.count(c) == 1)
    expanded, read = [], []
    for term, x in zip(inputs, operands, strict=True):
        rank = np.ndim(x) - len(term.replace("...", ""))
        term = term.replace("...", dots[len(dots) - rank :] if rank else "")
        for letter in dict.fromkeys(term):
            while term.count(letter) > 1:
                first, second = term.index(letter), term.rindex(letter)
                lengths = np.shape(x)[first], np.shape(x)[second]
                if lengths[0] != lengths[1]:
                    raise ValueError(
                        f"einsum: {letter!r} stands for axes of lengths {lengths[0]} and {lengths[1]} of shape "
                        f"{np.shape(x)}; give axes of one length one letter"
                    )
                x = diagonal(x, axis1=first, axis2=second)
                term = term[:first] + term[first + 1 : second] + term[second + 1 :] + letter
        expanded.append(term)
        read.append(x)
    return ",".join(expanded) + "->" + result.replace("...", dots), tuple(read)
