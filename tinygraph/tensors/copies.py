"""Copies and pickles of a Tensor: a leaf gives a leaf, a recorded result a copy with the same history, or no pickle."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine import mode
from ..engine.node import is_computed, wrap
from ..engine.origins import place
from ..errors import NotDifferentiable
from .gradient import Differentiable


def reduce(t: Differentiable) -> Any:
    """`Tensor.__reduce__`: a pickle holds value, name, gradient and whether it is a parameter; not how it was made.

    Raises NotDifferentiable for a recorded result, which would come back as a constant.
    """
    if is_computed(t) and mode.current().grad:
        raise NotDifferentiable(
            f"pickle: a recorded tensor of shape {t.shape} was to be pickled at {place()}, as caches and other "
            f"processes do, and would come back without its history and gradient; pickle t.detach() if it is to be a "
            f"constant, and compute what needs the gradient in this process, without a cache"
        )
    trained = t.node is not None and not is_computed(t)
    return restore, (type(t), np.asarray(t._array), trained, t.name, t.grad, t.is_parameter)


def copy(t: Differentiable) -> Differentiable:
    """`Tensor.__copy__`: as `deepcopy`."""
    return deepcopy(t, {})


def deepcopy(t: Differentiable, memo: dict[int, Any]) -> Differentiable:
    """`Tensor.__deepcopy__`: a leaf of its own for a leaf, a copy with the same history for a recorded result."""
    if is_computed(t):  # nodes are immutable
        new = wrap(type(t), np.array(t._array), t.node)
    else:
        new = restore(type(t), t._array, t.node is not None, t.name, None, t.is_parameter)
    if t.grad is not None:
        new._grad = type(t)(np.array(t.grad._array))
    memo[id(t)] = new
    return new


def restore(
    cls: type[Differentiable], data: Any, requires_grad: bool, name: str | None, grad: Any, parameter: bool = False
) -> Any:
    """The Tensor that a pickle or a copy is made of."""
    t = cls(np.array(data), requires_grad, name)
    t._frozen = parameter and not requires_grad
    if grad is not None:
        t._grad = grad
    return t
