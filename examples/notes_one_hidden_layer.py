"""One hidden layer from graph primitives, W[l] of units by previous units; the notes' three initialisations.

Run: python examples/notes_one_hidden_layer.py
"""

from collections.abc import Callable

import numpy as np

import tinygraph as tg

Start = Callable[[tuple[int, int]], np.ndarray]


def train(X: np.ndarray, Y: np.ndarray, start: Start, activation: Callable, units: int = 8) -> tuple[float, np.ndarray]:
    """Return the accuracy on the training data, and W1, after 1,000 steps of gradient descent."""
    n_x = len(X)
    W1 = tg.tensor(start((units, n_x)), requires_grad=True, name="W1")
    b1 = tg.tensor(np.zeros((units, 1)), requires_grad=True, name="b1")
    W2 = tg.tensor(start((1, units)), requires_grad=True, name="W2")
    b2 = tg.tensor(np.zeros((1, 1)), requires_grad=True, name="b2")
    alpha = 1.0

    for _ in range(1000):
        A1 = activation(W1 @ X + b1)
        A2 = tg.sigmoid(W2 @ A1 + b2)
        cost = tg.nn.binary_cross_entropy(A2, Y)
        cost.backward()
        with tg.no_grad():
            for p in (W1, b1, W2, b2):
                p -= alpha * p.grad
                p.grad = None
    return float(np.mean((A2.numpy() > 0.5) == Y)), W1.numpy()


def main() -> None:
    """Tell the points inside a ring from those outside it."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(2, 300))
    Y = (np.sum(X**2, axis=0, keepdims=True) < 1.5).astype(float)
    always_the_same = max(float(np.mean(Y)), float(np.mean(1 - Y)))

    accuracy, _ = train(X, Y, lambda shape: rng.normal(0.0, 0.5, shape), tg.relu)
    print(f"random start, ReLU:       accuracy {accuracy:.3f}")
    assert accuracy > 0.95

    accuracy, W1 = train(X, Y, lambda shape: np.full(shape, 0.1), tg.relu)
    print(f"equal start, ReLU:        accuracy {accuracy:.3f}, all units alike: {np.allclose(W1, W1[0])}")
    assert np.allclose(W1, W1[0])
    assert accuracy < 0.85

    accuracy, W1 = train(X, Y, np.zeros, tg.relu)
    print(f"zero start, ReLU:         accuracy {accuracy:.3f}, W1 still zero: {not W1.any()}")
    assert not W1.any()
    assert abs(accuracy - always_the_same) < 1e-9

    accuracy, W1 = train(X, Y, np.zeros, tg.sigmoid)
    print(f"zero start, sigmoid:      accuracy {accuracy:.3f}, all units alike: {np.allclose(W1, W1[0])}")
    assert np.allclose(W1, W1[0])


if __name__ == "__main__":
    main()
