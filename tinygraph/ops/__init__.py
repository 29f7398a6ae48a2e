"""The operations, by their NumPy names: one namespace over the families in this folder."""

from typing import TYPE_CHECKING

from . import activation, contraction, elementwise, indexing, linalg, logic, polynomial, products, reduction, shape
from .activation import *  # noqa: F403
from .contraction import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .indexing import *  # noqa: F403
from .logic import *  # noqa: F403
from .polynomial import *  # noqa: F403
from .products import *  # noqa: F403
from .reduction import *  # noqa: F403
from .shape import *  # noqa: F403

_FAMILIES = [activation, contraction, elementwise, indexing, logic, polynomial, products, reduction, shape]
_NAMESPACES = {"linalg": linalg}
if not TYPE_CHECKING:  # a list that is computed would leave type checkers without any name
    __all__ = [name for family in _FAMILIES for name in family.__all__]
    __all__ += _NAMESPACES
