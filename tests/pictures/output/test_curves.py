"""Arrows as SVG paths: what is level or plumb stays straight, the rest bends in the direction of the drawing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygraph.pictures.output.curves import curve, head

coordinates = st.integers(-2000, 2000).map(lambda x: x / 10)


def test_corners_are_rounded() -> None:
    assert curve([(0, 0), (40, 0), (40, 40), (80, 40)]) == "M0 0H32Q40 0 40 8V32Q40 40 48 40H80"
    assert curve([(0, 0), (4, 0), (4, 40)]) == "M0 0H2Q4 0 4 2V40"  # as far as there is room


def test_bends_follow_the_direction() -> None:
    assert curve([(0, 0), (20, 10)], "right") == "M0 0C10 0 10 10 20 10"
    assert curve([(0, 0), (20, 10)], "down") == "M0 0C0 5 20 5 20 10"


@given(st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=8), st.sampled_from(["right", "down"]))
def test_a_path_ends_at_the_last_point(points: list[tuple[float, float]], direction: str) -> None:
    x = y = 0.0
    path = curve(points, direction)
    for command, numbers in re.findall(r"([MLHVCQ])([-\d. ]*)", path):
        values = [float(n) for n in numbers.split()]
        x = values[0] if command == "H" else x if command == "V" else values[-2]
        y = values[0] if command == "V" else y if command == "H" else values[-1]
    assert (x, y) == pytest.approx(points[-1])
    assert len(path) < 60 * len(points)


@pytest.mark.parametrize(
    ("points", "direction", "tail"),
    [
        ([(0, 0), (20, 0)], "right", (13, 0)),
        ([(0, 0), (20, 30)], "right", (13, 30)),
        ([(0, 0), (20, 30)], "down", (20, 23)),
        ([(5, 0), (5, 20)], "right", (5, 13)),
    ],
)
def test_the_head_points_where_the_line_arrives(points: list, direction: str, tail: tuple[float, float]) -> None:
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", head(points, direction))]
    tip, left, right = zip(numbers[::2], numbers[1::2], strict=True)
    assert tip == points[-1]
    assert ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2) == pytest.approx(tail)
