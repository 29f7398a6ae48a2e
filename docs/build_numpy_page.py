"""Writes docs/reference/numpy.md: every public name of NumPy, and what becomes of a Tensor there, asked of the code.

Run: python docs/build_numpy_page.py          (with --check: compare only, exit code 1 when the page is out of date)
"""

from __future__ import annotations

import inspect
import pathlib
import types
from typing import Any, NamedTuple

import numpy as np
from pages import write

from tinygraph.engine.declare import registry
from tinygraph.tensors.functions import ON_SHAPES, ON_VALUES, namesake
from tinygraph.tensors.leaving import WITHOUT_GRADIENT

PAGE = pathlib.Path(__file__).parent / "reference" / "numpy.md"
SPACES: dict[str, types.ModuleType] = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}
WIDE = (np.longdouble, np.clongdouble)
"""Types that NumPy also calls by their width, which differs from machine to machine."""
VERSION = ".".join(np.__version__.split(".")[:2])

MEANING = {
    "differentiable": "an op with a rule, or a function composed of such ops",
    "constant": "recorded, so that it is computed anew when a graph is replayed; its derivative is 0 or there is none",
    "on values": "looks at the values and answers with plain arrays or numbers, as it does for arrays",
    "no gradient": "raises `NotDifferentiable`, with this reason",
    "missing": "raises `NotDifferentiable`, which says what to use instead",
}
"""The statuses of functions that tensors may be given to, in words."""
ASIDE = {
    "takes no tensor": "Functions that make or describe arrays and whatever else is no function of arrays of numbers: "
    "NumPy does not ask a tensor about them",
    "type": "Types",
    "constant of NumPy": "Constants and other objects",
    "module": "Modules",
}
"""The kinds of names that have nothing to do with tensors, with the words that introduce them."""

INTRODUCTION = f"""\
# NumPy, name by name

This page is written by `python docs/build_numpy_page.py` from NumPy {VERSION} and the code, and a test fails when it is
out of date, or when NumPy has a name that is none of these.

What becomes of a tensor that is given to a function of NumPy:

{{meaning}}

How each op is differentiated is written in [the operations](ops.md); what `where=`, `out=` and the methods of ufuncs
do, in [the how-to](../how-to/numpy-functions-in-models.md).

```python
>>> import numpy as np
>>> import tinygraph as tg
>>> t = tg.tensor([0.5, 2.0], requires_grad=True)
>>> np.sinc(t).requires_grad, np.isfinite(t), np.shape(t)
(True, tensor([ True,  True]), (2,))
>>> np.save("t.npy", t)
Traceback (most recent call last):
    ...
tinygraph.errors.NotDifferentiable: np.save: has no gradient: a file holds values, not how they were made; apply it to
t.numpy() if no gradient is needed

```
"""


class Entry(NamedTuple):
    """One name of NumPy: what becomes of a tensor there, and in which way."""

    name: str
    status: str
    how: str


def entries(space: types.ModuleType) -> list[Entry]:
    """Return what becomes of a tensor at every public name of a module of NumPy."""
    found = {name: getattr(space, name) for name in sorted(dir(space)) if not name.startswith("_")}
    return [entry(name, thing) for name, thing in found.items() if not is_wide(thing) or name == thing.__name__]


def is_wide(thing: Any) -> bool:
    """Whether something is one of the types WIDE; NumPy 2.0 cannot compare each of its names with a type."""
    return any(thing is kind for kind in WIDE)


def entry(name: str, thing: Any) -> Entry:
    """Return what becomes of a tensor that is given to `thing`, which NumPy calls `name`."""
    if isinstance(thing, types.ModuleType):
        return Entry(name, "module", "")
    if isinstance(thing, type):
        return Entry(name, "type", "")
    asked = isinstance(thing, np.ufunc) or hasattr(thing, "_implementation")  # NumPy asks a Tensor's protocols
    if not asked and not isinstance(thing, types.FunctionType | types.BuiltinFunctionType):
        return Entry(name, "constant of NumPy", "")
    if thing in ON_VALUES or thing in ON_SHAPES:
        return Entry(name, "on values", "")
    if thing.__name__ in WITHOUT_GRADIENT:
        return Entry(name, "no gradient", WITHOUT_GRADIENT[thing.__name__])
    ours = namesake(thing)
    if ours is None:
        return Entry(name, "missing" if asked else "takes no tensor", "")
    other = "" if name == thing.__name__ else f"another name of `{thing.__name__}`"
    return Entry(name, *recorded(ours, thing.__name__, other))


def recorded(ours: Any, name: str, other: str) -> tuple[str, str]:
    """Return status and way of a function that Tensors record as `ours`."""
    op = getattr(ours, "op", None) or next((op for op in registry if op.name == name and op.function is not ours), None)
    if op is not None:
        moves = any(rule is not None and rule != 0 for rule in op.rules)
        zero = "derivative 0" if op.differentiable else "no derivative"
        return ("differentiable", other or f"{op.kind} op") if moves else ("constant", other or zero)
    summary = (inspect.getdoc(ours) or "").partition("\n\n")[0]
    constant = "without derivative" in summary or "derivative is 0" in summary
    return "constant" if constant else "differentiable", other or "composed"


def page() -> str:
    """Return the whole page."""
    found = {prefix: entries(space) for prefix, space in SPACES.items()}
    counts = {status: sum(e.status == status for es in found.values() for e in es) for status in MEANING}
    meaning = "\n".join(f"- **{status}** ({counts[status]}): {words}." for status, words in MEANING.items())
    return INTRODUCTION.format(meaning=meaning) + "".join(section(prefix, es) for prefix, es in found.items())


def section(prefix: str, found: list[Entry]) -> str:
    """Return the names of one module: a table, and lists of those aside."""
    rows = "".join(f"| `{prefix}.{e.name}` | {e.status} | {e.how} |\n" for e in found if e.status in MEANING)
    text = f"\n## {prefix}\n\n| | | |\n|---|---|---|\n{rows}"
    for status, words in ASIDE.items():
        names = ", ".join(f"`{e.name}`" for e in found if e.status == status)
        text += f"\n{words}: {names}.\n" if names else ""
    return text


if __name__ == "__main__":
    write(PAGE, page(), f"from NumPy {VERSION}")
