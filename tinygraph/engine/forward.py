"""The forward sweep: how results move when inputs move, Jacobian-vector products. Knows no operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import engine
from ..errors import GraphError
from .memory import LARGE, identities, is_own
from .mode import switch
from .node import Node, Recorded, leaf, topological, wrap
from .op import Op
from .reverse import lift, pullback
from .rules import cast, conjugate_if_complex, contribution, fit, guarded_product, scale
from .views import apart


def pushforward(
    roots: Sequence[Node], tangents: dict[Node, Any], cls: type[Recorded], *, create_graph: bool = False
) -> list[Any]:
    """Forward mode: the tangent of each of `roots` when the nodes in `tangents` move as given.

    A root that does not depend on them gets None. With `create_graph` tangents are Tensors of class `cls`
    and the sweep is recorded, else they are arrays, which share memory with nothing.
    """
    known = dict(tangents)
    ahead: set[Node] = set()  # nodes that a selection went into, where a zero derivative wins
    at_corner = False
    for node in topological(roots):
        op = node.op
        if op is None or node in known:
            continue
        moved = [known.get(i) if type(i) is Node else None for i in node.inputs]
        if not any(t is not None for t in moved):
            continue
        if node.saved is None:
            raise GraphError(f"jvp: the graph through {node!r} was already used and freed; record it again")
        value, saved = lift(node, cls) if create_graph else (node.value, node.saved)
        at_corner = at_corner or (create_graph and engine.corners.may_matter(node))
        if op.selects or (ahead and any(type(i) is Node and i in ahead for i in node.inputs)):
            ahead.add(node)
        if op.kind == "elementwise":
            t = _push_local(op, moved, value, saved, node.attrs, guarded=node in ahead)
        elif op.kind == "linear":
            t = _push_linear(node, op, moved, saved, create_graph)
        elif op.jvp is not None:
            t = op.jvp(moved, value, *saved, **node.attrs)
        else:
            t = _push_transposed(node, op, moved, value, saved, cls, create_graph)
        if t.shape != node.shape:
            t = fit(t, node.shape)
        known[node] = t if t.dtype == node.dtype else cast(t, node.dtype)
    if at_corner:  # whether it matters in higher orders, the gradient of the results says, as in reverse mode
        with switch(grad=True, tape=None):
            ones = [(root, wrap(cls, np.ones(root.shape, root.dtype), None)) for root in roots]
            pullback(ones, wrt=tangents, create_graph=True)
    if create_graph:
        return [None if (t := known.get(root)) is None else apart(t) for root in roots]
    once = len(set(roots)) == len(roots)
    return [None if root not in known else _own(root, known) if once else known[root].copy() for root in roots]


def _own(root: Node, known: dict[Node, Any]) -> Any:
    """The tangent of `root`, or a copy where it shares memory with any other."""
    t = known[root]
    if t.size < LARGE or root.op is None:
        return t.copy()
    return t if is_own(t, identities([root.value, *[x for n, x in known.items() if n is not root]])) else t.copy()


def _push_local(
    op: Op, moved: list[Any], value: Any, saved: tuple[Any, ...], attrs: dict[str, Any], *, guarded: bool
) -> Any:
    """How an elementwise result moves: the sum of local derivative times tangent.

    Where it is `guarded`, because a selection went into it, a zero derivative wins over an infinite tangent, as in
    reverse mode a zero gradient wins over an infinite derivative: the two are the same product.
    """
    total: Any = None
    for rule, t in zip(op.rules, moved, strict=True):
        if t is not None:
            if not callable(rule):
                c = scale(t, rule)  # type: ignore[arg-type]
            elif guarded:
                c = guarded_product(lambda *_, t=t, **__: t, rule(value, *saved, **attrs), value, saved, attrs)
            else:
                c = t * rule(value, *saved, **attrs)
            total = c if total is None else total + c
    return total


def _push_linear(node: Node, op: Op, moved: list[Any], saved: tuple[Any, ...], create_graph: bool) -> Any:
    """How the result of a linear op moves: the op itself, applied to the tangents."""
    kernel: Any = op.function if create_graph else op.kernel
    if len(moved) == 1:
        return kernel(moved[0], **node.attrs)
    inputs = [i if type(i) is not Node and v is None else v for i, v in zip(node.inputs, saved, strict=True)]
    if op.additive:
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
    """How the result moves, by the reverse rule: it is linear in g, and its own pullback maps tangents forward."""
    with switch(grad=True):
        g = wrap(cls, np.zeros(node.shape, node.dtype), None)
        g.node = leaf(g, None)
        roots = []
        for rule, t in zip(op.rules if op.arity is not None else op.rules_of(len(moved)), moved, strict=True):
            if t is not None:
                c = contribution(op, rule, g, value, saved, node.attrs)
                if c.shape != t.shape:
                    c = fit(c, t.shape)
                if isinstance(c, Recorded) and c.node is not None:
                    roots.append((c.node, conjugate_if_complex(cast(t, c.node.dtype))))
        found = pullback(roots, wrt=[g.node], create_graph=create_graph)
    if g.node in found:
        return conjugate_if_complex(found[g.node])
    zero = np.zeros(node.shape, node.dtype)
    return wrap(cls, zero, None) if create_graph else zero
