"""Parts of complex numbers: functions that are not analytic, whose rules therefore conjugate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.declare import elementwise, linear

__all__ = ["angle", "conj", "conjugate", "imag", "real", "real_if_close"]


def is_complex(x: Any) -> bool:
    """Whether `x` is of a complex dtype; a Symbol, which has none, is not."""
    return getattr(getattr(x, "dtype", None), "kind", "") == "c"


def conjugate_of(x: Any) -> Any:
    """The conjugate of a complex `x`; a real one itself, without copying."""
    return np.conjugate(x) if is_complex(x) else x


def direction(x: Any) -> Any:
    """d|x|/dx: the sign of a real `x`, the conjugate of x / |x| of a complex one, 0 at 0."""
    if not is_complex(x):
        return np.sign(x)
    size = np.absolute(x)
    return np.conjugate(x) / np.where(np.equal(size, 0), np.inf, size)


conjugate = conj = linear(lambda g, y, x: np.conjugate(g), holomorphic=False, conjugates=True)(np.conjugate)


@linear(lambda g, y, x: g, holomorphic=False, conjugates=True, spelling="np.real")
def real(x):  # type: ignore[no-untyped-def]
    """The real part of `x`; a real `x` itself.

    >>> real(np.array([1.0 + 2.0j]))
    array([1.])
    """
    return np.real(x)


@linear(lambda g, y, x: g * -1j, holomorphic=False, conjugates=True, spelling="np.imag")
def imag(x):  # type: ignore[no-untyped-def]
    """The imaginary part of `x`; zeros for a real `x`.

    >>> imag(np.array([1.0 + 2.0j]))
    array([2.])
    """
    return np.imag(x)


def _angle_slope(x: Any, deg: bool) -> Any:
    """d angle = Im(dz / z) = Re(-i/z dz); 0 at 0, where the angle jumps, and for real numbers."""
    if not is_complex(x):
        return np.zeros_like(x)
    still = np.equal(x, 0)
    return (-180j / math.pi if deg else -1j) * np.where(still, 0, 1 / np.where(still, 1, x))


@elementwise(
    lambda y, x, *, deg: _angle_slope(x, deg),
    conjugates=True,
    ties=lambda y, x, *, deg: np.equal(x, 0),
    spelling="np.angle",
)
def angle(x, *, deg=False):  # type: ignore[no-untyped-def]
    """The argument of `x` in (-pi, pi], in degrees with `deg`; its derivative at 0 is 0.

    >>> float(angle(np.array(1j), deg=True))
    90.0
    """
    return np.angle(x, deg)


def real_if_close(a: Any, tol: float = 100) -> Any:
    """The real part of `a` where all imaginary parts are below `tol` times the rounding of its dtype, else `a`.

    `tol` above 1 counts in units of rounding, else it is the limit itself.

    >>> real_if_close(np.array([2.0 + 1e-16j]))
    array([2.])
    """
    if not is_complex(a):
        return a
    limit = float(np.finfo(a.dtype).eps) * tol if tol > 1 else tol
    return real(a) if bool(np.all(np.absolute(np.imag(a)) < limit)) else a
