"""Corners in second order: a derivative there that is 0/0, and the warning that says so.

At a corner, a rule takes the middle of the slopes around it: 0 for |x| at 0. In first order that is a convention. Where
the gradient that arrives is exactly 0, as in |x|², there may be no corner in the whole, and the first derivative is
right; the second is made of the middle, and is not. Asked only while the gradient itself is recorded, and decided by
running the graph once more beside the point, in both directions.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from ..errors import SingularPointWarning
from . import origins
from .edges import value_of, values_of
from .mode import switch
from .node import Absent, Node, Recorded, op_of, topological
from .rules import contribution, fit

Values = dict[Node, Any]
STEP = 1e-3
"""How far beside the point, relative to 1: slopes at a corner differ by far more than they change on such a way."""
MANY = 32
"""So many results of an operation that is not elementwise are looked at one by one."""
_shown: dict[Any, int] = {}
"""What Python's warnings have shown, for those that are to be shown once."""


def may_matter(node: Node) -> bool:
    """Whether the op declares corners, and the node lies at one, exactly."""
    op = op_of(node)
    return (bool(op.kinks) or op.ties is not None) and bool(np.any(_at(node)))


def warn_of_middles(arrived: Sequence[tuple[Node, Recorded]], moving: Collection[Node] | None) -> None:
    """Warn where derivatives of recorded gradients that arrived at nodes are not those of the function.

    `moving` are the nodes with respect to which they may be differentiated: all leaves by default.
    """
    at_corners = [(node, g) for node, g in arrived if g.node is not None and may_matter(node)]
    alone = len({(op_of(node), node.shape) for node, _ in at_corners}) == len(at_corners)
    if not at_corners or (alone and all(np.all(g._array) for _, g in at_corners)):
        return
    order = topological([n for node, g in at_corners for n in (_node_of(g), node)])
    moving = {n for n in order if n.op is None} if moving is None else moving
    unknown = contextlib.suppress(_Unknown, ArithmeticError, TypeError, ValueError)
    with switch(grad=False, tape=None, anomaly=False), np.errstate(all="ignore"), unknown:
        beside = [_replay(order, moving, step) for step in (0.0, STEP, -STEP)]
        for together in _same_functions(at_corners, beside):
            count = _count(together, beside)
            if count:
                _warn(together[0][0], count)


def _same_functions(at_corners: list[tuple[Node, Recorded]], beside: list[Values]) -> list[list[tuple[Node, Recorded]]]:
    """The nodes in groups that have computed the same, such as the norms in (1 + norm(x)) * exp(-norm(x))."""
    groups: list[list[tuple[Node, Recorded]]] = []
    for node, g in at_corners:
        for group in groups:
            first = group[0][0]
            if first.op is node.op and all(np.array_equal(values[first], values[node]) for values in beside):
                group.append((node, g))
                break
        else:
            groups.append([(node, g)])
    return groups


class _Unknown(Exception):
    """A value that running the graph once more would need is not held any more."""


def _node_of(g: Recorded) -> Node:
    return g.node  # type: ignore[return-value]  # only recorded ones are asked


def _at(node: Node) -> Any:
    """Which elements lie at a corner, exactly; False where that cannot be told."""
    op, values = op_of(node), values_of(node)
    if op.ties is None:
        x = values[0]
        return False if x is None or op.arity != 1 else np.any([np.equal(x, kink) for kink in op.kinks], axis=0)
    y = value_of(node)
    y = op.kernel(*values, **node.attrs) if y is None and all(v is not None for v in values) else y
    return False if y is None or any(v is None for v in values) else op.ties(y, *values, **node.attrs)


def _count(together: list[tuple[Node, Recorded]], beside: list[Values]) -> int:
    """How many results of the nodes lie at a corner that is passed while the gradient moves away from its 0."""
    node, op = together[0][0], op_of(together[0][0])
    still = np.equal(sum(g._array for _, g in together), 0)
    least = min(10 * float(np.finfo(node.dtype).eps), STEP / 10)
    gradients = [sum(values[_node_of(g)] for _, g in together) for values in beside[1:]]
    at = still & np.any([np.abs(g) > least for g in gradients], axis=0)
    if op.local:
        mask = np.broadcast_to(_at(node), node.shape)
        return int(np.sum(at & mask & _is_middle(node, np.ones(node.shape), beside)))
    found = 0
    for element in map(tuple, np.argwhere(at)[:MANY]):
        one = np.zeros(node.shape)
        one[element] = 1
        found += bool(_is_middle(node, one, beside))
    return found


def _replay(order: list[Node], moving: Collection[Node], step: float) -> Values:
    """The values of the nodes where those that are `moving` are a `step` beside their own, each in a way of its own."""
    rng = np.random.default_rng(0)
    values: Values = {}
    for node in order:
        if node.op is None:
            value = value_of(node)
        else:
            inputs = [values[i] if type(i) is Node else i for i in node.inputs]
            value = None if any(isinstance(i, Absent) for i in inputs) else node.op.kernel(*inputs, **node.attrs)
        if value is None:
            raise _Unknown
        if node in moving:
            wide = np.result_type(node.dtype, np.float64)
            way = rng.uniform(0.5, 1.5, node.shape) * rng.choice([-1.0, 1.0], node.shape)
            way = way * (0.8 + 0.6j) if wide.kind == "c" else way
            value = np.asarray(value, wide) + step * way * np.maximum(1, np.abs(value))
        values[node] = value
    return values


def _is_middle(node: Node, g: Any, beside: list[Values]) -> Any:
    """Whether what the rules say of `g` times the result is its slope on neither side, for each element of `g`."""
    op = op_of(node)
    here = beside[0]
    inputs = [here[i] if type(i) is Node else i for i in node.inputs]
    rules = op.rules if op.arity is not None else op.rules_of(len(inputs))
    parts = [
        (source, contribution(op, rule, g, here[node], inputs, node.attrs))
        for source, rule in zip(node.inputs, rules)
        if type(source) is Node
    ]
    wrong = True
    for there in beside[1:]:
        by_value = np.real(g * (there[node] - here[node]))
        moves = [(c, there[source] - here[source]) for source, c in parts]
        if op.local:
            by_rule = sum(np.real(c * move) for c, move in moves)
        else:
            by_value = np.sum(by_value)
            by_rule = sum(np.sum(np.real(fit(c, np.shape(move)) * move)) for c, move in moves)
        wrong = wrong & (np.abs(by_value - by_rule) > 0.01 * np.abs(by_value) + 10 * STEP**2)
    return wrong


def _warn(node: Node, count: int) -> None:
    name, made = op_of(node).name, origins.origin_of(node)
    many = f"{count} of {node.size} results lie" if node.size > 1 else "the result lies"
    where, _, line = origins.place().rpartition(":")
    warnings.warn_explicit(
        f"{name}: {many} at a corner{f' ({made})' if made else ''}, and the gradient that arrives there is exactly 0, "
        f"but not beside it: derivatives of the second and higher orders are taken from the middle of the corner, and "
        f"are not the function's; write it without the corner, as np.sum(x**2) for np.linalg.norm(x)**2 or x**2 for "
        f"abs(x)**2, or move the point",
        SingularPointWarning,
        where or "<unknown>",
        int(line) if line.isdigit() else 1,
        registry=_shown,
    )
