"""Examples of elementwise operations beyond those that follow from their domain."""

import numpy as np

from tinygraph.testing import Case

_x = np.random.default_rng(51).standard_normal
_whole = np.array([[1, -2, 3], [0, 1, -1]])

ROWS = {
    "add_reduceat": [
        Case(_x(5), starts=np.array([0, 2, 3]), axis=0),
        Case(_x((2, 4)), starts=np.array([1, 3]), axis=1),
        Case(_x((3, 2)), starts=np.array([2, 0, 1, 1]), axis=0),
        Case(_x((2, 0)), starts=np.array([0, 1]), axis=0),
        Case(_x((2, 3, 2)), starts=np.array([0, 2]), axis=1),
        Case(_x(3), starts=np.zeros(0, int), axis=0),
    ],
    "ldexp": [Case(_x((2, 3)), _whole), Case(_x(3), _whole), Case(np.array(1.5), np.array(3)), Case(_x((2, 0)), 1)],
}
EXTRA = {
    "isclose": [Case(_x(3), 0.5, atol=1.0), Case(np.array([np.nan, 1.0]), np.array([np.nan, np.inf]), equal_nan=True)],
    "heaviside": [Case(np.array([-1, 0, 2, 0]), _x(4)), Case(np.array([[0], [1]]), _x(3))],
    "fmax": [Case(_x(3), np.array([0.1, np.nan, -0.2])), Case(_x(3), 0.0)],
    "fmin": [Case(_x(3), np.array([0.1, np.nan, -0.2])), Case(_x(3), 0.0)],
    "float_power": [Case(np.abs(_x(3)) + 0.5, 3.0), Case(2.0, _x(3)), Case(_x(4), 2), Case(_x(3), 0)],
    "round": [Case(_x(4), decimals=2), Case(20 * _x(4), decimals=-1)],
    "bessel_ratio": [Case(3 * _x(4), n=0), Case(np.array([0.0, 1e-8, -0.5, 7.9, -8.1, 9.5]), n=2)],
    "share": [Case(_x(3), _x((2, 3)), unit=0.5)],
    "spherical_ratio": [Case(np.array([0.0, 0.01, -2.9, 3.1, 30.3]), n=2), Case(4 * _x(4), n=5)],
    "i0": [Case(np.array([0.0, 1e-8, -0.5, 7.9, -8.1, 9.5]))],
    "sinc": [Case(np.array([0.0, 0.01, -0.49, 0.51, 1.0, 30.3]))],
}  # fmt: skip
