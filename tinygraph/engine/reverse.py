"""The reverse sweep: gradients with respect to what a result was made from, vector-Jacobian products.

Knows no operation: it multiplies by the local derivatives that `op.rules` give, undoes broadcasting and restores
dtypes, as `rules` says for one rule. On arrays a sweep runs plain NumPy; on Tensors the same rules are recorded in
turn. `chain_rule` is the same in a few lines, to be read first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import engine
from ..errors import AnomalyError, GraphError
from .memory import LARGE, identities, is_own, product, total
from .node import SMALL, Absent, Node, Recorded, topological, wrap
from .rules import cast, conjugate_if_complex, contribution, fit, fit_rows, guarded_product, scale
from .views import apart
from .watch import any_watched, changed_arrays, verify

_float64, _double = np.float64, np.dtype(np.float64)


def lift(node: Node, cls: type[Recorded]) -> tuple[Any, tuple[Any, ...]]:
    """Output and saved inputs of `node` as Tensors, so that a rule run on them is recorded."""

    def handle(value: Any, source: Any) -> Any:
        if isinstance(value, np.ndarray | np.generic):
            return wrap(cls, value, source if type(source) is Node else None)
        return value

    saved = tuple([handle(v, source) for v, source in zip(node.saved or (), node.inputs, strict=True)])
    return handle(node.value, node), saved


def pullback(
    roots: Sequence[tuple[Node, Any]],
    *,
    wrt: Iterable[Node] | None = None,
    create_graph: bool = False,
    retain_graph: bool = False,
) -> dict[Node, Any]:
    """Reverse mode: the gradient of the sum of `<seed, root>` with respect to every leaf reached.

    `roots` are pairs of a node and a seed of its shape and dtype: an array, or a Tensor with `create_graph`.
    With `wrt`, these nodes are taken as the leaves and only they are delivered. A node is visited once, after
    all its readers, so the time is linear in the graph. An array that is delivered shares memory with nothing.
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
    if any_watched():
        for node in uses:
            verify(node)
    grads: dict[Node, Any] = {}
    lent: set[Node] = set()  # nodes whose gradient so far is an array that others may hold, or a view of one
    for root, seed in roots:
        g = seed if root.dtype.kind == "f" else np.conjugate(seed)
        grads[root] = grads[root] + g if root in grads else g
        if type(g) is np.ndarray:
            lent.add(root)
    ready = [node for node in grads if not uses[node]]
    found: dict[Node, Any] = {}
    behind: set[Node] = set()  # nodes behind a selection, where a zero gradient wins
    at_corners: list[Any] = []
    while ready:
        node = ready.pop()
        g = grads.pop(node)
        meta = node.meta
        if meta is not None and ("hooks" in meta or "checksums" in meta):
            g = _attend(node, g)
            lent.add(node)
            if "checksums" in meta and (leaves is None or node not in leaves):
                engine.anomaly.examine(node, g, node.saved, needed, node in behind)  # type: ignore[arg-type]
        op = node.op
        if op is None or (leaves is not None and node in leaves):
            if leaves is None or node in leaves:
                if create_graph:
                    g = apart(g)
                elif node in lent or not g.flags.c_contiguous:
                    g = g.copy()
                found[node] = g if node.dtype.kind == "f" else np.conjugate(g)
            continue
        size = g.size
        if create_graph:
            value, saved = lift(node, g.__class__)
            if (op.kinks or op.ties is not None) and g.node is not None:
                at_corners.append((node, g))
        else:
            value, saved = node.value, node.saved  # type: ignore[assignment]
            if size <= SMALL or (meta is not None and "keep" in meta):
                node.grad = g
        attrs, local = node.attrs, op.local
        guarded = op.selects or (behind and node in behind)
        large = size >= LARGE and not create_graph
        for source, rule in zip(node.inputs, op.rules if op.arity is not None else op.rules_of(len(node.inputs))):
            if type(source) is not Node or (needed is not None and source not in needed):
                continue
            if not local:
                c = rule(g, value, *saved, **attrs)  # type: ignore[operator, misc]
            elif rule.__class__ is int:
                c = g if rule == 1 else -g if rule == -1 else scale(g, rule)
            elif guarded:
                c = guarded_product(rule, g, value, saved, attrs)
            elif large:
                c = product(rule(value, *saved, **attrs), g, value, saved)  # type: ignore[operator, misc]
            elif attrs:
                c = g * rule(value, *saved, **attrs)  # type: ignore[operator, misc]
            else:
                c = g * rule(value, *saved)  # type: ignore[operator, misc]
            if c.__class__ is not _float64 or source.shape or source.dtype is not _double:
                if c.shape != source.shape:
                    c = fit(c, source.shape)
                if c.dtype is not source.dtype and c.dtype != source.dtype:
                    c = cast(c, source.dtype)
                if not create_graph and (c is g or c.base is not None) and source not in grads:
                    own = large and is_own(c, identities((g, value, *saved)))
                    if not own:
                        lent.add(source)
            if source in grads:
                own = large and source not in lent
                grads[source] = total(grads[source], c) if own else grads[source] + c
                if lent:
                    lent.discard(source)
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
    if at_corners:
        engine.corners.warn_of_middles(at_corners, leaves)
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
    """Rows of a Jacobian: `pullback` for many seeds of `root`, stacked along a first axis, in one sweep on arrays.

    What is delivered shares memory with nothing.
    """
    leaves = frozenset(wrt)
    grads: dict[Node, Any] = {root: conjugate_if_complex(seeds)}
    found: dict[Node, Any] = {}
    behind: set[Node] = set()
    count = len(seeds)
    order = topological([root])
    if any_watched():
        for node in order:
            verify(node)
    if any(node.meta is not None and not node.meta.keys().isdisjoint(("hooks", "checksums")) for node in order):
        rows = [pullback([(root, seed)], wrt=leaves, retain_graph=True) for seed in seeds]
        reached = [n for n in leaves if any(n in row for row in rows)]
        return {n: np.stack([row.get(n, np.zeros(n.shape, n.dtype)) for row in rows]) for n in reached}
    for node in reversed(order):
        g = grads.pop(node, None)
        if g is None or node.op is None or node in leaves:
            if g is not None and node in leaves:
                found[node] = conjugate_if_complex(g.copy() if node is root else g)
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
            rule = op.rule(k)
            if op.local or op.rowwise:
                c = contribution(op, rule, g, node.value, saved, node.attrs, guarded=guarded)
            else:
                parts = [contribution(op, rule, row, node.value, saved, node.attrs) for row in g]
                c = np.stack([fit(part, source.shape) for part in parts])
            c = cast(fit_rows(c, (count, *source.shape)), source.dtype)
            if source in leaves and source not in grads:
                own = c.size >= LARGE and is_own(c, identities((g, node.value, *saved)))
                c = c if own else c.copy()
            grads[source] = grads[source] + c if source in grads else c
    return found


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
    for node in topological(roots):
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
    for what in changed_arrays(node):
        raise AnomalyError(
            f"backward: an array {what} that {node!r} (recorded at {node.fact('origin') or 'unknown line'}) saved "
            f"was changed in place since; copy it before changing it, or build with tg.tensor, which copies"
        )
    hooks = tuple((node.fact("hooks") or {}).values())
    if not hooks:
        return g
    g = conjugate_if_complex(g)
    for hook in hooks:
        g = hook(g)
    return conjugate_if_complex(g)
