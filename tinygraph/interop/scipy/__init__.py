"""SciPy's functions for Tensors, by their SciPy names: `tg.scipy.linalg`, `tg.scipy.minimize`. Needs SciPy.

>>> import numpy as np, tinygraph as tg
>>> tg.grad(lambda a: tg.scipy.linalg.expm(a).sum())(np.zeros((2, 2)))
array([[1., 1.],
       [1., 1.]])
"""

import importlib.util

if importlib.util.find_spec("scipy") is None:
    raise ImportError("tg.scipy: SciPy is not installed; pip install tinygraph[scipy]")

from . import linalg
from .optimize import minimize

__all__ = ["linalg", "minimize"]
