"""Rows of what takes complex numbers apart, given real ones; tests/ops/test_complex.py gives complex ones."""

import numpy as np

from tinygraph.testing import Case

_x = np.random.default_rng(21).standard_normal

ROWS = {
    name: [Case(_x((2, 3))), Case(np.array(_x())), Case(np.zeros((0, 2)))] for name in ("conjugate", "real", "imag")
}
EXTRA = {"angle": [Case(_x(3), deg=True)]}
