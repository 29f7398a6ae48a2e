"""The operations, by their NumPy names: one namespace over the families in this folder."""

from typing import TYPE_CHECKING

from . import fft as fft, linalg as linalg
from .activation import *
from .assignment import *
from .bessel import *
from .complex_parts import *
from .contraction import *
from .convolution import *
from .creation import *
from .cumulative import *
from .diagonals import *
from .differences import *
from .elementwise import *
from .extrema import *
from .habits import told_of_keywords
from .indexing import *
from .joining import *
from .logic import *
from .nanreduction import *
from .ordering import *
from .padding import *
from .polynomial import *
from .pooling import *
from .products import *
from .quantiles import *
from .reduction import *
from .rounding import *
from .selection import *
from .sets import *
from .shape import *
from .statistics import *
from .variance import *
from .window import *

if not TYPE_CHECKING:  # a list that is computed would leave type checkers without any name
    _ours = {name for name, value in globals().items() if getattr(value, "__module__", "").startswith(__name__ + ".")}
    __all__ = sorted({*_ours, "fft", "linalg"})
    for _name in _ours:
        globals()[_name] = told_of_keywords(globals()[_name])

from .diagonals import trace as trace
from .differences import diff as diff
