"""Each line of the table in docs/how-to/tensors-in-other-libraries.md, where its library is installed."""

from __future__ import annotations

import importlib
import pathlib
import re
from typing import Any

import numpy as np
import pytest

import tinygraph as tg

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "tensors-in-other-libraries.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")][
    1:
]
PINNED = dict(
    line.split("==") for line in (ROOT / ".ci" / "interop.txt").read_text(encoding="utf-8").split() if "==" in line
)
A = np.array([0.5, 2.0, 3.5])


def run(library: str, setup: str, code: str, t: Any) -> Any:
    """What the code of a row gives, for this `t`."""
    names = {library: importlib.import_module(library), "np": np, "tg": tg, "a": A, "t": t, "u": tg.tensor(A)}
    exec(setup.strip("`"), names)
    return eval(code.strip("`"), names)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].split()[0]}: {row[2]}")
def test_a_row(row):
    (library, version), setup, code, kind, gradient = row[0].split(), *row[1:]
    assert PINNED[library] == version
    pytest.importorskip(library)
    t = tg.tensor(A, requires_grad=True)
    if kind.strip("`").endswith(("Error", "NotDifferentiable")):
        with pytest.raises(Exception, match=r".") as caught:
            run(library, setup, code, t)
        assert type(caught.value).__name__ == kind.strip("`")
        return
    assert type(run(library, setup, code, t)).__name__ == kind.strip("`")
    if gradient == "kept":

        def f(v: Any) -> Any:
            result = run(library, setup, code, v)
            return getattr(result, "magnitude", getattr(result, "data", None)) if kind != "`Tensor`" else result

        assert tg.check_gradients(f, A).ok


def test_the_table_was_read():
    assert len(ROWS) > 30
    assert all(len(row) == 5 and re.fullmatch(r"[a-z0-9]+ [\d.]+", row[0]) for row in ROWS)
