"""Polynomials as arrays of coefficients, the highest power first; fitting them; and convolution, their product."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..engine.declare import linear, primitive
from . import linalg
from .complex_parts import conjugate_of as conj
from .indexing import tensor_or_array

__all__ = [
    "convolve", "correlate", "poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub",
    "polyval", "roots",
]  # fmt: skip


def _unfold(g: Any, n: int, m: int, mode: str) -> Any:
    """The gradient of the full convolution of lengths `n` and `m`, given that of what `mode` cuts out of it."""
    start = {"full": 0, "same": (min(n, m) - 1) // 2, "valid": min(n, m) - 1}[mode]
    rest = n + m - 1 - start - g.shape[0]
    return np.pad(g, ((start, rest),)) if start or rest else g


def _convolve_rule(g: Any, n: int, y: Any, mode: str) -> Any:
    return np.convolve(_unfold(g, n, y.shape[0], mode), np.flip(y), "valid")


@linear(
    lambda g, z, x, y, *, mode: _convolve_rule(g, x.shape[0], y, mode),
    lambda g, z, x, y, *, mode: _convolve_rule(g, y.shape[0], x, mode),
    name="convolve",
    symbol="∗",
    spelling="np.convolve",
)
def _convolve(x, y, *, mode):  # type: ignore[no-untyped-def]
    return np.convolve(x, y, mode)


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """The sums of a[i] * v[k − i] over i, for every k.

    `mode` keeps them all ("full"), the middle ones, as many as the longer input has ("same"), or those for which the
    inputs overlap completely ("valid").

    >>> convolve(np.array([1.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    array([1., 3., 3., 2.])
    """
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"convolve: mode is {mode!r}; use 'full', 'same' or 'valid'")
    a, v = _vector(a), _vector(v)
    if not a.shape[0] or not v.shape[0]:
        raise ValueError(f"convolve: lengths {a.shape[0]} and {v.shape[0]}; both need an element at least")
    return _convolve(a, v, mode=mode)


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """The sums of a[i + k] * conj(v)[i] over i, for every k, in the modes of `convolve`.

    >>> correlate(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0]))
    array([2., 3.])
    """
    a, v = _vector(a), conj(_vector(v))
    if a.shape[0] < v.shape[0]:
        return np.flip(convolve(v, np.flip(a), mode))
    return convolve(a, np.flip(v), mode)


def _vector(x: Any) -> Any:
    """`x` as an array or Tensor of one axis at least."""
    return np.reshape(x, (1,)) if np.ndim(x) == 0 else x if hasattr(x, "dtype") else np.asarray(x)


# ------------------------------------------------------------------------------------- values and arithmetic


def polyval(p: Any, x: Any) -> Any:
    """p[0] x^d + … + p[d] for every element of `x`, by Horner's scheme.

    >>> polyval(np.array([1.0, 0.0, 2.0]), np.array([1.0, 3.0]))
    array([ 3., 11.])
    """
    p, y = tensor_or_array(p), np.zeros_like(x)
    for k in range(len(p)):
        y = y * x + p[k]
    return y


def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials.

    >>> polyadd(np.array([1.0, 2.0]), np.array([1.0]))
    array([1., 3.])
    """
    a1, a2 = _vector(a1), _vector(a2)
    longest = max(a1.shape[0], a2.shape[0])
    a1, a2 = (np.pad(a, ((longest - a.shape[0], 0),)) for a in (a1, a2))
    return a1 + a2


def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials.

    >>> polysub(np.array([1.0, 2.0]), np.array([1.0]))
    array([1., 1.])
    """
    return polyadd(a1, np.negative(_vector(a2)))


def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials: the convolution of their coefficients.

    >>> polymul(np.array([1.0, 1.0]), np.array([1.0, -1.0]))
    array([ 1.,  0., -1.])
    """
    return convolve(a1, a2)


def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """Quotient and remainder of `u` divided by `v`, whose first coefficient is not 0.

    The remainder keeps its leading zeros, which `np.polydiv` cuts off as far as they are small.

    >>> quotient, remainder = polydiv(np.array([1.0, 0.0, -1.0]), np.array([1.0, 1.0]))
    >>> quotient, remainder
    (array([ 1., -1.]), array([0.]))
    """
    u, v = _vector(u) + 0.0, _vector(v) + 0.0
    steps, n = u.shape[0] - v.shape[0] + 1, v.shape[0]
    if steps < 1:
        return np.zeros_like(u[:1]), u
    quotient = []
    for _ in range(steps):
        quotient.append(u[0] / v[0])
        u = np.concatenate([u[1:n] - quotient[-1] * v[1:], u[n:]])
    return np.stack(quotient), u if n > 1 else np.zeros_like(v)


def polyder(p: Any, m: int = 1) -> Any:
    """The `m`-th derivative of a polynomial.

    >>> polyder(np.array([1.0, 1.0, 1.0]))
    array([2., 1.])
    """
    if m < 0:
        raise ValueError(f"polyder: order {m}; give 0 or more, or use polyint")
    p = _vector(p)
    for _ in range(m):
        p = p[:-1] * np.arange(p.shape[0] - 1, 0, -1)
    return p


def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The `m`-th integral of a polynomial, with the constants `k`, the first integral's first; zeros by default.

    >>> polyint(np.array([2.0, 1.0]))
    array([1., 1., 0.])
    """
    if m < 0:
        raise ValueError(f"polyint: order {m}; give 0 or more, or use polyder")
    p, k = _vector(p), _vector(0.0 if k is None else k)
    if k.shape[0] == 1:
        k = np.broadcast_to(k, (m,))
    if k.shape[0] < m:
        raise ValueError(f"polyint: {k.shape[0]} constants for order {m}; give one for each integral, or one for all")
    for i in range(m):
        p = np.concatenate([p / np.arange(p.shape[0], 0, -1), k[i : i + 1]])
    return p


def _characteristic_rule(g: Any, y: Any, a: Any) -> Any:
    """dc_k = −tr(B_(k−1) da) with B_0 = 1, B_k = a B_(k−1) + c_k 1: Faddeev, Sominsky 1949."""
    eye = b = np.eye(a.shape[0], dtype=a.dtype)
    found = np.zeros_like(a)
    for k in range(1, a.shape[0] + 1):
        found = found - g[k] * np.transpose(b)
        b = a @ b + y[k] * eye
    return found


@primitive(_characteristic_rule, conjugates=True)
def characteristic(a):  # type: ignore[no-untyped-def]
    """The coefficients of det(λ − a), the highest power of λ first: polynomials in the elements, smooth everywhere.

    >>> characteristic(np.array([[1.0, 2.0], [3.0, 4.0]])).round(9)
    array([ 1., -5., -2.])
    """
    return np.poly(a)


def poly(seq_of_zeros: Any) -> Any:
    """The polynomial with the given roots and leading coefficient 1; of a square matrix, the characteristic one.

    It is real where the matrix is, or the roots come in conjugate pairs: then only what moves its real part counts.

    >>> poly(np.array([1.0, -1.0]))
    array([ 1.,  0., -1.])
    """
    zeros = _vector(seq_of_zeros)
    wide = np.dtype(np.mintypecode(zeros.dtype.char))
    if zeros.dtype != wide:  # whole numbers and float16, as NumPy
        zeros = zeros.astype(wide)
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] != 0:
        return characteristic(zeros)
    one = np.ones(1, zeros.dtype)
    p = one
    for i in range(zeros.shape[0]):
        p = convolve(p, np.concatenate([one, -zeros[i : i + 1]]))
    paired = p.dtype.kind == "c" and bool(np.all(np.equal(np.sort(zeros), np.sort(conj(zeros)))))
    return np.real(p) if paired else p


def roots(p: Any) -> Any:
    """The roots of a polynomial: the eigenvalues of its companion matrix.

    Those of a real polynomial are real where all are. Zeros in front of `p` are cut off first, and have no derivative;
    repeated roots have none, and raise LinAlgError as `eig` does.

    >>> np.sort(roots(np.array([1.0, 0.0, -1.0])))
    array([-1.,  1.])
    """
    p = _vector(p)
    if p.dtype.kind in "biu" or p.dtype.char == "e":
        p = p.astype(np.float64)
    kept = [k for k, there in enumerate(np.not_equal(p, 0).tolist()) if there]
    if not kept:
        return np.zeros(0)
    if p.shape[0] - kept[0] == 1:  # a constant
        return np.zeros(0)
    found = _companion_eigenvalues(p[kept[0] :])
    if found.dtype.kind == "c" and p.dtype.kind != "c" and not bool(np.any(np.imag(found))):
        found = np.real(found)  # since NumPy 2.5 eigenvalues are complex always
    if kept[-1] == p.shape[0] - 1:
        return found
    found = np.take(found, np.argsort(np.equal(found, 0), kind="stable"))  # roots that are 0 come last
    others = _companion_eigenvalues(p[kept[0] : kept[-1] + 1])  # and those that are not, in the order of these
    n, ranks = others.shape[0], np.argsort(np.argsort(others))
    return np.concatenate([np.take(found[:n], np.take(np.argsort(found[:n]), ranks)), found[n:]])


def _companion_eigenvalues(p: Any) -> Any:
    n = p.shape[0] - 1
    if n < 1:
        return np.zeros(0, p.dtype)
    first = (-p[1:] / p[0])[None, :]
    return linalg.eigvals(np.concatenate([first, np.eye(n - 1, n, dtype=p.dtype)]))


# --------------------------------------------------------------------------------------------------- fitting


def polyfit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """The coefficients of the polynomial of degree `deg` that fits y(x) best, with weights `w`, in least squares.

    With `full`, also what `lstsq` says (residuals, rank, singular values) and `rcond`; with `cov`, the covariance of
    the coefficients, scaled by the residuals unless `cov` is "unscaled".

    >>> polyfit(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), 1).round(9)
    array([2., 1.])
    """
    x, y = tensor_or_array(x) + 0.0, tensor_or_array(y) + 0.0
    if deg < 0 or x.ndim != 1 or not x.shape[0] or y.ndim not in (1, 2) or y.shape[0] != x.shape[0]:
        raise ValueError(
            f"polyfit: degree {deg}, x of shape {x.shape}, y of shape {y.shape}; give a degree of 0 or more, "
            f"a vector x and y as long, in one or more columns"
        )
    rcond = x.shape[0] * np.finfo(x.dtype).eps if rcond is None else rcond
    exact = x.astype(np.promote_types(x.dtype, int))
    columns = np.stack([np.power(exact, k) for k in range(deg, -1, -1)], axis=-1)
    target = y
    if w is not None:
        w = tensor_or_array(w) + 0.0
        columns, target = columns * w[:, None], y * (w[:, None] if y.ndim == 2 else w)
    scale = np.sqrt(np.sum(columns * columns, axis=0))
    columns = columns / scale
    p, residuals, rank, s = linalg.lstsq(columns, target, rcond)
    p = p / (scale[:, None] if y.ndim == 2 else scale)
    if full:
        return p, residuals, rank, s, rcond
    if int(rank) <= deg:
        message = f"polyfit: the points determine {int(rank)} of {deg + 1} coefficients; lower the degree"
        warnings.warn(message, np.exceptions.RankWarning, stacklevel=2)
    if not cov:
        return p
    spread = linalg.inv(columns.T @ columns) / (scale[:, None] * scale)
    if cov == "unscaled":
        return p, spread
    freedom = x.shape[0] - deg - 1
    if freedom <= 0:
        raise ValueError(f"polyfit: {x.shape[0]} points for degree {deg} leave nothing to estimate the covariance from")
    factor = residuals / freedom
    return p, spread * factor if y.ndim == 1 else spread[:, :, None] * factor
