"""What a declared operation is: its kernel, its rules, and the facts that everything else is derived from."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, Protocol, TypeVar, overload

import numpy as np

from .reads import Reads, check_parameters, merge, reads, union

Rule = Callable[..., Any] | int | float | complex | None
"""A callable; a number where the local derivative is constant; None where the input has no derivative."""
Reasons = Mapping[str, tuple[str, str, str]]
"""By symptom (one of `SYMPTOMS`) why an op has it: a short stable word, the same in words, and what to do."""
SYMPTOMS = ("singular", "overflow", "zero")
"""Not finite at a point though finite beside it; too large for its type; passing on no gradient at all."""
Kind = Literal["elementwise", "linear", "primitive"]
OPERATORS: dict[Any, Callable[..., Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.negative: operator.neg,
    np.matmul: operator.matmul,
}
"""A ufunc by its operator: ten times faster on NumPy scalars, a little on small arrays. All modes use it, since the
last digit of a product of complex scalars is another."""


_PRODUCTS = (np.add, np.subtract, np.multiply)
"""Their local derivatives are an operand or a number; others' are computed of operands, which need one precision."""


class Held(Protocol):
    """A Tensor, as an op sees it: something that a node made."""

    node: Any


Given = TypeVar("Given", bound=Held)


class Function(Protocol):
    """What the declarations return: a function that records, with its declaration in `op`.

    Of a Tensor it makes a Tensor; of arrays an array, unless a Tensor is among the later inputs.
    """

    op: Op
    __name__: str

    @overload
    def __call__(self, first: Given, /, *inputs: Any, **attrs: Any) -> Given: ...
    @overload
    def __call__(self, *inputs: Any, **attrs: Any) -> Any: ...


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Op:
    """A declared operation: plain facts that never change. `declare.registry` lists all of them.

    The arguments of `elementwise`, `linear` and `primitive` say what `symbol`, `onnx`, `domain` and so on mean.
    `inputs` are the names of the kernel's inputs, `arity` their number (None for any), `defaults` its attributes.
    """

    kind: Kind
    kernel: Callable[..., Any]
    rules: tuple[Rule, ...]
    name: str = ""
    jvp: Callable[..., Any] | None = None
    symbol: str | None = None
    onnx: str | None = None
    domain: tuple[float, float] = (-np.inf, np.inf)
    kinks: tuple[float, ...] = ()
    ties: Callable[..., Any] | None = None
    selects: bool = False
    rowwise: bool = False
    holomorphic: bool = False
    conjugates: bool = False
    saturates: tuple[float, float] | Callable[..., Any] | None = None
    extremum: str | None = None
    rearranges: bool = False
    contracts: str | None = None
    reasons: Reasons = field(default_factory=dict)
    fresh: bool = False
    mask: str | None = None
    spelling: str | None = None
    whole: bool = False
    """Whether the rule of a variadic op gives all gradients at once, in a list."""

    inputs: tuple[str, ...] = field(init=False)
    arity: int | None = field(init=False)
    defaults: dict[str, Any] = field(init=False)
    local: bool = field(init=False)
    blends: bool = field(init=False)
    differentiable: bool = field(init=False)
    views: bool = field(init=False)
    complex: bool = field(init=False)
    function: Function = field(init=False)
    _reads: tuple[Reads, ...] | None = field(init=False, default=None)
    _additive: bool | None = field(init=False, default=None)
    _half: Op | None = field(init=False, default=None)
    """What `half` made of it, once it has been asked."""

    def __post_init__(self) -> None:
        inputs, arity, defaults = _parameters(self.kernel)
        derived: dict[str, Any] = {
            "name": self.name or self.kernel.__name__,
            "rules": tuple([_rule(self, rule) for rule in self.rules]),
            "rowwise": self.rowwise or self.kind == "elementwise",
            "inputs": inputs,
            "arity": arity,
            "defaults": defaults,
            "local": self.kind == "elementwise",
            "blends": self.kind == "elementwise" and (arity or 0) > 1 and self.kernel not in _PRODUCTS,
            "fresh": self.fresh or isinstance(self.kernel, np.ufunc),
            "views": self.kind == "linear"
            and not (self.fresh or isinstance(self.kernel, np.ufunc)),  # NumPy tells which
            "differentiable": any(rule is not None for rule in self.rules),
            "contracts": self.contracts or getattr(self.kernel, "signature", None),  # some ufuncs say
            "complex": self.holomorphic or self.conjugates,  # whether the rules hold for complex numbers
        }
        for fact, value in derived.items():
            object.__setattr__(self, fact, value)
        if arity is not None and len(self.rules) != arity:
            raise TypeError(
                f"{self.kind}: {self.name} has {arity} inputs {inputs} and {len(self.rules)} rules; "
                f"give one rule per input (None for an input without derivative)"
            )
        _check_facts(self)
        for rule in self.rules:
            if callable(rule):
                check_parameters(rule, 0 if self.local else 1, arity)

    @property
    def reads(self) -> tuple[Reads, ...]:
        """What each rule reads of the output and the inputs. Found when first asked for: it takes a while."""
        if self._reads is not None:
            return self._reads
        found = tuple(reads(rule, 0 if self.local else 1, self.arity) for rule in self.rules)
        if self.jvp is not None:  # what the forward rule reads is kept along
            extra = reads(self.jvp, 1, self.arity)
            found = tuple(merge((read, extra)) for read in found)
        object.__setattr__(self, "_reads", found)
        return found

    @property
    def additive(self) -> bool:
        """Whether a linear op is linear in all inputs at once (a sum), rather than in each (a product)."""
        if self._additive is None:
            differentiable = [rule is not None for rule in self.rules] if self.arity is not None else [True]
            found = any(use == "value" for read in self.reads for use, d in zip(read[1:], differentiable) if d)
            object.__setattr__(self, "_additive", not found)
        return bool(self._additive)

    def needs(self, tracked: tuple[bool, ...]) -> Reads:
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
            return _shared(self.rules[0], count)
        return tuple([self.rule(k) for k in range(count)])

    def signature(self) -> inspect.Signature:
        """How the op is called: its inputs by position, its attributes by position or keyword.

        >>> import tinygraph as tg
        >>> print(tg.softmax.op.signature())
        (x, /, axis=-1)
        """
        by_position = self.arity is not None
        if self.arity is None:
            inputs = [inspect.Parameter(self.inputs[0], inspect.Parameter.VAR_POSITIONAL)]
        else:
            inputs = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in self.inputs]
        values = list(self.defaults.values())
        if inspect.Parameter.empty in values[1:] and values[0] is not inspect.Parameter.empty:
            by_position = False  # one that must be given stands after one that need not be
        named = inspect.Parameter.POSITIONAL_OR_KEYWORD if by_position else inspect.Parameter.KEYWORD_ONLY
        attributes = [inspect.Parameter(name, named, default=v) for name, v in self.defaults.items()]
        return inspect.Signature([*inputs, *attributes])

    def __repr__(self) -> str:
        return f"<{self.kind} op {self.name}({', '.join([*self.inputs, *self.defaults])})>"

    def __reduce__(self) -> Any:
        return (_op_of, (self.function,))


