"""SciPy's functions for Tensors: `tg.scipy.linalg`, `tg.scipy.special`, `tg.scipy.minimize`. Needs SciPy.

>>> import numpy as np, tinygraph as tg
>>> tg.grad(lambda a: tg.scipy.linalg.expm(a).sum())(np.zeros((2, 2)))
array([[1., 1.],
       [1., 1.]])
"""

import importlib.util

if importlib.util.find_spec("scipy") is None:
    raise ImportError("tg.scipy: SciPy is not installed; pip install tinygraph[scipy]")

from . import linalg, special
from .optimize import minimize

__all__ = ["linalg", "minimize", "special"]
