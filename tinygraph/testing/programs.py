"""Random programs of declared operations: correct functions to differentiate, and mistakes planted in them.

What is drawn is asked of `choose(n)`, a whole number below n: `lambda n: int(rng.integers(n))` for a script, or
hypothesis (`tinygraph.testing.strategies.graphs`), which also shrinks what it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .. import nn as nn  # layers and losses declare ops, too
from .. import ops
from ..engine.declare import define, registry
from ..engine.node import Array
from ..engine.op import Op

Choose = Callable[[int], int]

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 5e-324)
SCALES = (1.0, 1.0, 1.0, 1.0, 1e-8, 1e8, 1e-3, 1e3)
LARGEST, SMALLEST = 1e10, 1e-290
"""A step with a result beyond these, or not finite, is not taken: denormals have few digits. Inputs may be."""


class ProgramStep(NamedTuple):
    """One application of an op: `inputs` are names of values, or numbers and arrays; `name` is the result's."""

    name: str
    op: Op
    inputs: tuple[Any, ...]
    attrs: dict[str, Any]

    def __str__(self) -> str:
        given = [x if isinstance(x, str) else _literal(x) for x in self.inputs]
        if self.op.arity is None:
            given = [f"[{', '.join(given)}]"]
        hidden = {**self.op.defaults, "ends": self.attrs.get("ends")}  # concatenate's `ends` follow from its inputs
        named = [f"{k}={_literal(v)}" for k, v in self.attrs.items() if k not in hidden or v is not hidden[k]]
        return f"{self.name} = tg.{self.op.name}({', '.join([*given, *named])})"


class Program:
    """A function made of steps, with the values it is to be called on: `program(*program.inputs.values())`.

    Takes arrays or Tensors and returns the values that no later step reads. Its repr is Python that defines the
    inputs and the function `program`.
    """

    __name__ = "program"

    def __init__(self, inputs: Mapping[str, Array], steps: Sequence[ProgramStep]) -> None:
        self.inputs, self.steps = dict(inputs), tuple(steps)
        read = {x for step in self.steps for x in step.inputs if isinstance(x, str)}
        self.results = tuple([step.name for step in self.steps if step.name not in read])

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        values = dict(zip(self.inputs, inputs, strict=True))
        for step in self.steps:
            given = [values[x] if isinstance(x, str) else x for x in step.inputs]
            values[step.name] = step.op.function(*given, **step.attrs)
        return tuple([values[name] for name in self.results])

    def __repr__(self) -> str:
        inputs = [f"{name} = {_literal(x)}" for name, x in self.inputs.items()]
        body = [*map(str, self.steps), f"return {', '.join(self.results)},"]
        return "\n".join([*inputs, f"def program({', '.join(self.inputs)}):", *[f"    {line}" for line in body]])

    def planted(self, step: int, position: int, size: float, element: int | None = None) -> Program:
        """The program with a mistake: the rule of one input of one step off by a factor 1 + `size`.

        With `element`, a flat index modulo the number of elements, only there. Raises ValueError if that input
        has no rule.
        """
        at = self.steps[step]
        rules = list(at.op.rules)
        which = position if at.op.arity is not None else 0
        rule: Any = rules[which]
        if rule is None:
            raise ValueError(f"planted: {at.op.name} has no rule for input {position}; choose another input")

        def off(*values: Any, **attrs: Any) -> Any:
            d = rule(*values, **attrs) if callable(rule) else rule * np.ones_like(values[0])
            if at.op.arity is None and attrs["wrt"] != position:
                return d
            d = np.asarray(d, np.result_type(d, values[0]))
            factor = np.ones(np.shape(d))
            factor.flat[slice(None) if element is None else element % max(factor.size, 1)] += size
            return d * factor.astype(np.result_type(d, np.float16))

        rules[which] = partial(off)  # a partial hides what it reads, so that everything is saved for it
        wrong = define(Op(at.op.kind, at.op.kernel, tuple(rules), name=at.op.name, selects=at.op.selects))
        steps = [at._replace(op=wrong) if k == step else other for k, other in enumerate(self.steps)]
        return Program(self.inputs, steps)


