"""Complex numbers: gradients point where a real loss rises fastest; real inputs get real ones; every mode and order."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.testing.strategies import arrays, complex_dtypes, shapes

_rng = np.random.default_rng(5)


def z(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(_rng.standard_normal(shape) + 1j * _rng.standard_normal(shape))


def slope(f: Callable[[Any], Any], x: Any, t: Any, h: float = 1e-5) -> Any:
    """df along `t`, by differences of fourth order."""
    return (8 * (f(x + h * t) - f(x - h * t)) - (f(x + 2 * h * t) - f(x - 2 * h * t))) / (12 * h)


def gradient(f: Callable[[Any], Any], x: Any) -> Any:
    """dL/dx + i dL/dy for each element, by differences in the real and in the imaginary part."""
    found = np.zeros_like(x)
    for k in np.ndindex(np.shape(x)):
        e = np.zeros_like(x)
        e[k] = 1
        found[k] = slope(f, x, e) + (1j * slope(f, x, 1j * e) if np.iscomplexobj(x) else 0)
    return found


HALF = np.array([[True, True, False], [True, False, True]])
ANALYTIC: dict[str, Callable[[Any], Any]] = {
    "arithmetic": lambda z: (2 - z) * z + z / (z + 3j) - 1j * z,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin cos": lambda z: np.sin(z) * np.cos(z),
    "tan": lambda z: np.tan(z) + np.tanh(z),
    "inverse functions": lambda z: np.arcsin(z) + np.arctan(z) + np.arccos(z),
    "power of z": lambda z: z**3 + z**-1.5 + z ** (1 + 2j),
    "power to z": lambda z: (-0.8) ** z + np.power(0.5 + 0.5j, z),
    "square": lambda z: np.square(z) + np.reciprocal(z),
    "log1p": lambda z: np.log1p(z) + np.expm1(z) + np.log2(z) + np.log10(z) + np.exp2(z),
    "sum and mean": lambda z: np.sum(z, axis=0) * np.mean(z),
    "prod": lambda z: np.prod(z) * np.prod(z, axis=1, keepdims=True),
    "cumsum": lambda z: np.cumsum(z) ** 2,
    "cumprod": lambda z: np.cumprod(z) * np.prod(z) + np.cumprod(z, axis=0).ravel(),
    "masks": lambda z: np.mean(z, axis=1, where=HALF) * np.sum(z, axis=1, where=HALF, initial=1j) * z.T,
    "averages": lambda z: np.average(z, axis=0, weights=z**2) * np.trapezoid(z, axis=0),
    "products": lambda z: z.T @ z + np.einsum("ij,kj->ik", z.T, z.T),
    "shape": lambda z: np.concatenate([z[0], z[1, ::-1]]) * np.stack([z[0], z[1]]).ravel(),
    "where": lambda z: np.where(np.real(z) > 0, z, 2j * z**2),
    "indices": lambda z: np.take(z, [0, 0, 2], axis=1) ** 2,
    "broadcast": lambda z: z[:1] * z[:, :1],
}
OTHERS: dict[str, Callable[[Any], Any]] = {
    "real": lambda z: np.real(z) * z,
    "imag": lambda z: np.imag(z) * z,
    "conj": lambda z: np.conj(z) * z**2 + z.conj() + z.conjugate(),
    "attributes": lambda z: z.real * z.imag,
    "absolute": lambda z: np.absolute(z) * z + abs(z) ** 2,
    "angle": lambda z: np.angle(z) + np.angle(z, deg=True) * z,
    "var": lambda z: np.var(z) + np.var(z, axis=1, ddof=1),
    "std": lambda z: np.std(z, axis=0) + np.std(z),
    "var where": lambda z: tg.var(z, where=HALF) + np.std(z, where=HALF),
    "var about": lambda z: np.var(z, axis=1, mean=z[:, :1] ** 2, keepdims=True),
    "phase": lambda z: z / np.abs(z),
    "through real": lambda z: np.exp(1j * np.real(z)) + np.maximum(np.real(z), np.imag(z)),
}
EVERY = {**ANALYTIC, **OTHERS}


def loss(f: Callable[[Any], Any], w: Any) -> Callable[[Any], Any]:
    """A real number of all elements of f, real and imaginary."""
    return lambda x: np.sum(np.real(np.conj(w) * f(x)))


@pytest.mark.parametrize("name", EVERY)
class TestDerivatives:
    def test_gradient_is_steepest_ascent(self, name):
        f, x = EVERY[name], z(2, 3)
        w = z(*np.shape(f(x)))
        expected = gradient(loss(f, w), x)
        np.testing.assert_allclose(tg.grad(loss(f, w))(x), expected, rtol=1e-8, atol=1e-8)
        t = tg.tensor(x, requires_grad=True)
        loss(f, w)(t).backward()
        np.testing.assert_allclose(t.grad.numpy(), expected, rtol=1e-8, atol=1e-8)
        assert t.grad.dtype == np.complex128

    def test_vjp_takes_the_gradient_of_the_output(self, name):
        f, x = EVERY[name], z(2, 3)
        y, pull = tg.vjp(f, x)
        w = z(*np.shape(y)) if np.iscomplexobj(y) else np.real(z(*np.shape(y)))
        [g] = pull(w)
        np.testing.assert_allclose(g, gradient(loss(f, w), x), rtol=1e-8, atol=1e-8)

    def test_jvp_is_the_slope(self, name):
        f, x, t = EVERY[name], z(2, 3), z(2, 3)
        y, s = tg.jvp(f, (x,), (t,))
        np.testing.assert_allclose(y, f(x))
        np.testing.assert_allclose(s, slope(f, x, t), rtol=1e-8, atol=1e-8)
        assert s.dtype == np.asarray(f(x)).dtype

    def test_second_order(self, name):
        f, x, v = EVERY[name], z(2, 3), z(2, 3)
        w = z(*np.shape(f(x)))
        expected = slope(tg.grad(loss(f, w)), x, v)
        np.testing.assert_allclose(tg.hvp(loss(f, w), x, v), expected, rtol=1e-7, atol=1e-7)

        def along(x):
            return np.sum(np.real(np.conj(v) * tg.grad(loss(f, w))(x)))

        np.testing.assert_allclose(tg.grad(along)(x), expected, rtol=1e-7, atol=1e-7)  # the Hessian is symmetric
        t = tg.tensor(x, requires_grad=True)
        loss(f, w)(t).backward(create_graph=True)
        first, t.grad = t.grad, None
        np.sum(np.real(np.conj(v) * first)).backward()
        np.testing.assert_allclose(t.grad.numpy(), expected, rtol=1e-7, atol=1e-7)

    def test_real_inputs_get_real_gradients(self, name):
        f, x = EVERY[name], np.asarray(_rng.standard_normal((2, 3)))

        def of_parts(x):
            return loss(f, w)(x * (1 - 0.5j) + 0.2)

        w = z(*np.shape(f(x + 0j)))
        g = tg.grad(of_parts)(x)
        assert g.dtype == np.float64
        np.testing.assert_allclose(g, gradient(of_parts, x), rtol=1e-8, atol=1e-8)

    def test_complex64_stays(self, name):
        f, x = EVERY[name], z(2, 3).astype(np.complex64)
        y, pull = tg.vjp(f, x)
        assert y.dtype == f(x).dtype
        [g] = pull(np.ones(np.shape(y), y.dtype))
        [exact] = tg.vjp(f, x.astype(complex))[1](np.ones(np.shape(y), np.result_type(y.dtype, np.float64)))
        assert g.dtype == np.complex64
        np.testing.assert_allclose(g, exact, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("name", ANALYTIC)
def test_jacobian_of_an_analytic_function_is_its_derivative(name):
    f, x, t = ANALYTIC[name], z(2, 3), z(2, 3)
    jacobian = tg.jacobian(f)(x)
    assert jacobian.shape == (*np.shape(f(x)), 2, 3)
    np.testing.assert_allclose(np.sum(jacobian * t, axis=(-2, -1)), slope(f, x, t), rtol=1e-8, atol=1e-8)


class TestJacobians:
    def test_of_real_arguments(self):
        x = np.array([0.5, -1.0])
        np.testing.assert_allclose(tg.jacobian(lambda x: np.exp(1j * x))(x), np.diag(1j * np.exp(1j * x)))

    def test_of_real_functions_hold_gradients(self):
        x = z(3)
        np.testing.assert_allclose(tg.jacobian(lambda x: np.abs(x) ** 2)(x), np.diag(2 * x))
        np.testing.assert_allclose(tg.jacobian(lambda x: np.sum(np.abs(x) ** 2))(x), 2 * x)

    def test_of_what_is_not_analytic_names_it(self):
        with pytest.raises(tg.NotDifferentiable, match="jacobian: conjugate is not analytic, so that dy/dz does not"):
            tg.jacobian(lambda x: np.conj(x) * x)(z(2))
        with pytest.raises(tg.NotDifferentiable, match="take real and imaginary parts as arguments"):
            tg.hessian(lambda x: np.sum(np.abs(x) ** 2))(z(2))
        x, y = tg.jacobian(lambda x, y: np.conj(x + 1j * y), (0, 1))(0.5, 1.0)
        assert (x, y) == (1, -1j)


class TestWhatIsRefused:
    def test_a_gradient_of_a_complex_number(self):
        with pytest.raises(tg.GraphError, match=r"grad: f returned a complex number \(complex128\), and a gradient is"):
            tg.grad(lambda x: x * x)(1 + 2j)
        t = tg.tensor(1 + 2j, requires_grad=True)
        with pytest.raises(tg.GraphError, match=r"backward: the output is complex \(complex128\), and a gradient is"):
            (t * t).backward()
        (t * t).backward(1j)
        assert t.grad.item() == np.conj(2 * (1 + 2j)) * 1j

    def test_complex_changes_of_real_things(self):
        with pytest.raises(TypeError, match="backward: gradient is complex128, and what it belongs to is float64"):
            np.abs(tg.tensor(z(2), requires_grad=True)).backward(z(2))
        with pytest.raises(TypeError, match="vjp: the cotangent is complex128, and what it belongs to is float64"):
            tg.vjp(np.abs, z(2))[1](z(2))
        with pytest.raises(TypeError, match="jvp: a tangent is complex128, and what it belongs to is float64"):
            tg.jvp(lambda x: 1j * x, (np.ones(2),), (z(2),))

    @pytest.mark.parametrize(
        "f",
        [tg.max, tg.min, lambda x: tg.maximum(x, 0), lambda x: tg.minimum(x, x), lambda x: tg.clip(x, 0, 1), tg.sign],
    )
    def test_order_has_no_gradient(self, f):
        with pytest.raises(tg.NotDifferentiable, match=r"has no gradient for complex numbers \(complex128\); apply"):
            f(tg.tensor(z(2), requires_grad=True))

    def test_formulas_of_complex_numbers(self):
        x = tg.tensor(0.5, requires_grad=True, name="x")
        with pytest.raises(
            tg.GraphError, match=r"derive: v₁ is complex \(complex128\), and formulas are written of real"
        ):
            tg.derive(np.abs(np.exp(1j * x)))

    def test_ops_of_ones_own_that_do_not_say_they_can(self):
        @tg.primitive(lambda g, y, x: 2 * g * x)
        def size(x):
            return np.sum(np.abs(x) ** 2)

        @tg.elementwise(lambda z, x, y: y, lambda z, x, y: x)
        def times(x, y):
            return x * y

        for f in (size, lambda x: times(x, 2.0), lambda x: times(2.0, x)):
            with pytest.raises(tg.NotDifferentiable, match=r"declare an op with holomorphic=True \(analytic\) or conj"):
                f(tg.tensor(z(2), requires_grad=True))


class TestSingularPoints:
    def test_absolute_and_angle_at_0(self):
        for f in (np.abs, np.angle, lambda x: np.abs(x) ** 2, tg.std):
            assert np.all(tg.grad(lambda x, f=f: np.sum(f(x)))(np.zeros(2, complex)) == 0)

    def test_imag_and_angle_of_real_numbers(self):
        for f in (np.imag, np.angle):
            assert np.all(tg.grad(lambda x, f=f: np.sum(f(x) * x))(np.array([0.5, 2.0])) == 0)


class TestTensors:
    def test_values_are_those_of_numpy(self):
        x = z(2, 3)
        t = tg.tensor(x, requires_grad=True)
        for f in (np.real, np.imag, np.conj, np.angle, np.abs, np.var, np.std):
            value = f(t).numpy()
            np.testing.assert_array_equal(value, f(x))
            assert value.dtype == f(x).dtype

    def test_real_if_close(self):
        t = tg.tensor([1 + 1e-16j, 2], requires_grad=True)
        assert np.real_if_close(t).dtype == np.float64
        assert np.real_if_close(t, tol=1e-17).dtype == complex
        assert tg.real_if_close(np.ones(2)).dtype == np.float64

    def test_casts(self):
        t = tg.tensor([1.0, 2.0], requires_grad=True)
        np.sum(np.abs(t.astype(complex)) ** 2).backward()
        np.testing.assert_array_equal(t.grad.numpy(), [2.0, 4.0])
        u = tg.tensor([1 + 1j], requires_grad=True)
        with pytest.warns(np.exceptions.ComplexWarning):
            y = u.astype(float)
        (y * y).sum().backward()
        assert u.grad.numpy() == [2]

    def test_hooks_and_retained_gradients_point_up(self):
        x = tg.tensor([1 + 2j], requires_grad=True)
        y = x * x
        seen = []
        y.register_hook(lambda g: seen.append(g.numpy().copy()))
        y.retain_grad()
        np.sum(np.abs(y) ** 2).backward()
        np.testing.assert_allclose(seen[0], 2 * y.numpy())
        np.testing.assert_allclose(y.grad.numpy(), 2 * y.numpy())
        y = x * x
        y.register_hook(lambda g: g * 1j)
        x.grad = None
        np.sum(np.abs(y) ** 2).backward()
        np.testing.assert_allclose(x.grad.numpy(), 2j * y.numpy() * np.conj(2 * x.numpy()))

    def test_pictures_and_steps_show_the_same_gradient(self):
        x = tg.tensor(1 + 2j, requires_grad=True, name="x")
        y = x * 3j
        out = np.abs(y) ** 2
        trace = tg.trace(out)
        steps = list(trace.backward())
        out.backward(retain_graph=True)
        assert x.grad.item() == pytest.approx(18 * (1 + 2j))
        made = steps[-1]
        assert made.incoming == pytest.approx(2 * y.item())
        assert made.contributions[0].total == pytest.approx(x.grad.item())
        json.dumps(trace.json())
        boxes = {box.op: box for box in tg.trace(out).view.boxes}
        assert boxes["multiply"].grad.values == (pytest.approx(2 * y.item()),)
        assert tg.why(x, out).healthy

    def test_checkpoint(self):
        f, x = OTHERS["conj"], z(2, 2)
        plain = tg.grad(lambda x: np.sum(np.real(f(x))))(x)
        np.testing.assert_allclose(tg.grad(lambda x: np.sum(np.real(tg.checkpoint(f)(x))))(x), plain)

    def test_no_warning_where_an_imaginary_part_is_dropped_on_purpose(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tg.grad(lambda x: np.sum(np.real(np.exp(1j * x))))(np.ones(3))

    def test_assignment(self):
        x = tg.tensor(z(3), requires_grad=True)
        v = tg.tensor(2 + 1j, requires_grad=True)
        y = x * 1
        y[1] = v
        np.sum(np.abs(y) ** 2).backward()
        assert v.grad.item() == pytest.approx(4 + 2j)
        assert x.grad.numpy()[1] == 0


class TestChecking:
    @pytest.mark.parametrize("name", EVERY)
    def test_check_gradients_knows_complex_numbers(self, name):
        report = tg.check_gradients(EVERY[name], z(2, 3), order=2)
        assert report.ok
        assert report.findings[0].shape == (2, 3, 2)

    @pytest.mark.parametrize(
        "rule", [lambda g, y, x: 2 * g * np.conj(x), lambda g, y, x: 2j * g * x, lambda g, y, x: g]
    )
    def test_a_rule_that_conjugates_wrongly_is_found(self, rule):
        @tg.primitive(rule, holomorphic=True)
        def wrong_square(x):
            return x * x

        with pytest.raises(tg.GradientError, match="wrong_square"):
            tg.check_gradients(lambda x: np.sum(np.exp(wrong_square(x))), z(3))
        with pytest.raises(tg.GradientError, match=r"input 0 \(real, imaginary\)"):
            tg.check_gradients(wrong_square, z(3))

    def test_parameters_and_complex64(self):
        w = tg.tensor(z(2), requires_grad=True, name="w")
        assert tg.check_gradients(lambda x: np.abs(x * w) ** 2, z(2).astype(np.complex64), wrt=[0, w]).ok
        assert tg.check_gradients(lambda x: np.exp(1j * x), 0.5).ok
        assert tg.check_gradients(lambda z: z * z, 0.5 + 1j).ok


class TestOracle:
    @pytest.fixture(autouse=True)
    def _torch(self):
        self.torch = pytest.importorskip("torch")

    @pytest.mark.parametrize(
        "name", ["exp", "log", "sqrt", "sin", "tanh", "abs", "angle", "real", "conj", "var", "std", "prod", "cumsum"]
    )
    def test_torch_agrees(self, name):
        x = z(6)
        t = self.torch.tensor(x, requires_grad=True)
        options = {"dim": 0} if name == "cumsum" else {"correction": 0} if name in ("var", "std") else {}
        y = getattr(self.torch, name)(t, **options)
        (y * 2).abs().pow(3).sum().backward()
        ours = tg.grad(lambda x: np.sum(np.abs(getattr(np, name)(x) * 2) ** 3))(x)
        np.testing.assert_allclose(ours, t.grad.resolve_conj().numpy(), rtol=1e-9, atol=1e-12)

    @pytest.mark.parametrize(
        "name", ["fft", "ifft", "irfft", "hfft", "fft2", "irfft2", "ifftn", "rfft", "rfft2", "ihfft"]
    )
    @pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
    def test_torch_transforms_alike(self, name, norm):
        x = np.real(z(4, 5)) if name in ("rfft", "rfft2", "ihfft") else z(4, 5)
        t = self.torch.tensor(x, requires_grad=True)
        getattr(self.torch.fft, name)(t, norm=norm).abs().pow(3).sum().backward()
        ours = tg.grad(lambda x: np.sum(np.abs(getattr(np.fft, name)(x, norm=norm)) ** 3))(x)
        np.testing.assert_allclose(ours, t.grad.resolve_conj().numpy(), rtol=1e-9, atol=1e-12)


@given(data=st.data())
@settings(max_examples=20)
def test_drawn_arrays_of_any_layout_and_precision(data):
    dtype = data.draw(complex_dtypes())
    x = data.draw(arrays(shapes(0, 2, 1, 3), dtype=dtype))
    assert x.dtype == dtype
    t = tg.tensor(x, requires_grad=True)
    np.sum(np.abs(t * 1j - 2) ** 2).backward()
    assert t.grad.dtype == dtype
    np.testing.assert_allclose(t.grad.numpy(), 2 * np.conj(np.asarray(1j, dtype)) * (x * 1j - 2), rtol=1e-4, atol=1e-4)
