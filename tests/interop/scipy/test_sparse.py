"""tg.scipy.sparse: products with sparse matrices of every format and with linear operators."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable

sparse = pytest.importorskip("scipy.sparse")
linalg = pytest.importorskip("scipy.sparse.linalg")
matmul = tg.scipy.sparse.matmul

_rng = np.random.default_rng(3)
M = _rng.standard_normal((4, 3)) * (_rng.random((4, 3)) > 0.4)
RIGHT = [_rng.standard_normal(3), _rng.standard_normal((3, 2))]
LEFT = [_rng.standard_normal(4), _rng.standard_normal((2, 4))]


@pytest.mark.parametrize("of", [sparse.csr_array, sparse.csr_matrix])
@pytest.mark.parametrize("form", ["csr", "csc", "coo", "dia", "bsr", "lil", "dok"])
def test_the_dense_factor_of_every_format(form, of):
    a = of(M).asformat(form)
    for x in RIGHT:
        np.testing.assert_array_equal(matmul(a, tg.tensor(x)).numpy(), a @ x)
        np.testing.assert_array_equal(matmul(a, x), a @ x)
        assert tg.check_gradients(lambda x: matmul(a, x), x, order=2).ok
    for x in LEFT:
        np.testing.assert_allclose(matmul(tg.tensor(x), a).numpy(), x @ a, rtol=1e-14)
        assert tg.check_gradients(lambda x: matmul(x, a), x, order=2).ok


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
@pytest.mark.parametrize("i", [0, 1j], ids=["real", "complex"])
def test_the_entries(form, i):
    a = sparse.csr_array(M * (1 + i)).asformat(form)
    for x in RIGHT:
        assert tg.check_gradients(lambda d, x: matmul(a, x, data=d), a.data, x + i, order=2).ok
        np.testing.assert_allclose(matmul(a, x, data=tg.tensor(2 * a.data)).numpy(), 2 * (a @ x))
    for x in LEFT:
        assert tg.check_gradients(lambda d, x: matmul(x, a, data=d), a.data, x + i, order=2).ok
    dense = tg.grad(lambda d: np.sum(np.abs(d @ RIGHT[0]) ** 2))(a.toarray())
    entries = tg.grad(lambda d: np.sum(np.abs(matmul(a, RIGHT[0], data=d)) ** 2))(a.data)
    at = a.tocoo()
    np.testing.assert_allclose(entries, dense[at.row, at.col])


def test_linear_operators():
    a = linalg.aslinearoperator(M * (1 + 2j))
    for x in RIGHT:
        assert tg.check_gradients(lambda x: matmul(a, x), x, order=2).ok
    assert tg.check_gradients(lambda x: matmul(x, a), LEFT[1], order=2).ok


def test_products_by_at_name_it():
    t = tg.tensor(RIGHT[0], requires_grad=True)
    a = sparse.csr_array(M)
    for product in (lambda: a @ t, lambda: linalg.aslinearoperator(M) @ t):
        with pytest.raises(NotDifferentiable, match=r"scipy.sparse.*multiply by tg.scipy.sparse.matmul\(A, t\)"):
            product()
    with pytest.raises(NotDifferentiable, match=r"solve by tg.scipy.linalg.solve\(A.toarray\(\), t\)"):
        linalg.spsolve(a.T @ a, t)


def test_compiled_steps_take_them():
    a = sparse.csr_array(M)
    step = tg.compile(lambda d, x: (matmul(a, x, data=d) + matmul(a, x)).sum())
    for k in (1.0, 2.0):
        assert step(k * a.data, RIGHT[0]).item() == pytest.approx((1 + k) * (a @ RIGHT[0]).sum())


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: matmul(M, tg.tensor(RIGHT[0])), TypeError, "ndarray @ Tensor has no sparse factor; give one"),
        (lambda: matmul(sparse.csr_array(M), sparse.csr_array(M.T)), TypeError, "has two sparse factors"),
        (lambda: matmul(sparse.csr_array(M), tg.tensor(2.0)), ValueError, r"shape \(\); give a vector or a matrix"),
        (lambda: matmul(sparse.lil_array(M), RIGHT[0], data=np.ones(3)), TypeError, r"not lil; use A.tocsr\(\)"),
        (lambda: matmul(sparse.csr_array(M), RIGHT[0], data=np.ones(2)), ValueError, r"data has shape \(2,\), and A"),
        (lambda: matmul(sparse.csr_array(M), tg.tensor(LEFT[0])), ValueError, "dimension mismatch"),
    ],
)  # fmt: skip
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
