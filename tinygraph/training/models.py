"""Building the model that the settings ask for, and the one face all models show to training: `Learner`.

The notes' two models are used for two classes, with samples as columns. With more classes, or a number to predict,
the same layers are stacked from `tg.nn`, with samples as rows; so is every deep network.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import nn, ops
from ..nn.init import Initializer
from ..tensors.tensor import Tensor, asarray
from . import notes
from .data.arrays import Array, Floats
from .settings import ACTIVATIONS, INITS


@dataclasses.dataclass(frozen=True)
class Architecture:
    """All it takes to build a model again: `task` is as in `Target`, `widths` go from input to output."""

    model: str
    task: str
    widths: tuple[int, ...]
    activation: str
    init: str

    @classmethod
    def of(
        cls, *, model: str, task: str, inputs: int, hidden: tuple[int, ...], classes: int, activation: str, init: str
    ) -> Architecture:
        """Return the Architecture with one output for two classes or a number, else one output a class."""
        outputs = classes if task == "multiclass" else 1
        return cls(model, task, (inputs, *hidden, outputs), activation, init)

    @property
    def from_notes(self) -> bool:
        """Whether the notes' own code is used: one output neuron, and at most one hidden layer asked for as such."""
        return self.task == "binary" and self.model != "deep"

    def __str__(self) -> str:
        """The layers in words.

        >>> str(Architecture("deep", "multiclass", (64, 32, 10), "relu", "he"))
        '64 inputs → 32 relu → 10 softmax'
        """
        inputs, *hidden, outputs = self.widths
        last = {"binary": "sigmoid", "multiclass": "softmax", "regression": "linear"}[self.task]
        layers = [f"{inputs} inputs", *(f"{width} {self.activation}" for width in hidden), f"{outputs} {last}"]
        return " → ".join(layers)


class Learner:
    """A model with its loss. Samples come as rows, X: (N, features), y: (N,), whichever way the model lays them."""

    def __init__(self, architecture: Architecture, seed: int) -> None:
        self.architecture = architecture
        rng = np.random.default_rng(seed)
        activation, weight_init = ACTIVATIONS[architecture.activation], INITS[architecture.init]
        self.net: nn.Module
        if not architecture.from_notes:
            self.net = stack(architecture.widths, activation, weight_init, rng)
        elif architecture.model == "logistic":
            self.net = notes.LogisticRegression(architecture.widths[0], weight_init, rng)
        else:
            n_x, units, _ = architecture.widths
            self.net = notes.OneHiddenLayer(n_x, units, activation, weight_init, rng)

    def forward(self, X: Floats) -> Tensor:
        """Return the model's raw output: (1, N) probabilities of the notes' models, else (N, outputs)."""
        raw: Tensor = self.net(asarray(X.T if self.architecture.from_notes else X, name="X"))
        return raw

    def loss(self, raw: Tensor, y: Array) -> Tensor:
        """Return the cost of a raw output, averaged over the samples."""
        if self.architecture.from_notes:
            return notes.log_loss(raw, asarray(y[None, :].astype(np.float64), name="Y"))
        if self.architecture.task == "multiclass":
            return nn.cross_entropy(raw, y)
        Y = asarray(y[:, None].astype(np.float64), name="Y")
        if self.architecture.task == "binary":
            return nn.binary_cross_entropy_with_logits(raw, Y)
        return nn.mse_loss(raw, Y)

    def cost(self, X: Floats, y: Array) -> Tensor:
        """Return the cost of these samples: the end of the graph that training differentiates."""
        return self.loss(self.forward(X), y)

    def outputs(self, raw: Tensor) -> Floats:
        """Return what a raw output says: (N, classes) probabilities, or (N,) standardised numbers."""
        raw = raw.detach()
        if self.architecture.task == "multiclass":
            probabilities: Floats = ops.softmax(raw, axis=1).numpy()
            return probabilities
        if self.architecture.task == "regression":
            return np.ravel(raw.numpy())
        p: Floats = np.ravel((raw if self.architecture.from_notes else ops.sigmoid(raw)).numpy())
        return np.stack([1 - p, p], axis=1)


def score(outputs: Floats, y: Array) -> float:
    """Return the accuracy of class probabilities (N, classes), or R² of numbers (N,), against y (N,).

    R² = 1 - sum (y - output)² / sum (y - mean of y)²: 1 is perfect, 0 as good as always saying the mean.

    >>> score(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1]))
    0.5
    >>> score(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    1.0
    """
    if outputs.ndim == 2:
        return float(np.mean(outputs.argmax(axis=1) == y))
    around_mean = float(np.sum((y - y.mean()) ** 2))
    return 1.0 - float(np.sum((y - outputs) ** 2)) / around_mean if around_mean > 0 else 0.0


def stack(
    widths: tuple[int, ...],
    activation: Callable[[Any], Tensor],
    weight_init: Initializer,
    rng: np.random.Generator,
) -> nn.Sequential:
    """Return Linear layers of these widths, from input to output, with the activation between them."""
    layers: list[Callable[[Any], Any]] = []
    for n_in, n_out in itertools.pairwise(widths):
        layers += [nn.Linear(n_in, n_out, rng=rng, weight_init=weight_init), activation]
    return nn.Sequential(*layers[:-1])
