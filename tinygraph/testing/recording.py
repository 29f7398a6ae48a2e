"""Properties of how an operation is recorded: the same value on every path, and nothing saved that no rule reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.mode import keep_values, no_grad, origins
from ..engine.node import SMALL
from ..engine.op import Op
from ..tensors.tensor import Tensor, tensor
from .cases import Case
from .derivatives import demand, positions, rule_result


def same_value_everywhere(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Arrays, untracked, tracked and specially recorded Tensors, and NumPy's own function: bit for bit the same."""
    attrs = {**op.defaults, **case.attrs}
    expected = np.asarray(op.kernel(*case.inputs, **attrs))
    plain = op.function(*case.inputs, **case.attrs)
    demand(not isinstance(plain, Tensor), op, case, "arrays give a Tensor, not an array")
    results = {"on arrays": plain, "on Tensors": _on_tensors(op, case, tracked=False)}
    results["recorded"] = _on_tensors(op, case, tracked=True)
    with keep_values(), origins():
        results["recorded with keep_values"] = _on_tensors(op, case, tracked=True)
    with no_grad():
        results["under no_grad"] = _on_tensors(op, case, tracked=True)
    if isinstance(op.kernel, np.ufunc):
        results["through NumPy"] = op.kernel(*[tensor(x) for x in case.inputs])
    for name, result in results.items():
        value = result._array if isinstance(result, Tensor) else np.asarray(result)
        same = value.dtype == expected.dtype and np.array_equal(value, expected, equal_nan=value.dtype.kind in "fc")
        demand(
            same and value.shape == expected.shape, op, case, f"the value {name} is {value}, the kernel's {expected}"
        )


def _on_tensors(op: Op, case: Case, tracked: bool) -> Any:
    chosen = positions(op, case) if tracked else ()
    every = [
        tensor(x, requires_grad=k in chosen) if isinstance(x, np.ndarray) else x for k, x in enumerate(case.inputs)
    ]
    return op.function(*every, **case.attrs)


def recorded_where_differentiable(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Only results that have a gradient are recorded."""
    y = _on_tensors(op, case, tracked=True)
    wanted = op.differentiable and bool(positions(op, case)) and y.dtype.kind in "fc"
    demand((y.node is not None) == wanted, op, case, f"the result is {'not ' if wanted else ''}recorded")


def fresh_if_declared(op: Op, case: Case, rng: np.random.Generator) -> None:
    """A result that is declared `fresh` shares memory with no input."""
    if op.fresh:
        inputs = [np.array(x) if isinstance(x, np.ndarray) else x for x in case.inputs]
        y = op.kernel(*inputs, **{**op.defaults, **case.attrs})
        for k, x in enumerate(inputs):
            shares = isinstance(y, np.ndarray) and isinstance(x, np.ndarray) and np.shares_memory(y, x)
            demand(not shares, op, case, f"it is declared fresh, and its result shares memory with input {k}")


class _Absent:
    """Stands for a value that was not saved: any use of it fails, but for facts such as its shape if it has them."""

    __array_ufunc__ = None

    def __init__(self, facts_of: Any = None) -> None:
        if facts_of is not None:
            value = np.asarray(facts_of)
            self.shape, self.dtype, self.ndim, self.size = value.shape, value.dtype, value.ndim, value.size

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError("this value was not saved")


def saves_what_rules_name(op: Op, cases: Sequence[Case], rng: np.random.Generator) -> None:
    """A node saves what its rules read, and no more, judged by running the rules without it in all the cases."""
    idle: dict[tuple[int, int], Case] = {}
    used: set[tuple[int, int]] = set()
    for case in cases:
        for k in positions(op, case):
            leaves = [tensor(x, requires_grad=j == k) if j == k else x for j, x in enumerate(case.inputs)]
            y = op.function(*leaves, **case.attrs)
            keep = op.needs(tuple(j == k for j in range(len(leaves))))
            kept = [None if y.size <= SMALL and keep[0] is None else y.node.value, *y.node.saved]
            for slot, (use, held) in enumerate(zip(keep, kept, strict=True)):
                what = f"input {slot - 1}" if slot else "the output"
                extra = held is not None and (slot == 0 or held is not y.node.inputs[slot - 1])
                demand(use is not None or not extra, op, case, f"{what} is saved and no rule names it")
                unread = use is not None or not callable(op.rule(k)) or _runs_without(op, k, slot, use, case, rng)
                demand(unread, op, case, f"the rule of input {k} reads {what}, which is not saved: it was found not to")
                # the one rule of a variadic op serves all inputs, so that what any of them needs is kept
                readers = [k] if op.arity is not None else positions(op, case)
                if use is not None and not all(_runs_without(op, r, slot, use, case, rng) for r in readers):
                    used.add((k, slot))
                elif use is not None:
                    idle[k, slot] = case
    for k, slot in sorted(idle.keys() - used):
        what = f"input {slot - 1}" if slot else "the output"
        demand(False, op, idle[k, slot], f"{what} is saved for the rule of input {k}, which does not need it")


def _runs_without(op: Op, k: int, slot: int, use: str | None, case: Case, rng: np.random.Generator) -> bool:
    """Whether the rule of input `k` and the forward rule run without what `slot` saves (0 is the output)."""
    attrs = {**op.defaults, **case.attrs}
    values: list[Any] = [np.asarray(op.kernel(*case.inputs, **attrs)), *case.inputs]
    g = rng.standard_normal(values[0].shape)
    values[slot] = _Absent(values[slot] if use != "shape" else None)
    try:
        if isinstance(rule_result(op, k, g, values[0], values[1:], attrs), _Absent):
            return False
        if op.jvp is not None:
            moving = positions(op, case)  # the one forward rule serves all inputs, too
            moved = [np.ones(np.shape(x)) if j in moving else None for j, x in enumerate(case.inputs)]
            op.jvp(moved, *values, **attrs)
    except (TypeError, AttributeError):
        return False
    return True
