"""The DOT text of three graphs, exactly as it is kept in tests/golden.

After a change that is meant to change pictures, write the files anew with

    UPDATE_GOLDEN=1 python -m pytest tests/draw/test_golden.py

and look at the difference before committing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import tinygraph as tg

from . import graphs

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize("graph", [graphs.scalar, graphs.logistic_regression, graphs.one_hidden_layer])
def test_dot_is_the_kept_text(graph: Callable[[], tg.GraphView]) -> None:
    path = GOLDEN / f"{graph.__name__}.dot"
    text = graph().dot()
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
