"""Writes docs/reference/stats.md from the distributions of scipy.stats, so that the page says what the code does.

Run: python docs/build_stats.py            (with --check: compare only, exit code 1 when the page is out of date)
"""

from __future__ import annotations

import inspect
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
from pages import code, first_line, write

from tinygraph.engine.symbol import Symbol
from tinygraph.interop.scipy import stats
from tinygraph.interop.scipy.special.declare import NoDerivative
from tinygraph.interop.scipy.stats.declare import Continuous, Discrete, Distribution

PAGE = pathlib.Path(__file__).parent / "reference" / "stats.md"
LONGEST = 110
"""Slopes of more characters are given as "source"."""

INTRODUCTION = """\
# The distributions of scipy.stats

This page is written by `python docs/build_stats.py` from the declarations, and a test fails when it is out of date.

`tg.scipy.stats` has these distributions of `scipy.stats`, with SciPy's values and arguments
([how to use them](../how-to/use-scipy.md)). What a distribution has beside the methods of its row, such as `rvs`, is
SciPy's own, for arrays. SciPy's own functions take no Tensors.

Every method of the tables has derivatives in its first argument, in `loc` and in `scale`. With z = (x − loc) / scale
and the standard density f, they and those in the shapes follow from the slopes of log f below. **None** names a shape
in which no closed form is known for the derivative of cdf, sf, their logarithms and the quantiles; as a number, an
array or `t.detach()` it is taken. Outside of the support, derivatives are 0; at its ends they are those from inside.

```python
>>> import tinygraph as tg
>>> tg.scipy.stats.gamma.pdf
<function gamma.pdf at ...>

```
"""
METHODS = {
    Continuous: "`logpdf`, `pdf`, `cdf`, `sf`, `logcdf`, `logsf`, `ppf`, `isf`.",
    Discrete: "`logpmf`, `pmf`, `cdf`, `sf`, `logcdf`, `logsf`, with derivatives in the shapes that are no counts.",
}


def page() -> str:
    """Return the whole page."""
    return INTRODUCTION + continuous() + discrete() + multivariate()


def continuous() -> str:
    """Return the table of distributions of real numbers."""
    rows = ""
    for d in distributions(stats.continuous):
        slopes = [written("z", d.slope, "z", d), *[written(p, s, "z", d) for p, s in d.shapes.items()]]
        without = [r.parameter for r in d.ops["cdf"].op.rules if isinstance(r, NoDerivative)]
        low, high = (f"{end:g}".replace("inf", "∞").replace("-", "−") for end in d.support)
        shown = "<br>".join(slopes)
        rows += f"| {named(d)} | [{low}, {high}] | {shown} | {', '.join(map(code, without))} |\n"
    return table(stats.continuous, METHODS[Continuous], "| distribution | support | slopes of log f | none |", rows)


def discrete() -> str:
    """Return the table of distributions of integers."""
    rows = ""
    for d in distributions(stats.discrete):
        slopes = [written(p, s, "k", d) for p, s in d.shapes.items() if s is not None]
        rows += f"| {named(d)} | {'<br>'.join(slopes)} |\n"
    return table(stats.discrete, METHODS[Discrete], "| distribution | slopes of the log probability |", rows)


def multivariate() -> str:
    """Return the table of distributions of vectors."""
    rows = ""
    for d in distributions(stats.multivariate):
        for name, method in inspect.getmembers(type(d), inspect.isfunction):
            if not name.startswith("_"):
                signature = inspect.signature(getattr(d, name))
                bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
                shown = signature.replace(parameters=bare, return_annotation=signature.empty)
                rows += f"| {code(f'{d.name}.{name}{shown}')} | {first_line(method)} |\n"
    return table(stats.multivariate, "derivatives in all arguments.", "| method | |", rows)


def distributions(family: Any) -> list[Distribution]:
    """Return the distributions of a family in the order of the page."""
    return [getattr(family, name) for name in family.__all__]


def table(family: Any, methods: str, head: str, rows: str) -> str:
    """Return the section of a family."""
    path = f"tinygraph/interop/scipy/stats/{family.__name__.rpartition('.')[2]}.py"
    heading = (family.__doc__ or "").partition(":")[0]
    line = "|" + "---|" * (head.count("|") - 1)
    return f"\n## {heading}\n\nDeclared in [`{path}`](../../{path}): {methods}\n\n{head}\n{line}\n{rows}"


def named(d: Any) -> str:
    """Return a distribution with its arguments."""
    method = next(iter(d.ops))
    return code(f"{d.name}{inspect.signature(getattr(d, method))}")


def written(parameter: str, slope: Callable[..., Any], variable: str, d: Any) -> str:
    """Return a slope run on names."""
    left = f"∂/∂{parameter}"
    try:
        text = str(slope(*[Symbol(name) for name in (variable, *d.shapes)])).replace("-", "−")
    except (TypeError, ValueError, AttributeError):
        return f"{code(left)}: source"
    return code(f"{left} = {text}") if len(text) <= LONGEST and "np." not in text else f"{code(left)}: source"


if __name__ == "__main__":
    np.seterr(all="ignore")
    write(PAGE, page())
