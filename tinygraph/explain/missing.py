"""Why no gradient can arrive: the tensor is not tracked, or no recorded way leads from it to the loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..engine.node import Absent, Node, topological
from ..tensors.tensor import Tensor
from .answer import Why, names, place
from .path import Path

_LIKELY = ("an equal array", "an equal number")
"""What may also be a coincidence."""


def why_untracked(t: Tensor, called: str, loss: Tensor | None) -> Why:
    """Why a tensor without a node has no gradient."""
    if t.dtype.kind not in "fc":
        integer = f"The gradient of {called} is None: it is of type {t.dtype}, and only floating point has gradients."
        return Why("integer", (integer,), "Make it floating point: tg.tensor(x, dtype=float, requires_grad=True).")
    order = [] if loss is None or loss.node is None else topological([loss.node])
    used = next((user for user, how in traces_of(t, order) if how in ("its own array", "a view of its array")), None)
    words = [f"The gradient of {called} is None: it is not tracked (requires_grad is False)."]
    if used is not None:
        words.append(f"{place(used)} used it as a constant.")
    words.append(
        "It was made without requires_grad=True, by detach(), under no_grad, or from .numpy() or .item(); "
        "these leave no trace, so which of them cannot be told."
    )
    fix = "Build it with requires_grad=True, or compute it from tracked tensors outside no_grad."
    return Why("untracked", tuple(words), fix, used)


def why_unreached(t: Tensor, called: str, path: Path) -> Why:
    """Why a tracked tensor is not among what the loss was computed from."""
    leaves = [n for n in path.order if n.op is None]
    words = [
        f"The gradient of {called} is None: no recorded way leads from it to the loss (made from {names(leaves)})."
    ]
    for user, how in traces_of(t, path.order):
        if how == "a truth value":
            words.append(
                f"{place(user)} uses {how} of its shape: if it was compared from it, the way is cut there, because a "
                f"comparison has no derivative."
            )
            fix = "Compare outside what is differentiated, or use a smooth step such as tg.sigmoid(10 * x)."
            return Why("comparison", tuple(words), fix, user)
        sure = "Probably the" if how in _LIKELY else "The"
        words.append(f"But {place(user)} uses {how} as a constant. {sure} way is cut there, by detach() or the like.")
        return Why("cut", tuple(words), "Pass the tensor itself.", user)
    words.append(
        "It was never used, or only through values computed from it under no_grad or after detach(), .numpy() or "
        ".item(); those leave no trace, so which cannot be told."
    )
    return Why("unreached", tuple(words), "Follow it from where it is made to the loss: each step must be recorded.")


def traces_of(t: Tensor, order: list[Node]) -> Iterator[tuple[Node, str]]:
    """Operations that use, as a constant, something with the marks of `t`; the surest first."""
    found = list(_constants(t, order))
    for wanted in ("its own array", "a view of its array", *_LIKELY, "a truth value"):
        for user, how in found:
            if how == wanted:
                yield user, how


def _constants(t: Tensor, order: list[Node]) -> Iterator[tuple[Node, str]]:
    value: Any = t._array
    first = np.ravel(value)[:1]  # zeros, ones and other round numbers are equal by chance
    telling = bool(np.any(value != first)) if np.size(value) > 1 else bool(np.all(first * 16 % 1 != 0))
    for node in order:
        for x in node.inputs:
            if type(x) is Node or type(x) is Absent or x is None:
                continue
            if x is value:
                yield node, "its own array"
            elif isinstance(x, np.ndarray) and isinstance(value, np.ndarray) and np.shares_memory(x, value):
                yield node, "a view of its array"
            elif isinstance(x, np.ndarray) and x.dtype.kind == "b" and x.shape == np.shape(value) and x.size:
                yield node, "a truth value"
            elif np.shape(x) == np.shape(value) and np.size(x) and telling and np.array_equal(x, value):
                yield node, _LIKELY[0] if np.ndim(x) else _LIKELY[1]
