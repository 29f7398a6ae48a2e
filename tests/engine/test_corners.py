"""The warning where a second derivative is 0/0: given there and nowhere else, in every mode, and what it says."""

import warnings

import numpy as np
import pytest

import tinygraph as tg

norm, Z = np.linalg.norm, np.zeros(2)


def told(call):
    """What `call` returns, and what it was warned of."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        result = call()
    return result, [str(w.message) for w in caught if issubclass(w.category, tg.SingularPointWarning)]


def gaussian(x):
    return np.sum(np.exp(-(norm(x[:, None, None] - x[None, :, None], axis=-1) ** 2)))


FIRST_TWO = np.array([True, True, False])
UNDETERMINED = {
    "norm²": (lambda x: norm(x) ** 2, Z),
    "exp(-norm²)": (lambda x: np.exp(-(norm(x) ** 2)), Z),
    "cosh norm": (lambda x: np.cosh(norm(x)), Z),
    "norm times norm": (lambda x: norm(x) * norm(x), Z),
    "(1 + d) exp(-d)": (lambda x: (1 + norm(x)) * np.exp(-norm(x)), Z),
    "Matérn 5/2": (lambda x: (1 + norm(x) + norm(x) ** 2 / 3) * np.exp(-norm(x)), Z),
    "Frobenius": (lambda x: norm(np.stack([x, x]), "fro") ** 2, Z),
    "norm along an axis": (lambda x: np.sum(norm(np.stack([x, x]), axis=1) ** 2), Z),
    "a norm in a batch": (lambda x: np.sum(norm(np.stack([x, x + 1]), axis=1) ** 2), Z),
    "Gaussian kernel of one point twice": (gaussian, Z),
    "norm of order 3": (lambda x: norm(x, 3) ** 2, Z),
    "norm of order 1": (lambda x: norm(x, 1) ** 2, Z),
    "norm of order inf": (lambda x: norm(x, np.inf) ** 2, Z),
    "hypot²": (lambda x: np.hypot(x[0], x[1]) ** 2, Z),
    "abs²": (lambda x: np.sum(np.abs(x) ** 2), Z),
    "abs² beside others": (lambda x: np.sum(np.abs(x) ** 2), np.array([0.0, 3.0])),
    "abs of abs, squared": (lambda x: np.sum(np.abs(np.abs(x)) ** 2), Z),
    "abs times abs": (lambda x: np.sum(np.abs(x) * np.abs(x)), Z),
    "fabs²": (lambda x: np.sum(np.fabs(x) ** 2), Z),
    "copysign²": (lambda x: np.sum(np.copysign(x, 1.0) ** 2), Z),
    "maximum(x, -x)²": (lambda x: np.sum(np.maximum(x, -x) ** 2), Z),
    "minimum(x, -x)²": (lambda x: np.sum(np.minimum(x, -x) ** 2), Z),
    "fmax(x, -x)²": (lambda x: np.sum(np.fmax(x, -x) ** 2), Z),
    "max of ties at its target": (lambda x: (np.max(x) - 1) ** 2, np.ones(2)),
    "nanmax of ties at its target": (lambda x: (np.nanmax(x) - 1) ** 2, np.ones(2)),
    "max_pool of ties at 0": (lambda x: np.sum(tg.max_pool1d(x.reshape(1, 2), 2) ** 2), Z),
    "std²": (lambda x: np.std(x) ** 2, np.ones(3)),
    "std² along an axis": (lambda x: np.sum(np.std(np.stack([x, x * 2]), axis=1) ** 2), np.ones(3)),
    "std² where": (lambda x: np.std(x, where=FIRST_TWO) ** 2, np.ones(3)),
    "nanstd²": (lambda x: np.nanstd(x) ** 2, np.ones(3)),
    "relu(at_zero=0.5)²": (lambda x: np.sum(tg.relu(x, at_zero=0.5) ** 2), Z),
    "in float32": (lambda x: norm(x) ** 2, Z.astype(np.float32)),
    "in float16": (lambda x: norm(x) ** 2, Z.astype(np.float16)),
}


@pytest.mark.parametrize("name", UNDETERMINED)
def test_what_is_0_by_0_is_told(name):
    f, x = UNDETERMINED[name]
    gradient, messages = told(lambda: tg.grad(f)(x))
    assert not messages  # of the first order nothing is to be said
    assert np.all(np.isfinite(gradient))
    assert told(lambda: tg.hessian(f)(x))[1]
    assert told(lambda: tg.hvp(f, x, np.ones_like(x)))[1]


DETERMINED = {
    "L1": (lambda x: np.sum(np.abs(x)), Z, np.zeros((2, 2))),
    "L1 with a weight": (lambda x: x[0] * np.sum(np.abs(x[1:])), np.array([2.0, 0.0]), np.zeros((2, 2))),
    "hypot": (lambda x: np.hypot(x[0], x[1]), Z, np.zeros((2, 2))),
    "norm of order 3": (lambda x: norm(x, 3), Z, np.zeros((2, 2))),
    "std": (lambda x: np.std(x), np.ones(2), np.zeros((2, 2))),
    "norm": (norm, Z, np.zeros((2, 2))),
    "relu": (lambda x: np.sum(tg.relu(x)), Z, np.zeros((2, 2))),
    "relu², from its right": (lambda x: np.sum(tg.relu(x) ** 2), Z, 2 * np.eye(2)),
    "relu², from its left": (lambda x: np.sum(tg.relu(x, at_zero=0) ** 2), Z, np.zeros((2, 2))),
    "leaky_relu²": (lambda x: np.sum(tg.leaky_relu(x) ** 2), Z, 2 * np.eye(2)),
    "elu²": (lambda x: np.sum(tg.elu(x) ** 2), Z, 2 * np.eye(2)),
    "clip²": (lambda x: np.sum(np.clip(x, 0, 1) ** 2), Z, 2 * np.eye(2)),
    "where(x >= 0, x, -x)²": (lambda x: np.sum(np.where(x >= 0, x, -x) ** 2), Z, 2 * np.eye(2)),
    "maximum(x, x)²": (lambda x: np.sum(np.maximum(x, x) ** 2), Z, 2 * np.eye(2)),
    "sort": (lambda x: np.sum((np.sort(x) - 1) ** 2), np.ones(2), 2 * np.eye(2)),
    "max_pool of dead units": (
        lambda x: np.sum(tg.max_pool1d(tg.relu(x).reshape(1, 2), 2) ** 2), np.array([-1.0, -2.0]), np.zeros((2, 2)),
    ),
    "abs of a dead unit": (lambda x: np.sum(np.abs(tg.relu(x)) ** 2), np.array([-1.0, -2.0]), np.zeros((2, 2))),
    "into a dead unit": (lambda x: np.sum(tg.relu(np.abs(x) ** 2 - 1)), Z, np.zeros((2, 2))),
    "two corners, neither at 0": (
        lambda x: (1 + np.abs(x[0])) * (2 - np.abs(x[1])), Z, np.zeros((2, 2)),
    ),
    "norm² away from 0": (lambda x: norm(x) ** 2, np.array([3.0, 4.0]), 2 * np.eye(2)),
    "norm² of a constant": (lambda x: np.sum(x * norm(Z) ** 2 + x * x), Z, 2 * np.eye(2)),
    "Gaussian kernel of two points": (gaussian, np.array([0.0, 1.0]), 4 * np.exp(-1) * np.array([[1.0, -1], [-1, 1]])),
}  # fmt: skip


@pytest.mark.parametrize("name", DETERMINED)
def test_nothing_is_told_elsewhere(name):
    f, x, right = DETERMINED[name]
    found, messages = told(lambda: tg.hessian(f)(x))
    assert not messages
    np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-12)


def test_second_order_of_a_network_with_dead_units_and_pooling_is_silent():
    rng = np.random.default_rng(0)
    W, V = rng.normal(size=(6, 4)), rng.normal(size=(3, 2))
    X = np.concatenate([np.zeros((1, 4)), rng.normal(size=(4, 4))])  # the zeros lie at every relu's corner

    def loss(W, V):
        h = tg.max_pool1d(tg.relu(X @ W.T), 2)
        return ((tg.relu(h @ V) - 1) ** 2).mean() + 0.1 * np.abs(V).sum() + 0.1 * np.abs(W).sum()

    V[0] = 0
    (_, _), messages = told(lambda: tg.hvp(loss, (W, V), (np.ones_like(W), np.ones_like(V))))
    assert not messages


MODES = {
    "grad of grad": lambda f: tg.grad(tg.grad(f))(0.0),
    "grad of grad of grad": lambda f: tg.grad(tg.grad(tg.grad(f)))(0.0),
    "hessian": lambda f: tg.hessian(f)(0.0),
    "hvp": lambda f: tg.hvp(f, (0.0,), (1.0,)),
    "jvp of grad": lambda f: tg.jvp(tg.grad(f), (0.0,), (1.0,)),
    "jvp of jvp": lambda f: tg.jvp(lambda t: tg.jvp(f, (t,), (1.0,))[1], (0.0,), (1.0,)),
    "grad of jvp": lambda f: tg.grad(lambda t: tg.jvp(f, (t,), (1.0,))[1])(0.0),
    "jacobian of jacobian": lambda f: tg.jacobian(tg.jacobian(f))(0.0),
    "jacobian of jacobian by columns": lambda f: tg.jacobian(tg.jacobian(lambda x: np.stack([f(x), x])))(0.0),
    "vjp of grad": lambda f: tg.vjp(tg.grad(f), 0.0)[1](1.0),
    "compiled": lambda f: tg.compile(tg.hessian(f))(0.0),
}


def backward_twice(f):
    x = tg.tensor(0.0, requires_grad=True)
    f(x).backward(create_graph=True)
    x.grad.backward()


MODES["backward twice"] = backward_twice


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_tells(mode):
    assert told(lambda: MODES[mode](lambda x: np.abs(x) ** 2))[1]
    assert not told(lambda: MODES[mode](lambda x: x**2))[1]


def test_complex_numbers():
    x = np.zeros(2, complex)
    assert told(lambda: tg.hvp(lambda x: np.sum(np.abs(x) ** 2), x, x + 1))[1]


def test_the_message_says_how_many_where_and_what_to_do():
    with pytest.warns(tg.SingularPointWarning) as caught, tg.origins():
        tg.hessian(lambda x: np.sum(np.abs(x) ** 2))(np.array([0.0, 1.0, 0.0]))
    message = str(caught[0].message)
    assert message.startswith("absolute: 2 of 3 results lie at a corner (")
    assert "test_corners.py:" in message
    assert "exactly 0, but not beside it" in message
    assert "np.sum(x**2) for np.linalg.norm(x)**2" in message
    assert caught[0].filename == __file__
    with pytest.warns(tg.SingularPointWarning, match="vector_norm: the result lies at a corner, and"):
        tg.hessian(lambda x: norm(x) ** 2)(Z)


def test_it_can_be_made_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error", tg.SingularPointWarning)
        with pytest.raises(tg.SingularPointWarning, match="vector_norm"):
            tg.hessian(lambda x: norm(x) ** 2)(Z)


def test_with_respect_to_what_does_not_move_the_corner_nothing_is_told():
    f = lambda x, y: y * np.abs(x) ** 2  # noqa: E731
    assert not told(lambda: tg.grad(tg.grad(f, 1), 1)(0.0, 2.0))[1]
    assert told(lambda: tg.grad(tg.grad(f))(0.0, 2.0))[1]


@pytest.mark.usefixtures("forget_declarations")
def test_an_op_of_a_user_is_told_of_by_its_declaration():
    size = tg.elementwise(lambda y, x: np.sign(x), kinks=(0.0,), name="size")(lambda x: np.abs(x))
    assert told(lambda: tg.hessian(lambda x: size(x) ** 2)(0.0))[1][0].startswith("size: the result lies at a corner")
    smooth = tg.elementwise(lambda y, x: 2 * x, kinks=(0.0,), name="smooth")(lambda x: x * x)
    assert not told(lambda: tg.hessian(lambda x: smooth(x) ** 2)(0.0))[1]
