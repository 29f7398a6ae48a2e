"""Operands of other classes: those that compute by themselves give the result, numbers of any class are numbers."""

from __future__ import annotations

import decimal
import fractions
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine import foreign

A = np.array([1.0, 2.0, 3.0])


class Labelled:
    """Computes by itself, as xarray's arrays and pint's quantities do."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        return Labelled(getattr(ufunc, method)(*[x.value if isinstance(x, Labelled) else x for x in inputs]))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.value, dtype=dtype)


class Units(Labelled):
    """Computes NumPy's other functions by itself, too; not with tensors, as astropy's quantities."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        return NotImplemented

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        return NotImplemented


class OptedOut:
    """No ufuncs, operators only, as scipy's linear operators."""

    __array_ufunc__ = None

    def __rmul__(self, other: Any) -> Any:
        return "theirs", other

    def __gt__(self, other: Any) -> Any:
        return "more"


class Before:
    """Asked before an array, as sparse matrices and units."""

    __array_priority__ = 10

    def __radd__(self, other: Any) -> Any:
        return "theirs", other


@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.parametrize(
    "f", [lambda t, q: t * q, lambda t, q: q + t, lambda t, q: np.multiply(t, q), lambda t, q: tg.maximum(t, q),
          lambda t, q: t > q, lambda t, q: t == q, lambda t, q: t**q, lambda t, q: t @ q, lambda t, q: np.exp(q) * t,
          lambda t, q: np.add.outer(t, q), lambda t, q: np.multiply(t, q, where=True)],
)  # fmt: skip
def test_an_operand_with_ufuncs_of_its_own_gives_the_result(f, tracked):
    class Left(Labelled):
        __add__ = __mul__ = lambda self, other: Labelled(np.add(self.value, other))

    t = tg.tensor(A, requires_grad=tracked)
    result = f(t, Left(A))
    assert isinstance(result, Labelled)
    assert isinstance(result.value, tg.Tensor)


def test_its_result_is_differentiated():
    q = Labelled(A)
    np.testing.assert_array_equal(tg.grad(lambda v: (v * q).value.sum())(A), A)
    np.testing.assert_array_equal(tg.grad(lambda v: (v * Labelled(v)).value.sum())(A), 2 * A)
    with tg.no_grad():
        assert isinstance(tg.tensor(A) * q, Labelled)


def test_one_that_declines_is_named():
    t = tg.tensor(A, requires_grad=True)
    message = (
        "multiply: tests's Units computes by itself and does not take a recorded tensor here; give its numbers, such as"
    )
    for f in (lambda: t * Units(A), lambda: tg.multiply(t, Units(A)), lambda: tg.multiply(Units(A), t)):
        with pytest.raises(TypeError, match=message):
            f()


def test_one_that_declines_tensors_is_given_the_array_of_one_that_nobody_follows():
    class Arrays(Labelled):
        def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
            tensors = any(isinstance(x, tg.Tensor) for x in inputs)
            return NotImplemented if tensors else super().__array_ufunc__(ufunc, method, *inputs)

    q, u = Arrays(A), tg.tensor(A)
    for y in (u * q, np.multiply(u, q), np.multiply(q, u), tg.multiply(q, u)):
        assert isinstance(y.value, np.ndarray)
    for f in (lambda x: (u * q).value.sum() * x, lambda x: (x * q).value.sum()):
        with pytest.raises(TypeError, match="Arrays computes by itself"):
            tg.grad(f)(2.0)


@pytest.mark.parametrize(
    "f", [lambda t, q: t.dot(q), lambda t, q: tg.where(t > 1, t, q), lambda t, q: np.concatenate([t, q]),
          lambda t, q: np.dot(t, q), lambda t, q: np.add(t, q, dtype=float), lambda t, q: tg.concatenate([t, q])],
)  # fmt: skip
def test_numbers_are_not_taken_out_of_one_with_functions_of_its_own(f):
    with pytest.raises(TypeError, match=r"Units|no implementation found"):
        f(tg.tensor(A, requires_grad=True), Units(A))


def test_without_functions_of_its_own_it_is_an_array_to_other_functions_as_in_numpy():
    t = tg.tensor(A)
    np.testing.assert_array_equal(tg.where(t > 1, t, Labelled(A + 1)).numpy(), np.where(A > 1, A, Labelled(A + 1)))


def test_operators_on_the_right_are_asked_where_there_are_no_ufuncs():
    t = tg.tensor(A)
    assert (t * OptedOut())[0] == "theirs"
    assert (t * OptedOut())[1] is t
    assert (t < OptedOut()) == "more"
    assert (t + Before())[0] == "theirs"
    for f in (lambda: t + OptedOut(), lambda: np.multiply(t, OptedOut()), lambda: t * Before(), lambda: Before() + t):
        with pytest.raises(TypeError):
            f()


def test_every_operator_of_a_tensor_has_its_other_side():
    for ufunc, name in foreign._ON_THE_RIGHT.items():
        kind = type("Kind", (), {"__array_ufunc__": None, name: lambda self, other: "theirs"})
        assert getattr(tg, ufunc.__name__)(tg.tensor(A), kind()) == "theirs"


@pytest.mark.parametrize("half", [fractions.Fraction(1, 2), decimal.Decimal("0.5"), np.float16(0.5)])
def test_numbers_of_any_class_are_numbers(half):
    for dtype in (np.float64, np.float32):
        t = tg.tensor(A.astype(dtype), requires_grad=True)
        for y in (t * half, half * t):
            np.testing.assert_array_equal(y.numpy(), A / 2)
            assert y.dtype == dtype
    np.testing.assert_allclose(tg.grad(lambda v: (v**half * half).sum())(A), 0.25 / np.sqrt(A), rtol=1e-15)


def test_a_matrix_is_multiplied_as_a_matrix_or_not_at_all():
    t = tg.tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True)
    m = np.array([[1.0, 5.0], [7.0, 2.0]]).view(np.matrix)
    for f in (lambda: t * m, lambda: m * t, lambda: t.copy().__imul__(m), lambda: np.multiply(m, t)):
        with pytest.raises(
            TypeError, match=r"multiply: a np.matrix of shape .* means the matrix product .* write M @ t"
        ):
            f()
    with pytest.raises(TypeError, match=r"power: a np.matrix"):
        t**m
    np.testing.assert_array_equal((t @ m).numpy(), t.numpy() @ np.asarray(m))
    np.testing.assert_array_equal((m @ t).numpy(), np.asarray(m) @ t.numpy())
    np.testing.assert_array_equal((m + t).numpy(), np.asarray(m) + t.numpy())
