"""Why some of NumPy's functions have no gradient and never will: their names, each with a short reason."""

from __future__ import annotations

__all__: list[str] = []

_DATES = "dates and times are no numbers"
_FILES = "a file holds values, not how they were made"
_BITS = "bits jump"

REASONS: dict[str, str] = {
    "busday_count": _DATES,
    "busday_offset": _DATES,
    "datetime_as_string": _DATES,
    "in1d": "NumPy 2.4 has it no more, and np.isin is recorded",
    "is_busday": _DATES,
    "isnat": _DATES,
    "packbits": _BITS,
    "save": _FILES,
    "savetxt": _FILES,
    "savez": _FILES,
    "savez_compressed": _FILES,
    "unpackbits": _BITS,
}
"""By the name of the function or ufunc: why it has no gradient, as the end of a sentence."""
