"""What the scripts share that write pages from the code: text for tables, and writing or comparing a page."""

from __future__ import annotations

import inspect
import pathlib
import sys
from typing import Any


def first_line(function: Any) -> str:
    """Return the first line of a docstring, fit for a table."""
    return (inspect.getdoc(function) or "").partition("\n")[0].replace("|", "\\|")


def code(text: str) -> str:
    """Return text as code, fit for a table."""
    return f"`{text}`".replace("|", "\\|")


def write(page: pathlib.Path, text: str, comparable: str = "") -> None:
    """Write the page; with --check on the command line compare it, and exit with a message where it is another.

    A page that is there without the words `comparable` was written in other surroundings: it says so, not compared.
    """
    if "--check" not in sys.argv[1:]:
        page.write_text(text, encoding="utf-8")
        return
    there = page.read_text(encoding="utf-8") if page.exists() else ""
    if there and comparable not in there:
        print(f"docs/reference/{page.name} is not compared: it was not written {comparable}")
    elif there != text:
        sys.exit(f"docs/reference/{page.name} is out of date; run: python docs/{pathlib.Path(sys.argv[0]).name}")
