"""The texts of a few graphs, as DOT, Mermaid and trees, exactly as they are kept in tests/pictures/golden.

After a change that is meant to change pictures, write the files anew with

    UPDATE_GOLDEN=1 python -m pytest tests/pictures/test_golden.py

and look at the difference before committing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import tinygraph as tg

from . import graphs

GOLDEN = Path(__file__).parent / "golden"


def kept(file: str, text: str) -> str:
    """The text in tests/pictures/golden; `text` becomes it on demand."""
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / file).write_text(text, encoding="utf-8")
    return (GOLDEN / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "graph", [graphs.scalar, graphs.logistic_regression, graphs.one_hidden_layer, graphs.difference]
)
def test_dot_is_the_kept_text(graph: Callable[[], tg.GraphView]) -> None:
    text = graph().dot()
    assert text == kept(f"{graph.__name__}.dot", text)


@pytest.mark.parametrize("graph", [graphs.scalar, graphs.logistic_regression, graphs.folded_layers, graphs.difference])
def test_mermaid_is_the_kept_text(graph: Callable[[], tg.GraphView]) -> None:
    text = graph().mermaid()
    assert text == kept(f"{graph.__name__}.mmd", text)


@pytest.mark.parametrize("graph", [graphs.scalar, graphs.one_hidden_layer, graphs.folded_layers, graphs.difference])
@pytest.mark.parametrize("ascii", [False, True])
def test_tree_is_the_kept_text(graph: Callable[[], tg.GraphView], ascii: bool) -> None:
    text = graph().text(width=100, ascii=ascii) + "\n"
    assert text == kept(f"{graph.__name__}{'.ascii' if ascii else ''}.txt", text)
