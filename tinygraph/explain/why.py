"""`tg.why`: which of the possible reasons applies to the gradient of one tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.edges import left_by_backward
from ..engine.node import Node, topological
from ..engine.reasons import element, first_bad
from ..tensors.tensor import Tensor
from .answer import AGAIN, Why, names, place
from .bad import why_bad
from .missing import why_unreached, why_untracked
from .path import Path
from .scale import norm, why_scaled
from .zero import why_zero

TINY, HUGE = 1e-8, 1e6
"""A gradient whose largest element is below or above these, in size, is worth explaining."""


def why(t: Tensor, loss: Tensor | None = None) -> Why:
    """Why `t.grad` is None, exactly zero, tiny, huge, NaN or infinite, in one to six sentences.

    With `loss`, the tensor whose `backward` was run or will be, the recorded graph between the two is searched for
    the operation to blame. Small values stay in the graph after backward; larger ones under `tg.keep_values()` or
    `backward(retain_graph=True)`, and lines under `tg.origins()`. Changes nothing and runs no code of yours.
    Raises TypeError for anything but Tensors.

    >>> import tinygraph as tg
    >>> w = tg.tensor([-1.0, -2.0], requires_grad=True, name="w")
    >>> loss = tg.relu(w).sum()
    >>> loss.backward()
    >>> answer = tg.why(w, loss)
    >>> answer.cause
    'dead relu'
    >>> print(answer)
    The gradient of w is exactly zero in all 2 elements. 0 of 2 elements pass relu. All of its inputs are negative
    (the largest is -1), where its derivative is 0. Lower the learning rate, start with smaller or positive biases,
    or use leaky_relu. Record under `with tg.origins():` to learn the line.
    """
    for role, asked in (("t", t), ("loss", loss)):
        if not isinstance(asked, Tensor) and not (role == "loss" and asked is None):
            raise TypeError(
                f"why: {role} is {type(asked).__name__} {asked!r:.40}, not a Tensor; ask tg.why(t) about a tensor, or "
                f"tg.why(t, loss)"
            )
    called = t.name or f"the tensor of shape {t.shape}"
    if t.node is None:
        return why_untracked(t, called, loss)
    if loss is not None and loss.node is None:
        words = f"The gradient of {called} is not reached from this loss: the loss is not recorded."
        return Why("loss not recorded", (words, "It was made from untracked tensors, under no_grad, or by detach()."),
                   "Compute it from tracked tensors, outside no_grad.")  # fmt: skip
    path = None
    if loss is not None and loss.node is not None:
        path = Path(loss.node, t.node)
        if not path.reached and t.grad is None:
            return why_unreached(t, called, path)
    return _why_none(t, called, path) if t.grad is None else _why_of_gradient(t.grad._array, t, called, path)


def _why_none(t: Tensor, called: str, path: Path | None) -> Why:
    """Why a tensor that can have a gradient has none."""
    node: Any = t.node
    none, delivered = f"The gradient of {called} is None", node.fact("deliveries") or 0
    ran = _has_run(node) or (path is not None and _has_run(path.order[-1]))
    if not ran and not delivered:
        forecast: tuple[str, ...] = ()
        if path is not None and path.found is not None:
            then = _why_of_gradient(path.found, t, called, path)
            if not then.healthy:
                forecast = ("As recorded, it will not be well.", *then.sentences[:2])
        since = "from this loss" if path is not None else "since it was recorded"
        return Why("not run", (f"{none}: backward has not been run {since}.", *forecast), "Call loss.backward().")
    if node.op is not None:
        left = left_by_backward(node)
        kept = () if left is None else (f"It was {np.array2string(np.asarray(left), precision=4)}.",)
        made = (
            f"{none}: it was made by {place(node)}, and backward leaves gradients on leaves only, here {_below(node)}."
        )
        fix = (
            "Call t.retain_grad() before backward; or, if it is a parameter that was updated, update it in place "
            "under tg.no_grad(), as in `w -= lr * w.grad`."
        )
        return Why("intermediate", (made, *kept), fix, node)
    if delivered:
        times = "once" if delivered == 1 else f"{delivered} times"
        cleared = f"{none}: one was delivered, {times}, and cleared since by zero_grad() or t.grad = None."
        return Why("cleared", (cleared,), "Read the gradient between backward and zero_grad.")
    words = (f"{none}: backward ran through its graph and delivered nothing here.",
             "It was run for other tensors only, as tg.grad does, or for a copy of this one.")  # fmt: skip
    return Why("not delivered", words, "Call loss.backward() on a freshly recorded loss.")


def _why_of_gradient(g: Any, t: Tensor, called: str, path: Path | None) -> Why:
    """What can be said about the gradient `g`."""
    node: Any = t.node
    size, largest = g.size, float(np.max(np.abs(g))) if g.size else 0.0
    times = node.fact("deliveries") or 0
    headline = f"The gradient of {called} is "
    index = first_bad(g)
    if not size:
        return Why("empty", (f"{headline}empty: it has no elements.",))
    if index is not None:
        count = np.count_nonzero(~np.isfinite(g))
        number = np.asarray(g)[index].item()
        headline += f"{number} at {element(index)} ({count:,} of {size:,} are not finite)." if index else f"{number}."
        return _search("inf" if np.isinf(number) else "nan", headline, g, path, why_bad)
    if not largest:
        headline += "exactly zero" + (f" in all {size:,} elements." if size > 1 else ".")
        return _search("zero", headline, g, path, why_zero)
    if times > 1:
        words = f"{times} backward passes were added up in it, since it was last cleared."
        fix = "Call zero_grad() before each backward, unless you add up batches on purpose."
        return Why("accumulated", (f"{headline}a sum.", words, f"Its norm is {norm(g):.3g}."), fix)
    if largest < TINY or largest > HUGE:
        tiny = largest < TINY
        headline += f"{'tiny' if tiny else 'huge'}: its largest element is {largest:.3g}."
        word = "tiny" if tiny else "huge"
        return _search(word, headline, g, path, lambda way, head: why_scaled(way, head, tiny=tiny))
    zeros = size - np.count_nonzero(g)
    rest = f", {zeros:,} of {size:,} elements exactly 0" if zeros else f", {size:,} element{'s' if size > 1 else ''}"
    return Why("healthy", (f"The gradient of {called} looks healthy: norm {norm(g):.3g}{rest}.",))


def _search(kind: str, headline: str, g: Any, path: Path | None, search: Any) -> Why:
    """The explanation that `search` finds along the path, or what is missing to find one."""
    if path is None:
        return Why(kind, (headline,), "Ask tg.why(t, loss), with the loss whose backward was run, to learn where.")
    found: Why | None = None
    same = path.found is None or _kind(path.found) == _kind(g)
    if path.reached and same:
        found = search(path, headline)
    if found is not None:
        return found
    if path.reached and (path.found is None or (same and any(e.raw is None for e in path.edges))):
        return Why(kind, (headline,), AGAIN)
    words = "Through this loss it would be different: it came from another loss, from a hook, or was assigned."
    return Why("other loss", (headline, words), "Ask with the loss whose backward was run.")


def _kind(g: Any) -> str:
    largest = float(np.max(np.abs(g))) if g.size else 0.0
    if not np.isfinite(largest):
        return "bad"
    return "zero" if not largest else "tiny" if largest < TINY else "huge" if largest > HUGE else "healthy"


def _has_run(node: Node) -> bool:
    """Whether backward went through this operation."""
    return node.op is not None and (node.saved is None or left_by_backward(node) is not None)


def _below(node: Node) -> str:
    return names([n for n in topological([node]) if n.op is None])
