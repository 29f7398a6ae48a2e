"""scipy.special called on Tensors: SciPy's own functions record, those that refuse have one here, the rest say so."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable

special = pytest.importorskip("scipy.special")
ours = tg.scipy.special

X = np.array([0.3, 0.7])


@pytest.fixture
def t():
    return tg.tensor(X, requires_grad=True)


def run(code, **environment):
    """What a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return done.stdout.split()


def test_the_rules_are_loaded_by_the_first_call():
    code = """
import sys, numpy as np, tinygraph as tg
np.exp(tg.tensor(0.5, requires_grad=True))
try: np.frompyfunc(abs, 1, 1)(tg.tensor(0.5, requires_grad=True))
except tg.NotDifferentiable: print("scipy" in sys.modules)
import scipy.special
print("tinygraph.interop.scipy.special" in sys.modules)
t = tg.tensor(0.5, requires_grad=True)
y = scipy.special.erf(t)
y.backward()
print(y.item() == scipy.special.erf(0.5), t.grad.item())
from tinygraph.testing import programs
print(any("scipy" in name for name in programs.OPS))
"""
    assert run(code) == ["False", "False", "True", str(2 / np.sqrt(np.pi) * np.exp(-0.25)), "False"]


def test_functions_that_scipy_wraps_find_the_rules_all_the_same():
    code = """
import numpy as np, scipy.special, tinygraph as tg
t = tg.tensor(0.5, requires_grad=True)
for f in (scipy.special.erf, scipy.special.expit, tg.scipy.special.erf, lambda t: scipy.special.betainc(t, t, t)):
    print(f(t).requires_grad)
try: scipy.special.xlogy(np.ones(2), t)
except TypeError: print("not beside arrays")
print(tg.scipy.special.xlogy(np.ones(2), t).requires_grad)
"""
    assert " ".join(run(code, SCIPY_ARRAY_API="1")) in (
        "True True True True not beside arrays True",
        "True True True True True",  # SciPy before 1.16 wraps few
    )


@pytest.mark.parametrize("name", [n for n in ours.__all__ if hasattr(getattr(ours, n), "op")])
def test_values_are_scipys_for_arrays_and_tensors(name):
    own = getattr(ours, name)
    theirs = getattr(special, name)
    parameter = np.array([1, 2]) if "hermite" in name else np.array([1.0, 2.0])
    at = [*[parameter + k for k in range(own.op.arity - 1)], X]
    for dtype in (np.float32, np.float64):
        inputs = [x.astype(dtype) if x.dtype == float else x for x in at]
        expected = theirs(*inputs)
        if name == "wofz":  # of float32, SciPy 1.17 makes complex128, those before and after it complex64
            assert expected.dtype.kind == "c"
        else:
            assert expected.dtype == (float if "hermite" in name else dtype)
        for f in (own, theirs):
            y = f(*[tg.tensor(x) for x in inputs])
            assert y.dtype == expected.dtype
            np.testing.assert_array_equal(y.numpy(), expected)
        np.testing.assert_array_equal(own(*inputs), expected)
    assert own.__doc__.startswith(f"SciPy's `{theirs.__name__.lstrip('_')}`")


@pytest.mark.parametrize(
    "f",
    [lambda x: special.jv(2, x), lambda x: special.expn(2, x), lambda x: special.betainc(2, 3, x), special.ellipk,
     lambda x: special.boxcox(x, 0.5), lambda x: special.huber(1.0, x), special.spence, special.log_ndtr],
)  # fmt: skip
def test_float32_is_kept_beside_numbers(f):
    t = tg.tensor(X.astype(np.float32), requires_grad=True)
    y = f(t)
    assert y.dtype == f(X.astype(np.float32)).dtype
    y.sum().backward()
    assert t.grad.dtype == np.float32


@pytest.mark.parametrize("name", ["airy", "fresnel", "shichi", "sici"])
def test_functions_that_come_together(name, t):
    own, theirs = getattr(ours, name), getattr(special, name)
    assert own.__doc__.startswith(f"SciPy's `{name}`: ")
    for x, y, z in zip(own(t), theirs(t), theirs(X), strict=True):
        np.testing.assert_array_equal(x.numpy(), z)
        np.testing.assert_array_equal(y.numpy(), z)
        assert x.requires_grad
    for x, z in zip(own(X), theirs(X), strict=True):
        np.testing.assert_array_equal(x, z)
    assert tg.check_gradients(lambda x: np.stack(theirs(x)), X, order=2).ok
    compiled = tg.compile(lambda x: sum(theirs(x)))
    np.testing.assert_allclose(compiled(X).numpy(), sum(theirs(X)))


