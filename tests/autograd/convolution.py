"""autograd's own convolve, with axes to be multiplied or summed beside those to be convolved, from SciPy's."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

import tinygraph as tg


def convolve(a: Any, b: Any, axes: Any = None, dot_axes: Any = ((), ()), mode: str = "full") -> Any:
    """Over `axes` of a and b the convolution, over `dot_axes` the inner product, over all others the outer product."""
    if axes is None:
        axes = [range(np.ndim(a)), range(np.ndim(b))]
    summed = [np.shape(a)[k] for k in dot_axes[0]]

    def arranged(x: Any, side: int) -> Any:
        """The axes that are kept first, as one; those that are summed, as one; then those that are convolved."""
        kept = [k for k in range(np.ndim(x)) if k not in axes[side] and k not in dot_axes[side]]
        shape = np.shape(x)
        ordered = np.transpose(x, (*kept, *dot_axes[side], *axes[side]))
        return (
            np.reshape(
                ordered, (int(np.prod([shape[k] for k in kept])), int(np.prod(summed)), *[shape[k] for k in axes[side]])
            ),
            [shape[k] for k in kept],
        )

    (a, first), (b, second) = arranged(a, 0), arranged(b, 1)
    parts = []
    for i, j in itertools.product(range(a.shape[0]), range(b.shape[0])):
        parts.append(sum(_convolve(a[i, k], b[j, k], mode) for k in range(a.shape[1])))
    y = np.stack(parts)
    return np.reshape(y, (*first, *second, *y.shape[1:]))


def _convolve(x: Any, y: Any, mode: str) -> Any:
    return tg.scipy.signal.convolve(x, y, mode) if np.ndim(x) else x * y
