"""The walk along the edges gives what backward gives, to the last bit, and says what it cannot know."""

from __future__ import annotations

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.edges import seed_of, visits


def leaves(rng: np.random.Generator) -> list[tg.Tensor]:
    shapes = [((3, 4), np.float64), ((3, 1), np.float32), ((4,), np.float64), ((), np.float32), ((3, 4), np.float32)]
    return [tg.tensor(rng.normal(size=s), requires_grad=True, dtype=d, name=f"p{i}") for i, (s, d) in enumerate(shapes)]


def tangle(rng: np.random.Generator, given: list[tg.Tensor], steps: int) -> tg.Tensor:
    """A random graph in which values are read many times, broadcast, cast, selected, rounded and multiplied."""
    pool = list(given)
    for _ in range(steps):
        x, y = (pool[rng.integers(len(pool))] for _ in range(2))
        made = [
            lambda x=x, y=y: x + y, lambda x=x, y=y: x - y, lambda x=x, y=y: x * y, lambda x=x: tg.sigmoid(x),
            lambda x=x: tg.relu(x), lambda x=x: -x, lambda x=x: tg.floor(x) + x, lambda x=x, y=y: tg.maximum(x, y),
            lambda x=x, y=y: tg.where(x.numpy() > 0, x, y), lambda x=x: tg.softmax(x) if x.ndim else tg.tanh(x),
            lambda x=x: x.mean(axis=-1, keepdims=True) if x.ndim else 2 * x, lambda x=x: x @ x.T if x.ndim == 2 else x,
            lambda x=x: tg.concatenate([x, x], axis=-1)[..., : x.shape[-1]] if x.ndim else x,
        ]  # fmt: skip
        try:
            pool.append(made[rng.integers(len(made))]())
        except ValueError:  # shapes that do not fit
            continue
    return sum((t.sum() for t in pool[1:]), pool[0].mean())


def walked(loss: tg.Tensor) -> dict[object, np.ndarray]:
    return {e.source: e.total for visit in visits(loss.node, seed_of(loss.node)) for e in visit.edges}


@pytest.mark.parametrize("seed", range(20))
def test_the_gradients_are_those_of_backward_to_the_last_bit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    given = leaves(rng)
    loss = tangle(rng, given, 40)
    found = walked(loss)
    loss.backward()
    for t in given:
        g = found[t.node]
        assert g.dtype == t.grad.dtype
        assert (g.shape, g.tobytes()) == (t.grad.shape, t.grad.numpy().tobytes())


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_constant_rule_lets_nothing_bad_through_as_in_backward(bad: float) -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    loss = (tg.sign(x) * bad + x * 0).sum()
    found = walked(loss)[x.node]
    loss.backward()
    np.testing.assert_array_equal(found, x.grad.numpy())


def test_each_edge_says_how_many_contributions_have_arrived() -> None:
    x = tg.tensor(2.0, requires_grad=True)
    loss = x * x + x
    edges = [e for visit in visits(loss.node, seed_of(loss.node)) for e in visit.edges if e.source is x.node]
    assert [(e.arrived, e.of) for e in edges] == [(1, 3), (2, 3), (3, 3)]
    assert [e.total.item() for e in edges] == [1.0, 3.0, 5.0]


def test_what_backward_let_go_is_none_and_what_is_summed_with_it_too() -> None:
    W = tg.tensor(np.ones((5, 5)), requires_grad=True)
    loss = (W * W).sum()
    loss.backward()
    with tg.no_grad():
        W -= 1.0
    assert walked(loss)[W.node] is None


def test_it_starts_with_what_backward_was_given() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.backward(np.array([1.0, 10.0]))
    np.testing.assert_array_equal(walked(y)[x.node], [3.0, 30.0])


def test_a_long_chain_needs_no_recursion() -> None:
    x = tg.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y + 1
    assert walked(y)[x.node] == 1.0
