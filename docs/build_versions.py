"""Writes docs/reference/numpy-versions.md: what calls on a tensor give, one column for each version of NumPy.

Run: python docs/build_versions.py            (with --check: compare only, exit code 1 when the page is out of date)
Run it once under each version of the page; the columns of the others stay.
"""

from __future__ import annotations

import pathlib
import warnings
from typing import Any

import numpy as np
from pages import write

import tinygraph as tg

PAGE = pathlib.Path(__file__).parent / "reference" / "numpy-versions.md"
VERSION = ".".join(np.__version__.split(".")[:2])
CALLS = {
    "np.unstack(t)": "`tg.unstack`",
    "np.cumulative_sum(t)": "`tg.cumulative_sum`",
    "np.cumulative_prod(t)": "`tg.cumulative_prod`",
    "np.clip(t, min=0.5)": "`tg.clip`",
    "np.take_along_axis(t, np.argsort(t))": "with an axis",
    "np.unique(t, sorted=True)": "`tg.unique`",
    "np.trim_zeros(t, axis=0)": "`tg.trim_zeros`",
    "np.pad(t, {0: 1})": "`tg.pad`",
    "np.matvec(m, t)": "`tg.matvec`",
    "np.vecmat(t, m)": "`tg.vecmat`",
    "np.sort(t, descending=True)": "`np.flip(np.sort(t))`",
    "np.argsort(t, descending=True)": "`np.flip(np.argsort(t))`",
    "np.linalg.eigvals(m)": "`np.real` of it where it is known to be real",
    "np.linalg.eig(m).eigenvectors": "likewise",
    "np.cross(t, t)": "",
    "np.fix(t)": "`np.trunc`",
    "np.row_stack([t, t])": "`np.vstack`",
    "np.trapz(t)": "`np.trapezoid`",
    "np.in1d(t, [0.5])": "`np.isin`",
}
"""Calls that versions of NumPy answer differently, for arrays or for tensors, and what does the same in all."""

INTRODUCTION = """\
# One program under several versions of NumPy

tinygraph runs under every NumPy from 2.0 on, and a tensor does what an array does in the NumPy at hand. Where versions
differ, so do programs. `python docs/build_versions.py` asks the code and fills in the column of the NumPy that runs it;
a test compares that column. Python 3.10 installs NumPy 2.2, 3.11 NumPy 2.4, 3.12 and later NumPy 2.5.

With `t = tg.tensor([0.25, 0.75])` and `m = tg.tensor([[2.0, 1.0], [0.0, 1.0]])`, each gives results of a dtype, or an
error. The last column says what gives the same under all of them.

"""
NOTES = """
- Arrays are padded by a dictionary of axes since NumPy 2.4, and vectors of two elements have no `np.cross` in 2.5;
  tensors do both in all.
- `np.fix` and `np.typename` warn under NumPy 2.5 when they are given arrays: they are going to be removed.
- `np.roots` of real coefficients stays real where all roots are, and `np.poly` of a real matrix is real.
- SciPy 1.18 computes more functions of `scipy.special` in float32 for booleans, int8 and float16 than SciPy 1.17,
  which took float64; tensors have SciPy's dtype in each.
"""


def outcome(call: str) -> str:
    """Return the dtype of what a call on tensors gives, or the name of its error."""
    names = {"np": np, "t": tg.tensor([0.25, 0.75]), "m": tg.tensor([[2.0, 1.0], [0.0, 1.0]])}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            y: Any = eval(call, names)
    except AttributeError:
        return "not there"
    except (TypeError, ValueError) as error:
        return type(error).__name__
    return str((y[0] if isinstance(y, tuple) else y).dtype)


def columns() -> dict[str, dict[str, str]]:
    """Return the columns of the page that is there, by version, with that of this NumPy asked anew."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "| call | the same in all |"
    table = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(("| `", "| call"))]
    head, *rows = table
    found = {
        version: {row[0].strip("`"): row[k] for row in rows}
        for k, version in enumerate(head)
        if 0 < k and version[:1].isdigit()
    }
    found[VERSION] = {call: outcome(call) for call in CALLS}
    return dict(sorted(found.items(), key=lambda item: tuple(map(int, item[0].split(".")))))


def page() -> str:
    """Return the whole page."""
    found = columns()
    table = f"| call | {' | '.join(found)} | the same in all |\n{'|---' * (len(found) + 2)}|\n"
    for call, instead in CALLS.items():
        cells = [column.get(call, "") for column in found.values()]
        table += f"| `{call}` | {' | '.join(cells)} | {instead or 'this'} |\n"
    return INTRODUCTION + table + NOTES


if __name__ == "__main__":
    write(PAGE, page(), f"| {VERSION} |")
