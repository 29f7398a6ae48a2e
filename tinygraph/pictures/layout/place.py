"""The layout as a whole: layers, net, order, positions and routes, wrapped into bands where it is long."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .layers import cuts, in_a_row, layering
from .net import Cluster, Size, add_walls, build, nesting
from .order import order
from .position import positions
from .routes import PAD, Drawing, Rectangle

_UNWRAPPED = 40
"""Layers that a drawing may have and stay in one band."""
_MARGIN, _LINE = 10.0, 3.0
"""Around the drawing; between a label and its line."""
_GOAL, _MOST = 1.7, 2.6
"""The ratio of the sides that wrapping aims at, and the greatest that it leaves as it is."""


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where everything of a picture stands, in points, from the upper left corner.

    `nodes` are the centres, (n, 2), and `layers` says in which layer each node is. `edges` are the routes, each
    an (m, 2) array of points from border to border, and `labels` the centres of their labels, (edges, 2).
    `groups` are the rectangles (x, y, width, height) of each cluster: one, or one a band where it is wrapped, or
    none for one that is empty or too long to be kept apart.
    """

    nodes: NDArray[np.float64]
    layers: tuple[int, ...]
    edges: tuple[NDArray[np.float64], ...]
    labels: NDArray[np.float64]
    groups: tuple[tuple[Rectangle, ...], ...]
    width: float
    height: float


def layout(
    sizes: Sequence[Size],
    edges: Sequence[tuple[int, int]],
    labels: Sequence[Size] = (),
    groups: Sequence[Cluster] = (),
    group_labels: Sequence[Size] = (),
    direction: Literal["right", "down"] = "right",
) -> Placement:
    """Place nodes of `sizes` (width, height) in layers, so that every edge (source, target) goes forward.

    `labels` are the sizes of the edges' labels, (0, 0) for none; `groups` are clusters, each (its parent or
    None, its own nodes), and `group_labels` the sizes of their titles, which stand in the upper left corner.
    More than 40 layers are wrapped, as text is into lines, where the drawing would be a strip; edges from line to
    line, and those over more than 12 layers, run beside the layers. The same arguments give the same placement.

    Raises ValueError for edges with a cycle and groups inside themselves.

    >>> p = layout([(40, 20), (40, 20)], [(0, 1)])
    >>> [[float(x) for x in centre] for centre in p.nodes]
    [[30.0, 20.0], [88.0, 20.0]]
    """
    right = direction == "right"
    return _Task(
        [size if right else size[::-1] for size in sizes],
        edges,
        list(labels) or [(0.0, 0.0)] * len(edges),
        groups,
        list(group_labels) or [(0.0, 0.0)] * len(groups),
        right,
    ).placement()


