"""np.linalg on Tensors: every function, every keyword, NumPy's values and right derivatives; what is singular."""

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.numpy_twins import twins
from tests.properties.rows.linalg import definite, of_rank, regular, spread

rng = np.random.default_rng(11)


def x(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(rng.standard_normal(shape))


SYMMETRIC = spread(3, 3) + spread(3, 3).T
TALL, WIDE, SQUARE, BATCH = x(4, 2), x(2, 4), x(3, 3), x(2, 3, 2)
CALLS: dict[str, tuple[Any, ...]] = {
    "det": (lambda m, a: m.linalg.det(a), SQUARE),
    "det of a batch": (lambda m, a: m.linalg.det(a), x(2, 2, 2)),
    "slogdet": (lambda m, a: m.linalg.slogdet(a), SQUARE),
    "inv": (lambda m, a: m.linalg.inv(a), regular(2, 3, 3)),
    "pinv": (lambda m, a: m.linalg.pinv(a), TALL),
    "pinv rcond": (lambda m, a: m.linalg.pinv(a, 1e-5), WIDE),
    "pinv rtol": (lambda m, a: m.linalg.pinv(a, rtol=1e-5), BATCH),
    "pinv rtol None": (lambda m, a: m.linalg.pinv(a, rtol=None), TALL),
    "pinv hermitian": (lambda m, a: m.linalg.pinv(a, hermitian=True), SYMMETRIC),
    "solve a vector": (lambda m, a, b: m.linalg.solve(a, b), regular(3, 3), x(3)),
    "solve matrices": (lambda m, a, b: m.linalg.solve(a, b), regular(2, 3, 3), x(3, 2)),
    "lstsq": (lambda m, a, b: m.linalg.lstsq(a, b), TALL, x(4)),
    "lstsq of columns": (lambda m, a, b: m.linalg.lstsq(a, b, None), x(5, 2), x(5, 3)),
    "lstsq wide": (lambda m, a, b: m.linalg.lstsq(a, b), WIDE, x(2)),
    "lstsq rcond": (lambda m, a, b: m.linalg.lstsq(a, b, 1e-4), x(3, 3), x(3, 2)),
    "cholesky": (lambda m, a: m.linalg.cholesky(a), definite(2, 3, 3)),
    "cholesky upper": (lambda m, a: m.linalg.cholesky(a, upper=True), definite(3, 3)),
    "qr": (lambda m, a: m.linalg.qr(a), TALL),
    "qr wide": (lambda m, a: m.linalg.qr(a), WIDE),
    "qr of a batch": (lambda m, a: m.linalg.qr(a), BATCH),
    "qr r": (lambda m, a: m.linalg.qr(a, "r"), TALL),
    "qr r wide": (lambda m, a: m.linalg.qr(a, mode="r"), x(2, 2, 3)),
    "qr complete wide": (lambda m, a: m.linalg.qr(a, mode="complete"), WIDE),
    "eigh": (lambda m, a: m.linalg.eigh(a), SYMMETRIC),
    "eigh U": (lambda m, a: m.linalg.eigh(a, UPLO="U"), spread(2, 3, 3)),
    "eigvalsh": (lambda m, a: m.linalg.eigvalsh(a), SYMMETRIC),
    "eigvalsh u": (lambda m, a: m.linalg.eigvalsh(a, "u"), spread(2, 2, 2)),
    "eig": (lambda m, a: m.linalg.eig(a), spread(3, 3)),
    "eigvals": (lambda m, a: m.linalg.eigvals(a), spread(2, 3, 3)),
    "svd": (lambda m, a: m.linalg.svd(a, full_matrices=False), TALL),
    "svd wide": (lambda m, a: m.linalg.svd(a, False), WIDE),
    "svd square": (lambda m, a: m.linalg.svd(a), SQUARE),
    "svd values": (lambda m, a: m.linalg.svd(a, compute_uv=False), BATCH),
    "svd hermitian": (lambda m, a: m.linalg.svd(a, hermitian=True), SYMMETRIC - 5 * np.eye(3)),
    "svd hermitian values": (lambda m, a: m.linalg.svd(a, compute_uv=False, hermitian=True), SYMMETRIC - 5 * np.eye(3)),
    "svdvals": (lambda m, a: m.linalg.svdvals(a), WIDE),
    "cond": (lambda m, a: m.linalg.cond(a), SQUARE),
    **{f"cond {p}": (lambda m, a, p=p: m.linalg.cond(a, p), regular(2, 3, 3)) for p in (2, -2, 1, -1, "fro", "nuc")},
    "cond inf": (lambda m, a: m.linalg.cond(a, np.inf), regular(3, 3)),
    **{f"norm {o}": (lambda m, a, o=o: m.linalg.norm(a, o), x(4))
       for o in (None, 1, 2, 3, 0.5, -1, -3, np.inf, -np.inf)},
    **{f"norm of a matrix {o}": (lambda m, a, o=o: m.linalg.norm(a, o), x(3, 2))
       for o in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)},
    **{f"norm along an axis {o}": (lambda m, a, o=o: m.linalg.norm(a, o, axis=1), x(2, 3, 2))
       for o in (None, 1, 3, np.inf)},
    **{f"norm of matrices {o}": (lambda m, a, o=o: m.linalg.norm(a, o, axis=(2, 0), keepdims=True), x(2, 2, 3))
       for o in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)},
    "norm of all": (lambda m, a: m.linalg.norm(a), x(2, 3, 2)),
    "norm of all kept": (lambda m, a: m.linalg.norm(a, keepdims=True), x(2, 3, 2)),
    "norm kept": (lambda m, a: m.linalg.norm(a, 2, -1, True), x(2, 3)),
    "norm of axes": (lambda m, a: m.linalg.norm(a, axis=(-1, 0)), x(2, 3)),
    **{f"vector_norm {o}": (lambda m, a, o=o: m.linalg.vector_norm(a, ord=o, axis=(0, 2), keepdims=True), x(2, 3, 2))
       for o in (1, 2, 2.5, np.inf, -np.inf)},
    "vector_norm": (lambda m, a: m.linalg.vector_norm(a), x(2, 3)),
    **{f"matrix_norm {o}": (lambda m, a, o=o: m.linalg.matrix_norm(a, ord=o), x(2, 3, 2))
       for o in ("fro", "nuc", 1, -2, np.inf)},
    "matrix_norm": (lambda m, a: m.linalg.matrix_norm(a, keepdims=True), x(2, 3, 2)),
    **{f"matrix_power {n}": (lambda m, a, n=n: m.linalg.matrix_power(a, n), regular(2, 2, 2))
       for n in (1, 2, 3, 5, 6, -1, -3)},
    "multi_dot of two": (lambda m, a, b: m.linalg.multi_dot([a, b]), x(2, 3), x(3, 4)),
    "multi_dot of three": (lambda m, a, b, c: m.linalg.multi_dot([a, b, c]), x(2), x(2, 3), x(3, 2)),
    "multi_dot of five": (lambda m, *a: m.linalg.multi_dot(a), x(3, 5), x(5, 1), x(1, 4), x(4, 2), x(2)),
    "multi_dot to a number": (lambda m, a, b, c: m.linalg.multi_dot([a, b, c]), x(2), x(2, 3), x(3)),
    "tensorinv": (lambda m, a: m.linalg.tensorinv(a), (x(6, 6) + 4 * np.eye(6)).reshape(2, 3, 6)),
    "tensorinv ind": (lambda m, a: m.linalg.tensorinv(a, ind=1), (x(6, 6) + 4 * np.eye(6)).reshape(6, 2, 3)),
    "tensorsolve": (lambda m, a, b: m.linalg.tensorsolve(a, b), (x(6, 6) + 4 * np.eye(6)).reshape(2, 3, 6), x(2, 3)),
    "tensorsolve axes": (lambda m, a, b: m.linalg.tensorsolve(a, b, axes=(0,)),
                         np.moveaxis((x(6, 6) + 4 * np.eye(6)).reshape(2, 3, 6), -1, 0), x(2, 3)),
    "matrix_transpose": (lambda m, a: m.linalg.matrix_transpose(a), BATCH),
    "trace": (lambda m, a: m.linalg.trace(a), BATCH),
    "trace offset": (lambda m, a: m.linalg.trace(a, offset=-1), BATCH),
    "diagonal": (lambda m, a: m.linalg.diagonal(a), BATCH),
    **{f"diagonal {k}": (lambda m, a, k=k: m.linalg.diagonal(a, offset=k), x(2, 4)) for k in (-1, 1, 3)},
    "outer": (lambda m, a, b: m.linalg.outer(a, b), x(2), x(3)),
    "cross": (lambda m, a, b: m.linalg.cross(a, b), x(2, 3), x(3)),
    "cross axis": (lambda m, a, b: m.linalg.cross(a, b, axis=0), x(3, 2), x(3, 2)),
    "matmul": (lambda m, a, b: m.linalg.matmul(a, b), x(2, 2, 3), x(3, 2)),
    "tensordot": (lambda m, a, b: m.linalg.tensordot(a, b, axes=1), x(2, 3), x(3, 2)),
    "vecdot": (lambda m, a, b: m.linalg.vecdot(a, b, axis=0), x(3, 2), x(3, 2)),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_every_function_of_numpy_linalg(call):
    f, *inputs = call
    twins(f, *inputs, digits=1e-11)


