"""Quantities with units and uncertainties beside Tensors: theirs is the answer, or it is refused. No unit is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable

A = np.array([1.0, 2.0, 3.0])
LEAVES = (TypeError, NotDifferentiable)


@pytest.fixture
def quantity() -> Any:
    """pint's Quantity."""
    return pytest.importorskip("pint").UnitRegistry().Quantity


@pytest.mark.parametrize(
    "f",
    [
        lambda t, q: t * q(2.0, "m"),
        lambda t, q: t * q(A, "m"),
        lambda t, q: q(A, "m") * t,
        lambda t, q: t / q(A, "s"),
        lambda t, q: np.multiply(t, q(A, "m")),
        lambda t, q: tg.multiply(t, q(A, "m")),
        lambda t, q: t + q(A, ""),
        lambda t, q: q(t, "m").to("km") ** 2,
        lambda t, q: np.sqrt(q(t, "m**2")),
        lambda t, q: t @ q(A, "m"),
        lambda t, q: np.concatenate([q(t, "m"), q(A, "m")]),
        lambda t, q: t * q(1, "km").units,
    ],
)
def test_pint_keeps_unit_and_gradient(quantity, f):
    result, wanted = f(tg.tensor(A, requires_grad=True), quantity), f(A, quantity)
    assert type(result) is type(wanted)
    assert result.units == wanted.units
    np.testing.assert_allclose(result.magnitude.numpy(), wanted.magnitude)
    assert tg.check_gradients(lambda v: f(v, quantity).magnitude, A).ok


def test_pint_compares_and_adds_by_its_own_rules(quantity):
    pint = pytest.importorskip("pint")
    t = tg.tensor(A, requires_grad=True)
    for f in (lambda: t + quantity(A, "m"), lambda: t - quantity(1.0, "m"), lambda: t > quantity(2.0, "m")):
        with pytest.raises((pint.DimensionalityError, ValueError)):
            f()


@pytest.mark.parametrize(
    "f", [lambda v, u: v * 50 * u.percent, lambda v, u: v * (A * u.m), lambda v, u: (A * u.m) * v, lambda v, u: v * u.m,
          lambda v, u: u.m * v, lambda v, u: v / u.s, lambda v, u: np.multiply(v, A * u.m), lambda v, u: v == A * u.m,
          lambda v, u: np.concatenate([v, A * u.m]), lambda v, u: v.dot(A * u.m), lambda v, u: u.Quantity(v, u.m),
          lambda v, u: (A * u.m).__imul__(v)],
)  # fmt: skip
def test_astropy_takes_no_recorded_tensor(f):
    units = pytest.importorskip("astropy.units")
    with pytest.raises(LEAVES):
        f(tg.tensor(A, requires_grad=True), units)
    with pytest.raises(LEAVES):
        tg.grad(lambda v: f(v, units).value.sum())(A)


def test_astropy_takes_the_array_of_one_that_nobody_follows():
    u = pytest.importorskip("astropy.units")
    t = tg.tensor(A)
    for f in (lambda t: t * (A * u.m), lambda t: (A * u.km) * t, lambda t: t * 50 * u.percent, lambda t: t / u.s,
              lambda t: u.Quantity(t, u.m), lambda t: (A * u.m).__imul__(t)):  # fmt: skip
        result, wanted = f(t), f(A)
        assert (type(result), result.unit) == (type(wanted), wanted.unit)
        np.testing.assert_array_equal(result.value, wanted.value)


def test_unyt_keeps_its_units_or_refuses():
    unyt = pytest.importorskip("unyt")
    q = unyt.unyt_array(A, "km")
    result = tg.tensor(A) * q
    assert result.units == q.units
    np.testing.assert_array_equal(np.asarray(result), A * A)
    for f in (lambda v: v * q, lambda v: q * v, lambda v: v * unyt.km, lambda v: unyt.unyt_array(v, "km")):
        with pytest.raises((*LEAVES, ValueError)):
            f(tg.tensor(A, requires_grad=True))


def test_uncertainties_are_refused():
    uncertainties = pytest.importorskip("uncertainties")
    array = pytest.importorskip("uncertainties.unumpy").uarray(A, A / 10)
    for t in (tg.tensor(A, requires_grad=True), tg.tensor(A)):
        for f in (lambda t: t * uncertainties.ufloat(1.0, 0.1), lambda t: uncertainties.ufloat(1.0, 0.1) * t,
                  lambda t: t * array, lambda t: np.multiply(array, t)):  # fmt: skip
            with pytest.raises(LEAVES, match=r"operand|object"):
                f(t)
