"""The two errors of loading data: bad input, and an optional package that is not installed."""

from __future__ import annotations

import importlib
from typing import Any

from ...errors import TinygraphError


class DataError(TinygraphError, ValueError):
    """The data cannot be used as given. The message says where (file, line, column) and what to change."""


class MissingExtraError(TinygraphError, ImportError):
    """A package of the `demo` extra is needed and not installed."""


def optional(module: str) -> Any:
    """Return the module named `module`, imported now; for packages that belong to the `demo` extra.

    Raises MissingExtraError, which says what to install.

    >>> optional("math").sqrt(4.0)
    2.0
    >>> optional("no_such_package")
    Traceback (most recent call last):
    tinygraph.training.data.errors.MissingExtraError: optional: no_such_package is needed here and cannot be imported \
(No module named 'no_such_package'); run: pip install "tinygraph[demo]"
    """
    try:
        return importlib.import_module(module)
    except ImportError as reason:
        raise MissingExtraError(
            f'optional: {module} is needed here and cannot be imported ({reason}); run: pip install "tinygraph[demo]"'
        ) from reason
