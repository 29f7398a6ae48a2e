"""What is to be predicted: the classes, or a number, and how they are encoded for a loss."""

from __future__ import annotations

import dataclasses

import numpy as np

from .arrays import Array, Floats
from .errors import DataError

MOST_NUMBERED_CLASSES = 20
"""A numeric target with more distinct values than this, or with a fraction, is a quantity: regression."""


@dataclasses.dataclass(frozen=True)
class Target:
    """The target's name and its classes; without classes it is a number, standardised by `mean` and `scale`."""

    name: str
    classes: tuple[str, ...] = ()
    mean: float = 0.0
    scale: float = 1.0

    @property
    def task(self) -> str:
        """`"binary"`, `"multiclass"` or `"regression"`.

        >>> Target("iris", ("setosa", "versicolor", "virginica")).task
        'multiclass'
        """
        return {0: "regression", 2: "binary"}.get(len(self.classes), "multiclass")

    @classmethod
    def of_labels(cls, name: str, labels: Array) -> tuple[Target, Array]:
        """Return the Target of these labels and their class numbers, int64 (rows,).

        Raises DataError for a single class, and for a class of a single row.

        >>> Target.of_labels("pet", np.array(["dog", "cat", "dog", "cat"]))
        (Target(name='pet', classes=('cat', 'dog'), mean=0.0, scale=1.0), array([1, 0, 1, 0]))
        """
        values, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
        classes = tuple(_spell(value) for value in values.tolist())
        if len(classes) < 2:
            raise DataError(
                f"target: {name!r} has one class, {classes[0]!r}, in all {len(labels)} rows; "
                f"a classifier needs at least two"
            )
        if counts.min() < 2:
            alone = [c for c, count in zip(classes, counts) if count < 2]
            raise DataError(
                f"target: {name!r} has {len(classes)} classes, and {_names_have(alone)} only one row each; "
                f"training and test need a row of every class, so leave such rows out or join the class with another"
            )
        return cls(name, classes), numbers.astype(np.int64).reshape(-1)

    @classmethod
    def of_numbers(cls, name: str, values: Floats) -> tuple[Target, Array]:
        """Return the Target of a numeric column (rows,): classes where it holds few distinct integers, else a number.

        A number's encoding is the value itself; `fit_scale` finds the scale once the training part is known.

        >>> Target.of_numbers("price", np.linspace(0, 1, 4))[0].task
        'regression'
        """
        if len(np.unique(values)) > MOST_NUMBERED_CLASSES or np.any(values != np.round(values)):
            if values.min() == values.max():
                raise DataError(f"target: {name!r} is {values[0]:g} in every row; there is nothing to predict")
            return cls(name), values
        return cls.of_labels(name, values.astype(np.int64))

    def fit_scale(self, train: Array) -> Target:
        """Return the Target with mean and scale of the training values; one with classes stays as it is."""
        if self.classes:
            return self
        spread = float(train.std())
        return dataclasses.replace(self, mean=float(train.mean()), scale=spread if spread > 0 else 1.0)

    def encode(self, values: Array) -> Array:
        """Return what a loss reads: class numbers as they are, numbers standardised."""
        return values if self.classes else (values - self.mean) / self.scale

    def decode(self, values: Array) -> Array:
        """Return class names for class numbers, numbers in their own unit for standardised ones."""
        return np.array(self.classes)[values] if self.classes else values * self.scale + self.mean


def _spell(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _names_have(names: list[str]) -> str:
    listed = ", ".join(map(repr, names[:3]))
    return (
        f"{listed} and {len(names) - 3} more have" if len(names) > 3 else f"{listed} {'have' if names[1:] else 'has'}"
    )
