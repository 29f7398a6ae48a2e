"""np.fft on Tensors: NumPy's values for every keyword, and derivatives of every order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg

_rng = np.random.default_rng(8)
NORMS = [None, "backward", "ortho", "forward"]


def x(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(_rng.standard_normal(shape))


def z(*shape: int) -> np.ndarray[Any, Any]:
    return x(*shape) + 1j * x(*shape)


ONE: dict[str, list[tuple[Any, dict[str, Any]]]] = {
    name: [
        (signal, options)
        for signal in ((x(5), x(2, 4)) if name in ("rfft", "ihfft") else (z(4), x(3, 2)))
        for options in ({}, {"n": 3}, {"n": 6}, {"n": 7, "axis": 0}, {"axis": -1}, {"n": 1})
    ]
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
}
SEVERAL: dict[str, list[tuple[Any, dict[str, Any]]]] = {
    name: [
        (signal, options)
        for signal in ((x(3, 4), x(2, 3, 2)) if name.startswith("rfft") else (z(3, 2), x(2, 2, 2)))
        for options in (
            {},
            {"s": (2, 5), "axes": (0, 1)},
            {"axes": (1, 0)},
            {"axes": (-1,)},
            {"s": (-1, 3), "axes": (0, 1)},
        )
    ]
    for name in ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn")
}
CASES = [(name, *case) for name, cases in {**ONE, **SEVERAL}.items() for case in cases]


def brief(case: Any) -> str:
    return f"{case.dtype}{case.shape}" if isinstance(case, np.ndarray) else str(case).replace(" ", "")


@pytest.mark.parametrize(("name", "signal", "options"), CASES, ids=brief)
def test_values_and_derivatives(name, signal, options):
    theirs = getattr(np.fft, name)
    for norm in NORMS:
        expected = theirs(signal, norm=norm, **options)
        for result in (
            getattr(tg.fft, name)(signal, norm=norm, **options),
            theirs(tg.tensor(signal, requires_grad=True), norm=norm, **options).numpy(),
        ):
            np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)
            assert result.dtype == expected.dtype

    def f(signal):
        return theirs(signal, norm="ortho" if signal.size % 2 else "forward", **options) ** 2

    assert tg.check_gradients(f, signal, order=2, effort="quick").ok
    t = np.asarray(z(*signal.shape), signal.dtype) if np.iscomplexobj(signal) else x(*signal.shape)
    y, pull = tg.vjp(f, signal)
    g = np.asarray(z(*y.shape), y.dtype) if np.iscomplexobj(y) else x(*y.shape)
    pushed = tg.jvp(f, (signal,), (t,))[1]
    left, right = np.sum(np.real(np.conj(g) * pushed)), np.sum(np.real(np.conj(pull(g)[0]) * t))
    assert left == pytest.approx(right, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", [*ONE, *SEVERAL])
def test_float32_stays(name):
    real = name in ("rfft", "ihfft", "rfft2", "rfftn")
    signal = x(4, 4).astype(np.float32) if real else z(4, 4).astype(np.complex64)
    y, pull = tg.vjp(getattr(np.fft, name), signal)
    assert y.dtype == getattr(np.fft, name)(signal).dtype
    assert y.dtype in (np.float32, np.complex64)
    assert pull(np.ones_like(y))[0].dtype == signal.dtype


@pytest.mark.parametrize("axes", [None, 0, -1, (0,), (1, 0)])
@pytest.mark.parametrize("n", [3, 4])
def test_shifts(axes, n):
    signal = x(2, n)
    for name in ("fftshift", "ifftshift"):
        theirs = getattr(np.fft, name)
        np.testing.assert_array_equal(theirs(tg.tensor(signal), axes=axes).numpy(), theirs(signal, axes=axes))
        np.testing.assert_array_equal(getattr(tg.fft, name)(signal, axes), theirs(signal, axes=axes))
        assert tg.check_gradients(lambda x, f=theirs: f(x, axes=axes) ** 2, signal, order=2).ok


def test_frequencies_are_numpys():
    np.testing.assert_array_equal(tg.fft.fftfreq(5, 0.1), np.fft.fftfreq(5, 0.1))
    np.testing.assert_array_equal(tg.fft.rfftfreq(6), np.fft.rfftfreq(6))


def test_the_ends_of_a_real_spectrum_count_once():
    for n in (1, 2, 5, 6):
        signal = x(n)
        gradient = tg.grad(lambda signal: np.sum(np.abs(np.fft.rfft(signal)) ** 2))(signal)
        whole = np.fft.fft(signal)
        half = [k for k in range(n) if k <= n // 2]
        masked = np.where(np.isin(np.arange(n), half), whole, 0)
        np.testing.assert_allclose(gradient, 2 * n * np.real(np.fft.ifft(masked)), atol=1e-12)
    spectrum = z(4)
    gradient = tg.grad(lambda s: np.sum(np.fft.irfft(s) ** 3))(spectrum)
    assert gradient[0].imag == gradient[-1].imag == 0
    assert tg.grad(lambda s: np.sum(np.fft.irfft(s, 7) ** 3))(spectrum)[-1].imag != 0


def test_parseval():
    signal = z(3, 4)
    gradient = tg.grad(lambda s: np.sum(np.abs(np.fft.fft2(s, norm="ortho")) ** 2))(signal)
    np.testing.assert_allclose(gradient, 2 * signal)


def test_what_is_wrong_with_the_arguments():
    with pytest.raises(ValueError, match="fft: s has 1 lengths and axes 2; give one for each"):
        tg.fft.fft2(x(2, 2), s=(3,))
    with pytest.raises(ValueError, match='fft: norm is \'unit\'; give "backward", "ortho" or "forward"'):
        tg.fft.hfft(x(3), norm="unit")
