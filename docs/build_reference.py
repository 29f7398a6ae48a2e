"""Writes docs/reference/ops.md from the declared ops, so that the page says what the code does.

Run: python docs/build_reference.py          (with --check: compare only, exit code 1 when the page is out of date)
"""

from __future__ import annotations

import importlib
import inspect
import pathlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from pages import code, first_line, write

import tinygraph as tg
import tinygraph.nn
from tinygraph.engine.declare import registry
from tinygraph.engine.op import Op
from tinygraph.engine.symbol import Symbol, derivative

PAGE = pathlib.Path(__file__).parent / "reference" / "ops.md"
FAMILIES = {
    "ops.elementwise": "Elementwise",
    "ops.rounding": "Rounding and parts of numbers",
    "ops.bessel": "Bessel functions and sinc",
    "ops.activation": "Activations",
    "ops.reduction": "Reductions",
    "ops.variance": "Variance",
    "ops.extrema": "Extrema",
    "ops.cumulative": "Cumulatives",
    "ops.nanreduction": "Reductions without NaNs",
    "ops.shape": "Shape",
    "ops.creation": "Spaced and filled arrays",
    "ops.joining": "Joining and cutting",
    "ops.padding": "Padding",
    "ops.diagonals": "Diagonals and triangles",
    "ops.indexing": "Indexing",
    "ops.selection": "Selection",
    "ops.ordering": "Order",
    "ops.sets": "Vectors as sets",
    "ops.differences": "Differences",
    "ops.quantiles": "Quantiles",
    "ops.statistics": "Statistics",
    "ops.window": "Windows",
    "ops.convolution": "Convolutions",
    "ops.pooling": "Pooling",
    "ops.products": "Products",
    "ops.complex_parts": "Complex numbers",
    "ops.contraction": "Sums of products over axes",
    "ops.polynomial": "Polynomials and convolution",
    "ops.fft": "Fourier transforms",
    "ops.linalg.solving": "Linear algebra: inverses and systems",
    "ops.linalg.orthogonal": "Linear algebra: triangles",
    "ops.linalg.spectra": "Linear algebra: eigenvalues and singular values",
    "ops.linalg.determinants": "Linear algebra: determinants",
    "ops.linalg.norms": "Linear algebra: norms",
    "ops.logic": "Comparisons, logic and tests",
    "nn.layers": "Layers",
    "nn.losses": "Losses",
    "transforms.call": "Inside the transforms",
}
"""Heading by module, and the order of the page. Other modules follow under their own names."""
LINEAR = "O(n) in the elements of the inputs and the result"
CUBIC = "O(n³) for an n by n matrix"
COSTS = {
    "ops.ordering": "O(n log n) along each axis; that of a partition O(n)",
    "ops.sets": "O(n log n)",
    "ops.statistics": "O(v² n) for n observations of v variables; that of counts O(n)",
    "ops.convolution": "O(elements of the result × elements of a kernel)",
    "ops.pooling": "O(elements of the result × elements of a window)",
    "ops.products": "O(n m k) for n by m times m by k",
    "ops.contraction": "O(product of the lengths of all indices), less where a better order of contractions is found",
    "ops.polynomial": "O(n m) for n and m coefficients",
    "ops.fft": "O(n log n) along each axis",
    "ops.linalg.solving": CUBIC,
    "ops.linalg.orthogonal": CUBIC,
    "ops.linalg.spectra": CUBIC,
    "ops.linalg.determinants": CUBIC,
    "nn.layers": "O(n m k) for n rows, from m to k features",
}
"""Time for the value, and again for each gradient, where it is not LINEAR."""

NAMESPACES: dict[str, Any] = {"": tg.ops, "linalg.": tg.linalg}
"""Where the public functions are, by what comes before their names."""

