"""What to train and how: the table of models, each choice or its default, and what does not go together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .. import nn, ops
from ..errors import TinygraphError
from ..nn.init import Initializer
from ..tensors.tensor import Tensor

if TYPE_CHECKING:
    from .data import Dataset

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class ModelKind:
    """A kind of model: its name in titles, and the settings that it has where the user chooses none."""

    title: str
    hidden: tuple[int, ...]
    optimizer: str
    epochs: int
    init: str


MODELS = {
    "logistic": ModelKind("Logistic regression", hidden=(), optimizer="sgd", epochs=100, init="zeros"),
    "shallow": ModelKind("One hidden layer", hidden=(32,), optimizer="sgd", epochs=100, init="small"),
    "deep": ModelKind("Deep network", hidden=(128, 64), optimizer="adam", epochs=30, init="he"),
}

ACTIVATIONS: dict[str, Callable[[Any], Tensor]] = {
    "relu": ops.relu,
    "tanh": ops.tanh,
    "sigmoid": ops.sigmoid,
    "gelu": ops.gelu,
    "silu": ops.silu,
    "leaky_relu": ops.leaky_relu,
    "elu": ops.elu,
    "softplus": ops.softplus,
}

OPTIMIZERS = {"sgd": "W := W − α dW", "adam": "Adam"}
"""How a report writes each of them."""

INITS: dict[str, Initializer] = {
    "small": nn.init.small_normal,
    "xavier": nn.init.xavier_uniform,
    "he": nn.init.he_normal,
    "lecun": nn.init.lecun_normal,
    "zeros": nn.init.zeros,
}

MAIN_JOB = (("photos", "logistic"), ("photos", "shallow"), ("digits", "deep"))
"""What `tinygraph train` without options trains: (data, model), in this order."""


class OptionError(TinygraphError, ValueError):
    """Options that do not go together. The message says which and what to choose instead."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choices:
    """What the user chose of the settings; None leaves it to what suits the model and the data."""

    hidden: tuple[int, ...] | None = None
    activation: str | None = None
    optimizer: str | None = None
    lr: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    init: str | None = None
    seed: int = 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingSettings:
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


def resolve(choices: Choices, model: str, dataset: Dataset) -> TrainingSettings:
    """Return the settings for one model on one data set; OptionError where the choices do not fit them."""
    if model == "logistic":
        _refuse_for_logistic(choices, dataset)
    if model == "shallow" and choices.hidden is not None and len(choices.hidden) != 1:
        raise OptionError(
            f"--hidden {','.join(map(str, choices.hidden))} has {len(choices.hidden)} layers and --model shallow "
            f"one; give one number or choose --model deep"
        )
    kind, rows = MODELS[model], len(dataset.X_train)
    hidden = _choice_or(kind.hidden, choices.hidden)
    optimizer = _choice_or(kind.optimizer, choices.optimizer)
    inputs = dataset.n_features + sum(hidden)
    return TrainingSettings(
        data=dataset.name,
        model=model,
        hidden=hidden,
        activation=_choice_or("relu", choices.activation),
        optimizer=optimizer,
        lr=_choice_or(learning_rate(model, dataset.target.task, optimizer, inputs), choices.lr),
        epochs=_choice_or(kind.epochs, choices.epochs),
        batch_size=min(_choice_or(_batch_size(rows) if model == "deep" else rows, choices.batch_size), rows),
        init=_choice_or(kind.init, choices.init),
        seed=choices.seed,
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


def _choice_or(default: T, choice: T | None) -> T:
    return default if choice is None else choice


def _refuse_for_logistic(choices: Choices, dataset: Dataset) -> None:
    for option, choice in (("hidden", choices.hidden), ("activation", choices.activation)):
        if choice is not None:
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
