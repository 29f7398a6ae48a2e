"""The one training loop: gradient check, epochs with a progress bar, what was measured, and Ctrl-C."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from typing import cast

import numpy as np

from .. import optim
from ..check import check_gradients
from ..engine.mode import no_grad
from ..errors import TinygraphError
from ..explain.diagnosis import Diagnosis, diagnose
from ..tensors.tensor import Tensor
from . import notes
from .data import Dataset, batches
from .data.arrays import Array, Floats
from .data.errors import optional
from .models import Architecture, Learner, score
from .settings import MODELS, TrainingSettings

CHECK_SAMPLES, CHECK_INPUTS, CHECK_UNITS = 6, 12, 5
"""Size of the slice of the problem that the gradient check runs on."""

DIAGNOSED_SAMPLES = 256
"""How many samples a diagnosis looks at: enough to tell a dead unit from a rare one."""


class DivergenceError(TinygraphError, ArithmeticError):
    """The cost is no longer finite: the learning rate is too large."""


@dataclasses.dataclass(frozen=True)
class Check:
    """The verdict of the gradient check: whether it passed, and in words."""

    ok: bool
    text: str


@dataclasses.dataclass(frozen=True)
class Epoch:
    """What was measured in an epoch; `seconds` since training began, scores as `models.score` defines them.

    The training numbers are those of the epoch's own steps, each batch as it was before its step; the test numbers
    are of all held-out samples after the last step.
    """

    epoch: int
    seconds: float
    train_loss: float
    train_score: float
    test_loss: float
    test_score: float


@dataclasses.dataclass
class Training:
    """A model, what it learned from, and its history; `interrupted` where Ctrl-C ended it early."""

    settings: TrainingSettings
    dataset: Dataset
    learner: Learner
    check: Check
    history: list[Epoch] = dataclasses.field(default_factory=list)
    interrupted: bool = False

    @property
    def score_name(self) -> str:
        """What the scores are: accuracy, or R² in regression."""
        return "accuracy" if self.dataset.target.classes else "R²"

    @property
    def title(self) -> str:
        """The model and the data in a few words."""
        return f"{MODELS[self.settings.model].title} on {self.settings.data}"

    def test_outputs(self) -> Floats:
        """Return the trained model's outputs for the held-out samples."""
        with no_grad():
            return self.learner.outputs(self.learner.forward(self.dataset.X_test))


def prepare(settings: TrainingSettings, dataset: Dataset) -> Training:
    """Return a Training that is ready to run: the model is built and its gradient checked."""
    target = dataset.target
    architecture = Architecture.of(
        model=settings.model,
        task=target.task,
        inputs=dataset.n_features,
        hidden=settings.hidden,
        classes=len(target.classes),
        activation=settings.activation,
        init=settings.init,
    )
    return Training(settings, dataset, Learner(architecture, settings.seed), check(architecture, dataset))


