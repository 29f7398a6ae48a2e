"""The operations, by their NumPy names: one namespace over the families in this folder."""

from . import activation, elementwise, fft, indexing, logic, parts, products, reduction, shape
from .activation import *  # noqa: F403
from .elementwise import *  # noqa: F403
from .indexing import *  # noqa: F403
from .logic import *  # noqa: F403
from .parts import *  # noqa: F403
from .products import *  # noqa: F403
from .reduction import *  # noqa: F403
from .shape import *  # noqa: F403

__all__ = []
__all__ += activation.__all__
__all__ += elementwise.__all__
__all__ += indexing.__all__
__all__ += logic.__all__
__all__ += parts.__all__
__all__ += products.__all__
__all__ += reduction.__all__
__all__ += shape.__all__
__all__ += ["fft"]
