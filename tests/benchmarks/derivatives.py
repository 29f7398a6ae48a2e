"""Derivatives beyond the gradient: a Hessian-vector product and a Jacobian, by function transforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.benchmarks.engines import as_it_is
from tests.benchmarks.harness import Array, Step, Workload
from tests.benchmarks.mlp import TINY, Mlp, autograd_loss, jax_loss, logits


@dataclass(frozen=True)
class Hvp(Workload):
    """The Hessian of mlp_tiny's loss in its six parameters, times a vector: one product a parameter.

    torch.compile does not support second derivatives, and MyGrad has none.
    """

    mlp: Mlp = TINY

    def small(self) -> Workload:
        return replace(self, mlp=self.mlp.small())

    def data(self) -> tuple[list[Array], Array, Array]:
        """Parameters, x (batch, in) and labels (batch,)."""
        return self.mlp.data()

    def vector(self) -> list[Array]:
        """The vector, one array a parameter."""
        rng = np.random.default_rng(2)
        return [np.asarray(rng.standard_normal(array.shape), np.float32) for array in self.data()[0]]

    def hand(self) -> Step:
        """Forward over reverse by hand (Pearlmutter 1994): `t` marks the tangent of each value."""
        (w1, b1, w2, b2, w3, b3), x, labels = self.data()
        w1t, b1t, w2t, b2t, w3t, b3t = self.vector()
        rows = np.arange(self.mlp.batch)

        def step() -> tuple[Any, ...]:
            h1 = x @ w1.T
            h1 += b1
            on1 = h1 > 0
            h1 *= on1
            h1t = x @ w1t.T
            h1t += b1t
            h1t *= on1
            h2 = h1 @ w2.T
            h2 += b2
            on2 = h2 > 0
            h2 *= on2
            h2t = h1t @ w2.T
            h2t += h1 @ w2t.T
            h2t += b2t
            h2t *= on2
            z = h2 @ w3.T
            z += b3
            zt = h2t @ w3.T
            zt += h2 @ w3t.T
            zt += b3t
            z -= z.max(axis=1, keepdims=True)
            g = np.exp(z)
            g /= g.sum(axis=1, keepdims=True)
            g /= self.mlp.batch
            zt -= self.mlp.batch * (g * zt).sum(axis=1, keepdims=True)
            gt = g * zt
            g[rows, labels] -= 1 / self.mlp.batch
            dw3, db3 = gt.T @ h2 + g.T @ h2t, gt.sum(axis=0)
            gt = gt @ w3
            gt += g @ w3t
            gt *= on2
            g = g @ w3
            g *= on2
            dw2, db2 = gt.T @ h1 + g.T @ h1t, gt.sum(axis=0)
            gt = gt @ w2
            gt += g @ w2t
            gt *= on1
            return gt.T @ x, gt.sum(axis=0), dw2, db2, dw3, db3

        return step

    def _tinygraph_step(self, wrap: Callable[..., Any]) -> Step:
        import tinygraph as tg

        arrays, x, labels = self.data()
        vector = self.vector()

        @wrap
        def product(*arrays: Any) -> Any:
            half = len(arrays) // 2
            return tg.hvp(
                lambda *parameters: tg.nn.cross_entropy(logits(parameters, x, tg.relu), labels),
                arrays[:half],
                arrays[half:],
            )

        return lambda: product(*arrays, *vector)

    def tinygraph(self) -> Step:
        return self._tinygraph_step(as_it_is)

    def compiled(self) -> Step:
        import tinygraph as tg

        return self._tinygraph_step(tg.compile)

    def torch(self) -> Step:
        import torch

        arrays, *arguments = self.data()
        tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
        x, labels = (torch.tensor(array) for array in arguments)
        vector = [torch.tensor(array) for array in self.vector()]

        def step() -> tuple[Any, ...]:
            loss = torch.nn.functional.cross_entropy(logits(tensors, x, torch.relu), labels)
            gradients = torch.autograd.grad(loss, tensors, create_graph=True)
            products: tuple[Any, ...] = torch.autograd.grad(gradients, tensors, grad_outputs=vector)
            return products

        return step

    def jax(self) -> Step:
        import jax
        import jax.numpy as jnp

        arrays, x, labels, vector = jax.tree.map(jnp.asarray, (*self.data(), self.vector()))

        def product(arrays: Any, vector: Any) -> Any:
            return jax.jvp(jax.grad(lambda arrays: jax_loss(arrays, x, labels)), (arrays,), (vector,))[1]

        jitted = jax.jit(product)
        return lambda: tuple(jax.block_until_ready(jitted(arrays, vector)))

    def autograd(self) -> Step:
        import autograd.numpy as anp
        from autograd import grad

        arrays, x, labels = self.data()
        vector = self.vector()

        def slope(arrays: Any) -> Any:
            gradients = grad(autograd_loss)(arrays, x, labels)
            return sum(anp.sum(g * t) for g, t in zip(gradients, vector, strict=True))

        product = grad(slope)
        return lambda: tuple(product(arrays))


@dataclass(frozen=True)
class Jacobian(Workload):
    """The Jacobian of x -> tanh(W x + b) in float64, W: (size, size); by hand it is (1 - y^2) W."""

    size: int = 64

    def small(self) -> Workload:
        return replace(self, size=5)

    def data(self) -> tuple[Array, Array, Array]:
        """W, b and x."""
        rng = np.random.default_rng(0)
        w = rng.standard_normal((self.size, self.size))
        return w / np.sqrt(self.size), rng.standard_normal(self.size), rng.standard_normal(self.size)

    def hand(self) -> Step:
        w, b, x = self.data()

        def step() -> tuple[Any, ...]:
            y = np.tanh(w @ x + b)
            return ((1 - y * y)[:, None] * w,)

        return step

    def _tinygraph_step(self, wrap: Callable[..., Any]) -> Step:
        import tinygraph as tg

        w, b, x = self.data()
        jacobian = wrap(tg.jacobian(lambda x: tg.tanh(w @ x + b)))
        return lambda: (jacobian(x),)

    def tinygraph(self) -> Step:
        return self._tinygraph_step(as_it_is)

    def compiled(self) -> Step:
        import tinygraph as tg

        return self._tinygraph_step(tg.compile)

    def torch(self) -> Step:
        import torch

        w, b, x = (torch.tensor(array) for array in self.data())
        jacobian = torch.func.jacrev(lambda x: torch.tanh(w @ x + b))
        return lambda: (jacobian(x),)

    def torch_compile(self) -> Step:
        import torch

        w, b, x = (torch.tensor(array) for array in self.data())
        jacobian = torch.compile(torch.func.jacrev(lambda x: torch.tanh(w @ x + b)))
        return lambda: (jacobian(x),)

    def jax(self) -> Step:
        import jax
        import jax.numpy as jnp

        w, b, x = (jnp.asarray(array) for array in self.data())
        jacobian = jax.jit(jax.jacrev(lambda x: jnp.tanh(w @ x + b)))
        return lambda: (jax.block_until_ready(jacobian(x)),)

    def mygrad(self) -> Step:
        import mygrad as mg

        w, b, data = self.data()
        x = mg.tensor(data)

        def step() -> tuple[Any, ...]:
            rows = []
            for row in range(self.size):  # a backward pass frees the graph, so each needs its own
                mg.tanh(w @ x + b)[row].backward()
                rows.append(x.grad)
            return (np.stack(rows),)

        return step

    def autograd(self) -> Step:
        import autograd.numpy as anp
        from autograd import jacobian

        w, b, x = self.data()
        function = jacobian(lambda x: anp.tanh(anp.dot(w, x) + b))
        return lambda: (function(x),)


WORKLOADS = (
    Hvp("hvp", eager_bar=4, compiled_bar=0.4),
    Jacobian("jacobian", eager_bar=15, compiled_bar=1.5),
)