@dataclasses.dataclass
class _Task:
    """One layout; `sizes` are along and across."""

    sizes: list[Size]
    edges: Sequence[tuple[int, int]]
    labels: list[Size]
    groups: Sequence[Cluster]
    titles: list[Size]
    right: bool

    def __post_init__(self) -> None:
        self.nested = nesting(self.groups)
        self.owner = [-1] * len(self.sizes)
        for g, (_, nodes) in enumerate(self.groups):
            for k in nodes:
                self.owner[k] = g
        around = [self.nested[g] if g >= 0 else () for g in self.owner]
        self.layers, self.depth, self.height = layering(len(self.sizes), self.edges, around)

    def placement(self) -> Placement:
        """The drawing, wrapped if it is long, once more if the first estimate of its bands was far off."""
        lengths, thick = self._estimate()
        row = thick > _MOST * sum(lengths)
        if row:
            self.layers = in_a_row(self.layers, self.edges)
            lengths, thick = self._estimate()
        total = sum(lengths)
        wrap = total > _MOST * thick and (row or len(lengths) > _UNWRAPPED)
        for _ in range(3):
            starts = [0]
            if wrap:
                starts = cuts(self.layers, self.edges, self._spans(), lengths, math.sqrt(_GOAL * total * thick))
            placement = self._finish(self._draw(starts))
            ratio = placement.width / placement.height if self.right else placement.height / placement.width
            if not wrap or 1 / _MOST < ratio < _MOST:
                break
            thick *= _GOAL / ratio
        return placement

    def _estimate(self) -> tuple[list[float], float]:
        """About how long each layer is, and how thick the layers are."""
        layer = self.layers
        count = max(layer, default=-1) + 1
        lengths, thick = [14.0] * count, [0.0] * count
        for k, (along, across) in enumerate(self.sizes):
            lengths[layer[k]] = max(lengths[layer[k]], along + 14.0)
            thick[layer[k]] += across + 10.0
        before = [0.0] * count
        for (_, v), size in zip(self.edges, self.labels):
            before[layer[v]] = max(before[layer[v]], size[0 if self.right else 1] + 14.0 * (size[0] > 0))
        return [a + b for a, b in zip(lengths, before)], max(thick, default=0.0) + 30.0

    def _spans(self) -> list[tuple[int, int]]:
        """The first and last layers of the clusters."""
        ends: dict[int, tuple[int, int]] = {}
        for k, owner in enumerate(self.owner):
            at = self.layers[k]
            for g in self.nested[owner] if owner >= 0 else ():
                first, last = ends.get(g, (at, at))
                ends[g] = min(first, at), max(last, at)
        return list(ends.values())

    def _draw(self, starts: list[int]) -> Drawing:
        labels = [(w + 4.0, h) if self.right else (h + 4.0, w) for w, h in self.labels]
        labels = [new if old[0] else (0.0, 0.0) for new, old in zip(labels, self.labels)]
        beside = [(h + _LINE, _LINE) if self.right else (_LINE, w + 2 * _LINE) for w, h in self.labels]
        ranks = self.layers, self.depth, self.height
        net = build(self.sizes, self.edges, labels, self.owner, list(self.nested), ranks, starts, beside)
        add_walls(net, [PAD + h * self.right for _, h in self.titles], [PAD] * len(self.groups))
        layers = order(net, self.edges, len(self.sizes))
        wide = [(w + 2 * PAD) for w, _ in self.titles]
        place = positions(net, layers, [0.0] * len(wide) if self.right else wide)
        room = [(0.0, w) if self.right else (h, 0.0) for w, (_, h) in zip(wide, self.titles)]
        return Drawing(net, layers, place, room)

    def _finish(self, drawing: Drawing) -> Placement:
        """In x and y, from the corner."""
        turn = slice(None, None, 1 if self.right else -1)
        n = len(self.sizes)
        nodes = np.array([drawing.centre(k) for k in range(n)], dtype=float).reshape(n, 2)
        routes = [np.array(points) for points in drawing.routes()]
        centres = np.array([self._label(drawing, e, r[-1]) for e, r in enumerate(routes)], dtype=float).reshape(-1, 2)
        routes = [route[:, turn] for route in routes]
        rectangles = [np.array(r).reshape(-1, 2, 2)[:, :, turn] for r in drawing.rectangles(len(self.groups))]
        half = np.array(self.sizes, dtype=float).reshape(n, 2)[:, turn] / 2
        nodes, centres, halves = nodes[:, turn], centres[:, turn], np.array(self.labels, dtype=float).reshape(-1, 2) / 2
        everything = np.concatenate(
            [nodes - half, nodes + half, centres - halves, centres + halves, *routes,
             *[r.reshape(-1, 2) for r in rectangles], np.zeros((0 if n else 1, 2))]
        )  # fmt: skip
        corner = everything.min(axis=0) - _MARGIN
        width, height = everything.max(axis=0) + _MARGIN - corner
        return Placement(
            nodes - corner,
            tuple(self.layers),
            tuple([points - corner for points in routes]),
            centres - corner,
            tuple([tuple([_rectangle(low - corner, high - low) for low, high in r]) for r in rectangles]),
            float(width),
            float(height),
        )

    def _label(self, drawing: Drawing, e: int, end: NDArray[np.float64]) -> tuple[float, float]:
        """The middle of a label, above its line or right of it; where there is none, the end of the edge."""
        width, height = self.labels[e]
        if not width:
            return float(end[0]), float(end[1])
        along, across = drawing.centre(drawing.net.paths[e][-1][-2])
        return along, across - _LINE - height / 2 + 1.0 if self.right else across + _LINE + width / 2


def _rectangle(corner: NDArray[np.float64], extent: NDArray[np.float64]) -> Rectangle:
    return float(corner[0]), float(corner[1]), float(extent[0]), float(extent[1])
