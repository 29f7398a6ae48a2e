"""One program as a loss of its inputs, with how far rounding reaches in its value and derivatives."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tinygraph as tg

from .mixture import Mixture

RUNS = 4
"""Disturbed runs from which the reach of rounding is taken."""
ULPS = 32.0
"""How many times that reach, or the last digit of the largest element, two ways to compute may differ by."""


class Disagreement(AssertionError):
    """Two modes of a program that give different numbers."""


class Subject:
    """A program to be differentiated at its inputs, the weights of its results, and directions to move in."""

    def __init__(self, f: Mixture) -> None:
        self.f, self.xs = f, f.inputs
        rng = np.random.default_rng(1)
        self.plain = f(*self.xs)
        self.weights = [weights(rng, y) for y in self.plain]
        self.v = [weights(rng, x) for x in self.xs]
        self.every = tuple(range(len(self.xs)))
        met: list[Any] = [*self.xs, *self.plain]
        f.disturbed(*self.xs, disturb=lambda x: met.append(x) or x)
        self.dtypes = {x.dtype for x in met if hasattr(x, "dtype") and x.dtype.kind in "fc"}
        self.worst = max([float(np.finfo(d).eps) for d in self.dtypes])
        """The coarsest last digit of anything in the program."""
        self.exact = all(d.kind == "f" for d in self.dtypes) and all(x.flags.c_contiguous for x in self.xs)
        """Whether NumPy rounds alike in a copy: not complex numbers, nor arrays of another layout."""
        self.real = all(x.dtype.kind == "f" for x in self.xs)

    def combined(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """The loss: every result times its weights, summed."""

        def loss(*xs: Any) -> Any:
            terms = [np.sum(np.real(y * w)) for y, w in zip(run(*xs), self.weights, strict=True) if w is not None]
            return functools.reduce(lambda a, b: a + b, terms)

        loss.run = run  # type: ignore[attr-defined]
        return loss

    @functools.cached_property
    def loss(self) -> Callable[..., Any]:
        return self.combined(self.f)

    @functools.cached_property
    def gradient(self) -> tuple[Any, ...]:
        return tg.grad(self.loss, self.every)(*self.xs)  # type: ignore[no-any-return]

    def reach(self, measure: Callable[[Callable[..., Any]], Any]) -> list[Any]:
        """How far each array of `measure(loss)` moves when every value is rounded once more, and its last digit."""
        exact = measure(self.loss)
        moved = [np.zeros(()) for _ in exact]
        for seed in range(RUNS):
            run = functools.partial(self.f.disturbed, disturb=disturbance(seed))
            disturbed = attempt(lambda: measure(self.combined(run)))  # noqa: B023
            if disturbed is None:
                return [np.inf for _ in exact]
            for k, (a, b) in enumerate(zip(exact, disturbed, strict=True)):
                if np.shape(a) != np.shape(b):
                    return [np.inf for _ in exact]
                with np.errstate(all="ignore"):
                    moved[k] = np.maximum(moved[k], largest(np.asarray(a) - np.asarray(b)))
        return [ULPS * (m + self.worst * (1 + largest(a))) for m, a in zip(moved, exact, strict=True)]

    @functools.cached_property
    def gradient_reach(self) -> list[Any]:
        return self.reach(lambda loss: tg.grad(loss, self.every)(*self.xs))

    def hvp(self, loss: Callable[..., Any]) -> Any:
        return tg.hvp(loss, tuple(self.xs), tuple(self.v))

    @functools.cached_property
    def curvature(self) -> Any:
        return self.hvp(self.loss)

    @functools.cached_property
    def curvature_reach(self) -> list[Any]:
        return self.reach(self.hvp)

    def same(self, name: str, found: Any, expected: Any, reach: Sequence[Any] | None = None) -> None:
        """Demand that arrays are those expected, bit for bit or as far as rounding reaches, with dtype and shape."""
        for k, (a, b) in enumerate(zip(found, expected, strict=True)):
            a, b = array(a), array(b)
            if a.dtype != b.dtype or a.shape != b.shape:
                self.fail(name, f"number {k} is {a.dtype}{a.shape}, expected {b.dtype}{b.shape}")
            if reach is None and self.exact:
                right = a.tobytes() == b.tobytes() or np.array_equal(a, b, equal_nan=True)
            else:
                bound = reach[k] if reach is not None else self.likeness(name, b)
                with np.errstate(all="ignore"):
                    near = np.abs(a.astype(wide(a)) - b.astype(wide(b))) <= bound
                right = np.all(near | (a == b) | (np.isnan(a) & np.isnan(b)) | ~np.isfinite(bound))
            if not right:
                self.fail(name, f"number {k} is {a!r}, expected {b!r}")

    def likeness(self, name: str, x: Any) -> float:
        """How far complex numbers may be from the same computed in memory of another layout."""
        values = 0.0 if "grad" in name or "backward" in name else largest_of(self.value_reach)
        gradients = largest_of(self.gradient_reach) if not values else 0.0
        return max(values, gradients)

    @functools.cached_property
    def loss_reach(self) -> list[Any]:
        return self.reach(lambda loss: [loss(*self.xs)])

    @functools.cached_property
    def value_reach(self) -> list[Any]:
        return self.reach(lambda loss: loss.run(*self.xs))

    def fail(self, name: str, what: str) -> None:
        raise Disagreement(f"{name}: {what}\n{self.f!r}\nweights = {self.weights}")


def attempt(f: Callable[[], Any]) -> Any:
    """What `f` returns; None where it fails, as a program may when ties are broken."""
    try:
        return f()
    except (ArithmeticError, ValueError, IndexError, RuntimeWarning, np.linalg.LinAlgError):
        return None


def largest_of(bounds: list[Any]) -> float:
    return max([float(b) for b in bounds], default=0.0)


def weights(rng: np.random.Generator, y: Any) -> Any:
    """Multiples of 1/4 between 1/2 and 2, exact in every dtype; with imaginary parts for complex numbers."""
    y = np.asarray(y)
    w, v = (np.asarray(rng.choice([-2.0, -1.5, 0.5, 0.75, 1.0, 1.25], y.shape)) for _ in range(2))
    return (w + 1j * v if y.dtype.kind == "c" else w).astype(y.dtype)


def disturbance(seed: int) -> Callable[[Any], Any]:
    """A function that changes the last digit of floating-point values."""
    rng = np.random.default_rng(seed)

    def disturb(x: Any) -> Any:
        dtype = getattr(x, "dtype", None)
        if dtype is None or dtype.kind not in "fc":
            return x
        factor = 1 + np.finfo(dtype).eps * rng.choice([-1.0, 0.0, 1.0], np.shape(x))
        return x * factor.astype(dtype)

    return disturb


def array(x: Any) -> Any:
    return x.numpy() if isinstance(x, tg.Tensor) else np.asarray(x)


def largest(x: Any) -> float:
    size = np.abs(np.asarray(x).astype(wide(np.asarray(x))))
    return float(np.max(size, initial=0.0))


def wide(x: Any) -> Any:
    return np.complex128 if x.dtype.kind == "c" else np.float64


def eps(x: Any) -> float:
    return float(np.finfo(np.asarray(x).dtype).eps) if np.asarray(x).dtype.kind in "fc" else 0.0
