"""Rosenbrock's valley in ten dimensions: SciPy walks down it with exact gradients and curvatures.

Run: python examples/rosenbrock.py [PICTURE.svg]
"""

import sys

import numpy as np

import tinygraph as tg

try:
    from scipy.optimize import minimize
except ImportError:
    minimize = None


def rosenbrock(x):
    """Rosenbrock 1960: a curved valley, flat along its floor, with its minimum 0 at (1, ..., 1)."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def main(picture: str | None = None) -> None:
    """The same start with differences, with gradients, and with products of the Hessian and a vector."""
    if minimize is None:
        print("skipped: SciPy is not installed")
        return
    start = np.zeros(10)
    with_gradient = tg.value_and_grad(rosenbrock)
    paths = {}

    def walk(name, **how):
        seen = [rosenbrock(start)]
        found = minimize(x0=start, callback=lambda intermediate_result: seen.append(intermediate_result.fun), **how)
        paths[name] = np.maximum(seen, 1e-30)
        print(f"{name:>20}: {found.fun:.1e} after {found.nfev} evaluations of f, {found.nit} steps")
        return found

    guessed = walk("finite differences", fun=rosenbrock, method="BFGS")
    exact = walk("gradient", fun=with_gradient, jac=True, method="BFGS")
    curved = walk("Hessian products", fun=with_gradient, jac=True, method="Newton-CG", options={"xtol": 1e-10},
                  hessp=lambda x, v: tg.hvp(rosenbrock, (x,), (v,)))  # fmt: skip
    assert np.allclose(exact.x, 1, atol=1e-5)
    assert np.allclose(curved.x, 1, atol=1e-8)
    assert exact.nfev < guessed.nfev / 5  # differences need a run of f for every dimension

    if picture is not None:
        longest = max(map(len, paths.values()))
        lines = {name: np.pad(path, (0, longest - len(path)), mode="edge") for name, path in paths.items()}
        tg.plot.curves(lines, x_name="step", y_name="f", log=True).save(picture)
        print(f"the descents in {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
