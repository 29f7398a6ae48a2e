"""`scipy.spatial.distance` for Tensors: the distances between all pairs of two sets of points, or of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial import distance

from .... import ops
from ....tensors.tensor import Tensor
from ..atom import any_tensor

__all__ = ["cdist", "pdist"]


def _cosine(x: Any, y: Any) -> Any:
    return 1 - ops.sum(x * y, axis=-1) / (np.linalg.norm(x, axis=-1) * np.linalg.norm(y, axis=-1))


def _correlation(x: Any, y: Any) -> Any:
    return _cosine(x - np.mean(x, axis=-1, keepdims=True), y - np.mean(y, axis=-1, keepdims=True))


def _canberra(x: Any, y: Any) -> Any:
    total = np.abs(x) + np.abs(y)
    return ops.sum(np.where(total == 0, 0.0, np.abs(x - y) / np.where(total == 0, 1.0, total)), axis=-1)


METRICS: dict[str, Callable[..., Any]] = {
    "euclidean": lambda x, y: np.linalg.norm(x - y, axis=-1),
    "sqeuclidean": lambda x, y: ops.sum((x - y) ** 2, axis=-1),
    "cityblock": lambda x, y: ops.sum(np.abs(x - y), axis=-1),
    "chebyshev": lambda x, y: ops.max(np.abs(x - y), axis=-1),
    "minkowski": lambda x, y, p=2: np.linalg.norm(x - y, ord=p, axis=-1),
    "cosine": _cosine,
    "correlation": _correlation,
    "braycurtis": lambda x, y: ops.sum(np.abs(x - y), axis=-1) / ops.sum(np.abs(x + y), axis=-1),
    "canberra": _canberra,
}
"""By SciPy's names, the distances of points along the last axes."""


def _metric(function: str, metric: Any) -> Callable[..., Any]:
    if metric not in METRICS:
        raise ValueError(f"{function}: metric={metric!r} is not recorded; give one of {', '.join(METRICS)}")
    return METRICS[metric]


def _points(function: str, x: Any) -> Any:
    x = x if isinstance(x, Tensor) else np.asarray(x, dtype=float)
    if x.ndim != 2:
        raise ValueError(f"{function}: points of shape {x.shape}; give a matrix with a row for each")
    return x


def cdist(XA: Any, XB: Any, metric: str = "euclidean", **kwargs: Any) -> Any:
    """The distances between the rows of XA, shape (m, k), and those of XB, (n, k): a matrix (m, n).

    Metrics that are recorded: euclidean, sqeuclidean, cityblock, chebyshev, minkowski (with p=), cosine, correlation,
    braycurtis, canberra. Raises ValueError for another. The gradient of the distance of equal points is 0, as of any
    norm.

    >>> cdist(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]))
    array([[5., 1.]])
    """
    if not any_tensor(XA, XB):
        return distance.cdist(XA, XB, metric, **kwargs)
    a, b = _points("cdist", XA), _points("cdist", XB)
    return _metric("cdist", metric)(a[:, None], b[None], **kwargs)


def pdist(X: Any, metric: str = "euclidean", **kwargs: Any) -> Any:
    """The distances between all pairs of rows of X, shape (m, k), in a row of m (m - 1) / 2, as SciPy orders them.

    >>> pdist(np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
    array([5.        , 1.        , 4.24264069])
    """
    if not any_tensor(X):
        return distance.pdist(X, metric, **kwargs)
    x = _points("pdist", X)
    first, second = np.triu_indices(x.shape[0], 1)
    return _metric("pdist", metric)(x[first], x[second], **kwargs)
