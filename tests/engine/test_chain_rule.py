"""The plain sweep gives bit for bit what the fast one gives: for every declared op, and through generated graphs.

Both share `rules`. What holds the rules themselves, and shares nothing, is tests/properties/test_edges.py.
"""

from __future__ import annotations

import inspect
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import tinygraph as tg
from tests.properties.edges import same
from tests.properties.table import OPS, cases
from tinygraph.engine import chain_rule
from tinygraph.engine.node import Node, topological
from tinygraph.engine.op import Op
from tinygraph.engine.reverse import pullback
from tinygraph.testing import Case
from tinygraph.testing.cases import is_float, random
from tinygraph.testing.derivatives import positions
from tinygraph.testing.programs import Program
from tinygraph.testing.strategies import graphs


def assert_sweeps_agree(root: Node, seed: Any) -> None:
    """Both sweeps give the same for every leaf, and for every node between when asked for it alone."""
    with np.errstate(all="ignore"):
        ours = chain_rule.pullback(root, seed)
        leaves = pullback([(root, seed)], retain_graph=True)
        between = [node for node in topological([root]) if node.op is not None]
        fast = leaves | {n: pullback([(root, seed)], wrt=[n], retain_graph=True)[n] for n in between}
    assert ours.keys() == fast.keys()
    for node, gradient in fast.items():
        assert same(ours[node], gradient), f"{node!r} has {gradient}, the plain sweep {ours[node]}"


def recorded(f: Callable[..., Any], inputs: Sequence[Any], wrt: Sequence[int]) -> Any:
    """The result of `f` on tensors where `wrt` says so."""
    tracked = [tg.tensor(x, requires_grad=True) if k in wrt else x for k, x in enumerate(inputs)]
    with np.errstate(all="ignore"):
        return f(*tracked)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_op_on_every_case(op: Op, rng: np.random.Generator) -> None:
    for case in every_case(op):
        wrt = [k for k in positions(op, case) if op.complex or case.inputs[k].dtype.kind == "f"]
        y = recorded(lambda *xs, case=case: op.function(*xs, **case.attrs), case.inputs, wrt)
        if wrt and y.dtype.kind in "fc":
            seed = random(rng, y.shape, y.dtype)
            seed = seed * (random(rng, y.shape, float) > -1)  # with zeros among them
            assert_sweeps_agree(y.node, np.asarray(seed, y.dtype))


def every_case(op: Op) -> list[Case]:
    """The examples of an op, in single precision too, and with imaginary parts where its rules hold for them."""
    found = cases(op)
    found = found + [case.mapped(lambda x: x.astype(np.float32) if x.dtype == float else x) for case in found]
    if op.holomorphic and op.kind == "elementwise" and not op.defaults:
        found += [case.mapped(lambda x: x + 0.25j) for case in found[:4]]
    return found


@given(graphs(8))
@settings(max_examples=150, deadline=None)
def test_generated_graphs(program: Program) -> None:
    results = recorded(program, list(program.inputs.values()), range(len(program.inputs)))
    for y in results:
        if isinstance(y, tg.Tensor) and y.node is not None:
            assert_sweeps_agree(y.node, np.ones(y.shape, y.dtype))


@given(graphs(6, dtype=np.float32))
@settings(max_examples=50, deadline=None)
def test_generated_graphs_with_an_infinite_slope_behind_a_selection(program: Program) -> None:
    def guarded(*inputs: Any) -> Any:
        return [tg.where(y > 0, tg.sqrt(tg.abs(y)) + tg.log(y * y), y * y) for y in program(*inputs) if is_real(y)]

    for y in recorded(guarded, list(program.inputs.values()), range(len(program.inputs))):
        if y.node is not None:
            assert_sweeps_agree(y.node, np.ones(y.shape, y.dtype))


def is_real(y: Any) -> bool:
    """Whether `y` is a tensor of real numbers."""
    return isinstance(y, tg.Tensor) and is_float(y._array)


def test_complex_numbers_are_conjugated_outside() -> None:
    z = tg.tensor(np.array([1 + 2j, -3j]), requires_grad=True)
    w = tg.tensor(np.array([2.0, 3.0]), requires_grad=True)
    loss = tg.sum(tg.abs(w * z * z) + tg.real(tg.exp(z * 1j)))
    assert_sweeps_agree(loss.node, np.float64(1.0))
    y = z * w
    assert_sweeps_agree(y.node, np.array([1j, 2.0 - 1j]))
    np.testing.assert_array_equal(chain_rule.pullback(y.node, np.array([1j, 1.0]))[z.node], [2j, 3.0])


def test_a_value_read_many_times_collects_in_the_same_order() -> None:
    x = tg.tensor(np.linspace(0.1, 0.9, 7), requires_grad=True)
    parts = [tg.sin(x), x * x, tg.exp(x) * x, x / 3.0, tg.tanh(x + x), x]
    total = tg.sum(parts[0] * parts[3] + parts[2] - parts[4] * parts[1] + parts[5] * parts[0])
    assert_sweeps_agree(total.node, np.float64(0.1))


def test_behind_a_selection_a_zero_keeps_its_sign() -> None:
    x = tg.tensor([1.0, -1.0], requires_grad=True)
    y = tg.sum(tg.where(np.array([False, False]), tg.cos(x), 1.0))
    assert np.signbit(chain_rule.pullback(y.node, np.float64(1.0))[x.node]).tolist() == [True, False]
    assert_sweeps_agree(y.node, np.float64(1.0))


def test_the_graph_is_left_as_it_was() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = tg.sum(tg.exp(x))
    for _ in range(2):
        np.testing.assert_array_equal(chain_rule.pullback(y.node, np.float64(1.0))[x.node], np.exp([1.0, 2.0]))
    assert not hasattr(y.node, "grad")
    y.backward()


def test_it_is_short_and_the_tutorial_shows_it() -> None:
    source = inspect.getsource(chain_rule.pullback)
    assert len(source.splitlines()) <= 27  # its first line, what it returns, and 25 of body
    page = pathlib.Path(__file__).parents[2] / "docs" / "tutorial" / "03-backward.md"
    assert source in page.read_text(encoding="utf-8")
