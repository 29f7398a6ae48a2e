"""The array types that data is made of, and reading them from an NPZ file."""

from __future__ import annotations

import dataclasses
import pathlib
import zipfile
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Integers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


@dataclasses.dataclass(frozen=True)
class Features:
    """What models learn from, before preparation, one sample a row.

    numbers: (rows, numeric columns) float64, NaN where missing; texts: (rows, categorical columns) of str, ""
    where missing.
    """

    numbers: Floats
    texts: Array

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: Integers) -> Features:
        """Return the Features of these rows, in this order."""
        return Features(self.numbers[rows], self.texts[rows])

    @classmethod
    def of(cls, numbers: ArrayLike) -> Features:
        """Return Features of numbers alone; axes after the first are flattened.

        >>> Features.of(np.zeros((5, 8, 8))).numbers.shape
        (5, 64)
        """
        matrix = np.asarray(numbers, dtype=np.float64)
        return cls(matrix.reshape(len(matrix), -1), np.empty((len(matrix), 0), dtype=object))


def read_npz(path: str | pathlib.Path) -> dict[str, Array]:
    """Return every array of the NPZ file at `path` by name; DataError where it cannot be read."""
    try:
        if zipfile.is_zipfile(path):
            with np.load(path, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        pathlib.Path(path).open("rb").close()
        reason: object = "it is no archive of arrays"
    except OSError as error:
        raise DataError(f"read_npz: cannot read {path}: {error.strerror or error}; check the path") from error
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = error
    raise DataError(f"read_npz: {path} is no usable NPZ file ({reason}); save it with np.savez(file, X=X, y=y)")


def require(source: str, arrays: dict[str, Array], name: str) -> Array:
    """Return the array called `name`; DataError says which names there are instead.

    >>> require("data.npz", {"images": np.zeros(3)}, "X")
    Traceback (most recent call last):
    tinygraph.training.data.errors.DataError: read_npz: data.npz has no array 'X'; it holds 'images'; save it with \
np.savez(file, X=X, y=y)
    """
    if name not in arrays:
        names = ", ".join(map(repr, arrays)) or "nothing"
        raise DataError(
            f"read_npz: {source} has no array {name!r}; it holds {names}; save it with np.savez(file, X=X, y=y)"
        )
    return arrays[name]


def check_numbers(source: str, X: Array) -> Floats:
    """Return X as float64 with one row a sample; DataError where it is no table of finite numbers (NaN is missing)."""
    if X.dtype.kind not in "fiub":
        raise DataError(f"read_npz: X in {source} is {X.dtype}; give real numbers")
    if X.ndim < 2 or X.size == 0:
        raise DataError(f"read_npz: X in {source} has shape {X.shape}; give (samples, features), neither of them 0")
    matrix = X.astype(np.float64).reshape(len(X), -1)
    if np.isinf(matrix).any():
        row, column = np.argwhere(np.isinf(matrix))[0]
        raise DataError(f"read_npz: X[{row}, {column}] in {source} is infinite; correct it, or write NaN for missing")
    return matrix
