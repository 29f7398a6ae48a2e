"""`compare`: gradients of one function by two routes, and where they first differ."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import ops
from .call import flatten
from .errors import NotDifferentiable
from .tensor import Tensor

Array = np.ndarray[Any, Any]

TOLERANCE = {"finite": 1e-6, "complex-step": 1e-10, "torch": 1e-10, "jax": 1e-10}
"""Accepted differences, relative to the largest gradient of the input: far above the rounding errors of the route."""

CANCELLATION = 1e-9
"""Accepted for the digits of f that a difference loses, relative to f over the size of the input."""


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """Gradients by tinygraph (`gradients`) and by another route (`others`), one array for each floating-point input.

    `positions` says which inputs they belong to. Where they differ, `input` is the position of the first input that
    does and `element` the index of its worst element; otherwise `input` is None.
    """

    against: str
    positions: tuple[int, ...]
    gradients: tuple[Array, ...]
    others: tuple[Array, ...]
    input: int | None = None
    element: tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the gradients agree."""
        return self.input is None

    def __str__(self) -> str:
        if self.input is None:
            n = len(self.gradients)
            return f"gradients agree with {self.against}: {n} input{'' if n == 1 else 's'}"
        k = self.positions.index(self.input)
        ours, other = float(self.gradients[k][self.element]), float(self.others[k][self.element])
        ratio = f", ratio {ours / other:.4g}" if other else ""
        index = f"[{', '.join(map(str, self.element))}]" if self.element else ""
        return (
            f"gradients differ from {self.against}, first at input {self.input}{index} of shape "
            f"{self.gradients[k].shape}: tinygraph {ours:.7g}, {self.against} {other:.7g}{ratio}"
        )


def compare(f: Callable[..., Any], inputs: Any, against: str = "finite", seed: int = 0) -> Comparison:
    """Compute the gradient of `f(*inputs)` a second time `against` another route, and say where they first differ.

    - "finite": central differences, two evaluations per element.
    - "complex-step": Im f(x + ih) / h on complex arrays, exact to rounding; f must be analytic (no abs, relu, max).
    - "torch", "jax": their arrays and their gradient. f uses operators, and functions of its argument `xp` if it has
      one, which is `tinygraph.ops`, `torch` or `jax.numpy` in turn.

    `inputs` is a tuple or list, or the only input; floating-point ones are taken as float64. f returns one tensor; of
    more than one element, a sum with random weights (`seed`) is differentiated. Returns a `Comparison`. Raises
    ValueError for an unknown route, ImportError where its package is not installed.

    >>> print(compare(lambda x, y: np.sin(x) * y, (0.5, np.array([1.0, 2.0])), against="complex-step"))
    gradients agree with complex-step: 2 inputs
    """
    if against not in _ROUTES:
        raise ValueError(f"compare: there is no route {against!r}; choose one of {', '.join(_ROUTES)}")
    given = list(inputs) if isinstance(inputs, tuple | list) else [inputs]
    given = [x._data if isinstance(x, Tensor) else x for x in given]
    positions = tuple(k for k, x in enumerate(given) if np.asarray(x).dtype.kind == "f")
    if not positions:
        raise NotDifferentiable("compare: no input is of floating point; pass 3.0, not 3")
    point = [np.array(given[k], dtype=np.float64) for k in positions]
    route = _Route(f, given, positions, np.random.default_rng(seed))
    with np.errstate(all="ignore"):  # what is not finite shows in the result
        ours = _ours(route, point)
        others = _ROUTES[against](route, point)
        value = abs(float(route.total(point, ops))) if against == "finite" else 0.0
    for k, x, g, other in zip(positions, point, ours, others, strict=True):
        off = np.where(g == other, 0.0, np.abs(g - other))  # inf agrees with inf
        noise = CANCELLATION * value / _reach(x)
        largest = max((float(np.abs(v)) for v in (*g.flat, *other.flat) if np.isfinite(v)), default=0.0)
        excess = off - (TOLERANCE[against] * largest + noise)
        if not (excess <= 0).all():
            worst = np.unravel_index(int(np.argmax(np.where(np.isnan(excess), np.inf, excess))), g.shape)
            return Comparison(against, positions, ours, others, k, tuple(int(i) for i in worst))
    return Comparison(against, positions, ours, others)