def test_nothing_of_numpy_linalg_is_missing():
    assert set(tg.linalg.__all__) == set(np.linalg.__all__)
    called = {name.split()[0] for name in CALLS} | {"matrix_rank", "LinAlgError"}
    assert called == set(np.linalg.__all__)


@pytest.mark.parametrize("name", ["qr", "eigh", "svd", "slogdet", "eig"])
def test_results_have_numpys_names(name):
    theirs = getattr(np.linalg, name)(SYMMETRIC)
    ours = getattr(np.linalg, name)(tg.tensor(SYMMETRIC, requires_grad=True))
    assert type(ours) is type(theirs)
    assert all(isinstance(y, tg.Tensor) for y in ours)


# ---------------------------------------------------------------------- factors that complete a basis


def projected(basis: Any) -> Any:
    """A function of a completing basis that does not depend on the choice of the basis."""
    return basis @ np.swapaxes(basis, -1, -2)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (2, 4, 2)])
def test_full_svd_values_and_what_does_not_depend_on_the_choice(shape):
    a = x(*shape)
    for ours, theirs in zip(np.linalg.svd(tg.tensor(a)), np.linalg.svd(a), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs)

    def f(a):
        u, s, vh = tg.linalg.svd(a)
        k = min(shape[-2:])
        return u[..., :k], s, vh[..., :k, :], projected(u[..., k:]), projected(np.swapaxes(vh, -1, -2)[..., k:])

    tg.check_gradients(f, a, order=2)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4, 1)])
