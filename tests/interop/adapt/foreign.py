"""A package as others write it: plain NumPy, math and Python's numbers. Nothing in here knows of tensors."""

from __future__ import annotations

import cmath
import functools
import math
import numbers
from math import atan2
from numbers import Real

import numpy as np
from numpy import array, zeros
from scipy import linalg, special
from scipy.linalg import expm

CALLS = []


def entrance(x):
    x = np.asarray(x, dtype=float)
    return x**2


def rotation(t):
    c, s = math.cos(t), math.sin(t)
    return np.array([[c, -s], [s, c]])


def filled(x):
    out = np.zeros(3)
    out[0] = x[0]
    out[1] = x[1] * 2
    out[2] += x[0] * x[1]
    return out


def filled_by_name(x):
    out = zeros(2)
    for i in range(2):
        out[i] = float(x[i]) ** 2
    return array([out, out])


def asks_types(x):
    if not isinstance(x, (float, int)):
        raise TypeError("a number is needed")
    if np.isscalar(x) and isinstance(x, numbers.Number) and isinstance(x, Real) and not hasattr(x, "__len__"):
        return x * 3.0
    return x * 5.0


def asks_arrays(x):
    return x * 3.0 if isinstance(x, np.ndarray) and np.iterable(x) and hasattr(x, "__len__") else x * 5.0


def listed(x):
    rows = [v * 2 for v in x.tolist()]
    return np.asarray(rows) + np.array([x.item(0), float(x[1])])


@np.vectorize
def each(x, y=1.0):
    return x * y if x > 0 else -x


@functools.cache
def cached(x):
    return math.exp(x)


def angle(x):
    return atan2(x[0], x[1]) + math.hypot(x[0], x[1]) + math.log(x[0], 2) + math.pow(x[0], 3)


def steps(x):
    return math.floor(x) + int(x) + round(x, 1) + x - math.trunc(x)


def rounded(x):
    return [10.0, 20.0, 30.0][round(x)] * x


def impedance(x):
    z = complex(x[0], x[1])
    return abs(cmath.exp(z)) + cmath.sqrt(z).real + cmath.phase(z) + cmath.polar(z)[0]


def joined(x):
    return np.r_[x, 1.0, x[0]] @ np.c_[np.ones(4), np.r_[x, x]][:, 1]


def constant(x):
    return np.full(3, x) + np.full_like(np.arange(3.0), x) + np.arange(x, x + 3)[:3]


def matrices(x):
    return linalg.solve(np.array([[2.0, x], [0.0, 1.0]]), np.ones(2)) + expm(np.eye(2) * x)[0] + special.erf(x)


def summed(x):
    return math.fsum(x[k] ** 2 for k in range(len(x))) + math.prod([x[0], x[1]]) + math.dist(x, [0.0, 1.0])


def remembers(x):
    CALLS.append(1)
    return x * len(CALLS)


def differs(x):
    return x * 2.0 if type(x) in (float, np.float64) else x * 10.0


def fails(x):
    np.asarray(x, float)
    raise KeyError("nothing here")


def scaled(x):
    return np.float64(x) * np.float64(2.0) + np.float32(0.5)


class Lens:
    def __init__(self, focus):
        self.focus = np.asarray(focus, float)

    def image(self, distance):
        return 1 / (1 / self.focus - 1 / float(distance))

    @property
    def power(self):
        return float(1 / self.focus)
