"""Constant derivatives of every kind of number: each gives the gradient that a multiplication gives, everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.edges import differing_nodes, recorded, same
from tinygraph.engine import symbol
from tinygraph.testing import check_op
from tinygraph.testing.programs import program

CONSTANTS = [0, 1, -1, 2, 0.5, 1.0, -1.0, True, np.int64(1), np.float32(0.5)]
DTYPES = [np.float16, np.float32, np.float64, np.longdouble]
RNG = np.random.default_rng(8)

pytestmark = pytest.mark.usefixtures("forget_declarations")
constants = pytest.mark.parametrize("constant", CONSTANTS, ids=repr)


def scaled_by(constant: Any) -> Any:
    """The function x * constant, with the constant itself as its derivative."""
    return tg.elementwise(constant, name="scaled", holomorphic=True)(lambda x: x * float(constant))


def product(g: Any, constant: Any, dtype: Any) -> Any:
    """What x must receive of `g`: 0 wins over everything, -0 and NaN included."""
    g = np.asarray(g, dtype)
    return np.zeros_like(g) if constant == 0 else (g * constant).astype(dtype)


@constants
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3), (1 << 15,)], ids=str)
def test_first_derivative(constant: Any, dtype: Any, shape: tuple[int, ...]) -> None:
    f = scaled_by(constant)
    x = tg.tensor(np.asarray(RNG.standard_normal(shape), dtype), requires_grad=True)
    g = np.asarray(RNG.standard_normal(shape), dtype)
    y = f(x)
    assert same(y.numpy(), np.asarray(x.numpy() * float(constant), dtype))
    y.backward(g)
    assert same(x.grad.numpy(), product(g, constant, dtype))
    assert not np.shares_memory(x.grad.numpy(), g)


@constants
def test_complex_numbers(constant: Any) -> None:
    x = tg.tensor(np.array([1 + 2j, -3j]), requires_grad=True)
    g = np.array([0.5 - 1j, 2 + 1j])
    scaled_by(constant)(x).backward(g)
    np.testing.assert_array_equal(x.grad.numpy(), g * float(constant))


@constants
@pytest.mark.parametrize("dtype", DTYPES)
def test_higher_orders_and_forward_mode(constant: Any, dtype: Any) -> None:
    f = scaled_by(constant)
    x, t = (RNG.integers(1, 9, 3).astype(dtype) for _ in range(2))
    c = np.asarray(float(constant), dtype)

    def energy(x: Any) -> Any:
        return (f(x) ** 2).sum()

    def slope(x: Any) -> Any:
        return (tg.grad(energy)(x) * t).sum()

    assert same(tg.jvp(f, (x,), (t,))[1], t * c)
    assert same(tg.vjp(f, x)[1](t)[0], product(t, constant, dtype))
    assert same(tg.grad(energy)(x), 2 * c * c * x)
    np.testing.assert_array_equal(tg.grad(slope)(x), 2 * c * c * t)
    np.testing.assert_array_equal(tg.hvp(energy, (x,), (t,))[0], 2 * c * c * t)
    np.testing.assert_array_equal(tg.hessian(energy)(x), 2 * c * c * np.eye(3, dtype=dtype))
    for found in (tg.grad(slope)(x), tg.hvp(energy, (x,), (t,))[0], tg.hessian(energy)(x)):
        assert found.dtype == dtype


@constants
def test_rows_of_a_jacobian(constant: Any) -> None:
    f = scaled_by(constant)
    x = RNG.standard_normal(4)
    np.testing.assert_array_equal(tg.jacobian(f)(x), float(constant) * np.eye(4))
    chosen = tg.jacobian(lambda x: tg.where(np.array([True, False, True, True]), f(x), 0.0))(x)
    np.testing.assert_array_equal(chosen, float(constant) * np.diag([1.0, 0.0, 1.0, 1.0]))
    spread = tg.jacobian(lambda b: f(b * np.ones((2, 3))))(np.array(2.0))
    np.testing.assert_array_equal(spread, np.full((2, 3), float(constant)))


@constants
def test_every_property_of_an_op(constant: Any) -> None:
    assert check_op(scaled_by(constant)) > 30


@constants
def test_what_is_not_finite(constant: Any) -> None:
    x = tg.tensor(np.ones(3), requires_grad=True)
    g = np.array([np.inf, -np.inf, -0.0])
    scaled_by(constant)(x).backward(g)
    assert same(x.grad.numpy(), product(g, constant, float))


@constants
@pytest.mark.parametrize("other", [*CONSTANTS, None], ids=repr)
def test_two_inputs(constant: Any, other: Any) -> None:
    second = 0.0 if other is None else float(other)
    f = tg.elementwise(constant, other, name="combined")(lambda x, y: x * float(constant) + np.floor(y) * second)
    x, y = (tg.tensor(RNG.standard_normal(shape), requires_grad=True) for shape in ((3,), (2, 1)))
    g = RNG.standard_normal((2, 3))
    z = f(x, y)
    z.backward(g)
    assert same(x.grad.numpy(), product(g, constant, float).sum(axis=0))
    if other is None:
        assert y.grad is None
        t = (np.ones(3), np.ones((2, 1)))
        np.testing.assert_array_equal(tg.jvp(f, (x, y), t)[1], np.full((2, 3), float(constant)))
    else:
        assert same(y.grad.numpy(), product(g, other, float).sum(axis=1, keepdims=True))


@constants
def test_under_a_selection(constant: Any) -> None:
    f = scaled_by(constant)
    x = tg.tensor([0.0, 4.0], requires_grad=True)
    tg.where(x > 1, f(np.sqrt(x)), 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.25 * float(constant)])


@constants
def test_in_pictures_and_steps(constant: Any) -> None:
    f = scaled_by(constant)
    x = tg.tensor([1.0, 2.0], requires_grad=True, name="x")
    y = f(x)
    written = symbol.derivative(y.node.op, 0, output="y", inputs=["x"], attrs={})
    assert float(written) == float(constant)
    [label] = [arrow.derivative for arrow in tg.draw(y).arrows if arrow.derivative]
    sign = "−" if constant < 0 else ""
    assert label == f"∂ = {sign}{abs(float(constant)):g}"
    last = str(tg.derive(f(x).sum())).splitlines()[-1].split()[2]
    factor = "" if abs(constant) == 1 else f"{abs(float(constant)):g}"
    assert last.startswith(f"{sign}{factor}dv")
    g = np.array([3.0, -4.0])
    *_, step = tg.trace((f(x) * g).sum()).backward()
    [passed] = step.contributions
    assert (passed.name, passed.derivative) == ("x", label)
    assert same(passed.total, product(g, constant, float))


@constants
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled(constant: Any, dtype: Any) -> None:
    f = scaled_by(constant)
    w = tg.tensor(np.array([1.5, -2.0], dtype), requires_grad=True, name="w")

    def step(x: Any) -> Any:
        w.grad = None
        loss = (f(w * x) * f(x)).sum()
        loss.backward()
        return loss

    compiled = tg.compile(step)
    for x in (np.array([1.0, 2.0], dtype), np.array([-3.0, 0.5], dtype), np.array([4.0, -0.25], dtype)):
        value, gradient = step(x).numpy(), w.grad.numpy()
        found = compiled(x)
        assert same(found.numpy(), value)
        np.testing.assert_array_equal(w.grad.numpy(), gradient)
        assert w.grad.dtype == dtype
    assert compiled.traces == 1
    assert tg.check_gradients(compiled, np.array([1.0, 2.0], dtype)).ok


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_generated_graphs_with_all_constants(dtype: Any) -> None:
    every = [scaled_by(constant) for constant in CONSTANTS]
    for seed in range(60):
        rng = np.random.default_rng(seed)
        f = program(lambda n, rng=rng: int(rng.integers(n)), 6, dtype=dtype)
        order = rng.permutation(len(every))

        def through_all(*xs: Any, f: Any = f, order: Any = order) -> Any:
            first = xs[0]
            y = f(*[every[k](x) for k, x in zip(order, xs, strict=False)])[0]
            for k in order[:4]:
                y = every[k](y) + every[order[-1]](y)
            return y.sum() + sum(every[k](first).sum() for k in order[4:6])

        y, _given = recorded(through_all, [*f.inputs.values()])
        wrong = differing_nodes(y, np.asarray(rng.standard_normal(), y.dtype))
        assert not wrong, f"{f!r}\n{wrong}"