def test_complete_qr_values_and_what_does_not_depend_on_the_choice(shape):
    a = x(*shape)
    for ours, theirs in zip(np.linalg.qr(tg.tensor(a), "complete"), np.linalg.qr(a, "complete"), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs)

    def f(a):
        q, r = tg.linalg.qr(a, "complete")
        return q[..., : shape[-1]], r, projected(q[..., shape[-1] :])

    tg.check_gradients(f, a, order=2)


# -------------------------------------------------------------------------------------- singular points


def test_determinants_of_singular_matrices_have_derivatives():
    adjugate_transposed = np.array([[4.0, -2.0], [-2.0, 1.0]])
    np.testing.assert_allclose(tg.grad(tg.linalg.det)(np.array([[1.0, 2.0], [2.0, 4.0]])), adjugate_transposed)
    np.testing.assert_allclose(tg.grad(tg.linalg.det)(of_rank(4, 4, 2)), 0, atol=1e-13)
    hessian = tg.hessian(tg.linalg.det)(np.zeros((2, 2))).reshape(4, 4)
    np.testing.assert_allclose(hessian, np.fliplr(np.diag([1.0, -1.0, -1.0, 1.0])), atol=1e-15)
    near = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-14]])
    np.testing.assert_allclose(tg.grad(tg.linalg.det)(near), [[near[1, 1], -1.0], [-1.0, 1.0]], rtol=1e-12)


@pytest.mark.parametrize("name", ["inv", "slogdet", "solve"])
def test_singular_matrices_raise_as_in_numpy(name):
    a = tg.tensor(np.ones((2, 2)), requires_grad=True)
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        {"inv": np.linalg.inv, "solve": lambda a: np.linalg.solve(a, np.ones(2)),
         "slogdet": lambda a: np.linalg.slogdet(a).logabsdet.backward()}[name](a)  # fmt: skip


