"""Libraries that want plain arrays: they get those of tensors that nobody follows, and an error for the others."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable

A = np.array([1.0, 2.0, 3.0])
LEAVES = (TypeError, NotDifferentiable, AttributeError)


def library(name: str) -> Any:
    """The library, or its tests are skipped."""
    pytest.importorskip(name.partition(".")[0])
    return importlib.import_module(name)


# ----------------------------------------------------------------------------------------------------- scipy.optimize


def rosenbrock(x: Any) -> Any:
    return np.sum((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2)


def slope(v: Any) -> Any:
    """Its gradient, as backward leaves it: a Tensor."""
    w = tg.tensor(v, requires_grad=True)
    rosenbrock(w).backward()
    return w.grad


@pytest.mark.parametrize("method", ["BFGS", "CG", "L-BFGS-B", "SLSQP", "Newton-CG", "TNC", "trust-constr"])
def test_minimize_takes_a_gradient_that_is_a_tensor(method):
    found = library("scipy.optimize").minimize(lambda v: float(rosenbrock(v)), np.zeros(2), jac=slope, method=method)
    assert type(found.x) is np.ndarray
    np.testing.assert_allclose(found.x, 1, atol=1e-2)


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares_and_root_take_a_jacobian_that_is_a_tensor(method):
    optimize = library("scipy.optimize")
    found = optimize.least_squares(lambda v: v - A, np.zeros(3), jac=lambda v: tg.tensor(np.eye(3)), method=method)
    assert type(found.x) is np.ndarray
    np.testing.assert_allclose(found.x, A)
    root = optimize.root(lambda v: v**2 - A, np.ones(3), jac=lambda v: tg.tensor(np.diag(2 * v)))
    np.testing.assert_allclose(root.x, np.sqrt(A))
    with pytest.raises(Exception):  # noqa: B017  SciPy's own error, of each version another
        optimize.least_squares(lambda v: v - A, np.zeros(3), jac=lambda v: tg.tensor(np.eye(3), requires_grad=True))


# ---------------------------------------------------------------------------------------------------------- any array


def image(pil: Any, t: Any) -> Any:
    pixels = t.astype(np.uint8) if isinstance(t, np.ndarray) or t.node is None else t
    return np.asarray(pil.fromarray(pixels.reshape(1, 3)))


def stored(h5py: Any, t: Any) -> Any:
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        return file.create_dataset("t", data=t)[...]


@pytest.mark.parametrize(
    ("name", "f"),
    [
        ("PIL.Image", image),
        ("h5py", stored),
        ("numexpr", lambda m, t: m.evaluate("2 * t", local_dict={"t": t})),
        ("bottleneck", lambda m, t: m.nansum(t)),
        ("polars", lambda m, t: (m.Series(A) * np.asarray(t)).to_numpy()),
        ("sklearn.utils", lambda m, t: m.check_array(t.reshape(1, 3))),
        ("awkward", lambda m, t: m.to_numpy(m.Array(t))),
        ("sklearn.metrics", lambda m, t: m.mean_squared_error(A + 1, t)),
        ("casadi", lambda m, t: m.DM(np.asarray(t)).full()),
        ("statsmodels.api", lambda m, t: m.OLS(t, np.vander(A, 2)).fit().params),
        ("cvxpy", lambda m, t: m.Constant(t).value),
        ("numba", lambda m, t: m.vectorize(["float64(float64)"])(lambda x: x + 1)(t)),
        ("mygrad", lambda m, t: (m.tensor(A) * t).data),
        ("mygrad", lambda m, t: (t * m.tensor(A)).data),
        ("scipy.signal", lambda m, t: m.lfilter([1.0], [1.0, 0.5], t)),
        ("scipy.interpolate", lambda m, t: m.CubicSpline(A, t)(1.5)),
        ("matplotlib.figure", lambda m, t: m.Figure().subplots().plot(t)[0].get_ydata()),
    ],
)
def test_a_library_gets_the_numbers_of_an_untracked_tensor_and_none_of_a_recorded_one(name, f):
    module = library(name)
    np.testing.assert_allclose(f(module, tg.tensor(A)), f(module, A))
    t = tg.tensor(A, requires_grad=True)
    for x in (t, t * 1.0):
        with pytest.raises((*LEAVES, ValueError), match=r"recorded|leave the graph|tinygraph|Tensor"):
            f(module, x)


def test_image_of_a_transposed_tensor():
    pil = library("PIL.Image")
    pixels = np.arange(24, dtype=np.uint8).reshape(3, 2, 4)
    np.testing.assert_array_equal(
        np.asarray(pil.fromarray(tg.tensor(pixels).transpose(1, 2, 0))), pixels.transpose(1, 2, 0)
    )


def test_torch_and_jax_take_the_memory():
    for name in ("torch", "jax.numpy"):
        module = pytest.importorskip(name)
        np.testing.assert_array_equal(np.asarray(module.from_dlpack(tg.tensor(A))), A)


# ------------------------------------------------------------------------------------------- numbers, symbols, others


@pytest.mark.parametrize(
    "write", [lambda s, v: v * s.pi, lambda s, v: v / s.Rational(1, 3), lambda s, v: s.Float(2.5) + v[0]]
)
def test_numbers_of_sympy_are_numbers_on_the_right(write):
    sympy = library("sympy")
    try:
        assert tg.check_gradients(lambda v: np.sum(write(sympy, v)), A).ok
    except LEAVES:  # on the left, sympy asks for a float first
        assert write(sympy, tg.tensor(A)) is not None


def test_symbols_are_compared_as_they_are():
    sympy = library("sympy")
    x = sympy.Symbol("x")
    with pytest.raises(tg.GradientError, match=r"another one than on plain arrays: .*x"):
        tg.check_gradients(lambda v: v * 2 if isinstance(v, tg.Tensor) else v * x, A)


def test_functions_written_by_sympy():
    sympy = library("sympy")
    x = sympy.Symbol("x")
    f = sympy.lambdify(x, sympy.sin(x) * sympy.exp(-x) + sympy.Max(x, 2) + sympy.sqrt(x), "numpy")
    assert tg.check_gradients(f, A + 0.1).ok


def test_bfloat16_is_widened_beside_a_tensor_and_refused_as_one():
    ml_dtypes = library("ml_dtypes")
    half = A.astype(ml_dtypes.bfloat16)
    np.testing.assert_array_equal(tg.grad(lambda v: np.sum(half * v))(A), A)
    with pytest.raises(LEAVES, match="bfloat16"):
        tg.tensor(half)


def test_array_api_compat_functions_record():
    xp = library("array_api_compat.numpy")
    for f in (xp.sum, xp.var, xp.std, lambda v: xp.concat([v, v]), lambda v: xp.matmul(v, v), lambda v: xp.sort(v) * A,
              lambda v: xp.permute_dims(v.reshape(1, 3), (1, 0)), xp.linalg.vector_norm):  # fmt: skip
        assert tg.check_gradients(f, A + 0.1).ok


@pytest.mark.parametrize("f", [lambda ag, v: np.multiply(ag, v), lambda ag, v: v * ag, lambda ag, v: ag * v])
def test_another_engine_of_derivatives_is_refused_inside_ours(f):
    autograd = library("autograd")
    with pytest.raises(LEAVES):
        tg.grad(lambda v: autograd.grad(lambda x: np.sum(f(x, v)))(A).sum())(A)


# ------------------------------------------------------------------------- numbers taken by code the user did not write


def square_sum(v: Any) -> Any:
    """For caches on disk, which find a function by its name."""
    return np.sum(v**2)


@pytest.mark.parametrize(
    ("name", "f"),
    [
        ("casadi", lambda m, v: float(m.sum1(m.DM(v) ** 2))),
        ("casadi", lambda m, v: float(m.sum1(m.sin(v)))),
        ("casadi", lambda m, v: float(m.sum1(v * m.DM(A)))),
        ("awkward", lambda m, v: m.sum(m.Array(v) ** 2)),
        ("awkward", lambda m, v: m.sum(m.Array(A) * v)),
        ("aerosandbox.numpy", lambda m, v: m.sum(m.array([v[0], v[1]]))),
    ],
)
def test_no_number_is_taken_inside_a_transform(name, f):
    module = library(name)
    with pytest.raises((*LEAVES, NotImplementedError)):
        tg.grad(lambda v: f(module, v))(A)


def test_a_cache_on_disk_does_not_forget_the_graph(tmp_path):
    cached = library("joblib").Memory(tmp_path, verbose=0).cache(square_sum)

    def twice() -> list[Any]:
        return [tg.grad(lambda v: cached(v))(A) for _ in range(2)]

    try:
        np.testing.assert_array_equal(twice(), [2 * A] * 2)
    except (*LEAVES, tg.GraphError):
        return


def test_control_takes_tensors_of_frequencies():
    control = library("control")
    system = control.tf([1.0], [1.0, 1.0])
    try:
        assert tg.check_gradients(lambda v: np.sum(np.abs(system(1j * v))), A).ok
    except LEAVES:
        np.testing.assert_allclose(np.asarray(system(1j * tg.tensor(A))), system(1j * A))
