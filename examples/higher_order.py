"""Newton's method with exact Hessians, and with Hessian-vector products alone where the Hessian would be too large.

Run: python examples/higher_order.py
"""

from collections.abc import Callable

import numpy as np

import tinygraph as tg


def rosenbrock(x: np.ndarray) -> np.ndarray:
    """A curved valley with its lowest point, 0, at (1, 1, ..., 1)."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def newton(f: Callable, x: np.ndarray, steps: int) -> np.ndarray:
    """Step each time to the lowest point of the parabola that fits `f` best."""
    gradient, hessian = tg.grad(f), tg.hessian(f)
    for _ in range(steps):
        x = x - np.linalg.solve(hessian(x), gradient(x))
    return x


def solve_by_products(product: Callable, b: np.ndarray) -> np.ndarray:
    """Conjugate gradients: solve H s = b knowing only how to multiply H by a vector."""
    s, r = np.zeros_like(b), b
    p = r
    for _ in range(len(b)):
        Hp = product(p)
        length = (r @ r) / (p @ Hp)
        s, r_new = s + length * p, r - length * Hp
        if np.linalg.norm(r_new) < 1e-12 * np.linalg.norm(b):
            break
        p, r = r_new + (r_new @ r_new) / (r @ r) * p, r_new
    return s


def main() -> None:
    """Find the bottom of the valley; then do one Newton step of 2,000 unknowns without a Hessian."""
    x = newton(rosenbrock, np.array([-1.0, 2.0]), steps=6)
    print("Newton's method:", x)
    assert np.allclose(x, 1.0)
    assert np.all(np.linalg.eigvalsh(tg.hessian(rosenbrock)(x)) > 0)  # a minimum indeed

    target = np.linspace(-1, 1, 2000)

    def convex(x: np.ndarray) -> np.ndarray:
        return np.sum(np.cosh(x - target)) + np.sum((x[1:] - x[:-1]) ** 2)

    x = np.zeros(2000)
    for _ in range(6):
        here = x
        x = here - solve_by_products(lambda v, here=here: tg.hvp(convex, here, v), tg.grad(convex)(here))
    slope = np.max(np.abs(tg.grad(convex)(x)))
    print(f"2,000 unknowns: largest slope left {slope:.1e}")
    assert slope < 1e-8

    third = tg.grad(tg.grad(tg.grad(np.tanh)))
    assert np.isclose(third(0.0), -2.0)
    print("third derivative of tanh at 0:", third(0.0))


if __name__ == "__main__":
    main()