def test_not_positive_definite_raises_as_in_numpy():
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        np.linalg.cholesky(tg.tensor(-np.eye(2), requires_grad=True))


def test_repeated_eigenvalues_give_finite_gradients_right_for_functions_of_values_and_subspaces():
    q = np.linalg.qr(x(4, 4))[0]
    a = q @ np.diag([1.0, 1.0, 1.0, 3.0]) @ q.T
    a = (a + a.T) / 2

    def mirror(m):
        return (m + m.T) / 2

    def values(m):
        return np.sum(np.exp(tg.linalg.eigvalsh(mirror(m))))

    def spectral(m):  # the projection on the eigenvalue that stands alone
        v = tg.linalg.eigh(mirror(m)).eigenvectors[:, 3:]
        return (v @ v.T * q).sum()

    for m in (np.eye(4), np.zeros((4, 4)), np.diag([2.0, 2.0, 5.0, 5.0])):
        w, v = np.linalg.eigh(m)
        np.testing.assert_allclose(tg.grad(values)(m), v @ np.diag(np.exp(w)) @ v.T, atol=1e-14)
    tg.check_gradients(spectral, a)
    t = tg.tensor(np.eye(3), requires_grad=True)
    w, v = np.linalg.eigh(t)
    with pytest.warns(tg.SingularPointWarning, match="eigh: the gradient of vectors of equal values"):
        (v * x(3, 3)).sum().backward()
    assert np.isfinite(t.grad.numpy()).all()


def test_repeated_and_zero_singular_values_give_finite_gradients_right_for_functions_of_values():
    for m in (np.eye(3), np.ones((3, 2)), np.diag([2.0, 2.0, 0.0])):
        t = tg.tensor(m, requires_grad=True)
        u, s, _ = np.linalg.svd(t, full_matrices=False)
        (s * s).sum().backward(retain_graph=True)
        np.testing.assert_allclose(t.grad.numpy(), 2 * m, atol=1e-12)
        t.grad = None
        with pytest.warns(tg.SingularPointWarning, match="svd: the gradient of vectors of equal values"):
            (u * x(*u.shape)).sum().backward()
        assert np.isfinite(t.grad.numpy()).all()


def test_nearly_equal_eigenvalues_do_not_spoil_functions_of_values():
    a = np.diag([1.0, 1.0 + 1e-13, 2.0])
    t = tg.tensor(a, requires_grad=True)
    (np.linalg.eigvalsh(t) ** 3).sum().backward()
    np.testing.assert_allclose(t.grad.numpy(), np.diag(3 * np.diag(a) ** 2), rtol=1e-10, atol=1e-10)


def test_norms_at_zero_have_the_documented_subgradients():
    zero = np.zeros((2, 2))
    for ord in (None, 1, 2, 3, np.inf):
        np.testing.assert_array_equal(tg.grad(lambda v: tg.linalg.norm(v, ord))(np.zeros(3)), 0)  # noqa: B023
    for ord in ("fro", 1, np.inf):
        np.testing.assert_array_equal(tg.grad(lambda m: tg.linalg.norm(m, ord))(zero), 0)  # noqa: B023
    nuclear = tg.grad(lambda m: tg.linalg.norm(m, "nuc"))(zero)
    assert np.linalg.norm(nuclear, 2) <= 1 + 1e-12
    np.testing.assert_array_equal(tg.grad(lambda v: tg.linalg.norm(v, 3))(np.array([0.0, 2.0])), [0.0, 1.0])


def test_norm_of_order_zero_counts_and_has_no_slope():
    v = np.array([0.0, 3.0, -1.0])
    assert float(tg.linalg.norm(v, 0)) == np.linalg.norm(v, 0) == 2.0
    assert np.linalg.norm(tg.tensor(v, requires_grad=True), 0).node is None


def test_norms_do_not_overflow_where_numpys_do_not():
    v = np.array([3e-60, 4e-60])
    np.testing.assert_allclose(tg.grad(lambda v: tg.linalg.norm(v))(v), [0.6, 0.8])
    np.testing.assert_allclose(tg.grad(lambda v: tg.linalg.norm(v, 3))(v), np.array([9, 16]) / 91 ** (2 / 3))