def run(training: Training, diagnose_every: int | None = None) -> None:
    """Train for the epochs of the settings; the history grows with each. Ctrl-C stops after what was done so far.

    Prints a diagnosis before the first epoch and after every `diagnose_every` (0: a quarter of all) unless that is
    None.
    Raises DivergenceError when the cost is no longer finite.
    """
    settings, dataset, learner = training.settings, training.dataset, training.learner
    X, y = dataset.X_train, dataset.y_train
    step = optimizer_step(learner, settings)
    rng = np.random.default_rng(settings.seed)
    began = time.perf_counter()
    bar = optional("tqdm").tqdm(range(1, settings.epochs + 1), desc=training.title, unit="epoch", file=sys.stderr)
    try:
        with _half_the_cores(), bar, np.errstate(over="ignore", invalid="ignore"):
            if diagnose_every is not None:
                bar.write(f"  Before training: {diagnosis(training)}")
                diagnose_every = diagnose_every or max(settings.epochs // 4, 1)
            for epoch in bar:
                train_loss, seen = 0.0, []
                for rows in batches(len(X), settings.batch_size, rng):
                    raw = learner.forward(X[rows])
                    cost = learner.loss(raw, y[rows])
                    cost.backward()
                    step()
                    train_loss += cost.item() * len(y[rows]) / len(y)
                    seen.append((learner.outputs(raw), y[rows]))
                outputs, answers = map(np.concatenate, zip(*seen))
                row = Epoch(
                    epoch,
                    time.perf_counter() - began,
                    train_loss,
                    score(outputs, answers),
                    *measure(learner, dataset.X_test, dataset.y_test),
                )
                if not np.isfinite(row.train_loss):
                    raise DivergenceError(
                        f"train: the cost is {row.train_loss} after epoch {epoch}; "
                        f"choose a smaller --lr than {settings.lr:g}"
                    )
                training.history.append(row)
                if diagnose_every is not None and epoch % diagnose_every == 0:
                    bar.write(f"  After epoch {epoch}: {diagnosis(training)}")
                bar.set_postfix_str(f"loss {row.train_loss:.4f}, {training.score_name} {row.train_score:.3f}")
    except KeyboardInterrupt:
        training.interrupted = True


def diagnosis(training: Training) -> Diagnosis:
    """Return what `tg.diagnose` says of the model as it is now, on samples spread over the training data."""
    learner, settings = training.learner, training.settings
    return diagnose(
        learner.forward,
        spread_batch(training),
        loss=learner.loss,
        parameters=learner.net,
        lr=settings.lr if settings.optimizer == "sgd" else None,
    )


def spread_batch(training: Training) -> tuple[Floats, Array]:
    """Return (X, y) of at most `DIAGNOSED_SAMPLES` samples, spread over the training data."""
    dataset = training.dataset
    rows = _evenly_spread(np.arange(len(dataset.X_train)), DIAGNOSED_SAMPLES)
    return dataset.X_train[rows], dataset.y_train[rows]


def optimizer_step(learner: Learner, settings: TrainingSettings) -> Callable[[], None]:
    """Return what follows each backward pass: it updates the parameters and forgets their gradients."""
    net = learner.net
    if settings.optimizer == "adam":
        adam = optim.Adam(net.parameters(), lr=settings.lr)

        def step() -> None:
            adam.step()
            adam.zero_grad()

    else:

        def step() -> None:
            notes.gradient_descent(net.parameters(), alpha=settings.lr)
            net.zero_grad()

    return step


def measure(learner: Learner, X: Floats, y: Array) -> tuple[float, float]:
    """Return (loss, score) of these samples."""
    with no_grad():
        raw = learner.forward(X)
        return learner.loss(raw, y).item(), score(learner.outputs(raw), y)


def check(architecture: Architecture, dataset: Dataset) -> Check:
    """Return the verdict of finite differences on a slice of the problem: the same model and loss, made narrow.

    The slice has few samples, inputs that vary, and few hidden units, so that it takes a fraction of a second; its
    parameters are drawn at random, for at zeros many gradients are zero whether right or wrong.
    """
    inputs, *hidden, outputs = architecture.widths
    varying = np.flatnonzero(dataset.X_train.std(axis=0))
    columns = _evenly_spread(varying, CHECK_INPUTS)
    rows = _evenly_spread(np.arange(len(dataset.X_train)), CHECK_SAMPLES)
    X, y = dataset.X_train[np.ix_(rows, columns)], dataset.y_train[rows]
    widths = (len(columns), *(min(width, CHECK_UNITS) for width in hidden), outputs)
    learner = Learner(dataclasses.replace(architecture, widths=widths, init="lecun"), seed=0)

    def cost() -> Tensor:
        return learner.cost(X, y)

    report = check_gradients(cost, wrt=learner.net, raises=False)
    where = (
        f"on {len(rows)} samples, {len(columns)} of {inputs} inputs"
        if len(columns) < inputs
        else f"on {len(rows)} samples"
    )
    return Check(report.ok, f"Gradient check {where}: {report}")


def _half_the_cores() -> contextlib.AbstractContextManager[object]:
    """Let matrix products use half of the cores, where threadpoolctl (it comes with scikit-learn) is installed.

    Their threads wait for each other busily: on two cores with other work on them, the hidden layer on photographs
    took 37 s with two threads and 6 s with one; on idle cores 2 s and 4 s.
    """
    if importlib.util.find_spec("threadpoolctl") is None:
        return contextlib.nullcontext()
    limits = importlib.import_module("threadpoolctl").threadpool_limits
    return cast("contextlib.AbstractContextManager[object]", limits(max((os.cpu_count() or 1) // 2, 1), "blas"))


def _evenly_spread(values: Array, count: int) -> Array:
    """Return at most `count` of the values, evenly spread over them."""
    places: Array = np.unique(np.linspace(0, len(values) - 1, count).astype(int))
    return np.take(values, places)
