"""Why a gradient is exactly zero: the operation that lets nothing through, and what it was given."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..walk import Edge
from .answer import Why, place
from .path import Path

ENDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
"""Operations that saturate, with the ends of their range."""
NEAR = 1e-6
"""An output this close to an end is saturated."""
_STEPS = ("sign", "floor", "ceil", "trunc", "rint", "floor_divide")


def zero(path: Path, headline: str) -> Why | None:
    """The explanation, or None where the values that would tell are gone."""
    seed = path.grads[path.order[-1]]
    if not np.any(seed):
        return Why("seed", (headline, "The gradient given to backward is zero itself."), "Give one that is not.")
    kills = [e for e in path.edges if e.raw is not None and np.any(e.g) and not np.any(e.raw)]
    if kills:
        cause, words, fix = _kill(kills[0])
        places = list(dict.fromkeys(place(e.reader) for e in kills[1:] if e.reader is not kills[0].reader))
        others = [f"Other ways to it are cut too: {', '.join(places[:3])}."] if places else []
        return Why(cause, (headline, *words, *others), fix, kills[0].reader)
    for edge in path.edges:
        total = path.grads[edge.source]
        if edge.raw is not None and np.any(edge.raw) and total is not None and not np.any(total):
            cancel = f"What it receives through {place(edge.reader)} adds up to exactly 0: the contributions cancel."
            return Why("cancels", (headline, cancel), "Check the signs; x - x has no gradient.", edge.reader)
    return None


def _kill(edge: Edge) -> tuple[str, list[str], str]:
    """Cause, sentences and fix for an operation that is reached by a gradient and passes on none."""
    op: Any = edge.reader.op  # a leaf reads nothing
    at = place(edge.reader)
    name, size, other = op.name, edge.raw.size, [v for k, v in enumerate(edge.values) if k != edge.position]
    x = edge.values[edge.position]
    if edge.slope is not None and np.any(np.where(np.equal(edge.g, 0), 0, edge.slope)):
        words = [
            f"At {at} the product of the gradient, at most {np.max(np.abs(edge.g)):.3g}, and the slope is too small."
        ]
        return "underflow", words, "Scale the loss up, or compute in float64."
    if name in _STEPS or (op.local and op.rules[edge.position] == 0):
        return (
            "zero derivative", [f"{at} is constant between its steps, so its derivative is 0 everywhere."],
            f"Leave {name} out of what is differentiated, or let the gradient pass: x + ({name}(x) - x).detach().",
        )  # fmt: skip
    if name == "relu":
        words = [f"{np.count_nonzero(edge.slope):,} of {size:,} elements pass {at}."]
        if np.any(edge.slope):
            words.append("No gradient arrives at those that pass.")
            return "dead relu", words, "Look at what masks those that pass, between relu and the loss."
        sign = "negative" if x is None or np.max(x) < 0 else "zero or negative"
        largest = "" if x is None else f" (the largest is {np.max(x):.3g})"
        words.append(f"All of its inputs are {sign}{largest}, where its derivative is 0.")
        return "dead relu", words, "Lower the learning rate, start with smaller or positive biases, or use leaky_relu."
    if name in ENDS:
        return "saturated", saturated(edge), "Scale its inputs down: normalise the data, or start with smaller weights."
    if name in ("multiply", "matmul", "einsum") and other and all(v is not None for v in other):
        zeros = [v for v in other if not np.any(v)]
        if zeros:
            what = f"the other factor, of shape {np.shape(zeros[0])}, is exactly 0 everywhere"
            fix = "If that factor is a weight, start it with small random numbers; else look for why it is 0."
            return "times zero", [f"{at} multiplies by zero: {what}."], fix
        if name == "multiply" and np.array_equal(edge.slope * edge.g, edge.raw):
            count = np.count_nonzero(np.equal(np.broadcast_to(edge.slope, edge.raw.shape), 0))
            words = [f"{at} multiplies by zero in {count:,} of {size:,} elements, and no gradient arrives at the rest."]
            return "times zero", words, "Look at the mask or factor there."
        return "cancels", [f"The products summed by {at} cancel exactly."], "Check the signs."
    if name == "where":
        return "unselected", [f"{at} picks its other branch wherever a gradient arrives."], "Check the condition."
    if name in ("sum_where", "mean_where", "var_about"):
        words = [f"{at} leaves out every element that a gradient would go to: its mask holds for none of them."]
        return "masked", words, "Check where=; nansum and its like leave out what is NaN."
    if name == "setitem":
        return "overwritten", [f"{at} overwrites every element that a gradient arrives at."], "Use the value before it."
    if name in ("maximum", "minimum", "max", "min"):
        words = [f"{at} picks other elements: none of these attains the {name[:3]}imum where a gradient arrives."]
        return (
            "not attained",
            words,
            "Only what is picked has a gradient; tg.logsumexp is a smooth maximum.",
        )
    if name == "clip":
        low, high = (_number(v) for v in edge.values[1:])
        words = [f"All elements lie outside the limits of {at} ({low}, {high}), where its derivative is 0."]
        return "clipped", words, "Widen the limits, or scale the input."
    if name in ("exp", "exp2") and x is not None:
        words = [f"The result of {at} is exactly 0: its inputs are so negative (the largest is {np.max(x):.3g})."]
        return "underflow", words, "Add up logarithms instead, as tg.logsumexp and tg.log_softmax do."
    given = "" if x is None else f" for what it is given (from {np.min(x):.3g} to {np.max(x):.3g})"
    return "flat", [f"The derivative of {at} is exactly 0{given}."], "Start from another point."


def saturated(edge: Edge) -> list[str]:
    """How many outputs of a sigmoid or tanh are at the ends of its range."""
    name = edge.reader.op.name  # type: ignore[union-attr]
    low, high = ENDS[name]
    y = np.asarray(edge.reader.value)
    count = np.count_nonzero((np.abs(y - low) <= NEAR) | (np.abs(y - high) <= NEAR))
    return [
        f"{count:,} of {y.size:,} outputs of {place(edge.reader)} are within {NEAR:g} of {low:g} or {high:g}, "
        f"where its derivative vanishes."
    ]


def _number(x: Any) -> str:
    return f"{x:g}" if np.ndim(x) == 0 and x is not None else "an array"
