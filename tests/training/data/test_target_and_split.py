"""Targets: when they are classes and when a number; and how rows are divided."""

from __future__ import annotations

import numpy as np
import pytest

from tinygraph.training.data import DataError, Target, batches, split_rows


def test_few_whole_numbers_are_classes_in_numeric_order() -> None:
    target, y = Target.of_numbers("rooms", np.array([10.0, 2.0, 2.0, 10.0, 3.0, 3.0]))
    assert (target.task, target.classes) == ("multiclass", ("2", "3", "10"))
    np.testing.assert_array_equal(y, [2, 0, 0, 2, 1, 1])
    np.testing.assert_array_equal(target.decode(y), ["10", "2", "2", "10", "3", "3"])


@pytest.mark.parametrize("values", [np.arange(50.0), np.array([0.5, 1.0, 0.5, 1.0])])
def test_many_numbers_or_fractions_are_regression(values: np.ndarray) -> None:
    target, y = Target.of_numbers("price", values)
    target = target.fit_scale(y)
    encoded = target.encode(y)
    assert target.task == "regression"
    np.testing.assert_allclose([encoded.mean(), encoded.std()], [0, 1], atol=1e-12)
    np.testing.assert_allclose(target.decode(encoded), values)


def test_bool_labels_keep_their_names() -> None:
    assert Target.of_labels("y", np.array([True, False, True, False]))[0].classes == ("False", "True")


def test_one_class() -> None:
    with pytest.raises(DataError, match="'y' has one class, 'a', in all 12 rows; a classifier needs at least two"):
        Target.of_labels("y", np.array(["a"] * 12))
    with pytest.raises(DataError, match=r"'y' is 2\.5 in every row; there is nothing to predict"):
        Target.of_numbers("y", np.full(12, 2.5))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a", "a", "b"], "'y' has 2 classes, and 'b' has only one row each"),
        (["a", "a", "b", "c"], "'y' has 3 classes, and 'b', 'c' have only one row each"),
        (["a", "b", "c", "d", "e"], "'y' has 5 classes, and 'a', 'b', 'c' and 2 more have only one row each"),
    ],
)
def test_class_of_a_single_row(labels: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Target.of_labels("y", np.array(labels))


def test_split_is_stratified_complete_and_repeatable() -> None:
    y = np.repeat([0, 1, 2], [100, 20, 2])
    train, test = split_rows(y, np.random.default_rng(3))
    assert sorted([*train, *test]) == list(range(len(y)))
    np.testing.assert_array_equal(np.bincount(y[test]), [20, 4, 1])
    np.testing.assert_array_equal(split_rows(y, np.random.default_rng(3))[1], test)
    assert not np.array_equal(np.sort(split_rows(y, np.random.default_rng(4))[1]), np.sort(test))


def test_split_of_numbers() -> None:
    train, test = split_rows(np.linspace(0, 1, 50), np.random.default_rng(0), stratify=False)
    assert (len(train), len(test)) == (40, 10)


def test_batches_cover_an_epoch_once_and_differ_from_the_next() -> None:
    rng = np.random.default_rng(0)
    first = np.concatenate([batch for batch in batches(100, 32, rng) if not isinstance(batch, slice)])
    second = np.concatenate([batch for batch in batches(100, 32, rng) if not isinstance(batch, slice)])
    assert sorted(first) == sorted(second) == list(range(100))
    assert not np.array_equal(first, second)
