"""Gradients of functions of eigenvalues and singular values, and what is said where values are equal.

A function f(w) of the eigenvalues of x has as gradient the function f'(w) of the matrix: L diag(f') L⁻¹. Its derivative
has the divided differences (f'_j − f'_i) / (w_j − w_i): for equal values 0 / 0, of which the graph, that knows f' at
these values and not beside them, cannot find the limit. The same holds of eigenvectors at equal values, in the first
order. Pairs of values count as equal where their difference has lost three quarters of its digits.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...engine.declare import define, primitive
from ...engine.node import Recorded
from ...engine.op import Op
from ...errors import SingularPointWarning
from ..complex_parts import conjugate_of as conj
from ..products import swap
from .packing import gradient_on_triangle

VECTORS = (
    "the gradient of vectors of equal values, or of singular values 0, is taken as 0: it is right only for functions "
    "of the subspaces that belong to such values; write functions of matrices without vectors, such as "
    "tg.scipy.linalg.expm, or move the matrix a little"
)
VALUES = (
    "second derivatives of functions of equal eigenvalues or singular values, or of singular values 0, cannot be "
    "found by way of the values; write them without, such as sum(w**2) as trace(x @ x) and sum(log(w)) as "
    "slogdet(x), or move the matrix a little"
)
DEFECTIVE = (
    "an eigenvalue occurs several times with fewer vectors, such as a repeated root of a polynomial; it has no finite "
    "derivative: move the matrix a little, or write sums over eigenvalues as traces"
)


def combined(w: Any, sign: int) -> Any:
    """w_j + sign w_i for all pairs of the vectors of a batch: differences for -1, sums for 1, rows of w_j for 0."""
    return w[..., None, :] + sign * w[..., None] if sign else w[..., None, :]


def _collected(c: Any, sign: int) -> Any:
    """The gradient of w, given that of all w_j + sign w_i."""
    return np.sum(c, axis=-2) + sign * np.sum(c, axis=-1) if sign else np.sum(c, axis=-2)


def _divisors(m: Any, w: Any, sign: int, c: Any = None) -> tuple[Any, bool]:
    """`combined` values, infinite where they are 0 and in the diagonal of differences; and whether a 0 meets something.

    That is an element of `m`, or a column of it that the gradient `c` of the values has, where there is any `m`: what
    is multiplied by vectors there may be 0 with the values.
    """
    small, d = np.finfo(w.dtype).eps ** 0.75, combined(w, sign) + 0
    if sign == -1:
        np.einsum("...ii->...i", d)[...] = np.inf
    zero = np.abs(d) <= small * np.max(np.abs(w), axis=-1, initial=0)[..., None, None]
    if not np.any(zero):
        return d, False
    size = np.abs(m)
    largest = np.max(size, axis=(-2, -1), initial=0, keepdims=True)
    met = size > small * largest
    if c is not None:
        c = np.abs(c)[..., None, :]
        met = met | ((c > small * np.max(c, axis=-1, initial=0, keepdims=True)) & (largest > 0))
    if sign == 1 and m.dtype.kind != "c":  # a pair of real vectors has no phase
        met = met & ~np.eye(w.shape[-1], dtype=bool)
    d[zero] = np.inf
    return d, bool(np.any(zero & met))


def _over_m(g: Any, y: Any, m: Any, w: Any, c: Any, **how: Any) -> Any:
    return over(g, w, c, **how)


def _over_w(g: Any, y: Any, m: Any, w: Any, c: Any, *, sign: int, at: str | None) -> Any:
    return _collected(-g * _slope(y, w, sign), sign)


@primitive(_over_m, _over_w, None, conjugates=True)
def over(m, w, c, *, sign, at):  # type: ignore[no-untyped-def]
    """m_ij / (w_j + sign w_i), and 0 where that is 0, with a SingularPointWarning where it meets something there.

    That is an element of `m`, or a value with a gradient `c`. Without `at` it is silent.
    """
    d, meets = _divisors(m, w, sign, c)
    if meets and at:
        warnings.warn(f"{at}: {VECTORS}", SingularPointWarning, stacklevel=2)
    return m / d


def _slope(m: Any, w: Any, sign: int) -> Any:
    """How a quotient moves with its numerator; what is 0 / 0 there, `quotients` has said."""
    return over(m, w, np.zeros(w.shape), sign=sign, at=None)


def _quotients_m(g: Any, y: Any, m: Any, c: Any, w: Any, **how: Any) -> Any:
    return quotients(g, c, w, **how)


def _quotients_c(g: Any, y: Any, m: Any, c: Any, w: Any, *, sign: int, varies: bool, at: str) -> Any:
    return _collected(g * _slope(m, w, sign), sign)


def _quotients_w(g: Any, y: Any, m: Any, c: Any, w: Any, *, sign: int, varies: bool, at: str) -> Any:
    return _collected(-g * _slope(y, w, sign), sign)


@primitive(_quotients_m, _quotients_c, _quotients_w, conjugates=True)
def quotients(m, c, w, *, sign, varies, at):  # type: ignore[no-untyped-def]
    """m_ij (c_j + sign c_i) / (w_j + sign w_i); LinAlgError where both are 0 and meet something, or the latter alone.

    A `c` that does not vary with `w` has the quotient 0 where both of a pair are equal.
    """
    found = combined(c, sign)
    d, meets = _divisors(m if varies else m * found, w, sign)
    if meets:
        raise np.linalg.LinAlgError(f"{at}: {VALUES}")
    return m * found / d


def _even_rule(g: Any, y: Any, m: Any, c: Any, w: Any, *, at: str) -> Any:
    return even(g, c, w, at=at)


@primitive(_even_rule, None, None, conjugates=True)
def even(m, c, w, *, at):  # type: ignore[no-untyped-def]
    """The matrices `m` themselves; LinAlgError where they mix vectors and `c` is not the same at equal values.

    Then c is not of a symmetric function, but of one with a corner there, such as the largest value. A `c` of zeros is
    one that is still to come, in forward mode, and may be any; there, `m` of rounding alone counts as none.
    """
    small, eye = np.finfo(w.dtype).eps ** 0.75, np.eye(w.shape[-1], dtype=bool)
    near = np.abs(combined(w, -1)) <= small * np.max(np.abs(w), axis=-1, initial=0)[..., None, None]
    largest = np.max(np.abs(c), axis=-1, initial=0)[..., None, None]
    uneven = ((np.abs(combined(c, -1)) > small * largest) | (largest == 0)) & ~eye
    floor = np.where(largest == 0, small, 0)
    size = np.abs(m)
    mixing = ~eye & (size > floor) & (size > small * np.max(size, axis=(-2, -1), initial=0, keepdims=True))
    mixes = np.any(mixing, axis=(-2, -1))
    if np.any(near & uneven & mixes[..., None, None]):
        raise np.linalg.LinAlgError(f"{at}: {VALUES}")
    return m + 0


def varies(g: Any) -> bool:
    """Whether what a rule is given is recorded itself, and going to be differentiated."""
    return isinstance(g, Recorded) and g.node is not None


def _with_transpose(kernel: Any, transposed: Any, rule: Any) -> Any:
    """An op of (c, w, left, right, x), linear in c, with its transpose: each is the other's derivative along `c`.

    Values and factors belong to x and come along, so that they are computed once: `rule` of (c, gradient, w, left,
    right, x) has all that moves with x. They cannot be given alone, so neither op is in the registry.
    """

    def declare(kernel: Any, other: str, rule: Any) -> Any:
        def along(g: Any, y: Any, c: Any, w: Any, left: Any, right: Any, x: Any, **how: Any) -> Any:
            return ops[other](g, w, left, right, x, **how)

        return define(Op("primitive", kernel, (along, None, None, None, rule), conjugates=True)).function

    ops = {}
    ops["plain"] = declare(
        kernel, "transposed", lambda g, y, c, w, left, right, x, **how: rule(c, g, w, left, right, x, **how)
    )
    ops["transposed"] = declare(
        transposed, "plain", lambda g, y, e, w, left, right, x, **how: rule(g, e, w, left, right, x, **how)
    )
    return ops["plain"]


# ------------------------------------------------------------------------------------------- eigenvalues


@primitive(lambda g, y, v, w, x: -(swap(y) @ g @ swap(y)), None, None, conjugates=True)
def inverse_of_vectors(v, w, x):  # type: ignore[no-untyped-def]
    """V⁻¹ for the eigenvectors V of x = V diag(w) V⁻¹; raises LinAlgError where they are too few, as far as digits go.

    Warns where values cannot be told from equal ones that share a vector: there, rounding alone has parted them.
    """
    eps = np.finfo(v.dtype).eps
    try:
        inverse = np.linalg.inv(v)
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(f"eig: {DEFECTIVE}") from None
    condition, apart = np.max(np.abs(inverse), axis=-1, initial=0), np.abs(combined(w, -1))
    np.einsum("...ii->...i", apart)[...] = np.inf
    equal = apart <= 10 * eps * np.max(np.abs(w), axis=-1, initial=0)[..., None, None]
    if np.any(equal & (condition > 0.01 / eps)[..., None]):
        raise np.linalg.LinAlgError(f"eig: {DEFECTIVE}")
    blur = 100 * eps * np.sum((np.abs(inverse) @ np.abs(x)) * np.abs(swap(v)), axis=-1)
    if np.any((apart <= combined(blur, 1)) & (condition > eps**-0.25)[..., None]):
        warnings.warn(f"eig: {DEFECTIVE}", SingularPointWarning, stacklevel=2)
    return inverse


def eigen_factors(x: Any, uplo: str | None) -> tuple[Any, Any, Any]:
    """w, L and L⁻¹ of xᵀ = L diag(w) L⁻¹; where a triangle is named, of the Hermitian matrix that it stands for."""
    if uplo is None:
        w, v = np.linalg.eig(x)
        return w, swap(inverse_of_vectors(v, w, x)), swap(v)
    w, v = np.linalg.eigh(x, uplo)  # type: ignore[call-overload]
    return w, conj(v), swap(v)


def _eigen_rule(c: Any, e: Any, w: Any, left: Any, right: Any, x: Any, *, uplo: str | None, **how: Any) -> Any:
    """L (D∘(L⁻¹ eᵀ L)) L⁻¹, D_ij = (c_j − c_i) / (w_j − w_i): Daleckii, Krein 1965."""
    if varies(x):
        w, left, right = eigen_factors(x, uplo)
    found = left @ quotients(even(right @ swap(e) @ left, c, w, at=how["at"]), c, w, sign=-1, **how) @ right
    return found if uplo is None else gradient_on_triangle(found, upper=uplo == "U")


def _of_eigenvalues(c, w, left, right, x, *, uplo, varies, at):  # type: ignore[no-untyped-def]
    """L diag(c) L⁻¹ for `left` L and `right` L⁻¹: the function of xᵀ = L diag(w) L⁻¹ that is c at its eigenvalues w."""
    return (left * c[..., None, :]) @ right


def _along_eigenvalues(e, w, left, right, x, *, uplo, varies, at):  # type: ignore[no-untyped-def]
    """The diagonal of L⁻¹ eᵀ L: how the eigenvalues move along `e`, if each is moved by itself."""
    return np.sum((right @ swap(e)) * swap(left), axis=-1)


of_eigenvalues = _with_transpose(_of_eigenvalues, _along_eigenvalues, _eigen_rule)


# --------------------------------------------------------------------------------------- singular values


def _singular_rule(c: Any, e: Any, s: Any, u: Any, vh: Any, x: Any, **how: Any) -> Any:
    """U (D∘Hermitian(E) + T∘skew(E)) Vᴴ, E = Uᴴ e V, D_ij = (c_j − c_i) / (s_j − s_i), T the same of sums.

    And what leaves both subspaces, (1 − UUᴴ) e V (c/s) Vᴴ + U (c/s) Uᴴ e (1 − VVᴴ): Daleckii and Krein's formula for
    the eigenvalues ±s of [[0, x], [xᴴ, 0]].
    """
    if varies(x):
        u, s, vh = np.linalg.svd(x, full_matrices=False)
    v = conj(swap(vh))
    inner = even(conj(swap(u)) @ e @ v, c, s, at=how["at"])
    turned = conj(swap(inner))
    found = quotients((inner + turned) / 2, c, s, sign=-1, **how)
    found = u @ (found + quotients((inner - turned) / 2, c, s, sign=1, **how)) @ vh
    if u.shape[-2] > s.shape[-1]:
        found = found + quotients(e @ v - u @ inner, c, s, sign=0, **how) @ vh
    if v.shape[-2] > s.shape[-1]:
        found = found + u @ swap(quotients(swap(conj(swap(u)) @ e - inner @ vh), c, s, sign=0, **how))
    return conj(found)


def _of_singular_values(c, s, u, vh, x, *, varies, at):  # type: ignore[no-untyped-def]
    """The conjugate of U diag(c) Vᴴ, for x = U diag(s) Vᴴ."""
    return (conj(u) * c[..., None, :]) @ conj(vh)


def _along_singular_values(e, s, u, vh, x, *, varies, at):  # type: ignore[no-untyped-def]
    """The real part of the diagonal of Uᴴ e V̄: how the singular values move along the conjugate of `e`."""
    return np.real(np.sum((swap(conj(u)) @ e) * conj(vh), axis=-1))


of_singular_values = _with_transpose(_of_singular_values, _along_singular_values, _singular_rule)
