"""Examples for windows, convolutions and pooling."""

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(30)


def x(*shape: int) -> np.ndarray:
    return np.asarray(_rng.standard_normal(shape))


_one = {"stride": (1,), "dilation": (1,)}
_two = {"stride": (2, 1), "dilation": (1, 2)}
_three = {"stride": (3,), "dilation": (1,)}
_tied = np.array([[1.0, 2.0, 2.0], [3.0, 1.0, 0.0]])
_most = np.array([[2.0, 2.0], [3.0, 1.0]])

ROWS = {
    "windows": [
        Case(x(5), size=(2,), **_one), Case(x(2, 6, 5), size=(2, 3), **_two), Case(x(2, 3), size=(3,), **_one),
        Case(x(7), size=(2,), stride=(3,), dilation=(2,)), Case(x(0, 4), size=(2,), **_one),
        Case(x(2), size=(3,), **_one), Case(x(3), size=(1,), **_one), Case(x(3), size=(0,), **_one),
    ],
    "fold": [
        Case(x(2, 4), shape=(5,), **_one), Case(x(3, 2, 3, 3, 2), shape=(6, 6), **_two),
        Case(x(2, 2), shape=(7,), stride=(3,), dilation=(2,)), Case(x(0, 2, 3), shape=(4,), **_one),
        Case(x(1, 3), shape=(3,), **_one),
    ],
    "conv": [
        Case(x(2, 3, 6), x(4, 3, 2), groups=1, **_one), Case(x(2, 2, 6, 5), x(4, 1, 2, 2), groups=2, **_two),
        Case(x(1, 2, 4, 4, 3), x(2, 2, 2, 1, 3), groups=1, stride=(2, 1, 1), dilation=(1, 3, 1)),
        Case(x(0, 2, 3), x(1, 2, 2), groups=1, **_one), Case(x(1, 3, 4), x(3, 1, 4), groups=3, **_one),
        Case(x(1, 1, 7), x(1, 1, 2), groups=1, stride=(3,), dilation=(1,)),
    ],
    "conv_input": [
        Case(x(2, 4, 5), x(4, 3, 2), shape=(6,), groups=1, **_one),
        Case(x(2, 4, 3, 3), x(4, 1, 2, 2), shape=(6, 5), groups=2, **_two),
        Case(x(1, 2, 2, 1, 1), x(2, 2, 2, 1, 3), shape=(4, 1, 3), groups=1, stride=(2, 1, 1), dilation=(1, 3, 1)),
        Case(x(0, 2, 3), x(2, 1, 2), shape=(4,), groups=1, **_one),
    ],
    "conv_weight": [
        Case(x(2, 3, 6), x(2, 4, 5), size=(2,), groups=1, **_one),
        Case(x(2, 2, 6, 5), x(2, 4, 3, 3), size=(2, 2), groups=2, **_two),
        Case(x(0, 2, 3), x(0, 1, 2), size=(2,), groups=1, **_one),
        Case(x(1, 1, 4, 4, 3), x(1, 2, 2, 2, 1), size=(2, 1, 3), groups=1, stride=(2, 3, 1), dilation=(1, 1, 1)),
    ],
    "max_spread": [
        Case(x(2, 2), _tied, _most, size=(2,), **_one),
        Case(x(1, 2), np.array([[1.0, 2.0, 5.0, 7.0, 7.0]]), np.array([[2.0, 7.0]]), size=(2,), **_three),
        Case(x(0, 2), np.zeros((0, 3)), np.zeros((0, 2)), size=(2,), **_one),
    ],
    "max_gather": [
        Case(x(2, 3), _tied, _most, size=(2,), **_one),
        Case(x(0, 3), np.zeros((0, 3)), np.zeros((0, 2)), size=(2,), **_one),
    ],
    "max_pool": [
        Case(x(2, 6), size=(2,), stride=(2,), dilation=(1,)), Case(x(1, 2, 6, 5), size=(2, 2), **_two),
        Case(x(2, 5), size=(3,), **_one), Case(x(0, 4), size=(2,), **_one),
        Case(x(1, 4, 3, 3), size=(2, 2, 1), stride=(2, 1, 1), dilation=(1, 2, 1)),
    ],
}  # fmt: skip
