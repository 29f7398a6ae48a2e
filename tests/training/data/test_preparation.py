"""Preparing features: everything is learned from the training part, and can be restored."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tinygraph.training.data import DataError, Preparation
from tinygraph.training.data.arrays import Features
from tinygraph.training.data.preparation import MOST_CATEGORIES

NAN = np.nan


def features(numbers: list[list[float]], texts: list[list[str]]) -> Features:
    return Features(np.array(numbers), np.array(texts, dtype=object))


TRAIN = features([[1.0, 5.0], [3.0, NAN], [8.0, 7.0]], [["red"], [""], ["red"]])


def test_training_part_is_standardised() -> None:
    prepared = Preparation.fit(TRAIN, ("a", "b"), ("colour",))
    X = prepared.transform(TRAIN)
    assert prepared.names == ("a", "b", "b is missing", "colour = (missing)", "colour = red")
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(X.std(axis=0), 1)


def test_other_rows_are_prepared_with_the_training_statistics() -> None:
    prepared = Preparation.fit(TRAIN, ("a", "b"), ("colour",))
    X = prepared.transform(features([[NAN, NAN]], [["green"]]))
    a_is_the_median = (3.0 - np.mean([1, 3, 8])) / np.std([1, 3, 8])
    np.testing.assert_allclose(X[0, 0], a_is_the_median)
    assert X[0, 2] > 0, "b is missing"
    back = X[0] / prepared.weight + prepared.mean
    np.testing.assert_allclose(back[3:], 0, atol=1e-15, err_msg="an unseen category is none of the known ones")


def test_constant_columns_carry_nothing() -> None:
    train = features([[1.0, 0.1], [2.0, 0.1], [3.0, 0.1]], [["x"], ["x"], ["x"]])
    prepared = Preparation.fit(train, ("a", "b"), ("c",))
    assert prepared.constant == ("b", "c = x")
    X = prepared.transform(features([[1.0, 99.0]], [["y"]]))
    np.testing.assert_array_equal(X[0, 1:], 0)


def test_a_column_without_any_value_is_constant() -> None:
    prepared = Preparation.fit(features([[1.0, NAN], [2.0, NAN]], [[], []]), ("a", "b"))
    assert prepared.constant == ("b", "b is missing")


def test_no_feature_that_varies() -> None:
    with pytest.raises(DataError, match="none of the 1 features varies in the training part; add a column that does"):
        Preparation.fit(features([[1.0], [1.0]], [[], []]))


def test_only_the_commonest_categories_get_a_column() -> None:
    names = [[f"id{i}"] for i in range(100)] + [["often"]] * 2
    prepared = Preparation.fit(features([[]] * len(names), names), (), ("id",))
    assert len(prepared.names) == MOST_CATEGORIES
    assert "id = often" in prepared.names


def test_restored_from_json_and_arrays() -> None:
    prepared = Preparation.fit(TRAIN, ("a", "b"), ("colour",))
    about, arrays = prepared.state()
    again = Preparation.restore(json.loads(json.dumps(about)), arrays)
    assert again.names == prepared.names
    np.testing.assert_array_equal(again.transform(TRAIN), prepared.transform(TRAIN))


def test_features_of_arrays_are_named_by_position() -> None:
    assert Preparation.fit(Features.of(np.arange(12.0).reshape(3, 2, 2))).names == ("x0", "x1", "x2", "x3")


def test_pixels_share_one_scale() -> None:
    train = Features.of(np.array([[0.0, 0.0], [10.0, 1.0]] * 5))
    X = Preparation.fit(train, one_scale=True).transform(train)
    np.testing.assert_allclose(np.mean(X**2), 1)
    np.testing.assert_allclose(X[:, 0], 10 * X[:, 1])
