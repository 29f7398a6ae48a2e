"""Classifiers of dense layers as users train them: layers, cross-entropy and an optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from tests.benchmarks.engines import as_it_is
from tests.benchmarks.harness import Array, Step, Workload

SGD_RATE, ADAM_RATE = (
    1e-3,
    1e-5,
)  # so low that a long run ends as it began: no dead units, no denormal numbers
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
Update = Callable[[Sequence[Array]], None]


def parameters(sizes: Sequence[int], dtype: str) -> list[Array]:
    """Weights (out, in) and biases (out) in turn, one pair a layer, of the usual uniform distribution."""
    rng = np.random.default_rng(0)
    arrays = []
    for inner, outer in pairwise(sizes):
        bound = inner**-0.5
        arrays += [rng.uniform(-bound, bound, shape).astype(dtype) for shape in ((outer, inner), (outer,))]
    return arrays


def sgd(arrays: Sequence[Array]) -> Update:
    """Gradient descent by hand, in place."""

    def update(gradients: Sequence[Array]) -> None:
        for array, gradient in zip(arrays, gradients, strict=True):
            array -= SGD_RATE * gradient

    return update


def adam(arrays: Sequence[Array]) -> Update:
    """Adam by hand, in place (Kingma and Ba 2015, algorithm 1)."""
    state = [(array, np.zeros_like(array), np.zeros_like(array)) for array in arrays]
    count = 0

    def update(gradients: Sequence[Array]) -> None:
        nonlocal count
        count += 1
        rate, scale = ADAM_RATE / (1 - BETA1**count), (1 - BETA2**count) ** -0.5
        for (array, m, v), gradient in zip(state, gradients, strict=True):
            m *= BETA1
            m += (1 - BETA1) * gradient
            v *= BETA2
            v += (1 - BETA2) * (gradient * gradient)
            divisor = np.sqrt(v)
            divisor *= scale
            divisor += EPSILON
            array -= rate * m / divisor

    return update


UPDATES = {"sgd": sgd, "adam": adam}


def logits(arrays: Sequence[Any], x: Any, relu: Callable[[Any], Any]) -> Any:
    """The network's output (batch, classes), ReLU between layers, through any engine's operators."""
    for index in range(0, len(arrays) - 2, 2):
        x = relu(x @ arrays[index].T + arrays[index + 1])
    return x @ arrays[-2].T + arrays[-1]


def jax_loss(arrays: Any, x: Any, labels: Any) -> Any:
    """Mean cross-entropy in JAX."""
    import jax
    import jax.numpy as jnp

    log_p = jax.nn.log_softmax(logits(arrays, x, jax.nn.relu))
    return -jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()


def autograd_loss(arrays: Any, x: Any, labels: Any) -> Any:
    """Mean cross-entropy in HIPS autograd."""
    import autograd.numpy as anp

    z = logits(arrays, x, lambda h: anp.maximum(h, 0.0))
    z = z - anp.max(z, axis=1, keepdims=True)
    return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[np.arange(len(labels)), labels])


@dataclass(frozen=True)
class Mlp(Workload):
    """One training step of a ReLU classifier in float32: mean cross-entropy of integer labels, SGD or Adam.

    PyTorch and tinygraph use their layers and optimizers, the other peers primitives and an update by hand.
    """

    sizes: tuple[int, ...] = ()
    batch: int = 0
    optimizer: str = "sgd"

    def small(self) -> Mlp:
        return replace(self, sizes=(8, 6, 5, 4), batch=7)

    def data(self) -> tuple[list[Array], Array, Array]:
        """Parameters, x (batch, in) and labels (batch,)."""
        rng = np.random.default_rng(1)
        x = rng.standard_normal((self.batch, self.sizes[0])).astype("float32")
        return parameters(self.sizes, "float32"), x, rng.integers(0, self.sizes[-1], self.batch)

    def hand(self) -> Step:
        arrays, x, labels = self.data()
        w1, b1, w2, b2, w3, b3 = arrays
        update = UPDATES[self.optimizer](arrays)
        rows = np.arange(self.batch)

        def step() -> tuple[Any, ...]:
            h1 = x @ w1.T
            h1 += b1
            np.maximum(h1, 0, out=h1)
            h2 = h1 @ w2.T
            h2 += b2
            np.maximum(h2, 0, out=h2)
            z = h2 @ w3.T
            z += b3
            z -= z.max(axis=1, keepdims=True)
            g = np.exp(z)
            total = g.sum(axis=1, keepdims=True)
            loss = (np.log(total).sum() - z[rows, labels].sum()) / self.batch
            g /= total
            g[rows, labels] -= 1
            g /= self.batch
            dw3, db3 = g.T @ h2, g.sum(axis=0)
            g = g @ w3
            g *= h2 > 0
            dw2, db2 = g.T @ h1, g.sum(axis=0)
            g = g @ w2
            g *= h1 > 0
            update((g.T @ x, g.sum(axis=0), dw2, db2, dw3, db3))
            return loss, *arrays

        return step

    def _tinygraph_step(self, wrap: Callable[..., Any]) -> Step:
        import tinygraph as tg

        arrays, x, labels = self.data()
        layers: list[Any] = []
        for inner, outer in pairwise(self.sizes):
            layers += [tg.nn.Linear(inner, outer, dtype="float32"), tg.nn.ReLU()]
        model = tg.nn.Sequential(*layers[:-1])
        tensors = list(model.parameters())
        for tensor, array in zip(tensors, arrays, strict=True):
            tensor.data = array
        optimizer: Any
        if self.optimizer == "sgd":
            optimizer = tg.optim.SGD(tensors, lr=SGD_RATE)
        else:
            optimizer = tg.optim.Adam(tensors, lr=ADAM_RATE, betas=(BETA1, BETA2), eps=EPSILON)

        @wrap
        def train(x: Any, labels: Any) -> Any:
            optimizer.zero_grad()
            loss = tg.nn.cross_entropy(model(x), labels)
            loss.backward()
            optimizer.step()
            return loss

        return lambda: (train(x, labels), *tensors)

    def tinygraph(self) -> Step:
        return self._tinygraph_step(as_it_is)

    def compiled(self) -> Step:
        import tinygraph as tg

        return self._tinygraph_step(tg.compile)

    def _torch_step(self, wrap: Callable[..., Any]) -> Step:
        import torch

        arrays, *arguments = self.data()
        layers: list[Any] = []
        for inner, outer in pairwise(self.sizes):
            layers += [torch.nn.Linear(inner, outer), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        tensors = list(model.parameters())
        for tensor, array in zip(tensors, arrays, strict=True):
            tensor.data = torch.from_numpy(array)
        x, labels = (torch.from_numpy(array) for array in arguments)
        optimizer: Any
        if self.optimizer == "sgd":
            optimizer = torch.optim.SGD(tensors, lr=SGD_RATE)
        else:
            optimizer = torch.optim.Adam(tensors, lr=ADAM_RATE, betas=(BETA1, BETA2), eps=EPSILON)
        loss_of = wrap(lambda: torch.nn.functional.cross_entropy(model(x), labels))

        def step() -> tuple[Any, ...]:
            optimizer.zero_grad()
            loss = loss_of()
            loss.backward()
            optimizer.step()
            return loss, *tensors

        return step

    def torch(self) -> Step:
        return self._torch_step(lambda function: function)

    def torch_compile(self) -> Step:
        import torch

        return self._torch_step(torch.compile)

    def jax(self) -> Step:
        import jax
        import jax.numpy as jnp

        tensors, x, labels = jax.tree.map(jnp.asarray, self.data())
        zeros = jax.tree.map(jnp.zeros_like, tensors)

        def sgd_update(state: Any, gradients: Any) -> Any:
            w, *_ = state
            return [p - SGD_RATE * g for p, g in zip(w, gradients, strict=True)], None, None, None

        def adam_update(state: Any, gradients: Any) -> Any:
            w, ms, vs, count = state
            count = count + 1
            rate, scale = ADAM_RATE / (1 - BETA1**count), (1 - BETA2**count) ** -0.5
            ms = [BETA1 * m + (1 - BETA1) * g for m, g in zip(ms, gradients, strict=True)]
            vs = [BETA2 * v + (1 - BETA2) * (g * g) for v, g in zip(vs, gradients, strict=True)]
            w = [p - rate * m / (scale * jnp.sqrt(v) + EPSILON) for p, m, v in zip(w, ms, vs, strict=True)]
            return w, ms, vs, count

        update = sgd_update if self.optimizer == "sgd" else adam_update
        state = (tensors, None, None, None)
        if self.optimizer == "adam":
            state = (tensors, zeros, zeros, jnp.float32(0))

        def train(state: Any, x: Any, labels: Any) -> tuple[Any, Any]:
            loss, gradients = jax.value_and_grad(jax_loss)(state[0], x, labels)
            return loss, update(state, gradients)

        jitted = jax.jit(train)

        def step() -> tuple[Any, ...]:
            nonlocal state
            loss, state = jax.block_until_ready(jitted(state, x, labels))
            return loss, *state[0]

        return step

    def mygrad(self) -> Step:
        import mygrad as mg

        arrays, x, labels = self.data()
        tensors = [mg.tensor(array, copy=False) for array in arrays]
        update = UPDATES[self.optimizer](arrays)

        def step() -> tuple[Any, ...]:
            loss = mg.nnet.softmax_crossentropy(logits(tensors, x, mg.nnet.relu), labels)
            loss.backward()
            update([tensor.grad for tensor in tensors])
            return loss, *arrays

        return step

    def autograd(self) -> Step:
        from autograd import value_and_grad

        arrays, x, labels = self.data()
        update = UPDATES[self.optimizer](arrays)
        function = value_and_grad(autograd_loss)

        def step() -> tuple[Any, ...]:
            loss, gradients = function(arrays, x, labels)
            update(gradients)
            return loss, *arrays

        return step


TINY = Mlp("mlp_tiny", eager_bar=1.7, compiled_bar=0.25, sizes=(64, 32, 32, 10), batch=32)
BIG = Mlp("mlp_big", eager_bar=0.95, compiled_bar=0.88, sizes=(4096, 4096, 4096, 1000), batch=256)
WORKLOADS = (
    TINY,
    Mlp("mlp_mid", eager_bar=1.0, compiled_bar=0.80, sizes=(784, 256, 128, 10), batch=128, optimizer="adam"),
    BIG,
)
