"""Which layer each node stands in, and where a long drawing is cut into bands, as text is into lines."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

Edges = Sequence[tuple[int, int]]


def layering(n: int, edges: Edges, around: Sequence[tuple[int, ...]]) -> tuple[list[int], list[int], list[int]]:
    """The layer of each node, its depth (longest path to it from a source) and its height (to a sink).

    The layers are those of longest paths; then each node with no fewer readers than inputs, such as a
    parameter, moves up to its first reader. `around` are the clusters around each node, outermost first: what
    enters a cluster leaves room for the parameters there, so that the cluster starts behind it, not beside it.
    Raises ValueError for a cycle.
    """
    inputs: list[list[int]] = [[] for _ in range(n)]
    readers: list[list[int]] = [[] for _ in range(n)]
    for u, v in edges:
        inputs[v].append(u)
        readers[u].append(v)
    missing = [len(x) for x in inputs]
    order = [v for v in range(n) if not inputs[v]]
    for u in order:  # grows while it is read
        for v in readers[u]:
            missing[v] -= 1
            if not missing[v]:
                order.append(v)
    if len(order) < n:
        raise ValueError(f"layout: {n - len(order)} of {n} nodes are on or behind a cycle; give edges without cycles")
    depth, height = [0] * n, [0] * n
    own: list[int | None] = [None] * n
    """Of what is made from parameters of its own cluster alone: how many layers that takes."""
    length: dict[tuple[int, int], int] = {}
    for v in order:
        steps = [(u, own[u]) for u in inputs[v]]
        if all(step is not None and around[u] == around[v] for u, step in steps):
            own[v] = max([step + 1 for _, step in steps if step is not None], default=0)
        for u, _ in steps:
            length[u, v] = 1
            if around[u] != around[v]:
                shared = common(around[u], around[v])
                lead = [s for w, s in steps if s is not None and common(around[w], around[v]) > shared]
                length[u, v] = 2 + max(lead, default=-1)
            depth[v] = max(depth[v], depth[u] + length[u, v])
    layer = list(depth)
    for u in reversed(order):
        if readers[u]:
            height[u] = max(height[v] + length[u, v] for v in readers[u])
            if len(readers[u]) >= len(inputs[u]):
                layer[u] = min(layer[v] - length[u, v] for v in readers[u])
    first = min(layer, default=0)
    return [k - first for k in layer], depth, height


def in_a_row(layer: list[int], edges: Edges) -> list[int]:
    """The layers when what is not joined stands in a row, one behind the other, instead of beside each other."""
    part = list(range(len(layer)))

    def find(k: int) -> int:
        while part[k] != k:
            part[k] = k = part[part[k]]
        return k

    for u, v in edges:
        a, b = find(u), find(v)
        part[max(a, b)] = min(a, b)
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for k, at in enumerate(layer):
        of = find(k)
        first[of], last[of] = min(first.get(of, at), at), max(last.get(of, at), at)
    shift, end = {}, 0
    for of in first:  # by their first nodes
        shift[of] = end - first[of]
        end += last[of] - first[of] + 1
    return [at + shift[find(k)] for k, at in enumerate(layer)]


def common(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    """How many of the outermost clusters two nodes share, each given by those around it.

    >>> common((0, 1, 2), (0, 1, 3))
    2
    """
    return next((k for k, (g, h) in enumerate(zip(a, b)) if g != h), min(len(a), len(b)))


def cuts(
    layer: list[int], edges: Edges, spans: Sequence[tuple[int, int]], lengths: Sequence[float], width: float
) -> list[int]:
    """The first layers of the bands, each about `width` long, where `lengths` are those of the layers.

    Near the place that the width asks for, the cut is made through the fewest edges, and through no cluster
    (`spans`: their first and last layers) if that can be.
    """
    total = sum(lengths)
    bands = max(1, round(total / width))
    crossing = [0] * (len(lengths) + 1)
    for u, v in edges:
        crossing[layer[u] + 1] += 1
        crossing[layer[v] + 1] -= 1
    for first, last in spans:
        crossing[first + 1] += len(edges)
        crossing[last + 1] -= len(edges)
    cost, starts, reached = 0, [0.0], 0.0
    for k in range(len(lengths)):
        cost += crossing[k]
        crossing[k] = cost  # of a cut before layer k
        reached += lengths[k]
        starts.append(reached)
    result = [0]
    for band in range(1, bands):
        goal, reach = total * band / bands, 0.12 * total / bands
        first, last = bisect_left(starts, goal - reach), bisect_right(starts, goal + reach)
        near = range(max(first, result[-1] + 1), min(last, len(lengths)))
        if near:
            result.append(min(near, key=lambda k: (crossing[k], abs(starts[k] - goal))))
    return result