def test_si_and_shi_have_all_derivatives_at_0():
    for name, third in (("sici", -1 / 3), ("shichi", 1 / 3)):
        f = getattr(special, name)
        slope = tg.grad(lambda x: f(x)[0])  # noqa: B023
        assert slope(0.0) == 1
        assert tg.hessian(slope)(0.0) == pytest.approx(third)


@pytest.mark.parametrize("name", [n for n in ours.__all__ if n.startswith("eval_")])
def test_polynomials_are_differentiated_at_the_ends(name):
    parameters = (1.0,) * (getattr(special, name).nin - 2)
    for n in range(4):
        f = lambda x: getattr(special, name)(n, *parameters, x)  # noqa: B023, E731
        coefficients = np.polynomial.Polynomial.fit(*[g(np.linspace(-1, 1, 9)) for g in (np.copy, f)], 4)
        for x in (-1.0, 0.0, 1.0):
            assert tg.grad(f)(x) == pytest.approx(coefficients.deriv()(x), abs=1e-10)
            assert tg.hessian(f)(x) == pytest.approx(coefficients.deriv(2)(x), abs=1e-9)


def test_functions_of_scipy_made_of_ufuncs_record(t):
    for f in (
        lambda x: special.zeta(2.5, x),
        lambda x: np.real(special.lambertw(x)),
        lambda x: special.erf(x + 1j * X),
    ):
        np.testing.assert_allclose(f(t).numpy(), f(X), rtol=1e-15)
    assert tg.check_gradients(lambda x: special.zeta(2.5, x), X, order=2).ok
    assert tg.check_gradients(lambda x: np.real(special.lambertw(x)), X, order=2).ok
    assert tg.check_gradients(lambda x: np.real(ours.lambertw(x - 1, -1)), X, order=2).ok


# ------------------------------------------------------------------------- what SciPy's own functions refuse


@pytest.mark.parametrize("n", [0, 1, 2, np.array([0, 3])])
def test_polygamma(n, t):
    np.testing.assert_allclose(ours.polygamma(n, t).numpy(), special.polygamma(n, X), rtol=1e-13)
    np.testing.assert_array_equal(ours.polygamma(n, X), special.polygamma(n, X))
    assert tg.check_gradients(lambda x: ours.polygamma(n, x), X, order=2).ok


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
def test_softmax(rng, name, axis):
    own, theirs, a = getattr(ours, name), getattr(special, name), rng.normal(size=(2, 3))
    np.testing.assert_allclose(own(tg.tensor(a), axis=axis).numpy(), theirs(a, axis=axis), rtol=1e-13)
    np.testing.assert_array_equal(own(a, axis=axis), theirs(a, axis=axis))
    assert tg.check_gradients(lambda a: own(a, axis), a, order=2).ok


B = np.array([[2.0, 0.0, 0.5], [1.0, 3.0, 0.0]])
SIGNED = np.array([[2.0, -3.0, 0.5], [-1.0, -3.0, 0.0]])


@pytest.mark.parametrize(
    ("axis", "b", "keepdims", "return_sign"),
    [
        *itertools.product([None, 1, (0, 1)], [None, B, SIGNED, np.array([1.0, -1.0, 2.0]), 3], [False, True], [True]),
        *itertools.product([None, 0, -1, (0, 1)], [None, B, 0.5], [False, True], [False]),
    ],
)
def test_logsumexp(rng, axis, b, keepdims, return_sign):
    a = rng.normal(size=(2, 3))
    options = {"axis": axis, "keepdims": keepdims, "return_sign": return_sign}
    expected = special.logsumexp(a, b=b, **options)
    for given in (a, tg.tensor(a)):
        found = ours.logsumexp(given, b=b, **options)
        for y, z in zip(found, expected, strict=True) if return_sign else [(found, expected)]:
            np.testing.assert_allclose(y.numpy() if isinstance(y, tg.Tensor) else y, z, rtol=1e-13)
            assert np.shape(y) == np.shape(z)

    def log(a, b=b):
        y = ours.logsumexp(a, b=b, **options)
        return y[0] if return_sign else y

    assert tg.check_gradients(log, a, order=2).ok
    if isinstance(b, np.ndarray):
        assert tg.check_gradients(log, a, b, order=2).ok


