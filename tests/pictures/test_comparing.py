"""Two graphs in one picture: what is matched, what is told of the rest, and never by colour alone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.pictures.difference.match import Wiring, _align, match
from tinygraph.pictures.output import style
from tinygraph.pictures.scene.parts import Arrow, Box

from . import graphs
from .output.test_paint import groups_of, read, texts


def changes(view: tg.GraphView) -> dict[str, tuple[str, ...]]:
    return {box.name: box.change for box in view.boxes if box.change}


def signs(view: tg.GraphView) -> str:
    return "".join(sorted(box.change[0] for box in view.boxes if box.change))


def net(layers: int, outputs: int = 4) -> tg.nn.Module:
    hidden = [m for k in range(layers) for m in (tg.nn.Linear(4, 4, rng=k), tg.nn.Tanh())]
    return tg.nn.Sequential(*hidden, tg.nn.Linear(4, outputs, rng=9))


@pytest.mark.parametrize("graph", [graphs.scalar, graphs.logistic_regression, graphs.sequential, graphs.folded_layers])
def test_equal_graphs_are_said_to_be(graph: Callable[[], tg.GraphView]) -> None:
    view = tg.diff(graph(), graph())
    assert view.note.startswith(f"a and b are the same: {len(view.boxes):,} values, none differs")
    assert changes(view) == {}
    assert not any(arrow.change for arrow in view.arrows)
    assert [box._replace(group=None) for box in view.boxes] == [box._replace(group=None) for box in graph().boxes]
    assert len(view.arrows) == len(graph().arrows)


def test_what_one_has_alone() -> None:
    def short(x: Any) -> Any:
        return tg.exp(tg.sin(x))

    def long(x: Any) -> Any:
        return tg.exp(tg.tanh(tg.sin(x)))

    view = tg.diff(short, long, np.zeros(3))
    assert [(box.op, box.change) for box in view.boxes if box.change and box.change[0] != "~"] == [
        ("tanh", ("+", "only in long"))
    ]
    assert view.note == "short → long: 3 the same, 1 only in long"
    [skipped] = [arrow for arrow in view.arrows if len(arrow.change) > 1]
    assert skipped.change == ("−", "only in short")
    back = tg.diff(long, short, np.zeros(3))
    assert [(box.op, box.change) for box in back.boxes if box.change and box.change[0] != "~"] == [
        ("tanh", ("−", "only in long"))
    ]


def test_what_differs_is_said() -> None:
    x = np.ones((3, 2))
    for f, g, said in (
        (lambda x: tg.sum(x, axis=0), lambda x: tg.sum(x, axis=1), ("shape (2,) → (3,)", "axis 0 → 1")),
        (lambda x: x * 2.0, lambda x: x * 3.0, ("value differs in 6 of 6, by up to 1",)),
        (lambda x: x - tg.sin(x), lambda x: tg.sin(x) - x, ("x − v₁ → v₁ − x",)),
        (lambda x: x.sum(), lambda x: x.sum() * 0.5, ("output → operation",)),
    ):
        told = " ".join(line for change in changes(tg.diff(f, g, x)).values() for line in change)
        for text in said:
            assert text in told
    a, b = (tg.draw(lambda x: tg.exp(x), tg.tensor(np.ones(2, dtype), name="x")) for dtype in ("float32", "float64"))
    assert changes(tg.diff(a, b))["x"] == ("~", "dtype float32 → float64")
    w, v = (tg.draw(lambda x: tg.exp(x), tg.tensor(1.0, name=name)) for name in "wv")
    assert changes(tg.diff(w, v)) == {"v": ("~", "name w → v")}


def test_numbers_differ_beyond_rounding_and_in_enough_digits() -> None:
    def at(value: Any) -> tg.GraphView:
        return tg.draw(tg.sin(tg.tensor(value, requires_grad=True, name="x")))

    assert changes(tg.diff(at(1.0), at(1.0 + 1e-12))) == {}
    assert changes(tg.diff(at(1.0), at(1.0 + 1e-6)))["x"] == ("~", "value 1 → 1.000001")
    assert changes(tg.diff(at(np.nan), at(np.nan))) == {}
    assert changes(tg.diff(at(np.full(3, np.nan)), at(np.ones(3))))["x"] == (
        "~", "value differs in 3 of 3, by up to ∞",
    )  # fmt: skip
    many = np.linspace(0.0, 1.0, 100)
    assert changes(tg.diff(at(many), at(many + 1.0)))["x"] == ("~", "value mean 0.5 → 1.5")
    assert changes(tg.diff(at(many), at(many + 1e-12))) == {}
    few = np.array([1.0, np.nan, 2.0])
    assert changes(tg.diff(at(few), at(few + [0, 0, 1e-3])))["x"] == ("~", "value differs in 1 of 3, by up to 0.001")


def test_layers_put_in_are_new_and_stay_visible_when_folded() -> None:
    view = tg.diff(net(5), net(7), np.ones((2, 4)))
    new = {box.group for box in view.shown.boxes if box.change == ("+", "only in b")}
    names = {group.name for group in view.groups if group.id in new}
    assert names == {"layers.11", "layers.12", "layers.13", "layers.14"}
    shown = {box.id for box in view.shown.boxes}
    assert all(box.id in shown for box in view.boxes if box.change)
    assert any(box.kind == "repetition" and not box.change for box in view.shown.boxes)
    folded = view.fold().shown
    assert any("values differ" in " ".join(box.change) for box in folded.boxes)


def test_a_fold_of_new_copies_says_that_they_are_new() -> None:
    def times(n: int) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            x = tg.exp(x)
            for _ in range(n):
                x = tg.tanh(x * 0.5)
            return tg.sin(x)

        return f

    view = tg.diff(times(0), times(20), 0.0)
    [fold] = [box for box in view.shown.boxes if box.kind == "repetition"]
    assert fold.change == ("+", "only in b")


def test_views_with_names_of_their_own_are_called_by_them() -> None:
    x = tg.tensor(1.0, requires_grad=True, name="x")
    view = tg.diff(tg.draw(tg.exp(x), name="before the change"), tg.draw(tg.sin(x), name="after"))
    assert view.name == "before…hange → after"
    assert {box.op: box.change for box in view.boxes if box.change} == {
        "exp": ("−", "only in before…hange"), "sin": ("+", "only in after"),
    }  # fmt: skip


def test_context_is_what_is_near_a_difference() -> None:
    def f(x: Any, extra: bool = False) -> Any:
        for k in range(40):
            x = tg.sin(x) if k % 3 else tg.exp(-x)
            x = x * 1.0 if extra and k == 20 else x
        return x

    whole = tg.diff(lambda x: f(x), lambda x: f(x, True), 0.1)
    near = tg.diff(lambda x: f(x), lambda x: f(x, True), 0.1, context=1)
    assert len(near.boxes) < 10 < len(whole.boxes)
    assert signs(near) == signs(whole)
    assert near.note.startswith(whole.note + " | within 1 of a difference: ")
    same = tg.diff(graphs.scalar(), graphs.scalar(), context=0)
    assert len(same.boxes) == len(graphs.scalar().boxes)


def test_what_is_refused() -> None:
    view = graphs.scalar()
    with pytest.raises(ValueError, match="diff: context is -1; give the number of arrows to go, 0 or more"):
        tg.diff(view, view, context=-1)
    with pytest.raises(TypeError, match="diff: 1 inputs were given, and neither graph is a function; give the graphs"):
        tg.diff(view, view, 1.0)
    with pytest.raises(ValueError, match="draw: there is nothing to draw in an empty list"):
        tg.diff(view, [])


def test_what_numpys_diff_takes_is_sent_there() -> None:
    numpys = r"; the differences of neighbours in an array are np\.diff\(t\), which is recorded for tensors"
    x, t = np.array([1.0, 4.0]), tg.tensor([1.0, 4.0])
    for habit in (x, [1.0, 4.0], t, 2.0):
        with pytest.raises(TypeError, match=rf"diff: one graph was given, and two are compared; give .*b\){numpys}"):
            tg.diff(habit)  # type: ignore[arg-type]
    for habit in (x, [1.0, 4.0]):
        with pytest.raises(TypeError, match=rf"diff: cannot compare float.*[14]\.0\)?; give two views, .*{numpys}"):
            tg.diff(habit, 1, -1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=rf"diff: cannot compare int 1; give two views, .*{numpys}"):
        tg.diff(tg.tensor(x, requires_grad=True), 1)  # type: ignore[arg-type]
    with pytest.raises(tg.GraphError, match=rf"diff: the tensor of shape \(2,\) is not recorded, .*{numpys}"):
        tg.diff(t, 1)  # type: ignore[arg-type]
    assert np.diff(tg.tensor(x, requires_grad=True)).node is not None


@pytest.mark.slow
def test_five_thousand_operations_in_about_a_second() -> None:
    def f(x: Any, extra: tuple[int, ...] = ()) -> Any:
        for k in range(5000):
            x = tg.exp(x * 0.1) if k % 7 == 0 else tg.sin(x)
            x = tg.cos(x) if k in extra else x
        return x.sum()

    a = tg.draw(f, np.ones(3), level="all")
    b = tg.draw(lambda x: f(x, (100, 2500, 4000)), np.ones(3), level="all")
    start = time.perf_counter()
    view = tg.diff(a, b)
    assert time.perf_counter() - start < 4  # 0.8 s on a quiet machine
    assert [box.op for box in view.boxes if box.change[:1] == ("+",)] == ["cos"] * 3
    assert "−" not in signs(view)
    assert len(view.shown.boxes) <= 150


# ------------------------------------------------------------------------------------------ matching


@st.composite
def wirings(draw: st.DrawFn) -> Wiring:
    boxes, arrows = [], []
    for k in range(draw(st.integers(1, 12))):
        sources = draw(st.lists(st.integers(0, k - 1), max_size=3)) if k else []
        op = draw(st.sampled_from("fgh"))
        made = {"step": k + 1, "formula": op, "op": op} if sources else {}
        kind = "operation" if sources else "input"
        boxes.append(Box(f"n{k}", kind, f"v{'₀₁₂₃₄₅₆₇₈₉'[k % 10]}", (), "float64", **made))  # type: ignore[arg-type]
        arrows += [Arrow(f"n{s}", f"n{k}", ()) for s in sources]
    return Wiring(boxes, arrows)


@settings(deadline=None)
@given(wirings(), wirings())
def test_matches_are_one_to_one_alike_and_make_no_cycle(a: Wiring, b: Wiring) -> None:
    there = match(a, b)
    found = [k for k in there if k is not None]
    assert len(set(found)) == len(found)
    for k, place in enumerate(there):
        if place is not None:
            assert a.boxes[k].op == b.boxes[place].op
            assert a.boxes[k].made == b.boxes[place].made
    graph = lambda w: tg.GraphView(tuple(w.boxes), tuple(_arrows(w)), "graph", "right")  # noqa: E731
    view = tg.diff(graph(a), graph(b))
    place = {box.id: k for k, box in enumerate(view.boxes)}
    assert all(place[arrow.source] < place[arrow.target] for arrow in view.arrows)
    assert len(view.boxes) == len(a.boxes) + len(b.boxes) - len(found)


def _arrows(w: Wiring) -> list[Arrow]:
    return [Arrow(w.boxes[s].id, w.boxes[k].id, ()) for k, sources in enumerate(w.sources) for s in sources]


@settings(deadline=None)
@given(wirings())
def test_a_graph_is_matched_with_itself(a: Wiring) -> None:
    assert None not in match(a, a)


@given(st.text("ab", max_size=12), st.text("ab", max_size=12))
def test_alignment_is_the_longest_common_part(a: str, b: str) -> None:
    pairs = _align(a, b)
    assert pairs == sorted(set(pairs))
    assert all(a[n] == b[m] for n, m in pairs)
    assert len({n for n, _ in pairs}) == len({m for _, m in pairs}) == len(pairs)
    longest = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for n, x in enumerate(a):
        for m, y in enumerate(b):
            longest[n + 1][m + 1] = longest[n][m] + 1 if x == y else max(longest[n][m + 1], longest[n + 1][m])
    assert len(pairs) == longest[-1][-1]


# ------------------------------------------------------------------------------------------- outputs


@pytest.fixture
def drawn() -> tg.GraphView:
    """One box of each sign, and a constant that differs."""
    return tg.diff(lambda x: tg.exp(tg.sin(x) * 2.0), lambda x: tg.exp(tg.cos(x) * 3.0), 0.5)


def test_every_output_has_every_tag(drawn: tg.GraphView) -> None:
    outputs = [drawn.text(width=300), drawn.dot(), drawn.svg(), drawn.mermaid(), str(drawn.json()), drawn.html()]
    for text in outputs:
        for tag in ("only in a", "only in b", "2 → 3"):
            assert tag in text
    assert {"−", "+", "~"} == set(signs(drawn))


def test_signs_have_strokes_of_their_own(drawn: tg.GraphView) -> None:
    root, sheet = read(drawn), style.MARKS
    svg = "".join(root.itertext())
    for box in drawn.boxes:
        node = next(g for g in groups_of(root, "node") if g.get("id") == box.id)
        marks = set(node.get("class", "").split()) & {mark.name for mark in sheet.values()}
        assert marks == ({sheet[box.change[0]].name} if box.change else set())
        said = texts(node)
        assert " ".join(box.change) in said if len(box.change) == 2 else set(box.change) <= set(said)
    rules = {mark: re.findall(rf"\.{mark.name}{{([^}}]*)}}", svg) for mark in sheet.values()}
    assert len({tuple(r) for r in rules.values()}) == 3
    assert all("stroke-width:3" in r[0] for r in rules.values())
    lines = drawn.dot().splitlines()
    looks = {
        mark.name: [re.findall(r"style=\S+|penwidth=\S+", line) for line in lines if f" {mark.name}" in line]
        for mark in sheet.values()
    }
    assert all(looks.values())
    assert not set(map(str, looks["removed"])) & set(map(str, looks["added"]))
    assert ":::" not in drawn.mermaid()
    assert all(f"classDef {mark.name}" in drawn.mermaid() for mark in sheet.values())


def test_repetitions_are_called_by_their_operations() -> None:
    def chain(x: tg.Tensor) -> tg.Tensor:
        for _ in range(6):
            x = tg.tanh(x * 1.1) + 0.1
        return x.sum()

    view = tg.diff(chain, lambda x: chain(x) ** 2, np.ones(2))
    assert [(g.kind, g.label) for g in view.groups] == [(k, "multiply, tanh, add") for k in ("copy", "repetition")]
    assert "multiply, tanh, add ×5 more" in view.text()
