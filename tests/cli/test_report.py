"""The report page and its charts: well-formed, self-contained, readable without script or colour."""

from __future__ import annotations

import html.parser
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tinygraph.cli import charts
from tinygraph.cli.picture import Picture, sheet


class Outline(html.parser.HTMLParser):
    """Collects tags, and fails on an end tag that closes something else."""

    VOID = ("meta", "br", "link", "img")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"


@pytest.fixture
def report(tinygraph: Callable, table: str, tmp_path: Path) -> Callable[..., str]:
    def make(target: str, *words: object) -> str:
        ran = tinygraph("train", "--data", table, "--target", target, "--epochs", 2, "--out", "run", *words)
        assert ran.code == 0, ran.err
        return (tmp_path / "run" / "report.html").read_text(encoding="utf-8")

    return make


def test_the_page_is_one_file_that_asks_for_nothing(report: Callable[..., str]) -> None:
    page = report("wild")
    tags = Outline(page).tags
    names = {tag for tag, _ in tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    for _, attributes in tags:
        for key in ("src", "href", "xlink:href"):
            assert (attributes.get(key) or "#").startswith("#")
    assert not re.search(r"url\(|@import", page)
    assert ("html", {"lang": "en"}) in tags
    assert "prefers-color-scheme: dark" in page
    identities = [attributes["id"] for tag, attributes in tags if "id" in attributes and tag != "g"]
    assert len(identities) == len(set(identities))


def test_every_picture_has_a_text(report: Callable[..., str]) -> None:
    roles = [attributes for _, attributes in Outline(report("wild")).tags if attributes.get("role") == "img"]
    assert len(roles) == 3
    assert all(attributes.get("aria-label") for attributes in roles)


def test_what_the_page_says(report: Callable[..., str]) -> None:
    page = report("species", "--model", "shallow", "--hidden", 7, "--lr", 0.05)
    assert "One hidden layer on flowers.csv" in page
    assert "tinygraph train --data flowers.csv --target species" in page
    assert "W := W − α dW, learning rate 0.05" in page
    assert "always saying aster gives 0.333" in page
    assert page.count('<th scope="row">aster</th>') == 1
    assert "gradient checked" in page


def test_regression_shows_predictions_against_the_truth(report: Callable[..., str]) -> None:
    page = report("weight")
    assert page.count('class="point"') == 12
    assert "held-out R²" in page


def test_names_from_the_data_are_escaped(tinygraph: Callable, tmp_path: Path) -> None:
    rows = "\n".join(f"{i},{'<b>&' if i % 2 else 'plain'}" for i in range(20))
    (tmp_path / "odd.csv").write_text(f"x,<i>y\n{rows}\n")
    assert tinygraph("train", "--data", "odd.csv", "--target", "<i>y", "--epochs", 1, "--out", "run").code == 0
    page = (tmp_path / "run" / "report.html").read_text()
    assert "&lt;b&gt;&amp;" in page
    assert "<b>&" not in page
    assert "<i>" not in page
    Outline(page)


def test_many_classes_are_shown_by_their_confusions(tinygraph: Callable, tmp_path: Path) -> None:
    labels = [f"kind{i}" for i in range(25)] * 4
    rng = np.random.default_rng(0)
    (tmp_path / "many.csv").write_text("x,y\n" + "\n".join(f"{rng.normal():.3f},{label}" for label in labels))
    assert tinygraph("train", "--data", "many.csv", "--target", "y", "--epochs", 1, "--out", "run").code == 0
    assert "the commonest confusions" in (tmp_path / "run" / "report.html").read_text()


def svg_of(chart: str) -> ElementTree.Element:
    return ElementTree.fromstring(chart[chart.index("<svg") : chart.index("</svg>") + len("</svg>")])


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [0.0, math.nan, 1e-9], [math.inf, 1.0], [-5e8, 5e8]])
def test_curves_stay_inside_the_chart(values: list[float]) -> None:
    svg = svg_of(charts.line_chart("Loss", list(range(1, len(values) + 1)), [charts.Line("training", values, "train")]))
    for curve in svg.findall("polyline"):
        for point in curve.get("points", "").split():
            x, y = map(float, point.split(","))
            assert charts.LEFT <= x <= charts.WIDTH - charts.RIGHT
            assert charts.TOP <= y <= charts.HEIGHT - charts.BOTTOM


def test_scatter_has_a_point_a_sample() -> None:
    svg = svg_of(charts.scatter("Held out", [1.0, 2.0], [1.5, 2.5], "true", "predicted"))
    assert len(svg.findall("circle")) == 2


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3.2, 7.9), (1e-7, 3e-7), (0.5, 0.5), (1e6, 9e9)])
def test_ticks_are_few_and_cover_the_range(low: float, high: float) -> None:
    found = charts.ticks(low, high)
    assert found[0] <= low <= high <= found[-1]
    assert 2 <= len(found) <= 8
    assert found == sorted(set(found))


def test_several_pictures_on_one_sheet() -> None:
    svg = '<?xml version="1.0"?>\n<svg width="8pt" height="6pt" viewBox="0.00 0.00 8.00 6.00"><g/></svg>'
    one, none = Picture("a < b", "", svg), Picture("c", "", None, "install")
    assert sheet([none]) is None
    assert sheet([one, none]) == svg
    root = ElementTree.fromstring(sheet([one, one]) or "")
    inner = root.findall("{*}svg") or root.findall("svg")
    assert [(part.get("width"), part.get("height")) for part in inner] == [("8", "6")] * 2
    assert inner[0].get("x") != inner[1].get("x")
