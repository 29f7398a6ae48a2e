"""Naming a NaN or infinity: the element, the inputs that made it, what went wrong there, and the cure.

`run` and `examine` stop at the first one under `detect_anomaly`; `tg.why` asks `reason` after the fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .errors import AnomalyError
from .graph import Node, Recorded
from .places import place

if TYPE_CHECKING:
    from .op import Op

Index = tuple[int, ...]


class Reason(NamedTuple):
    """Why a value is not finite: a short stable word, the same in words, and what to do."""

    cause: str
    words: str
    fix: str


def first_bad(array: Any) -> Index | None:
    """The index of the first element that is NaN or infinite, or None.

    >>> first_bad(np.array([[0.0, 1.0], [np.nan, np.inf]]))
    (1, 0)
    """
    bad = ~np.isfinite(array)
    if not bad.any():
        return None
    return tuple([int(i) for i in np.unravel_index(np.argmax(bad), np.shape(bad))])


def element(index: Index) -> str:
    """`element [1, 0]`, or words for a single number."""
    return f"element {list(index)}" if index else "the value"


def there(values: Sequence[Any], shape: tuple[int, ...], index: Index) -> list[float] | None:
    """What each input of an elementwise op was at `index` of the output; None if the op is not elementwise."""
    try:
        return [np.broadcast_to(x, shape)[index].item() for x in values]
    except (ValueError, AttributeError):
        return None


def given(op: Op, values: Sequence[Any], shape: tuple[int, ...], index: Index) -> str:
    """The inputs in words: their numbers at `index` where the op is elementwise, else what they span."""
    names = op.inputs if op.arity is not None else [f"{op.inputs[0]}{k}" for k in range(len(values))]
    at = there(values, shape, index) if op.local else None
    if at is not None:
        return ", ".join(f"{name} = {x:.6g}" for name, x in zip(names, at))
    return ", ".join(f"{name} of shape {np.shape(x)} {_span(x)}" for name, x in zip(names, values))


def _span(x: Any) -> str:
    x = np.asarray(x)
    finite = x[np.isfinite(x)]
    bad = "" if finite.size == x.size else f" and {x.size - finite.size} NaN or infinite"
    return (f"from {finite.min():.6g} to {finite.max():.6g}" if finite.size else "without a finite number") + bad


def reason(op: Op, at: Sequence[float] | None, bad: float, *, backward: bool = False) -> Reason:
    """Why `op` made `bad` (its derivative did, if `backward`) of the numbers `at`, None where not elementwise."""
    x, y = (at[0], at[-1]) if at else (np.nan, np.nan)
    name, (low, high) = op.name, op.domain
    if at and not np.isfinite(at).all():
        return Reason("data", "the input is not finite itself", "look for where it comes from")
    if at and name in ("log", "log2", "log10", "log1p") and x == low:
        return Reason(
            "log(0)", f"the value of {name}({x:g}) is -inf and its slope infinite",
            "keep the argument away from 0, as in log(x + 1e-12), or use a fused form: log_softmax, "
            "nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits",
        )  # fmt: skip
    if at and ((name in ("divide", "remainder", "floor_divide", "reciprocal") and y == 0)
               or (name == "power" and x == 0 and y < 0)):  # fmt: skip
        return Reason("division by 0", "it divides by 0", "keep the denominator away from 0, as in x / (y + 1e-12)")
    if at and not (low <= x <= high) and (name != "power" or (x < 0 and not float(y).is_integer())):
        return Reason(
            "domain", f"{x:g} is outside the domain ({low:g}, {high:g}) of {name}",
            f"keep the input of {name} inside, with tg.clip or tg.maximum",
        )  # fmt: skip
    if backward and at and (x == 0 and name in ("sqrt", "cbrt", "power")):
        return Reason(
            f"{name} at 0", f"the slope of {name} at 0 is infinite",
            f"add a small constant inside, as in {name}(x + 1e-12), or choose another input there with tg.where",
        )  # fmt: skip
    if backward and at and (x in (low, high)):
        return Reason("infinite slope", f"the slope of {name} at {x:g} is infinite", f"keep the input off {x:g}")
    if np.isinf(bad) or (at and np.isfinite(at).all() and not np.isnan(bad)):
        if name in ("exp", "exp2", "expm1", "sinh", "cosh"):
            cure = "subtract the largest input first, as tg.softmax and tg.logsumexp do, or limit it with tg.clip"
        else:
            cure = "scale the inputs down, or compute in float64"
        return Reason("overflow", "the result is too large for its type", cure)
    return Reason("invalid", "there is no finite result there", f"keep the input of {name} where it is defined")


# ------------------------------------------------------------------------------- under detect_anomaly


def run(op: Op, values: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """The kernel's result; AnomalyError if it is not finite although every input is."""
    with np.errstate(all="ignore"):
        y = op.kernel(*values, **attrs)
        index = first_bad(y) if np.asarray(y).dtype.kind in "fc" else None
        if index is None or any(first_bad(x) is not None for x in values if x is not None):
            return y
    bad = np.asarray(y)[index].item()
    why = reason(op, there(values, np.shape(y), index) if op.local else None, bad)
    raise AnomalyError(
        f"{op.name}: {element(index)} of the result is {bad} at {place()}, made from "
        f"{given(op, values, np.shape(y), index)}: {why.words}; {why.fix}"
    )


