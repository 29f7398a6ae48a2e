"""Single operations on a million numbers, value and gradient: pad, take, add at indices, convolve, pool."""

from __future__ import annotations

import ctypes
from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from tests.benchmarks.engines import Engine
from tests.benchmarks.harness import Array, Step, Workload


def keep_memory() -> None:
    """Have freed memory of this process used again, on every side alike: whether the C library gives it back to the
    system and fetches it anew is chance, and costs more than the operations (1 ms or 4 ms for the same padding)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # glibc's
        for parameter in (-1, -3):  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
            mallopt(parameter, 2**30)


@dataclass(frozen=True)
class Operation(Workload):
    """One operation on float64 arrays: its result, and its gradients for a given random gradient of the result."""

    side: int = 1000

    def small(self) -> Workload:
        return replace(self, side=8)

    @abstractmethod
    def inputs(self) -> tuple[Array, ...]:
        """The arrays to differentiate."""

    @abstractmethod
    def function(self, *inputs: Any) -> Any:
        """The operation, by tinygraph."""

    @abstractmethod
    def forward(self, *inputs: Array) -> Array:
        """The result, by NumPy."""

    @abstractmethod
    def vjp(self, g: Array, y: Array, *inputs: Array) -> tuple[Array, ...]:
        """The gradients, by NumPy, each in memory of its own."""

    def gradient(self) -> Array:
        """The gradient of the result."""
        return np.random.default_rng(1).standard_normal(self.forward(*self.inputs()).shape)

    def build(self, engine: Engine) -> Step:
        keep_memory()
        return super().build(engine)

    def hand(self) -> Step:
        inputs, g = self.inputs(), self.gradient()

        def step() -> tuple[Any, ...]:
            y = self.forward(*inputs)
            return y, *self.vjp(g, y, *inputs)

        return step

    def tinygraph(self) -> Step:
        import tinygraph as tg

        inputs, g = [tg.tensor(x, requires_grad=True) for x in self.inputs()], self.gradient()

        def step() -> tuple[Any, ...]:
            for x in inputs:
                x.grad = None
            y = self.function(*inputs)
            y.backward(g)
            return y, *[x.grad for x in inputs]

        return step


class Pad(Operation):
    """A frame of zeros around a square."""

    def inputs(self) -> tuple[Array, ...]:
        return (np.random.default_rng(0).standard_normal((self.side, self.side)),)

    def function(self, x: Any) -> Any:
        return np.pad(x, 2)

    def forward(self, x: Array) -> Array:
        return np.pad(x, 2)

    def vjp(self, g: Array, y: Array, x: Array) -> tuple[Array, ...]:
        return (g[2:-2, 2:-2].copy(),)


class Take(Operation):
    """As many elements of a vector as it has, at random indices; its gradient adds at repeated ones."""

    def inputs(self) -> tuple[Array, ...]:
        return (np.random.default_rng(0).standard_normal(self.side**2),)

    @cached_property
    def index(self) -> Array:
        """Where."""
        return np.random.default_rng(2).integers(0, self.side**2, self.side**2)

    def function(self, x: Any) -> Any:
        return np.take(x, self.index)

    def forward(self, x: Array) -> Array:
        return np.take(x, self.index)

    def vjp(self, g: Array, y: Array, x: Array) -> tuple[Array, ...]:
        return (np.bincount(self.index, g, minlength=x.size),)


class TakeRows(Take):
    """Random rows of a table, as an embedding does: rows of 64, one for each of its rows."""

    def inputs(self) -> tuple[Array, ...]:
        return (np.random.default_rng(0).standard_normal((max(self.side**2 // 64, 2), 64)),)

    @cached_property
    def index(self) -> Array:
        rows = max(self.side**2 // 64, 2)
        return np.random.default_rng(2).integers(0, rows, rows)

    def function(self, x: Any) -> Any:
        return x[self.index]

    def forward(self, x: Array) -> Array:
        return np.take(x, self.index, axis=0)

    def vjp(self, g: Array, y: Array, x: Array) -> tuple[Array, ...]:
        flat = (self.index[:, None] * x.shape[1] + np.arange(x.shape[1])).reshape(-1)
        return (np.bincount(flat, g.reshape(-1), minlength=x.size).reshape(x.shape),)


class ScatterAdd(Take):
    """The elements of a vector added up at random indices; its gradient takes them from there."""

    def function(self, x: Any) -> Any:
        import tinygraph as tg

        return tg.scatter(x, index=self.index, shape=x.shape)

    def forward(self, x: Array) -> Array:
        return np.bincount(self.index, x, minlength=x.size)

    def vjp(self, g: Array, y: Array, x: Array) -> tuple[Array, ...]:
        return (np.take(g, self.index),)


class Conv2d(Operation):
    """16 images of 16 channels, 64 x 64, with 16 filters of 3 x 3, frame of zeros: sample by sample in one buffer.

    The columns of one sample stay in the processor's cache; those of all at once are slower by half.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the images."""
        return (16, 16, 64, 64) if self.side == 1000 else (2, 3, self.side, self.side)

    def inputs(self) -> tuple[Array, ...]:
        rng = np.random.default_rng(0)
        return rng.standard_normal(self.shape), rng.standard_normal((16, self.shape[1], 3, 3))

    def function(self, x: Any, w: Any) -> Any:
        import tinygraph as tg

        return tg.conv2d(x, w, padding=1)

    def columns(self, x: Array) -> Array:
        """A view: (samples, channels, 3, 3, rows, columns)."""
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        return np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3)).transpose(0, 1, 4, 5, 2, 3)

    def forward(self, x: Array, w: Array) -> Array:
        view, rows = self.columns(x), w.reshape(len(w), -1)
        buffer, y = np.empty(view.shape[1:]), np.empty((len(x), len(w), *x.shape[2:]))
        for sample, out in zip(view, y, strict=True):
            buffer[...] = sample
            np.matmul(rows, buffer.reshape(rows.shape[1], -1), out=out.reshape(len(w), -1))
        return y

    def vjp(self, g: Array, y: Array, x: Array, w: Array) -> tuple[Array, ...]:
        view, rows = self.columns(x), w.reshape(len(w), -1)
        height, width = x.shape[2:]
        buffer = np.empty(view.shape[1:])
        flat = buffer.reshape(rows.shape[1], -1)
        gx, gw = np.zeros((len(x), x.shape[1], height + 2, width + 2)), np.zeros_like(rows)
        for n, sample in enumerate(view):
            gn = g[n].reshape(len(w), -1)
            buffer[...] = sample
            gw += gn @ flat.T
            np.matmul(rows.T, gn, out=flat)
            for i in range(3):
                for j in range(3):
                    gx[n, :, i : i + height, j : j + width] += buffer[:, i, j]
        return gx[:, :, 1:-1, 1:-1].copy(), gw.reshape(w.shape)

    def torch(self) -> Step:
        import torch

        (x, w), g = (torch.tensor(a, requires_grad=True) for a in self.inputs()), torch.tensor(self.gradient())

        def step() -> tuple[Any, ...]:
            x.grad = w.grad = None
            y = torch.nn.functional.conv2d(x, w, padding=1)
            y.backward(g)
            return y, x.grad, w.grad

        return step


