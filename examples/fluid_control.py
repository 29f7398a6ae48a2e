"""Steer smoke: find the wind at the start that makes a simulated fluid carry a blob of smoke to a wanted place.

The simulation (Stam 1999, "Stable fluids") is plain NumPy: slices, rolls, floors and fancy indices. Its gradient
goes back through every time step.

Run: python examples/fluid_control.py [PICTURE.svg]
"""

import sys

import numpy as np

import tinygraph as tg

# ---------------------------------------------------------------- this part does not know tinygraph exists


def project(vx, vy, sweeps=15):
    """The wind without the part that would compress the fluid: Poisson's equation by Jacobi's iteration."""
    h = 1.0 / len(vx)
    divergence = -0.5 * h * (np.roll(vx, -1, 0) - np.roll(vx, 1, 0) + np.roll(vy, -1, 1) - np.roll(vy, 1, 1))
    p = np.zeros(vx.shape)
    for _ in range(sweeps):
        p = (divergence + np.roll(p, 1, 0) + np.roll(p, -1, 0) + np.roll(p, 1, 1) + np.roll(p, -1, 1)) / 4
    vx = vx - 0.5 * (np.roll(p, -1, 0) - np.roll(p, 1, 0)) / h
    vy = vy - 0.5 * (np.roll(p, -1, 1) - np.roll(p, 1, 1)) / h
    return vx, vy


def advect(field, vx, vy):
    """The field one time step later: each cell takes what the wind carried there, interpolated between four cells."""
    rows, columns = field.shape
    y, x = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    from_y, from_x = y - vx, x - vy
    top, left = np.floor(from_y), np.floor(from_x)
    down, right = from_y - top, from_x - left
    i, j = top.astype(int) % rows, left.astype(int) % columns
    i1, j1 = (i + 1) % rows, (j + 1) % columns
    upper = (1 - right) * field[i, j] + right * field[i, j1]
    lower = (1 - right) * field[i1, j] + right * field[i1, j1]
    return (1 - down) * upper + down * lower


def simulate(vx, vy, smoke, steps):
    """The smoke after some steps."""
    for _ in range(steps):
        vx, vy = project(vx, vy)
        vx, vy = advect(vx, vx, vy), advect(vy, vx, vy)
        smoke = advect(smoke, vx, vy)
    return smoke


# ------------------------------------------------------------------------------- this part differentiates it


def blob(n, row, column):
    """Smoke around one place."""
    y, x = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    return np.exp(-((y - row) ** 2 + (x - column) ** 2) / 30)


def main(picture: str | None = None, n: int = 24, steps: int = 10, rounds: int = 40) -> None:
    """Gradient descent on the wind, 2 n² numbers at once."""
    start, wanted = blob(n, 6, 6), blob(n, 14, 14)
    wind = tg.tensor(np.zeros((2, n, n)), requires_grad=True, name="wind")
    optimizer = tg.optim.Adam([wind], lr=0.05)
    losses = []
    for _ in range(rounds):
        optimizer.zero_grad()
        loss = np.mean((simulate(wind[0], wind[1], start, steps) - wanted) ** 2)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"misfit {losses[0]:.5f} at first, {losses[-1]:.5f} after {rounds} rounds")
    assert losses[-1] < losses[0] / 10

    if picture is not None:
        times = range(0, steps + 1, 2)
        path = [simulate(*wind.numpy(), start, k) for k in times]  # NumPy alone
        titles = [*(f"step {k}" for k in times), "wanted"]
        tg.plot.images(np.stack([*path, wanted]), titles=titles, columns=len(titles)).save(picture)
        print(f"smoke from the start to the wanted place in {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
