"""The routes by which a gradient is computed: tinygraph's own, and the others that it is compared with."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import ops
from ...engine.node import Array
from ...engine.reverse import pullback
from ...engine.trees import flatten
from ...tensors.tensor import Tensor
from ..recorded import Recording, record
from ..subject import Subject
from .scalar import Replay

TOLERANCE = {"finite": 1e-6, "complex-step": 1e-10, "scalar": 1e-10, "torch": 1e-10, "jax": 1e-10}
"""Accepted differences, relative to the largest gradient of the input: far above the rounding errors of the route."""

CANCELLATION = 1e-9
"""Accepted for the digits of f that a difference loses, relative to f over the size of the input."""

ROUNDING = 64 * np.finfo(np.float64).eps
"""Accepted by the scalar route for terms of a gradient that cancel, relative to the sum of their sizes."""


class Route:
    """f as a function of its floating-point inputs at `point`, with the weights of its output.

    `own_gradient` records it: `subject` is then f for the checker, `recording` the graph with all values, and its nodes
    hold the gradient that arrived at them. A route leaves in `noise` by how much rounding may change its result.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        inputs: Sequence[Any],
        positions: Sequence[int],
        rng: np.random.Generator | None = None,
        weights: Array | None = None,
    ) -> None:
        self.f, self.inputs, self.positions, self.rng, self.weights = f, inputs, positions, rng, weights
        self.point = [np.array(inputs[k], dtype=np.float64) for k in positions]
        self.takes_xp = not isinstance(f, np.ufunc) and "xp" in inspect.signature(f).parameters
        self.subject: Subject
        self.recording: Recording
        self.replay: Replay | None = None
        self.noise: Sequence[Any] = [0.0] * len(self.point)

    def __call__(self, values: Sequence[Any], xp: Any) -> Any:
        """The output of f at other values of the floating-point inputs."""
        arguments = list(self.inputs)
        for k, value in zip(self.positions, values, strict=True):
            arguments[k] = value
        outputs = flatten(self.f(*arguments, xp=xp) if self.takes_xp else self.f(*arguments))
        if len(outputs) != 1:
            raise TypeError(f"compare: f returned {len(outputs)} values; return one tensor")
        return outputs[0]

    def total(self, values: Sequence[Any], xp: Any) -> Any:
        """The weighted sum of the output, on arrays."""
        return np.sum(np.asarray(self(values, xp)) * self.weights)

    def own_gradient(self) -> tuple[Array, ...]:
        """Tinygraph's gradient; draws the weights where none were given."""
        self.subject = Subject(lambda *values: self(values, ops), self.point, None)
        self.recording = record(self.subject, self.point)
        [y] = self.recording.outputs
        if self.weights is None:
            many = self.rng is not None and np.size(getattr(y, "_array", y)) > 1
            self.weights = np.asarray(self.rng.uniform(0.5, 1.5, np.shape(y)) if self.rng and many else 1.0)
        found = {}
        if isinstance(y, Tensor) and y.node is not None:
            seed = np.broadcast_to(self.weights, y.shape).astype(y.dtype)
            found = pullback([(y.node, seed)], wrt=self.recording.leaves, retain_graph=True)
        return tuple(
            np.asarray(found[leaf]) if leaf in found else np.zeros(x.shape)
            for leaf, x in zip(self.recording.leaves, self.point, strict=True)
        )


def _by_element(point: Sequence[Array], slope: Callable[[int, tuple[int, ...]], float]) -> tuple[Array, ...]:
    return tuple(
        np.array([slope(k, i) for i in np.ndindex(x.shape)], dtype=np.float64).reshape(x.shape)
        for k, x in enumerate(point)
    )


def _distance(x: Any) -> Any:
    """The scale of steps from x: its size, or 1 at 0."""
    return np.where(x == 0, 1.0, np.abs(x))


def _finite(route: Route) -> tuple[Array, ...]:
    point = route.point

    def slope(k: int, i: tuple[int, ...]) -> float:
        x = float(point[k][i])
        step = 6e-6 * float(_distance(point[k][i]))  # the cube root of the precision: truncation and rounding are alike
        ends = []
        for moved in (x + step, x - step):
            values = [v.copy() for v in point]
            values[k][i] = moved
            ends.append((float(route.total(values, ops)), moved))
        (high, right), (low, left) = ends
        return (high - low) / (right - left)

    value = abs(float(route.total(point, ops)))
    route.noise = [CANCELLATION * value / _distance(x) for x in point]
    return _by_element(point, slope)


def _complex_step(route: Route) -> tuple[Array, ...]:
    point = route.point

    def slope(k: int, i: tuple[int, ...]) -> float:
        values: list[Array] = [v.copy() for v in point]
        values[k] = values[k].astype(np.complex128)
        values[k][i] += 1e-30j
        return float(np.imag(route.total(values, ops)) / 1e-30)

    return _by_element(point, slope)


def _scalar(route: Route) -> tuple[Array, ...]:
    route.replay = Replay(route.recording, TOLERANCE["scalar"])
    found: dict[Any, tuple[Array, Array]] = {}
    for root in route.recording.roots:
        found = route.replay.gradients(root, np.broadcast_to(np.asarray(route.weights), root.shape))
    results = [found.get(leaf, (np.zeros(leaf.shape),) * 2) for leaf in route.recording.leaves]
    route.noise = [ROUNDING * size for _, size in results]
    return tuple(g for g, _ in results)


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"compare: {name} is not installed; install it (pip install {name}), or compare against 'finite'"
        ) from error


def _torch(route: Route) -> tuple[Array, ...]:
    torch = _package("torch")
    leaves = [torch.tensor(x, requires_grad=True) for x in route.point]
    (route(leaves, torch) * torch.tensor(route.weights)).sum().backward()
    return tuple(
        np.zeros(x.shape) if t.grad is None else t.grad.numpy() for t, x in zip(leaves, route.point, strict=True)
    )


def _jax(route: Route) -> tuple[Array, ...]:
    jax = _package("jax")
    double = jax.enable_x64 if hasattr(jax, "enable_x64") else importlib.import_module("jax.experimental").enable_x64
    with double(True):
        arrays = tuple(jax.numpy.asarray(x) for x in route.point)
        found = jax.grad(lambda xs: (route(xs, jax.numpy) * route.weights).sum())(arrays)
        return tuple(np.asarray(g) for g in found)


ROUTES: dict[str, Callable[[Route], tuple[Array, ...]]] = {
    "finite": _finite,
    "complex-step": _complex_step,
    "scalar": _scalar,
    "torch": _torch,
    "jax": _jax,
}