def _op_of(function: Function) -> Op:
    return function.op


def _shared(rule: Any, count: int) -> tuple[Rule, ...]:
    """Rules that run `rule` when the first of them is asked, and hand out one of its results each."""
    results: dict[int, Any] = {}

    def one(g: Any, *values: Any, wrt: int, **attrs: Any) -> Any:
        if not results:
            results.update(enumerate(rule(g, *values, **attrs)))
        return results.pop(wrt)

    return tuple([partial(one, wrt=k) for k in range(count)])


def _rule(op: Op, rule: Any) -> Rule:
    """A rule as the sweeps want it: a constant becomes an int where it is whole, else a function that returns it."""
    if rule is None or callable(rule):
        return rule  # type: ignore[no-any-return]
    number = rule.item() if isinstance(rule, np.generic) or (isinstance(rule, np.ndarray) and rule.ndim == 0) else rule
    if op.kind != "elementwise" or not isinstance(number, int | float | complex):
        takes = "a function, a number or None" if op.kind == "elementwise" else "a function or None"
        raise TypeError(
            f"{op.kind}: a rule of {op.name or op.kernel.__name__} is {type(rule).__name__} {rule!r:.60}; give {takes}"
        )
    if isinstance(number, int) or (isinstance(number, float) and number.is_integer()):
        return int(number)
    return lambda *values, **attrs: number


def _check_facts(op: Op) -> None:
    """Raise ValueError or TypeError for facts that nobody could read."""
    for symptom, reason in op.reasons.items():
        if symptom not in SYMPTOMS or not isinstance(reason, tuple) or len(reason) != 3:
            raise ValueError(
                f"{op.kind}: {op.name} has reasons={{{symptom!r}: {reason!r:.40}}}; give for one of {SYMPTOMS} a "
                f"triple: a short word, the reason, and what to do"
            )
    if op.extremum not in (None, "maximum", "minimum"):
        raise ValueError(f"{op.kind}: {op.name} has extremum={op.extremum!r}; give 'maximum' or 'minimum'")
    if op.saturates is not None and not callable(op.saturates) and np.shape(op.saturates) != (2,):
        raise ValueError(
            f"{op.kind}: {op.name} has saturates={op.saturates!r}; give both ends, inf where there is none"
        )
    if op.mask is not None and op.mask not in op.defaults:
        raise TypeError(
            f"{op.kind}: {op.name} has no attribute {op.mask!r} for its mask; name one of {list(op.defaults)}"
        )
    if op.spelling is not None:
        try:
            op.spelling.format(*op.inputs, **dict.fromkeys(op.defaults, ""))
        except (IndexError, KeyError, ValueError):
            raise TypeError(
                f"{op.kind}: {op.name} cannot be spelled {op.spelling!r}; give {{}} for each input {list(op.inputs)} "
                f"and {{name}} for attributes {list(op.defaults)}"
            ) from None
    groups = None if op.contracts is None else op.contracts.partition("->")[0].count("(")
    if groups is not None and groups != op.arity:
        raise ValueError(
            f"{op.kind}: {op.name} has contracts={op.contracts!r}; give the axes of each of its {op.arity} inputs, "
            f'as in "(n,k),(k,m)->(n,m)"'
        )


def _parameters(kernel: Callable[..., Any]) -> tuple[tuple[str, ...], int | None, dict[str, Any]]:
    """What a kernel takes: names of the inputs, their number (None for any), and the attributes with their defaults."""
    if isinstance(kernel, np.ufunc):
        return ("x", "y", "z", "w")[: kernel.nin], kernel.nin, {}
    parameters = inspect.signature(kernel).parameters.values()
    names = tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return names, None if variadic else len(names), {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
