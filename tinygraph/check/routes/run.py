"""`compare`: gradients of one function by two routes, and the op at which they first differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...engine import origins
from ...engine.node import Array, Node, op_of
from ...engine.op import Op
from ...engine.reasons import largest_at
from ...errors import NotDifferentiable
from ...tensors.tensor import Tensor
from ..subject import input_name
from ..wiring import graph_reasons
from .comparison import Comparison, Place
from .route import ROUTES, TOLERANCE, Route


def compare(f: Callable[..., Any], inputs: Any, against: str = "finite", seed: int = 0) -> Comparison:
    """Compute the gradient of `f(*inputs)` a second time `against` another route, and say where they first differ.

    - "finite": central differences, two evaluations per element.
    - "complex-step": Im f(x + ih) / h on complex arrays, exact to rounding; f must be analytic (no abs, relu, max).
    - "scalar": the recorded graph computed and differentiated number by number, by none of tinygraph's rules. Values
      are compared too, node by node. What f took out of the graph, by detach() or so, is a constant for it as well.
    - "torch", "jax": their arrays and their gradient. f uses operators, and functions of its argument `xp` if it has
      one, which is `tinygraph.ops`, `torch` or `jax.numpy` in turn.

    `inputs` is a tuple or list, or the only input; floating-point ones are taken as float64. f returns one tensor; of
    more than one element, a sum with random weights (`seed`) is differentiated. Where the gradients differ, each op of
    the graph is compared by itself in the order of backward, by the same route (by "finite" for torch and jax), and
    the first that differs is named with its line; if none does, what cuts or changes the graph.

    Returns a `Comparison`. Raises ValueError for an unknown route, ImportError where its package is not installed,
    TypeError where the scalar route cannot compute an op.

    >>> print(compare(lambda x, y: np.sin(x) * y, (0.5, np.array([1.0, 2.0])), against="complex-step"))
    gradients agree with complex-step: 2 inputs
    """
    if against not in ROUTES:
        raise ValueError(f"compare: there is no route {against!r}; choose one of {', '.join(ROUTES)}")
    given = list(inputs) if isinstance(inputs, tuple | list) else [inputs]
    given = [x._array if isinstance(x, Tensor) else x for x in given]
    positions = tuple(k for k, x in enumerate(given) if np.asarray(x).dtype.kind == "f")
    if not positions:
        raise NotDifferentiable("compare: no input is of floating point; pass 3.0, not 3")
    route = Route(f, given, positions, np.random.default_rng(seed))
    with np.errstate(all="ignore"):  # what is not finite shows in the result
        ours, others, found = _gradients(route, against)
        if route.replay is not None and route.replay.first_value is not None:
            place: Place | None = _place_of_value(*route.replay.first_value)
        else:
            place = None if found is None else _place_of_rule(route, against) or _place_outside_ops(route, seed)
        other = route.subject.other_value()
        if other and (place is None or not place.op):
            place = Place(op="", origin="", note=f"the value is another one than on plain arrays: {other}")
    k, element = found or (None, ())
    return Comparison(
        against=against,
        positions=positions,
        gradients=ours,
        others=others,
        input=None if k is None else positions[k],
        element=element,
        place=place,
    )


def _gradients(route: Route, against: str) -> tuple[tuple[Array, ...], tuple[Array, ...], Any]:
    """The gradients by both routes; number and worst element of the first input that differs, or None."""
    ours = route.own_gradient()
    others = ROUTES[against](route)
    for k, (g, other, noise) in enumerate(zip(ours, others, route.noise, strict=True)):
        off = np.where(g == other, 0.0, np.abs(g - other))  # inf agrees with inf
        largest = max((float(np.abs(v)) for v in (*g.flat, *other.flat) if np.isfinite(v)), default=0.0)
        excess = off - (TOLERANCE[against] * largest + noise)
        if not (excess <= 0).all():
            return ours, others, (k, _worst(excess))
    return ours, others, None


def _worst(excess: Array) -> tuple[int, ...]:
    return largest_at(np.where(np.isnan(excess), np.inf, excess))


def _place_of_value(node: Node, ours: Array, other: Array) -> Place:
    """The place at which a value differs."""
    element = _worst(np.abs(ours - other))
    return _place(node, "", ours, other, element, "the value changed after it was recorded, or NumPy and math disagree")


def _place_of_rule(route: Route, against: str) -> Place | None:
    """The first op, in the order of backward, that passes on another gradient than by the route applied to it alone."""
    alone = "finite" if against in ("torch", "jax") else against
    for node in reversed(route.recording.order):
        if node.grad is None:
            continue
        op = op_of(node)
        inputs = [np.asarray(x) if type(s) is Node else x
                  for s, x in zip(node.inputs, route.recording.inputs[node], strict=True)]  # fmt: skip
        tracked = [k for k, source in enumerate(node.inputs) if type(source) is Node]
        one = Route(_function_of(op, node.attrs), inputs, tracked, weights=np.asarray(node.grad))
        ours, others, found = _gradients(one, alone)
        if found is not None:
            k, element = found
            position = tracked[k]
            x = float(one.point[k][element])
            note = f"{x:g} is a kink of {op.name}, where the slope is a convention" if x in op.kinks else ""
            return _place(node, input_name(op, position), ours[k], others[k], element, note)
    return None


def _function_of(op: Op, attrs: dict[str, Any]) -> Callable[..., Any]:
    return lambda *xs: op.function(*xs, **attrs)


def _place(node: Node, name: str, ours: Array, other: Array, element: Sequence[int], note: str) -> Place:
    op, origin = op_of(node), node.fact("origin") or ""
    element = tuple(element)
    return Place(
        op=op.name,
        origin=origins.shorten(origin),
        source=origins.source_line(origin),
        input=name,
        shape=ours.shape,
        element=element,
        ours=float(ours[element]),
        other=float(other[element]),
        note=note,
    )


def _place_outside_ops(route: Route, seed: int) -> Place:
    """What is to blame where every op is right by itself."""
    every = {block.name for block in route.subject.blocks}
    suspects = graph_reasons(route.subject, route.recording, np.random.default_rng(seed), every)
    if not suspects:  # subgradients of the ops that make none of the whole, or rounding
        return Place(op="", origin="", note="every op is right by itself and no path is cut; f may have a kink here")
    [suspect, *_] = suspects
    return Place(op="", origin=suspect.origin, source=suspect.source, note=suspect.reason)
