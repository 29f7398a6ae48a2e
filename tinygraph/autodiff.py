"""Sweeps over a recorded graph: reverse (vector-Jacobian products) and forward (Jacobian-vector products).

Knows no operation: it multiplies by the local derivatives that `op.rules` give, undoes broadcasting and
restores dtypes. On arrays a sweep runs plain NumPy; on Tensors the same rules are recorded in turn.

The gradient G of a real L with respect to a complex z = x + iy is dL/dx + i dL/dy. Inside, a sweep carries g, the
conjugate of G: dL = Re(sum(g * dz)), so that the rules of analytic functions are the same as for real numbers. Seeds
and hooks see G, and so does whoever is given a result.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from . import anomaly, graph
from .errors import AnomalyError, GraphError
from .graph import SMALL, Absent, Node, Recorded
from .op import Op

_float64, _double = np.float64, np.dtype(np.float64)
_LARGE = 1 << 14
"""From this many elements on, a result is written into an operand that nobody else holds."""


def _holders(array: Any) -> int:
    return sys.getrefcount(array)


_SOLE = _holders(np.empty(1))
"""What `sys.getrefcount` of an argument says in this Python when the argument is held by nobody else."""
_view = np.empty(2).reshape(1, 2)
_VIEWED = _holders(_view.base)
"""What it says of an array that one view holds and nobody else."""


def _reusable(a: np.ndarray[Any, Any], b: Any) -> bool:
    return a.base is None and type(b) is np.ndarray and a.shape == b.shape and a.dtype == b.dtype


def _product(d: Any, g: Any) -> Any:
    """`g * d`, in the memory of `d` where that is a large temporary."""
    if type(d) is np.ndarray and d.size >= _LARGE and sys.getrefcount(d) <= _SOLE and _reusable(d, g):
        return np.multiply(g, d, out=d)
    return g * d


def _total(a: Any, c: Any) -> Any:
    """`a + c`, in the memory of `a` where that is a large temporary."""
    if type(a) is np.ndarray and a.size >= _LARGE and sys.getrefcount(a) <= _SOLE and _reusable(a, c):
        return np.add(a, c, out=a)
    return a + c


def _zeros(g: Any) -> Any:
    """Zeros like `g`, a Tensor for a Tensor."""
    zeros = np.zeros_like(g)
    return wrap(g.__class__, zeros, None) if isinstance(g, Recorded) else zeros


def own(g: Any) -> Any:
    """`g` itself if nobody else holds it, else a copy: a gradient shares memory with nothing."""
    if type(g) is np.ndarray and (sys.getrefcount(g) > _SOLE or not _covers(g)):
        return g.copy()
    return g


def _covers(g: np.ndarray[Any, Any]) -> bool:
    """Whether `g` has its memory for itself: it is no view, or views all of an array that nobody else holds."""
    if g.base is None:
        return True
    whole = type(g.base) is np.ndarray and g.base.base is None and g.base.nbytes == g.nbytes and g.flags.forc
    return whole and _holders(g.base) <= _VIEWED


def _selected(rule: Any, g: Any, value: Any, saved: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
    """`g * d` where an exactly zero `g` wins over an infinite or NaN `d`: what lies behind a `where`."""
    if not callable(rule):
        return g * rule
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        d = rule(value, *saved, **attrs)
        return g * np.where(np.equal(g, 0) & ~np.isfinite(d), 0, d)


def fit(g: Any, shape: tuple[int, ...]) -> Any:
    """`g` summed over the axes along which `shape` had been broadcast, or broadcast up to `shape`.

    >>> fit(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    """
    lead = g.ndim - len(shape)
    if lead > 0:
        g = g.sum(axis=0 if lead == 1 else tuple(range(lead)))
    if lead >= 0 and g.shape != shape:
        axes = tuple([i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1])
        if axes:
            g = g.sum(axis=axes, keepdims=True)
    if g.shape == shape:
        return g
    if isinstance(g, np.generic):  # the common case, a scalar, five times faster than by broadcast_to
        return np.ndarray(shape, g.dtype, np.asarray(g), strides=(0,) * len(shape))
    return np.broadcast_to(g, shape)


def conjugated(g: Any) -> Any:
    """`g` for G or G for `g`, of an array or a Tensor: the conjugate of a complex one, a real one itself."""
    return np.conjugate(g) if g.dtype.kind == "c" else g


def typed(c: Any, dtype: Any) -> Any:
    """`c` in `dtype`; for something real, the real part of a complex `c` is what counts."""
    if c.dtype.kind == "c" and dtype.kind != "c":
        c = c.real
    return c if c.dtype == dtype else c.astype(dtype)


def wrap(cls: type[Recorded], data: Any, node: Node | None) -> Any:
    """A handle on `data` made by `node`."""
    handle = object.__new__(cls)
    handle._data, handle.node = data, node
    return handle


def _lift(node: Node, cls: type[Recorded]) -> tuple[Any, tuple[Any, ...]]:
    """Output and saved inputs of `node` as handles, so that a rule run on them is recorded."""

    def handle(value: Any, source: Any) -> Any:
        if isinstance(value, np.ndarray | np.generic):
            return wrap(cls, value, source if type(source) is Node else None)
        return value

    saved = tuple([handle(v, source) for v, source in zip(node.saved or (), node.inputs, strict=True)])
    return handle(node.value, node), saved


# ------------------------------------------------------------------------------------------------ reverse


def pullback(
    roots: Sequence[tuple[Node, Any]],
    *,
    wrt: Iterable[Node] | None = None,
    create_graph: bool = False,
    retain_graph: bool = False,
) -> dict[Node, Any]:
    """Reverse sweep: the gradient of the sum of `<seed, root>` with respect to every leaf reached.

    `roots` are pairs of a node and a seed of its shape and dtype: an array, or a Tensor with `create_graph`.
    With `wrt`, these nodes are taken as the leaves and only they are delivered. A node is visited once, after
    all its readers, so the time is linear in the graph.
    """
    leaves = None if wrt is None else frozenset(wrt)
    starts = [root for root, _ in roots]
    uses, freed = _count(starts, leaves)
    needed = None if leaves is None else _needed(starts, leaves, uses)
    for node in freed:
        if needed is None or node in needed:
            raise GraphError(
                f"backward: the graph through {node!r} was already used and freed; "
                f"call backward(retain_graph=True) the first time to go through it again"
            )
    if graph.watching():
        for node in uses:
            graph.verify(node)
    grads: dict[Node, Any] = {}
    for root, seed in roots:
        g = seed if root.dtype.kind == "f" else np.conjugate(seed)
        grads[root] = grads[root] + g if root in grads else g
    ready = [node for node in grads if not uses[node]]
    found: dict[Node, Any] = {}
    behind: set[Node] = set()  # nodes behind a selection, where a zero gradient wins
    while ready:
        node = ready.pop()
        g = grads.pop(node)
        meta = node.meta
        if meta is not None and ("hooks" in meta or "checksums" in meta):
            g = _attend(node, g)
            if "checksums" in meta and (leaves is None or node not in leaves):
                anomaly.examine(node, g, node.saved, needed, node in behind)  # type: ignore[arg-type]
        op = node.op
        if op is None or (leaves is not None and node in leaves):
            if leaves is None or node in leaves:
                found[node] = g if node.dtype.kind == "f" else np.conjugate(g)
            continue
        size = g.size
        if create_graph:
            value, saved = _lift(node, g.__class__)
        else:
            value, saved = node.value, node.saved  # type: ignore[assignment]
            if size <= SMALL or (meta is not None and "keep" in meta):
                node.grad = g
        attrs, local = node.attrs, op.local
        guarded = op.selects or (behind and node in behind)
        large = size >= _LARGE and not create_graph
        for source, rule in zip(node.inputs, op.rules if op.arity is not None else op.rules_of(len(node.inputs))):
            if type(source) is not Node or (needed is not None and source not in needed):
                continue
            if not local:
                c = rule(g, value, *saved, **attrs)  # type: ignore[operator, misc]
            elif rule.__class__ is int:
                c = g if rule == 1 else -g if rule == -1 else _zeros(g) if rule == 0 else g * rule
            elif guarded:
                c = _selected(rule, g, value, saved, attrs)
            elif large:
                c = _product(rule(value, *saved, **attrs), g)  # type: ignore[operator, misc]
            elif attrs:
                c = g * rule(value, *saved, **attrs)  # type: ignore[operator, misc]
            else:
                c = g * rule(value, *saved)  # type: ignore[operator, misc]
            if c.__class__ is not _float64 or source.shape or source.dtype is not _double:
                if c.shape != source.shape:
                    c = fit(c, source.shape)
                if c.dtype is not source.dtype and c.dtype != source.dtype:
                    c = typed(c, source.dtype)
            if source in grads:
                grads[source] = _total(grads.pop(source), c) if large else grads[source] + c
            else:
                grads[source] = c
            if guarded:
                behind.add(source)
            left = uses[source] - 1
            if left:
                uses[source] = left
            else:
                ready.append(source)
        if not retain_graph and not create_graph:
            node.saved = None
            if meta is None or "keep" not in meta:
                _let_go(node)
    return found


def _let_go(node: Node) -> None:
    """Drop the large arrays that only `node` may still hold."""
    if node.value is not None and node.value.size > SMALL:
        node.value = None
    for source in node.inputs:
        if type(source) is np.ndarray and source.size > SMALL:
            node.inputs = tuple([Absent(i) if type(i) is np.ndarray and i.size > SMALL else i for i in node.inputs])
            break


def pullback_rows(root: Node, seeds: Any, wrt: Iterable[Node]) -> dict[Node, Any]:
    """`pullback` on arrays for many seeds of `root`, stacked along the first axis, in one sweep: a Jacobian's rows."""
    leaves = frozenset(wrt)
    grads: dict[Node, Any] = {root: conjugated(seeds)}
    found: dict[Node, Any] = {}
    behind: set[Node] = set()
    count = len(seeds)
    order = graph.topological([root])
    if graph.watching():
        for node in order:
            graph.verify(node)
    if any(node.meta is not None and not node.meta.keys().isdisjoint(("hooks", "checksums")) for node in order):
        rows = [pullback([(root, seed)], wrt=leaves, retain_graph=True) for seed in seeds]
        reached = [n for n in leaves if any(n in row for row in rows)]
        return {n: np.stack([row.get(n, np.zeros(n.shape, n.dtype)) for row in rows]) for n in reached}
    for node in reversed(order):
        g = grads.pop(node, None)
        if g is None or node.op is None or node in leaves:
            if g is not None and node in leaves:
                found[node] = conjugated(g)
            continue
        op, saved = node.op, node.saved
        if saved is None:
            raise GraphError(f"jacobian: the graph through {node!r} was already used and freed; record it again")
        guarded = op.selects or node in behind
        for k, source in enumerate(node.inputs):
            if type(source) is not Node:
                continue
            if guarded:
                behind.add(source)
            rule: Any = op.rule(k)
            if op.local and guarded:
                c = _selected(rule, g, node.value, saved, node.attrs)
            elif op.local:
                c = g * (rule(node.value, *saved, **node.attrs) if callable(rule) else rule)
            elif op.rowwise:
                c = rule(g, node.value, *saved, **node.attrs)
            else:
                c = np.stack([fit(rule(row, node.value, *saved, **node.attrs), source.shape) for row in g])
            c = typed(_fit_rows(c, (count, *source.shape)), source.dtype)
            grads[source] = grads[source] + c if source in grads else c
    return found


def _fit_rows(c: Any, shape: tuple[int, ...]) -> Any:
    """`fit` for stacked gradients: the first axis stays."""
    if c.shape == shape:
        return c
    lead = c.ndim - len(shape)
    if lead > 0:
        c = c.sum(axis=tuple(range(1, 1 + lead)))
    axes = tuple([i for i, n in enumerate(shape) if i and n == 1 and c.shape[i] != 1])
    return c.sum(axis=axes, keepdims=True) if axes else np.broadcast_to(c, shape)


def _count(roots: list[Node], leaves: frozenset[Node] | None) -> tuple[dict[Node, int], list[Node]]:
    """How often each node is read on the way to `roots`, not going beyond `leaves`; and the freed nodes."""
    uses: dict[Node, int] = dict.fromkeys(roots, 0)
    freed = []
    stack = list(uses)
    while stack:
        node = stack.pop()
        if leaves is not None and node in leaves:
            continue
        if node.saved is None:
            freed.append(node)
        for source in node.inputs:
            if type(source) is Node:
                if source in uses:
                    uses[source] += 1
                else:
                    uses[source] = 1
                    stack.append(source)
    return uses, freed


def _needed(roots: list[Node], leaves: frozenset[Node], uses: dict[Node, int]) -> set[Node] | None:
    """The nodes that lead to `leaves`, and `uses` among them; None where all do, so nothing is to be avoided."""
    if all(node.op is not None or node in leaves for node in uses):
        return None
    needed: set[Node] = set()
    for node in graph.topological(roots):
        if node in leaves or any(type(i) is Node and i in needed for i in node.inputs):
            needed.add(node)
    uses.clear()
    uses.update(dict.fromkeys(roots, 0))
    for node in needed - leaves:
        for source in node.inputs:
            if type(source) is Node and source in needed:
                uses[source] = uses.get(source, 0) + 1
    return needed


def _attend(node: Node, g: Any) -> Any:
    """What few nodes ask for: checks under `detect_anomaly`, and hooks, which may replace the gradient."""
    for what in graph.thaw(node):
        raise AnomalyError(
            f"backward: an array {what} that {node!r} (recorded at {node.fact('origin') or 'unknown line'}) saved "
            f"was changed in place since; copy it before changing it, or build with tg.tensor, which copies"
        )
    hooks = tuple((node.fact("hooks") or {}).values())
    if not hooks:
        return g
    g = conjugated(g)
    for hook in hooks:
        g = hook(g)
    return conjugated(g)


# ------------------------------------------------------------------------------------------------ forward


def pushforward(
    roots: Sequence[Node], tangents: dict[Node, Any], cls: type[Recorded], *, create_graph: bool = False
) -> list[Any]:
    """Forward sweep: the tangent of each of `roots` when the nodes in `tangents` move as given.

    A root that does not depend on them gets None. With `create_graph` tangents are Tensors of class `cls`
    and the sweep is recorded, else they are arrays.
    """
    known = dict(tangents)
    for node in graph.topological(roots):
        op = node.op
        if op is None or node in known:
            continue
        moved = [known.get(i) if type(i) is Node else None for i in node.inputs]
        if not any(t is not None for t in moved):
            continue
        if node.saved is None:
            raise GraphError(f"jvp: the graph through {node!r} was already used and freed; record it again")
        value, saved = _lift(node, cls) if create_graph else (node.value, node.saved)
        if op.kind == "elementwise":
            t = _push_local(op, moved, value, saved, node.attrs)
        elif op.kind == "linear":
            t = _push_linear(node, op, moved, saved, create_graph)
        elif op.jvp is not None:
            t = op.jvp(moved, value, *saved, **node.attrs)
        else:
            t = _push_transposed(node, op, moved, value, saved, cls, create_graph)
        if t.shape != node.shape:
            t = fit(t, node.shape)
        known[node] = t if t.dtype == node.dtype else typed(t, node.dtype)
    return [known.get(root) for root in roots]


def _push_local(op: Op, moved: list[Any], value: Any, saved: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
    total: Any = None
    for rule, t in zip(op.rules, moved, strict=True):
        if t is not None:
            c = t * (rule(value, *saved, **attrs) if callable(rule) else rule)
            total = c if total is None else total + c
    return total


def _push_linear(node: Node, op: Op, moved: list[Any], saved: tuple[Any, ...], create_graph: bool) -> Any:
    kernel: Any = op.function if create_graph else op.kernel
    if len(moved) == 1:
        return kernel(moved[0], **node.attrs)
    inputs = [i if type(i) is not Node and v is None else v for i, v in zip(node.inputs, saved, strict=True)]
    if op.joint:
        rules = op.rules if op.arity is not None else op.rules * len(moved)
        args = [
            t if t is not None else x if rule is None else np.zeros(np.shape(i), getattr(i, "dtype", node.dtype))
            for t, x, i, rule in zip(moved, inputs, node.inputs, rules, strict=True)
        ]
        return kernel(*args, **node.attrs)
    total: Any = None
    for k, t in enumerate(moved):
        if t is not None:
            term = kernel(*inputs[:k], t, *inputs[k + 1 :], **node.attrs)
            total = term if total is None else total + term
    return total


def _push_transposed(
    node: Node, op: Op, moved: list[Any], value: Any, saved: tuple[Any, ...], cls: type[Recorded], create_graph: bool
) -> Any:
    """The reverse rule is linear in g: its own pullback maps tangents of the inputs to the output's."""
    with graph.switch(grad=True):
        g = wrap(cls, np.zeros(node.shape, node.dtype), None)
        g.node = graph.leaf(g, None)
        roots = []
        for rule, t in zip(op.rules if op.arity is not None else op.rules_of(len(moved)), moved, strict=True):
            if t is not None:
                c = rule(g, value, *saved, **node.attrs)  # type: ignore[operator, misc]
                if c.shape != t.shape:
                    c = fit(c, t.shape)
                if isinstance(c, Recorded) and c.node is not None:
                    roots.append((c.node, conjugated(typed(t, c.node.dtype))))
        found = pullback(roots, wrt=[g.node], create_graph=create_graph)
    if g.node in found:
        return conjugated(found[g.node])
    zero = np.zeros(node.shape, node.dtype)
    return wrap(cls, zero, None) if create_graph else zero
