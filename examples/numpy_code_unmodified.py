"""Code that knows only NumPy, differentiated as it is: a simulation with loops, slices, masks and assignments.

Run: python examples/numpy_code_unmodified.py
"""

import numpy as np

import tinygraph as tg

# ---------------------------------------------------------------- this part does not know tinygraph exists


def heat(conductivity, start, steps=60):
    """Temperatures along a rod after some time: u_t = (k u_x)_x, its ends kept at 0."""
    u = start
    for _ in range(steps):
        flow = conductivity * (u[1:] - u[:-1])
        u = u + 0.2 * np.concatenate([np.zeros(1), flow[1:] - flow[:-1], np.zeros(1)])
    return u


def smooth_peak(u):
    """A soft maximum and the share of the rod that is warm."""
    warm = np.where(u > 0.1, u, 0.0)
    return np.log(np.sum(np.exp(20 * u))) / 20 + np.mean(warm)


# ------------------------------------------------------------------------------- this part differentiates it


def main() -> None:
    """How does the peak depend on the conductivity of each piece of the rod? Compare with difference quotients."""
    n = 21
    start = np.exp(-((np.arange(n) - 7.0) ** 2) / 6)
    k = np.full(n - 1, 1.0)

    def peak(k):
        return smooth_peak(heat(k, start))

    value, slope = tg.value_and_grad(peak)(k)
    print(f"peak {value:.4f}")
    print("slope along the rod:", slope.round(4))

    h = 1e-6
    for i in (0, 6, 7, 15):
        step = np.zeros(n - 1)
        step[i] = h
        quotient = (peak(k + step) - peak(k - step)) / (2 * h)
        assert abs(quotient - slope[i]) < 1e-8, i

    _, along = tg.jvp(peak, (k,), (np.ones(n - 1),))  # all pieces at once, forward
    assert np.isclose(along, slope.sum())


if __name__ == "__main__":
    main()
