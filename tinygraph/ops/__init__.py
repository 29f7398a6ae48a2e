"""The operations, by their NumPy names: one namespace over the families in this folder."""

from . import (
    activation,
    assignment,
    convolution,
    diagonals,
    elementwise,
    indexing,
    joining,
    logic,
    padding,
    pooling,
    products,
    reduction,
    selection,
    shape,
    window,
)
from .activation import *  # noqa: F403
from .assignment import *  # noqa: F403
from .convolution import *  # noqa: F403
from .diagonals import *  # noqa: F403
from .diagonals import trace as trace  # for np.trace alone: tg.trace steps through a graph
from .elementwise import *  # noqa: F403
from .indexing import *  # noqa: F403
from .joining import *  # noqa: F403
from .logic import *  # noqa: F403
from .padding import *  # noqa: F403
from .pooling import *  # noqa: F403
from .products import *  # noqa: F403
from .reduction import *  # noqa: F403
from .selection import *  # noqa: F403
from .shape import *  # noqa: F403
from .window import *  # noqa: F403

__all__ = []
__all__ += activation.__all__
__all__ += assignment.__all__
__all__ += convolution.__all__
__all__ += diagonals.__all__
__all__ += elementwise.__all__
__all__ += indexing.__all__
__all__ += joining.__all__
__all__ += logic.__all__
__all__ += padding.__all__
__all__ += pooling.__all__
__all__ += products.__all__
__all__ += reduction.__all__
__all__ += selection.__all__
__all__ += shape.__all__
__all__ += window.__all__
