"""Weight images, decoded again, and confusion tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinygraph as tg
from tinygraph.pictures.plot.images import MISSING, NEGATIVE, POSITIVE, ZERO
from tinygraph.pictures.plot.png import png

from . import reading

RNG = np.random.default_rng(0)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4]))))
def test_png_decodes_to_the_pixels(pixels: np.ndarray) -> None:
    np.testing.assert_array_equal(reading.decoded(png(pixels)), pixels)


def test_pixels_are_the_weights() -> None:
    w = RNG.normal(size=(3, 20))
    *found, bar = reading.pictures(tg.plot.images(tg.tensor(w), shape=(4, 5)))
    limit = np.abs(w).max()
    assert len(found) == 3
    for one, image in zip(w.reshape(3, 4, 5), found, strict=True):
        assert image.shape == (4, 5, 3)
        towards = np.where(one[..., None] < 0, NEGATIVE, POSITIVE)
        expected = np.array(ZERO) + np.abs(one[..., None]) / limit * (towards - np.array(ZERO))
        np.testing.assert_allclose(image, expected, atol=0.5)
    assert [tuple(bar[0, k]) for k in (0, 50, 100)] == [NEGATIVE, ZERO, POSITIVE]


def test_colour_pixels_are_the_weights() -> None:
    w = RNG.normal(size=(2, 3 * 25))
    *found, _ = reading.pictures(tg.plot.images(w))
    expected = 127.5 + 127.5 * w.reshape(2, 5, 5, 3) / np.abs(w).max()
    np.testing.assert_allclose(np.array(found), expected, atol=0.5)


def test_names_and_ranges_stand_below() -> None:
    chart = tg.plot.images([[-0.5, 0.25, 0.0, 0.125], [0.0] * 4], titles=["edge", "dead"])
    assert {"edge", "dead", "−0.5 … 0.25", "0 … 0", "−0.5", "0.5"} <= set(reading.texts(chart))
    assert chart.alt.startswith("2 images of 2 by 2 weights, from −0.5 to 0.25: edge from −0.5 to 0.25")


def test_not_finite_weights_are_marked_and_counted() -> None:
    *found, _ = reading.pictures(chart := tg.plot.images([[1.0, np.nan, -1.0, np.inf], [np.nan] * 4]))
    assert (found[0] == MISSING).all(axis=2).tolist() == [[False, True], [False, True]]
    assert (found[1] == MISSING).all()
    assert "6 not finite, in pink" in reading.texts(chart)
    assert "no number" in reading.texts(chart)


@pytest.mark.parametrize("shape", [(1, 1, 1), (40, 8, 8), (5, 64, 64, 3), (2, 300, 100), (1, 2000, 2), (3, 1, 7)])
def test_images_lie_inside_and_apart(shape: tuple[int, ...]) -> None:
    chart = tg.plot.images(np.ones(shape), columns=3)
    images = reading.root(chart).iter(f"{reading.SVG}image")
    boxes = [[float(image.get(k, "")) for k in ("x", "y", "width", "height")] for image in images]
    for x, y, w, h in boxes:
        assert x >= 0
        assert y >= 0
        assert x + w <= chart.width
        assert y + h <= chart.height
    for (x, y, w, h), (x2, y2, _, _) in zip(boxes, boxes[1:]):  # noqa: RUF007
        assert x + w <= x2 or y + h <= y2


def test_images_errors() -> None:
    with pytest.raises(ValueError, match=r"images: 7 weights make no square image; give shape=\(height, width\)"):
        tg.plot.images(np.ones((2, 7)))
    with pytest.raises(ValueError, match=r"images: weights of shape \(2, 7\) are no images of \(2, 3\)"):
        tg.plot.images(np.ones((2, 7)), (2, 3))
    with pytest.raises(ValueError, match=r"images: weights of shape \(2, 2, 2, 2\) are no images; give \(units"):
        tg.plot.images(np.ones((2, 2, 2, 2)))
    with pytest.raises(ValueError, match=r"images: weights of shape \(0, 4\) are no images"):
        tg.plot.images(np.ones((0, 4)))
    with pytest.raises(ValueError, match=r"images: there are 2 images and 1 titles; give one for each"):
        tg.plot.images(np.ones((2, 4)), titles=["a"])
    with pytest.raises(ValueError, match=r"images: cannot lay 2 images in 0 columns; give a number above 0"):
        tg.plot.images(np.ones((2, 4)), columns=0)
    with pytest.raises(TypeError, match=r"images: weights is 'x'; give real numbers"):
        tg.plot.images("x")


def test_confusion_cells_are_the_counts() -> None:
    table = RNG.integers(0, 30, (4, 4))
    chart = tg.plot.confusion(table, ["a", "b", "c", "d"])
    cells = [t for t in reading.root(chart).iter(f"{reading.SVG}text") if (t.text or "").isdigit()]
    rows = sorted({float(c.get("y", "")) for c in cells})
    columns = sorted({float(c.get("x", "")) for c in cells})
    read = np.zeros((4, 4), int)
    for cell in cells:
        read[rows.index(float(cell.get("y", ""))), columns.index(float(cell.get("x", "")))] = int(cell.text or "")
    np.testing.assert_array_equal(read, table)
    right = np.trace(table) / table.sum()
    assert f"{np.trace(table)} of {table.sum()} right ({100 * right:.1f} %)" in reading.texts(chart)
    assert len(reading.classed(chart, "rect", "outline")) == 4


@pytest.mark.parametrize("table", [[[0]], [[0, 0], [0, 0]], [[123_456, 0.5], [0, 2]]])
def test_confusion_of_odd_counts(table: list[list[float]]) -> None:
    chart = tg.plot.confusion(table, [f"a class with a long name {k}" for k in table], title="Odd")
    assert "nan" not in chart.svg()


def test_confusion_errors() -> None:
    with pytest.raises(ValueError, match=r"confusion: the table has shape \(1, 2\) and there are 2 classes"):
        tg.plot.confusion([[1, 2]], ["a", "b"])
    with pytest.raises(ValueError, match=r"confusion: the table has shape \(0,\) and there are 0 classes"):
        tg.plot.confusion([], [])
    with pytest.raises(ValueError, match=r"confusion: the table holds counts that are negative or not finite"):
        tg.plot.confusion([[-1]], ["a"])