def test_rank_deficient_least_squares_take_the_shortest_solution():
    a, b = of_rank(4, 3, 2), x(4)
    z, residuals, rank, s = np.linalg.lstsq(tg.tensor(a, requires_grad=True), b)
    theirs = np.linalg.lstsq(a, b)
    np.testing.assert_allclose(z.numpy(), theirs[0], atol=1e-12)
    np.testing.assert_allclose(s.numpy(), theirs[3], atol=1e-12)
    assert residuals.shape == theirs[1].shape == (0,)
    assert int(rank) == theirs[2] == 2
    inside, outside = x(4, 2), x(2, 3)  # along matrices of rank 2, the derivative exists
    tg.check_gradients(lambda l, r: tg.linalg.lstsq(l @ r, b)[0], inside, outside)


def test_empty_batches_and_matrices():
    batches = [(name, (0, 2, 2)) for name in ("inv", "eigh", "det", "cholesky", "slogdet", "qr", "svd")]
    for name, shape in [*batches, ("svd", (0, 3, 2)), ("qr", (0, 3, 2)), ("svd", (0, 0)), ("eigh", (0, 0))]:
        a = np.zeros(shape)
        t = tg.tensor(a, requires_grad=True)
        ours, theirs = getattr(np.linalg, name)(t), getattr(np.linalg, name)(a)
        ours, theirs = (y if isinstance(y, tuple) else (y,) for y in (ours, theirs))
        assert [y.shape for y in ours] == [y.shape for y in theirs]
        sum(y.sum() for y in ours if y.node is not None).backward()
        assert t.grad.shape == shape


def test_rank_is_numpys_and_has_no_slope():
    a = of_rank(4, 3, 2)
    t = tg.tensor(a, requires_grad=True)
    assert int(np.linalg.matrix_rank(t)) == np.linalg.matrix_rank(a) == 2
    assert int(np.linalg.matrix_rank(t, 1e9)) == int(np.linalg.matrix_rank(t @ t.T, rtol=1e9, hermitian=True)) == 0
    assert np.linalg.matrix_rank(t).node is None


def test_factorizations_can_be_compiled():
    a, b = definite(3, 3), x(3)

    def step(a, b):
        w, v = np.linalg.eigh(a)
        u, s, vh = np.linalg.svd(a)
        q, r = np.linalg.qr(a)
        z = np.linalg.solve(np.linalg.cholesky(a), b) + (v * w) @ (v.T @ b) + u @ (s * (vh @ b)) + q @ (r @ b)
        return (z * z).sum() + np.linalg.slogdet(a)[1] + np.linalg.det(a) + np.linalg.norm(a, "nuc")

    compiled = tg.compile(step)
    for scale in (1.0, 2.0, 3.0):
        found, expected = compiled(tg.tensor(scale * a), tg.tensor(b)), step(scale * a, b)
        np.testing.assert_allclose(float(found), expected, rtol=1e-12)


def test_power_zero_is_the_identity():
    a = tg.tensor(x(2, 3, 3))
    np.testing.assert_array_equal(np.asarray(np.linalg.matrix_power(a, 0)), np.linalg.matrix_power(a.numpy(), 0))


