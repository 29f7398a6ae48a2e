"""Exact gradients for SciPy's optimizers: `tg.value_and_grad(f)` is what `minimize(jac=True)` asks for.

Run: python examples/scipy_optimize.py
"""

import numpy as np

import tinygraph as tg

try:
    from scipy.optimize import minimize
except ImportError:
    minimize = None


def main() -> None:
    """Fit a damped oscillation to noisy samples."""
    if minimize is None:
        print("skipped: SciPy is not installed")
        return
    rng = np.random.default_rng(0)
    t = np.linspace(0.0, 6.0, 200)
    truth = np.array([2.0, 0.4, 3.0, 0.5])  # amplitude, damping, frequency, phase

    def model(p: np.ndarray) -> np.ndarray:
        return p[0] * np.exp(-p[1] * t) * np.cos(p[2] * t + p[3])

    samples = model(truth) + rng.normal(0.0, 0.05, t.shape)

    def misfit(p: np.ndarray) -> np.ndarray:
        return np.sum((model(p) - samples) ** 2)

    start = np.array([1.0, 0.1, 2.8, 0.0])
    found = minimize(tg.value_and_grad(misfit), start, jac=True, method="BFGS")
    print(found.message, found.x.round(3), f"{found.nfev} evaluations")
    assert np.allclose(found.x, truth, atol=0.05)

    exact = minimize(
        tg.value_and_grad(misfit), start, jac=True, method="trust-exact", hess=tg.hessian(misfit), tol=1e-10
    )
    assert np.allclose(exact.x, found.x, atol=1e-4)
    print(f"with the Hessian as well: {exact.nit} steps")


if __name__ == "__main__":
    main()
