"""The file `model.npz`: trained models with all it takes to use them again, written and read here alone.

Each model's entries begin with its name: `deep/about` is JSON (architecture, target, names of columns), `deep/net/...`
are the parameters, `deep/data/...` the numbers of the preparation.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.mode import no_grad
from .data import DataError, Preparation, Target, read_csv
from .data.arrays import Array, Features, Floats, check_numbers, read_npz, require
from .data.dataset import table_features
from .loop import Training
from .models import Architecture, Learner

FORMAT = 1


@dataclasses.dataclass(frozen=True)
class SavedModel:
    """A trained model with its preparation: applies to features as they came, before any scaling."""

    learner: Learner
    preparation: Preparation
    target: Target

    def outputs(self, features: Features) -> Floats:
        """Return (N, classes) probabilities, or (N,) numbers in the target's own unit."""
        with no_grad():
            outputs = self.learner.outputs(self.learner.forward(self.preparation.transform(features)))
        return outputs if self.target.classes else self.target.decode(outputs)

    def read(self, path: str) -> Features:
        """Return the Features of a .csv file with the model's columns, or of the array X of a .npz file.

        Further columns, such as the target, are ignored; DataError where one of the model's is absent.
        """
        names = self.preparation
        if path.lower().endswith(".csv"):
            if not (names.numeric or names.categorical):
                raise DataError(f"predict: this model knows its features by position, not by name; give {path} as .npz")
            return table_features(read_csv(path), names.numeric, names.categorical)
        if not path.lower().endswith(".npz"):
            raise DataError(f"predict: {path} is neither .csv nor .npz; give one of these")
        X = require(path, read_npz(path), "X")
        features = Features.of(check_numbers(path, X))
        if names.categorical or features.numbers.shape[1] != len(names.median):
            raise DataError(
                f"predict: X in {path} has {features.numbers.shape[1]} features and the model "
                f"{len(names.median)} numeric and {len(names.categorical)} categorical ones; give the same"
            )
        return features


def save(path: pathlib.Path, trainings: Sequence[Training]) -> None:
    """Write the models of these trainings to `path`."""
    entries: dict[str, Any] = {}  # NumPy's types ask for more than arrays among keywords
    for training in trainings:
        name = training.settings.model
        names, numbers = training.dataset.preparation.state()
        about = {
            "format": FORMAT,
            "architecture": dataclasses.asdict(training.learner.architecture),
            "target": dataclasses.asdict(training.dataset.target),
            "columns": names,
            "settings": dataclasses.asdict(training.settings),
        }
        entries[f"{name}/about"] = np.array(json.dumps(about, ensure_ascii=False))
        for prefix, arrays in (("net", training.learner.net.state_dict()), ("data", numbers)):
            entries |= {f"{name}/{prefix}/{key}": np.asarray(value) for key, value in arrays.items()}
    np.savez_compressed(path, **entries)


def load_model(path: str | pathlib.Path, name: str | None = None) -> SavedModel:
    """Return the model in `path`; `name` (logistic, shallow, deep) says which where the file holds several.

    Raises DataError where the file is no saved model, or the name is needed or unknown.
    """
    about_names, entries = _entries(path)
    if name is None and len(about_names) > 1:
        raise DataError(f"load_model: {path} holds {', '.join(about_names)}; choose one of them by name")
    name = about_names[0] if name is None else name
    if name not in about_names:
        raise DataError(f"load_model: {path} holds no model {name!r}; it holds {', '.join(about_names)}")
    about: dict[str, Any] = json.loads(str(entries[f"{name}/about"]))
    if about["format"] != FORMAT:
        raise DataError(
            f"load_model: {path} is of format {about['format']} and this version reads {FORMAT}; "
            f"use the tinygraph that wrote it"
        )
    architecture = Architecture(**{**about["architecture"], "widths": tuple(about["architecture"]["widths"])})
    learner = Learner(architecture, seed=0)
    learner.net.load_state_dict(_entries_under(entries, f"{name}/net/"))
    target = Target(**{**about["target"], "classes": tuple(about["target"]["classes"])})
    return SavedModel(learner, Preparation.restore(about["columns"], _entries_under(entries, f"{name}/data/")), target)


def _entries(path: str | pathlib.Path) -> tuple[list[str], dict[str, Array]]:
    """The names of the models in the file, and all its arrays."""
    entries = read_npz(path)
    names = [key.removesuffix("/about") for key in entries if key.endswith("/about")]
    if not names:
        raise DataError(f"load_model: {path} holds no model; give the model.npz of a run folder")
    return names, entries


def _entries_under(entries: dict[str, Array], prefix: str) -> dict[str, Array]:
    return {key.removeprefix(prefix): value for key, value in entries.items() if key.startswith(prefix)}