# ----------------------------------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: np.linalg.qr(t, "raw"), tg.NotDifferentiable, r"qr: mode 'raw' has no gradient; use 'reduced'"),
        (lambda t: np.linalg.norm(t, "max"), ValueError, r"norm: 'max' is no order for matrices; use 'fro'"),
        (lambda t: np.linalg.norm(t, 3), ValueError, r"norm: 3 is no order for matrices"),
        (lambda t: np.linalg.norm(t[0], "fro"), ValueError, r"vector_norm: 'fro' is no order for vectors; give a num"),
        (lambda t: np.linalg.norm(t, axis=(0, 0)), ValueError, r"norm: the axes \(0, 0\) of a matrix are the same one"),
        (lambda t: np.linalg.norm(t, axis=(0, 1, 2)), ValueError, r"norm: got 3 axes \(0, 1, 2\); a norm is"),
        (lambda t: np.linalg.cross(t, t), ValueError, r"cross: vectors of length 2 and 2; they must have 3 elements"),
        (lambda t: np.linalg.outer(t, t), ValueError, r"outer: got 2 and 2 axes, not two vectors; use tg.outer, or"),
        (lambda t: np.linalg.matrix_transpose(t[0]), ValueError, r"matrix_transpose: got 1 axes; it takes matrices"),
        (lambda t: np.linalg.matrix_power(t, 0.5), TypeError, r"matrix_power: the exponent is 0.5; give an integer"),
        (lambda t: np.linalg.multi_dot([t]), ValueError, r"multi_dot: got 1 arrays; it takes two at least"),
        (lambda t: np.linalg.multi_dot([t, t[None], t]), ValueError, r"multi_dot: got arrays of \[2, 3, 2\] axes"),
        (lambda t: np.linalg.pinv(t, 0.1, rtol=0.2), ValueError, r"pinv: got both rcond=0.1 and rtol=0.2; give one"),
        (lambda t: np.linalg.tensorinv(t, 0), ValueError, r"tensorinv: ind is 0; give the number of leading axes"),
        (lambda t: np.linalg.tensorsolve(t, t), np.linalg.LinAlgError, r"tensorsolve: x of shape \(2, 2\) with"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(tg.tensor(regular(2, 2), requires_grad=True))


# ------------------------------------------------------------------------------------------------ oracles

ORACLES: dict[str, tuple[Any, Any]] = {
    "eigh": (lambda l, a: gauge_free(l.linalg.eigh((a + a.mT) / 2)), spread(2, 4, 4)),
    "svd": (lambda l, a: gauge_free(svd_of(l, a)), x(2, 5, 3)),
    "svd wide": (lambda l, a: gauge_free(svd_of(l, a)), x(3, 5)),
    "qr": (lambda l, a: sum((f * f * f).sum() for f in l.linalg.qr(a)), x(2, 5, 3)),
    "cholesky": (lambda l, a: (l.linalg.cholesky(a @ a.mT + l.eye(4)) ** 3).sum(), x(2, 4, 4)),
    "pinv": (lambda l, a: (l.linalg.pinv(a) ** 3).sum(), x(2, 5, 3)),
    "det": (lambda l, a: (l.linalg.det(a) ** 2).sum(), x(2, 4, 4)),
    "slogdet": (lambda l, a: (l.linalg.slogdet(a)[1] ** 2).sum(), x(2, 4, 4)),
    "solve": (lambda l, a: (l.linalg.solve(a, a.mT) ** 2).sum(), regular(2, 4, 4)),
    "nuclear": (lambda l, a: (l.linalg.matrix_norm(a, ord="nuc") ** 2).sum(), x(2, 4, 3)),
    "cond": (lambda l, a: (l.linalg.cond(a) ** 2).sum(), regular(2, 4, 4)),
}


def svd_of(lib: Any, a: Any) -> tuple[Any, Any, Any]:
    u, s, vh = lib.linalg.svd(a, full_matrices=False)
    return s, u, vh.mT


def gauge_free(factors: tuple[Any, ...]) -> Any:
    """Values in the third power, and projections on the first two vectors in the second: no sign matters."""
    values, *bases = factors
    total = (values**3).sum()
    for basis in bases:
        p = basis[..., :, :2] @ basis[..., :, :2].mT
        total = total + (p * p * p).sum()
    return total


@pytest.mark.parametrize("name", ORACLES)
def test_against_torch(name):
    torch = pytest.importorskip("torch")
    f, a = ORACLES[name]
    t = torch.tensor(a, requires_grad=True)
    f(TorchLike(torch), t).backward()
    np.testing.assert_allclose(tg.grad(lambda a: f(Ours, a))(a), t.grad.numpy(), rtol=1e-8, atol=1e-10)


class TorchLike:
    """torch with float64's identity."""

    def __init__(self, torch):
        self.linalg, self.eye = torch.linalg, lambda n: torch.eye(n, dtype=torch.float64)


class Ours:
    linalg, eye = tg.linalg, np.eye


@pytest.mark.parametrize("name", [n for n in ORACLES if n != "pinv"])
def test_second_order_against_jax(name):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    f, a = ORACLES[name]
    direction = np.random.default_rng(1).standard_normal(a.shape)
    theirs = jax.jvp(jax.grad(lambda a: f(jax.numpy, a)), (a,), (direction,))[1]
    np.testing.assert_allclose(tg.hvp(lambda a: f(Ours, a), a, direction), theirs, rtol=1e-6, atol=1e-8)
