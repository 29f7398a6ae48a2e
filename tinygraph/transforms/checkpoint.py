"""Recomputation: a function of which the graph keeps only the arguments, run again by backward."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.mode import switch, tracing
from ..engine.reverse import pullback
from ..engine.rules import conjugate_if_complex
from ..errors import GraphError
from ..random import Draws
from ..tensors.tensor import Tensor
from .call import alias, with_own_node
from .joint import Joint, node_of, outer_tensors, recorded_positions, tick


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, of which the graph keeps only the arguments: backward runs it again. Memory for time.

    `f` returns one Tensor and computes the same each time. Gradients flow to its positional arguments and to
    recorded tensors that it uses without being given them, such as parameters.

    >>> from tinygraph.tensors.tensor import tensor
    >>> x = tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: np.exp(x) * x)(x).sum().backward()
    >>> x.grad
    tensor([ 5.43656366, 22.1671683 ])
    """

    @functools.wraps(f)
    def checkpointed_call(*args: Any, **kwargs: Any) -> Any:
        if tracing():  # compiled steps plan their memory themselves
            return f(*args, **kwargs)
        start, chosen = tick(), recorded_positions(args)
        ends = {k: alias(args[k]) for k in chosen}  # f may use the same tensors also without being given them
        inside = {t.node for t in ends.values()}  # before f writes into them
        draws = Draws()
        with draws:
            first = f(*[ends.get(k, a) for k, a in enumerate(args)], **kwargs)
        if isinstance(first, list | tuple | dict):
            raise GraphError(f"checkpoint: f returned {type(first).__name__}; return one tensor, such as tg.stack(...)")
        if not isinstance(first, Tensor) or first.node is None:
            return first
        others = outer_tensors(first.node, inside, start)
        again = _Recomputation(
            f, chosen, [None if k in ends else a for k, a in enumerate(args)], kwargs, others, draws, first._array
        )
        return _record_checkpoint(*[args[k] for k in chosen], *others, joint=again)

    return checkpointed_call


class _Recomputation(Joint):
    """A call that backward repeats: the function, its arguments and the random numbers that it drew."""

    def __init__(
        self, f: Callable[..., Any], positions: list[int], others: list[Any], kwargs: dict[str, Any],
        outer: list[Tensor], draws: Draws, value: Any,
    ) -> None:  # fmt: skip
        self.f, self.positions, self.others, self.kwargs, self.outer = f, positions, others, kwargs, outer
        self.draws, self.value = draws, value

    def output(self, xs: tuple[Any, ...]) -> Any:
        """The value of the first run, of which no reference is kept here; after that, of a new run."""
        value, self.value = self.value, None
        if value is None:
            given = dict(zip(self.positions, xs, strict=False))
            with switch(grad=False), self.draws:
                value = self.f(
                    *[Tensor(given[k]) if k in given else a for k, a in enumerate(self.others)], **self.kwargs
                )
        return value._array if isinstance(value, Tensor) else value

    def gradients(self, g: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
        """The gradients of all inputs, by running the function again."""
        recorded = isinstance(g, Tensor)
        args = list(self.others)
        for k, x in zip(self.positions, xs, strict=False):
            args[k] = with_own_node(x)
        nodes = [args[k].node for k in self.positions] + [t.node for t in self.outer]  # before f writes into them
        with switch(grad=True), self.draws:
            output = self.f(*args, **self.kwargs)
        _check_same(output._array, y._array if isinstance(y, Tensor) else y)
        with switch(grad=recorded):
            found = pullback([(output.node, conjugate_if_complex(g))], wrt=nodes, create_graph=recorded)
        return [conjugate_if_complex(found[n]) if n in found else np.zeros(n.shape, n.dtype) for n in nodes]

    def __repr__(self) -> str:
        return getattr(self.f, "__name__", repr(self.f))


def _check_same(again: Any, before: Any) -> None:
    """Raise GraphError if the two runs differ by more than rounding."""
    scale = np.max(np.abs(before), initial=0, where=np.isfinite(before))
    if again.shape != before.shape or not np.allclose(again, before, rtol=0, atol=0.01 * scale, equal_nan=True):
        raise GraphError(
            "checkpoint: f computed something else when backward ran it again; it must not draw new random numbers "
            "or use what was changed since: draw with tg.random, or outside and give them as arguments"
        )


_record_checkpoint = node_of("checkpoint")
