"""The layout: nothing overlaps, edges go forward from border to border, clusters hold their own; long ones wrap."""

from __future__ import annotations

import dataclasses
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygraph.pictures.layout import Placement, layout

Box = tuple[float, float, float, float]
"""Low x, low y, high x, high y."""
_EPS = 1e-6


@dataclasses.dataclass
class Graph:
    """The arguments of a layout."""

    sizes: list[tuple[float, float]]
    edges: list[tuple[int, int]]
    labels: list[tuple[float, float]]
    groups: list[tuple[int | None, list[int]]]
    titles: list[tuple[float, float]]
    direction: str

    def place(self) -> Placement:
        return layout(self.sizes, self.edges, self.labels, self.groups, self.titles, self.direction)

    def inside(self, group: int) -> set[int]:
        """The nodes of a cluster and of those in it."""
        nodes = set(self.groups[group][1])
        return nodes.union(*[self.inside(g) for g, (parent, _) in enumerate(self.groups) if parent == group])


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """DAGs of all densities, often with a chain through all, and random nested clusters."""
    n = draw(st.integers(0, 24) | st.integers(60, 90))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    edges = [(k, k + 1) for k in range(n - 1)] if draw(st.booleans()) else []
    for _ in range(int(draw(st.sampled_from([0.3, 1.0, 2.0])) * n)):
        u, v = sorted(rng.integers(0, n, 2).tolist())
        edges += [(u, v)] if u < v else []
    labelled = draw(st.sampled_from([0.0, 0.7, 1.0]))
    labels = [(float(rng.integers(8, 80)), 20.0) if rng.random() < labelled else (0.0, 0.0) for _ in edges]
    count = draw(st.integers(0, 5))
    groups: list[tuple[int | None, list[int]]] = [
        (draw(st.none() | st.integers(0, g - 1)) if g else None, []) for g in range(count)
    ]
    for k in range(n):
        if count and rng.random() < 0.6:
            groups[int(rng.integers(count))][1].append(k)
    sizes = [(float(w), float(h)) for w, h in rng.integers(10, 100, (n, 2))]
    titles = [(float(rng.integers(10, 150)), 12.0) for _ in groups]
    return Graph(sizes, edges, labels, groups, titles, draw(st.sampled_from(["right", "down"])))


def boxes(centres: np.ndarray, sizes: list[tuple[float, float]]) -> list[Box]:
    return [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in zip(centres, sizes) if w]


def corners(rectangles: tuple[Box, ...]) -> list[Box]:
    return [(x, y, x + w, y + h) for x, y, w, h in rectangles]


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] - _EPS and b[0] < a[2] - _EPS and a[1] < b[3] - _EPS and b[1] < a[3] - _EPS


def contains(a: Box, b: Box) -> bool:
    return a[0] <= b[0] + _EPS and a[1] <= b[1] + _EPS and a[2] >= b[2] - _EPS and a[3] >= b[3] - _EPS


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_nothing_overlaps_and_all_is_inside(g: Graph) -> None:
    p = g.place()
    drawn = boxes(p.nodes, g.sizes) + boxes(p.labels, g.labels)
    assert not [pair for pair in combinations(drawn, 2) if overlap(*pair)]
    whole = (0.0, 0.0, p.width, p.height)
    assert all(contains(whole, box) for box in drawn)
    assert all(contains(whole, box) for rectangles in p.groups for box in corners(rectangles))
    assert all(contains(whole, (x, y, x, y)) for route in p.edges for x, y in route)


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_edges_go_from_border_to_border_around_nodes_and_labels(g: Graph) -> None:
    p, (along, across) = g.place(), (0, 1) if g.direction == "right" else (1, 0)
    nodes, labels = boxes(p.nodes, g.sizes), boxes(p.labels, g.labels)
    for (u, v), route in zip(g.edges, p.edges, strict=True):
        assert p.layers[u] < p.layers[v]
        assert route[0][along] == pytest.approx(nodes[u][2 + along])
        assert route[-1][along] == pytest.approx(nodes[v][along])
        assert nodes[u][across] <= route[0][across] <= nodes[u][2 + across]
        assert nodes[v][across] <= route[-1][across] <= nodes[v][2 + across]
        for a, b in pairwise(route):
            if min(abs(a - b)) < _EPS:  # level or plumb; all others lie between two layers
                line = (*np.minimum(a, b), *np.maximum(a, b))
                assert not [k for k, node in enumerate(nodes) if k not in (u, v) and overlap(line, node)]
                assert not [label for label in labels if overlap(line, label)]


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_labels_stand_above_their_line_or_right_of_it(g: Graph) -> None:
    p, (along, across) = g.place(), (0, 1) if g.direction == "right" else (1, 0)
    for (x, y), (w, h), route in zip(p.labels, g.labels, p.edges, strict=True):
        place, line = (x, y + h / 2) if g.direction == "right" else (y, x - w / 2)
        if w:
            beside = [a[across] for a, b in pairwise(route) if a[along] <= place <= b[along] and a[across] == b[across]]
            assert 0 < min(abs(other - line) for other in beside) < 4


