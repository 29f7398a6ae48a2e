"""Why a gradient is tiny or huge: the operation on the way at which its norm changes most."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ..engine.edges import Edge
from ..engine.node import Node, op_of
from .answer import Why, place
from .facts import ends_of, is_bounded, multiplies_by_a_matrix
from .path import Path
from .zero import SCALE_DOWN, describe_saturation

_RESCALE = "Look at the numbers there, and rescale the data or the loss."


def norm(x: object) -> float:
    """The Euclidean norm of all elements."""
    return float(np.sqrt(np.sum(np.square(np.abs(np.asarray(x)).astype(float)))))


def main_way(path: Path) -> list[Edge]:
    """From the loss to the target, always along the reader that contributes most."""
    best: dict[Node, Edge] = {}
    for edge in path.edges:
        if edge.passed is not None and (edge.source not in best or norm(edge.passed) > norm(best[edge.source].passed)):
            best[edge.source] = edge
    way, node = [], path.target
    while node in best:
        way.append(best[node])
        node = best[node].reader
    return way[::-1]


def why_scaled(path: Path, headline: str, *, tiny: bool) -> Why | None:
    """The explanation of a tiny (or huge) gradient, or None where the values that would tell are gone."""
    way = main_way(path)
    if path.found is None or not way:
        return None
    factors = [norm(e.passed) / (norm(e.g) or 1.0) for e in way]
    pick = int(np.argmin(factors) if tiny else np.argmax(factors))
    edge, factor = way[pick], factors[pick]
    op = op_of(edge.reader)  # a leaf reads nothing
    verb = "shrinks" if tiny else "grows"
    seed = norm(path.grads[path.order[-1]])
    if (seed < 1e-6 and factor > 0.01) if tiny else (seed > 1e5 and factor < 100):
        return Why("seed", (headline, f"Backward already started with a norm of {seed:.3g}."), "Rescale the loss.")
    kinds = Counter(e.reader.op.name for e in way if e.reader.op is not None)
    most = " and ".join(f"{n} {name}" for name, n in kinds.most_common(2))
    words = [
        f"On the way from the loss its norm {verb} from {seed:.3g} to {norm(path.found):.3g}, over {len(way)} "
        f"operations ({most}), most at {place(edge.reader)}: by a factor of {factor:.3g}."
    ]
    saturating = is_bounded(ends_of(edge.reader, edge.values))
    share = np.mean(np.abs(np.asarray(edge.slope)) <= 1e-3) if saturating and edge.slope is not None else 0
    if tiny and share > 0.5:
        return Why("saturated", (headline, *words, *describe_saturation(edge)), SCALE_DOWN, edge.reader)
    usual = saturating or multiplies_by_a_matrix(op)
    if tiny:
        fix = "Use larger first weights (nn.init.xavier_uniform, nn.init.he_normal), or relu instead of sigmoid."
        return Why("vanishing", (headline, *words), fix if usual else _RESCALE, edge.reader)
    fix = "Normalise the data, use smaller first weights, a mean instead of a sum, or limit the gradient's norm."
    return Why("exploding", (headline, *words), fix if usual else _RESCALE, edge.reader)
