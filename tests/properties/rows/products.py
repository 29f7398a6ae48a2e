"""Products along an axis, and the convolution."""

from typing import Any

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(8)


def x(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(_rng.standard_normal(shape))


ROWS: dict[str, list[Case]] = {
    "vecdot": [
        Case(x(3), x(3)), Case(x(2, 3), x(3)), Case(x(2, 3), x(2, 3)), Case(x(2, 3), x(2, 1), axis=0),
        Case(x(4, 1, 3), x(2, 3)), Case(x(2, 0), x(2, 0)), Case(x(3, 2, 2), x(3, 2, 2), axis=-2),
    ],
    "matvec": [
        Case(x(2, 3), x(3)), Case(x(5, 2, 3), x(3)), Case(x(2, 3), x(5, 3)), Case(x(4, 1, 2, 3), x(5, 3)),
        Case(x(2, 0), x(0)),
    ],
    "vecmat": [
        Case(x(2), x(2, 3)), Case(x(2), x(5, 2, 3)), Case(x(5, 2), x(2, 3)), Case(x(5, 2), x(4, 1, 2, 3)),
        Case(x(0), x(0, 3)),
    ],
    "cross": [Case(x(3), x(3)), Case(x(2, 3), x(3)), Case(x(2, 1, 3), x(4, 3)), Case(x(0, 3), x(3))],
    "convolve": [
        Case(x(5), x(3), mode="full"), Case(x(3), x(5), mode="full"), Case(x(5), x(3), mode="same"),
        Case(x(4), x(6), mode="same"), Case(x(6), x(3), mode="valid"), Case(x(2), x(5), mode="valid"),
        Case(x(3), x(3), mode="valid"), Case(x(1), x(1), mode="full"), Case(x(6), x(4), mode="same"),
    ],
}  # fmt: skip
