"""An op of your own: one line of mathematics gives recording, both modes, second order and its label.

Run: python examples/custom_op.py
"""

import math

import numpy as np

import tinygraph as tg
from tinygraph.engine.symbol import derivative


@tg.elementwise(lambda y, x: 2 / math.sqrt(math.pi) * np.exp(-x * x), symbol="erf")
def erf(x: np.ndarray) -> np.ndarray:
    """The error function, elementwise."""
    return np.vectorize(math.erf, otypes=[float])(x)


@tg.primitive(lambda g, y, A: -(y.T @ g @ y.T), symbol="inv")
def inv(A: np.ndarray) -> np.ndarray:
    """The inverse of a square matrix."""
    return np.linalg.inv(A)


@tg.primitive(lambda g, y, A: g * y * inv(A).T, symbol="det")
def det(A: np.ndarray) -> np.ndarray:
    """The determinant of a square matrix; its rule uses the op above, so it has derivatives of every order too."""
    return np.linalg.det(A)


def main() -> None:
    """Use the ops, and compare with what is known of them."""
    x = tg.tensor([-1.0, 0.0, 1.0], requires_grad=True)
    erf(x).sum().backward()
    print("erf' =", x.grad)
    print("written out:", derivative(erf.op, 0, output="y", inputs=["x"], attrs={}))
    assert np.allclose(x.grad.data, 2 / math.sqrt(math.pi) * np.exp([-1.0, 0.0, -1.0]))

    _, forward = tg.jvp(erf, (0.5,), (1.0,))
    assert np.isclose(forward, tg.grad(erf)(0.5))
    assert np.isclose(tg.grad(tg.grad(erf))(0.5), -2 * 0.5 * tg.grad(erf)(0.5))  # erf'' = -2x erf'

    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    assert np.allclose(tg.grad(det)(A), [[3.0, -1.0], [-1.0, 2.0]])  # the cofactors
    print("det' =", tg.grad(det)(A).round(6).tolist())
    # det A = ad - bc: the second derivative is 1 for the pair (a, d), -1 for the pair (b, c), else 0
    second = tg.hessian(det)(A).reshape(4, 4)
    assert np.allclose(second, [[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]], atol=1e-12)


if __name__ == "__main__":
    main()
