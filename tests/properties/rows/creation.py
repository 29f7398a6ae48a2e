"""Rows of what makes arrays like others."""

import numpy as np

from tinygraph.testing import Case

_x = np.random.default_rng(22).standard_normal((2, 3))

ROWS = {
    name: [Case(_x), Case(_x, dtype=np.float32, shape=(2,)), Case(np.array(1.5))]
    for name in ("zeros_like", "ones_like", "empty_like")
}
ROWS["filled"] = [
    Case(_x, fill_value=2.5),
    Case(_x, fill_value=2.5, shape=(4,)),
    Case(np.array(1.5), fill_value=3.0),
]
