"""Discrete Fourier transforms by NumPy's names (`tg.fft`): three linear operations, everything else composed of them.

The matrix of a transform is symmetric, so that `fft` is its own transpose. A real transform leaves out the half of the
spectrum that is the conjugate of the other: all frequencies but 0 and, for even lengths, the highest stand for two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.declare import linear
from ..engine.settings import Setting, settings
from .indexing import getitem, index_of_axis

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft",
    "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip

_OPPOSITE = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}
"""The norm with which the transform the other way has the factor that this one has."""

fftfreq, rfftfreq = np.fft.fftfreq, np.fft.rfftfreq


# ------------------------------------------------------------------------------------------------ operations


def _fft_rule(g: Any, y: Any, x: Any, *, axes: tuple[int, ...], norm: str | None, inverse: bool) -> Any:
    return _transform(g, axes=axes, norm=norm, inverse=inverse)


@linear(_fft_rule, name="fft")
def _transform(x, *, axes=(-1,), norm=None, inverse=False):  # type: ignore[no-untyped-def]
    if len(axes) == 1:
        return (np.fft.ifft if inverse else np.fft.fft)(x, axis=axes[0], norm=norm)
    return (np.fft.ifftn if inverse else np.fft.fftn)(x, axes=axes, norm=norm)


def _weights(like: Any, n: int, axis: int, inner: float) -> Any:
    """Weights of the frequencies of a real signal of length n: `inner` for those that stand for two, else 1."""
    length = n // 2 + 1
    weights = np.full(length, inner, np.finfo(like.dtype).dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return weights.reshape([length if k == axis % like.ndim else 1 for k in range(like.ndim)])


def _rfft_rule(g: Any, y: Any, x: Any, *, axis: int, norm: str | None) -> Any:
    n = x.shape[axis]
    halves = np.conjugate(g * _weights(g, n, axis, 0.5))
    return _irfft(halves, n=n, axis=axis, norm=_opposite_norm(norm))


@linear(_rfft_rule, holomorphic=False, conjugates=True, name="rfft")
def _rfft(x, *, axis=-1, norm=None):  # type: ignore[no-untyped-def]
    return np.fft.rfft(x, axis=axis, norm=norm)


def _irfft_rule(g: Any, y: Any, x: Any, *, n: int | None, axis: int, norm: str | None) -> Any:
    half = _rfft(g, axis=axis, norm=_opposite_norm(norm))
    return np.conjugate(half * _weights(half, g.shape[axis], axis, 2.0))


@linear(_irfft_rule, holomorphic=False, conjugates=True, name="irfft")
def _irfft(x, *, n=None, axis=-1, norm=None):  # type: ignore[no-untyped-def]
    return np.fft.irfft(x, n, axis, norm)


def _of_length(x: Any, n: int | None, axis: int) -> Any:
    """`x` of length `n` along `axis`: cut at the end, or continued with zeros; None and -1 leave it as it is."""
    length = np.shape(x)[axis]
    if n is None or n == -1 or n == length:
        return x
    axis %= np.ndim(x)
    if n < length:
        return getitem(x, index=index_of_axis(axis, slice(0, n)))
    return np.pad(x, [(0, n - length if k == axis else 0) for k in range(np.ndim(x))])


def _axes(x: Any, s: Sequence[int] | None, axes: Sequence[int] | None) -> tuple[list[int | None], tuple[int, ...]]:
    """Lengths (None for that of `x`) and axes, as NumPy completes them."""
    if axes is None:
        axes = range(-(np.ndim(x) if s is None else len(s)), 0)
    axes = tuple(int(a) for a in axes)
    if s is not None and len(s) != len(axes):
        raise ValueError(f"fft: s has {len(s)} lengths and axes {len(axes)}; give one for each")
    return [None] * len(axes) if s is None else list(s), axes


# ----------------------------------------------------------------------------------------- along one axis


@settings
def fft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """y[k] = sum over j of a[j] exp(-2 pi i jk/n), along `axis`, of the first `n` elements (zeros after the last).

    `norm` says what has the factor: "backward" (default), the inverse 1/n; "forward", this one 1/n; "ortho", each
    1/sqrt(n).

    >>> fft(np.array([1.0, 2.0]))
    array([ 3.+0.j, -1.+0.j])
    """
    return _transform(_of_length(a, n, axis), axes=(axis,), norm=norm, inverse=False)


@settings
def ifft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """The inverse of `fft`: x[j] = 1/n times the sum over k of a[k] exp(2 pi i jk/n)."""
    return _transform(_of_length(a, n, axis), axes=(axis,), norm=norm, inverse=True)


@settings
def rfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """The first n//2 + 1 elements of `fft` of a real `a`; the others are their conjugates.

    >>> rfft(np.array([1.0, 2.0, 3.0])).shape
    (2,)
    """
    return _rfft(_of_length(a, n, axis), axis=axis, norm=norm)


@settings
def irfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """The real inverse of `rfft`, of length `n`: 2 (m - 1) for m elements unless given (say it where n is odd).

    The imaginary part of element 0, and for even `n` of element n/2, is ignored: its gradient is 0.

    >>> irfft(rfft(np.array([1.0, 2.0, 3.0])), 3).round(12)
    array([1., 2., 3.])
    """
    n = 2 * (np.shape(a)[axis] - 1) if n is None else n
    return _irfft(_of_length(a, n // 2 + 1, axis) if n > 0 else a, n=n, axis=axis, norm=norm)


@settings
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """The real `fft` of a signal of which `a` is the first half; the second is its conjugate, as in `irfft`."""
    return irfft(np.conjugate(a), n, axis, norm=_opposite_norm(norm))


@settings
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """The inverse of `hfft`: the first half of `ifft` of a real `a`."""
    return np.conjugate(rfft(a, n, axis, norm=_opposite_norm(norm)))


def _opposite_norm(norm: str | None) -> str:
    """The norm with which the transform the other way has the factor that this one has."""
    if norm not in _OPPOSITE:
        raise ValueError(f'fft: norm is {norm!r}; give "backward", "ortho" or "forward"')
    return _OPPOSITE[norm]


# ------------------------------------------------------------------------------------- along several axes


@settings
def fftn(a: Any, s: Setting = None, axes: Setting = None, norm: str | None = None) -> Any:
    """`fft` along each of `axes` (all by default, the last len(s) where `s` gives lengths)."""
    return _transform_along(a, s, axes, norm, inverse=False)


@settings
def ifftn(a: Any, s: Setting = None, axes: Setting = None, norm: str | None = None) -> Any:
    """`ifft` along each of `axes`."""
    return _transform_along(a, s, axes, norm, inverse=True)


def _transform_along(a: Any, s: Any, axes: Any, norm: str | None, inverse: bool) -> Any:
    """The complex transform along several axes, of lengths `s`."""
    lengths, axes = _axes(a, s, axes)
    for n, axis in zip(lengths, axes, strict=True):
        a = _of_length(a, n, axis)
    return _transform(a, axes=axes, norm=norm, inverse=inverse)


@settings
def rfftn(a: Any, s: Setting = None, axes: Setting = None, norm: str | None = None) -> Any:
    """`rfft` along the last of `axes` and `fft` along the others, of a real `a`."""
    lengths, axes = _axes(a, s, axes)
    y = rfft(a, lengths[-1], axes[-1], norm)
    return _transform_along(y, lengths[:-1], axes[:-1], norm, inverse=False) if len(axes) > 1 else y


@settings
def irfftn(a: Any, s: Setting = None, axes: Setting = None, norm: str | None = None) -> Any:
    """The real inverse of `rfftn`: `ifft` along all of `axes` but the last, and `irfft` along that."""
    lengths, axes = _axes(a, s, axes)
    y = _transform_along(a, lengths[:-1], axes[:-1], norm, inverse=True) if len(axes) > 1 else a
    last = None if lengths[-1] == -1 else lengths[-1]
    return irfft(y, last, axes[-1], norm)


@settings
def fft2(a: Any, s: Setting = None, axes: Setting = (-2, -1), norm: str | None = None) -> Any:
    """`fftn` along two axes."""
    return fftn(a, s, axes, norm)


@settings
def ifft2(a: Any, s: Setting = None, axes: Setting = (-2, -1), norm: str | None = None) -> Any:
    """`ifftn` along two axes."""
    return ifftn(a, s, axes, norm)


@settings
def rfft2(a: Any, s: Setting = None, axes: Setting = (-2, -1), norm: str | None = None) -> Any:
    """`rfftn` along two axes."""
    return rfftn(a, s, axes, norm)


@settings
def irfft2(a: Any, s: Setting = None, axes: Setting = (-2, -1), norm: str | None = None) -> Any:
    """`irfftn` along two axes."""
    return irfftn(a, s, axes, norm)


# ------------------------------------------------------------------------------------------ order of frequencies


@settings
def fftshift(x: Any, axes: Setting = None) -> Any:
    """`x` with frequency 0 moved from the front to the middle of `axes` (all by default).

    >>> fftshift(fftfreq(4, 0.25))
    array([-2., -1.,  0.,  1.])
    """
    return _half_roll(x, axes, 1)


@settings
def ifftshift(x: Any, axes: Setting = None) -> Any:
    """The inverse of `fftshift`."""
    return _half_roll(x, axes, -1)


def _half_roll(x: Any, axes: Any, sign: int) -> Any:
    """`x` rolled by half its length, forward (sign 1) or back (sign -1), along each of `axes`."""
    if axes is None:
        axes = tuple(range(np.ndim(x)))
    axes = (axes,) if isinstance(axes, int | np.integer) else tuple(axes)
    return np.roll(x, tuple(sign * (np.shape(x)[a] // 2) for a in axes), axes)
