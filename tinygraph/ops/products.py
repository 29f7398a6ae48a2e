"""Products: matrices, vectors, batches of them, and index notation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..op import linear

__all__ = ["dot", "einsum", "matmul", "outer", "tensordot"]

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def swap(x: Any) -> Any:
    """`x` with its last two axes exchanged."""
    return x.T if x.ndim == 2 else np.swapaxes(x, -1, -2)


def _matmul_left(g: Any, z: Any, x: Any, y: Any) -> Any:
    if y.ndim == 1:
        return g[..., None] * y
    if x.ndim == 1 and y.ndim > 2:
        return np.matmul(y, g[..., None])[..., 0]
    return g @ swap(y)


def _matmul_right(g: Any, z: Any, x: Any, y: Any) -> Any:
    if x.ndim == 1:
        return x[..., None] * g[..., None, :] if y.ndim > 1 else g[..., None] * x
    if y.ndim == 1:
        return g @ x if x.ndim == 2 else np.matmul(swap(x), g[..., None])[..., 0]
    return swap(x) @ g


matmul = linear(_matmul_left, _matmul_right, symbol="@", onnx="MatMul", rowwise=True)(np.matmul)


def dot(x: Any, y: Any) -> Any:
    """NumPy's `dot`: a product with a scalar, of matrices and vectors, else over last and last but one axis.

    >>> float(dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    """
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return np.multiply(x, y)
    if np.ndim(y) <= 2:
        return np.matmul(x, y)
    return tensordot(x, y, axes=(-1, -2))


def outer(x: Any, y: Any) -> Any:
    """All products x[i] * y[j] of the flattened inputs: shape (size of x, size of y).

    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([[3., 4.],
           [6., 8.]])
    """
    return np.reshape(x, (-1, 1)) * np.reshape(y, (1, -1))


def tensordot(x: Any, y: Any, axes: Any = 2) -> Any:
    """Sum of products over the given axes: a number (last of x with first of y) or a pair of axes lists.

    >>> tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=1).shape
    (2, 4)
    """
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


def einsum(subscripts: str, *operands: Any, optimize: Any = False) -> Any:
    """Sum of products in index notation, as `np.einsum`: explicit or implicit output, ellipsis, repeats.

    >>> float(einsum("i,i", np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    """
    if not isinstance(subscripts, str):
        raise TypeError(f"einsum: subscripts must be a string such as 'ij,jk->ik', got {type(subscripts).__name__}")
    text, operands = _explicit(subscripts.replace(" ", ""), operands)
    return _einsum(*operands, subscripts=text, optimize=optimize)


def _explicit(subscripts: str, operands: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Subscripts with letters only and an output; a repeated letter becomes a product with the identity."""
    terms, arrow, result = subscripts.partition("->")
    inputs = terms.split(",")
    if len(inputs) != len(operands):
        raise ValueError(f"einsum: {subscripts!r} has {len(inputs)} operands, got {len(operands)}; give one for each")
    free = [c for c in _LETTERS if c not in subscripts]
    ranks = [np.ndim(x) - len(t.replace("...", "")) for t, x in zip(inputs, operands, strict=True) if "..." in t]
    dots = "".join(free[: max(ranks, default=0)])
    free = free[len(dots) :]
    if not arrow:
        letters = sorted({c for c in terms if c.isalpha()})
        result = ("..." if ranks else "") + "".join(c for c in letters if terms.count(c) == 1)
    expanded, extra = [], []
    for term, x in zip(inputs, operands, strict=True):
        rank = np.ndim(x) - len(term.replace("...", ""))
        term = term.replace("...", dots[len(dots) - rank :] if rank else "")
        distinct = ""
        for letter in term:
            if letter in distinct:
                twin = free.pop(0)
                size = np.shape(x)[len(distinct)]
                extra.append((letter + twin, np.eye(size, dtype=getattr(x, "dtype", None))))
                letter = twin
            distinct += letter
        expanded.append(distinct)
    text = ",".join([*expanded, *[t for t, _ in extra]]) + "->" + result.replace("...", dots)
    return text, (*operands, *[x for _, x in extra])
