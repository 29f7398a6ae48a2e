"""Declaring an operation: a kernel in plain NumPy and one rule per input; recording is derived from it.

Three kinds. `elementwise` takes one local derivative per input, `(output, *inputs) -> array`. `linear` and
`primitive` take one vector-Jacobian product per input, `(gradient, output, *inputs) -> array`; `linear` adds
that the kernel itself pushes tangents forward. The same lambdas run on arrays, on Tensors and on Symbols.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .lending import guarded_kernel, guarded_rule
from .op import Function, Kind, Op, Reasons, Rule
from .record import recorder

registry: list[Op] = []
"""Every declared op in the order of declaration, users' own included."""
ufuncs: dict[np.ufunc, Function] = {}
"""Which op a NumPy ufunc records."""
loaders: list[Callable[[np.ufunc], None]] = []
"""Asked for a ufunc that no op is declared on; each may declare it, such as those of scipy.special."""


def function_of(ufunc: np.ufunc) -> Function | None:
    """The function that runs a NumPy ufunc on Tensors and records it, or None where no op is declared on it."""
    if ufunc not in ufuncs:
        for load in loaders:
            load(ufunc)
    return ufuncs.get(ufunc)


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
    saturates: tuple[float, float] | Callable[..., Any] | None = None,
    extremum: str | None = None,
    reasons: Reasons | None = None,
    spelling: str | None = None,
    name: str | None = None,
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

    What `tg.why`, `tg.detect_anomaly` and `tg.diagnose` say of the op: `saturates` gives the ends of its range near
    which its slope fades to 0, such as (0, 1) for the sigmoid, inf for no such end; a pair, or
    `(output, *inputs, **attributes) -> pair`. `extremum` is "maximum" or "minimum" where the result is one of the
    inputs. `reasons` says by symptom why, in words of your own: "singular" (not finite at a point, but beside it),
    "overflow" or "zero" (no gradient passes), each a triple: a short stable word, the reason, in which `{op}` stands
    for the op, and what to do.

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
                    holomorphic=holomorphic, conjugates=conjugates, saturates=saturates, extremum=extremum,
                    reasons=reasons, spelling=spelling, name=name)  # fmt: skip


def linear(
    *vjps: Rule,
    symbol: str | None = None,
    onnx: str | None = None,
    selects: bool = False,
    rowwise: bool = False,
    holomorphic: bool = True,
    conjugates: bool = False,
    rearranges: bool = False,
    contracts: str | None = None,
    reasons: Reasons | None = None,
    fresh: bool = False,
    mask: str | None = None,
    spelling: str | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Function]:
    """Declare an op that is linear in each differentiable input, by one vector-Jacobian product per input.

    Each rule is `(g, output, *inputs, **attributes) -> array`. The forward rule is the kernel run on tangents.
    A variadic kernel `f(*xs)` takes one rule that is told which input by the keyword `wrt`. `selects` says
    that unselected elements contribute exactly zero, whatever lies behind them; `rowwise` that the rules also
    take many gradients at once, stacked along a leading axis; `holomorphic=False` that the kernel is another function
    of complex arrays, or takes none; `conjugates`, `reasons` and `spelling` are those of `elementwise`.

    `fresh` says that the result is never a view of an input, so that a compiled step may write over the input. `mask`
    names the attribute whose True elements are selected, as many as there are. `rearranges` says that the result holds
    the elements of its one input and nothing else, in other places; `contracts` is which axes a product sums over, as
    NumPy writes it for generalized ufuncs: "(n,k),(k,m)->(n,m)". By it `tg.diagnose` knows a layer.

    >>> import numpy as np
    >>> @linear(lambda g, y, x, *, times: g * times)
    ... def scale(x, *, times):
    ...     return x * times
    >>> float(scale(2.0, times=3))
    6.0
    """
    return _declare("linear", vjps, symbol=symbol, onnx=onnx, selects=selects, rowwise=rowwise,
                    holomorphic=holomorphic, conjugates=conjugates, rearranges=rearranges, contracts=contracts,
                    reasons=reasons, fresh=fresh, mask=mask, spelling=spelling, name=name)  # fmt: skip


def primitive(
    *vjps: Rule,
    jvp: Callable[..., Any] | None = None,
    symbol: str | None = None,
    onnx: str | None = None,
    domain: tuple[float, float] | None = None,
    ties: Callable[..., Any] | None = None,
    holomorphic: bool = False,
    conjugates: bool = False,
    extremum: str | None = None,
    contracts: str | None = None,
    reasons: Reasons | None = None,
    fresh: bool = False,
    spelling: str | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Function]:
    """Declare any other op, by one vector-Jacobian product per input.

    Each rule is `(g, output, *inputs, **attributes) -> array`; None for an input without derivative. The
    forward rule `jvp` is `(tangents, output, *inputs, **attributes) -> array` with None for a missing
    tangent; without it, the reverse rule is transposed. `ties`, `holomorphic`, `conjugates`, `extremum`, `reasons`
    and `spelling` are those of `elementwise`, `contracts` and `fresh` those of `linear`.

    >>> import numpy as np
    >>> @primitive(lambda g, y, x: 2 * g * x)
    ... def squared_norm(x):
    ...     return np.sum(x * x)
    >>> float(squared_norm(np.array([3.0, 4.0])))
    25.0
    """
    return _declare("primitive", vjps, jvp=jvp, symbol=symbol, onnx=onnx, domain=domain, ties=ties,
                    holomorphic=holomorphic, conjugates=conjugates, extremum=extremum, contracts=contracts,
                    reasons=reasons, fresh=fresh, spelling=spelling, name=name)  # fmt: skip


def _declare(kind: Kind, rules: tuple[Rule, ...], **facts: Any) -> Callable[[Callable[..., Any]], Function]:
    def declare(kernel: Callable[..., Any]) -> Function:
        op = define(Op(kind, kernel, rules, **{fact: value for fact, value in facts.items() if value is not None}))
        if isinstance(kernel, np.ufunc):
            op.function.__module__ = sys._getframe(1).f_globals["__name__"]  # where it is declared, as for any kernel
            ufuncs.setdefault(kernel, op.function)
        registry.append(op)
        return op.function

    return declare


def define(op: Op) -> Op:
    """Make the function that runs and records `op`, and put it into `op.function`; returns `op`.

    The registry is left as it is: for ops of the library's own that nobody is to find there.
    """
    guarded = {
        "kernel": guarded_kernel(op.kernel, op.name),
        "rules": tuple([guarded_rule(rule, op.local) for rule in op.rules]),
        "jvp": guarded_rule(op.jvp, False),
    }
    for fact, value in guarded.items():
        object.__setattr__(op, fact, value)
    function: Any = recorder(op)
    function.op, function.__name__, function.__qualname__ = op, op.name, op.name
    function.__signature__ = op.signature()
    if isinstance(op.kernel, np.ufunc):
        function.__doc__ = f"NumPy's `{op.kernel.__name__}`, recorded in the graph when given a Tensor."
    else:
        function.__module__ = op.kernel.__module__
        doc = inspect.getdoc(op.kernel)
        function.__doc__ = doc or f"NumPy's `{op.name}`, recorded in the graph when given a Tensor."
    object.__setattr__(op, "function", function)  # the one fact that comes after the op: how it is called
    return op
