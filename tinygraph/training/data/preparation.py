"""Turning features into the standardised matrix a model sees, with statistics of the training part alone."""

from __future__ import annotations

import collections
import dataclasses
from typing import Any

import numpy as np

from .arrays import Array, Features, Floats
from .errors import DataError

MOST_CATEGORIES = 32
"""Of a categorical column the commonest this many get a column of their own; the others are all zeros."""

MISSING_CATEGORY = "(missing)"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preparation:
    """What was learned from the training features, and `transform`, which applies it to any features.

    numeric, categorical: names of the columns, in order; numeric is empty where numbers have no names.
    median: (numeric columns,), what stands in for a missing number; flagged: the numeric columns that get an
    indicator of missing; categories: for each categorical column those with a column of their own.
    mean, weight: (features,); a feature becomes `(value - mean) * weight`, with weight 1 / standard deviation,
    or 0 where the feature was constant in training and so can teach nothing.
    """

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    median: Floats
    flagged: Array
    categories: tuple[tuple[str, ...], ...]
    mean: Floats
    weight: Floats

    @classmethod
    def fit(
        cls,
        train: Features,
        numeric: tuple[str, ...] = (),
        categorical: tuple[str, ...] = (),
        one_scale: bool = False,
    ) -> Preparation:
        """Return the Preparation learned from the training features; DataError where no feature varies.

        one_scale: divide all by one standard deviation, for features of one unit such as pixels. By its own, a pixel
        that is lit in one training image of a thousand would count as much as any other.

        >>> train = Features(np.array([[1.0], [3.0], [np.nan]]), np.array([["a"], ["b"], ["a"]], dtype=object))
        >>> Preparation.fit(train, ("size",), ("kind",)).names
        ('size', 'size is missing', 'kind = a', 'kind = b')
        """
        missing = np.isnan(train.numbers)
        flagged = np.flatnonzero(missing.any(axis=0))
        median = np.median(train.numbers, axis=0)
        for column in flagged:
            present = train.numbers[~missing[:, column], column]
            median[column] = np.median(present) if len(present) else 0.0
        categories = tuple(_commonest_categories(column) for column in train.texts.T)
        n_features = len(median) + len(flagged) + sum(map(len, categories))
        unscaled = cls(
            numeric=numeric,
            categorical=categorical,
            median=median,
            flagged=flagged,
            categories=categories,
            mean=np.zeros(n_features),
            weight=np.ones(n_features),
        )
        matrix = unscaled.transform(train)
        spread = matrix.std(axis=0)
        constant = (spread == 0) | (matrix.max(axis=0) == matrix.min(axis=0))
        if constant.all():
            raise DataError(
                f"prepare: none of the {n_features} features varies in the training part; add a column that does"
            )
        if one_scale:
            spread = np.full(n_features, np.sqrt(np.mean(spread**2)))
        weight = np.where(constant, 0.0, 1.0 / np.where(constant, 1.0, spread))
        return dataclasses.replace(unscaled, mean=matrix.mean(axis=0), weight=weight)

    def transform(self, features: Features) -> Floats:
        """Return the model's matrix: (rows, features), mean 0 and standard deviation 1 in training."""
        missing = np.isnan(features.numbers)
        parts = [np.where(missing, self.median, features.numbers), missing[:, self.flagged]]
        for column, categories in zip(features.texts.T, self.categories):
            parts.append(_name_missing(column)[:, None] == np.array(categories, dtype=object))
        matrix = np.concatenate(parts, axis=1, dtype=np.float64)
        matrix -= self.mean
        matrix *= self.weight
        return matrix

    @property
    def names(self) -> tuple[str, ...]:
        """What each feature is called, in the order of the matrix's columns."""
        numeric = self.numeric or tuple(f"x{i}" for i in range(len(self.median)))
        one_hot = (f"{name} = {c}" for name, known in zip(self.categorical, self.categories) for c in known)
        return (*numeric, *(f"{numeric[i]} is missing" for i in self.flagged), *one_hot)

    @property
    def constant(self) -> tuple[str, ...]:
        """The features that were constant in training."""
        return tuple(name for name, weight in zip(self.names, self.weight) if weight == 0)

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return what `restore` needs: a part for JSON and a part of arrays."""
        about = {"numeric": self.numeric, "categorical": self.categorical, "categories": self.categories}
        arrays = {"median": self.median, "flagged": self.flagged, "mean": self.mean, "weight": self.weight}
        return about, arrays

    @classmethod
    def restore(cls, about: dict[str, Any], arrays: dict[str, Array]) -> Preparation:
        """Return the Preparation whose `state()` was (about, arrays)."""
        return cls(
            numeric=tuple(about["numeric"]),
            categorical=tuple(about["categorical"]),
            categories=tuple(tuple(known) for known in about["categories"]),
            **arrays,
        )


def _name_missing(column: Array) -> Array:
    """The column with "" named: a missing value is a category of its own."""
    return np.where(column == "", MISSING_CATEGORY, column)


def _commonest_categories(column: Array) -> tuple[str, ...]:
    counts = collections.Counter(_name_missing(column).tolist())
    by_count = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(sorted(by_count[:MOST_CATEGORIES]))
