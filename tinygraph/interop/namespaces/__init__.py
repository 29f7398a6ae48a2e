"""NumPy, `math` and the builtins under their own names, for code that makes arrays and numbers of Tensors.

What dispatches to Tensors already is the original object; the few names that would leave the graph stand for ones that
do not.
"""

from typing import TYPE_CHECKING

from ..._first_use import load_at_first_use

if TYPE_CHECKING:
    from . import scipy as scipy

if not TYPE_CHECKING:
    __getattr__ = load_at_first_use(__name__, {}, [".scipy"])  # which imports SciPy
