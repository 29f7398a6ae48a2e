"""Why an operation gave a NaN or infinity, in words with a cure: as its declaration says, else found by trying cures.

A cure is named only where it helps: the operation is run again on inputs that are moved a little, or scaled down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .op import Op

Index = tuple[int, ...]

_STEP = 1e-6
"""How far an input is moved, relative to its size, to see whether the trouble is at that point only."""
_NEAR = 1e-12
"""An input this small is meant to be 0, or near enough to divide by."""
_SCALES = (1e-3, 1e-100, 1e-300)
"""By what inputs are multiplied to see whether they were too large."""


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
    return first_where(~np.isfinite(array))


def first_where(mask: Any) -> Index | None:
    """The index of the first element that is true, or None."""
    return largest_at(mask) if np.any(mask) else None


def largest_at(array: Any) -> Index:
    """The index of the largest element, a NaN before all."""
    return tuple([int(i) for i in np.unravel_index(np.argmax(array), np.shape(array))])


def element(index: Index) -> str:
    """The element in words: `element [1, 0]`, or `the value` of a single number."""
    return f"element {list(index)}" if index else "the value"


def numbers_at(values: Sequence[Any], shape: tuple[int, ...], index: Index) -> list[Any] | None:
    """What each input was at `index` of an elementwise result of this shape; None where that cannot be said."""
    try:
        return [np.broadcast_to(x, shape)[index].item() for x in values]
    except (ValueError, AttributeError):
        return None


def describe_inputs(op: Op, values: Sequence[Any], shape: tuple[int, ...], index: Index) -> str:
    """The inputs in words: their numbers at `index` where the op is elementwise, else what they span."""
    names = _names(op, len(values))
    at = numbers_at(values, shape, index) if op.local else None
    if at is not None:
        return ", ".join(f"{name} = {x:.6g}" for name, x in zip(names, at))
    return ", ".join(f"{name} of shape {np.shape(x)} {_span(x)}" for name, x in zip(names, values))


def _names(op: Op, count: int) -> list[str]:
    return list(op.inputs) if op.arity is not None else [f"{op.inputs[0]}{k}" for k in range(count)]


def _span(x: Any) -> str:
    x = np.asarray(x)
    finite = x[np.isfinite(x)]
    bad = "" if finite.size == x.size else f" and {x.size - finite.size} NaN or infinite"
    return (f"from {finite.min():.6g} to {finite.max():.6g}" if finite.size else "without a finite number") + bad


def declared_reason(op: Op, symptom: str, called: str | None = None) -> Reason | None:
    """The reason that the op's declaration has for a symptom; `called` is how the words call the op."""
    if symptom not in op.reasons:
        return None
    cause, words, fix = op.reasons[symptom]
    return Reason(cause, words.replace("{op}", called or op.name), fix)


def reason(
    op: Op,
    values: Sequence[Any] | None,
    attrs: dict[str, Any],
    shape: tuple[int, ...],
    index: Index,
    bad: Any,
    position: int | None = None,
) -> Reason:
    """Why the result of `op`, or what its rule passes on to input `position`, is `bad` at `index`.

    `values` are the inputs, None where they are not known any more.
    """
    if values is None:
        return _overflow(op) if np.isinf(bad) and op.kind == "linear" else _unknown(op)
    at = numbers_at(values, shape, index) if op.local else None
    return _of_arrays(op, values, attrs, bad, position) if at is None else _of_numbers(op, at, attrs, bad, position)


def _of_numbers(op: Op, at: list[Any], attrs: dict[str, Any], bad: Any, position: int | None) -> Reason:
    """The reason at one element of an elementwise op, of which the inputs are the numbers `at`."""
    if not np.isfinite(at).all():
        return Reason("data", "the input is not finite itself", "look for where it comes from")
    value = _value(op, attrs)
    sound, undefined = _works(value, at), np.isnan(bad) if position is None else _is_nan(value, at)
    low, high = op.domain
    outside = [x for x in at if not isinstance(x, complex) and not low <= x <= high]
    if outside and not sound and (undefined or len(at) == 1):
        return Reason(
            "domain", f"{outside[0]:g} is outside the domain ({low:g}, {high:g}) of {op.name}",
            f"keep the input of {op.name} inside, with tg.clip or tg.maximum",
        )  # fmt: skip
    compute = value if position is None else _slope(op, attrs, position)
    if _works(compute, at):  # in float64, or before it was multiplied by the gradient
        return _overflow(op)
    moved = _moved(compute, at)
    if moved is not None:
        return _singular_slope(op, at, moved, _is_nan(compute, at)) if sound else _singular(op, at, moved, bad)
    if np.isinf(bad) and any(_works(compute, smaller) for smaller in _scaled(at)):
        return _overflow(op)
    return _unknown(op)


