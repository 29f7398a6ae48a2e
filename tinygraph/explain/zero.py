"""Why a gradient is exactly zero: the operation that lets nothing through, and what it was given."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.edges import Edge
from ..engine.node import op_of
from ..engine.reasons import declared_reason
from .answer import Why, place, sentence
from .facts import Ends, ends_of, factors_of, is_bounded
from .path import Path

NEAR = 1e-6
"""An output this close to an end of its range is saturated."""
SCALE_DOWN = "Scale its inputs down: normalise the data, or start with smaller weights."


def why_zero(path: Path, headline: str) -> Why | None:
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
    op = op_of(edge.reader)  # a leaf reads nothing
    at = place(edge.reader)
    if edge.slope is not None and np.any(np.where(np.equal(edge.g, 0), 0, edge.slope)):
        words = (
            f"At {at} the product of the gradient, at most {np.max(np.abs(edge.g)):.3g}, and the slope is too small."
        )
        return "underflow", [words], "Scale the loss up, or compute in float64."
    if op.local and op.rule(edge.position) == 0:
        return (
            "zero derivative", [f"{at} is constant between its steps, so its derivative is 0 everywhere."],
            f"Leave {op.name} out of what is differentiated, or let the gradient pass: "
            f"x + ({op.name}(x) - x).detach().",
        )  # fmt: skip
    known = declared_reason(op, "zero", at)
    if known is not None:
        return known.cause, [f"{known.words}."], sentence(known.fix)
    if op.selects:
        return "unselected", [f"{at} selects other elements wherever a gradient arrives."], "Check the condition there."
    if op.extremum is not None:
        words = f"{at} picks other elements: none of these attains the {op.extremum} where a gradient arrives."
        return "not attained", [words], "Only what is picked has a gradient; tg.logsumexp is a smooth maximum."
    return _kill_at_an_end(edge, at) or _kill_by_a_factor(edge, at) or _kill_unknown(edge, at)


def _kill_at_an_end(edge: Edge, at: str) -> tuple[str, list[str], str] | None:
    """Where all outputs that a gradient reaches lie at the ends of a range, where the derivative is 0."""
    op = op_of(edge.reader)
    ends = ends_of(edge.reader, edge.values)
    y = _output(edge)
    if ends is None or y is None or not np.all(_near(y, ends) | np.equal(edge.g, 0)):
        return None
    low, high = ends
    kinked = bool(op.kinks) or op.ties is not None
    if is_bounded(ends) and kinked:
        words = (
            f"All elements lie outside the limits of {at} ({_number(low)}, {_number(high)}), where its derivative is 0."
        )
        return "clipped", [words], "Widen the limits, or scale the input."
    if is_bounded(ends):
        return (
            "saturated",
            describe_saturation(edge),
            SCALE_DOWN,
        )
    return _kill_of_relu(edge, at) if kinked and _flat_beside_kink(edge) else _kill_by_underflow(edge, at)


def _flat_beside_kink(edge: Edge) -> bool:
    """Whether the derivative is 0 right beside the kink, as that of relu, unlike that of elu."""
    op, attrs = op_of(edge.reader), edge.reader.attrs
    rule = op.rule(edge.position)
    if not op.kinks or op.arity != 1 or not callable(rule):
        return True
    beside = op.kinks[0] + np.array([-1e-3, 1e-3])
    return not np.all(rule(op.kernel(beside, **attrs), beside, **attrs))


def _kill_of_relu(edge: Edge, at: str) -> tuple[str, list[str], str]:
    """A relu, or what is flat on one side of a kink as it is."""
    op = op_of(edge.reader)
    cause, x = f"dead {op.name}", edge.values[edge.position]
    words = [f"{np.count_nonzero(edge.slope):,} of {edge.raw.size:,} elements pass {at}."]
    if np.any(edge.slope):
        words.append("No gradient arrives at those that pass.")
        return cause, words, f"Look at what masks those that pass, between {op.name} and the loss."
    below = x is None or not op.kinks or np.max(x) <= op.kinks[0]
    side, most = ("negative", np.max) if below else ("positive", np.min)
    sign = side if x is None or most(x) else f"zero or {side}"
    known = "" if x is None else f" (the {'largest' if below else 'smallest'} is {most(x):.3g})"
    words.append(f"All of its inputs are {sign}{known}, where its derivative is 0.")
    start = "positive" if below else "negative"
    return cause, words, f"Lower the learning rate, start with smaller or {start} biases, or use leaky_relu."


def _kill_by_underflow(edge: Edge, at: str) -> tuple[str, list[str], str]:
    """A smooth function so far out that its result is rounded to the end of its range."""
    low, high = ends_of(edge.reader, edge.values) or (0, 0)
    end, x = low if np.all(np.isfinite(low)) else high, edge.values[edge.position]
    side = "" if x is None else f"negative (the largest is {np.max(x):.3g})"
    if x is not None and np.max(x) > 0:
        side = f"large (the smallest is {np.min(x):.3g})"
    words = f"The result of {at} is exactly {_number(end)}: its inputs are so {side or 'far out'}."
    if np.any(end):
        return "saturated", [words], SCALE_DOWN
    return (
        "underflow",
        [words],
        "Scale its inputs, or add up logarithms instead, as tg.logsumexp and tg.log_softmax do.",
    )


def _kill_by_a_factor(edge: Edge, at: str) -> tuple[str, list[str], str] | None:
    """Where the operation multiplies this input by others, which are 0 or add up to 0."""
    op = op_of(edge.reader)
    factors = [edge.values[k] for k in factors_of(op, edge.position, len(edge.values))]
    if not factors or any(v is None for v in factors):
        return None
    zeros = [v for v in factors if not np.any(v)]
    if zeros:
        words = f"{at} multiplies by zero: the other factor, of shape {np.shape(zeros[0])}, is exactly 0 everywhere."
        fix = "If that factor is a weight, start it with small random numbers; else look for why it is 0."
        return "times zero", [words], fix
    if op.local:
        size = edge.raw.size
        count = np.count_nonzero(np.equal(np.broadcast_to(edge.slope, edge.raw.shape), 0))
        words = f"{at} multiplies by zero in {count:,} of {size:,} elements, and no gradient arrives at the rest."
        return "times zero", [words], "Look at the mask or factor there."
    return "cancels", [f"The products summed by {at} cancel exactly."], "Check the signs."


def _kill_unknown(edge: Edge, at: str) -> tuple[str, list[str], str]:
    """What can be said without knowing anything of the operation."""
    op = op_of(edge.reader)
    if op.kind == "linear":
        words = f"No gradient arrives where {at} puts the elements of this input, or its parts cancel."
        return "not reached", [words], "Look at which part of the result the loss uses."
    x = edge.values[edge.position]
    known = "" if x is None else f" for what it is given (from {np.min(x):.3g} to {np.max(x):.3g})"
    return "flat", [f"The derivative of {at} is exactly 0{known}."], "Start from another point."


def _output(edge: Edge) -> Any:
    """The value of the operation, computed again where it is not held any more; None where that cannot be."""
    node, op = edge.reader, edge.reader.op
    if node.value is not None or op is None or any(v is None for v in edge.values):
        return node.value
    with np.errstate(all="ignore"):
        return op.kernel(*edge.values, **node.attrs)


def _near(y: Any, ends: Ends) -> Any:
    return np.less_equal(np.abs(y - ends[0]), NEAR) | np.less_equal(np.abs(y - ends[1]), NEAR)


def describe_saturation(edge: Edge) -> list[str]:
    """How many outputs of a sigmoid or the like are at the ends of its range."""
    low, high = ends_of(edge.reader, edge.values) or (0.0, 0.0)
    y = np.asarray(_output(edge))
    distances = np.minimum(np.abs(y - low), np.abs(y - high))
    some = np.any(distances <= NEAR) or not np.all(np.isfinite(distances))
    near = NEAR if some else 10.0 ** np.ceil(np.log10(np.max(distances)))  # arctan nears its ends slowly
    count = np.count_nonzero(distances <= near)
    return [
        f"{count:,} of {y.size:,} outputs of {place(edge.reader)} are within {near:g} of {_number(low)} or "
        f"{_number(high)}, where its derivative vanishes."
    ]


def _number(x: Any) -> str:
    return f"{x:g}" if np.ndim(x) == 0 and x is not None else "an array"
