"""Reading a CSV file into columns of text, and those into numbers, with errors that name line and column."""

from __future__ import annotations

import csv
import dataclasses
import difflib
import io
import math
import pathlib
from collections.abc import Iterator

import numpy as np

from .arrays import Floats
from .errors import DataError

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
"""Cells that mean "no value", in lower case."""

LARGEST = 1e100
"""Numbers beyond this are refused: their squares, which standardising needs, would overflow."""


@dataclasses.dataclass(frozen=True)
class Table:
    """The cells of a CSV file by column name, stripped, a missing one as ""; `lines[i]` is where row i begins."""

    source: str
    columns: dict[str, list[str]]
    lines: list[int]

    def require(self, name: str) -> list[str]:
        """Return the cells of column `name`; DataError with the nearest names where there is none."""
        if name in self.columns:
            return self.columns[name]
        near = difflib.get_close_matches(name, self.columns, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise DataError(
            f"read_csv: {self.source} has no column {name!r}; {hint}its columns are {', '.join(self.columns)}"
        )

    def is_numeric(self, name: str) -> bool:
        """Whether more than half of the cells that are there read as numbers.

        >>> Table("t", {"a": ["1", "2.5", ""], "b": ["x", "2", "y"]}, [2, 3, 4]).is_numeric("b")
        False
        """
        present = [cell for cell in self.require(name) if cell]
        return 2 * sum(_number(cell) is not None for cell in present) > len(present)

    def numbers(self, name: str) -> Floats:
        """Return column `name` as float64 (rows,), NaN where missing; DataError at the first cell that is no number.

        >>> Table("t", {"a": ["1", "2.5", ""]}, [2, 3, 4]).numbers("a")
        array([1. , 2.5, nan])
        """
        cells = self.require(name)
        values = np.full(len(cells), np.nan)
        for row, cell in enumerate(cells):
            if cell:
                value = _number(cell)
                if value is None:
                    raise DataError(
                        f"read_csv: {self.source}, line {self.lines[row]}, column {name!r}: {cell!r} is not a "
                        f"finite number, though most of this column is; correct it, or leave it empty if it is missing"
                    )
                values[row] = value
        return values


def read_csv(path: str | pathlib.Path) -> Table:
    """Return the Table in the UTF-8 file at `path`: a header line, then one record a row.

    The separator is whichever of `,`, `;` and tab the header uses most; quoted fields may hold separators and line
    ends; a byte-order mark, CRLF and blank lines are accepted. Anything else is a DataError naming the line.
    """
    source = str(path)
    records = _records(source, _text(pathlib.Path(path)))
    first = next(records, None)
    if first is None:
        raise DataError(f"read_csv: {source} is empty; it needs a header line and rows below it")
    line, header = first
    names = [name.strip() for name in header]
    for position, name in enumerate(names):
        if not name:
            raise DataError(
                f"read_csv: {source}, line {line}: column {position + 1} has no name; name it in the header"
            )
        if name in names[:position]:
            raise DataError(
                f"read_csv: {source}, line {line}: columns {names.index(name) + 1} and {position + 1} are both "
                f"called {name!r}; give each its own name"
            )
    rows: list[list[str]] = []
    lines: list[int] = []
    for line, fields in records:
        if len(fields) != len(names):
            raise DataError(
                f"read_csv: {source}, line {line} has {len(fields)} fields where the header has {len(names)}; "
                f"add or remove fields, and put quotes around one that holds a separator"
            )
        rows.append([_clean(field) for field in fields])
        lines.append(line)
    return Table(source, {name: [row[i] for row in rows] for i, name in enumerate(names)}, lines)


def _text(path: pathlib.Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as reason:
        raise DataError(f"read_csv: cannot read {path}: {reason.strerror}; check the path") from reason
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        line = raw.count(b"\n", 0, reason.start) + 1
        raise DataError(
            f"read_csv: {path}, line {line}: byte 0x{raw[reason.start]:02x} is not UTF-8; save the file as CSV in UTF-8"
        ) from reason


def _records(source: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line it begins at, fields) for each record that is not blank."""
    lines = io.StringIO(text, newline="").readlines()
    header = next((line for line in lines if line.strip()), "")
    separator = max(",;\t", key=header.count)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        begin = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as reason:
            raise DataError(
                f"read_csv: {source}, the record that begins at line {begin}: {reason}; check its quotes"
            ) from reason
        if any(field.strip() for field in fields) or len(fields) > 1:
            yield begin, fields


def _clean(field: str) -> str:
    stripped = field.strip()
    return "" if stripped.lower() in MISSING else stripped


def _number(cell: str) -> float | None:
    """The finite number a cell spells, else None. Python's own `1_000` is not how tables write numbers."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST and "_" not in cell else None
