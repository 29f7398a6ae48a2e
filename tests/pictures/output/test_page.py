"""The page: one file without network, small, safe for any text, and useful without JavaScript."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.pictures import drawing
from tinygraph.pictures.output import page, paint, render
from tinygraph.pictures.scene.parts import Box, Group

from .. import graphs

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'


class Block(tg.nn.Module):
    """Two layers and a way around them."""

    def __init__(self, seed: int) -> None:
        self.inner, self.outer = tg.nn.Linear(8, 8, rng=seed), tg.nn.Linear(8, 8, rng=seed + 1)

    def __call__(self, x: Any) -> Any:
        return x + self.outer(tg.tanh(self.inner(x)))


def blocks(count: int, level: Any = "op") -> tg.GraphView:
    net = tg.nn.Sequential(*[Block(k) for k in range(count)])

    def loss(x: Any) -> Any:
        return tg.mean(net(x) ** 2)

    return tg.draw(loss, np.ones((3, 8)), level=level)


def chain(count: int) -> tg.GraphView:
    y = tg.tensor(np.ones(3), requires_grad=True, name="x")
    for _ in range(count - 1):
        y = tg.tanh(y)
    return tg.draw(tg.sum(y), level="all")


def data_of(html: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    data = json.loads(found[1])  # type: ignore[index]
    return json.loads(zlib.decompress(base64.b64decode(data))) if isinstance(data, str) else data


class Reader(HTMLParser):
    """The elements of a page and its text outside of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, text: str) -> None:
        self.said.setdefault(self.tags[-1][0] if self.tags else "", []).append(text)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.mark.parametrize("graph", [graphs.scalar, graphs.sequential, lambda: blocks(4)])
def test_nothing_is_fetched(graph: Callable[[], tg.GraphView]) -> None:
    html = graph().html()
    inside = json.dumps(data_of(html)).replace('\\"', '"')
    for text in (html, inside):
        assert "://" not in text.replace(NAMESPACE, "")
        assert "url(" not in text
        assert "@import" not in text
    tags = read(html).tags
    assert not [tag for tag, _ in tags if tag in ("link", "img", "iframe", "object")]
    assert not [a for _, attributes in tags for a in attributes if a in ("src", "href") or a.startswith("on")]
    assert "default-src 'none'" in html


@pytest.mark.parametrize("graph", [graphs.scalar, graphs.logistic_regression, graphs.sequential])
def test_the_picture_is_there_without_javascript(graph: Callable[[], tg.GraphView]) -> None:
    view = graph()
    html = view.html()
    assert paint.svg(view, tooltips=False) in html
    assert "<noscript><p>Folding, search and steps need JavaScript; the picture does not.</p></noscript>" in html
    assert ("div", {"id": "tools", "role": "toolbar", "aria-label": "Picture", "hidden": None}) in read(html).tags
    assert html == view.html()


@pytest.mark.parametrize(
    "graph",
    [
        *[graphs.scalar, graphs.sequential],
        *[lambda n=n, level=level: blocks(n, level) for n in (1, 3, 12, 25) for level in ("op", "all")],
        *[lambda n=n: chain(n) for n in (100, 290, 1000)],
    ],
)
def test_size(graph: Callable[[], tg.GraphView]) -> None:
    view = graph()
    assert len(view.html().encode()) <= 150_000 + 600 * len(view.boxes)


def test_a_large_picture_is_compressed_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_LONGEST", 10_000)
    view = chain(100)
    html = view.html()
    assert "stored compressed, and shown by JavaScript" in html
    assert data_of(html)["pictures"] == {"": paint.svg(view, tooltips=False)}
    before = html.split("<script")[0]
    assert "<svg" not in before
    assert f"\n<pre>{view.text().splitlines()[0]}" in before  # what fits instead
    assert view.text().splitlines()[-1] in before


def test_a_large_picture_can_be_read_without_javascript() -> None:
    view = blocks(25, "all")
    html = view.html()
    seen = html.split("<noscript>")[1].split("</noscript>")[0]
    assert "stored compressed" in seen
    assert "Here it is with all groups folded" in seen
    assert paint.svg(view.fold(), tooltips=False) in seen
    assert len(html.encode()) <= 150_000 + 600 * len(view.boxes)