def _literal(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return f"np.array({x.tolist()}, np.{x.dtype})" if x.size else f"np.zeros({x.shape}, np.{x.dtype})"
    return repr(x)


# ------------------------------------------------------------------------------- what may be applied to what

OPS = {
    op.name: op for op in registry
    if op.function.__module__.startswith("tinygraph.") and ".interop." not in op.function.__module__
}  # fmt: skip
_LOCAL = [op for op in OPS.values() if op.kind == "elementwise" and op.differentiable and hasattr(ops, op.name)]
UNARY = [op for op in _LOCAL if op.arity == 1]
BINARY = [op for op in _LOCAL if op.arity == 2]


def _between(x: Any) -> Any:
    """Distance to the next whole number, in parts of `x` where that is large."""
    return np.abs(x - np.rint(x)) / np.maximum(np.abs(x), 1)


AWAY: dict[str, Callable[..., Any]] = {
    "sign": np.abs,
    "angle": np.abs,
    "floor": _between,
    "ceil": _between,
    "trunc": _between,
    "rint": lambda x: _between(x + 0.5),
    "round": lambda x: _between(x + 0.5),
    "spacing": lambda x: _between(np.log2(np.abs(x))),
    "copysign": lambda x, y: np.minimum(np.abs(x), np.abs(y)),
    "heaviside": lambda x, y: np.abs(x),
    "fmod": lambda x, y: _between(x / y),
    "remainder": lambda x, y: _between(x / y),
    "floor_divide": lambda x, y: _between(x / y),
    "arctan2": lambda x, y: np.where(y > 1e-100, 1, np.abs(x)),
    "cbrt": np.abs,
    "divide": lambda x, y: np.abs(y) > 1e-100,
    "prod": lambda x: (
        np.prod(np.where(np.abs(x) < 1, 1, np.abs(x))) < LARGEST and not np.any((x != 0) & (np.abs(x) < 1e-100))
    ),
    "log_softmax": lambda x: np.abs(x) < 1e3,
    "sinc": lambda x: np.abs(x) < 1e3,  # far out, differences step over whole periods and see none
}
"""How far the inputs are from where the op jumps or has an infinite slope, in parts of the scale of what matters.

A matter of drawing tests alone, of tinygraph's own ops, so that it stands here and in no declaration.
"""
NEAREST = 0.02


class _Writer:
    """Writes one program step by step, and knows the value of everything in it."""

    def __init__(self, choose: Choose, special: bool, dtype: Any) -> None:
        self.choose, self.special, self.dtype = choose, special, np.dtype(dtype)
        self.inputs: dict[str, Array] = {}
        self.steps: list[ProgramStep] = []
        self.values: dict[str, Array] = {}

    def pick(self, among: Sequence[Any]) -> Any:
        return among[self.choose(len(among))]

    def shape(self) -> tuple[int, ...]:
        return tuple([1 + self.choose(4) for _ in range(self.choose(4))])

    def leaf(self, shape: tuple[int, ...]) -> str:
        """A new input: numbers between -2 and 2 times a scale, some of them special points and ties."""
        size = int(np.prod(shape, dtype=int))
        numbers = [self.choose(2**32) / 2**30 - 2 for _ in range(size)]
        scale = self.pick(SCALES) if self.special else 1.0
        x = np.array(numbers) * scale
        for k in range(size if self.special else 0):
            way = self.choose(12)
            if way == 1:
                x[k] = self.pick(SPECIAL) * self.pick((1.0, scale))
            elif way == 2:
                x[k] = x[self.choose(size)]
        name = f"x{len(self.inputs)}"
        self.inputs[name] = self.values[name] = x.reshape(shape).astype(self.dtype)
        return name

    def value(self, wanted: Callable[[Array], bool] = lambda x: True) -> str | None:
        """A value made so far, the latest most often; None if none is as `wanted`."""
        able = [name for name, x in self.values.items() if x.dtype.kind == "f" and wanted(x)]
        if not able:
            return None
        return able[-1] if self.choose(2) == 0 else self.pick(able)

    def add(self, name: str, *inputs: Any, **attrs: Any) -> str | None:
        """Take a step, unless it leads where nothing can be checked: infinite, huge, or at a jump."""
        op = OPS[name]
        given = [self.values[x] if isinstance(x, str) else x for x in inputs]
        attrs = {**op.defaults, **attrs}
        with np.errstate(all="ignore"):
            y = np.asarray(op.kernel(*given, **attrs))
            near = name in AWAY and not np.all(AWAY[name](*given) > NEAREST)
        small = np.any((y != 0) & (np.abs(y) < SMALLEST))
        if near or small or y.size > 100 or not np.all(np.abs(y) <= LARGEST):
            return None
        result = f"t{len(self.steps)}"
        self.steps.append(ProgramStep(result, op, inputs, attrs))
        self.values[result] = y
        return result

    def put_inside(self, x: str, domain: tuple[float, float]) -> str | None:
        """`x`, or where it is not well inside `domain`, something made from it that is."""
        low, high = domain
        if low == -np.inf:
            return x
        values = self.values[x].astype(np.float64)
        if np.all(values >= low + 1e-9) and np.all(values <= high - 1e-9):
            return x
        if high == np.inf:
            squared = self.add("square", x)
            return squared and self.add("add", squared, low + 0.25)
        squashed = self.add("sin", x)
        scaled = squashed and self.add("multiply", squashed, 0.45 * (high - low))
        return scaled and self.add("add", scaled, 0.5 * (low + high))


# ------------------------------------------------------------------------------------------ kinds of steps


def _unary(w: _Writer) -> None:
    op = w.pick(UNARY)
    x = w.value()
    x = x and w.put_inside(x, op.domain)
    if x:
        w.add(op.name, x)


def _binary(w: _Writer) -> None:
    op = w.pick(BINARY)
    x = w.value()
    if x is None:
        return
    ways = w.choose(4)
    shape = w.values[x].shape
    y: Any = w.value(lambda other: _broadcast_together(other.shape, shape))
    if ways == 1:
        y = w.pick((0.5, 2.0, -1.5, 3.0, 0.0 if w.special else 1.0))
    elif ways == 2:
        y = w.leaf(tuple([1 if w.choose(3) == 0 else n for n in shape][w.choose(len(shape) + 1) :]))
    x = w.put_inside(x, op.domain)
    if x and w.choose(2) and op.domain[0] == -np.inf:
        x, y = y, x
    if x and (w.special or x != y):  # maximum(x, x) is a tie
        w.add(op.name, x, y)


def _broadcast_together(*shapes: tuple[int, ...]) -> bool:
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def _reduction(w: _Writer) -> None:
    x = w.value(lambda x: x.ndim > 0)
    if x is None:
        return
    name = w.pick(("sum", "mean", "var", "std", "max", "min", "prod", "logsumexp", "softmax", "log_softmax", "cumsum"))
    axis: Any = w.choose(w.values[x].ndim) - w.pick((0, w.values[x].ndim))
    if name in ("softmax", "log_softmax", "cumsum"):
        w.add(name, x, axis=axis)
        return
    if w.choose(3) == 0:
        axis = None
    w.add(name, x, axis=axis, keepdims=bool(w.choose(2)))


def _shape(w: _Writer) -> None:
    x = w.value(lambda x: x.ndim > 0)
    if x is None:
        return
    old = w.values[x].shape
    axis, other = w.choose(len(old)), w.choose(len(old))
    ways: list[tuple[str, dict[str, Any]]] = [
        ("reshape", {"shape": (-1,)}),
        ("reshape", {"shape": (*old[::-1], 1)}),
        ("transpose", {}),
        ("swapaxes", {"axis1": axis, "axis2": other}),
        ("expand_dims", {"axis": -axis - 1}),
        ("broadcast_to", {"shape": (2, *old)}),
        ("flip", {"axis": axis}),
        ("roll", {"shift": 1 + other, "axis": axis}),
        ("pad", {"pad_width": ((1, 0),) * len(old)}),
        ("getitem", {"index": -1}),
        ("getitem", {"index": slice(None, None, -2)}),
        ("getitem", {"index": (..., None, 0)}),
        ("getitem", {"index": np.array([0, -1, 0])}),
        ("scatter", {"index": np.arange(old[0]) // 2, "shape": old}),
    ]
    name, attrs = w.pick(ways)
    w.add(name, x, **attrs)


def _several(w: _Writer) -> None:
    x = w.value(lambda x: x.ndim > 0)
    if x is None:
        return
    shape = w.values[x].shape
    y = w.value(lambda other: other.shape == shape) or x
    way = w.choose(4)
    if way == 0:
        w.add("stack", x, y, axis=-1)
    elif way == 1:
        w.add("concatenate", x, y, axis=0, ends=(shape[0], 2 * shape[0]))
    elif way == 2:
        w.add("setitem", x, w.value(lambda other: other.shape == shape[1:]) or 0.5, index=0)
    else:
        w.add("clip", x, -0.5, w.pick((0.5, 2.0)))


def _matmul(w: _Writer) -> None:
    x = w.value(lambda x: x.ndim > 0)
    if x is None:
        return
    n = w.values[x].shape[-1]
    y = w.value(lambda other: other.ndim > 0 and other.shape[max(other.ndim - 2, 0)] == n) if w.choose(2) else None
    y = y or w.leaf((n, 1 + w.choose(3))[: 1 + w.choose(2)])
    if _broadcast_together(w.values[x].shape[:-2], w.values[y].shape[:-2]):
        w.add("matmul", x, y)


def _where(w: _Writer) -> None:
    x, y = w.value(), w.value()
    if x is None or y is None or not _broadcast_together(w.values[x].shape, w.values[y].shape):
        return
    limit = w.pick((0.0, 0.3, -0.7)) * w.pick((1.0, float(np.max(np.abs(w.values[x])))))
    if np.all(np.abs(w.values[x] - limit) > 1e-3 * np.max(np.abs(w.values[x]))):  # it jumps there
        condition = w.add("greater", x, limit)
        if condition and not w.add("where", condition, x, y):
            w.steps.pop()
            del w.values[condition]


_WAYS = (_unary, _unary, _unary, _binary, _binary, _binary, _reduction, _reduction, _shape, _several, _matmul, _where)


def program(choose: Choose, max_ops: int = 8, *, special: bool = True, dtype: Any = np.float64) -> Program:
    """A random program of 1 to about `max_ops` steps, with inputs inside the domain of everything in it.

    Elementwise ops, reductions, shapes, indexing, products and selections, with broadcasting and with values that
    are read several times. With `special`, inputs hold kinks, ties, zeros, denormals and scales of 1e-8 and 1e8;
    without, numbers between -2 and 2. f is continuous around the inputs, but may have kinks at them. Raises
    ValueError for `max_ops` below 1.

    >>> rng = np.random.default_rng(4)
    >>> made = program(lambda n: int(rng.integers(n)), max_ops=3)
    >>> len(made(*made.inputs.values())) == len(made.results) > 0
    True
    """
    if max_ops < 1:
        raise ValueError(f"program: max_ops is {max_ops}; give at least 1")
    w = _Writer(choose, special, dtype)
    for _ in range(1 + choose(2)):
        w.leaf(w.shape())
    wanted = 1 + choose(max_ops)
    for _ in range(4 * max_ops):
        if len(w.steps) >= wanted:
            break
        w.pick(_WAYS)(w)
    if not w.steps:
        w.add("negative", "x0")
    return Program(w.inputs, w.steps)
