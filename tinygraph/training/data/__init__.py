"""Data sets for training: two photographs, two tables, and your own CSV and NPZ files."""

from .dataset import BUILT_IN, Dataset, load
from .errors import DataError, MissingExtraError
from .preparation import Preparation
from .split import batches, split_rows
from .table import Table, read_csv
from .target import Target

__all__ = [
    "BUILT_IN",
    "DataError",
    "Dataset",
    "MissingExtraError",
    "Preparation",
    "Table",
    "Target",
    "batches",
    "load",
    "read_csv",
    "split_rows",
]
