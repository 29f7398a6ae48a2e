"""Recomputation: a function of which the graph keeps only the arguments, run again by backward."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from . import autodiff, graph
from .call import alias
from .errors import GraphError
from .graph import Node
from .op import Op
from .tensor import Tensor


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, of which the graph keeps only the arguments: backward runs it again. Memory for time.

    `f` returns one Tensor and computes the same each time. Gradients flow to its positional arguments and to
    recorded tensors that it uses without being given them, such as parameters.

    >>> from tinygraph import tensor
    >>> x = tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: np.exp(x) * x)(x).sum().backward()
    >>> x.grad
    tensor([ 5.43656366, 22.1671683 ])
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        tracked = [k for k, a in enumerate(args) if isinstance(a, Tensor) and a.node is not None]
        if graph.current().tape is not None:  # compiled steps plan their memory themselves
            return f(*args, **kwargs)
        start = graph.clock.now = graph.clock.now + 1  # what f records is no older than this
        ends = {k: alias(args[k]) for k in tracked}  # f may use the same tensors also without being given them
        first = f(*[ends.get(k, a) for k, a in enumerate(args)], **kwargs)
        if isinstance(first, list | tuple | dict):
            raise GraphError(f"checkpoint: f returned {type(first).__name__}; return one tensor, such as tg.stack(...)")
        if not isinstance(first, Tensor) or first.node is None:
            return first
        outside = _outside(first.node, {t.node for t in ends.values()}, start)
        again = _Again(f, tracked, [None if k in ends else a for k, a in enumerate(args)], kwargs, outside, first._data)
        return _checkpointed(*[args[k] for k in tracked], *outside, again=again)

    return wrapped


class _Again:
    """A call that backward repeats: what it was called with, and gradients computed but not fetched yet."""

    def __init__(
        self, f: Callable[..., Any], tracked: list[int], others: list[Any], kwargs: Any, outside: list[Tensor],
        value: Any,
    ) -> None:  # fmt: skip
        self.f, self.tracked, self.others, self.kwargs, self.outside = f, tracked, others, kwargs, outside
        self.value = value
        self.asked: Any = None
        self.pending: dict[int, Any] = {}

    def output(self) -> Any:
        """The value of the first run, given away so that it lives no longer than it is needed."""
        value, self.value = self.value, None
        return value

    def gradient(self, g: Any, y: Any, xs: tuple[Any, ...], wrt: int) -> Any:
        """Of the inputs `xs`, number `wrt`: all are computed at the first question and handed out one by one."""
        if g is not self.asked or wrt not in self.pending:
            self.asked, self.pending = g, dict(enumerate(self._run(g, y, xs)))
        result = self.pending.pop(wrt)
        if not self.pending:
            self.asked = None
        return result

    def _run(self, g: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
        recorded = isinstance(g, Tensor)
        args = list(self.others)
        for k, x in zip(self.tracked, xs, strict=False):
            args[k] = alias(x) if isinstance(x, Tensor) and x.node is not None else Tensor(x, requires_grad=True)
        with graph.switch(grad=True):
            output = self.f(*args, **self.kwargs)
        _same(output._data, y._data if isinstance(y, Tensor) else y)
        nodes = [args[k].node for k in self.tracked] + [t.node for t in self.outside]
        with graph.switch(grad=recorded):
            found = autodiff.pullback([(output.node, autodiff.conjugated(g))], wrt=nodes, create_graph=recorded)
        return [autodiff.conjugated(found[n]) if n in found else np.zeros(n.shape, n.dtype) for n in nodes]

    def __repr__(self) -> str:
        return getattr(self.f, "__name__", repr(self.f))


def _same(again: Any, before: Any) -> None:
    """Raise GraphError if the two runs differ by more than rounding."""
    scale = np.max(np.abs(before), initial=0, where=np.isfinite(before))
    if again.shape != before.shape or not np.allclose(again, before, rtol=0, atol=0.01 * scale, equal_nan=True):
        raise GraphError(
            "checkpoint: f computed something else when backward ran it again; it must not draw new random numbers "
            "or use what was changed since: draw masks outside and give them as arguments"
        )


_checkpointed = Op(
    "primitive",
    lambda *xs, again: again.output(),
    (lambda g, y, *xs, again, wrt: again.gradient(g, y, xs, wrt),),
    name="checkpoint",
    conjugates=True,
).function


def _outside(root: Node, ends: set[Any], start: int) -> list[Tensor]:
    """Handles on the nodes older than `start` from which `root` was made otherwise than through `ends`."""
    found: list[Tensor] = []
    seen: set[Node] = {root}
    stack = [root]
    while stack:
        node = stack.pop()
        if node in ends:
            continue
        if node.epoch < start:
            handle = node.fact("handle")() if node.op is None else None
            if handle is None or handle.node is not node:  # nobody reads its value
                handle = autodiff.wrap(Tensor, np.broadcast_to(np.zeros((), node.dtype), node.shape), node)
            found.append(handle)
            continue
        fresh = [i for i in node.inputs if type(i) is Node and i not in seen]
        seen.update(fresh)
        stack.extend(fresh)
    return found
