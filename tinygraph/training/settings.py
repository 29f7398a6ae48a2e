"""What to train and how: each option's choice or default, and the combinations that make no sense."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TypeVar

from ..errors import TinygraphError
from .data import Dataset

MODELS = ("logistic", "shallow", "deep")
ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "elu", "softplus")
OPTIMIZERS = ("sgd", "adam")
INITS = ("small", "xavier", "he", "lecun", "zeros")

MAIN_JOB = (("photos", "logistic"), ("photos", "shallow"), ("digits", "deep"))
"""What `tinygraph train` without options trains: (data, model), in this order."""


T = TypeVar("T")


class OptionError(TinygraphError, ValueError):
    """Options that do not go together. The message says which and what to choose instead."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """Everything that decides one training. `batch_size` is in samples; `hidden` in units, one number a layer."""

    data: str
    model: str
    hidden: tuple[int, ...]
    activation: str
    optimizer: str
    lr: float
    epochs: int
    batch_size: int
    init: str
    seed: int


def plan(data: str | None, model: str | None) -> list[tuple[str, str]]:
    """Return the (data, model) pairs to train, given what the user chose of the two (None: did not choose).

    >>> plan(None, None)
    [('photos', 'logistic'), ('photos', 'shallow'), ('digits', 'deep')]
    >>> plan("iris.csv", None), plan(None, "shallow")
    ([('iris.csv', 'deep')], [('photos', 'shallow')])
    """
    if data is not None and model is not None:
        return [(data, model)]
    if data is not None:
        return [pair for pair in MAIN_JOB if pair[0] == data] or [(data, "deep")]
    return [pair for pair in MAIN_JOB if model in (None, pair[1])]


def resolve(options: argparse.Namespace, model: str, dataset: Dataset) -> Settings:
    """Return the Settings for one model on one data set; OptionError where the options do not fit them."""
    if model == "logistic":
        _refuse_for_logistic(options, dataset)
    if model == "shallow" and options.hidden is not None and len(options.hidden) != 1:
        raise OptionError(
            f"--hidden {','.join(map(str, options.hidden))} has {len(options.hidden)} layers and --model shallow "
            f"one; give one number or choose --model deep"
        )
    rows, task = len(dataset.X_train), dataset.target.task
    hidden = _given(options.hidden, {"logistic": (), "shallow": (32,), "deep": (128, 64)}[model])
    optimizer = options.optimizer or ("adam" if model == "deep" else "sgd")
    return Settings(
        data=dataset.name,
        model=model,
        hidden=hidden,
        activation=_given(options.activation, "relu"),
        optimizer=optimizer,
        lr=_given(options.lr, learning_rate(model, task, optimizer, dataset.n_features + sum(hidden))),
        epochs=_given(options.epochs, {"logistic": 100, "shallow": 100, "deep": 30}[model]),
        batch_size=min(_given(options.batch_size, _batch_size(rows) if model == "deep" else rows), rows),
        init=_given(options.init, {"logistic": "zeros", "shallow": "small", "deep": "he"}[model]),
        seed=options.seed,
    )


def learning_rate(model: str, task: str, optimizer: str, inputs: int) -> float:
    """A learning rate that suits standardised features; `inputs` is the sum of the inputs of all layers.

    Gradient descent overshoots when the rate times the curvature of the cost is above 2. The squared length of a
    layer's input is about its width, and the loss bends by at most 1/4 (log loss), 1/2 (cross entropy) or 2 (squared
    error), so 2 / (bend * inputs) is safe. Small random weights have small gradients at first and bear more.

    >>> round(learning_rate("logistic", "binary", "sgd", 12288), 6)
    0.000651
    """
    if optimizer == "adam":
        return 0.001 if model == "deep" else 0.01
    bend = {"binary": 0.25, "multiclass": 0.5, "regression": 2.0}[task]
    safe = 2 / (bend * inputs)
    return min(30 * safe, 0.05 / bend) if model == "shallow" else safe


def _given(choice: T | None, default: T) -> T:
    return default if choice is None else choice


def _refuse_for_logistic(options: argparse.Namespace, dataset: Dataset) -> None:
    for option in ("hidden", "activation"):
        if getattr(options, option) is not None:
            raise OptionError(
                f"--{option} is about hidden layers and --model logistic has none; leave it out, "
                f"or choose --model shallow or deep"
            )
    if dataset.target.task == "regression":
        raise OptionError(
            f"--model logistic predicts classes and {dataset.target.name!r} is a number (a fraction, or more than "
            f"20 distinct values); choose --model shallow or deep"
        )


def _batch_size(rows: int) -> int:
    """Small batches for small data, and never more than some thousand steps an epoch.

    >>> _batch_size(1_438), _batch_size(1_000_000)
    (32, 256)
    """
    return min(max(rows // 100, 32), 256)
