"""A deep network with modules and Adam on small synthetic images, trained in batches and saved.

Run: python examples/notes_deep_network.py
"""

import pathlib
import tempfile

import numpy as np

import tinygraph as tg


def shapes(rng: np.random.Generator, count: int, size: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Noisy outlines of a square (0), a disc (1) or a cross (2) somewhere in the image: rows of pixels, and labels."""
    labels = rng.integers(0, 3, count)
    row, column = np.mgrid[:size, :size]
    X = rng.normal(0.0, 0.35, size=(count, size, size))
    for i, label in enumerate(labels):
        y, x = rng.integers(4, size - 4, 2)
        across, down = np.abs(column - x), np.abs(row - y)
        drawn = (
            np.maximum(across, down) == 3,
            np.abs(np.hypot(across, down) - 3) < 0.6,
            (np.minimum(across, down) == 0) & (np.maximum(across, down) <= 3),
        )[label]
        X[i] += drawn
    return X.reshape(count, -1), labels


def main() -> None:
    """Train, score on unseen images, save, load into a fresh network, and score again."""
    rng = np.random.default_rng(0)
    X, y = shapes(rng, 1500)
    X_test, y_test = shapes(rng, 500)

    def build(seed: int) -> tg.nn.Sequential:
        init = np.random.default_rng(seed)
        he = tg.nn.init.he_normal
        return tg.nn.Sequential(
            tg.nn.Linear(X.shape[1], 64, rng=init, weight_init=he),
            tg.nn.ReLU(),
            tg.nn.Linear(64, 32, rng=init, weight_init=he),
            tg.nn.ReLU(),
            tg.nn.Linear(32, 3, rng=init),
        )

    def score(net: tg.nn.Sequential) -> float:
        with tg.no_grad():
            return float(np.mean(net(tg.asarray(X_test)).numpy().argmax(axis=1) == y_test))

    net = build(seed=0)
    optimizer = tg.optim.Adam(net.parameters(), lr=0.003)
    for epoch in range(20):
        order = rng.permutation(len(X))
        for rows in np.split(order, len(X) // 50):
            loss = tg.nn.cross_entropy(net(tg.asarray(X[rows])), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1:2d}  last batch's loss {loss.item():.4f}  unseen images {score(net):.3f}")
    accuracy = score(net)
    assert accuracy > 0.9

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.npz"
        np.savez(path, **net.state_dict())
        other = build(seed=1)
        with np.load(path) as state:
            other.load_state_dict(dict(state))
    print(f"loaded into a fresh network: {score(other):.3f}")
    assert score(other) == accuracy


if __name__ == "__main__":
    main()
