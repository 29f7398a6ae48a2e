"""Declaring an operation: a kernel in plain NumPy and one rule per input; recording is derived from it.

Three kinds. `elementwise` takes one local derivative per input, `(output, *inputs) -> array`. `linear` and
`primitive` take one vector-Jacobian product per input, `(gradient, output, *inputs) -> array`; `linear` adds
that the kernel itself pushes tangents forward. The same lambdas run on arrays, on Tensors and on Symbols.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np

from .reads import Reads, check, merged, reads, union
from .record import recorder

Rule = Callable[..., Any] | int | float | None
"""A callable; a number where the local derivative is constant; None where the input has no derivative."""


class Function(Protocol):
    """What the declarations return: a function that records, with its declaration in `op`."""

    op: Op
    __name__: str

    def __call__(self, *inputs: Any, **attrs: Any) -> Any: ...


class Op:
    """A declared operation. Read-only; `registry` lists all of them."""

    __slots__ = ("name", "kind", "kernel", "rules", "jvp", "symbol", "onnx", "domain", "kinks", "ties", "selects",
                 "rowwise", "holomorphic", "complex", "arity", "inputs", "defaults", "_reads", "_joint", "local",
                 "differentiable", "function", "doc",
                 "fresh", "mask", "spelling", "whole")  # fmt: skip

    def __init__(
        self,
        kind: str,
        kernel: Callable[..., Any],
        rules: tuple[Rule, ...],
        *,
        name: str | None = None,
        jvp: Callable[..., Any] | None = None,
        symbol: str | None = None,
        onnx: str | None = None,
        domain: tuple[float, float] | None = None,
        kinks: tuple[float, ...] = (),
        ties: Callable[..., Any] | None = None,
        selects: bool = False,
        rowwise: bool = False,
        holomorphic: bool | None = None,
        conjugates: bool = False,
        fresh: bool = False,
        mask: str | None = None,
        spelling: str | None = None,
        whole: bool = False,
    ) -> None:
        self.name = name or kernel.__name__
        self.kind, self.kernel, self.rules, self.jvp = kind, kernel, rules, jvp
        self.symbol, self.onnx = symbol, onnx
        self.domain, self.kinks, self.ties, self.selects = domain or (-np.inf, np.inf), kinks, ties, selects
        self.rowwise = rowwise or kind == "elementwise"
        self.holomorphic = kind == "linear" if holomorphic is None else holomorphic
        self.complex = self.holomorphic or conjugates  # whether the rules hold for complex numbers
        self.inputs, self.arity, self.defaults = _inputs(kernel)
        self.doc = inspect.getdoc(kernel) if not isinstance(kernel, np.ufunc) else None
        self._reads: tuple[Reads, ...] | None = None  # found at the first recording: it takes a while
        self._joint: bool | None = None
        self.local = kind == "elementwise"
        self.fresh = fresh or isinstance(kernel, np.ufunc)
        self.mask, self.spelling = mask, spelling
        self.whole = whole  # whether the rule of a variadic op gives all gradients at once, in a list
        self.differentiable = any(rule is not None for rule in rules)
        if self.arity is not None and len(rules) != self.arity:
            raise TypeError(
                f"{kind}: {self.name} has {self.arity} inputs {self.inputs} and {len(rules)} rules; "
                f"give one rule per input (None for an input without derivative)"
            )
        if mask is not None and mask not in self.defaults:
            raise TypeError(
                f"{kind}: {self.name} has no attribute {mask!r} for its mask; name one of {list(self.defaults)}"
            )
        if spelling is not None:
            _check_spelling(self, spelling)
        for rule in rules:
            check(rule, 0 if kind == "elementwise" else 1, self.arity)
        self.function: Function = recorder(self)

    @property
    def reads(self) -> tuple[Reads, ...]:
        """What each rule reads of the output and the inputs."""
        found = self._reads
        if found is None:
            found = tuple(reads(rule, 0 if self.local else 1, self.arity) for rule in self.rules)
            if self.jvp is not None:  # what the forward rule reads is kept along
                extra = reads(self.jvp, 1, self.arity)
                found = tuple(merged((read, extra)) for read in found)
            self._reads = found
        return found

    @property
    def joint(self) -> bool:
        """Whether a linear op is linear in all inputs at once (a sum), rather than in each (a product)."""
        if self._joint is None:
            differentiable = [rule is not None for rule in self.rules] if self.arity is not None else [True]
            self._joint = not any(
                use == "value" for read in self.reads for use, d in zip(read[1:], differentiable, strict=True) if d
            )
        return self._joint

    def needs(self, tracked: tuple[bool, ...]) -> tuple[Any, ...]:
        """What the rules of the `tracked` inputs read: 'value', 'shape' or None, for output and inputs."""
        if self.arity is None:
            use = self.reads[0]
            return (use[0], *[use[1]] * len(tracked))
        return union(self.reads, tracked)

    def rule(self, index: int) -> Rule:
        """The rule of input `index`. A variadic op has one for all of them, told which by `wrt=`."""
        rule: Any = self.rules[0]
        if self.whole:
            return lambda *values, **attrs: rule(*values, **attrs)[index]
        return self.rules[index] if self.arity is not None else partial(rule, wrt=index)

    def rules_of(self, count: int) -> tuple[Rule, ...]:
        """The rules of `count` inputs, for one visit of a node: a whole rule runs once for all of them."""
        if self.whole:
            return _handed_out(self.rules[0], count)
        return tuple([self.rule(k) for k in range(count)])

    def __repr__(self) -> str:
        return f"<{self.kind} op {self.name}({', '.join([*self.inputs, *self.defaults])})>"

    def __reduce__(self) -> Any:
        return (_op_of, (self.function,))


def _handed_out(rule: Any, count: int) -> tuple[Rule, ...]:
    """Rules that run `rule` when the first of them is given a gradient, and hand out one of its results each."""
    asked: Any = None
    left: dict[int, Any] = {}

    def one(g: Any, *values: Any, wrt: int, **attrs: Any) -> Any:
        nonlocal asked
        if g is not asked or wrt not in left:
            asked = g
            left.update(enumerate(rule(g, *values, **attrs)))
        found = left.pop(wrt)
        asked = asked if left else None
        return found

    return tuple([partial(one, wrt=k) for k in range(count)])


def _check_spelling(op: Op, spelling: str) -> None:
    """Raise TypeError if a pattern asks for more than there is."""
    try:
        spelling.format(*op.inputs, **dict.fromkeys(op.defaults, ""))
    except (IndexError, KeyError, ValueError):
        raise TypeError(
            f"{op.kind}: {op.name} cannot be spelled {spelling!r}; give {{}} for each input {list(op.inputs)} and "
            f"{{name}} for attributes {list(op.defaults)}"
        ) from None


def _op_of(function: Function) -> Op:
    return function.op


registry: list[Op] = []
"""Every declared op in the order of declaration, users' own included."""
ufuncs: dict[np.ufunc, Function] = {}
"""Which op a NumPy ufunc records."""


