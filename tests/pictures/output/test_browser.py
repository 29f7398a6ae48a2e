"""The page in a browser: stepping gives the numbers of backward, folding and search work, and nothing is fetched."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.pictures.ink.numbers import Numbers
from tinygraph.pictures.output import page

from .. import graphs
from .test_page import blocks, chain

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs the chromium program on PATH")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as maker:
        browser = maker.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened:
    """A page of a view: what it complained about and what it asked for are kept."""

    def __init__(self, browser: Any, file: Path, view: tg.GraphView, **settings: Any) -> None:
        view.save(file)
        self.page = browser.new_page(viewport={"width": 1200, "height": 700}, **settings)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.url = file.as_uri()
        self.page.goto(self.url)

    def count(self, selector: str) -> int:
        return int(self.page.locator(selector).count())

    def close(self) -> None:
        self.page.close()
        assert not self.complaints
        assert self.requests == [self.url]


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    pages: list[Opened] = []

    def open(view: tg.GraphView, **settings: Any) -> Opened:
        pages.append(Opened(browser, tmp_path / f"{len(pages)}.html", view, **settings))
        if settings.get("java_script_enabled", True):
            pages[-1].page.wait_for_selector("body[data-ready]")
        return pages[-1]

    yield open
    for each in pages:
        each.close()


def test_stepping_through_backward_gives_its_gradients(opened: Any) -> None:
    a, b = (tg.tensor(v, requires_grad=True, name=n) for v, n in ((np.array([1.0, -2.0]), "a"), (0.5, "b")))
    loss = tg.sum(tg.tanh(a * b) * a + b)
    view = tg.draw(loss)
    loss.backward()
    it = opened(view)
    steps = [box for box in view.boxes if box.made]
    for k, key in zip(range(1, len(steps) + 1), itertools.cycle(["ArrowRight", " "])):
        it.page.keyboard.press(key)
        text = it.page.locator("#step").inner_text()
        assert text.startswith(f"step {k} of {len(steps)}\n")
        now = it.page.locator(".node.now")
        assert now.count() == 1
        assert now.locator("text").first.text_content() in text
        assert it.count(".edge.reached") >= 1
    sums = {
        line.get_attribute("data-source"): line.inner_text() for line in it.page.locator("#sums li").all()
    }  # fmt: skip
    of = {box.name: box for box in view.boxes}
    for name, t in (("a", a), ("b", b)):
        box = of[name]
        assert sums[box.id] == f"d{name} = {Numbers.of(t.grad).lines()[0]}, {box.uses} of {box.uses} arrived"
    it.page.keyboard.press("ArrowLeft")
    assert it.page.locator("#step").inner_text().startswith(f"step {len(steps) - 1} of")
    it.page.select_option("#way", "forward")
    it.page.click("#next")
    assert it.page.locator("#step").inner_text().startswith(f"step 1 of {len(steps)}\n① ")
    assert it.page.locator("#step").get_attribute("aria-live") == "polite"


def test_groups_fold_by_click_and_by_key(opened: Any) -> None:
    view = blocks(4)
    it = opened(view)
    assert it.count(".node") == len(view.shown.boxes)
    stack = it.page.locator(".node.repetition").first
    group = stack.get_attribute("id")
    assert stack.get_attribute("aria-expanded") == "false"
    stack.click()
    assert it.count(f'.cluster[id="{group}"]') == 1
    it.page.locator(f'.cluster[id="{group}"]').focus()
    it.page.keyboard.press("Enter")
    assert it.count(f'.node[id="{group}"]') == 1
    it.page.click("#open")
    assert it.count(".node") == len(view.boxes)
    it.page.click("#shut")
    every = view.fold("*")
    assert it.count(".node") == len(every.shown.boxes)


def test_states_that_are_not_in_the_page_are_emptied_in_place(opened: Any) -> None:
    view = blocks(6, "all")
    it = opened(view)
    inner = [g.id for g in view.groups if g.label == "Linear"][:4]
    before = it.count(".node")
    for group in inner:
        it.page.locator(f'.cluster[id="{group}"]').focus()
        it.page.keyboard.press("Enter")
    assert it.count(".node, .closed") == before - 2 * len(inner)  # each of a weight, a bias and an operation
    assert it.count(".closed, .node.module") == len(inner)
    boxes = [b for b in view.boxes if b.group == inner[0]]
    it.page.fill("#search", boxes[0].name)
    assert it.count(".found") == 1


def test_search(opened: Any) -> None:
    view = graphs.one_hidden_layer()
    it = opened(view)
    it.page.keyboard.press("/")
    it.page.keyboard.type("relu")
    assert it.page.locator("#count").inner_text() == "1 found"
    assert it.page.locator(".node.found text").first.text_content() == "③ A1 = relu(Z1)"
    it.page.keyboard.press("Enter")
    assert "saves" in it.page.locator("#card").inner_text()
    it.page.keyboard.press("Escape")
    assert it.count(".found") == 0


def test_cards_by_pointer_and_by_focus(opened: Any) -> None:
    view = graphs.scalar()
    it = opened(view)
    it.page.locator("#n1").hover()
    assert it.page.locator("#card strong").inner_text() == view.boxes[0].name
    it.page.locator(f"#{view.boxes[-1].id}").focus()
    card = it.page.locator("#card").inner_text()
    assert "⑨ y = v₇ + v₈" in card
    assert "4.5" in card


def test_focus_goes_in_topological_order(opened: Any) -> None:
    view = graphs.scalar()
    it = opened(view)
    it.page.locator("#stage").focus()
    order = []
    for _ in view.boxes:
        it.page.keyboard.press("Tab")
        order.append(it.page.evaluate("document.activeElement.id"))
    assert order == [box.id for box in view.boxes]


def test_zoom_and_pan(opened: Any) -> None:
    it = opened(graphs.scalar())

    def seen() -> list[float]:
        return [float(x) for x in it.page.locator("#stage svg").get_attribute("viewBox").split()]

    start = seen()
    it.page.keyboard.press("+")
    assert seen()[2] == pytest.approx(start[2] / 1.25)
    it.page.keyboard.press("-")
    assert seen() == pytest.approx(start)
    it.page.mouse.move(600, 600)
    it.page.mouse.wheel(0, -200)
    it.page.wait_for_function(
        f"+document.querySelector('#stage svg').getAttribute('viewBox').split(' ')[2] < {start[2]}"
    )
    it.page.keyboard.press("0")
    assert seen() == pytest.approx(start)
    it.page.mouse.down()
    it.page.mouse.move(500, 550)
    it.page.mouse.up()
    scale = start[2] / 1200
    assert seen()[:2] == pytest.approx([start[0] + 100 * scale, start[1] + 50 * scale])


def test_a_compressed_picture_is_shown(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_LONGEST", 10_000)
    view = chain(100)
    assert opened(view).count(".node") == len(view.boxes)


def test_a_step_written_into_a_formula_is_marked_at_its_reader(opened: Any) -> None:
    view = graphs.logistic_regression()
    it = opened(view)
    steps = len(view.steps["backward"])  # type: ignore[index]
    for _ in range(steps):
        it.page.locator("#next").click()
    [reader] = [box.id for box in view.shown.boxes if box.takes]
    assert "v₁ = Wᵀ" in it.page.locator("#step").inner_text()
    assert it.page.locator(".node.now").get_attribute("id") == reader


def test_a_large_page_is_read_without_javascript(opened: Any) -> None:
    it = opened(blocks(25, "all"), java_script_enabled=False)
    assert it.page.locator("noscript svg .node").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_javascript_the_picture_stays(opened: Any, scheme: str) -> None:
    view = graphs.scalar()
    it = opened(view, java_script_enabled=False, color_scheme=scheme)
    assert it.page.locator("#stage svg").is_visible()
    assert it.count(".node") == len(view.boxes)
    assert not it.page.locator("#tools").is_visible()
