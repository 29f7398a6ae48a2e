"""Examples for products of rows with each other and for weights summed by number."""

from typing import Any

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(35)


def x(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(_rng.standard_normal(shape))


ROWS: dict[str, list[Case]] = {
    "centred": [Case(x(2, 3)), Case(x(1, 4)), Case(x(3, 1)), Case(x(0, 3))],
    "gram": [Case(x(2, 3)), Case(x(3, 2)), Case(x(1, 4)), Case(x(2, 0)), Case(x(0, 3))],
    "bincount": [
        Case(np.array([0, 2, 0, 3]), x(4), minlength=0), Case(np.array([1, 1, 1]), x(3), minlength=4),
        Case(np.array([], int), x(0), minlength=2), Case(np.array([0, 1]), x(2), minlength=1),
    ],
}  # fmt: skip
