"""Ticks are round, few, cover the data and can be told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygraph.pictures.plot.axes import LARGEST, Axis, log_ticks, tick_labels, ticks

numbers = st.floats(-LARGEST, LARGEST, allow_subnormal=False)
positive = st.floats(1 / LARGEST, LARGEST)


@given(numbers, numbers)
def test_ticks_cover_any_range(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    found = ticks(low, high)
    slack = 1e-8 * (found[-1] - found[0])
    assert found[0] - slack <= low <= high <= found[-1] + slack
    assert 2 <= len(found) <= 8
    assert found == sorted(set(found))
    labels = tick_labels(found)
    assert len(set(labels)) == len(labels)


@given(positive, positive)
def test_log_ticks_cover_any_range(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    found = log_ticks(low, high)
    assert found[0] <= low * (1 + 1e-6)
    assert high <= found[-1] * (1 + 1e-6)
    assert 2 <= len(found) <= 10
    assert found == sorted(set(found))
    assert len(set(tick_labels(found, log=True))) == len(found)


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-3.2, 7.9, ["−5", "0", "5", "10"]),
        (1e6, 9e9, ["0", "2e+09", "4e+09", "6e+09", "8e+09", "1e+10"]),
        (100_000, 300_000, ["100,000", "150,000", "200,000", "250,000", "300,000"]),
        (0.00002, 0.00004, ["2e−05", "2.5e−05", "3e−05", "3.5e−05", "4e−05"]),
    ],
)
def test_labels(low: float, high: float, labels: list[str]) -> None:
    assert Axis.covering("x", low, high).labels == labels
