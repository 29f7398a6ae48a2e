"""Generated programs: their source is what they do, their steps are what was asked for, their mistakes are planted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.testing.programs import LARGEST, OPS, Program, ProgramStep, program
from tinygraph.testing.strategies import graphs


def made(seed: int, **settings: Any) -> Program:
    rng = np.random.default_rng(seed)
    return program(lambda n: int(rng.integers(n)), **settings)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_source_says_what_a_program_does(dtype):
    for seed in range(80):
        f = made(seed, dtype=dtype)
        names: dict[str, Any] = {"np": np, "tg": tg}
        exec(repr(f), names)
        inputs = [names[name] for name in f.inputs]
        for x, y in zip(inputs, f.inputs.values(), strict=True):
            np.testing.assert_array_equal(x, y)
            assert x.dtype == y.dtype == dtype
        for x, y in zip(names["program"](*inputs), f(*f.inputs.values()), strict=True):
            np.testing.assert_array_equal(x, y)
            assert np.asarray(x).dtype == np.asarray(y).dtype


def test_tensors_give_what_arrays_give():
    for seed in range(40):
        f = made(seed)
        for x, y in zip(f(*map(tg.tensor, f.inputs.values())), f(*f.inputs.values()), strict=True):
            np.testing.assert_array_equal(x.numpy() if isinstance(x, tg.Tensor) else x, y)


def test_results_are_finite_and_bounded():
    for seed in range(80):
        f = made(seed)
        for y in f(*f.inputs.values()):
            assert np.all(np.abs(y) <= LARGEST)


def test_nearly_every_op_is_used():
    used = Counter(step.op.name for seed in range(1500) for step in made(seed).steps)
    smooth = {op.name for op in OPS.values() if op.kind == "elementwise" and op.differentiable and op.arity in (1, 2)}
    inner = {"log_loss", "log_loss_with_logits", "bessel_ratio", "spherical_ratio", "share", "std_of"}  # not public
    assert smooth - set(used) == inner
    others = (
        "matmul sum max prod std softmax getitem scatter where clip stack concatenate setitem pad reshape transpose"
    )
    assert set(used) - smooth >= set(others.split())


def test_special_values_ties_and_scales_are_drawn():
    inputs = [x for seed in range(200) for x in made(seed).inputs.values()]
    values = np.abs(np.concatenate([x.ravel() for x in inputs]))
    assert np.sum(values == 0) > 20
    assert np.sum((values > 0) & (values < 1e-300)) > 0
    assert np.any(values > 1e7)
    assert np.any((values > 0) & (values < 1e-7))
    assert any(len(np.unique(x)) < x.size for x in inputs)
    tame = [x for seed in range(50) for x in made(seed, special=False).inputs.values()]
    assert all(np.all(np.abs(x) <= 2) for x in tame)


def test_a_planted_mistake_is_of_the_size_that_was_asked_for():
    x = np.array([0.5, 1.0, 2.0])
    f = Program(
        {"x0": x}, [ProgramStep("t0", OPS["sin"], ("x0",), {}), ProgramStep("t1", OPS["multiply"], ("t0", "x0"), {})]
    )

    def slope(f: Program) -> Any:
        return tg.grad(lambda x: tg.sum(f(x)[0]))(x)

    np.testing.assert_allclose(slope(f), np.sin(x) + x * np.cos(x))
    np.testing.assert_allclose(slope(f.planted(0, 0, 0.5)), np.sin(x) + 1.5 * x * np.cos(x))
    np.testing.assert_allclose(slope(f.planted(1, 1, -0.5)), 0.5 * np.sin(x) + x * np.cos(x))
    one = slope(f.planted(0, 0, 1.0, element=4)) - slope(f)
    np.testing.assert_allclose(one, [0, np.cos(1.0), 0], atol=1e-12)
    np.testing.assert_array_equal(f.planted(0, 0, 0.5)(x)[0], f(x)[0])


def test_a_mistake_in_one_input_of_many():
    f = Program({"x0": np.ones(2), "x1": np.ones(2)}, [ProgramStep("t0", OPS["stack"], ("x0", "x1"), {"axis": 0})])
    found = tg.grad(lambda x, y: tg.sum(f.planted(0, 1, 0.5)(x, y)[0]), argnums=(0, 1))(*f.inputs.values())
    assert [np.asarray(g).tolist() for g in found] == [[1.0, 1.0], [1.5, 1.5]]


def test_what_cannot_be_asked_for():
    with pytest.raises(ValueError, match="program: max_ops is 0; give at least 1"):
        made(0, max_ops=0)
    f = Program({"x0": np.ones(2)}, [ProgramStep("t0", OPS["where"], (np.array([True, False]), "x0", 0.0), {})])
    with pytest.raises(ValueError, match="planted: where has no rule for input 0; choose another input"):
        f.planted(0, 0, 1.0)


@given(graphs(4), st.data())
@settings(max_examples=25)
def test_drawn_programs_have_right_gradients(f, data):
    assert 1 <= len(f.steps) <= 8
    report = tg.check_gradients(f, *f.inputs.values(), raises=False)
    assert report.ok, f"{f!r}\n{report}"
