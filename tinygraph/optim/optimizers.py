"""Kept for a version, for pickles too: each optimizer has a file of its own now."""

from .adam import Adam
from .optimizer import Optimizer
from .sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
