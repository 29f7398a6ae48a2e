"""The Tensor: the handle a person holds, what it accepts and refuses, and how NumPy's functions take it."""

from typing import TYPE_CHECKING

from .._first_use import load_at_first_use

if TYPE_CHECKING:
    from . import leaving as leaving

if not TYPE_CHECKING:
    __getattr__ = load_at_first_use(__name__, {}, [".leaving"])  # for errors, mostly