@settings(deadline=None, max_examples=40)
@given(graphs())
def test_clusters_hold_their_own_and_nothing_else(g: Graph) -> None:
    p = g.place()
    nodes = boxes(p.nodes, g.sizes)
    for group, rectangles in enumerate(p.groups):
        inside, drawn = g.inside(group), corners(rectangles)
        for k, node in enumerate(nodes):
            if k in inside:
                assert sum(contains(box, node) for box in drawn) == 1
            else:
                assert not any(overlap(box, node) for box in drawn)
        assert bool(drawn) == bool(inside)
        assert all(box[2] - box[0] >= g.titles[group][0] for box in drawn)
        for other in range(group):
            if not inside & g.inside(other):
                assert not any(overlap(a, b) for a in drawn for b in corners(p.groups[other]))


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(graphs())
def test_the_same_graph_gives_the_same_placement(g: Graph) -> None:
    a, b = g.place(), g.place()
    np.testing.assert_array_equal(a.nodes, b.nodes)
    np.testing.assert_array_equal(a.labels, b.labels)
    assert (a.layers, a.groups, a.width, a.height) == (b.layers, b.groups, b.width, b.height)
    for x, y in zip(a.edges, b.edges, strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("direction", ["right", "down"])
def test_no_edge_of_a_short_graph_goes_back(direction: str) -> None:
    rng = np.random.default_rng(0)
    edges = [(k, k + 1) for k in range(39)]
    edges += [(int(u), int(v)) for u, v in np.sort(rng.integers(0, 40, (60, 2))) if u < v]
    p = layout([(50, 30)] * 40, edges, [(30, 10)] * len(edges), direction=direction)
    along = 0 if direction == "right" else 1
    assert max(p.layers) == 39
    assert all((np.diff(route[:, along]) >= 0).all() for route in p.edges)


@pytest.mark.parametrize("labels", [(), [(60, 20)] * 4999])
@pytest.mark.parametrize("direction", ["right", "down"])
def test_a_long_chain_wraps(direction: str, labels: list[tuple[float, float]]) -> None:
    edges = [(k, k + 1) for k in range(4999)]
    p = layout([(100, 40)] * 5000, edges, labels, direction=direction)
    assert 1 / 3 < p.width / p.height < 3
    assert max(p.width, p.height) < 216_000 / 10
    line = 1 if direction == "right" else 0
    back = [route for route in p.edges if (np.diff(route[:, 1 - line]) < 0).any()]
    assert len(back) + 1 == len(set(p.nodes[:, line].round(3)))  # one edge from each line to the next
    assert all((np.diff(route[:, line]) >= -30).all() for route in back)  # through the gutter between, not far up again


def test_a_chain_is_straight() -> None:
    edges = [(k, k + 1) for k in range(29)]
    parameters = [(30 + k, 3 * k + 1) for k in range(9)]
    p = layout([(50, 30)] * 39, edges + parameters)
    assert len(set(p.nodes[:30, 1])) == 1
    assert all(len(route) == 2 for route in p.edges[:29])


def test_parameters_stand_next_to_their_first_reader() -> None:
    #      0 -> 1 -> 2 -> 3, parameter 4 read by 2 and 3, parameter 5 -> 6 (its transpose) read by 3
    p = layout([(50, 30)] * 7, [(0, 1), (1, 2), (2, 3), (4, 2), (4, 3), (5, 6), (6, 3)])
    assert p.layers == (0, 1, 2, 3, 1, 1, 2)


def test_a_cluster_starts_behind_what_enters_it() -> None:
    #                  0 -> [1 -> 2] -> [4 -> 5], parameters 3 in the first and 6 in the second
    edges = [(0, 1), (3, 1), (1, 2), (2, 4), (6, 4), (4, 5)]
    p = layout([(50, 30)] * 7, edges, (), [(None, [1, 2, 3]), (None, [4, 5, 6])], [(20, 12)] * 2)
    (first,), (second,) = p.groups
    assert p.nodes[0][0] + 25 < first[0]
    assert first[0] + first[2] < second[0]
    assert len({p.nodes[k][1] for k in (0, 1, 2, 4, 5)}) == 1


@pytest.mark.parametrize("direction", ["right", "down"])
def test_clusters_that_start_and_end_together_have_room_for_their_borders_and_titles(direction: str) -> None:
    groups = [(None, []), (0, []), (1, []), (2, [1, 2])]  # 0 -> [[[[1 -> 2]]]] -> 3
    p = layout([(50, 30)] * 4, [(0, 1), (1, 2), (2, 3)], (), groups, [(20, 12)] * 4, direction)
    outermost, first, last = corners(p.groups[0])[0], *boxes(p.nodes[[0, 3]], [(50, 30)] * 2)
    assert not overlap(outermost, first)
    assert not overlap(outermost, last)
    for outer, inner in pairwise(corners(rectangles)[0] for rectangles in p.groups):
        assert contains(outer, inner)
        assert inner[1] - outer[1] >= 12  # the title


def test_clusters_without_room_get_no_rectangle() -> None:
    n = 400
    edges = [(k, k + 1) for k in range(n - 1)]
    groups = [(None, list(range(g, n, 10))) for g in range(10)]  # each spans nearly all layers, among all others
    p = layout([(50, 30)] * n, edges, (), groups, [(20, 12)] * len(groups))
    drawn = [g for g, rectangles in enumerate(p.groups) if rectangles]
    assert 0 < len(drawn) < len(groups)
    nodes = boxes(p.nodes, [(50, 30)] * n)
    for g in drawn:
        held = [k for k, node in enumerate(nodes) if any(contains(box, node) for box in corners(p.groups[g]))]
        assert held == groups[g][1]


def crossed(p: Placement, edges: list[tuple[int, int]]) -> int:
    """Pairs of edges between the same two layers that cross."""
    pairs = [(p.layers[u], p.nodes[u][1], p.nodes[v][1]) for u, v in edges]
    return sum(a == c and (b1 - d1) * (b2 - d2) < 0 for (a, b1, b2), (c, d1, d2) in combinations(pairs, 2))


@pytest.mark.parametrize(
    ("edges", "fewest"),
    [
        ([(0, 3), (1, 2), (0, 4), (1, 5)], 0),  # two stars, mixed
        ([(0, 2), (0, 3), (1, 2), (1, 3)], 1),  # K2,2
        ([(a, b) for a in range(3) for b in range(3, 6)], 9),  # K3,3 in two layers
        ([(0, 7), (1, 6), (2, 5), (3, 4)], 0),  # a matching, reversed
        ([(2, 0), (3, 0), (4, 1), (5, 1), (6, 2), (7, 5), (8, 3), (9, 4)], 0),  # a tree
    ],
)  # fmt: skip
def test_fewest_crossings(edges: list[tuple[int, int]], fewest: int) -> None:
    n = 1 + max(max(e) for e in edges)
    assert crossed(layout([(50, 30)] * n, edges), edges) == fewest


def test_a_wide_fan_out_stays_small() -> None:
    n = 1500
    edges = [(k, k + 1) for k in range(n - 1)] + [(0, k) for k in range(2, n)]
    p = layout([(80, 30)] * n, edges)
    assert 1 / 3 < p.width / p.height < 3
    assert sum(len(route) for route in p.edges) < 12 * len(edges)
    assert p.width * p.height < 40 * n * 80 * 30


def test_what_is_not_joined_fills_rows() -> None:
    p = layout([(80, 30)] * 400, [])
    assert 1 / 3 < p.width / p.height < 3


def test_nothing() -> None:
    p = layout([], [])
    assert (p.nodes.shape, p.labels.shape, p.edges, p.groups) == ((0, 2), (0, 2), (), ())
    assert p.width > 0 < p.height


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match=r"layout: 2 of 3 nodes are on or behind a cycle; give edges without cycles"):
        layout([(1, 1)] * 3, [(0, 1), (1, 2), (2, 1)])


def test_a_group_inside_itself_is_refused() -> None:
    with pytest.raises(ValueError, match=r"layout: group 0 is inside itself; give each group a parent outside it"):
        layout([(1, 1)], [], (), [(1, [0]), (0, [])])


@pytest.mark.slow
def test_twenty_thousand_nodes() -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    edges = [(k - int(d), k) for k, d in enumerate(rng.geometric(0.6, n)) if d <= k]
    edges += [(int(rng.integers(max(0, k - 30), k)), k) for k in range(1, n, 3)]
    p = layout([(80.0, 30.0)] * n, edges)
    assert len(np.unique(p.nodes, axis=0)) == n
    assert 1 / 4 < p.width / p.height < 4
