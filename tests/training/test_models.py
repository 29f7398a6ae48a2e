"""The notes' models against the notes' own derivatives, and the accuracies that the main job promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.training import data, loop, notes
from tinygraph.training.models import Architecture, Learner, score
from tinygraph.training.settings import Choices, resolve

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(5, 7)), RNG.integers(0, 2, size=(1, 7)).astype(float)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def test_logistic_regression_has_the_gradients_of_the_notes() -> None:
    neuron = notes.LogisticRegression(5, tg.nn.init.small_normal, rng=1)
    Yhat = neuron(X)
    notes.log_loss(Yhat, tg.tensor(Y)).backward()
    dZ = sigmoid(neuron.W.numpy().T @ X + neuron.b.numpy()) - Y
    assert neuron.W.grad is not None
    assert neuron.b.grad is not None
    np.testing.assert_allclose(neuron.W.grad.numpy(), X @ dZ.T / 7)
    np.testing.assert_allclose(neuron.b.grad.numpy(), dZ.sum() / 7)


def test_one_hidden_layer_has_the_gradients_of_the_notes() -> None:
    net = notes.OneHiddenLayer(5, 4, rng=1)
    notes.log_loss(net(X), tg.tensor(Y)).backward()
    Z1 = net.W1.numpy() @ X
    A1 = np.maximum(Z1, 0)
    dZ2 = sigmoid(net.W2.numpy() @ A1) - Y
    dZ1 = net.W2.numpy().T @ dZ2 * (Z1 >= 0)
    for W, dW in ((net.W2, dZ2 @ A1.T / 7), (net.W1, dZ1 @ X.T / 7)):
        assert W.grad is not None
        np.testing.assert_allclose(W.grad.numpy(), dW, atol=1e-15)


def test_log_loss_stays_finite_where_the_sigmoid_rounds_to_one() -> None:
    Z = tg.tensor([[800.0, -800.0, 40.0]], requires_grad=True)
    cost = notes.log_loss(tg.sigmoid(Z), tg.tensor([[1.0, 0.0, 0.0]]))
    cost.backward()
    assert np.isfinite(cost.item())
    assert Z.grad is not None
    assert np.isfinite(Z.grad.numpy()).all()


def test_gradient_descent_is_W_minus_alpha_dW() -> None:
    W, idle = tg.tensor([1.0, 2.0], requires_grad=True), tg.tensor(1.0, requires_grad=True)
    (W * W).sum().backward()
    notes.gradient_descent([W, idle], alpha=0.1)
    np.testing.assert_allclose(W.numpy(), [0.8, 1.6])
    assert idle.item() == 1.0


@pytest.mark.parametrize(("task", "classes", "shape"), [("binary", 2, (7, 2)), ("multiclass", 3, (7, 3))])
@pytest.mark.parametrize("model", ["logistic", "shallow", "deep"])
def test_outputs_are_probabilities(model: str, task: str, classes: int, shape: tuple[int, int]) -> None:
    hidden = {"logistic": (), "shallow": (4,), "deep": (4, 3)}[model]
    architecture = Architecture.of(
        model=model, task=task, inputs=5, hidden=hidden, classes=classes, activation="tanh", init="he"
    )
    learner = Learner(architecture, seed=0)
    outputs = learner.outputs(learner.forward(X.T))
    assert type(outputs) is np.ndarray
    assert outputs.shape == shape
    np.testing.assert_allclose(outputs.sum(axis=1), 1)


def test_r2_of_the_mean_is_zero_and_of_a_constant_truth_too() -> None:
    y = np.array([1.0, 2.0, 3.0])
    assert score(np.full(3, 2.0), y) == 0
    assert score(y, np.ones(3)) == 0


def test_a_wrong_gradient_is_reported(tmp_path: Path, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "log_loss", lambda Yhat, Y: tg.mean((Yhat.detach() + Yhat) * Y))
    dataset = data.load(str(tmp_path / table), "wild")
    architecture = Architecture.of(
        model="logistic", task="binary", inputs=9, hidden=(), classes=2, activation="relu", init="zeros"
    )
    verdict = loop.check(architecture, dataset)
    assert not verdict.ok
    assert "wrong" in verdict.text


@pytest.mark.parametrize(
    ("name", "model", "epochs", "at_least"), [("photos", "logistic", 40, 0.84), ("digits", "deep", 10, 0.96)]
)
def test_accuracy(name: str, model: str, epochs: int, at_least: float) -> None:
    pytest.importorskip("PIL")
    dataset = data.load(name)
    trained = loop.prepare(resolve(Choices(epochs=epochs), model, dataset), dataset)
    loop.run(trained)
    assert trained.history[-1].test_score >= at_least
