"""A Gaussian process: lengths and noise of the kernel found by climbing the marginal likelihood.

The likelihood is NumPy's linear algebra, as in Rasmussen and Williams 2006, algorithm 2.1.

Run: python examples/gaussian_process.py [PICTURE.svg]
"""

import sys

import numpy as np

import tinygraph as tg


def kernel(x, y, log_scale, log_length):
    """Squared exponential: s² exp(-(x - y)² / 2 l²), all pairs."""
    return np.exp(2 * log_scale - 0.5 * ((x[:, None] - y[None, :]) / np.exp(log_length)) ** 2)


def log_likelihood(p, x, y):
    """log N(y | 0, K + noise² I), for p = logs of scale, length and noise."""
    lower = np.linalg.cholesky(kernel(x, x, p[0], p[1]) + np.exp(2 * p[2]) * np.eye(len(x)))
    white = np.linalg.solve(lower, y)
    return -0.5 * np.sum(white**2) - np.sum(np.log(np.diagonal(lower))) - 0.5 * len(x) * np.log(2 * np.pi)


def predict(p, x, y, new):
    """Mean and standard deviation at new places."""
    lower = np.linalg.cholesky(kernel(x, x, p[0], p[1]) + np.exp(2 * p[2]) * np.eye(len(x)))
    across = np.linalg.solve(lower, kernel(x, new, p[0], p[1]))
    mean = across.T @ np.linalg.solve(lower, y)
    return mean, np.sqrt(np.exp(2 * p[0]) - np.sum(across**2, axis=0))


def main(picture: str | None = None, rounds: int = 200) -> None:
    """Fit noisy samples of a sine."""
    rng = np.random.default_rng(2)
    x = np.sort(rng.uniform(-4, 4, 60))
    y = np.sin(x) + rng.normal(0, 0.2, x.shape)
    p = np.array([0.0, 1.0, 0.0])
    parameters = tg.tensor(p, requires_grad=True, name="p")
    optimizer = tg.optim.Adam([parameters], lr=0.05)
    found = []
    for _ in range(rounds):
        optimizer.zero_grad()
        loss = -log_likelihood(parameters, x, y)
        loss.backward()
        optimizer.step()
        found.append(-loss.item())
    scale, length, noise = np.exp(parameters.numpy())
    print(f"log likelihood {found[0]:.2f} at first, {found[-1]:.2f} at the end")
    print(f"scale {scale:.2f}, length {length:.2f}, noise {noise:.2f} (true: 0.20)")
    assert abs(noise - 0.2) < 0.05
    assert np.abs(tg.grad(log_likelihood)(parameters.numpy(), x, y)).max() < 0.01  # at the top

    grid = np.linspace(-4, 4, 81)
    mean, spread = predict(parameters.numpy(), x, y, grid)
    inside = np.mean(np.abs(mean - np.sin(grid)) < 2 * spread)
    print(f"the sine is within two standard deviations at {inside:.0%} of the places")
    assert inside > 0.9
    if picture is not None:
        lines = {"mean": mean, "mean + 2 sd": mean + 2 * spread, "mean − 2 sd": mean - 2 * spread, "sine": np.sin(grid)}
        tg.plot.curves(lines, x=grid, x_name="x").save(picture)
        print(f"the fit in {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
