"""The tree of text: every value once, below what it is made of; its width, its spelling in ASCII, and its colours."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
from collections.abc import Callable

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.pictures.output import text
from tinygraph.pictures.scene.parts import Arrow, Box, Group

from .. import graphs
from .test_paint import DRAWN, blocks

VIEWS = [*DRAWN, graphs.folded_layers, blocks]


class Screen(io.StringIO):
    """Standard output that is a terminal, or not, with an encoding."""

    def __init__(self, encoding: str = "utf-8", terminal: bool = True) -> None:
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    encoding = property(lambda self: self._encoding)  # type: ignore[assignment]

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Call it to have such a standard output."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return lambda *args: monkeypatch.setattr(sys, "stdout", Screen(*args))


@pytest.mark.parametrize("graph", VIEWS)
def test_every_value_and_every_group_has_one_line(graph: Callable[[], tg.GraphView]) -> None:
    view = graph().shown
    rows = list(text._rows(view))
    boxes = [row.box for row in rows if row.box is not None]
    assert sorted(box.id for box in boxes) == sorted(b.id for b in view.boxes if b.kind != "constant" or b.change)
    heads = [row.group for row in rows if row.group is not None]
    assert {group.id for group in heads} == {group.id for group in view.groups}
    assert len(heads) == len(view.groups)
    lines = text.lines(dataclasses.replace(view, note="")).splitlines()
    assert len(lines) == len(rows)
    assert view.note.split() == view.text()[len("\n".join(lines)) :].split()


@pytest.mark.parametrize("graph", VIEWS)
def test_what_a_value_reads_hangs_above_it_or_is_referred_to(graph: Callable[[], tg.GraphView]) -> None:
    view = graph().shown
    rows = [row for row in text._tree(view) if row.box is not None]
    waiting: list[list[str]] = []  # what hangs on each lane and has no reader yet
    reads = {box.id: {a.source for a in view.arrows if a.target == box.id} for box in view.boxes}
    given = {box.id for box in view.boxes if not box.made}
    for row in rows:
        assert row.box is not None
        while len(waiting) <= row.lane:
            waiting.append([])
        hanging = set(waiting[row.lane])
        steps = {f"↑{text.step_sign(b.step)}": b.id for b in view.boxes if b.step is not None}
        above = {steps[name] for name in row.above}
        assert hanging <= reads[row.box.id]
        assert hanging | above | given >= reads[row.box.id]
        assert not hanging & above
        waiting[row.lane] = []
        waiting[row.lane - row.joins].append(row.box.id)


def test_a_shared_value_is_written_once_and_referred_to() -> None:
    lines = graphs.scalar().text().splitlines()
    assert len(lines) == 11
    assert lines[-2] == "├─ ⑧ v₈ = 10/f  ()  ↑⑥  value 2.5  grad 1"
    assert lines[-1] == "⑨ y = v₇ + v₈   ()  value 4.5  grad 1  output"
    assert [line.partition(" =")[0] for line in lines].count("⑥ f") == 1


def test_a_long_chain_goes_straight_down_and_lanes_are_few() -> None:
    x = tg.tensor(0.5, requires_grad=True, name="x")
    for _ in range(3000):
        x = tg.sin(x)
    lines = tg.draw(x, level="all").text().splitlines()
    assert len(lines) == 3001
    assert not any(line.startswith((" ", "│")) for line in lines)
    rng = np.random.default_rng(0)
    values = [tg.tensor(1.0, requires_grad=True)]
    for _ in range(2000):
        values.append(tg.add(*[values[max(0, len(values) - 1 - k)] for k in rng.integers(0, 30, 2)]))
    rows = list(text._tree(tg.draw(values[-1], level="all")))
    assert max(row.lane for row in rows) < 30


def test_heads_of_groups_are_not_repeated() -> None:
    boxes = tuple([
        Box(f"n{k}", "operation", f"y{k}", (), "float64", k, "f", group="g1" if k % 2 else None) for k in range(1, 6)
    ])  # fmt: skip
    arrows = tuple([Arrow(f"n{k}", f"n{k + 1}", ()) for k in range(1, 5)])
    view = tg.GraphView(boxes, arrows, "graph", "right", (Group("g1", "module", "part", "Part", operations=3),))
    assert view.text().splitlines() == [
        "part : Part   3 ops", "  ① y1 = f  ()", "② y2 = f    ()", "  ③ y3 = f  ()  in part", "④ y4 = f    ()",
        "  ⑤ y5 = f  ()  in part",
    ]  # fmt: skip


def test_several_trees_are_apart_and_circles_of_groups_are_written() -> None:
    x = tg.tensor(1.0, requires_grad=True, name="x")
    lines = tg.draw([tg.sin(x), tg.cos(x)]).text().splitlines()
    assert [line[:4] for line in lines] == ["x   ", "① v₁", "", "② v₂"]
    boxes = tuple([Box(f"n{k}", "module", "", (), "float64", k, "M", operations=1) for k in (1, 2)])
    view = tg.GraphView(boxes, (Arrow("n1", "n2", ()), Arrow("n2", "n1", ())), "graph", "right")
    assert view.text().splitlines() == ["M  ()  ↑②  1 op", "M  ()  1 op"]


@pytest.mark.parametrize("graph", VIEWS)
@pytest.mark.parametrize("width", [30, 47, 80])
@pytest.mark.parametrize("ascii", [False, True])
def test_no_line_is_wider_than_asked_for(graph: Callable[[], tg.GraphView], width: int, ascii: bool) -> None:
    lines = graph().text(width, ascii).splitlines()
    assert all(text._cells(line) <= width for line in lines)
    if width == 30:
        assert any(line.endswith("..." if ascii else "…") for line in lines)


def test_wide_characters_take_two_columns() -> None:
    x = tg.tensor(1.0, requires_grad=True, name="入力é")
    lines = tg.draw(tg.sin(x)).text().splitlines()
    ends = [text._cells(line[: line.index("()")]) for line in lines]
    assert ends[0] == ends[1]


def test_many_lanes_are_counted_instead() -> None:
    box = Box("n1", "operation", "y", (), "float64", 1, "f")
    for joins, sign in ((True, "├"), (False, "│")):
        head = text._head(text._Row(box, None, 0, 35, joins), str, 48)
        assert "".join([t for t, _ in head]) == "│  " * 9 + f"{sign}26 ① y = f"


def test_ascii_has_no_other_characters() -> None:
    for graph in VIEWS:
        assert graph().text(ascii=True).isascii()
    assert "|- (8) v8 = 10/f  ()  ^(6)  value 2.5  grad 1" in graphs.scalar().text(ascii=True)
    assert "b^3" in graphs.scalar().text(ascii=True)


def test_standard_output_that_takes_ascii_alone_gets_it(screen: Callable[..., None]) -> None:
    plain = graphs.scalar().text(width=80, ascii=True)
    for encoding in ("ascii", "latin-1", "no-such-encoding"):
        screen(encoding)
        assert graphs.scalar().text(width=80) == plain
    screen("utf-8")
    assert graphs.scalar().text(width=80) == graphs.scalar().text(width=80, ascii=False) != plain


def test_the_width_is_that_of_the_terminal(screen: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    view = graphs.logistic_regression()
    monkeypatch.setenv("COLUMNS", "50")
    screen("utf-8", True)
    assert view.text() == view.text(50)
    monkeypatch.setenv("COLUMNS", "10")
    assert view.text() == view.text(text.NARROWEST)
    screen("utf-8", False)
    assert view.text() == view.text(text.WIDTH)
    monkeypatch.setattr(sys, "stdout", None)
    assert view.text(colour=None) == view.text(text.WIDTH)


def test_too_narrow() -> None:
    with pytest.raises(ValueError, match="text: width is 29; give at least 30 columns"):
        graphs.scalar().text(width=29)


def test_colours_are_for_terminals_and_not_under_no_color(
    screen: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = graphs.folded_layers()
    plain = view.text(width=100)
    assert "\x1b" not in plain
    screen("utf-8", True)
    coloured = view.text(width=100, colour=None)
    assert "\x1b[1;31mzero\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    assert view.text(width=100) == plain
    assert view.text(width=100, colour=True) == coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert view.text(width=100, colour=None) == plain
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert view.text(width=100, colour=None) == plain
    monkeypatch.setenv("TERM", "xterm")
    screen("utf-8", False)
    assert view.text(width=100, colour=None) == plain


def test_a_file_has_the_same_text_whatever_standard_output_is(
    screen: Callable[..., None], tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, path = graphs.scalar(), f"{tmp_path}/x.txt"
    monkeypatch.setenv("COLUMNS", "40")
    screen("ascii", True)
    view.save(path)
    with open(path, encoding="utf-8") as file:
        assert file.read() == view.text(120, ascii=False) + "\n"
