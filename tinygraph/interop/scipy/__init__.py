"""SciPy's functions for Tensors: `tg.scipy.linalg`, `special`, `stats`, `signal`, `sparse`, `minimize`. Needs SciPy.

>>> import numpy as np, tinygraph as tg
>>> tg.grad(lambda a: tg.scipy.linalg.expm(a).sum())(np.zeros((2, 2)))
array([[1., 1.],
       [1., 1.]])
"""

import importlib.util
from typing import TYPE_CHECKING

if importlib.util.find_spec("scipy") is None:
    raise ImportError("tg.scipy: SciPy is not installed; pip install tinygraph[scipy]")

from ..._first_use import load_at_first_use
from . import linalg, special
from .optimize import minimize

if TYPE_CHECKING:
    from . import signal, sparse, stats

__all__ = ["linalg", "minimize", "signal", "sparse", "special", "stats"]

if not TYPE_CHECKING:
    __getattr__ = load_at_first_use(__name__, {}, [".signal", ".sparse", ".stats"])  # SciPy's own take a second

    def __dir__():
        return __all__