def test_logsumexp_neither_overflows_nor_loses_signs():
    a = tg.tensor([1000.0, 999.0, 1e300], requires_grad=True)
    y = ours.logsumexp(a, b=np.array([1.0, 1.0, 0.0]))
    assert y.item() == pytest.approx(1000 + np.log1p(np.exp(-1)))
    y.backward()
    np.testing.assert_allclose(a.grad.numpy(), [1 / (1 + np.exp(-1)), 1 / (1 + np.e), 0])
    assert np.isnan(ours.logsumexp(a, b=np.array([-1.0, 0.0, 0.0])).item())
    size, sign = ours.logsumexp(a, b=np.array([-1.0, 0.0, 0.0]), return_sign=True)
    assert (size.item(), sign.item()) == (1000, -1)
    assert ours.logsumexp(tg.tensor([-np.inf, -np.inf]), b=1.0).item() == -np.inf


@pytest.mark.parametrize(
    "f",
    [special.softmax, special.log_softmax, special.logsumexp, lambda x: special.polygamma(1, x),
     lambda x: special.multigammaln(x + 1, 2), special.factorial],
)  # fmt: skip
def test_no_function_of_scipy_cuts_the_graph_silently(f, t):
    with pytest.raises(NotDifferentiable, match=r"a recorded tensor of shape \(2,\) would leave the graph"):
        f(t)


@pytest.mark.parametrize("name", ["agm", "airye", "ncfdtr", "voigt_profile"])
def test_ufuncs_without_rule_say_so(name, t):
    ufunc = getattr(special, name)
    with pytest.raises(
        NotDifferentiable, match=rf"scipy\.special\.{name}: has no gradient in tinygraph; .*tg\.primitive"
    ):
        ufunc(*[t] * ufunc.nin)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (
            lambda t: special.jv(t, 2.0),
            r"scipy\.special\.jv: the derivative in v has no closed form; give v as a number",
        ),
        (lambda t: special.gammainc(t, 2.0), r"gammainc: the derivative in a has no .* an array or t\.detach\(\)"),
        (lambda t: special.betainc(2.0, t, 0.5), r"betainc: the derivative in b has no"),
        (lambda t: special.zeta(t), r"scipy\.special\.zeta: the derivative in x has no"),
        (lambda t: special.hyp2f1(1.0, t, 2.0, 0.5), r"hyp2f1: the derivative in b has no"),
    ],
)
def test_parameters_without_derivative_say_so(f, message, t):
    with pytest.raises(NotDifferentiable, match=message):
        f(t).sum().backward()
    with pytest.raises(NotDifferentiable, match=message):
        tg.jvp(f, (X,), (X,))
    assert f(t.detach()).numpy() == pytest.approx(f(X))


def test_a_parameter_without_derivative_may_be_tracked_where_none_is_asked_for(t):
    v = tg.tensor(2.0, requires_grad=True)
    assert tg.grad(lambda x: special.jv(v.detach(), x).sum())(X) == pytest.approx(special.jvp(2, X))


def test_rules_for_real_numbers_refuse_complex_ones():
    with pytest.raises(NotDifferentiable, match=r"scipy\.special\.erfcx: has no gradient for complex numbers"):
        special.erfcx(tg.tensor([1j], requires_grad=True))


# ---------------------------------------------------------------------------------- compiled, drawn, explained


def test_a_compiled_step_calls_them(rng):
    w = tg.tensor([0.5, 1.5], requires_grad=True, name="w")

    def step(x):
        y = special.expit(x * w) * special.erf(w) + ours.polygamma(1, w) + special.jv(2, x + w)
        loss = ours.logsumexp(y, b=np.array([1.0, 2.0])) + special.huber(1.0, y).sum()
        w.grad = None
        loss.backward()
        return loss, w.grad

    compiled = tg.compile(step)
    for _ in range(3):
        x = rng.normal(size=2)
        for a, b in zip(compiled(x), step(x), strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-13)
        w.data = w.data + 0.1
    assert compiled.traces == 1
    assert " erf(" in compiled.source
    assert "np.erf" not in compiled.source


def test_pictures_and_derivations_write_them(t):
    y = special.psi(special.erf(t)) + special.jv(2, t)
    text = tg.draw(y.sum()).text()
    assert "erf" in text
    assert "scipy" not in text
    derivation = str(tg.derive(y.sum(), [t]))
    assert "ζ(2," in derivation
    assert "1.12838·exp(" in derivation
