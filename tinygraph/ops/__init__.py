"""The operations, by their NumPy names: one namespace over the families in this folder."""

from typing import TYPE_CHECKING

from . import (
    activation, assignment, bessel, contraction, convolution, creation, cumulative, diagonals, differences,
    elementwise, extrema, fft, indexing, joining, linalg, logic, nanreduction, ordering, padding, parts, polynomial,
    pooling, products, quantiles, reduction, rounding, selection, sets, shape, spreads, statistics, weighting,
    window,
)  # fmt: skip
from .activation import *  # noqa: F403
from .assignment import *  # noqa: F403
from .bessel import *  # noqa: F403
from .contraction import *  # noqa: F403
from .convolution import *  # noqa: F403
from .creation import *  # noqa: F403
from .cumulative import *  # noqa: F403
from .diagonals import *  # noqa: F403
from .diagonals import trace as trace  # for np.trace alone: tg.trace steps through a graph
from .differences import *  # noqa: F403
from .differences import diff as diff  # for np.diff alone: tg.diff compares graphs
from .elementwise import *  # noqa: F403
from .extrema import *  # noqa: F403
from .indexing import *  # noqa: F403
from .joining import *  # noqa: F403
from .logic import *  # noqa: F403
from .nanreduction import *  # noqa: F403
from .ordering import *  # noqa: F403
from .padding import *  # noqa: F403
from .parts import *  # noqa: F403
from .polynomial import *  # noqa: F403
from .pooling import *  # noqa: F403
from .products import *  # noqa: F403
from .quantiles import *  # noqa: F403
from .reduction import *  # noqa: F403
from .rounding import *  # noqa: F403
from .selection import *  # noqa: F403
from .sets import *  # noqa: F403
from .shape import *  # noqa: F403
from .spreads import *  # noqa: F403
from .statistics import *  # noqa: F403
from .weighting import *  # noqa: F403
from .window import *  # noqa: F403

_FAMILIES = [
    activation, assignment, bessel, contraction, convolution, creation, cumulative, diagonals, differences,
    elementwise, extrema, indexing, joining, logic, nanreduction, ordering, padding, parts, polynomial, pooling,
    products, quantiles, reduction, rounding, selection, sets, shape, spreads, statistics, weighting, window,
]  # fmt: skip
_NAMESPACES = ["fft", "linalg"]
if not TYPE_CHECKING:  # a list that is computed would leave type checkers without any name
    __all__ = [name for family in _FAMILIES for name in family.__all__] + _NAMESPACES
