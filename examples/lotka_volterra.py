"""Hares and lynxes: the rates of a differential equation found from a hundred noisy counts.

The equation is solved by an adaptive Runge-Kutta method, and its solution differentiated.

Run: python examples/lotka_volterra.py [PICTURE.svg]
"""

import sys

import numpy as np

import tinygraph as tg


def rates(y, t, p):
    """Lotka 1925, Volterra 1926: prey grows and is eaten, predators eat and die."""
    prey, predator = y
    return np.stack([p[0] * prey - p[1] * prey * predator, p[2] * prey * predator - p[3] * predator])


def main(picture: str | None = None, rounds: int = 60) -> None:
    """Fit the four rates, logarithmically so that they stay positive."""
    t = np.linspace(0.0, 8.0, 50)
    start = np.array([1.0, 0.5])
    truth = np.array([1.1, 0.9, 0.6, 0.8])
    rng = np.random.default_rng(0)
    counts = tg.odeint(rates, start, t, truth) * np.exp(rng.normal(0, 0.03, (len(t), 2)))

    log_p = tg.tensor(np.log(np.full(4, 0.8)), requires_grad=True, name="log_p")
    optimizer = tg.optim.Adam([log_p], lr=0.05)
    losses = []
    for _ in range(rounds):
        optimizer.zero_grad()
        solution = tg.odeint(rates, start, t, np.exp(log_p), rtol=1e-5, atol=1e-7, gradient="discrete")
        loss = np.mean((np.log(solution) - np.log(counts)) ** 2)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    found = np.exp(log_p.numpy())
    print(f"misfit {losses[0]:.4f} at first, {losses[-1]:.4f} at the end")
    print("rates", found.round(2), "true", truth)
    assert np.allclose(found, truth, atol=0.1)

    if picture is not None:
        fitted = tg.odeint(rates, start, t, found)
        lines = {"hares": counts[:, 0], "lynxes": counts[:, 1], "hares, fitted": fitted[:, 0],
                 "lynxes, fitted": fitted[:, 1]}  # fmt: skip
        tg.plot.curves(lines, x=t, x_name="time").save(picture)
        print(f"counts and fit in {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
