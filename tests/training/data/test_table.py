"""Reading CSV files: what is accepted, and every message about what is not."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tinygraph.training.data import DataError, read_csv


def write(path: Path, text: str | bytes) -> str:
    file = path / "table.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


def test_quotes_blank_lines_missing_cells_and_where_each_record_begins(tmp_path: Path) -> None:
    table = read_csv(write(tmp_path, 'name,"size, cm",note\n"Doe, J.", 3 ,"two\nlines"\n\nRoe,NA,?\n'))
    assert table.columns == {"name": ["Doe, J.", "Roe"], "size, cm": ["3", ""], "note": ["two\nlines", ""]}
    assert table.lines == [2, 5]
    np.testing.assert_array_equal(table.numbers("size, cm"), [3.0, np.nan])


def test_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    table = read_csv(write(tmp_path, b"\xef\xbb\xbfa,b\r\n1,x\r\n2,y\r\n"))
    assert table.columns == {"a": ["1", "2"], "b": ["x", "y"]}
    assert table.lines == [2, 3]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separator_is_the_one_the_header_uses_most(tmp_path: Path, separator: str) -> None:
    table = read_csv(write(tmp_path, f"a{separator}b{separator}c\n1{separator}2{separator}3\n"))
    assert table.columns == {"a": ["1"], "b": ["2"], "c": ["3"]}


def test_unicode_names_and_cells(tmp_path: Path) -> None:
    assert read_csv(write(tmp_path, "größe,名\n1,é\n")).columns == {"größe": ["1"], "名": ["é"]}


def test_line_separators_inside_a_field_do_not_end_the_record(tmp_path: Path) -> None:
    table = read_csv(write(tmp_path, "a,b\nx\u2028y\x0bz,1\n"))
    assert table.columns == {"a": ["x\u2028y\x0bz"], "b": ["1"]}
    assert table.lines == [2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; it needs a header line and rows below it"),
        ("\n\n", "is empty; it needs a header line and rows below it"),
        ("a,b\n1,2\n1,2,3\n", "line 3 has 3 fields where the header has 2; add or remove fields, and put quotes"),
        ("a,b\n1\n", "line 2 has 1 fields where the header has 2"),
        ("a,b,a\n", "line 1: columns 1 and 3 are both called 'a'; give each its own name"),
        ("a,,c\n", "line 1: column 2 has no name; name it in the header"),
        ('a,b\n1,2\n"1,2\n', "the record that begins at line 3: unexpected end of data; check its quotes"),
        ('a,b\n"1"x,2\n', "the record that begins at line 2: ',' expected after '\"'; check its quotes"),
        (b"a,b\n1,2\n\xff,2\n", "line 3: byte 0xff is not UTF-8; save the file as CSV in UTF-8"),
    ],
)
def test_bad_file(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        read_csv(write(tmp_path, text))


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*no\.csv: No such file or directory; check the path"):
        read_csv(tmp_path / "no.csv")
    with pytest.raises(DataError, match="Is a directory"):
        read_csv(tmp_path)


@pytest.mark.parametrize("cell", ["abc", "inf", "1_000", "1e999", "1e200", "12,5", "0x10"])
def test_garbage_in_a_numeric_column_says_line_and_column(tmp_path: Path, cell: str) -> None:
    table = read_csv(write(tmp_path, f'a,size\n1,2\n1,\n1,"{cell}"\n1,4\n'))
    assert table.is_numeric("size")
    with pytest.raises(DataError, match=re.escape(f"line 4, column 'size': '{cell}' is not a finite number")):
        table.numbers("size")


def test_column_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    table = read_csv(write(tmp_path, "price,area\n1,2\n"))
    with pytest.raises(DataError, match=r"has no column 'prize'; did you mean 'price'\? its columns are price, area"):
        table.require("prize")
    with pytest.raises(DataError, match="has no column 'zzz'; its columns are price, area"):
        table.require("zzz")


def test_a_column_is_numeric_when_most_of_what_is_there_is(tmp_path: Path) -> None:
    table = read_csv(write(tmp_path, "few,most,none\n1,1,\nx,2,\ny,x,\n,,\n"))
    assert [table.is_numeric(name) for name in ("few", "most", "none")] == [False, True, False]
