"""Examples for the places of quantiles, which have no derivative."""

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(34)
_how = {"q": (0.3, 0.5), "dtype": np.dtype(np.float64)}

ROWS: dict[str, list[Case]] = {
    "places": [
        Case(np.array([3, 4]), method="linear", **_how), Case(np.array([[1], [4]]), method="lower", **_how),
        Case(np.array(5), method="midpoint", **_how), Case(np.zeros((0, 2), int), method="linear", **_how),
    ],
    "weighted_places": [
        Case(_rng.standard_normal((2, 3)), np.array([1.0, 2.0, 3.0]), q=(0.0, 0.5)),
        Case(_rng.standard_normal((2, 3)), _rng.uniform(size=(2, 3)), q=(1.0,)),
    ],
}  # fmt: skip
