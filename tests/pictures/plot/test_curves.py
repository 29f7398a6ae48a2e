"""Curves and scatter plots show the numbers that they were given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.pictures.plot.curves import MOST_VERTICES, spread_places

from . import reading

LOSS = [0.9, 0.55, 0.31, 0.24, 0.2]


def strokes(chart: tg.plot.Chart, series: int = 1) -> list[list[tuple[float, float]]]:
    """The strokes of the curve itself: not its sample, nor its leader."""
    return [stroke for path in reading.classed(chart, "path", "line") if f"k{series}" in path.get("class", "")
            for stroke in reading.vertices(path)]  # fmt: skip


@pytest.mark.parametrize("log", [False, True])
def test_points_read_back_are_the_data(log: bool) -> None:
    chart = tg.plot.curves({"training": LOSS, "held out": np.array(LOSS) + 0.1}, log=log)
    for series, values in ((1, LOSS), (2, np.array(LOSS) + 0.1)):
        (stroke,) = strokes(chart, series)
        points = reading.in_data(chart, stroke, log)
        np.testing.assert_allclose(points[:, 0], [1, 2, 3, 4, 5], atol=0.01)
        np.testing.assert_allclose(points[:, 1], values, atol=0.003)


def test_given_positions() -> None:
    chart = tg.plot.curves({"loss": tg.tensor(LOSS)}, x=[0, 100, 200, 300, 1000], x_name="step")
    np.testing.assert_allclose(reading.in_data(chart, strokes(chart)[0])[:, 0], [0, 100, 200, 300, 1000], atol=2)
    assert "step" in reading.texts(chart)


def test_tensors_in_a_list_are_numbers() -> None:
    a = tg.plot.curves({"loss": [tg.tensor(x) for x in LOSS]})
    assert a.svg() == tg.plot.curves({"loss": LOSS}).svg()


def test_gaps_break_the_curve_and_are_counted() -> None:
    chart = tg.plot.curves({"loss": [1.0, 2.0, math.nan, 4.0, math.inf, 2.0, 1.0]})
    assert [len(stroke) for stroke in strokes(chart)] == [2, 1, 2]
    assert "2 of 7 values not finite, left out" in reading.texts(chart)
    assert chart.alt.endswith("; 2 of 7 values not finite, left out")
    log = tg.plot.curves({"loss": [1.0, 0.0, -3.0, 4.0]}, log=True)
    assert "2 of 4 values not above 0, or not finite, left out" in reading.texts(log)


def test_every_curve_has_its_name_and_last_value() -> None:
    chart = tg.plot.curves({"training": LOSS, "held out": [0.9, 0.5, 0.25, 0.241, math.nan]})
    texts = reading.texts(chart)
    assert texts.count("training") == texts.count("held out") == 1
    assert {"0.2", "nan"} <= set(texts)
    assert len(reading.markers(chart)) == 4


@pytest.mark.parametrize(
    "values",
    [[], [1.0], [2.0, 2.0], [0.0], [math.nan], [math.inf, -math.inf], [-5e8, 5e8], [1e-320, 1e308], [1e16, 1e16 + 2]],
)  # fmt: skip
@pytest.mark.parametrize("log", [False, True])
def test_odd_data_stay_inside(values: list[float], log: bool) -> None:
    chart = tg.plot.curves({"loss": values}, title="Odd", log=log)
    for x, y in [*reading.markers(chart), *(p for stroke in strokes(chart) for p in stroke)]:
        assert 0 < x < chart.width
        assert 30 < y < chart.height


def test_many_curves_have_room() -> None:
    chart = tg.plot.curves({f"run {k}": [1.0 + k * 1e-3, 0.5] for k in range(20)})
    heights = sorted(float(t.get("y", "")) for t in reading.classed(chart, "text", "strong"))
    assert len(heights) == 20
    assert min(np.diff(heights)) >= 29
    assert heights[-1] < chart.height


def test_a_curve_without_values_is_named_and_has_no_end() -> None:
    chart = tg.plot.curves({"loss": LOSS, "lost": [math.nan] * 5, "none": []})
    assert {"loss", "lost", "none", "no values"} <= set(reading.texts(chart))
    assert len(reading.markers(chart)) == 4  # three in the margin, one end
    assert len(reading.classed(chart, "line", "leader")) == 1


def test_long_curves_keep_their_peaks() -> None:
    y = np.sin(np.arange(100_000) / 7000)
    y[77_777] = 5.0
    y[50_000] = np.nan
    chart = tg.plot.curves({"loss": y})
    found = strokes(chart)
    assert len(found) == 2
    assert sum(map(len, found)) <= MOST_VERTICES
    assert reading.in_data(chart, found[1])[:, 1].max() == pytest.approx(5.0, abs=0.05)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8), st.floats(1, 12))
def test_names_are_kept_apart(wanted: list[float], gap: float) -> None:
    places = spread_places(sorted(wanted), gap, 0.0, 100.0)
    assert all(b - a >= gap - 1e-9 for a, b in zip(places, places[1:]))  # noqa: RUF007
    assert min(places) >= -1e-9
    assert max(places) <= 100 + 1e-9


def test_curves_errors() -> None:
    with pytest.raises(TypeError, match=r"curves: got \[1\.0\]; give a dict, \{name: numbers\}"):
        tg.plot.curves([1.0])
    with pytest.raises(ValueError, match=r"curves: there is nothing to draw in an empty dict"):
        tg.plot.curves({})
    with pytest.raises(TypeError, match=r"curves: 'loss' is \['a'\]; give real numbers"):
        tg.plot.curves({"loss": ["a"]})
    with pytest.raises(TypeError, match=r"curves: 'loss' is \[\[1\], \[1, 2\]\]; give real numbers"):
        tg.plot.curves({"loss": [[1], [1, 2]]})
    with pytest.raises(ValueError, match=r"curves: 'loss' has shape \(1, 2\); give one axis of numbers"):
        tg.plot.curves({"loss": [[1.0, 2.0]]})
    with pytest.raises(ValueError, match=r"curves: 'loss' has 2 values and x 3; give one for each"):
        tg.plot.curves({"loss": [1.0, 2.0]}, x=[1, 2, 3])


def test_scatter_points_read_back() -> None:
    true, said = np.array([1.0, 2.5, 4.0, 7.0]), np.array([1.5, 2.0, 4.0, 6.0])
    chart = tg.plot.scatter(true, said)
    np.testing.assert_allclose(reading.in_data(chart, reading.markers(chart)), np.stack([true, said], 1), atol=0.03)
    r2 = 1 - ((true - said) ** 2).sum() / ((true - true.mean()) ** 2).sum()
    assert f"R² {r2:.3g}" in reading.texts(chart)


@pytest.mark.parametrize("values", [[], [1.0], [3.0, 3.0], [math.nan, 1.0], [math.inf, -math.inf]])
def test_scatter_of_odd_data(values: list[float]) -> None:
    chart = tg.plot.scatter(values, values)
    assert len(reading.markers(chart)) == np.isfinite(values).sum()


def test_scatter_tells_what_it_leaves_out() -> None:
    x = np.arange(5000.0)
    x[7] = math.nan
    chart = tg.plot.scatter(x, x)
    assert len(reading.markers(chart)) == 2000
    assert chart.alt == "predicted against true for 5,000 samples, R² 1, 2,000 drawn, 1 not finite, left out"


def test_scatter_errors() -> None:
    with pytest.raises(ValueError, match=r"scatter: there are 1 true and 2 predicted numbers; give pairs"):
        tg.plot.scatter([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"scatter: true has shape \(1, 1\); give one axis of numbers"):
        tg.plot.scatter([[1.0]], [1.0])
    with pytest.raises(TypeError, match=r"scatter: predicted is \[None\]; give real numbers"):
        tg.plot.scatter([1.0], [None])
