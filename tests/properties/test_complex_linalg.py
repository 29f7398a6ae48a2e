"""Linear algebra of complex matrices: gradients as PyTorch's, which follow the same convention, and by differences."""

from typing import Any

import numpy as np
import pytest

import tinygraph as tg

rng = np.random.default_rng(13)


def z(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(rng.standard_normal(shape) + 1j * rng.standard_normal(shape))


def regular(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(z(*shape) + 4 * np.eye(shape[-1]))


def size(x: Any) -> Any:
    """A real function of complex arrays that is not analytic."""
    return (x.real**3 + x.real * x.imag - x.imag**2).sum()


def projection(basis: Any) -> Any:
    p = basis[..., :, :2] @ basis[..., :, :2].mT.conj()
    return p * p


def hermitian(x: Any) -> Any:
    return x + x.mT.conj()


CALLS: dict[str, tuple[Any, Any]] = {
    "det": (lambda l, a: size(l.linalg.det(a)), z(2, 4, 4)),
    "slogdet": (lambda l, a: l.linalg.slogdet(a)[1].sum() + size(l.linalg.slogdet(a)[0]), z(2, 4, 4)),
    "inv": (lambda l, a: size(l.linalg.inv(a)), regular(2, 4, 4)),
    "solve": (lambda l, a: size(l.linalg.solve(a, a.mT @ a)), regular(2, 4, 4)),
    "pinv": (lambda l, a: size(l.linalg.pinv(a)), z(2, 5, 3)),
    "pinv wide": (lambda l, a: size(l.linalg.pinv(a)), z(3, 5)),
    "cholesky": (lambda l, a: size(l.linalg.cholesky(a @ a.mT.conj())), regular(2, 4, 4)),
    "qr": (lambda l, a: size(l.linalg.qr(a)[0]) + size(l.linalg.qr(a)[1]), z(2, 5, 3)),
    "qr wide": (lambda l, a: size(l.linalg.qr(a)[0]) + size(l.linalg.qr(a)[1]), z(3, 5)),
    "eigvalsh": (lambda l, a: (l.linalg.eigvalsh(hermitian(a)) ** 3).sum(), z(2, 4, 4)),
    "eigh": (lambda l, a: size(projection(l.linalg.eigh(hermitian(a))[1])), z(2, 4, 4)),
    "eigvals": (lambda l, a: size(l.linalg.eigvals(a) ** 2), regular(2, 4, 4)),
    "eig": (lambda l, a: (abs(l.linalg.eig(a)[1]) ** 3).sum(), regular(2, 4, 4)),
    "svdvals": (lambda l, a: (l.linalg.svdvals(a) ** 3).sum(), z(2, 5, 3)),
    "svd": (lambda l, a: size(projection(l.linalg.svd(a, full_matrices=False)[0])), z(2, 5, 3)),
    "svd of both": (lambda l, a: size(both(l.linalg.svd(a, full_matrices=False))), z(2, 3, 5)),
    "norm": (lambda l, a: l.linalg.norm(a), z(3, 4)),
    "norm 3": (lambda l, a: l.linalg.vector_norm(a, ord=3), z(3, 4)),
    "norm nuc": (lambda l, a: l.linalg.matrix_norm(a, ord="nuc"), z(3, 4)),
    "norm 1": (lambda l, a: l.linalg.matrix_norm(a, ord=1), z(3, 4)),
    "vecdot": (lambda l, a: size(l.linalg.vecdot(a, a * a)), z(3, 4)),
}


def both(factors: Any) -> Any:
    u, s, vh = factors
    return u[..., :, :2] @ (s[..., :2, None] ** 2 * vh[..., :2, :])


@pytest.mark.parametrize("name", CALLS)
def test_gradients_against_torch(name):
    torch = pytest.importorskip("torch")
    f, a = CALLS[name]
    t = torch.tensor(a, requires_grad=True)
    f(torch, t).backward()
    ours = tg.grad(lambda a: f(tg, a))(a)
    np.testing.assert_allclose(ours, t.grad.numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", CALLS)
def test_second_derivatives_by_differences_of_gradients(name):
    f, a = CALLS[name]
    direction = z(*a.shape)
    slope = tg.grad(lambda a: f(tg, a))
    h = 1e-5
    differences = (slope(a + h * direction) - slope(a - h * direction)) / (2 * h)
    along = tg.grad(lambda a: (tg.grad(lambda b: f(tg, b))(a) * direction.conj()).real.sum())(a)
    np.testing.assert_allclose(along, differences, rtol=1e-5, atol=1e-6 * max(1.0, np.abs(differences).max()))


def test_real_matrices_with_complex_eigenvalues_have_real_gradients():
    a = np.array([[0.0, 1.0, 0.3], [-1.0, 0.1, 0.2], [0.1, 0.3, 2.0]])

    def loss(a):
        w = np.linalg.eigvals(a)
        return (w * w * w).real.sum() + (abs(w) ** 3).sum()

    found, h = tg.grad(loss)(a), 1e-6
    assert found.dtype == np.float64
    differences = [(loss(a + h * e) - loss(a - h * e)) / (2 * h) for e in np.eye(9).reshape(9, 3, 3)]
    np.testing.assert_allclose(found.ravel(), differences, rtol=1e-7, atol=1e-7)


def test_complex_roots_of_a_real_polynomial():
    def loss(p):
        r = np.roots(p)
        return (abs(r) ** 4).sum() + (r * r).real.sum()

    p, h = np.array([1.0, 0.5, 2.0]), 1e-6
    differences = [(loss(p + h * e) - loss(p - h * e)) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(tg.grad(loss)(p), differences, rtol=1e-7)
