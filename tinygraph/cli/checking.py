"""What `tinygraph check MODULE:FUNCTION` does: check the gradient of the function and print the report."""

from __future__ import annotations

from typing import Any

from ..check import check_gradients
from ..nn import Module
from ..tensors.tensor import Tensor
from .target import Target, TargetError, load, told


def check(text: str, order: int = 1, seed: int = 0, effort: str = "normal") -> int:
    """Check the gradient of the function that `text` names; print the report; return 0 if it is right, else 1.

    Raises TargetError where there is no such function, no inputs for it, or where it fails.
    """
    target = load(text)
    with told(target.name):
        wrt = _wrt(target)
        report = check_gradients(
            target.function, *target.inputs, order=order, wrt=wrt, seed=seed, effort=effort, raises=False
        )
    print(report)
    return 0 if report.ok else 1


def _wrt(target: Target) -> Any:
    """What to check besides inputs: parameters of a module, or the tensors that a function without inputs can see."""
    if isinstance(target.function, Module):
        return target.function
    if target.inputs:
        return None
    leaves = [v for v in vars(target.module).values() if isinstance(v, Tensor) and v.requires_grad and v.is_leaf]
    modules = [v for v in vars(target.module).values() if isinstance(v, Module) and v.parameters()]
    if not leaves and not modules:
        raise TargetError(
            f"{target.name} has no inputs, and its module no tensors with requires_grad in global names; "
            f"give its parameters defaults"
        )
    return leaves + modules
