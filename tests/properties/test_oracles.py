"""PyTorch and JAX as judges, where they are installed: the same numbers for the same functions."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.testing.cases import draw

UNARY = [
    "abs",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "cos",
    "cosh",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "reciprocal",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "sigmoid",
    "relu",
    "softplus",
    "silu",
    "negative",
    "sign",
    "floor",
    "elu",
    "leaky_relu",
]
BINARY = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "power",
    "arctan2",
    "hypot",
    "maximum",
    "minimum",
    "logaddexp",
    "remainder",
]
REDUCTIONS = ["sum", "mean", "var", "std", "prod", "max", "min", "cumsum", "logsumexp", "softmax", "log_softmax"]


def sample(name: str, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    op = getattr(tg, name).op
    rng = np.random.default_rng(0)
    domain = (0.2, 3.0) if name in ("power", "remainder") else op.domain
    return [draw(rng, domain, shape) for shape in shapes]


class TestTorch:
    @pytest.fixture(autouse=True)
    def _torch(self):
        self.torch = pytest.importorskip("torch")

    def theirs(self, f, *xs):
        ts = [self.torch.tensor(x, requires_grad=True) for x in xs]
        y = f(*ts)
        (y * y).sum().backward()
        return y.detach().numpy(), [t.grad.numpy() for t in ts]

    def ours(self, f, *xs):
        ts = [tg.tensor(x, requires_grad=True) for x in xs]
        y = f(*ts)
        (y * y).sum().backward()
        return y.numpy(), [t.grad.numpy() for t in ts]

    def same(self, f, g, *xs):
        for a, b in zip(
            np.concatenate([np.ravel(v) for v in self.flat(self.ours(f, *xs))]),
            np.concatenate([np.ravel(v) for v in self.flat(self.theirs(g, *xs))]),
            strict=True,
        ):
            assert a == pytest.approx(b, rel=1e-9, abs=1e-12)

    @staticmethod
    def flat(result):
        return [result[0], *result[1]]

    @pytest.mark.parametrize("name", UNARY)
    def test_unary(self, name):
        functional = self.torch.nn.functional
        other = getattr(self.torch, name, None) or getattr(functional, name)
        self.same(getattr(tg, name), other, *sample(name, (3, 4)))

    @pytest.mark.parametrize("name", BINARY)
    def test_binary(self, name):
        other = {"power": "pow"}.get(name, name)
        self.same(getattr(tg, name), getattr(self.torch, other), *sample(name, (3, 1), (2,)))

    def test_losses(self):
        functional = self.torch.nn.functional
        rng = np.random.default_rng(1)
        z, labels, y = rng.standard_normal((5, 3)), rng.integers(0, 3, 5), rng.uniform(0, 1, (5, 3))
        as_torch = self.torch.tensor
        self.same(lambda z: tg.nn.cross_entropy(z, labels), lambda z: functional.cross_entropy(z, as_torch(labels)), z)
        self.same(lambda z: tg.nn.mse_loss(z, y), lambda z: functional.mse_loss(z, as_torch(y)), z)
        self.same(
            lambda z: tg.nn.binary_cross_entropy_with_logits(z, y),
            lambda z: functional.binary_cross_entropy_with_logits(z, as_torch(y)),
            z,
        )
        self.same(
            lambda p: tg.nn.binary_cross_entropy(p, y),
            lambda p: functional.binary_cross_entropy(p, as_torch(y)),
            rng.uniform(0.1, 0.9, (5, 3)),
        )


class TestJax:
    @pytest.fixture(autouse=True)
    def _jax(self):
        self.jax = pytest.importorskip("jax")
        self.jax.config.update("jax_enable_x64", True)

    def other(self, name):
        jnp, nn = self.jax.numpy, self.jax.nn
        return (
            {"logsumexp": self.jax.scipy.special.logsumexp}.get(name) or getattr(jnp, name, None) or getattr(nn, name)
        )

    def same(self, f, g, *xs):
        rng = np.random.default_rng(2)
        every = tuple(range(len(xs)))
        w = rng.standard_normal(np.shape(f(*xs)))
        ours = tg.grad(lambda *xs: (f(*xs) * w).sum(), every)(*xs)
        theirs = self.jax.grad(lambda *xs: (g(*xs) * w).sum(), every)(*xs)
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)

    @pytest.mark.parametrize("name", [n for n in UNARY if n != "softplus"])
    def test_unary(self, name):
        self.same(getattr(tg, name), self.other(name), *sample(name, (3, 4)))

    @pytest.mark.parametrize("name", BINARY)
    def test_binary(self, name):
        self.same(getattr(tg, name), self.other(name), *sample(name, (3, 1), (2,)))

    @pytest.mark.parametrize("name", REDUCTIONS)
    def test_reductions(self, name):
        x = np.random.default_rng(3).standard_normal((3, 4))
        self.same(lambda x: getattr(tg, name)(x, axis=0), lambda x: self.other(name)(x, axis=0), x)

    def test_hessian(self):
        x = np.random.default_rng(4).standard_normal(4)
        jnp = self.jax.numpy
        ours = tg.hessian(lambda x: tg.logsumexp(tg.sin(x) * x))(x)
        theirs = self.jax.hessian(lambda x: self.jax.scipy.special.logsumexp(jnp.sin(x) * x))(x)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
