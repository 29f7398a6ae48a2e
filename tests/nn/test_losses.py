"""Losses: values against their formulas, gradients against differences, limits, and errors."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import nn


def test_binary_cross_entropy(rng, numeric):
    p, y = rng.uniform(0.1, 0.9, (4, 2)), rng.integers(0, 2, (4, 2)).astype(float)
    expected = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    assert float(nn.binary_cross_entropy(p, y)) == pytest.approx(expected)
    gradient = tg.grad(nn.binary_cross_entropy)(p, y)
    np.testing.assert_allclose(gradient, (p - y) / (p * (1 - p)) / 8, rtol=1e-10)
    np.testing.assert_allclose(gradient, numeric(lambda p: nn.binary_cross_entropy(p, y), p), rtol=1e-6)


@pytest.mark.parametrize(("p", "y", "loss"), [(0.0, 0.0, 0), (1.0, 1.0, 0), (0.0, 1.0, 100), (1.0, 0.0, 100)])
def test_binary_cross_entropy_is_finite_at_the_ends(p, y, loss):
    value, gradient = tg.value_and_grad(nn.binary_cross_entropy)(np.array([p]), np.array([y]))
    assert value == loss
    assert np.isfinite(gradient).all()


def test_binary_cross_entropy_with_logits(rng, numeric):
    z, y = rng.normal(size=6) * 3, rng.integers(0, 2, 6).astype(float)
    loss = nn.binary_cross_entropy_with_logits
    assert float(loss(z, y)) == pytest.approx(float(nn.binary_cross_entropy(1 / (1 + np.exp(-z)), y)), rel=1e-10)
    np.testing.assert_allclose(tg.grad(loss)(z, y), (1 / (1 + np.exp(-z)) - y) / 6, rtol=1e-12)
    np.testing.assert_allclose(tg.grad(loss, 1)(z, y), -z / 6)
    assert float(loss(np.array([1e4, -1e4]), np.array([1.0, 0.0]))) == 0
    assert float(loss(np.array([1e4]), np.array([0.0]))) == 1e4
    s = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(tg.hvp(lambda z: loss(z, y), z, np.ones(6)), s * (1 - s) / 6, rtol=1e-10)


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 4), (4,)])
def test_cross_entropy_of_labels(shape, rng, numeric):
    z = rng.normal(size=shape)
    labels = rng.integers(0, 4, shape[:-1])
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    expected = -np.mean(np.take_along_axis(log_p, np.asarray(labels)[..., None], -1))
    for target in (labels, tg.tensor(labels)):
        assert float(nn.cross_entropy(z, target)) == pytest.approx(expected)
    one_hot = np.eye(4)[labels]
    assert float(nn.cross_entropy(z, one_hot)) == pytest.approx(expected)
    gradient = tg.grad(lambda z: nn.cross_entropy(z, labels))(z)
    np.testing.assert_allclose(gradient, (np.exp(log_p) - one_hot) / max(1, labels.size), rtol=1e-10, atol=1e-15)
    v = rng.normal(size=shape)
    second = tg.hvp(lambda z: nn.cross_entropy(z, labels), z, v)
    np.testing.assert_allclose(second, tg.hvp(lambda z: nn.cross_entropy(z, one_hot), z, v), rtol=1e-9, atol=1e-12)


def test_cross_entropy_does_not_overflow():
    z = np.array([[1e4, -1e4], [0.0, 1e4]])
    value, gradient = tg.value_and_grad(nn.cross_entropy)(z, np.array([0, 0]))
    assert value == 5000
    assert gradient.tolist() == [[0, 0], [-0.5, 0.5]]


@pytest.mark.parametrize("wrap", [np.array, tg.tensor])
def test_cross_entropy_errors(wrap):
    z = np.zeros((2, 3))
    with pytest.raises(ValueError, match=r"cross_entropy: labels run from 0 to 3, but the logits have 3 classes \(0"):
        nn.cross_entropy(z, wrap([0, 3]))
    with pytest.raises(ValueError, match="cross_entropy: labels run from -1 to 0"):
        nn.cross_entropy(z, wrap([0, -1]))
    with pytest.raises(ValueError, match=r"cross_entropy: labels of shape \(3,\) for logits of shape \(2, 3\); give"):
        nn.cross_entropy(z, wrap([0, 1, 2]))
    with pytest.raises(ValueError, match=r"cross_entropy: prediction has shape \(2, 3\), target \(2,\)"):
        nn.cross_entropy(z, wrap([0.0, 1.0]))


def test_mse_loss(rng):
    p, y = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    value, gradient = tg.value_and_grad(nn.mse_loss)(p, y)
    assert value == pytest.approx(np.mean((p - y) ** 2))
    np.testing.assert_allclose(gradient, 2 * (p - y) / 6)


@pytest.mark.parametrize("loss", [nn.mse_loss, nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits])
def test_shapes_must_agree(loss):
    with pytest.raises(ValueError, match=rf"{loss.__name__}: prediction has shape \(3, 1\), target \(3,\); reshape"):
        loss(np.full((3, 1), 0.5), np.ones(3))


def test_lists_and_numbers_are_targets():
    p = tg.tensor([0.25, 0.75], requires_grad=True)
    for loss in (nn.mse_loss, nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits):
        loss(p, [0.0, 1.0]).backward()
    assert p.grad is not None
