"""Float16: the twin of an op whose rules compute in float32, where counts, squares and quotients stay finite.

A float16 reaches 65,504 only, so that the 70,000 by which the gradient of a mean is divided, or the square of 300, is
infinite, although the derivative itself is not. The node of a float16 result therefore holds the twin. Who applies a
rule, in whatever mode, casts what it gives to the dtype of the input, as always.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from .op import Op, Rule

_narrow = np.dtype(np.float16)


def in_float32(op: Op) -> Op:
    """`op` with rules that compute in float32; itself where its rule is a whole computation of somebody else's."""
    if op._half is None:
        object.__setattr__(op, "_half", op if op.whole else _with_wide_rules(op))
    return op._half  # type: ignore[return-value]


def _with_wide_rules(op: Op) -> Op:
    twin = object.__new__(Op)
    for fact in dataclasses.fields(op):
        object.__setattr__(twin, fact.name, getattr(op, fact.name))
    jvp = None if op.jvp is None else _on_wide_values(op.jvp)
    for name, value in {"rules": tuple(map(_on_wide_values, op.rules)), "jvp": jvp, "_reads": op.reads}.items():
        object.__setattr__(twin, name, value)
    return twin


def _on_wide_values(rule: Rule) -> Rule:
    if not callable(rule):
        return rule

    def on_wide_values(*values: Any, **attrs: Any) -> Any:
        return rule(*[[_wide(t) for t in v] if isinstance(v, list) else _wide(v) for v in values], **attrs)

    return on_wide_values


def _wide(x: Any) -> Any:
    """A float16 array, number or Tensor in float32; anything else, such as a node that stands for a shape, itself."""
    return x.astype(np.float32) if hasattr(x, "astype") and x.dtype == _narrow else x
