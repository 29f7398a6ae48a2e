"""A data set ready for training, and `load`, which makes one from a name or a file."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from . import builtin
from .arrays import Array, Features, Floats, Integers, check_numbers, read_npz, require
from .errors import DataError
from .preparation import Preparation
from .split import split_rows
from .table import Table, read_csv
from .target import Target

FEWEST_ROWS = 10

BUILT_IN = ("photos", "breast-cancer", "digits")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dataset:
    """Standardised training and held-out samples, and how they were made.

    X_train, X_test: (samples, features) float64; y_train, y_test: (samples,), class numbers (int64) or, in
    regression, standardised numbers; about: one or two sentences for a reader.
    """

    name: str
    about: str
    X_train: Floats
    y_train: Array
    X_test: Floats
    y_test: Array
    target: Target
    preparation: Preparation

    @property
    def n_features(self) -> int:
        """How many numbers describe a sample."""
        return int(self.X_train.shape[1])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Samples:
    """All samples of a source as they came, before they are split into training and held-out ones and prepared.

    numeric, categorical: names of the columns of the features; one_scale: whether all features have one unit.
    """

    name: str
    about: str
    features: Features
    y: Array
    target: Target
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    one_scale: bool = False

    def split(self, seed: int) -> Dataset:
        """Return the Dataset with one row in five held out at random."""
        classes = bool(self.target.classes)
        rows = split_rows(self.y, np.random.default_rng(seed), stratify=classes)
        how = "20 % held out at random" + (", every class in proportion." if classes else ".")
        return dataclasses.replace(self, about=f"{self.about} {how}").prepare(*rows)

    def prepare(self, train: Integers, test: Integers) -> Dataset:
        """Return the Dataset of these rows; both parts are prepared with statistics of the training part alone."""
        features, y = self.features, self.y
        preparation = Preparation.fit(features.take(train), self.numeric, self.categorical, self.one_scale)
        target = self.target.fit_scale(y[train])
        return Dataset(
            name=self.name,
            about=self.about,
            X_train=preparation.transform(features.take(train)),
            y_train=target.encode(y[train]),
            X_test=preparation.transform(features.take(test)),
            y_test=target.encode(y[test]),
            target=target,
            preparation=preparation,
        )


def load(source: str, target: str | None = None, seed: int = 0) -> Dataset:
    """Return the Dataset called `source`: photos, breast-cancer, digits, or the path of a .csv or .npz file.

    Every feature is standardised by itself; images (also an X of more than two axes) by one scale for all pixels.
    target: the column of a CSV file to predict; seed: of the split into training and held-out rows. Raises
    DataError where the data cannot be used, MissingExtraError where a built-in set needs scikit-learn.
    """
    if source in BUILT_IN:
        _refuse_target(source, target)
        return _load_built_in(source, seed)
    suffix = pathlib.Path(source).suffix.lower()
    if suffix == ".csv":
        return _load_csv(read_csv(source), target, seed)
    if suffix == ".npz":
        _refuse_target(source, target)
        return _load_npz(source, seed)
    raise DataError(f"load: no data called {source!r}; choose one of {', '.join(BUILT_IN)}, or a .csv or .npz file")


def table_features(table: Table, numeric: tuple[str, ...], categorical: tuple[str, ...]) -> Features:
    """Return these columns of a table as Features, in this order."""
    n_rows = len(table.lines)
    numbers = np.empty((n_rows, len(numeric)))
    texts = np.empty((n_rows, len(categorical)), dtype=object)
    for i, name in enumerate(numeric):
        numbers[:, i] = table.numbers(name)
    for i, name in enumerate(categorical):
        texts[:, i] = table.require(name)
    return Features(numbers, texts)


def _refuse_target(source: str, target: str | None) -> None:
    if target is not None:
        raise DataError(f"load: a target column ({target!r}) was given, but {source} is no CSV file; leave it out")


def _load_built_in(source: str, seed: int) -> Dataset:
    if source == "photos":
        photos = builtin.photos()
        X, y = np.concatenate([photos.X_train, photos.X_test]), np.concatenate([photos.y_train, photos.y_test])
        rows = np.arange(len(X))
        samples = Samples(
            name=source,
            about=photos.about,
            features=Features.of(X),
            y=y,
            target=Target("photograph", photos.classes),
            one_scale=True,
        )
        return samples.prepare(train=rows[: len(photos.X_train)], test=rows[len(photos.X_train) :])
    bunch = builtin.table(source)
    return Samples(
        name=source,
        about=bunch.about,
        features=Features.of(bunch.X),
        y=bunch.y,
        target=Target(bunch.target, bunch.classes),
        numeric=bunch.names,
        one_scale=source == "digits",
    ).split(seed)


def _load_csv(table: Table, target: str | None, seed: int) -> Dataset:
    columns = ", ".join(table.columns)
    if target is None:
        raise DataError(f"load: which column of {table.source} is to be predicted? name it as the target: {columns}")
    labels = table.require(target)
    for line, label in zip(table.lines, labels):
        if not label:
            raise DataError(
                f"load: {table.source}, line {line}, column {target!r}: the target is missing; "
                f"fill it in or delete the line"
            )
    _require_rows(table.source, len(table.lines))
    described, y = (
        Target.of_numbers(target, table.numbers(target))
        if table.is_numeric(target)
        else Target.of_labels(target, np.array(labels))
    )
    inputs = [name for name in table.columns if name != target]
    if not inputs:
        raise DataError(f"load: {table.source} has no column besides the target {target!r}; add one to predict it from")
    numeric = tuple(name for name in inputs if table.is_numeric(name))
    categorical = tuple(name for name in inputs if name not in numeric)
    about = (
        f"{len(table.lines)} rows of {pathlib.Path(table.source).name}: "
        f"{len(numeric)} numeric and {len(categorical)} categorical columns."
    )
    return Samples(
        name=table.source,
        about=about,
        features=table_features(table, numeric, categorical),
        y=y,
        target=described,
        numeric=numeric,
        categorical=categorical,
    ).split(seed)


def _load_npz(source: str, seed: int) -> Dataset:
    arrays = read_npz(source)
    X, y = require(source, arrays, "X"), require(source, arrays, "y")
    numbers = check_numbers(source, X)
    if y.shape != (len(X),):
        raise DataError(f"load: y in {source} has shape {y.shape} and X {X.shape}; give one y for each row of X")
    _require_rows(source, len(X))
    if y.dtype.kind in "fiu":
        if not np.isfinite(y).all():
            raise DataError(f"load: y[{np.flatnonzero(~np.isfinite(y))[0]}] in {source} is not finite; correct it")
        target, y = Target.of_numbers("y", y.astype(np.float64))
    elif y.dtype.kind in "Ub":
        target, y = Target.of_labels("y", y)
    else:
        raise DataError(f"load: y in {source} is {y.dtype}; give numbers or texts")
    about = f"{len(X)} samples of {pathlib.Path(source).name}, each of shape {X.shape[1:]}."
    return Samples(
        name=source,
        about=about,
        features=Features.of(numbers),
        y=y,
        target=target,
        one_scale=X.ndim > 2,
    ).split(seed)


def _require_rows(source: str, rows: int) -> None:
    if rows < FEWEST_ROWS:
        raise DataError(f"load: {source} has {rows} rows; at least {FEWEST_ROWS} are needed to train and to test")
