"""A function through tensors and on plain arrays: what is handed over whole is compared, and a difference is said."""

from __future__ import annotations

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.transforms.plain_run import as_plain, difference, run_plain

FACTOR = 2.0


def asks(x):
    """Another value for tensors: as code does that asks for the type of its input."""
    return np.sum(x) * (FACTOR if isinstance(x, np.ndarray) else 10.0)


@pytest.mark.parametrize(
    ("through", "plain", "said"),
    [
        (np.array([1.0, 10.0]), np.array([1.0, 2.0]), "through tensors 10, through NumPy 2, first at element [1]"),
        (tg.tensor(10.0), 2.0, "through tensors 10, through NumPy 2"),
        (np.ones((2, 1)), np.ones(2), r"through tensors shape (2, 1), through NumPy (2,)"),
        ([1.0, 2.0], [1.0], "through tensors 2 results, through NumPy 1"),
        ((1.0, 3.0), (1.0, 2.0), "through tensors 3, through NumPy 2 of result 1"),
        (np.array([np.nan]), np.array([1.0]), "through tensors nan, through NumPy 1, first at element [0]"),
        (np.array([1.0]), np.array([np.inf]), "through tensors 1, through NumPy inf, first at element [0]"),
        ("a", "b", "through tensors array('a'"),
        (tg.tensor(1.0), np.array(1), ""),
        (np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), ""),
        (np.array([1.0 + 1e-14]), np.array([1.0]), ""),
        (np.array([1e-14, 1e3]), np.array([0.0, 1e3]), ""),
        (np.array([1.0 + 1e-9]), np.array([1.0]), "through tensors 1"),
        (np.float32([1.0 + 1e-6]), np.float32([1.0]), ""),
        (np.array([True]), np.array([False]), "through tensors 1, through NumPy 0"),
        (np.array([], float), np.array([], float), ""),
        ("same", "same", ""),
    ],
)  # fmt: skip
def test_differences(through, plain, said):
    found = difference(through, plain)
    assert found.startswith(said) if said else not found


def test_arguments_become_arrays_of_their_own():
    a = np.ones(2)
    given = as_plain({"t": tg.tensor([1.0, 2.0]), "s": tg.tensor(3.0), "a": a, "n": 4})
    assert type(given["t"]) is np.ndarray
    assert type(given["s"]) is np.float64
    assert given["a"] is not a
    assert given["n"] == 4


def test_a_plain_run_records_nothing():
    w = tg.tensor(2.0, requires_grad=True)
    y = run_plain(lambda x: x * w, (3.0,), {})
    assert y.node is None


def test_check_gradients_says_another_value():
    report = tg.check_gradients(asks, np.ones(1), raises=False)
    assert not report.ok
    assert report.verdict == "another value"
    assert "value is another one than on plain arrays: through tensors 10, through NumPy 2" in str(report)
    with pytest.raises(tg.GradientError, match="through tensors 10, through NumPy 2"):
        tg.check_gradients(asks, np.ones(1))


def test_compare_says_another_value():
    found = tg.compare(asks, np.ones(1))
    assert not found.ok
    assert "through tensors 10, through NumPy 2" in str(found)


def test_compare_says_it_where_gradients_agree():
    found = tg.compare(lambda x: np.sum(x) + (0.0 if isinstance(x, np.ndarray) else 5.0), np.ones(1))
    assert found.input is None
    assert not found.ok
    assert "through tensors 6, through NumPy 1" in str(found)


def test_diagnose_says_another_value():
    w = tg.tensor(np.ones(1), requires_grad=True)
    found = tg.diagnose(lambda x: asks(x) * w, (np.ones((4, 1)), np.zeros(1)), parameters=[w])
    assert found.kinds[0] == "another value"
    assert "through tensors 40, through NumPy 8" in str(found)


def test_functions_of_tensors_alone_and_random_ones_are_left_alone():
    assert tg.check_gradients(lambda x: x.relu().sum(), np.ones(3)).ok
    rng = np.random.default_rng(0)
    net = tg.nn.Sequential(tg.nn.Linear(3, 4, rng=0), tg.nn.Dropout(0.5, rng=1), tg.nn.Linear(4, 1, rng=2))
    before = repr(net.layers[1])
    found = tg.diagnose(net, (rng.normal(size=(8, 3)), rng.normal(size=(8, 1))))
    assert "another value" not in found.kinds
    assert repr(net.layers[1]) == before
