"""Starting values for weights of shape (out, in)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator

Array = np.ndarray[Any, Any]
Initializer = Callable[["Generator", tuple[int, ...]], Array]


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Inputs and outputs of one unit."""
    area = math.prod(shape[2:])
    return shape[1] * area, shape[0] * area


def zeros(rng: Generator, shape: tuple[int, ...]) -> Array:
    """All zeros: hidden units then stay equal for ever (symmetry)."""
    return np.zeros(shape)


def small_normal(rng: Generator, shape: tuple[int, ...], scale: float = 0.01) -> Array:
    """Normal numbers of standard deviation `scale`: the notes' small random numbers."""
    return rng.normal(0.0, scale, shape)


def xavier_uniform(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Uniform in ±sqrt(6 / (in + out)), for tanh and sigmoid (Glorot and Bengio 2010, eq. 16)."""
    bound = math.sqrt(6 / sum(_fans(shape)))
    return rng.uniform(-bound, bound, shape)


def he_normal(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Normal of variance 2 / in, for ReLU (He et al. 2015, arXiv:1502.01852, eq. 10)."""
    return rng.normal(0.0, math.sqrt(2 / _fans(shape)[0]), shape)


def lecun_normal(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Normal of variance 1 / in (LeCun et al. 1998, Efficient BackProp, section 4.6)."""
    return rng.normal(0.0, math.sqrt(1 / _fans(shape)[0]), shape)


def orthogonal(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Rows (or columns) orthonormal (Saxe et al. 2013, arXiv:1312.6120)."""
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diag(r))
    return (q if rows >= columns else q.T).reshape(shape)


def linear_default(rng: Generator, shape: tuple[int, ...]) -> Array:
    """Uniform in ±1 / sqrt(in): what PyTorch's Linear starts with."""
    bound = 1 / math.sqrt(_fans(shape)[0])
    return rng.uniform(-bound, bound, shape)
