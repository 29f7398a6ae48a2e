"""`scipy.special` for Tensors. SciPy's own functions find these rules: `scipy.special.erf(t)` records.

The functions of this namespace are the same by the same names; `softmax`, `log_softmax`, `logsumexp`, `polygamma`
and `multigammaln` are only here, as SciPy's own take no Tensors.

>>> import math, scipy, tinygraph as tg
>>> tg.grad(scipy.special.erf)(0.0) == 2 / math.pi**0.5
True
"""

from . import (
    bessel, distributions, elementary, entropy, errors, gammas, hypergeometric, logistic, orthogonal, several,
)  # fmt: skip
from .bessel import *
from .distributions import *
from .elementary import *
from .entropy import *
from .errors import *
from .gammas import *
from .hypergeometric import *
from .logistic import *
from .orthogonal import *
from .several import *

FAMILIES = (
    logistic, errors, entropy, gammas, distributions, bessel, hypergeometric, several, orthogonal, elementary,
)  # fmt: skip
__all__ = [name for family in FAMILIES for name in family.__all__]
