"""`tg.trace`: forward and backward of a recorded graph, one step after another, at the boxes of its picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from .. import graph
from ..call import map_leaves
from ..errors import GraphError
from ..graph import Node
from ..tensor import Tensor
from ..walk import Edge, left_by_backward, seed_of, values_of, visits
from .places import Places
from .snapshot import draw
from .steps import BackwardStep, Contribution, ForwardStep, Value, facts
from .view import GraphView


class Trace:
    """What `tg.trace` returns. `view` is the picture whose box ids the steps carry.

    `forward()` and `backward()` compute the steps from the graph when they are iterated over; `json()` is both as
    plain data.
    """

    def __init__(self, loss: Tensor, view: GraphView, held: Any = None) -> None:
        self.view = view
        self._root: Node = loss.node  # type: ignore[assignment]  # `trace` has looked
        self._held = held  # leaves have values as long as somebody holds them
        self._places = Places(view, self._root)

    def forward(self) -> Iterator[ForwardStep]:
        """The operations in the order of the picture's step numbers, with the values that are kept."""
        known: dict[Node, Any] = {}
        places, inputs = self._places, {node: values_of(node) for node in self._places.nodes}
        for node, values in inputs.items():
            known.update((x, v) for x, v in zip(node.inputs, values) if type(x) is Node and v is not None)
        for node, values in inputs.items():
            given = {}
            for source, x, v in zip(places.sources[node], node.inputs, values, strict=True):
                if source.kind != "constant":
                    v = known.get(x) if type(x) is Node else v
                    given[source.id] = Value(source.id, source.name, _seen(v))
            made = known.get(node) if node.value is None else node.value
            yield ForwardStep(**facts(places.box[node]), inputs=tuple(given.values()), value=_seen(made))

    def backward(self) -> Iterator[BackwardStep]:
        """The operations in the order of backward: numbers are those of `loss.backward()`, to the last bit.

        Raises GraphError for a loss of more than one element, unless backward was given a gradient, and where what
        a rule needs is not kept.
        """
        if self._root.size != 1 and left_by_backward(self._root) is None:
            raise GraphError(
                f"trace: backward starts from one number, and this has shape {self._root.shape}; reduce it, "
                f"such as by .sum()"
            )
        for visit in visits(self._root, seed_of(self._root)):
            contributions = tuple([self._contribution(edge) for edge in visit.edges])
            yield BackwardStep(
                **facts(self._places.box[visit.node]), incoming=_seen(visit.g), contributions=contributions
            )

    def _contribution(self, edge: Edge) -> Contribution:
        if edge.total is None:
            box = self._places.box[edge.reader]
            raise GraphError(
                f"trace: what backward needs at {box.name} = {box.formula} is not kept any more; record under "
                f"tg.keep_values(), call backward(retain_graph=True), or give the function: tg.trace(f, x)"
            )
        arrow = self._places.arrows[edge.reader][edge.position]
        source = self._places.sources[edge.reader][edge.position]
        arrays = {
            "local": edge.slope if callable(edge.reader.op.rule(edge.position)) else None,  # type: ignore[union-attr]
            "product": edge.raw, "contribution": edge.passed, "total": edge.total,
        }  # fmt: skip
        return Contribution(
            source=source.id, name=source.name, derivative=arrow.derivative or "",
            summed=arrow.summed, arrived=edge.arrived, of=edge.of, **{k: _seen(v) for k, v in arrays.items()},
        )  # fmt: skip

    def json(self) -> dict[str, Any]:
        """All steps as a dict that `json.dumps` takes; numbers that are not finite are None."""
        return {"forward": [s.json() for s in self.forward()], "backward": [s.json() for s in self.backward()]}

    def __repr__(self) -> str:
        count = len(self._places.nodes)
        return f"<Trace of {self.view.name!r:.60}: {count} operation{'' if count == 1 else 's'}>"


def trace(loss: Tensor | Callable[..., Any], *inputs: Any) -> Trace:
    """Return the steps by which `loss` was computed, and those of its backward, to go through one by one.

    Each step prints as the operation with its numbers: forward what it was made from, backward the incoming
    gradient and, for each input, the local derivative, the contribution, and the gradient that has added up so far.
    Large arrays are shown by statistics. `loss` is a tensor, before backward or after it where the values were kept
    (small ones are), or a function, which is called with `inputs`: numbers and arrays are differentiated, tensors
    taken as they are. A `Module` is given its inputs as data. Changes nothing and runs no hooks. Raises GraphError
    for a tensor that is not recorded, TypeError for anything else.

    >>> import tinygraph as tg
    >>> x = tg.tensor(3.0, requires_grad=True, name="x")
    >>> for step in tg.trace(x**2 + x).backward():
    ...     print(step)
    ② v₂ = v₁ + x   ()
       dv₂ = 1
       to v₁: ∂ = 1
              dv₁ = dv₂ · ∂ = 1
       to x:  ∂ = 1
              dx = dv₂ · ∂ = 1
              1 of 2 have arrived
    ① v₁ = x²   ()
       dv₁ = 1
       to x: ∂ = 2x = 6
             dx += dv₁ · ∂ = 6
             dx = 7
             2 of 2 have arrived
    """
    held, name = None, "graph"
    if not isinstance(loss, Tensor):
        if not callable(loss):
            raise TypeError(
                f"trace: cannot go through {type(loss).__name__} {loss!r:.60}; give a Tensor, or a function and its "
                f"inputs"
            )
        name = getattr(loss, "__name__", type(loss).__name__)
        loss, held = _called(loss, inputs)
    elif inputs:
        raise TypeError(f"trace: a Tensor takes no inputs, and {len(inputs)} were given; give tg.trace(f, *inputs)")
    if loss.node is None:
        raise GraphError(
            f"trace: the tensor of shape {loss.shape} is not recorded, so it has no steps; compute it from tensors "
            f"with requires_grad=True, outside no_grad and without detach"
        )
    return Trace(loss, draw(loss, name=name), held)


def _called(f: Callable[..., Any], inputs: tuple[Any, ...]) -> tuple[Tensor, Any]:
    """What `f` returns when recorded with every value and line, and its arguments."""
    names = _names(f, len(inputs))
    if hasattr(f, "named_parameters"):
        arguments = list(inputs)
    else:
        arguments = [map_leaves(x, partial(_tracked, name)) for x, name in zip(inputs, names, strict=True)]
    with graph.switch(grad=True, keep=True, origins=True):
        y = f(*arguments)
    if not isinstance(y, Tensor):
        raise GraphError(f"trace: f returned {type(y).__name__} {y!r:.60}; return one tensor, made from the inputs")
    return y, arguments


def _names(f: Callable[..., Any], count: int) -> list[str | None]:
    """What `f` calls its positional arguments, None where that cannot be told."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return [None] * count
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*names[:count], *[None] * (count - len(names))]


def _tracked(name: str | None, x: Any) -> Any:
    """Numbers and arrays of floating point as leaves of their own."""
    floating = isinstance(x, float) or (isinstance(x, np.ndarray | np.generic) and x.dtype.kind == "f")
    return Tensor(np.array(x), requires_grad=True, name=name) if floating else x


def _seen(x: Any) -> Any:
    """The array to look at: what the graph holds must not be changed."""
    if x is None:
        return None
    view = np.asarray(x).view()
    view.flags.writeable = False
    return view