VERSION = ".".join(np.__version__.split(".")[:2])
INTRODUCTION = f"""\
# The operations

This page is written by `python docs/build_reference.py` from NumPy {VERSION} and the declarations, and a test fails
when it is out of date.

Each op is declared once, in the file linked at its heading: a kernel and one rule per input. The rules below are those
very rules, run on names instead of arrays.

- **Elementwise** ops give the local derivative: `∂y/∂x`. What goes back to `x` is the gradient of `y` times that.
- **Linear** and **primitive** ops give what goes back to each input, given `g`, the gradient of the output. A linear
  op's forward rule is the op itself, applied to the tangents.
- An input without a line has no derivative. "source" stands for a rule that depends on shapes or values, which a line
  of text cannot say.
- **Facts**: `kink` where the derivative jumps; `on` the open interval of valid inputs; `unselected: 0` where an element
  that is not selected contributes exactly nothing, whatever lies behind it; `flat near` the ends of the range where the
  slope fades to 0; `picks` the maximum or minimum of its inputs; `rearranges` where elements only move; the axes that
  are summed over, as NumPy writes them, such as `(n,k),(k,m)->(n,m)`; `complex` where complex numbers are
  differentiated, too; the dtype of the result for float32, where that is not float32; `ONNX` the operator of that
  standard which computes the same.
- **Time** is that of the value, and again that of each gradient; memory is that of inputs and result, and of what the
  rules read of them.

In code, `tg.NAME.op` holds the declaration, for users' own ops as well:

```python
>>> import tinygraph as tg
>>> tg.sigmoid.op
<elementwise op sigmoid(x)>
>>> tg.sigmoid.op.onnx, tg.relu.op.kinks, tg.log.op.domain
('Sigmoid', (0.0,), (0, inf))

```
"""


def page() -> str:
    """Return the whole page."""
    ours: dict[str, list[Op]] = {family: [] for family in FAMILIES}
    for op in registry:
        ours.setdefault(family_of(op), []).append(op)
    return INTRODUCTION + "".join(section(family, ops) for family, ops in ours.items() if ops) + composed()


def section(family: str, ops: list[Op]) -> str:
    """Return heading and table of one family."""
    path = f"tinygraph/{family.replace('.', '/')}.py"
    rows = "".join(row(op) for op in ops)
    head = "| op | kind | drawn as | rules | facts |\n|---|---|---|---|---|\n"
    where = f"Declared in [`{path}`](../../{path}). Time: {COSTS.get(family, LINEAR)}."
    return f"\n## {FAMILIES.get(family, family)}\n\n{where}\n\n{head}{rows}"


def row(op: Op) -> str:
    """Return one op's row of its table."""
    rules = "<br>".join(rules_of(op)) or "none"
    facts = "<br>".join(facts_of(op))
    drawn = code(op.symbol) if op.symbol else ""
    return f"| {code(signature(op))}<br>{summary(op)} | {op.kind} | {drawn} | {rules} | {facts} |\n"


def signature(op: Op) -> str:
    """Return how the op is called: as the public function of its name, where there is one."""
    function = public(op)
    if function is not None and not hasattr(function, "op"):
        return op.name + shown(function)
    named = names_of(op, None)[1] if isinstance(op.kernel, np.ufunc) else op.inputs
    inputs = [*named] if op.arity is not None else [f"*{name}" for name in op.inputs]
    attributes = [k if v is inspect.Parameter.empty else f"{k}={v!r}" for k, v in op.defaults.items()]
    star = ["*"] if attributes and op.arity is not None else []
    return f"{op.name}({', '.join(inputs + star + attributes)})"


def shown(function: Callable[..., Any]) -> str:
    """Return a signature without types."""
    found = inspect.signature(function)
    bare = [p.replace(annotation=p.empty) for p in found.parameters.values()]
    return str(found.replace(parameters=bare, return_annotation=found.empty))


def summary(op: Op) -> str:
    """Return the first line of the documentation."""
    function = public(op) or op.function
    if isinstance(op.kernel, np.ufunc):
        return f"NumPy's `{op.kernel.__name__}`."
    return first_line(function)


def rules_of(op: Op) -> list[str]:
    """Return one line of text per differentiable input."""
    lines = []
    for index, rule in enumerate(op.rules):
        if rule is None:
            continue
        output, inputs = names_of(op, rule)
        wrt = inputs[index] if op.arity is not None else f"{inputs[0]}[i]"
        left = f"∂{output}/∂{wrt}" if op.kind == "elementwise" else f"d{wrt}"
        text, note = text_of(op, index, output, inputs)
        lines.append(code(f"{left} = {text}") + note if text else f"{code(left)}: source")
    return lines


