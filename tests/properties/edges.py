"""The gradient of every node once more, edge by edge: each rule applied to one gradient, and what arrives added up.

Nothing here is shared with the sweeps of tinygraph: it is what they must give, bit for bit, however fast they are.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

import tinygraph as tg

Edge = tuple[Any, int]
"""A node that reads another one, and as which of its inputs."""


def recorded(f: Any, inputs: Sequence[Any], wrt: Sequence[int] | None = None) -> tuple[Any, list[Any]]:
    """f(*inputs) with every value kept, and the inputs: those at `wrt`, by default all, as Tensors with a gradient."""
    given = [tg.tensor(x, requires_grad=True) if wrt is None or k in wrt else x for k, x in enumerate(inputs)]
    with tg.keep_values():
        return f(*given), given


def same(a: Any, b: Any) -> bool:
    """Whether two arrays are the same bit for bit, in dtype, shape and the sign of zeros; all NaN are one."""
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind == "c":
        return same(a.real, b.real) and same(a.imag, b.imag)
    return np.array_equal(a, b, equal_nan=True) and bool(np.all((np.signbit(a) == np.signbit(b)) | np.isnan(a)))


def contribution(reader: Any, position: int, behind: bool) -> Any:
    """What one input of `reader` receives of the gradient that arrived there.

    `behind` a selection, an exactly zero gradient wins over an infinite derivative.
    """
    op, g, source = reader.op, reader.grad, reader.inputs[position]
    rule = op.rule(position)
    values = (reader.value, *reader.saved)
    if op.kind != "elementwise":
        c = rule(g, *values, **reader.attrs)
    elif not callable(rule):
        c = np.zeros_like(g) if rule == 0 else g * rule
    else:
        d = rule(*values, **reader.attrs)
        c = g * (np.where((g == 0) & ~np.isfinite(d), 0, d) if behind else d)
    return fitted(np.asarray(c), source.shape, source.dtype)


def fitted(c: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """`c` summed over the axes along which `shape` had been broadcast, or broadcast up to it; in `dtype`."""
    lead = c.ndim - len(shape)
    if lead > 0:
        c = c.sum(axis=tuple(range(lead)))
    axes = tuple([axis for axis, n in enumerate(shape) if n == 1 and c.shape[axis] != 1]) if lead >= 0 else ()
    if axes:
        c = c.sum(axis=axes, keepdims=True)
    if c.dtype.kind == "c" and dtype.kind != "c":
        c = c.real
    return np.broadcast_to(c, shape).astype(dtype)


def edges(root: Any) -> dict[Any, list[Edge]]:
    """Who reads each node on the way to `root`."""
    found: dict[Any, list[Edge]] = defaultdict(list)
    seen, stack = {root}, [root]
    while stack:
        node = stack.pop()
        for position, source in enumerate(node.inputs):
            if type(source) is type(root):
                found[source].append((node, position))
                if source not in seen:
                    seen.add(source)
                    stack.append(source)
    return found


def differing_nodes(y: Any, g: Any) -> list[str]:
    """The nodes whose gradient, after `y.backward(g)`, is not the sum of what their readers pass on, bit for bit."""
    with np.errstate(all="ignore"):
        y.backward(g, retain_graph=True)
        readers = edges(y.node)

        @functools.cache
        def behind(node: Any) -> bool:
            return any(reader.op.selects or behind(reader) for reader, _ in readers[node])

        wrong = []
        for node in list(readers):
            parts = [
                contribution(r, k, r.op.selects or behind(r)) for r, k in readers[node] if r.op.rule(k) is not None
            ]
            if node.op is None:  # a leaf is given G, the conjugate of what a sweep carries
                got, parts = node.fact("handle")().grad.numpy(), [np.conj(c) for c in parts]
            else:
                got = node.grad
            orders = itertools.permutations(parts) if len(parts) < 6 else [parts]
            if not any(same(functools.reduce(operator.add, order), got) for order in orders):
                wrong.append(f"{node!r} has {got}, its readers pass on {parts}")
    return wrong
