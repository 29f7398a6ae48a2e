"""A Tensor that nobody follows is an array for everyone else; one that is followed meets an error."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import GraphError, NotDifferentiable, TraceError
from tinygraph.tensors import functions

A = np.array([1.0, 2.0, 3.0])
Write = Callable[[Any, Any], Any]


def written(f: Write, u: Any) -> Any:
    """The array into which `f` writes by `u`; or what f returns."""
    a = np.ones(3)
    result = f(a, u)
    return a if result is None else result


def subtract(a, u):
    a -= 0.1 * u
    return a


INTO_ARRAYS: list[Write] = [
    subtract,
    lambda a, u: a.__iadd__(u),
    lambda a, u: a.__imul__(u),
    lambda a, u: a.__ipow__(u),
    lambda a, u: np.add(a, u, out=a),
    lambda a, u: np.exp(u, out=a),
    lambda a, u: np.add(u, u, a),
    lambda a, u: np.exp(u, out=a, where=np.array([True, False, True])),
    lambda a, u: np.add(a, u, out=a, where=u > 1),
    lambda a, u: np.add.at(a, [0, 0, 2], u),
    lambda a, u: np.maximum.at(a, [0, 1, 2], u),
    lambda a, u: np.add.reduce(u, axis=0, out=np.zeros(())),
    lambda a, u: np.add.accumulate(u, out=a),
    lambda a, u: np.multiply.outer(u, u, out=np.zeros((3, 3))),
    lambda a, u: np.modf(u, out=(a, np.zeros(3))),
    lambda a, u: np.clip(u, 0, 2, out=a),
    lambda a, u: np.clip(a, 0, u, out=a),
    lambda a, u: np.cumsum(u, out=a),
    lambda a, u: np.sum(u, out=np.zeros(())),
    lambda a, u: np.concatenate([u, u], out=np.zeros(6)),
    lambda a, u: np.matmul(np.eye(3), u, out=a),
    lambda a, u: np.eye(3).__imatmul__(np.outer(u, u)),
    lambda a, u: np.mean(u, axis=0, out=np.zeros(())),
]


@pytest.mark.parametrize("f", INTO_ARRAYS)
def test_the_value_of_an_untracked_tensor_is_written_into_an_array(f):
    wanted, got = written(f, A), written(f, tg.tensor(A))
    for x, y in zip(wanted, got, strict=True) if type(wanted) is tuple else [(wanted, got)]:
        assert type(y) is type(x)
        np.testing.assert_array_equal(y, x)


@pytest.mark.parametrize("f", INTO_ARRAYS)
def test_a_recorded_one_is_not_written_and_the_array_is_left_alone(f):
    a, t = np.ones(3), tg.tensor(A, requires_grad=True)
    with pytest.raises((NotDifferentiable, GraphError), match=r"recorded|gradient"):
        f(a, t)
    np.testing.assert_array_equal(a, 1)


@pytest.mark.parametrize("f", INTO_ARRAYS)
def test_none_is_written_while_somebody_listens(f):
    u = tg.tensor(A)

    def writes(x: Any) -> Any:
        written(f, u)
        return x.sum()

    for listener in (tg.grad(writes), lambda x: tg.jvp(writes, (x,), (x,)), lambda x: tg.draw(writes, x)):
        with pytest.raises(NotDifferentiable):
            listener(A)
    with pytest.raises((NotDifferentiable, TraceError)):
        tg.compile(writes)(tg.tensor(A, requires_grad=True))


def test_under_no_grad_nothing_is_recorded_and_so_it_is_written():
    w, p = np.ones(3), tg.tensor(A, requires_grad=True)
    with tg.no_grad():
        w -= 0.1 * p
        np.multiply(p, 2, out=w)
    np.testing.assert_array_equal(w, 2 * A)

    def f(x: Any) -> Any:
        with tg.no_grad():
            np.multiply(x, 2, out=w)
        return x.sum()

    with pytest.raises(NotDifferentiable, match=r"np\.multiply: an array cannot hold"):
        tg.grad(f)(A)


def test_numpys_own_rules_hold_for_what_is_written():
    whole = np.ones(3, int)
    with pytest.raises(TypeError, match="same_kind"):
        whole += tg.tensor(A)
    with pytest.raises(ValueError, match="broadcast"):
        np.add(tg.tensor(A), 1, out=np.zeros(2))


def test_a_matrix_product_into_an_array_says_why_not():
    with pytest.raises(NotDifferentiable, match=r"np.matmul: an array cannot hold a recorded result \(out=, or array"):
        np.eye(2).__imatmul__(tg.tensor(np.eye(2), requires_grad=True))


# ------------------------------------------------------------------------------------------------- taken as an array


@pytest.mark.parametrize(
    "value", [np.float64(2.5), A, np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3).T, np.arange(5)[::-1],
              np.zeros((0, 2)), np.array(True), np.array([1 + 2j]), np.arange(8, dtype=np.float32)[::3]],
)  # fmt: skip
def test_numbers_through_numpys_interface_and_dlpack(value):
    for t in (tg.asarray(value), tg.tensor(value)):
        holder = type("Holder", (), {"__array_interface__": t.__array_interface__})
        dlpack = [np.from_dlpack(t)] if np.asarray(value).dtype.kind not in "b" else []
        del t
        for got in (np.asarray(holder()), *dlpack):
            assert got.dtype == np.asarray(value).dtype
            np.testing.assert_array_equal(got, value)
    assert tg.tensor(value).tobytes() == np.asarray(value).tobytes()
    assert tg.tensor(value).__dlpack_device__() == (1, 0)


def test_the_memory_is_shared_and_outlives_the_tensor():
    t = tg.tensor(A)
    seen = np.asarray(t)
    assert np.shares_memory(seen, t.data)
    t += 1
    del t
    np.testing.assert_array_equal(seen, A)


@pytest.mark.parametrize(
    "take", [np.asarray, np.array, np.from_dlpack, lambda t: t.tobytes(), lambda t: t.__array_interface__,
             lambda t: np.asarray([t, t]), lambda t: np.zeros(3).__setitem__(slice(None), t)],
)  # fmt: skip
def test_a_recorded_one_gives_no_numbers(take):
    for t in (tg.tensor(A, requires_grad=True), tg.tensor(A, requires_grad=True) * 2):
        with pytest.raises((NotDifferentiable, AttributeError), match=r"recorded"):
            take(t)


def test_the_interface_is_hidden_while_somebody_listens():
    u = tg.tensor(A)

    def hidden(x: Any) -> Any:
        assert not hasattr(u, "__array_interface__")
        return x.sum()

    assert hasattr(u, "__array_interface__")
    tg.grad(hidden)(A)
    tg.jvp(hidden, (A,), (A,))
    tg.draw(hidden, A)
    with pytest.raises(
        AttributeError, match=r"is no plain array while it is recorded, or a transform, .* give t.numpy"
    ):
        tg.tensor(A, requires_grad=True).__array_interface__


def test_conversions_within_scipy_give_arrays_of_untracked_tensors():
    """By these functions scipy.optimize takes what it is given and hands on to C."""
    inside: dict[str, object] = {"__name__": "scipy.optimize", "np": np}
    exec("def convert(f, x):\n    return f(x)", inside)
    for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
        assert type(inside["convert"](f, tg.tensor(2.0))) is np.ndarray
        np.testing.assert_array_equal(inside["convert"](f, tg.tensor(A)), f(A))
        for convert in (inside["convert"], lambda f, x: f(x)):
            assert isinstance(convert(f, tg.tensor(A, requires_grad=True)), tg.Tensor)
            np.testing.assert_array_equal(tg.grad(lambda x, f=f, to=convert: to(f, x).sum())(A), 1)
        assert isinstance(f(tg.tensor(A)), tg.Tensor)


def test_functions_without_a_gradient_take_untracked_tensors(tmp_path):
    u, path = tg.tensor(A), tmp_path / "x.npy"
    np.save(path, u)
    np.testing.assert_array_equal(np.load(path), A)
    np.savez(tmp_path / "x.npz", a=u)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npz")["a"], A)
    np.savetxt(tmp_path / "x.txt", u)
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "x.txt"), A)
    twice = np.frompyfunc(lambda x: 2 * x, 1, 1)
    np.testing.assert_array_equal(twice(u), twice(A))
    for t in (tg.tensor(A, requires_grad=True), u * tg.tensor(1.0, requires_grad=True)):
        for f in (lambda: np.save(path, t), lambda: np.savez(path, a=t), lambda: np.savetxt(path, t), lambda: twice(t)):  # noqa: B023
            with pytest.raises(NotDifferentiable, match="has no gradient"):
                f()
    with pytest.raises(NotDifferentiable, match="has no gradient"):
        tg.grad(lambda x: (np.save(path, u), x.sum())[1])(A)


def test_a_ufunc_of_somebody_else_is_not_taken_for_numpys_of_the_same_name():
    """As numba makes them: of any name, and without a module."""

    class Vectorized:
        __name__, __module__ = "square", None  # type: ignore[assignment]

        def __call__(self, x: Any) -> Any:
            return x.__array_ufunc__(self, "__call__", x) if isinstance(x, tg.Tensor) else x + 1

    square: Any = Vectorized()
    np.testing.assert_array_equal(square(tg.tensor(A)), A + 1)
    with pytest.raises(NotDifferentiable, match=r"np\.square: has no gradient"):
        square(tg.tensor(A, requires_grad=True))
    named = np.frompyfunc(lambda x: x + 1, 1, 1)
    assert functions.namesake(named) is None
    assert functions.namesake(np.modf) is tg.modf


# ----------------------------------------------------------------------------------------------- names for libraries


def test_dask_is_never_told_that_two_tensors_are_one():
    t = tg.tensor(A)
    tokens = {x.__dask_tokenize__() for x in (t, tg.tensor(A), t)}
    assert len(tokens) == 3
    assert all(uuid.UUID(token) for token in tokens)
