"""One step of forward or backward, at its box of the picture: fields for programs, text for people, plain data."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.node import Array
from ..ink.numbers import Numbers, number
from ..scene.naming import subscript
from ..scene.parts import Box, shape_text
from ..scene.words import title

_INDENT = "   "


@dataclasses.dataclass(frozen=True, eq=False)
class Operand:
    """The value of the box `source`, called `name`, as an input of a step. `value` is None where it is not kept."""

    source: str
    name: str
    value: Array | None


@dataclasses.dataclass(frozen=True, eq=False)
class ForwardStep:
    """An operation: `box` is its id in the picture, `value` what it made, None where that is not kept.

    `inputs` are the values it was made from; numbers that stand in the formula are not among them.
    """

    box: str
    step: int
    title: str
    name: str
    shape: tuple[int, ...]
    origin: str | None
    inputs: tuple[Operand, ...]
    value: Array | None

    def __str__(self) -> str:
        lines = [_headline(self.title, self.shape, self.origin)]
        for name, value in [*[(x.name, x.value) for x in self.inputs], (self.name, self.value)]:
            if value is None:
                lines.append(f"{name} is not kept: record under tg.keep_values()")
            else:
                lines += equation(name, value)
        return f"\n{_INDENT}".join(lines)

    def json(self) -> dict[str, Any]:
        """The fields as plain data: see `as_data` for arrays."""
        inputs = [{"source": x.source, "name": x.name, "value": as_data(x.value)} for x in self.inputs]
        return {**_head(self), "inputs": inputs, "value": as_data(self.value)}


@dataclasses.dataclass(frozen=True, eq=False)
class Contribution:
    """What one input of an operation receives in backward.

    `source` is the id of the input's box. `derivative` is the text of the arrow: the local derivative, `∂ = …`, or
    what is passed as a whole, `dW = …`. `local` holds the numbers of an elementwise operation's local derivative.
    `product` is what the rule gives, and `contribution` the same in the input's own shape: summed over the axes
    `summed`, along which the input had been broadcast. `total` is the gradient of the input so far: of `of`
    contributions `arrived` have arrived.
    """

    source: str
    name: str
    derivative: str
    local: Array | None
    product: Array | None
    contribution: Array | None
    summed: tuple[int, ...]
    total: Array | None
    arrived: int
    of: int

    def lines(self, output: str) -> Iterator[str]:
        """The text, for an operation whose output is called `output`."""
        here, whole = f"d{self.name}", None
        if self.derivative.startswith("∂ = "):
            yield from self._local()
            whole = f"d{output} · ∂"
        else:
            left, sign, right = self.derivative.partition(" += " if " += " in self.derivative else " = ")
            if left == here:
                whole = right
            elif sign:  # written into a part of it
                yield self.derivative
        if self.summed:
            yield from equation(whole or f"what {output} passes on", self.product)
            axes = "".join(map(subscript, self.summed))
            whole = f"Σ{axes}" if whole is None else f"Σ{axes}({whole})"
        made = " = " if self.arrived == 1 else " += "
        yield from equation(here + made + whole if whole else here, self.contribution, " = " if whole else made)
        if self.of > 1:
            if self.arrived > 1:
                yield from equation(here, self.total)
            yield f"{self.arrived} of {self.of} have arrived"

    def _local(self) -> Iterator[str]:
        text = self.derivative.removeprefix("∂ = ")
        if self.local is None or (np.size(self.local) == 1 and number(np.asarray(self.local).item(), 6) == text):
            yield self.derivative
        else:
            yield from equation(self.derivative, self.local)

    def json(self) -> dict[str, Any]:
        """The fields as plain data: see `as_data` for arrays."""
        facts = {"source": self.source, "name": self.name, "derivative": self.derivative, "summed": list(self.summed)}
        arrays = {k: as_data(getattr(self, k)) for k in ("local", "product", "contribution", "total")}
        return {**facts, **arrays, "arrived": self.arrived, "of": self.of}


@dataclasses.dataclass(frozen=True, eq=False)
class BackwardStep:
    """The chain rule at one operation: the gradient `incoming` at its output, and what each input receives of it."""

    box: str
    step: int
    title: str
    name: str
    shape: tuple[int, ...]
    origin: str | None
    incoming: Array | None
    contributions: tuple[Contribution, ...]

    def __str__(self) -> str:
        lines = [_headline(self.title, self.shape, self.origin), *equation(f"d{self.name}", self.incoming)]
        width = max(len(f"to {c.name}: ") for c in self.contributions)
        for c in self.contributions:
            for k, line in enumerate(c.lines(self.name)):
                lines.append(f"{'' if k else f'to {c.name}: ':{width}}{line}")
        return f"\n{_INDENT}".join(lines)

    def json(self) -> dict[str, Any]:
        """The fields as plain data: see `as_data` for arrays."""
        return {
            **_head(self), "incoming": as_data(self.incoming),
            "contributions": [c.json() for c in self.contributions],
        }  # fmt: skip


def facts(box: Box) -> dict[str, Any]:
    """The fields that both kinds of steps take from the box."""
    return {
        "box": box.id, "step": box.step, "title": title(box), "name": box.name, "shape": box.shape,
        "origin": box.origin,
    }  # fmt: skip


def _head(step: ForwardStep | BackwardStep) -> dict[str, Any]:
    return {
        "box": step.box, "step": step.step, "title": step.title, "shape": list(step.shape), "origin": step.origin,
        "text": str(step),
    }  # fmt: skip


def _headline(title: str, shape: tuple[int, ...], origin: str | None) -> str:
    place = f"   {os.path.basename(origin)}" if origin else ""
    return f"{title}   {shape_text(shape)}{place}"


def equation(left: str, value: Any, sign: str = " = ") -> list[str]:
    """Lines that say what `left` is: its numbers where they are few, else shape and statistics.

    >>> equation("x", np.array([0.5, -1.0]))
    ['x = [0.5, −1]']
    >>> equation("X", np.eye(2))
    ['X = [[1, 0],', '     [0, 1]]']
    """
    numbers = Numbers.of(_as_numbers(value))
    if numbers.values is None:
        return [f"{left}{sign}{shape_text(numbers.shape)}, {' · '.join(numbers.lines())}"]
    head, *rest = numbers.lines()
    return [f"{left}{sign}{head}", *[" " * len(left + sign) + line for line in rest]]


def as_data(value: Array | None) -> dict[str, Any] | None:
    """An array as plain data: `text`, `shape`, and nested lists in `values`, None where it has over 16 elements.

    A number that is not finite, which JSON does not know, is None in `values`; a complex one is its two parts.

    >>> as_data(np.array([1.5, np.inf]))
    {'text': '[1.5, ∞]', 'shape': [2], 'values': [1.5, None]}
    """
    if value is None:
        return None
    array = _as_numbers(value)
    numbers = Numbers.of(array)
    values = None if numbers.values is None else _finite_or_none(array.tolist())
    return {"text": " ".join(numbers.lines()), "shape": list(array.shape), "values": values}


def _as_numbers(value: Array) -> Array:
    """An array of numbers: the truth values of a step function's derivative as 1 and 0."""
    array = np.asarray(value)
    return array.astype(np.int64) if array.dtype.kind == "b" else array


def _finite_or_none(x: Any) -> Any:
    if isinstance(x, list):
        return [_finite_or_none(i) for i in x]
    if isinstance(x, complex):
        return [_finite_or_none(x.real), _finite_or_none(x.imag)]
    return x if np.isfinite(x) else None