def _of_arrays(op: Op, values: Sequence[Any], attrs: dict[str, Any], bad: Any, position: int | None) -> Reason:
    """The reason in an op that is not elementwise: in a linear one only sizes can be to blame."""
    if not np.isinf(bad):
        return _unknown(op)
    if op.kind != "linear":
        smaller = ([x * s if np.asarray(x).dtype.kind in "fc" else x for x in values] for s in _SCALES)
        if position is not None or not any(_works(_value(op, attrs), xs) for xs in smaller):
            return _unknown(op)
    return _overflow(op)


def _singular(op: Op, at: list[Any], moved: int, bad: Any) -> Reason:
    """The value is not finite at this point, but is when input `moved` is a little different."""
    found, x = declared_reason(op, "singular"), at[moved]
    if 0 < abs(x) < _NEAR:
        return _overflow(op)._replace(fix=found.fix if found is not None else _away(op, at, moved))
    if found is not None:
        return found
    call = f"{op.name}({', '.join(f'{x:g}' for x in at)})"
    words = f"the value of {call} is {bad}, though it is finite close by"
    return Reason(call, words, _away(op, at, moved))


def _singular_slope(op: Op, at: list[Any], moved: int, undefined: bool) -> Reason:
    """The value is finite, the slope is not, but is when input `moved` is a little different."""
    x = at[moved]
    words = f"the slope of {op.name} at {x:g} is {'undefined' if undefined else 'infinite'}"
    if x == 0:
        fix = f"add a small constant inside, as in {_call(op, at, moved)}, or choose another input there with tg.where"
        return Reason(f"{op.name} at 0", words, fix)
    return Reason("undefined slope" if undefined else "infinite slope", words, f"keep the input off {x:g}")


def _away(op: Op, at: list[Any], moved: int) -> str:
    name, x = _names(op, len(at))[moved], at[moved]
    x, as_in = (0, f", as in {_call(op, at, moved)}") if abs(x) < _NEAR else (x, "")
    return f"keep {name} away from {x:g}{as_in}, or choose another input there with tg.where"


def _call(op: Op, at: list[Any], moved: int) -> str:
    """How the op is called with a small number added to input `moved`."""
    names = _names(op, len(at))
    names[moved] += " + 1e-12"
    return f"{op.name}({', '.join(names)})"


def _overflow(op: Op) -> Reason:
    fallback = Reason(
        "overflow", "the result is too large for its type", "scale the inputs down, or compute in float64"
    )
    return declared_reason(op, "overflow") or fallback


def _unknown(op: Op) -> Reason:
    return Reason("invalid", "there is no finite result there", f"keep the input of {op.name} where it is defined")


# ------------------------------------------------------------------------------------------ trying a cure
Compute = Callable[[Sequence[Any]], Any]


def _value(op: Op, attrs: dict[str, Any]) -> Compute:
    return lambda inputs: op.kernel(*inputs, **attrs)


def _slope(op: Op, attrs: dict[str, Any], position: int) -> Compute:
    rule = op.rule(position)
    return lambda inputs: rule(op.kernel(*inputs, **attrs), *inputs, **attrs) if callable(rule) else rule


def _works(compute: Compute, inputs: Sequence[Any]) -> bool:
    """Whether what is computed of these inputs is finite."""
    found = _tried(compute, inputs)
    return found is not None and bool(np.isfinite(found).all())


def _is_nan(compute: Compute, inputs: Sequence[Any]) -> bool:
    found = _tried(compute, inputs)
    return found is not None and bool(np.isnan(found).any())


def _tried(compute: Compute, inputs: Sequence[Any]) -> Any:
    """What is computed of these inputs, numbers as arrays of one element; None where the op refuses them."""
    with np.errstate(all="ignore"):
        try:
            return compute([np.array([x]) if np.ndim(x) == 0 else x for x in inputs])
        except (ArithmeticError, TypeError, ValueError):
            return None


def _moved(compute: Compute, at: list[Any]) -> int | None:
    """Which input need only be moved a little for a finite result."""
    for k, x in enumerate(at):
        step = _STEP * max(abs(x), 1)
        if any(_works(compute, [*at[:k], x + h, *at[k + 1 :]]) for h in (step, -step)):
            return k
    return None


def _scaled(at: list[Any]) -> list[list[Any]]:
    """The inputs made smaller: all of them, and each by itself."""
    together = [[x * s for x in at] for s in _SCALES]
    return together + [[*at[:k], x * s, *at[k + 1 :]] for s in _SCALES for k, x in enumerate(at)]