# --------------------------------------------------------------------------------------- the declarations


def elementwise(
    *derivatives: Rule,
    symbol: str | None = None,
    onnx: str | None = None,
    domain: tuple[float, float] | None = None,
    kinks: tuple[float, ...] = (),
    ties: Callable[..., Any] | None = None,
    holomorphic: bool = False,
    conjugates: bool = False,
    name: str | None = None,
    spelling: str | None = None,
) -> Callable[[Callable[..., Any]], Function]:
    """Declare an elementwise op by one local derivative per input.

    Each derivative is `(output, *inputs, **attributes) -> array`, or a number where it is constant, or None
    where the input has none. The reverse rule `g * d`, the forward rule, higher orders, the label in pictures
    and the property tests follow from it. `symbol` is how pictures write the op, `onnx` its ONNX operator,
    `domain` the open interval of valid inputs, `kinks` the points where the derivative jumps. `ties` is
    `(output, *inputs, **attributes) -> mask` of the elements where it jumps for another reason. `holomorphic` says
    that the kernel takes complex arrays and is there the same analytic function, not one like abs or max. `conjugates`
    says that it is not, but that the rules hold for complex numbers all the same, as those of abs do: a rule is given
    `g` and returns `c` such that Re(sum(g * dy)) = Re(sum(c * dx)), for real `dx` too, where the real part counts.
    `spelling` is how compiled source writes the op in NumPy: a function that takes the same as the kernel, as
    "np.round", or a pattern of inputs and attributes, as "{}[{index}]"; that of a ufunc is used for single numbers.

    >>> import numpy as np
    >>> @elementwise(lambda y, x: 3 * x**2, symbol="cube")
    ... def cube(x):
    ...     return x * x * x
    >>> float(cube(2.0))
    8.0
    """
    return _declare("elementwise", derivatives, symbol=symbol, onnx=onnx, domain=domain, kinks=kinks, ties=ties,
                    holomorphic=holomorphic, conjugates=conjugates, name=name, spelling=spelling)  # fmt: skip


