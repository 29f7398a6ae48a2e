"""The functions of `np.linalg`, by the same names: `tg.linalg`."""

from typing import TYPE_CHECKING

from numpy.linalg import LinAlgError

from . import arrays, determinants, norms, orthogonal, solving, spectra
from .arrays import *
from .determinants import *
from .norms import *
from .orthogonal import *
from .solving import *
from .spectra import *

_THEMES = [arrays, determinants, norms, orthogonal, solving, spectra]
if not TYPE_CHECKING:  # a list that is computed would leave type checkers without any name
    __all__ = ["LinAlgError"] + [name for theme in _THEMES for name in theme.__all__]
