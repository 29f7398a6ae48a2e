"""tg.scipy: SciPy's values, right gradients of both orders; minimize with exact derivatives."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.test_meta import CHANGES, broken
from tinygraph.engine.declare import registry
from tinygraph.errors import GradientError
from tinygraph.testing import Case, check_op
from tinygraph.testing.suite import PROPERTIES

linalg = pytest.importorskip("scipy.linalg")
optimize = pytest.importorskip("scipy.optimize")
ours = tg.scipy.linalg
STACKS = tuple(map(int, pytest.importorskip("scipy").__version__.split(".")[:2])) >= (1, 16)


def near(rng, n=3):
    return 3 * np.eye(n) + 0.5 * rng.normal(size=(n, n))


def same(function, theirs, *inputs, order=2):
    """On arrays and Tensors the values of SciPy; gradients that agree with differences."""
    for given in (inputs, [tg.tensor(x) for x in inputs]):
        result = function(*given)
        value = result.numpy() if isinstance(result, tg.Tensor) else result
        np.testing.assert_allclose(value, theirs(*inputs), rtol=1e-10, atol=1e-12)
    assert tg.check_gradients(function, *inputs, order=order).ok


@pytest.mark.parametrize("options", [
    {}, {"transposed": True}, {"assume_a": "sym"}, {"assume_a": "pos", "lower": True}, {"assume_a": "gen"},
    {"assume_a": "lower triangular"}, {"assume_a": "upper triangular"},
])  # fmt: skip
@pytest.mark.parametrize("columns", [(), (2,)])
def test_solve(rng, options, columns):
    a = near(rng)
    if options.get("assume_a") in ("sym", "pos"):
        a = a @ a.T
    b = rng.normal(size=(3, *columns))
    same(lambda a, b: ours.solve(a, b, **options), lambda a, b: linalg.solve(a, b, **options), a, b)


@pytest.mark.parametrize("trans", [0, 1, "N", "T"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("unit_diagonal", [False, True])
def test_solve_triangular(rng, trans, lower, unit_diagonal):
    options = {"trans": trans, "lower": lower, "unit_diagonal": unit_diagonal}
    a, b = near(rng), rng.normal(size=3)
    same(
        lambda a, b: ours.solve_triangular(a, b, **options),
        lambda a, b: linalg.solve_triangular(a, b, **options), a, b, order=1,
    )  # fmt: skip


@pytest.mark.parametrize("lower", [False, True])
def test_cholesky_and_what_is_solved_with_it(rng, lower):
    a, b = near(rng), rng.normal(size=3)
    a = a @ a.T
    same(lambda a: ours.cholesky(a, lower=lower), lambda a: linalg.cholesky(a, lower=lower), a)
    same(
        lambda a, b: ours.cho_solve(ours.cho_factor(a, lower), b),
        lambda a, b: linalg.cho_solve(linalg.cho_factor(a, lower), b), a, b,
    )  # fmt: skip
    g = tg.grad(lambda a: ours.cholesky(a, lower=lower).sum())(a)
    assert not np.any(np.triu(g, 1) if lower else np.tril(g, -1))


@pytest.mark.parametrize("name", ["expm", "logm", "sqrtm"])
def test_functions_of_matrices(rng, name):
    a = near(rng)
    same(getattr(ours, name), getattr(linalg, name), a)
    f = {"expm": np.exp, "logm": np.log, "sqrtm": np.sqrt}[name]
    spectrum = tg.grad(lambda d: getattr(ours, name)(np.eye(3) * d).sum())(np.array([1.0, 2.0, 5.0]))
    np.testing.assert_allclose(spectrum, tg.grad(lambda d: f(d).sum())(np.array([1.0, 2.0, 5.0])), rtol=1e-10)


@pytest.mark.parametrize("name", ["expm", "logm", "sqrtm"])
def test_functions_of_defective_matrices(name):
    jordan = np.array([[2.0, 1.0], [0.0, 2.0]])
    same(getattr(ours, name), getattr(linalg, name), jordan, order=1)


def test_expm_is_the_one_of_jax(rng):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    a, w = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    theirs = jax.grad(lambda a: (jax.scipy.linalg.expm(a) * w).sum())(a)
    np.testing.assert_allclose(tg.grad(lambda a: (ours.expm(a) * w).sum())(a), theirs, rtol=1e-9)


def test_lu(rng):
    a = rng.normal(size=(4, 4))
    for k in range(2):
        same(lambda a: ours.lu(a)[1 + k], lambda a: linalg.lu(a)[1 + k], a)  # noqa: B023
        same(lambda a: ours.lu(a, permute_l=True)[k], lambda a: linalg.lu(a, permute_l=True)[k], a, order=1)  # noqa: B023
    p, lower, upper = ours.lu(tg.tensor(a, requires_grad=True))
    assert not p.requires_grad
    np.testing.assert_allclose((p @ lower @ upper).numpy(), a)


@pytest.mark.skipif(not STACKS, reason="SciPy takes stacks of matrices since 1.16")
def test_stacks_of_matrices(rng):
    a = np.stack([near(rng), near(rng)])
    b = rng.normal(size=(2, 3, 2))
    for f in (ours.expm, ours.sqrtm, lambda a: ours.cholesky(a @ np.swapaxes(a, -1, -2)), lambda a: ours.lu(a)[2]):
        whole = tg.grad(lambda a: (f(a) ** 2).sum())(a)  # noqa: B023
        single = [tg.grad(lambda a: (f(a) ** 2).sum())(x) for x in a]  # noqa: B023
        np.testing.assert_allclose(whole, single, rtol=1e-9, atol=1e-12)
    whole = tg.grad(lambda a, b: (ours.solve(a, b) ** 2).sum(), (0, 1))(a, b)
    for k in range(2):
        single = tg.grad(lambda a, b: (ours.solve(a, b) ** 2).sum(), (0, 1))(a[k], b[k])
        np.testing.assert_allclose([whole[0][k]], [single[0]], rtol=1e-9)
        np.testing.assert_allclose([whole[1][k]], [single[1]], rtol=1e-9)


def test_float32_is_kept(rng):
    a = near(rng).astype(np.float32)
    for f in (ours.expm, ours.logm, ours.sqrtm, lambda a: ours.cholesky(a @ a.T), lambda a: ours.lu(a)[1]):
        t = tg.tensor(a, requires_grad=True)
        y = f(t)
        assert y.dtype == np.float32
        y.sum().backward()
        assert t.grad.dtype == np.float32


def test_a_compiled_step_exchanges_rows_anew():
    compiled = tg.compile(lambda a: ours.lu(a)[1:])
    for a in (np.array([[4.0, 1.0], [1.0, 3.0]]), np.array([[1.0, 3.0], [4.0, 1.0]])):
        for ours_, theirs in zip(compiled(a), linalg.lu(a)[1:], strict=True):
            np.testing.assert_allclose(ours_.numpy(), theirs)


def test_a_compiled_step_calls_them(rng):
    w = tg.tensor(near(rng), requires_grad=True, name="w")

    def step(b):
        s = w @ w.T
        y = ours.expm(0.1 * ours.logm(s)) @ ours.solve(ours.sqrtm(s), ours.cho_solve(ours.cho_factor(s), b))
        loss = (y * (ours.lu(s)[2] @ b)).sum()
        w.grad = None
        loss.backward()
        return loss, w.grad

    compiled = tg.compile(step)
    for _ in range(3):
        b = rng.normal(size=3)
        for a, c in zip(compiled(b), step(b), strict=True):
            np.testing.assert_allclose(a.numpy(), c.numpy(), rtol=1e-10)
        w.data = w.data + 0.01
    assert compiled.traces == 1


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (
            lambda t: ours.solve(t, np.ones(2), assume_a="banded"),
            r"solve: assume_a='banded' has no gradient; give 'gen'",
        ),
        (
            lambda t: ours.solve_triangular(t, np.ones(2), trans="H"),
            r"solve_triangular: trans='H' is none of 0 or 'N', 1",
        ),
        (lambda t: ours.cholesky(t[:1]), r"cholesky: a has shape \(1, 2\); give square matrices"),
        (lambda t: ours.expm(t.astype(np.float16)), r"expm: LAPACK takes no float16; give float32 or float64"),
        *[
            (lambda t, f=f: f(t.astype(np.float16)), rf"{name}: LAPACK takes no float16; give float32 or float64")
            for name, f in {
                "solve_sylvester": lambda t: ours.solve_sylvester(t, t, t),
                "sylvester": lambda t: ours.solve_continuous_lyapunov(t, t),
                "solve_continuous_are": lambda t: ours.solve_continuous_are(t, t, t, t),
                "solve_banded": lambda t: ours.solve_banded((0, 1), t, t),
            }.items()
        ],
        (lambda t: ours.logm(t * 0), r"logm: a matrix is singular and has no logarithm; give"),
        (lambda t: ours.lu(t[0]), r"lu: a has shape \(2,\); give square matrices"),
    ],
)
def test_errors_of_linalg(run, message):
    with pytest.raises((TypeError, ValueError), match=message):
        run(tg.tensor(np.eye(2), requires_grad=True))


# ------------------------------------------------------------------- what is demanded of every operation

_generator = np.random.default_rng(30)


def _x(*shape: int) -> Any:
    return _generator.standard_normal(shape)


def _near(n: int) -> Any:
    """A matrix with eigenvalues around 3."""
    return 3 * np.eye(n) + 0.5 * _x(n, n)


_three = {"trans": 0, "lower": True, "unit_diagonal": False}
ROWS: dict[str, list[Case]] = {
    "scipy.linalg.solve": [Case(_near(3), _x(3)), Case(_near(3), _x(3, 2)), Case(_near(1), _x(1))],
    "scipy.linalg.solve_triangular": [
        Case(_near(3), _x(3), trans=t, lower=low, unit_diagonal=unit)
        for t in (0, 1) for low in (False, True) for unit in (False, True)
    ] + [Case(_near(3), _x(3, 2), **_three), Case(_near(1), _x(1), **_three)],
    "scipy.linalg.lu_permutation": [Case(_near(3))],
    "scipy.linalg.lu": [Case(_near(3)), Case(_near(1)), *([Case(np.stack([_near(2), _near(2)]))] if STACKS else [])],
    "scipy.linalg.expm": [Case(_x(3, 3)), Case(_x(1, 1)), Case(np.zeros((2, 2))), Case(_x(2, 2), _x(2, 2))],
    "scipy.linalg.logm": [Case(_near(3)), Case(np.array([[2.0]])), Case(_near(2), _x(2, 2))],
    "scipy.linalg.sqrtm": [Case(_near(3)), Case(np.array([[2.0]])), Case(_near(2), _x(2, 2), _x(2, 2))],
}  # fmt: skip
OPS = [op for op in registry if op.function.__module__ == ours.__name__]
RULES = [(op, k) for op in OPS if op.differentiable for k in range(len(op.rules))]


def test_every_operation_has_its_row():
    assert {op.name for op in OPS} == ROWS.keys()


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_property_holds(op):
    for case in ROWS[op.name]:  # of one number, lu's second derivative is 0: only rounding would be compared
        flat = op.name == "scipy.linalg.lu" and case.inputs[0].size == 1
        assert check_op(op, cases=[case], only=[name for name in PROPERTIES if not (flat and name == "second_order")])


@pytest.mark.parametrize(("op", "index"), RULES, ids=[f"{op.name}-{k}" for op, k in RULES])
def test_a_broken_rule_is_noticed(op, index):
    for name in ("doubled", "one element wrong", "1 part in 100,000 off"):
        with pytest.raises(GradientError, match="is wrong"):
            check_op(broken(op, index, CHANGES[name]), cases=ROWS[op.name][:1], only=["first_order"])


# ---------------------------------------------------------------------------------------------- minimize


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


METHODS = ["BFGS", "L-BFGS-B", "CG", "Newton-CG", "TNC", "SLSQP", "trust-ncg", "trust-krylov", "trust-exact", "dogleg"]


@pytest.mark.parametrize("method", [None, *METHODS])
def test_methods_with_exact_derivatives(method):
    start = np.array([1.3, 1.4, 1.9]) if method == "dogleg" else np.array([-1.2, 1.0, 0.5])
    f = (lambda x: np.sum((x - 2) ** 2 + (x - 2) ** 4)) if method == "dogleg" else rosenbrock
    options = {"maxfun": 5000} if method == "TNC" else {}
    result = tg.scipy.minimize(f, start, method=method, options=options)
    np.testing.assert_allclose(result.x, 2 if method == "dogleg" else 1, atol=2e-3)
    assert isinstance(result, optimize.OptimizeResult)


@pytest.mark.parametrize("method", ["Nelder-Mead", "Powell"])
def test_methods_without_derivatives(method):
    assert tg.scipy.minimize(rosenbrock, np.array([0.5, 0.5]), method=method).x == pytest.approx([1, 1], abs=1e-2)


def test_nested_starts_and_arguments(rng):
    X = rng.normal(size=(30, 2))
    y = X @ np.array([1.0, -2.0]) + 0.5

    def misfit(p, X, y):
        return np.sum((X @ p["w"] + p["b"] - y) ** 2)

    seen = []
    result = tg.scipy.minimize(misfit, {"w": np.zeros(2), "b": 0.0}, args=(X, y), callback=seen.append)
    np.testing.assert_allclose(result.x["w"], [1, -2], atol=1e-5)
    assert result.x["b"] == pytest.approx(0.5, abs=1e-5)
    assert result.jac.keys() == {"w", "b"}
    assert seen[-1].keys() == {"w", "b"}
    matrix = tg.scipy.minimize(lambda A: np.sum((A @ A.T - np.eye(2)) ** 2), tg.tensor(np.ones((2, 2)) + np.eye(2)))
    np.testing.assert_allclose(matrix.x @ matrix.x.T, np.eye(2), atol=1e-4)


def test_an_exact_gradient_takes_fewer_evaluations():
    x0 = np.full(10, 0.5)
    exact = tg.scipy.minimize(rosenbrock, x0, method="BFGS")
    assert exact.nfev < optimize.minimize(rosenbrock, x0, method="BFGS").nfev / 5
    assert exact.success


def test_bounds_are_scipys():
    result = tg.scipy.minimize(lambda x: np.sum((x - 3) ** 2), np.zeros(2), bounds=[(0, 1), (0, 5)])
    np.testing.assert_allclose(result.x, [1, 3], atol=1e-6)


def test_errors_of_minimize():
    with pytest.raises(TypeError, match=r"minimize: hess, jac is computed exactly from f; leave it out"):
        tg.scipy.minimize(rosenbrock, np.ones(2), jac=True, hess=None)
    with pytest.raises(ValueError, match=r"minimize: there are no numbers in x0 = \{\}; give a start"):
        tg.scipy.minimize(lambda p: 0.0, {})


def test_a_missing_scipy_says_what_to_install():
    code = (
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'scipy' else find(name, *a)\n"
        "import tinygraph as tg\n"
        "try: tg.scipy\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "tg.scipy: SciPy is not installed; pip install tinygraph[scipy]"


# ----------------------------------------------------------------------------------------- complex numbers

Z, V = np.random.default_rng(5).normal(size=(2, 3, 3, 2)) @ np.array([1, 1j])
HERMITIAN, TRIANGULAR = Z @ Z.conj().T + np.eye(3), np.tril(Z) + 3 * np.eye(3)
COMPLEX = {
    **{
        f"solve {kind} {lower}": (
            lambda s, a, kind=kind, lower=lower: s.solve(a, V, lower=lower, assume_a=kind),
            matrix,
        )
        for kind, matrix in (("gen", Z), ("sym", Z + Z.T), ("her", HERMITIAN), ("pos", HERMITIAN))
        for lower in (False, True)
    },
    **{
        f"solve_triangular {trans}": (lambda s, a, trans=trans: s.solve_triangular(a, V, trans, lower=True), TRIANGULAR)
        for trans in (0, "T", 2, "C")
    },
    "cholesky": (lambda s, a: s.cholesky(a), HERMITIAN),
    "cholesky lower": (lambda s, a: s.cholesky(a, lower=True), HERMITIAN),
    "cho_solve": (lambda s, a: s.cho_solve(s.cho_factor(a), V), HERMITIAN),
    "cho_solve lower": (lambda s, a: s.cho_solve(s.cho_factor(a, lower=True), V), HERMITIAN),
    "expm": (lambda s, a: s.expm(a), Z),
    "logm": (lambda s, a: s.logm(a), Z + 5 * np.eye(3)),
    "sqrtm": (lambda s, a: s.sqrtm(a), Z + 5 * np.eye(3)),
    "lu": (lambda s, a: s.lu(a)[2], Z),
}


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_matrices(name):
    f, a = COMPLEX[name]
    np.testing.assert_allclose(f(ours, tg.tensor(a)).numpy(), f(linalg, a), rtol=1e-10, atol=1e-12)
    assert tg.check_gradients(lambda a: np.sum(np.abs(f(ours, a)) ** 2), a, order=2).ok


@pytest.mark.parametrize("name", ["logm", "sqrtm"])
def test_functions_of_real_matrices_that_turn_complex(name):
    a = np.array([[-1.0, 0.3], [0.1, 2.0]])
    assert tg.check_gradients(lambda a: np.sum(np.abs(getattr(ours, name)(a)) ** 2), a).ok