@settings(deadline=None)
@given(st.text(max_size=50), st.text(max_size=50))
def test_any_text_stays_text(name: str, label: str) -> None:
    name, label = f"</script><!--{name}", f"@js@<script>{label}"
    box = Box("n1", "parameter", name, (2,), "float64", origin=label, group="g1")
    view = tg.GraphView((box,), (), label, "right", (Group("g1", "module", name, label),), note=name)
    html = view.html()
    reader = read(html)
    assert [tag for tag, _ in reader.tags].count("script") == 2
    data = data_of(html)
    assert data["cards"]["n1"] == [name, "g1", [["shape", "(2,)"], ["dtype", "float64"], ["kind", "parameter"],
                                                ["line", label]]]  # fmt: skip
    assert data["groups"]["g1"]["title"].startswith(f"{name} : {label}")


def test_cards_say_what_is_known() -> None:
    view = graphs.one_hidden_layer()
    cards = data_of(view.html())["cards"]
    assert set(cards) == {box.id for box in view.boxes}
    title, group, facts = next(card for card in cards.values() if "relu" in card[0])
    assert title == "③ A1 = relu(Z1)"
    assert group is None
    assert dict(map(tuple, facts)).keys() >= {"shape", "dtype", "kind", "op", "value", "grad"}
    assert dict(map(tuple, facts))["shape"] == "(2, 4)"


def test_folded_states() -> None:
    view = blocks(4)
    data = data_of(view.html())
    start, every = data["start"], {g.id for g in view.groups}
    assert set(data["shut"].split()) == every
    assert data["open"] == ""
    for state in (start, "", data["shut"]):
        shut = frozenset(state.split())
        assert data["pictures"][state] == paint.svg(dataclasses.replace(view, shut=shut), tooltips=False)
    near = [state for state in data["pictures"] if len(set(state.split()) ^ set(start.split())) == 1]
    assert near
    assert set(data["groups"]) == every
    assert {box.id for box in view.shown.boxes} <= set(data["cards"])


def test_with_many_boxes_not_everything_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_OPEN", 10)
    monkeypatch.setattr(page, "_FOLDED", -1_000_000)
    data = data_of(blocks(4).html())
    assert data["open"] is None
    assert "" not in data["pictures"]


# ---------------------------------------------------------------------------------------------------- steps


def test_steps_are_those_of_the_trace() -> None:
    a = tg.tensor(2.0, requires_grad=True, name="a")
    y = a * a + a
    steps = tg.trace(y).json()
    view = tg.draw(y)
    assert view.steps == steps
    page_steps = data_of(view.html())["steps"]
    assert [s["text"] for s in page_steps["backward"]] == [s["text"] for s in steps["backward"]]
    assert [s["text"] for s in page_steps["forward"]] == [s["text"] for s in steps["forward"]]
    y.backward()
    assert a.grad == 5
    last = page_steps["backward"][-1]["sums"][-1]
    assert last == ["n1", "da = 5", 3, 3]


def test_a_part_of_a_picture_has_the_steps_at_its_boxes() -> None:
    view = graphs.scalar()
    part = view.around("d", 1)
    boxes = {box.id for box in part.boxes}
    assert 0 < len(boxes) < len(view.boxes)
    steps = data_of(part.html())["steps"]["backward"]
    assert steps
    assert {s["box"] for s in steps} <= boxes


def test_no_steps_where_there_are_many_or_large_ones_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    x = tg.tensor(np.ones(3), requires_grad=True)
    assert tg.draw(tg.sum(tg.exp(x))).steps is not None
    assert tg.draw(tg.exp(x)).steps is None  # not one number
    assert tg.draw([tg.sum(x), tg.mean(x)]).steps is None
    assert data_of(tg.draw(tg.exp(x)).html())["steps"] is None
    monkeypatch.setattr(drawing, "MOST_NUMBERS", 6)
    assert tg.draw(tg.sum(tg.exp(x))).steps is None
    monkeypatch.setattr(drawing, "MOST_NUMBERS", 100)
    monkeypatch.setattr(drawing, "MOST_STEPS", 1)
    assert tg.draw(tg.sum(tg.exp(x))).steps is None


def test_a_rule_that_fails_leaves_the_picture_without_steps() -> None:
    def wrong(g: Any, y: Any, x: Any) -> Any:
        raise RuntimeError("not today")

    x = tg.tensor(np.ones(3), requires_grad=True)
    broken = tg.primitive(wrong)(lambda x: x * 2.0)
    assert tg.draw(tg.sum(broken(x))).steps is None


def test_save_and_size_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = graphs.scalar()
    view.save(tmp_path / "x.html")
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == view.html()
    monkeypatch.setattr(render, "MOST", 8)
    with pytest.raises(ValueError, match="html: 9 operations are more than the 8 that a picture has at most"):
        view.html()
