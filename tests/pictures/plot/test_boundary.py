"""The decision boundary: the ground is what the model says, the line lies where it changes its mind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.pictures.plot.boundary import SIDE
from tinygraph.pictures.plot.style import LIGHT

from . import reading

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2)) * [2, 1] + [1, 0]
CENTRES = np.array([[0.0, 0.0], [3.0, 1.0], [0.0, 2.0]])


def distance(p: Any) -> np.ndarray:
    """Scores of three classes by minus the squared distance from their centres."""
    return -((np.asarray(p)[:, None] - CENTRES) ** 2).sum(axis=2)


def left_of_circle(p: Any) -> np.ndarray:
    """The probability of class 1, above a half inside the circle of radius 1.5."""
    return 1 / (1 + np.exp(np.asarray(p)[:, 0] ** 2 + np.asarray(p)[:, 1] ** 2 - 1.5**2))


def plane(chart: tg.plot.Chart) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(class of each pixel, its x, its y), from the picture and its ticks."""
    (ground,) = reading.pictures(chart)
    palette = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in LIGHT]
    classes = np.array([[palette.index(tuple(p[:3])) for p in row] for row in ground])
    element = next(reading.root(chart).iter(f"{reading.SVG}image"))
    left, top = float(element.get("x", "")), float(element.get("y", ""))
    middles = (np.arange(len(ground)) + 0.5) / len(ground) * SIDE
    x = reading.in_data(chart, [(left + m, top) for m in middles])[:, 0]
    y = reading.in_data(chart, [(left, top + m) for m in middles])[:, 1]
    return classes, *np.meshgrid(x, y)


@pytest.mark.parametrize("predict", [distance, left_of_circle, lambda p: left_of_circle(p)[:, None],
                                     lambda p: tg.tensor(distance(p)), lambda p: distance(p).argmax(axis=1),
                                     lambda p: left_of_circle(p) > 0.5])  # fmt: skip
def test_the_ground_is_what_the_model_says(predict: Callable[[Any], Any]) -> None:
    chart = tg.plot.boundary(predict, X, RNG.integers(0, 2, 60), resolution=40)
    classes, x, y = plane(chart)
    scores = predict(np.stack([x.ravel(), y.ravel()], axis=1))
    scores = np.asarray(scores.numpy() if isinstance(scores, tg.Tensor) else scores)
    if scores.ndim == 1 and scores.dtype.kind in "ib":
        expected = scores.astype(int)
    else:
        expected = scores.argmax(axis=1) if scores.size > len(x) ** 2 else (scores.ravel() > 0.5).astype(int)
    assert np.mean(classes.ravel() == expected) > 0.995  # ticks read back are rounded to the hundredth of a pixel


def test_the_line_lies_where_two_classes_are_equal() -> None:
    chart = tg.plot.boundary(left_of_circle, X, RNG.integers(0, 2, 60), resolution=80)
    (path,) = reading.classed(chart, "path", "contour")
    points = reading.in_data(chart, [p for stroke in reading.vertices(path) for p in stroke])
    assert len(points) > 100
    np.testing.assert_allclose(np.hypot(*points.T), 1.5, atol=0.02)


def test_points_are_the_samples_by_class() -> None:
    y = RNG.integers(0, 3, 60)
    chart = tg.plot.boundary(distance, X, y, ["a", "b", "c"], resolution=10)
    marks = reading.in_data(chart, reading.markers(chart))[:60]
    np.testing.assert_allclose(marks, X, atol=0.05)
    shapes = [m.get("d") for m in reading.classed(chart, "path", "mark")]
    for k in range(3):
        assert len({shape for shape, c in zip(shapes, y) if c == k} | {shapes[60 + k]}) == 1
    assert len(set(shapes)) == 3
    right = (distance(X).argmax(axis=1) == y).sum()
    assert f"{right} of 60 samples in the region of their class" in reading.texts(chart)
    assert {f"{n} samples" for n in np.bincount(y)} <= set(reading.texts(chart))


def test_one_sample_one_class_and_many_samples() -> None:
    one = tg.plot.boundary(lambda p: np.zeros(len(p), int), [[3.0, 3.0]], [0], resolution=5)
    assert not reading.classed(one, "path", "contour")
    many = tg.plot.boundary(distance, RNG.normal(size=(5000, 2)), np.zeros(5000), resolution=5)
    assert len(reading.markers(many)) == 2000 + 3
    assert any("2,000 of 5,000 samples drawn" in text for text in reading.texts(many))


def test_nothing_is_recorded() -> None:
    net = tg.nn.Linear(2, 2, rng=0)
    said = []
    tg.plot.boundary(lambda p: said.append(net(tg.tensor(p))) or said[-1], X, np.zeros(60, int), resolution=5)
    assert said[0].node is None


def test_boundary_errors() -> None:
    y = np.zeros(60, int)
    with pytest.raises(ValueError, match=r"boundary: X has shape \(60, 1\); give \(samples, 2\)"):
        tg.plot.boundary(distance, X[:, :1], y)
    with pytest.raises(ValueError, match=r"boundary: y of shape \(59,\) are no class numbers of 60 samples"):
        tg.plot.boundary(distance, X, y[1:])
    with pytest.raises(ValueError, match=r"boundary: y of shape \(60,\) are no class numbers"):
        tg.plot.boundary(distance, X, y + 0.5)
    with pytest.raises(ValueError, match=r"boundary: X holds what is not finite; leave these samples out"):
        tg.plot.boundary(distance, X * np.nan, y)
    with pytest.raises(ValueError, match=r"boundary: cannot see a region at 1 points a side; give 100 or so"):
        tg.plot.boundary(distance, X, y, resolution=1)
    with pytest.raises(ValueError, match=r"boundary: there are 3 classes and 2 names; give one for each"):
        tg.plot.boundary(distance, X, y, ["a", "b"])
    with pytest.raises(ValueError, match=r"boundary: predict returned class -1; number the classes 0, 1, 2, …"):
        tg.plot.boundary(lambda p: np.where(p[:, 0] > 0, 1, -1), X, y)
    with pytest.raises(ValueError, match=r"boundary: predict returned NaN for 255 numbers; train with a smaller step"):
        tg.plot.boundary(lambda p: distance(p) * np.nan, X, y, resolution=5)
    with pytest.raises(ValueError, match=r"boundary: predict returned shape \(3,\) for 85 points; return"):
        tg.plot.boundary(lambda p: np.zeros(3), X, y, resolution=5)
