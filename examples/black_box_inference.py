"""Black-box variational inference: fit a Gaussian to a posterior of which only the log density is known.

Only `log_density` says what the model is; gradients go through the samples (the reparameterisation trick of Kingma
and Welling 2013), so any NumPy code can stand there.

Run: python examples/black_box_inference.py [PICTURE.svg]
"""

import sys

import numpy as np

import tinygraph as tg


def log_density(z):
    """Log of a mixture of two Gaussians, bent along a parabola; not normalised. z: (samples, 2)."""
    x, y = z[:, 0], z[:, 1] - 0.5 * z[:, 0] ** 2
    narrow = -0.5 * ((x - 0.5) ** 2 / 0.3 + (y + 0.2) ** 2 / 0.1)
    wide = np.log(0.2) - 0.5 * ((x + 0.5) ** 2 / 1.0 + y**2 / 0.5)
    return np.logaddexp(narrow, wide)


def main(picture: str | None = None, rounds: int = 300, samples: int = 64) -> None:
    """Maximise the evidence lower bound E[log p(z)] + H(q) over the mean and the spreads of q."""
    rng = np.random.default_rng(0)
    mean = tg.tensor([2.0, -2.0], requires_grad=True, name="mean")
    log_std = tg.tensor([0.0, 0.0], requires_grad=True, name="log_std")
    optimizer = tg.optim.Adam([mean, log_std], lr=0.05)
    bounds = []
    for _ in range(rounds):
        optimizer.zero_grad()
        z = tg.random.normal(rng, mean, np.exp(log_std), size=(samples, 2))
        entropy = np.sum(log_std) + np.log(2 * np.pi * np.e)
        bound = np.mean(log_density(z)) + entropy
        (-bound).backward()
        optimizer.step()
        bounds.append(bound.item())
    print(f"bound {bounds[0]:.2f} at first, {np.mean(bounds[-50:]):.2f} at the end")
    print("mean", mean.numpy().round(2), "spread", np.exp(log_std).numpy().round(2))

    grid = np.linspace(-6, 6, 400)
    points = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1).reshape(-1, 2)
    evidence = np.log(np.sum(np.exp(log_density(points))) * (grid[1] - grid[0]) ** 2)
    print(f"log evidence, summed over a grid: {evidence:.2f}")
    assert np.mean(bounds[-50:]) < evidence  # a lower bound it is
    assert np.mean(bounds[-50:]) > evidence - 0.5

    if picture is not None:
        tg.plot.curves({"lower bound": bounds, "log evidence": [evidence] * rounds}, x_name="round").save(picture)
        print(f"the bound and what it bounds in {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