def examine(node: Node, g: Any, saved: Sequence[Any], needed: Any, behind: bool) -> None:
    """Raise AnomalyError if backward is about to make a NaN or infinity at `node`, which the gradient `g` reaches.

    Runs the rules of `node` once more, with a zero gradient winning where it lies `behind` a selection.
    """
    g = g._data if isinstance(g, Recorded) else g
    op: Any = node.op  # leaves are not examined
    at = node.fact("origin")
    with np.errstate(all="ignore"):
        index = first_bad(g)
        if index is not None:
            raise AnomalyError(
                f"backward: {element(index)} of the gradient that reaches {node!r} (recorded at {at}) is "
                f"{np.asarray(g)[index].item()}, and no operation recorded under detect_anomaly made it; look at the "
                f"gradient given to backward, at hooks, and record everything under tg.detect_anomaly()"
            )
        for source, rule in zip(node.inputs, op.rules_of(len(node.inputs))):
            if type(source) is not Node or (needed is not None and source not in needed):
                continue
            c = contribution(op, rule, g, node.value, saved, node.attrs, behind or op.selects)
            index = first_bad(c)
            if index is not None:
                bad = np.asarray(c)[index].item()
                values = node.fact("values")
                why = reason(op, there(values, np.shape(c), index) if op.local else None, bad, backward=True)
                reaching = np.conj(np.broadcast_to(g, np.shape(c))[index]).item()
                above = f"the gradient {reaching:g}" if op.local else "gradients"
                raise AnomalyError(
                    f"backward: {element(index)} of the gradient that {node!r} (recorded at {at}) passes on is {bad}, "
                    f"made from {above} and {given(op, values, np.shape(c), index)}: {why.words}; {why.fix}"
                )


def contribution(
    op: Op, rule: Any, g: Any, value: Any, saved: Sequence[Any], attrs: dict[str, Any], selected: bool
) -> Any:
    """What one input receives when `g` reaches the output, before broadcasting is undone: as the sweep computes it."""
    if not op.local:
        return rule(g, value, *saved, **attrs)
    if rule.__class__ is int:
        return g if rule == 1 else -g if rule == -1 else np.zeros_like(g) if rule == 0 else g * rule
    if not selected or not callable(rule):
        return g * (rule(value, *saved, **attrs) if callable(rule) else rule)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        d = rule(value, *saved, **attrs)
        return g * np.where(np.equal(g, 0) & ~np.isfinite(d), 0, d)
