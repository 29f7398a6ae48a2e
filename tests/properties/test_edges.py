"""The reverse sweep gives, bit for bit, what each rule makes of one gradient, added up edge by edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.edges import differing_nodes, recorded, same
from tests.properties.table import OPS, cases
from tinygraph.engine.op import Op
from tinygraph.testing.cases import cast, random
from tinygraph.testing.derivatives import positions
from tinygraph.testing.programs import program

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("op", [op for op in OPS if op.differentiable], ids=lambda op: op.name)
def test_every_op(op: Op, dtype: Any) -> None:
    for case in cases(op):
        narrow = case.mapped(lambda x: cast(x, dtype))
        y, _given = recorded(lambda *xs, case=case: op.function(*xs, **case.attrs), narrow.inputs, positions(op, case))
        if isinstance(y, tg.Tensor) and y.node is not None:
            wrong = differing_nodes(y, random(RNG, y.shape, y.dtype))
            assert not wrong, f"{case}: {wrong}"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_generated_graphs(dtype: Any) -> None:
    checked = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        f = program(lambda n, rng=rng: int(rng.integers(n)), 12, dtype=dtype)
        for k in range(len(f.results)):
            y, _given = recorded(lambda *xs, f=f, k=k: f(*xs)[k], [*f.inputs.values()])
            if isinstance(y, tg.Tensor) and y.node is not None:
                wrong = differing_nodes(y, random(RNG, y.shape, y.dtype))
                assert not wrong, f"{f!r}\n{wrong}"
                checked += 1
    assert checked > 200


def test_values_so_large_that_results_are_written_over_operands() -> None:
    x, w = RNG.standard_normal((1 << 8, 1 << 7)), RNG.standard_normal((1 << 7, 1 << 7)) / 16
    y, _given = recorded(lambda x, w: tg.tanh(x @ w) * (x @ w) + np.exp(x @ w), [x, w])
    assert not differing_nodes(y, RNG.standard_normal(y.shape))


def test_a_difference_is_seen() -> None:
    assert not same(np.array([0.0]), np.array([-0.0]))
    assert not same(np.float32(1), np.float64(1))
    assert not same(np.array(complex(1, 0.0)), np.array(complex(1, -0.0)))
    assert same(np.array([np.nan, -0.0]), np.array([-np.nan, -0.0]))
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    with tg.keep_values():
        y = x * 2.0
    y.register_hook(lambda g: g * 1.0)
    x.register_hook(lambda g: g * (1 + 1e-15))
    assert len(differing_nodes(y, np.ones(2))) == 1
