"""`tg.trace`: from a tensor, or a function and its inputs, to the steps by which it was computed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..engine.mode import handed_over, switch
from ..engine.node import Node
from ..engine.trees import map_leaves
from ..engine.wording import number_of
from ..errors import GraphError, NotDifferentiable
from ..tensors import conversions
from ..tensors.tensor import Tensor
from .drawing import argument_names, picture_of
from .steps.walk import Walk
from .view import GraphView

_OF_NUMPY = "; the sum of a matrix's diagonal is np.trace(t), which is recorded for tensors"


class Trace(Walk):
    """What `tg.trace` returns. `view` is the picture whose box ids the steps carry.

    `forward()` and `backward()` compute the steps from the graph when they are iterated over; `json()` is both as
    plain data.
    """

    def __init__(self, root: Node, view: GraphView, held: Any = None) -> None:
        super().__init__(root, view, held)
        self.view = view

    def __repr__(self) -> str:
        count = len(self._boxes.nodes)
        return f"<Trace of {self.view.name!r:.60}: {number_of(count, 'operation')}>"


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
                f"inputs{_OF_NUMPY}"
            )
        name = getattr(loss, "__name__", type(loss).__name__)
        loss, held = _run(loss, inputs)
    elif inputs:
        raise TypeError(
            f"trace: a Tensor takes no inputs, and {len(inputs)} were given; give tg.trace(f, *inputs){_OF_NUMPY}"
        )
    if loss.node is None:
        if loss.dtype.kind not in "fc":
            raise NotDifferentiable(f"trace: given {conversions.jumps(loss.dtype)}")
        raise GraphError(
            f"trace: the tensor of shape {loss.shape} is not recorded, so it has no steps; compute it from tensors "
            f"with requires_grad=True, outside no_grad and without detach{_OF_NUMPY}"
        )
    if loss.ndim == 2 and loss.is_leaf:
        raise GraphError(f"trace: the tensor of shape {loss.shape} was not computed, so it has no steps{_OF_NUMPY}")
    return Trace(loss.node, picture_of(loss, name), held)


def _run(f: Callable[..., Any], inputs: tuple[Any, ...]) -> tuple[Tensor, Any]:
    """What `f` returns when recorded with every value and line, and its arguments."""
    names = argument_names(f, len(inputs))
    if hasattr(f, "named_parameters"):
        arguments = list(inputs)
    else:
        arguments = [map_leaves(x, partial(_as_leaf, name)) for x, name in zip(inputs, names, strict=True)]
    with switch(grad=True, keep=True, origins=True):
        y = handed_over(f)(*arguments)
    if not isinstance(y, Tensor):
        raise GraphError(f"trace: f returned {type(y).__name__} {y!r:.60}; return one tensor, made from the inputs")
    return y, arguments


def _as_leaf(name: str | None, x: Any) -> Any:
    """Numbers and arrays of floating point as leaves of their own."""
    floating = isinstance(x, float) or (isinstance(x, np.ndarray | np.generic) and x.dtype.kind == "f")
    return Tensor(np.array(x), requires_grad=True, name=name) if floating else x
