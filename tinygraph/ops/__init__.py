"""The operations, by their NumPy names: one namespace over the families in this folder."""

from typing import TYPE_CHECKING

from . import activation, elementwise, indexing, logic, products, reduction, shape
from .activation import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .indexing import *  # noqa: F403
from .logic import *  # noqa: F403
from .products import *  # noqa: F403
from .reduction import *  # noqa: F403
from .shape import *  # noqa: F403

_FAMILIES = [activation, elementwise, indexing, logic, products, reduction, shape]
if not TYPE_CHECKING:  # a list that is computed would leave type checkers without any name
    __all__ = [name for family in _FAMILIES for name in family.__all__]