def linear(
    *vjps: Rule,
    symbol: str | None = None,
    onnx: str | None = None,
    selects: bool = False,
    rowwise: bool = False,
    holomorphic: bool = True,
    conjugates: bool = False,
    name: str | None = None,
    fresh: bool = False,
    mask: str | None = None,
    spelling: str | None = None,
) -> Callable[[Callable[..., Any]], Function]:
    """Declare an op that is linear in each differentiable input, by one vector-Jacobian product per input.

    Each rule is `(g, output, *inputs, **attributes) -> array`. The forward rule is the kernel run on tangents.
    A variadic kernel `f(*xs)` takes one rule that is told which input by the keyword `wrt`. `selects` says
    that unselected elements contribute exactly zero, whatever lies behind them; `rowwise` that the rules also
    take many gradients at once, stacked along a leading axis; `holomorphic=False` that the kernel is another function
    of complex arrays, or takes none; `conjugates` and `spelling` are
    those of `elementwise`. `fresh` says that the result is never a view of an input, so that a compiled step may write
    over the input. `mask` names the attribute whose True elements are selected, as many as there are.

    >>> import numpy as np
    >>> @linear(lambda g, y, x, *, times: g * times)
    ... def scale(x, *, times):
    ...     return x * times
    >>> float(scale(2.0, times=3))
    6.0
    """
    return _declare("linear", vjps, symbol=symbol, onnx=onnx, selects=selects, rowwise=rowwise,
                    holomorphic=holomorphic, conjugates=conjugates, name=name,
                    fresh=fresh, mask=mask, spelling=spelling)  # fmt: skip


def primitive(
    *vjps: Rule,
    jvp: Callable[..., Any] | None = None,
    symbol: str | None = None,
    onnx: str | None = None,
    domain: tuple[float, float] | None = None,
    ties: Callable[..., Any] | None = None,
    holomorphic: bool = False,
    conjugates: bool = False,
    name: str | None = None,
    fresh: bool = False,
    spelling: str | None = None,
) -> Callable[[Callable[..., Any]], Function]:
    """Declare any other op, by one vector-Jacobian product per input.

    Each rule is `(g, output, *inputs, **attributes) -> array`; None for an input without derivative. The
    forward rule `jvp` is `(tangents, output, *inputs, **attributes) -> array` with None for a missing
    tangent; without it, the reverse rule is transposed. `ties`, `holomorphic`, `conjugates` and `spelling`
    are those of `elementwise`, `fresh` is that of `linear`.

    >>> import numpy as np
    >>> @primitive(lambda g, y, x: 2 * g * x)
    ... def squared_norm(x):
    ...     return np.sum(x * x)
    >>> float(squared_norm(np.array([3.0, 4.0])))
    25.0
    """
    return _declare("primitive", vjps, jvp=jvp, symbol=symbol, onnx=onnx, domain=domain, ties=ties,
                    holomorphic=holomorphic, conjugates=conjugates, name=name,
                    fresh=fresh, spelling=spelling)  # fmt: skip


def _declare(kind: str, rules: tuple[Rule, ...], **facts: Any) -> Callable[[Callable[..., Any]], Function]:
    def declare(kernel: Callable[..., Any]) -> Function:
        op = Op(kind, kernel, rules, **facts)
        if isinstance(kernel, np.ufunc):
            op.function.__module__ = sys._getframe(1).f_globals["__name__"]  # where it is declared, as for any kernel
        registry.append(op)
        if isinstance(kernel, np.ufunc):
            ufuncs.setdefault(kernel, op.function)
        return op.function

    return declare


def _inputs(kernel: Callable[..., Any]) -> tuple[tuple[str, ...], int | None, dict[str, Any]]:
    """Names of the inputs, their number (None for any), and the attributes with their defaults."""
    if isinstance(kernel, np.ufunc):
        return ("x", "y", "z", "w")[: kernel.nin], kernel.nin, {}
    parameters = inspect.signature(kernel).parameters.values()
    names = tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return names, None if variadic else len(names), {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
