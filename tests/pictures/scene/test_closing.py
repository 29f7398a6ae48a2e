"""Whichever groups are closed, the picture has no cycle, goes from inputs to outputs, and counts every operation."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph import nn
from tinygraph.testing.strategies import graphs


class Late(nn.Module):
    """Reads `b` after its first operation, so that what makes `b` may be written in between."""

    def __call__(self, a: Any, b: Any) -> Any:
        return tg.sin(a * 2.0) + b


class Product(nn.Module):
    def __call__(self, a: Any, b: Any) -> Any:
        return tg.tanh(a) * b


class Two(nn.Module):
    """Returns two values, of which one may be read before the other is written."""

    def __call__(self, a: Any, b: Any) -> tuple[Any, Any]:
        return tg.sin(a), tg.cos(b)


class Nested(nn.Module):
    def __init__(self) -> None:
        self.two, self.late, self.product = Two(), Late(), Product()

    def __call__(self, a: Any, b: Any) -> Any:
        p, q = self.two(a, b)
        return self.late(q, self.product(p, tg.exp(p))) * q


PARTS: list[Callable[[], Callable[[Any, Any], Any]]] = [
    Late, Product, Nested, lambda: lambda a, b: tg.exp(a) - b, lambda: lambda a, b: a * 3.0
]  # fmt: skip


class Net(nn.Module):
    """`parts`, `times` times over: each reads two of the last values, so and so far back."""

    def __init__(self, parts: list[tuple[int, int, int]], times: int, first: int | None) -> None:
        self.first = [] if first is None else [PARTS[first]()]
        self.parts, self.times = [(PARTS[k](), i, j) for k, i, j in parts], times

    def __call__(self, x: Any) -> Any:
        values = [x, *[part(x, x) for part in self.first]]
        for _ in range(self.times):
            for part, i, j in self.parts:
                values.append(part(values[-min(i, len(values))], values[-min(j, len(values))]))
        return values[-1]


def check(view: tg.GraphView) -> None:
    """Every arrow goes on from a box to a later one, and no operation is lost."""
    seen = view.shown
    place = {box.id: k for k, box in enumerate(seen.boxes)}
    assert len(place) == len(seen.boxes)
    assert all(place[a.source] < place[a.target] for a in seen.arrows)
    assert sum(box.operations or box.made for box in seen.boxes) == sum(box.made for box in view.boxes)


def check_all(view: tg.GraphView, data: st.DataObject) -> None:
    check(view)
    for _ in range(3):
        shut = [g.id for g in view.groups if data.draw(st.booleans())]
        check(dataclasses.replace(view, shut=frozenset(shut)))


@given(graphs(), st.data())
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
def test_random_programs_in_a_row(program: Any, data: st.DataObject) -> None:
    def rows(*inputs: Any) -> Any:
        return [program(*inputs) for _ in range(4)]

    try:
        with np.errstate(all="ignore"):
            view = tg.draw(rows, *program.inputs.values())
    except tg.GraphError:  # no step of it has a gradient
        return
    check_all(view, data)


@given(
    st.lists(st.tuples(st.integers(0, len(PARTS) - 1), st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=4),
    st.integers(3, 5),
    st.none() | st.integers(0, len(PARTS) - 1),
    st.data(),
)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_random_modules_in_a_row(
    parts: list[tuple[int, int, int]], times: int, first: int | None, data: st.DataObject
) -> None:
    with np.errstate(all="ignore"):
        view = tg.draw(Net(parts, times, first), np.array([0.1, 0.2]))
    check_all(view, data)


def test_a_repetition_is_not_interrupted_by_what_its_modules_read_late() -> None:
    """Without an order among modules, the box of the rest reads the first copy, and that reads the box."""
    view = tg.draw(Net([(3, 1, 1), (1, 3, 1), (3, 1, 2)], 4, None), np.array([0.1, 0.2]))
    assert [g.kind for g in view.groups].count("repetition") == 1
    check(view)


def test_a_folded_module_stands_before_all_that_reads_it() -> None:
    """The exponential reads the module's first value, and is written before the second."""
    two = Two()

    def f(x: Any) -> Any:
        first, second = two(x, x)
        return tg.exp(first) * second

    view = tg.draw(f, 0.5, fold="Two")
    assert [box.op for box in view.boxes if box.made] == ["sin", "exp", "cos", "multiply"]
    assert [box.kind for box in view.shown.boxes] == ["input", "module", "operation", "output"]
    check(view)