def names_of(op: Op, rule: Any) -> tuple[str, list[str]]:
    """Return what the rule itself calls the output and the inputs."""
    declared = next((r for r in op.rules if callable(r)), None) if not callable(rule) else rule
    if declared is None:
        return ("z" if "y" in op.inputs else "y"), list(op.inputs)
    names = [p.name for p in inspect.signature(declared).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    output, *inputs = names if op.kind == "elementwise" else names[1:]
    return output, inputs


def text_of(op: Op, index: int, output: str, inputs: list[str]) -> tuple[str, str]:
    """Return the rule written out, and for which inputs; ("", "") where it cannot be.

    Attributes and shapes stand as names where the rule allows. A rule that computes with shapes is tried on
    matrices of two sizes, and taken where both say the same.
    """
    if op.arity is None:
        return "", ""
    named = {k: Symbol(k) for k in op.defaults}
    default = {k: named[k] if v is inspect.Parameter.empty else v for k, v in op.defaults.items()}
    unknown: list[Any] = [Symbol(f"{name}.shape") for name in (output, *inputs)]

    def text(attrs: dict[str, Any], shapes: list[Any]) -> str:
        found = derivative(op, index, output=output, inputs=inputs, attrs=attrs, shapes=shapes)
        return "" if found is None else str(found).replace("-", "−")

    for attrs in (named, default):
        for shapes in ([], unknown):
            if written := text(attrs, shapes):
                return written, ""
    small, large = (text(default, [(n, n)] * (1 + len(inputs))) for n in (3, 7))
    return (small, " for matrices") if small == large else ("", "")


def facts_of(op: Op) -> list[str]:
    """Return what the declaration says besides the rules, and the dtype, where there is something to say."""
    facts = [f"kink {point:g}" for point in op.kinks]
    low, high = op.domain
    if (low, high) != (-np.inf, np.inf):
        facts.append(f"on ({low:g}, {high:g})".replace("inf", "∞").replace("-", "−"))
    if op.selects:
        facts.append("unselected: 0")
    if op.saturates is not None:
        facts.append(f"flat near {flat_ends(op)}")
    if op.extremum:
        facts.append(f"picks the {op.extremum}")
    if op.rearranges:
        facts.append("rearranges")
    if op.contracts:
        facts.append(code(op.contracts.replace("?", "")))
    if op.complex and op.differentiable:
        facts.append("complex")
    dtype = dtype_of(op)
    if dtype not in (None, np.float32):
        facts.append(f"float32 → {dtype}")
    if op.onnx:
        facts.append(f"ONNX {op.onnx}")
    return facts


def flat_ends(op: Op) -> str:
    """Return the ends of the range near which the slope fades, or that they depend on the inputs or attributes."""
    if callable(op.saturates):
        low, high = op.saturates(*[Symbol(n) for n in ("y", *op.inputs)], **{k: Symbol(k) for k in op.defaults})
        ends = [str(end) for end in (low, high) if not isinstance(end, float)]
    else:
        ends = [f"{end:.4g}" for end in op.saturates or () if np.isfinite(end)]
    return " and ".join(ends).replace("-", "−")


def dtype_of(op: Op) -> Any:
    """Return the dtype of what the op makes of float32, None where it wants other inputs than small matrices."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = op.kernel(*[np.full((2, 2), 0.5, np.float32)] * (op.arity or 2))
    except Exception:  # it takes attributes, vectors, whole numbers
        return None
    return getattr(found, "dtype", None)


def composed() -> str:
    """Return the table of public functions that have no op of their own."""
    own = {op.name for op in registry}
    rows = ""
    for prefix, namespace in NAMESPACES.items():
        for name in sorted(namespace.__all__):
            function = getattr(namespace, name)
            if not hasattr(function, "op") and name not in own and inspect.isfunction(function):
                rows += f"| {code(prefix + name + shown(function))} | {first_line(function)} |\n"
    return f"\n## Composed of these\n\nFunctions without a rule of their own.\n\n| function | |\n|---|---|\n{rows}"


def family_of(op: Op) -> str:
    """Return the module that declares the op, without the package's name. A ufunc does not know: it is looked for."""
    if not isinstance(op.kernel, np.ufunc):
        return op.kernel.__module__.removeprefix("tinygraph.")
    modules = {family: vars(importlib.import_module(f"tinygraph.{family}")).values() for family in FAMILIES}
    return next(family for family, values in modules.items() if any(value is op.function for value in values))


def public(op: Op) -> Any:
    """Return the function users call for this op, or None where it is internal."""
    found = [getattr(m, op.name) for m in (tg, tg.nn, tg.linalg) if hasattr(m, op.name)]
    of_graphs = tg.diff, tg.trace  # NumPy's functions of these names are np.diff and np.trace
    function = next((f for f in found if f not in of_graphs), None)
    return function if inspect.isfunction(function) else None


if __name__ == "__main__":
    write(PAGE, page(), f"from NumPy {VERSION}")
