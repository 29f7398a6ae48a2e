"""What all charts have in common: self-contained SVG, files, notebooks, text for those who cannot see, any names."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.pictures.plot import style

from . import reading

GOLDEN = Path(__file__).parents[1] / "golden" / "curves.svg"


def every() -> dict[str, tg.plot.Chart]:
    """One small chart of each kind."""
    net = tg.nn.Sequential(tg.nn.Linear(2, 4, rng=0), tg.nn.Tanh(), tg.nn.Linear(4, 2, rng=1))
    X = np.random.default_rng(0).normal(size=(30, 2))
    y = (X[:, 0] > 0).astype(int)
    tg.nn.cross_entropy(net(tg.tensor(X)), y).backward()
    return {
        "curves": tg.plot.curves({"training": [1.0, 0.5], "held out": [1.1, 0.7]}, title="Loss"),
        "images": tg.plot.images(np.eye(4), title="Weights"),
        "histograms": tg.plot.histograms({"a": X, "b": y}, title="Values"),
        "activations": tg.plot.activations(net, X),
        "gradients": tg.plot.gradients(net),
        "boundary": tg.plot.boundary(net, X, y, ["left", "right"], resolution=20, title="Regions"),
        "confusion": tg.plot.confusion([[5, 1], [0, 4]], ["left", "right"], title="Confusion"),
        "scatter": tg.plot.scatter([1.0, 2.0], [1.5, 2.5], title="Predictions"),
    }


@pytest.fixture(scope="module")
def charts() -> dict[str, tg.plot.Chart]:
    return every()


def test_every_kind_of_chart_is_here(charts: dict[str, tg.plot.Chart]) -> None:
    assert {*charts, "Chart"} == set(tg.plot.__all__)


def test_charts_are_well_formed_and_load_nothing(charts: dict[str, tg.plot.Chart]) -> None:
    for chart in charts.values():
        svg = chart.svg()
        root = ET.fromstring(svg)
        assert (root.get("width"), root.get("height")) == tuple((root.get("viewBox") or "").split()[2:])
        assert root.find(f"{reading.SVG}title").text == chart.title
        assert root.find(f"{reading.SVG}desc").text == chart.alt
        assert root.get("role") == "img"
        assert chart.alt in (root.get("aria-label") or "")
        assert "://" not in svg.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"url\(|@import|<script|\bid=", svg)
        for element in root.iter():
            assert element.get("href", "data:image/png;base64,").startswith("data:image/png;base64,")
            assert "nan" not in "".join(element.attrib.values())


def test_charts_are_the_same_bytes_each_time(charts: dict[str, tg.plot.Chart]) -> None:
    assert {name: chart.svg() for name, chart in every().items()} == {n: chart.svg() for n, chart in charts.items()}


def test_everything_stays_inside(charts: dict[str, tg.plot.Chart]) -> None:
    for chart in charts.values():
        for t in reading.root(chart).iter(f"{reading.SVG}text"):
            if t.get("transform") is None:
                width = 0.5 * 12 * len(t.text or "")
                start = float(t.get("x", "")) - {"end": width, "middle": width / 2}.get(t.get("text-anchor", ""), 0)
                assert 0 <= start
                assert start + width <= chart.width
                assert 0 < float(t.get("y", "")) < chart.height


def test_a_chart_cannot_be_changed(charts: dict[str, tg.plot.Chart]) -> None:
    with pytest.raises(AttributeError):
        charts["curves"].title = "other"


def test_golden_text() -> None:
    chart = tg.plot.curves({"training": [1.0, 0.5, 0.25], "held out": [1.0, 0.75, 0.5]}, title="Loss", y_name="nats")
    body = chart.svg().replace(style.STYLE, "...")
    assert body + "\n" == GOLDEN.read_text(encoding="utf-8")


def test_save_writes_the_chart_aside(charts: dict[str, tg.plot.Chart], tmp_path: Path) -> None:
    path = tmp_path / "chart.svg"
    path.write_text("old")
    charts["curves"].save(path)
    charts["curves"].save(str(path))
    text = path.read_text(encoding="utf-8")
    assert text == f'<?xml version="1.0" encoding="UTF-8"?>\n{charts["curves"].svg()}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_save_under_another_suffix(charts: dict[str, tg.plot.Chart], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"save: charts are SVG, and 'x\.png' is not called so; name it NAME\.svg"):
        charts["curves"].save(tmp_path / "x.png")
    assert not list(tmp_path.iterdir())


def test_notebooks_get_svg_and_text(charts: dict[str, tg.plot.Chart]) -> None:
    chart = charts["scatter"]
    assert chart._repr_svg_() == chart.svg()
    assert chart._repr_mimebundle_() == {"text/plain": repr(chart), "image/svg+xml": chart.svg()}
    assert repr(chart) == "<Chart 'Predictions': predicted against true for 2 samples, R² 0>"


def test_plot_is_imported_when_asked_for() -> None:
    late = "assert 'tinygraph.pictures.plot' not in sys.modules"
    code = f"import sys, tinygraph as tg; {late}; print(tg.plot.Chart.__name__)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "Chart\n"
    with pytest.raises(AttributeError, match="module 'tinygraph' has no attribute 'plott'"):
        tg.plott


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("scheme", style.STYLE.split("@media"), ids=["light", "dark"])
def test_texts_have_contrast_and_lines_can_be_seen(scheme: str) -> None:
    def colour(name: str) -> float:
        return luminance(re.search(rf"\.tg-chart {name}\{{(?:fill|color):(#\w+)\}}", scheme)[1]) + 0.05

    for name in ("text", r"\.soft"):
        a, b = sorted([colour(r"\.surface"), colour(name)])
        assert b / a >= 4.5
    for k in (1, 2, 3):
        a, b = sorted([colour(r"\.surface"), colour(rf"\.k{k}")])
        assert b / a >= 3


def test_series_differ_without_colour() -> None:
    looks = [(style.dash(k), style.MARKERS[k % 7]) for k in range(35)]
    assert len(set(looks)) == 35


names = st.one_of(
    st.sampled_from(["<b>", '"quoted"', "]]>", "a\nb", "\0", "\ud800", "שלום \u202eabc", "x" * 10_000, "", "&amp;"]),
    st.text(max_size=40),
)


@settings(max_examples=60, deadline=None)
@given(names, names)
def test_any_text_is_well_formed(one: str, other: str) -> None:
    values = np.arange(4.0)
    two = {one: values, other + "'": values}
    for chart in (
        tg.plot.curves(two, title=one, x_name=other, y_name=one),
        tg.plot.histograms(two, title=one, x_name=other, notes={one: other}),
        tg.plot.images(np.ones((1, 4)), titles=[one], title=other),
        tg.plot.confusion([[1, 2], [0, 1]], [one, other], title=one),
        tg.plot.scatter(values, values, title=one, x_name=one, y_name=other),
        tg.plot.boundary(lambda p: p[:, 0], [[0, 0], [1, 1]], [0, 1], [one, other], resolution=3, names=(one, other)),
    ):
        root = ET.fromstring(chart.svg())
        assert {element.tag.removeprefix(reading.SVG) for element in root.iter()} <= {
            "svg", "title", "desc", "style", "rect", "text", "line", "path", "image",
        }  # fmt: skip
