"""The own painter: every word is there, outlines are around their text, and the meaning shows without fills."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.pictures.ink.metrics import width
from tinygraph.pictures.output import outlines, paint, render, style
from tinygraph.pictures.scene import words
from tinygraph.pictures.scene.parts import Arrow, Box, Group

from .. import graphs

GOLDEN = Path(__file__).parents[1] / "golden"
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = [graphs.scalar, graphs.logistic_regression, graphs.one_hidden_layer, graphs.sequential, graphs.difference]


def blocks(direction: str = "right") -> tg.GraphView:
    """Five equal blocks of two modules, of which four are folded."""
    layers = [m for k in range(5) for m in (tg.nn.Linear(8, 8, rng=k), tg.nn.Tanh())]
    return tg.draw(tg.nn.Sequential(*layers), np.ones((3, 8)), direction=direction)


def read(view: tg.GraphView) -> ET.Element:
    return ET.fromstring(paint.svg(view))


def groups_of(root: ET.Element, mark: str) -> Iterator[ET.Element]:
    return (g for g in root.iter(f"{SVG}g") if mark in g.get("class", "").split())


def texts(element: ET.Element) -> list[str]:
    return [(t.text or "").replace("\u00a0", " ") for t in element.iter(f"{SVG}text")]


def test_the_picture_is_the_kept_one() -> None:
    path = GOLDEN / "scalar.svg"
    svg = paint.svg(graphs.scalar())
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(svg, encoding="utf-8")
    assert svg == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("graph", [*DRAWN, blocks, lambda: blocks("down")])
def test_every_word_is_there_once(graph: Callable[[], tg.GraphView]) -> None:
    view = graph()
    root, shown = read(view), view.shown
    nodes = {g.get("id"): g for g in groups_of(root, "node")}
    assert list(nodes) == [box.id for box in shown.boxes]
    for box in shown.boxes:
        said = words.of_box(box)
        lines = [*said.title, said.facts, said.alarm, *[x for tag, block in said.numbers for x in (tag, *block)]]
        assert sorted(texts(nodes[box.id])) == sorted(filter(None, lines))
        assert nodes[box.id].find(f"{SVG}title").text.startswith(words.title(box))  # type: ignore[union-attr]
    edges = list(groups_of(root, "edge"))
    assert [(e.get("data-source"), e.get("data-target")) for e in edges] == [(a.source, a.target) for a in shown.arrows]
    assert [texts(e) for e in edges] == [words.of_arrow(a) for a in shown.arrows]
    clusters = list(groups_of(root, "cluster"))
    assert [texts(c) for c in clusters] == [[words.of_group(g)] for g in shown.groups]
    below = root.findall(f"{SVG}text")
    assert "   |   ".join(map(str, [t.text for t in below])).replace("\u00a0", " ").split("   |   ") == [
        *([shown.note] if shown.note else []), *words.legend(shown),
    ]  # fmt: skip


def test_it_is_described_for_those_who_do_not_see_it() -> None:
    root = read(graphs.scalar())
    assert root.get("role") == "img"
    assert [(e.tag.removeprefix(SVG), e.text) for e in root[:2]] == [
        ("title", "scalar"), ("desc", "9 operations, 2 parameters, 3 constants"),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------- geometry

EXTENT = re.compile(r"([MLHVAQCZhvlqac])([^A-Za-z]*)")


def extent(d: str) -> tuple[float, float, float, float]:
    """The rectangle around the ends of the pieces of a path, and around an ellipse of two arcs."""
    x = y = 0.0
    xs, ys = [], []
    for command, numbers in EXTENT.findall(d):
        n = [float(v) for v in numbers.split()]
        if command in "ML":
            x, y = n
        elif command == "A":
            x, y = n[-2:]
            ys += [y - n[1], y + n[1]]
        elif command in "hv":
            x, y = (x + n[0], y) if command == "h" else (x, y + n[0])
        elif command in "lq":
            x, y = x + n[-2], y + n[-1]
        xs.append(x)
        ys.append(y)
    return min(xs), min(ys), max(xs), max(ys)


@pytest.mark.parametrize("graph", [*DRAWN, blocks])
def test_texts_are_inside_their_outlines(graph: Callable[[], tg.GraphView]) -> None:
    view = graph()
    root = read(view)
    for box, node in zip(view.shown.boxes, groups_of(root, "node"), strict=True):
        left, top, right, bottom = extent(node.findall(f"{SVG}path")[-1].get("d", ""))
        cx, cy, rx, ry = (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2
        for t in node.iter(f"{SVG}text"):
            look = t.get("class", "").split()
            size = style.TITLE if "t" in look else style.SMALL
            w = width((t.text or "").replace("\u00a0", " "), size, bold="t" in look or "b" in look)
            x, y = float(t.get("x", "")), float(t.get("y", ""))
            x0 = x if "l" in look else x - w if "r" in look else x - w / 2
            high = y - 0.72 * size, y + 0.1 * size
            assert left < x0 + 0.1
            assert x0 + w - 0.1 < right
            assert top < high[0]
            assert high[1] < bottom
            if box.kind == "input":
                corners = [((u - cx) / rx, (v - cy) / ry) for u in (x0, x0 + w) for v in high]
                assert all(u * u + v * v < 1.01 for u, v in corners)


@pytest.mark.parametrize("direction", ["right", "down"])
def test_arrows_end_at_outlines(direction: str) -> None:
    for outline in ("ellipse", "octagon", "box"):
        for offset in (-6.0, 0.0, 6.0):
            inside = outlines.inset(outline, 60.0, 40.0, offset)
            x, y = 30 - inside, offset
            if outline == "ellipse":
                assert (x / 30) ** 2 + (y / 20) ** 2 == pytest.approx(1)
            else:
                assert inside == 0
    assert outlines.inset("octagon", 60.0, 40.0, 18.0) == 6.0  # two points from the corner, eight of which are cut
    assert outlines.below_top("tab", 60.0, 40.0, 0.0) == 5.0
    view = blocks(direction)
    boxes = {box.id: box for box in view.shown.boxes}
    nodes = {g.get("id"): extent(g.findall(f"{SVG}path")[-1].get("d", "")) for g in groups_of(read(view), "node")}
    for edge in groups_of(read(view), "edge"):
        if boxes[str(edge.get("data-target"))].kind == "operation":
            tip = [float(n) for n in re.findall(r"-?[\d.]+", edge.findall(f"{SVG}path")[-1].get("d", ""))[:2]]
            left, top, *_ = nodes[edge.get("data-target")]
            assert tip[direction == "down"] == pytest.approx(top if direction == "down" else left, abs=0.11)


def test_what_lies_behind_a_folded_group_and_before_it_is_no_cycle() -> None:
    boxes = (
        Box("n1", "operation", "a", (), "float64", 1, "f"),
        Box("n2", "operation", "b", (), "float64", 2, "f"),
        Box("g1", "module", "c", (), "float64", 3, "C", operations=2),
    )
    arrows = (Arrow("n1", "n2", ()), Arrow("g1", "n2", ()), Arrow("n2", "g1", ()))
    root = read(tg.GraphView(boxes, arrows, "graph", "right"))
    assert len(list(groups_of(root, "edge"))) == 3


# ------------------------------------------------------------------------------- meaning without colour


def look(view: tg.GraphView, box_id: str) -> tuple[object, ...]:
    """All of a box but its fills and its own words: the commands of its outline, its strokes and its tags."""
    node = next(g for g in groups_of(read(view), "node") if g.get("id") == box_id)
    commands = tuple([re.sub(r"[^A-Za-z]", "", p.get("d", "")) for p in node.findall(f"{SVG}path")])
    sheet = paint.svg(view)
    marks = [m for m in node.get("class", "").split() if m != "node"]
    strokes = [rule for m in marks for rule in re.findall(rf"\.{m}{{(stroke-(?:width|dasharray):[^}}]*)}}", sheet)]
    tags = [
        t for t in texts(node) if t in style.ALARMS or t[:1] in style.MARKS or t.removeprefix("first: ") in style.ALARMS
    ]
    bare = "stroke:none" in str(re.findall(rf"\.{marks[0]}{{stroke:none}}", sheet))
    return commands, tuple(strokes), tuple(tags), bare


def test_every_state_shows_in_print_without_colour() -> None:
    plain = Box("n1", "operation", "y", (), "float64", 1, "f")
    kinds = [plain._replace(kind=kind, operations=2) for kind in style.LOOKS]
    phases = [plain._replace(phase=phase) for phase in style.DASHES]
    alarms = [plain._replace(alarm=alarm) for alarm in style.ALARMS]
    first = [plain._replace(alarm="zero", first=True)]
    changes = [plain._replace(change=(sign, "differs")) for sign in style.MARKS]
    states = [*kinds, *phases[1:], *alarms, *first, *changes]
    looks = [look(tg.GraphView((box,), (), "graph", "right"), "n1") for box in states]
    assert len(set(looks)) == len(states)


def test_arrows_differ_in_their_strokes() -> None:
    boxes = tuple([Box(f"n{k}", "operation", "y", (), "float64", k, "f") for k in (1, 2)])
    for changes, mark in (
        ({"derivative": "∂ = 1"}, "edge"),
        ({"derivative": "∂ = 1", "summed": (0,)}, "edge summed"),
        ({"derivative": None}, "edge nograd"),
        ({"pairs": True}, "edge pair"),
    ):
        view = tg.GraphView(boxes, (Arrow("n1", "n2", (), **changes),), "graph", "right")  # type: ignore[arg-type]
        edge = next(groups_of(read(view), "edge"))
        assert edge.get("class") == mark
        assert len(edge.findall(f"{SVG}path")) == (1 if mark == "edge pair" else 2)
    wide = tg.GraphView(boxes, (Arrow("n1", "n2", (), derivative="∂ = 1", width=3.5),), "graph", "right")
    assert next(groups_of(read(wide), "edge")).get("style") == "stroke-width:3.50"


def test_dark_paper_is_asked_for_by_the_reader() -> None:
    light, dark = paint.svg(graphs.scalar()).split("@media (prefers-color-scheme:dark)")
    for kind, colours in style.LOOKS.items():
        assert f".node.{kind}{{fill:{colours.light}}}" in light
        assert f".node.{kind}{{fill:{colours.dark}}}" in dark


# ------------------------------------------------------------------------------------- foreign text, size


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_painted(name: str, label: str) -> None:
    box = Box("n1", "parameter", name, (2,), "float64", origin=label, group="g1")
    view = tg.GraphView((box,), (), name, "right", (Group("g1", "module", name, label),), note=label)
    svg = paint.svg(view)
    ET.fromstring(svg)
    assert svg == paint.svg(view)


def _chain(count: int) -> tg.Tensor:
    y = tg.tensor(np.ones((4, 3)), requires_grad=True, name="x")
    scales = [tg.tensor(np.ones((4, 3)), requires_grad=True) for _ in range(7)]
    for k in range(count // 2):
        y = tg.tanh(y * scales[k % 7])
    return y.sum()


def test_beyond_what_graphviz_lays_out_in_time_it_is_used() -> None:
    view = tg.draw(_chain(2000), level="all")
    root = ET.fromstring(view.svg())
    assert root.get("class") == "tinygraph"
    assert len(list(groups_of(root, "node"))) == 2009


def test_more_operations_than_can_be_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "MOST", 9)  # given values do not count: a graph of so many operations has more boxes
    assert graphs.scalar().svg()
    monkeypatch.setattr(render, "MOST", 8)
    message = (
        r"svg: 9 operations are more than the 8 that a picture has at most; draw a smaller graph, or fold what rep"
    )
    with pytest.raises(ValueError, match=message):
        graphs.scalar().svg()