class _Route:
    """f with its other inputs and the weights of its output."""

    def __init__(
        self, f: Callable[..., Any], given: Sequence[Any], positions: Sequence[int], rng: np.random.Generator
    ) -> None:
        self.f, self.given, self.positions, self.rng = f, given, positions, rng
        self.weights: Array | None = None
        self.takes_xp = "xp" in inspect.signature(f).parameters

    def __call__(self, values: Sequence[Any], xp: Any) -> Any:
        """The output of f at other values of the floating-point inputs."""
        arguments = list(self.given)
        for k, value in zip(self.positions, values, strict=True):
            arguments[k] = value
        outputs = flatten(self.f(*arguments, xp=xp) if self.takes_xp else self.f(*arguments))
        if len(outputs) != 1:
            raise TypeError(f"compare: f returned {len(outputs)} values; return one tensor")
        return outputs[0]

    def total(self, values: Sequence[Any], xp: Any) -> Any:
        """The weighted sum of the output, on arrays."""
        return np.sum(np.asarray(self(values, xp)) * self.weights)


def _ours(route: _Route, point: Sequence[Array]) -> tuple[Array, ...]:
    leaves = [Tensor(x.copy(), requires_grad=True) for x in point]
    y = route(leaves, ops)
    route.weights = np.asarray(route.rng.uniform(0.5, 1.5, np.shape(y)) if np.size(getattr(y, "_data", y)) > 1 else 1.0)
    if isinstance(y, Tensor) and y.node is not None:
        y.backward(np.broadcast_to(route.weights, y.shape).astype(y.dtype))
    return tuple(np.zeros(t.shape) if t.grad is None else np.asarray(t.grad._data) for t in leaves)


def _by_element(point: Sequence[Array], slope: Callable[[int, tuple[int, ...]], float]) -> tuple[Array, ...]:
    return tuple(
        np.array([slope(k, i) for i in np.ndindex(x.shape)], dtype=np.float64).reshape(x.shape)
        for k, x in enumerate(point)
    )


def _reach(x: Any) -> Any:
    """How far a step may go, up to a factor: the size of x, or 1 at 0."""
    return np.where(x == 0, 1.0, np.abs(x))


def _finite(route: _Route, point: Sequence[Array]) -> tuple[Array, ...]:
    def slope(k: int, i: tuple[int, ...]) -> float:
        x = float(point[k][i])
        step = 6e-6 * float(_reach(point[k][i]))  # the cube root of the precision: truncation and rounding are alike
        ends = []
        for moved in (x + step, x - step):
            values = [v.copy() for v in point]
            values[k][i] = moved
            ends.append((float(route.total(values, ops)), moved))
        (high, right), (low, left) = ends
        return (high - low) / (right - left)

    return _by_element(point, slope)


def _complex_step(route: _Route, point: Sequence[Array]) -> tuple[Array, ...]:
    def slope(k: int, i: tuple[int, ...]) -> float:
        values: list[Array] = [v.copy() for v in point]
        values[k] = values[k].astype(np.complex128)
        values[k][i] += 1e-30j
        return float(np.imag(route.total(values, ops)) / 1e-30)

    return _by_element(point, slope)


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"compare: {name} is not installed; install it (pip install {name}), or compare against 'finite'"
        ) from error


def _torch(route: _Route, point: Sequence[Array]) -> tuple[Array, ...]:
    torch = _package("torch")
    leaves = [torch.tensor(x, requires_grad=True) for x in point]
    (route(leaves, torch) * torch.tensor(route.weights)).sum().backward()
    return tuple(np.zeros(x.shape) if t.grad is None else t.grad.numpy() for t, x in zip(leaves, point, strict=True))


def _jax(route: _Route, point: Sequence[Array]) -> tuple[Array, ...]:
    jax = _package("jax")
    double = jax.enable_x64 if hasattr(jax, "enable_x64") else importlib.import_module("jax.experimental").enable_x64
    with double(True):
        arrays = tuple(jax.numpy.asarray(x) for x in point)
        found = jax.grad(lambda xs: (route(xs, jax.numpy) * route.weights).sum())(arrays)
        return tuple(np.asarray(g) for g in found)


_ROUTES: dict[str, Callable[[_Route, Sequence[Array]], tuple[Array, ...]]] = {
    "finite": _finite,
    "complex-step": _complex_step,
    "torch": _torch,
    "jax": _jax,
}
