"""`tg.math` and `tg.cmath`: every function of Python's modules, recorded for Tensors of one number."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

import tinygraph as tg

CONSTANT = {"floor", "ceil", "trunc", "isnan", "isinf", "isfinite", "isclose", "frexp", "ulp"}
INTEGERS = {"comb", "factorial", "gcd", "isqrt", "lcm", "perm"}
POINTS = {"acosh": (1.5,), "nextafter": (0.5, 1.0), "ldexp": (0.4, 3), "modf": (1.3,)}
TWO = {"atan2", "copysign", "fmod", "hypot", "pow", "remainder", "fma"}
LISTS = {"fsum", "prod", "dist", "sumprod"}
SINGLE = sorted(
    n for n in dir(math)
    if callable(getattr(math, n)) and n not in CONSTANT | INTEGERS | LISTS | {"__loader__", "__spec__"} and n[0] != "_"
)  # fmt: skip


def slope(f, args, k, h=1e-6):
    up, down = list(args), list(args)
    up[k] += h
    down[k] -= h
    return (f(*up) - f(*down)) / (2 * h)


@pytest.mark.parametrize("name", SINGLE)
def test_the_gradient_of_a_function_of_math(name):
    if name not in tg.math.__own__:
        pytest.skip(f"math.{name} is left to Python")
    if name in ("erf", "erfc", "gamma", "lgamma"):
        pytest.importorskip("scipy")
    args = POINTS.get(name, (0.4, 1.3) if name in TWO else (0.4,))
    ours, theirs = getattr(tg.math, name), getattr(math, name)
    first = (lambda *a: ours(*a)[0]) if name == "modf" else ours
    plain = (lambda *a: theirs(*a)[0]) if name == "modf" else theirs
    np.testing.assert_allclose(tg.grad(first)(*args), slope(plain, args, 0), rtol=1e-6, atol=1e-9)
    assert ours(*args) == theirs(*args)
    assert type(ours(*args)) is type(theirs(*args))
    if name in TWO - {"copysign"}:
        np.testing.assert_allclose(tg.grad(ours, 1)(*args), slope(theirs, args, 1), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", sorted(CONSTANT))
def test_what_has_no_derivative_sees_the_value(name):
    ours, theirs = getattr(tg.math, name), getattr(math, name)
    args = (1.3, 1.4) if name == "isclose" else (1.3,)
    assert ours(*[tg.tensor(a, requires_grad=True) for a in args]) == theirs(*args)


def test_logarithms_and_sums():
    assert tg.math.log(8.0, 2) == math.log(8.0, 2)
    np.testing.assert_allclose(tg.grad(lambda x: tg.math.log(x, 2))(8.0), 1 / (8 * math.log(2)))
    np.testing.assert_allclose(tg.grad(lambda b: tg.math.log(8.0, b))(2.0), -math.log(8) / (2 * math.log(2) ** 2))
    assert tg.grad(lambda x: tg.math.fsum([x, 2.0, x]))(1.0) == 2.0
    assert tg.grad(lambda x: tg.math.prod([x, 2.0, x], start=3.0))(1.0) == 12.0
    assert tg.grad(lambda x: tg.math.dist([x, 0.0], [0.0, 4.0]))(3.0) == pytest.approx(0.6)
    assert tg.math.fsum(iter([0.1] * 10)) == 1.0


def test_errors_are_those_of_math():
    with pytest.raises(ValueError, match=r"domain|positive|expected a"):
        tg.grad(tg.math.log)(-1.0)
    with pytest.raises(OverflowError):
        tg.grad(tg.math.exp)(1e4)
    with pytest.raises(TypeError, match=r"math.sin: takes one number, not a tensor of shape \(2,\)"):
        tg.grad(tg.math.sin)(np.ones(2))


def test_arrays_of_one_element_are_numbers():
    np.testing.assert_allclose(tg.grad(lambda x: tg.math.sin(x))(np.array([0.5])), [math.cos(0.5)])


@pytest.mark.parametrize(
    "name", sorted(set(tg.cmath.__own__) - {"isnan", "isinf", "isfinite", "isclose", "polar", "rect"})
)
def test_complex_functions(name):
    ours, theirs = getattr(tg.cmath, name), getattr(cmath, name)

    def total(f, x):
        value = f(x * (1 + 2j))
        return value.real * 2 + value.imag if name != "phase" else value

    np.testing.assert_allclose(
        tg.grad(lambda x: total(ours, x))(0.4), slope(lambda x: total(theirs, x), (0.4,), 0), rtol=1e-6, atol=1e-8
    )
    assert ours(0.3 + 0.1j) == theirs(0.3 + 0.1j)


def test_complex_functions_of_real_numbers():
    np.testing.assert_allclose(tg.grad(lambda x: tg.cmath.sqrt(x).imag)(-4.0), -0.25)
    np.testing.assert_allclose(tg.grad(lambda r: tg.cmath.rect(r, 0.5).real)(2.0), math.cos(0.5))
    np.testing.assert_allclose(tg.grad(lambda x: tg.cmath.polar(x * (1 + 1j))[0])(2.0), math.sqrt(2))
    assert tg.cmath.isfinite(tg.tensor(1.0 + 2j))
