"""Which charts of `tg.plot` a report shows of a training, and of which data."""

from __future__ import annotations

import math

import numpy as np

from ...pictures import plot
from ..data.arrays import Floats, Integers
from ..loop import Training, spread_batch
from ..models import Learner

MOST_IMAGES = 14
"""Units of the first layer that are shown as images: those that training has changed most."""

COLUMNS = 7
"""Images of 64 pixels that fit beside each other on the page."""

FEWEST_PIXELS = 25


def losses(training: Training) -> plot.Chart:
    """Return the loss by epoch."""
    rows = training.history
    lines = {"training": [row.train_loss for row in rows], "held out": [row.test_loss for row in rows]}
    return plot.curves(lines, title="Loss")


def scores(training: Training) -> plot.Chart:
    """Return the accuracy, or R², by epoch."""
    rows = training.history
    lines = {"training": [row.train_score for row in rows], "held out": [row.test_score for row in rows]}
    return plot.curves(lines, title=training.score_name.capitalize())


def confusion_table(training: Training) -> Integers | None:
    """Return how often each class (row) of the held-out samples was taken for each; None in regression."""
    classes = training.dataset.target.classes
    if not classes:
        return None
    table = np.zeros((len(classes),) * 2, dtype=int)
    np.add.at(table, (training.dataset.y_test, training.test_outputs().argmax(axis=1)), 1)
    return table


def quality(training: Training, table: Integers | None) -> plot.Chart:
    """Return the picture of the confusion table, or of predicted against true numbers."""
    target = training.dataset.target
    if table is not None:
        return plot.confusion(table, target.classes, title=f"Confusion on held-out samples: {target.name}")
    true, said = target.decode(training.dataset.y_test), target.decode(training.test_outputs())
    return plot.scatter(true, said, title="Held-out predictions", x_name=f"true {target.name}")


def of_features(training: Training) -> list[plot.Chart]:
    """Return the decision boundary where there are two features, the first layer's weights where they are an image."""
    dataset = training.dataset
    if dataset.n_features == 2 and dataset.target.classes and dataset.preparation.weight.all():
        return [_boundary(training)]
    shape = image_shape(training)
    return [] if shape is None else _first_weights(training, shape)


def of_layers(training: Training) -> list[plot.Chart]:
    """Return histograms of what the layers put out, and of the gradients, for samples spread over the training data.

    Gradients of the parameters are forgotten.
    """
    learner = training.learner
    X, y = spread_batch(training)
    try:
        activations = plot.activations(
            learner.forward, X, parameters=learner.net, title=f"What the layers put out, for {len(X)} samples"
        )
        learner.net.zero_grad()
        learner.cost(X, y).backward()
        return [activations, plot.gradients(learner.net, title="Gradients of the same samples, by parameter")]
    finally:
        learner.net.zero_grad()


def image_shape(training: Training) -> tuple[int, ...] | None:
    """Return (side, side) or (side, side, 3) where the features are the pixels of a square image, else None.

    Those of the built-in images are; so are nameless ones, as of an .npz file, that were scaled together.
    """
    names, n = training.dataset.preparation, training.dataset.n_features
    scales = np.unique(names.weight[names.weight != 0])
    if names.categorical or len(scales) != 1 or n < FEWEST_PIXELS:
        return None
    side, side3 = math.isqrt(n), math.isqrt(n // 3)
    return next((s for s in ((side, side), (side3, side3, 3)) if math.prod(s) == n), None)


def _first_weights(training: Training, shape: tuple[int, ...]) -> list[plot.Chart]:
    """The weights of the first layer, one image a unit, and what training has made of the random ones they were."""
    rows = _first_rows(training.learner, shape)
    change = rows - _first_rows(Learner(training.learner.architecture, training.settings.seed), shape)
    most = np.sort(np.argsort(-np.linalg.norm(change, axis=1), kind="stable")[:MOST_IMAGES])
    names = [f"unit {k + 1}" for k in most.tolist()] if len(rows) > 1 else ["the neuron"]
    some = f", the {len(most)} of {len(rows)} units that changed most" if len(most) < len(rows) else ""
    found = {f"Weights of the first layer{some}": rows}
    if not np.array_equal(change, rows):
        found["What training changed in them"] = change
    return [plot.images(w[most], shape, titles=names, columns=COLUMNS, title=title) for title, w in found.items()]


def _first_rows(learner: Learner, shape: tuple[int, ...]) -> Floats:
    """The first layer's weights with a row for each unit, whichever way the model lays them."""
    weights: Floats = learner.net.parameters()[0].numpy()
    return weights if weights.shape[1] == math.prod(shape) else weights.T


def _boundary(training: Training) -> plot.Chart:
    """The decision boundary among the held-out samples, in the units in which the features came."""
    dataset, learner = training.dataset, training.learner
    mean, weight, names = dataset.preparation.mean, dataset.preparation.weight, dataset.preparation.names

    def predict(points: Floats) -> Floats:
        return learner.outputs(learner.forward((points - mean) * weight))

    return plot.boundary(
        predict, dataset.X_test / weight + mean, dataset.y_test, dataset.target.classes,
        title="Decision boundary, and held-out samples", names=(names[0], names[1]),
    )  # fmt: skip
