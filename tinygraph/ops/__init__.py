"""The operations, by their NumPy names: one namespace over the families in this folder."""

from typing import TYPE_CHECKING

from . import fft as fft, linalg as linalg
from .activation import *  # noqa: F403
from .assignment import *  # noqa: F403
from .averages import *  # noqa: F403
from .bessel import *  # noqa: F403
from .complex_parts import *  # noqa: F403
from .contraction import *  # noqa: F403
from .convolution import *  # noqa: F403
from .creation import *  # noqa: F403
from .cumulative import *  # noqa: F403
from .diagonals import *  # noqa: F403
from .differences import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .extrema import *  # noqa: F403
from .indexing import *  # noqa: F403
from .joining import *  # noqa: F403
from .logic import *  # noqa: F403
from .nanreduction import *  # noqa: F403
from .ordering import *  # noqa: F403
from .padding import *  # noqa: F403
from .polynomial import *  # noqa: F403
from .pooling import *  # noqa: F403
from .products import *  # noqa: F403
from .quantiles import *  # noqa: F403
from .reduction import *  # noqa: F403
from .rounding import *  # noqa: F403
from .selection import *  # noqa: F403
from .sets import *  # noqa: F403
from .shape import *  # noqa: F403
from .statistics import *  # noqa: F403
from .variance import *  # noqa: F403
from .window import *  # noqa: F403

if not TYPE_CHECKING:  # a list that is computed would leave type checkers without any name
    _ours = {name for name, value in globals().items() if getattr(value, "__module__", "").startswith(__name__ + ".")}
    __all__ = sorted({*_ours, "fft", "linalg"})

from .diagonals import trace as trace
from .differences import diff as diff
