"""`scipy.stats` for Tensors: densities, distribution functions and quantiles with derivatives in every parameter.

Values, names and arguments are SciPy's; what is not here, such as `norm.rvs`, is SciPy's own.

>>> import numpy as np, tinygraph as tg
>>> tg.grad(lambda mean: tg.scipy.stats.norm.logpdf(np.array([1.0, 2.0]), mean, 0.5).sum())(1.0)
4.0
"""

from . import continuous, discrete, multivariate
from .continuous import *
from .discrete import *
from .multivariate import *

FAMILIES = (continuous, discrete, multivariate)
__all__ = [name for family in FAMILIES for name in family.__all__]
