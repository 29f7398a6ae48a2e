"""The functions of `np.linalg`, by the same names: `tg.linalg`."""

from typing import TYPE_CHECKING

from numpy.linalg import LinAlgError

from . import arrays, determinants, norms, orthogonal, solving, spectra
from .arrays import *  # noqa: F403
from .determinants import *  # noqa: F403
from .norms import *  # noqa: F403
from .orthogonal import *  # noqa: F403
from .solving import *  # noqa: F403
from .spectra import *  # noqa: F403

_THEMES = [arrays, determinants, norms, orthogonal, solving, spectra]
if not TYPE_CHECKING:  # a list that is computed would leave type checkers without any name
    __all__ = ["LinAlgError"] + [name for theme in _THEMES for name in theme.__all__]
