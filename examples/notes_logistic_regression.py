"""Logistic regression from graph primitives, with samples as columns, as the lecture notes write it.

Run: python examples/notes_logistic_regression.py
"""

import numpy as np

import tinygraph as tg


def images(rng: np.random.Generator, count: int, size: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Small noisy colour images, each flattened to a column of X: a bright spot left (0) or right (1) of the middle."""
    Y = rng.integers(0, 2, size=(1, count)).astype(float)
    X = rng.normal(0.0, 1.0, size=(size, size, 3, count))
    row, column = np.mgrid[:size, :size]
    for i in range(count):
        across = size * (0.7 if Y[0, i] else 0.3) + rng.normal()
        down = size / 2 + rng.normal()
        X[..., i] += np.exp(-((row - down) ** 2 + (column - across) ** 2) / 8)[..., np.newaxis]
    return X.reshape(size * size * 3, count), Y


def main() -> None:
    """Train with W := W - alpha dW; compare each gradient with the notes' formula; score on unseen images."""
    rng = np.random.default_rng(0)
    X, Y = images(rng, 300)
    X_test, Y_test = images(rng, 200)
    n_x, N = X.shape

    W = tg.tensor(np.zeros((n_x, 1)), requires_grad=True, name="W")
    b = tg.tensor(0.0, requires_grad=True, name="b")
    alpha = 0.02

    for epoch in range(101):
        Z = W.T @ X + b
        Y_hat = tg.sigmoid(Z)
        cost = -(Y * tg.log(Y_hat) + (1 - Y) * tg.log(1 - Y_hat)).mean()

        W.grad = b.grad = None
        cost.backward()

        dZ = Y_hat.numpy() - Y  # the notes' backward propagation, by hand
        assert np.allclose(W.grad.data, (dZ @ X.T / N).T)
        assert np.allclose(b.grad.data, dZ.sum() / N)

        with tg.no_grad():
            W -= alpha * W.grad
            b -= alpha * b.grad
        if epoch % 20 == 0:
            print(f"epoch {epoch:3d}  cost {cost.item():.4f}")

    said = tg.sigmoid(W.T @ X_test + b).numpy() > 0.5
    accuracy = np.mean(said == Y_test)
    print(f"accuracy on {Y_test.size} unseen images: {accuracy:.3f}")
    assert accuracy > 0.9


if __name__ == "__main__":
    main()
