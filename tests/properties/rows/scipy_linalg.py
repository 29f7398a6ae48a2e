"""Examples for the operations of tg.scipy.linalg, where SciPy is installed."""

import importlib.util
from typing import Any

import numpy as np

import tinygraph as tg
from tinygraph.testing import Case

ROWS: dict[str, list[Case]] = {}

if importlib.util.find_spec("scipy") is not None:
    assert tg.scipy.linalg  # declares the operations
    _rng = np.random.default_rng(30)

    def _x(*shape: int) -> Any:
        return _rng.standard_normal(shape)

    def _near(n: int) -> Any:
        """A matrix with eigenvalues around 3."""
        return 3 * np.eye(n) + 0.5 * _x(n, n)

    _three = {"trans": 0, "lower": True, "unit_diagonal": False}
    _pos = _near(3) @ _near(3).T
    ROWS = {
        "scipy.linalg.solve": [Case(_near(3), _x(3)), Case(_near(3), _x(3, 2)), Case(_near(1), _x(1))],
        "scipy.linalg.solve_triangular": [
            Case(_near(3), _x(3), trans=t, lower=low, unit_diagonal=unit)
            for t in (0, 1) for low in (False, True) for unit in (False, True)
        ] + [Case(_near(3), _x(3, 2), **_three), Case(_near(1), _x(1), **_three)],
        "scipy.linalg.cholesky": [Case(_pos), Case(np.array([[2.0]]))],
        "scipy.linalg.lu": [Case(_near(3)), Case(_near(1)), Case(np.stack([_near(2), _near(2)]))],
        "scipy.linalg.expm": [Case(_x(3, 3)), Case(_x(1, 1)), Case(np.zeros((2, 2)))],
        "scipy.linalg.logm": [Case(_near(3)), Case(np.array([[2.0]]))],
        "scipy.linalg.sqrtm": [Case(_near(3)), Case(np.array([[2.0]]))],
    }  # fmt: skip