class MaxPool2d(Conv2d):
    """The largest of each 2 x 2 elements; ties share."""

    def inputs(self) -> tuple[Array, ...]:
        return super().inputs()[:1]

    def function(self, x: Any) -> Any:  # type: ignore[override]
        import tinygraph as tg

        return tg.max_pool2d(x, 2)

    def corners(self, x: Array) -> list[Array]:
        """The four elements of all windows."""
        return [x[..., i::2, j::2] for i in (0, 1) for j in (0, 1)]

    def forward(self, x: Array) -> Array:  # type: ignore[override]
        a, b, c, d = self.corners(x)
        return np.maximum(np.maximum(a, b), np.maximum(c, d))

    def vjp(self, g: Array, y: Array, x: Array) -> tuple[Array, ...]:  # type: ignore[override]
        hits = [corner == y for corner in self.corners(x)]
        share = g / sum(hit.astype(np.int8) for hit in hits)
        gx = np.empty_like(x)
        for place, hit in zip(self.corners(gx), hits, strict=True):
            np.multiply(share, hit, out=place)
        return (gx,)

    def torch(self) -> Step:
        import torch

        x, g = torch.tensor(self.inputs()[0], requires_grad=True), torch.tensor(self.gradient())

        def step() -> tuple[Any, ...]:
            x.grad = None
            y = torch.nn.functional.max_pool2d(x, 2)
            y.backward(g)
            return y, x.grad

        return step


WORKLOADS = (
    Pad("ops_pad", eager_bar=1.5),
    Take("ops_take", eager_bar=1.5),
    TakeRows("ops_take_rows", eager_bar=1.5),
    ScatterAdd("ops_scatter_add", eager_bar=1.5),
    Conv2d("ops_conv2d", eager_bar=1.5),
    MaxPool2d("ops_max_pool2d", eager_bar=1.5),
)
