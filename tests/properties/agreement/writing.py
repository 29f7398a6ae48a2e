"""Writes a program line by line: ops on their example cases, and the templates, where the values allow them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import tinygraph as tg
from tests.properties import table
from tinygraph.engine.declare import registry
from tinygraph.testing import derived_cases
from tinygraph.testing.cases import is_complex, is_float

from .mixture import Mixture, evaluated, executed, literal
from .templates import CHOICES, FAMILIES

Choose = Callable[[int], int]

SHAPES: tuple[tuple[int, ...], ...] = (
    (3,), (), (2, 3), (1,), (3, 3), (2, 1), (0,), (5, 4), (2, 1, 3), (0, 3), (24,), (3, 1), (4,), (1, 3), (300,),
    (40, 60),
)  # fmt: skip
DTYPES = ("float64", "float32", "complex128", "float16", "complex64")
LAYOUTS = ("{}", "np.asfortranarray({})", "np.repeat({}, 2, axis=-1)[..., ::2]", "{}[::-1]", "{}.T")
LARGEST, MOST = {"float16": 60.0}, 3000
"""What a value may be, 1000 unless said, and how many a result may hold."""
PACKED = ("slogdet", "eigh", "eig", "svd", "var_about")
"""Whose complex cases are no functions of their inputs: several factors in one array up to phases; a mean beside."""
SPECIAL = (0.0, 1.0, -1.0, 0.5, 2.0, -0.0)


def mixture(choose: Choose, max_lines: int = 8, dtype: str | None = None) -> Mixture:
    """A random program of 2 to `max_lines` lines; with `dtype`, all its inputs are of that one.

    What is drawn is asked of `choose(n)`, a whole number below n.
    """
    w = _Writer(choose, dtype)
    for _ in range(1 + choose(3)):
        w.leaf()
    wanted = 2 + choose(max_lines - 1)
    for _ in range(6 * max_lines):
        if len(w.lines) >= wanted:
            break
        w.line()
    w.finish()
    return Mixture(w.given, w.lines, w.results)


class _Writer:
    """Knows the value of everything written so far."""

    def __init__(self, choose: Choose, dtype: str | None) -> None:
        self.choose, self.dtype = choose, dtype
        self.special = choose(4) == 1
        self.main = dtype or self.pick(DTYPES)
        self.given: dict[str, str] = {}
        self.lines: list[str] = []
        self.values: dict[str, Any] = {}
        self.tensors: dict[str, Any] = {}
        self.read: set[str] = set()
        self.results: tuple[str, ...] = ()

    def pick(self, among: Any) -> Any:
        return among[self.choose(len(among))]

    def leaf(self) -> None:
        """A new input: numbers between -2 and 2 with three decimals, or waves where there are many."""
        shape = self.pick(SHAPES[: None if self.choose(4) == 0 else 10])
        dtype = self.main if self.dtype or self.choose(4) else self.pick(DTYPES)
        size = int(np.prod(shape, dtype=int))
        if size > 24:
            text = f"(2 * np.sin(np.arange({size}) * 1.7 + {len(self.given)})).reshape({shape})"
            text = f"{text}.astype(np.{dtype})" if dtype[0] == "f" else f"({text} * np.exp(1j)).astype(np.{dtype})"
        else:
            flat = [self.number() for _ in range(size)]
            if dtype[0] == "c":
                flat = [complex(x, self.number()) for x in flat]  # type: ignore[misc]
            text = literal(np.array(flat, dtype).reshape(shape))
            if dtype in ("float16", "float32", "complex64"):  # the digits that were drawn
                text = literal(np.array(flat).reshape(shape)).replace("float64", dtype).replace("complex128", dtype)
        if shape:
            text = self.pick(LAYOUTS[: None if self.choose(3) == 1 else 1]).format(text)
        name = f"x{len(self.given)}"
        self.given[name] = text
        self.values[name] = evaluated(text)
        self.tensors[name] = tg.tensor(self.values[name], requires_grad=True)

    def number(self) -> float:
        if self.special and self.choose(4) == 1:
            return float(self.pick(SPECIAL))
        return (self.choose(4001) - 2000) / 1000

    def value(self) -> str:
        """A value made so far, the latest most often."""
        able = [name for name, x in self.values.items() if x.dtype.kind in "fc"]
        return able[-1] if self.choose(2) == 0 else str(self.pick(able))

    def line(self) -> None:
        way = self.choose(len(FAMILIES) + 3)
        text = self.op() if way >= len(FAMILIES) else self.pick(FAMILIES[way])
        if text is None:
            return
        a, b = self.value(), self.value()
        for name, among in CHOICES.items():
            while "{" + name + "}" in text:
                text = text.replace("{" + name + "}", self.pick(among), 1)
        target = f"t{len(self.lines)}"
        text = text.replace("{t}", target).replace("{a}", a).replace("{b}", b)
        self.take(target, text)

    def op(self) -> str | None:
        """A declared op on one of its example cases, moved by a value of the program."""
        name = self.pick(NAMES)
        op, cases = EXAMPLES[name]
        case = self.pick(cases)
        a = self.value()
        dtype = self.values[a].dtype
        if name in PACKED and dtype.kind == "c":
            return None
        given, moved = [], False
        fixed = len(case.inputs) > 1 and self.choose(2) == 1  # parameters often have no derivative
        for k, x in enumerate(case.inputs):
            rules = op.rules if op.arity is not None else op.rules * len(case.inputs)
            if not is_float(x) or rules[k] is None or (k and not self.choose(4)) or (not k and fixed):
                given.append(literal(x))
                continue
            source = a if not moved else self.value()
            moved = True
            if op.kind == "elementwise" and self.choose(2) and op.domain[0] == -np.inf:
                given.append(source)
                continue
            kind = np.result_type(dtype, np.complex64) if is_complex(x) else dtype
            example = literal(x.astype(np.float64) if kind.kind == "f" else x.astype(np.complex128))
            example = example.replace("float64", kind.name).replace("complex128", kind.name)
            given.append(f"{example} + 0.1 * np.sin(np.resize({source}, {x.shape}))")
        if not moved:
            return None
        attrs = [f"{key}={literal(value)}" for key, value in case.attrs.items()]
        return f"{{t}} = ops[{name!r}]({', '.join([*given, *attrs])})"

    def take(self, target: str, text: str) -> None:
        """Add the lines, unless arrays warn, fail or leave what can be checked there, or there is no derivative."""
        after = dict(self.values)
        before = {name: x.copy() for name, x in self.values.items()}
        try:
            with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
                warnings.simplefilter("error")
                executed(text, after)
        except Exception:
            self.values.update(before)  # it may have written into one
            return
        y = after.get(target)
        first = dict(self.values)
        if "; " in text and (executed(text.split("; ")[0], first) or isinstance(first[target], np.generic)):
            return  # `y += 1` makes another of NumPy's numbers, and writes into a tensor
        if not isinstance(y, np.ndarray | np.generic) or np.size(y) > MOST or y.dtype.kind not in "fc":
            return
        limit = LARGEST.get(y.dtype.name, 1e3)
        if not np.all(np.abs(y) <= limit) or not all(np.array_equal(x, self.values[k]) for k, x in before.items()):
            self.values.update(before)
            return
        recorded = dict(self.tensors)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                executed(text, recorded)
                if recorded[target].requires_grad:
                    np.sum(np.real(recorded[target])).backward()
        except (tg.NotDifferentiable, RuntimeWarning):
            return
        except Exception as error:  # to be found by whoever tries the program
            if "takes no float16" in str(error) or "float16 is unsupported" in str(error):
                return
        self.tensors[target] = tg.tensor(y, requires_grad=True)
        self.read |= {name for name in self.values if re.search(rf"\b{name}\b", text)}
        self.values[target] = y
        self.lines += text.split("\n") if "\nfor" not in text else [text.replace("\n", "\n    ")]

    def finish(self) -> None:
        made = [name for name in self.values if name not in self.given]
        self.results = tuple([name for name in made if name not in self.read]) or ("x0 * 1",)


def _examples() -> dict[str, Any]:
    """Ops with a derivative, and their cases; those that no NumPy function carries out are left out."""
    found = {}
    for op in registry:
        if op.differentiable and op.function.__module__.startswith("tinygraph."):
            try:  # some of scipy.special warn that an order is no integer
                found[op.name] = op, table.cases(op) if op in table.OPS else derived_cases(op)
            except (KeyError, TypeError):  # of interop: several integer parameters, or atoms of linear algebra
                continue
    return found


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    EXAMPLES = _examples()
NAMES = sorted(EXAMPLES)
