"""NumPy's ufuncs on Tensors: every one is classified, keywords and methods record or say what to use."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import ufuncs
from tinygraph.errors import NotDifferentiable
from tinygraph.tensors.leaving import WITHOUT_GRADIENT

A = np.array([[1.5, -2.25, 0.5], [3.0, 0.75, -1.0]])
B = np.array([[0.5, 2.0, -1.5], [1.0, -0.25, 4.0]])
UFUNCS = sorted(n for n in dir(np) if isinstance(getattr(np, n), np.ufunc))
PRODUCTS = {"matmul", "matvec", "vecdot", "vecmat"}


@pytest.fixture
def t():
    return tg.tensor(A, requires_grad=True)


@pytest.mark.parametrize("name", UFUNCS)
def test_every_ufunc_is_classified(name):
    ufunc = getattr(np, name)
    known = ufunc in ufuncs or hasattr(tg.ops, ufunc.__name__) or ufunc.__name__ in WITHOUT_GRADIENT
    assert known, f"np.{name} is new: declare it, or give the reason in ops/reasons.py"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [n for n in UFUNCS if n not in PRODUCTS | {"isnat"}])
def test_ufuncs_give_numpys_values(name, dtype):
    ufunc = getattr(np, name)
    whole = ufunc.types[0].startswith(("?", "b")) and not any(c in "efd" for kind in ufunc.types for c in kind)
    inputs = [np.array([3, 5, 12]), np.array([2, 1, 4])] if whole else [np.array([0.5, 0.25], dtype)] * 2
    inputs = [x + 1 if name in ("arccosh", "acosh") else x for x in inputs[: ufunc.nin]]
    inputs = [inputs[0], np.array([1, 2])] if name == "ldexp" else inputs
    expected, found = ufunc(*inputs), ufunc(*[tg.tensor(x) for x in inputs])
    for a, b in zip(*[x if isinstance(x, tuple) else (x,) for x in (found, expected)], strict=True):
        assert type(a) is tg.Tensor
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a.numpy(), b)


def test_dates_say_why(t):
    with pytest.raises(NotDifferentiable, match=r"np\.isnat: has no gradient: dates and times are no numbers; apply"):
        np.isnat(t)


# ------------------------------------------------------------------------------------------------ digits


@pytest.mark.parametrize("add", [np.logaddexp, np.logaddexp2])
def test_sums_of_logarithms_keep_their_digits(add):
    large = np.float32(1e8)
    assert tg.grad(lambda x, y: add(x, y), (0, 1))(large, large) == (0.5, 0.5)
    inf = np.inf
    for at, slopes in [((inf, 0.0), (1, 0)), ((0.0, -inf), (1, 0)), ((-inf, -inf), (0, 0)), ((inf, inf), (0.5, 0.5))]:
        assert tg.grad(lambda x, y: add(x, y), (0, 1))(*at) == slopes
    assert tg.grad(lambda x, y: add(x, y), (0, 1))(-1e4, 1e4) == (0, 1)
    base = 1 if add is np.logaddexp else np.log(2)
    np.testing.assert_allclose(tg.hessian(lambda x: add(x, 1e8))(1e8), base / 4, rtol=1e-14)


def test_logsumexp_keeps_its_digits():
    slope = tg.grad(tg.logsumexp)
    np.testing.assert_array_equal(slope(np.full(2, 1e8, np.float32)), [0.5, 0.5])
    np.testing.assert_array_equal(slope(np.array([np.inf, 0.0, -np.inf])), [1, 0, 0])
    np.testing.assert_array_equal(slope(np.array([np.inf, np.inf])), [0.5, 0.5])


def test_bessel_agrees_with_scipy():
    special = pytest.importorskip("scipy.special")
    x = np.concatenate([-np.linspace(0.001, 700, 4001), [1e-300, 1e-8]])
    np.testing.assert_allclose(tg.i1(x), special.i1(x), rtol=5e-15)
    np.testing.assert_allclose(tg.hessian(lambda x: np.i0(x))(0.0), 0.5)


def test_sinc_is_smooth_at_zero():
    np.testing.assert_allclose(tg.hessian(lambda x: np.sinc(x))(0.0), -(np.pi**2) / 3, rtol=1e-15)
    np.testing.assert_allclose(tg.grad(tg.grad(tg.grad(lambda x: np.sinc(x))))(0.0), 0, atol=1e-15)


# ----------------------------------------------------------------------------------------- compositions

SMOOTH = [
    lambda x: np.modf(x)[0], lambda x: np.frexp(x)[0], lambda x: np.divmod(x, 0.7)[1], lambda x: np.fix(x) + x,
    lambda x: np.float_power(x, 2), lambda x: np.float_power(1.5, x), lambda x: np.nan_to_num(x) * x,
    lambda x: np.real_if_close(x) * x, lambda x: np.round(x, 1) + x, lambda x: np.around(x, decimals=-1) * x,
    lambda x: np.clip(x, x[0] - 1.3, 0.6), lambda x: np.fmax(x, B), lambda x: np.fmin(B, x),
]  # fmt: skip


FIX = pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")  # by NumPy 2.5


@FIX
@pytest.mark.parametrize("f", SMOOTH)
def test_compositions(f):
    x = A + 0.11
    np.testing.assert_array_equal(f(tg.tensor(x)).numpy(), f(x))
    assert tg.check_gradients(f, x, order=2).ok


@FIX
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize(
    "name", ["sinc", "i0", "nan_to_num", "fix", "round", "around", "isposinf", "isneginf", "isreal", "iscomplex"]
)
def test_functions_give_numpys_values_and_keep_the_dtype(name, dtype):
    f, x = getattr(np, name), np.array([[0.0, 1.5, -2.25], [0.5, -0.75, 3.0]], dtype)
    t = tg.tensor(x, requires_grad=True)
    with np.errstate(invalid="ignore"):  # in older NumPy sinc is NaN at 0 of float16
        y, expected, ours = f(t), f(x), getattr(tg, name)(x)
    assert type(y) is tg.Tensor
    assert y.dtype == expected.dtype
    np.testing.assert_array_equal(y.numpy(), expected)
    np.testing.assert_array_equal(ours, expected)
    if y.requires_grad:
        y.sum().backward()
        assert t.grad.dtype == dtype


def test_complex_parts():
    z = np.array([1 + 2j, 3 + 0j, complex(np.nan, np.inf)])
    for f in (np.isreal, np.iscomplex, np.nan_to_num, lambda z: np.nan_to_num(z, nan=1.0, posinf=2.0)):
        np.testing.assert_array_equal(f(tg.tensor(z)).numpy(), f(z))
        assert f(tg.tensor(z.astype(np.complex64))).dtype == f(z.astype(np.complex64)).dtype
    assert tg.check_gradients(lambda z: np.sinc(z), z[:2], order=2).ok


def test_operators_of_python():
    t, n = tg.tensor([5.5, -5.5], requires_grad=True), tg.tensor([1, 2])
    assert [part.tolist() for part in divmod(t, 2)] == [[2, -3], [1.5, 0.5]]
    assert [part.tolist() for part in divmod(12, t)] == [[2, -3], [1, -4.5]]
    assert ((n << 3).tolist(), (8 >> n).tolist(), (n >> 1).tolist(), (1 << n).tolist()) == (
        [8, 16], [4, 2], [0, 1], [2, 4]
    )  # fmt: skip
    assert t.round().tolist() == [6, -6]
    divmod(t, 2)[1].sum().backward()
    assert t.grad.tolist() == [1, 1]


def test_what_is_not_finite():
    x = np.array([1.0, np.nan, np.inf, -np.inf])
    for options in ({}, {"nan": 2.0, "posinf": 3.0, "neginf": -3.0}, {"copy": False}):
        t = tg.tensor(x)
        y = np.nan_to_num(t, **options)
        np.testing.assert_array_equal(y.numpy(), np.nan_to_num(x.copy(), **options))
        assert (y is t) == ("copy" in options)
    assert tg.grad(lambda x: np.sum(np.nan_to_num(x)))(x).tolist() == [1, 0, 0, 0]
    assert [part.item() for part in np.modf(tg.tensor(np.inf))] == [0, np.inf]
    assert np.fmax(tg.tensor(np.nan), 1.0).item() == 1
    assert tg.grad(lambda x: np.fmax(x, np.nan))(1.0) == tg.grad(lambda x: np.fmin(np.nan, x))(1.0) == 1
    assert np.nan_to_num(tg.tensor([1, 2])).tolist() == [1, 2]


# --------------------------------------------------------------------------------------------- keywords


def test_out_gives_a_tensor_a_new_value(t):
    u = tg.tensor(np.zeros((2, 3)))
    assert np.multiply(t, t, out=u) is u
    np.testing.assert_array_equal(u.numpy(), A * A)
    u.sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), 2 * A)
    np.add(A, B, out=u)
    np.testing.assert_array_equal(u.numpy(), A + B)
    assert not u.requires_grad
    part, whole = tg.tensor(np.zeros((2, 3))), tg.tensor(np.zeros((2, 3)))
    assert np.modf(t, out=(part, whole))[1] is whole
    np.testing.assert_array_equal(part.numpy() + whole.numpy(), A)
    np.add(1.0, 2.0, out=u)
    np.testing.assert_array_equal(u.numpy(), np.full((2, 3), 3.0))
    assert np.sum(t, axis=0, out=u[0]).tolist() == A.sum(0).tolist()
    counts = tg.tensor(np.zeros((2, 3), int))
    np.floor(t, out=counts, casting="unsafe")
    np.testing.assert_array_equal(counts.numpy(), np.floor(A))
    with pytest.raises(TypeError, match=r"np\.exp: a value of float64 cannot replace one of int64"):
        np.exp(t, out=counts)
    with pytest.raises(ValueError, match=r"np\.exp: a value of shape \(2, 3\) cannot replace one of shape \(3,\)"):
        np.exp(t, out=tg.tensor(np.zeros(3)))


def test_where_selects(t):
    mask = A > 0
    y = np.log(t, where=mask)
    np.testing.assert_array_equal(y.numpy(), np.log(A, where=mask, out=np.zeros_like(A)))
    y.sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), np.where(mask, 1 / A, 0))
    u = tg.tensor(B, requires_grad=True)
    v = u * 2
    np.sqrt(t, where=mask, out=v)
    np.testing.assert_array_equal(v.numpy(), np.sqrt(A, where=mask, out=2 * B))
    v.sum().backward()
    np.testing.assert_array_equal(u.grad.numpy(), np.where(mask, 0, 2.0))


def test_where_keeps_out_of_what_is_not_selected():
    """No warning, forward or backward, for what is outside the domain (warnings are errors)."""
    x = tg.tensor([0.0, -1.0, 2.0], requires_grad=True)
    y = np.log(x, where=x > 0) + np.divide(1.0, x, where=x > 0) + np.arccosh(x, where=x > 1)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [0, 0, 1 / 2 - 1 / 4 + 3**-0.5])
    assert np.greater(x, 0.0, where=x > 1).dtype == bool
    assert np.add(x[0], 1.0, where=np.array([True, False])).tolist() == [1, 0]
    assert [part.tolist() for part in np.modf(x + 0.5, where=x > 0)] == [[0, 0, 0.5], [0, 0, 2]]
    x32 = tg.tensor(np.float32([1, 2]))
    assert np.multiply(x32, 2.0, where=np.array([True, False])).dtype == np.float32


def test_dtype_casts_the_inputs(t):
    y = np.add(t, B, dtype=np.float32)
    assert y.dtype == np.float32
    y.sum().backward()
    assert t.grad.dtype == np.float64
    assert np.exp(t, signature="f->f").dtype == np.exp(t, signature=(None, np.float32)).dtype == np.float32
    assert np.greater(t, 0, dtype=bool).dtype == bool
    assert np.add(t, 1.0, dtype=np.longdouble).dtype == np.longdouble
    assert np.exp(t, casting="same_kind", order="K", subok=True).dtype == np.float64
    with pytest.raises(
        TypeError, match=r"np\.add: Cannot cast .* from dtype\('float64'\) to dtype\('int64'\).*; cast the in"
    ):
        np.add(t, 1, dtype=np.int64)


# ---------------------------------------------------------------------------------------------- methods

METHODS = [
    lambda x: np.add.reduce(x), lambda x: np.add.reduce(x, axis=(0, 1)), lambda x: np.add.reduce(x, 1, keepdims=True),
    lambda x: np.multiply.reduce(x, axis=None), lambda x: np.maximum.reduce(x, axis=1), lambda x: np.minimum.reduce(x),
    lambda x: np.add.reduce(x, initial=2.0), lambda x: np.multiply.reduce(x, initial=2.0, where=A > 0),
    lambda x: np.maximum.reduce(x, axis=1, initial=0.6, where=A > 0), lambda x: np.add.reduce(x, where=A > 0),
    lambda x: np.logaddexp.reduce(x, axis=-1), lambda x: np.add.reduce(x, dtype=np.longdouble).astype(float),
    lambda x: np.add.accumulate(x), lambda x: np.add.accumulate(x, axis=1),
    lambda x: np.multiply.outer(x, B[0]), lambda x: np.subtract.outer(B[0], x), lambda x: np.add.outer(x, x),
    lambda x: np.add.reduceat(x, [0, 2, 1], axis=1), lambda x: np.add.reduceat(x, [0, 1]),
    lambda x: np.add.reduceat(x, [2, 2, 0, 1], axis=-1, dtype=np.longdouble).astype(float),
    lambda x: np.add.outer(2.0, x), lambda x: np.power.outer(np.abs(x), [1, 2]), lambda x: np.maximum.reduce(x, 0),
    lambda x: np.divide.outer(x, B, where=B > 0, out=None) if isinstance(x, tg.Tensor)
    else np.divide.outer(x, B, where=B > 0, out=np.zeros((2, 3, 2, 3))),
]  # fmt: skip


@pytest.mark.parametrize("f", METHODS)
def test_methods(f):
    np.testing.assert_allclose(f(tg.tensor(A)).numpy(), f(A), rtol=1e-15)
    assert tg.check_gradients(f, A, order=2).ok


def test_logical_methods(t):
    for f in (lambda x: np.logical_and.reduce(x, axis=1), lambda x: np.logical_or.reduce(x, where=A > 1)):
        np.testing.assert_array_equal(f(t > 0).numpy(), f(A > 0))


def test_reduce_into_a_tensor(t):
    u = tg.tensor(np.zeros(3))
    assert np.add.reduce(t, out=u) is u
    np.testing.assert_array_equal(u.numpy(), A.sum(0))


@pytest.mark.parametrize("ufunc", [np.add, np.subtract])
def test_at_adds_repeated_indices(ufunc, t):
    """Two rows get each value twice, and the values themselves are recorded."""
    x, values = tg.tensor(B, requires_grad=True), t
    y, expected = x * 1, B.copy()
    index = np.array([0, 1, 1, 0])
    ufunc.at(y, index, tg.concatenate([values, values]))
    ufunc.at(expected, index, np.concatenate([A, A]))
    np.testing.assert_array_equal(y.numpy(), expected)
    y.sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), np.full((2, 3), 2.0 if ufunc is np.add else -2.0))
    ufunc.at(y, (0, slice(2)), 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda t: np.subtract.reduce(t),
            r"np\.subtract\.reduce: has no gradient in tinygraph, only np\.add\.reduce, np",
        ),
        (lambda t: np.hypot.accumulate(t), r"np\.hypot\.accumulate: has no gradient in tinygraph, only np\.add\.accum"),
        (lambda t: np.multiply.reduceat(t, [0]), r"np\.multiply\.reduceat: has no .*, only np\.add\.reduceat; compose"),
        (
            lambda t: np.multiply.at(t, 0, 2.0),
            r"np\.multiply\.at: .* only np\.add\.at, np\.subtract\.at; compose it of",
        ),
        (lambda t: np.add.at(A.copy(), 0, t[0]), r"np\.add\.at: an array cannot hold a recorded result"),
        (lambda t: np.add.reduce(t, out=A[0].copy()), r"np\.add\.reduce: an array cannot hold a recorded result"),
        (lambda t: np.add.accumulate(t, out=A.copy()), r"np\.add\.accumulate: an array cannot hold a recorded result"),
        (lambda t: np.add.reduceat(t, [0], out=A[:1].copy()), r"np\.add\.reduceat: an array cannot hold a recorded"),
        (lambda t: np.modf(t, out=(A.copy(), None)), r"np\.modf: an array cannot hold a recorded result"),
        (lambda t: np.sum(t, 0, out=A[0].copy()), r"np\.sum: an array cannot hold a recorded result .*y = np\.sum"),
    ],
)
def test_methods_and_targets_that_do_not_record_say_so(call, message, t):
    with pytest.raises(NotDifferentiable, match=message):
        call(t)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: np.exp(t, where=np.ones(3, int)), TypeError, r"np\.exp: where= is of int64, not bool; give a mask"),
        (lambda t: np.maximum.reduce(t, where=A > 0), ValueError, r"np\.maximum\.reduce: where= leaves positions out;"),
        (
            lambda t: np.matmul(t, B.T, axes=[0, 1]),
            TypeError,
            r"np\.matmul: axes= is not recorded; call it without, on",
        ),
        (lambda t: np.add.reduceat(t, [0, 2]), IndexError, r"np\.add\.reduceat: indices from 0 to 2 on an axis of len"),
        (
            lambda t: np.exp(t, out=tg.tensor(np.float32(A)), casting="safe"),
            TypeError,
            r"np\.exp: float64 cannot be cast to float32 of out= as casting='safe'; cast it",
        ),
        (lambda t: np.exp(t, signature="f->f", casting="safe"), TypeError, r"np\.exp: Cannot cast .* 'safe'; cast the"),
    ],
)
def test_keywords_that_do_not_fit_say_so(call, error, message, t):
    with pytest.raises(error, match=message):
        call(t)


COMPILED = [
    lambda x: np.logaddexp(x, 1.0), lambda x: tg.logsumexp(x), lambda x: np.sinc(x), lambda x: np.i0(x),
    lambda x: np.nan_to_num(x), lambda x: np.modf(x)[0], lambda x: np.frexp(x)[0], lambda x: np.linspace(x, 2.0, 3),
    lambda x: np.geomspace(x, 2.0, 3), lambda x: np.fmax(x, 1.0), lambda x: np.log(x, where=x > 0.5),
    lambda x: np.add.reduceat(x, [0, 2]), lambda x: np.multiply.outer(x, x), lambda x: np.copysign(x, -1.0),
]  # fmt: skip


@pytest.mark.parametrize("f", COMPILED)
def test_compiled_steps_have_the_same_gradients(f):
    def of(leaf):
        def step(x):
            loss = np.sum(f(leaf * x))
            leaf.grad = None
            loss.backward()
            return loss

        return step

    eager, twin = (tg.tensor([1.0, 2.0, 0.5], requires_grad=True) for _ in range(2))
    step, compiled = of(eager), tg.compile(of(twin))
    for x in ([0.25, 0.75, 1.5], [2.5, 0.125, 0.625]):
        assert step(tg.tensor(x)).item() == compiled(tg.tensor(x)).item()
        np.testing.assert_array_equal(eager.grad.numpy(), twin.grad.numpy())
    assert compiled.traces == 1
