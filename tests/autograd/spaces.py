"""autograd's vector spaces of numbers, arrays and nests of them, for its tests: sizes, sums, products, bases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import tinygraph as tg


def mapped(f: Callable[..., Any], first: Any, *others: Any) -> Any:
    """The nest of what `f` gives for the leaves, one of each nest."""
    if isinstance(first, dict):
        return {k: mapped(f, first[k], *[o[k] for o in others]) for k in first}
    if isinstance(first, (list, tuple)):
        items = [mapped(f, *xs) for xs in zip(first, *others, strict=True)]
        return type(first)(*items) if hasattr(first, "_fields") else type(first)(items)
    return f(first, *others)


def leaves(nest: Any) -> list[Any]:
    found: list[Any] = []
    mapped(found.append, nest)
    return found


def sorted_nest(nest: Any) -> Any:
    """A nest whose dicts are lists, by their sorted keys: the order in which autograd flattens."""
    if isinstance(nest, dict):
        return [sorted_nest(nest[k]) for k in sorted(nest)]
    return [sorted_nest(x) for x in nest] if isinstance(nest, (list, tuple)) else nest


def like(nest: Any, flat: Any) -> Any:
    """A nest built like `nest` of what the vector `flat` holds."""
    start = 0

    def part(leaf: Any) -> Any:
        nonlocal start
        start += np.size(leaf)
        y = np.reshape(flat[start - np.size(leaf) : start], np.shape(leaf))
        return y if np.iscomplexobj(leaf) else np.real(y)

    return mapped(part, nest)


def conjugated(nest: Any) -> Any:
    """autograd's cotangents and gradients are the complex conjugates of ours."""
    return mapped(lambda x: np.conj(x) if np.iscomplexobj(x) else x, nest)


def _value(x: Any) -> Any:
    return x.detach().numpy() if isinstance(x, tg.Tensor) else np.asarray(x)


class Space:
    """The vector space of nests built like `value`, over the real numbers."""

    def __init__(self, value: Any) -> None:
        self.zero = mapped(lambda x: np.zeros(np.shape(x), _value(x).dtype), value)
        self.iscomplex = any(x.dtype.kind == "c" for x in leaves(self.zero))
        self.size = sum(x.size * (2 if x.dtype.kind == "c" else 1) for x in leaves(self.zero))
        self.shape = getattr(self.zero, "shape", None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and str(self) == str(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return str(mapped(lambda x: (x.shape, str(x.dtype)), self.zero))

    def zeros(self) -> Any:
        return mapped(np.copy, self.zero)

    def ones(self) -> Any:
        return mapped(lambda x: x + (1 + 1j if x.dtype.kind == "c" else 1), self.zero)

    def randn(self) -> Any:
        return mapped(
            lambda x: (np.random.randn(*x.shape) + (1j * np.random.randn(*x.shape) if x.dtype.kind == "c" else 0)
                       + np.zeros(x.shape)).astype(x.dtype), self.zero,
        )  # fmt: skip

    def standard_basis(self) -> Iterator[Any]:
        for k, leaf in enumerate(leaves(self.zero)):
            for index in np.ndindex(*leaf.shape):
                for one in (1, 1j) if leaf.dtype.kind == "c" else (1,):
                    vector = self.zeros()
                    leaves(vector)[k][index] = one
                    yield vector

    def add(self, x: Any, y: Any) -> Any:
        return mapped(lambda a, b: a + b, x, y)

    def scalar_mul(self, x: Any, factor: Any) -> Any:
        return mapped(lambda a: a * factor, x)

    def covector(self, x: Any) -> Any:
        return conjugated(x)

    def inner_prod(self, x: Any, y: Any) -> Any:
        products = [
            np.real(np.dot(np.conj(np.ravel(a)), np.ravel(b))) for a, b in zip(leaves(x), leaves(y), strict=True)
        ]
        return sum(products) if products else 0.0


def vspace(value: Any) -> Space:
    return Space(value)
