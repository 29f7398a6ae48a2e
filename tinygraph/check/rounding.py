"""How much of the outputs of f is rounding made inside of it, read off the recorded graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.node import Array, Node
from ..tensors.tensor import Tensor
from .recorded import Recording, record
from .subject import Subject, as_complex


def inner_rounding(subject: Subject, point: Sequence[Array], weights: Array) -> float:
    """Rounding error of the weighted outputs: half a unit in the last place of each value of the graph, as independent.

    Each counts as much as the outputs depend on it, which backward says (Higham 2002, "Accuracy and stability of
    numerical algorithms", section 3.3: running error analysis). 0 where f cannot be recorded.
    """
    try:
        recording = record(subject, point)
        adjoints = _adjoints(recording, weights)
    except Exception:
        return 0.0
    total = 0.0
    for node, g in adjoints.items():
        if node.op is not None and node.dtype.kind in "fc":
            size = np.abs(np.asarray(g) * recording.values[node])
            total += float(np.sum(np.square(0.5 * np.finfo(node.dtype).eps * size)))
    return total**0.5 if np.isfinite(total) else 0.0


def _adjoints(recording: Recording, weights: Array) -> dict[Node, Any]:
    """The gradient of the weighted outputs with respect to every node, as a sweep carries it."""
    seeds: list[tuple[Node, Any]] = []
    start = 0
    for y in recording.outputs:
        kind = np.dtype(getattr(y, "dtype", np.float64)).kind
        if kind not in "fc":
            continue
        size = int(np.size(y._array if isinstance(y, Tensor) else y)) * (2 if kind == "c" else 1)
        if isinstance(y, Tensor) and y.node is not None:
            seed = weights[start : start + size]
            seed = np.conj(as_complex(seed.reshape(*y.shape, 2))) if kind == "c" else seed.reshape(y.shape)
            seeds.append((y.node, seed))
        start += size
    return recording.gradients(seeds)
