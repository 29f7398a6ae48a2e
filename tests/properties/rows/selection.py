"""Examples for the operations of selecting: none has a derivative."""

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(31)

ROWS = {
    "count_nonzero": [Case(_rng.standard_normal((2, 3))), Case(np.array([[0.0, 2.0]]), axis=1, keepdims=True)],
    "interval": [
        Case(_rng.standard_normal((2, 3)), np.array([-1.0, 0.0, 0.5])), Case(np.array(0.3), np.array([0.0])),
        Case(np.zeros(0), np.array([0.0, 1.0])),
    ],
}  # fmt: skip
