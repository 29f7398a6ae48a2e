"""Writes docs/reference/special.md from the rules of scipy.special, so that the page says what the code does.

Run: python docs/build_special.py          (with --check: compare only, exit code 1 when the page is out of date)
"""

from __future__ import annotations

import inspect
import pathlib
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from pages import code, first_line, write

from tinygraph.engine.op import Op
from tinygraph.engine.symbol import derivative
from tinygraph.interop.scipy import special
from tinygraph.interop.scipy.special import several
from tinygraph.interop.scipy.special.declare import NoDerivative

PAGE = pathlib.Path(__file__).parent / "reference" / "special.md"
LONGEST = 130
"""Rules of more characters are given as "source"."""

INTRODUCTION = """\
# The functions of scipy.special

This page is written by `python docs/build_special.py` from the declarations, and a test fails when it is out of date.

Where SciPy is installed, these functions of `scipy.special` record when they are given Tensors, called from SciPy
itself or by the same name in `tg.scipy.special` ([how to use them](../how-to/use-scipy.md)). Their derivatives are the
very rules, run on names instead of arrays.

- **none**: no closed form is known for the derivative in this parameter. Asking for it raises `NotDifferentiable`;
  numbers, arrays and `t.detach()` are taken as they are.
- **source**: a rule of several pieces, too long for a line.
- **Facts**: `on` the open interval of valid arguments; `kink` where the derivative jumps; `complex` where complex
  numbers can be differentiated.

```python
>>> import tinygraph as tg
>>> tg.scipy.special.erf.op
<elementwise op scipy.special.erf(x)>

```
"""


def page() -> str:
    """Return the whole page."""
    return INTRODUCTION + "".join(section(family) for family in special.FAMILIES)


def section(family: ModuleType) -> str:
    """Return heading and tables of one family: its operations, then what is composed of them."""
    path = f"tinygraph/interop/scipy/special/{family.__name__.rpartition('.')[2]}.py"
    functions: dict[Any, list[str]] = {}
    for name in family.__all__:
        functions.setdefault(getattr(family, name), []).append(name)
    rows = "".join(row(f.op, *names) for f, names in functions.items() if hasattr(f, "op"))
    rows += "".join(row(op, short(op)) for f in functions for op in several.PARTS.get(f, ()))
    others = "".join(other(f) for f in functions if not hasattr(f, "op"))
    heading = re.split(r"[.:]", family.__doc__ or "")[0]
    text = f"\n## {heading}\n\nDeclared in [`{path}`](../../{path}).\n\n"
    text += f"| function | derivatives | facts |\n|---|---|---|\n{rows}" if rows else ""
    return text + (f"\n| function | |\n|---|---|\n{others}" if others else "")


def row(op: Op, *names: str) -> str:
    """Return one operation's row of its table."""
    output, inputs = names_of(op)
    lines = []
    for k, rule in enumerate(op.rules):
        left = f"∂{output}/∂{inputs[k]}"
        if isinstance(rule, NoDerivative):
            lines.append(f"{code(left)}: none")
        elif rule is not None:
            text = str(derivative(op, k, output=output, inputs=inputs, attrs={})).replace("-", "−")
            lines.append(code(f"{left} = {text}") if len(text) <= LONGEST else f"{code(left)}: source")
    shown = "<br>".join(code(f"{name}({', '.join(inputs)})") for name in names)
    return f"| {shown} | {'<br>'.join(lines)} | {'<br>'.join(facts(op))} |\n"


def names_of(op: Op) -> tuple[str, list[str]]:
    """Return what the rules call the output and the inputs."""
    rule = next((r for r in op.rules if hasattr(r, "__code__")), None)
    if rule is None:
        return "y", list(op.inputs)
    output, *inputs = inspect.signature(rule).parameters  # type: ignore[arg-type]
    return output, inputs


def facts(op: Op) -> list[str]:
    """Return kinks, domain and whether the rules hold for complex numbers."""
    found = [f"kink {point:g}" for point in op.kinks]
    low, high = op.domain
    if (low, high) != (-np.inf, np.inf):
        found.append(f"on ({low:g}, {high:g})".replace("inf", "∞").replace("-", "−"))
    return [*found, "complex"] if op.complex else found


def other(function: Callable[..., Any]) -> str:
    """Return the row of a function that is composed of operations."""
    signature = inspect.signature(function)
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    shown = f"{function.__name__}{signature.replace(parameters=bare, return_annotation=signature.empty)}"
    return f"| {code(shown)} | {first_line(function)} |\n"


def short(op: Op) -> str:
    """Return the name of an operation without SciPy's."""
    return op.name.rpartition(".")[2]


if __name__ == "__main__":
    write(PAGE, page())
