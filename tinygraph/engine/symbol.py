"""Symbols: kernels and rules run on them write themselves, as text for pictures and as calls for the compiler.

`sigmoid`'s rule `lambda a, x: a * (1 - a)` run on `Symbol("a")` prints `a(1 − a)`: the picture cannot disagree
with the code, because it is the code.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import GraphError
from .declare import ufuncs
from .node import Symbolic
from .op import Op
from .trees import map_leaves

_ATOM = 9
SIGNS: dict[str | None, tuple[str, int]] = {
    "or": (" or ", 1), "|": (" or ", 1), "and": (" and ", 1), "&": (" and ", 1),
    "=": (" = ", 2), "≠": (" ≠ ", 2), "<": (" < ", 2), "≤": (" ≤ ", 2), ">": (" > ", 2), "≥": (" ≥ ", 2),
    "+": (" + ", 3), "−": (" − ", 3), "/": ("/", 4), "@": (" @ ", 4), "mod": (" mod ", 4), "^": ("^", 6),
}  # fmt: skip
"""By the symbol that an op of two inputs is declared with: what is written between them, and how strongly it binds.

The product is not among them: × is that of vectors, too, and between numbers it is often not written.
"""
SUPERSCRIPT = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")


class Symbol(np.lib.mixins.NDArrayOperatorsMixin, Symbolic):
    """A name, or a function applied to symbols and numbers.

    `str(symbol)` is mathematics for people, `evaluate(values)` computes it, and `function`, `args`, `kwargs`
    are the expression for programs (a name has `function` None).

    >>> a = Symbol("a")
    >>> print(a * (1 - a), "|", np.exp(-a) / 2, "|", np.where(a > 0, 1, 0))
    a(1 − a) | exp(−a)/2 | where(a > 0, 1, 0)
    """

    __slots__ = ("name", "function", "args", "kwargs", "_shape")

    def __init__(
        self,
        name: str,
        shape: tuple[int, ...] | None = None,
        function: Callable[..., Any] | None = None,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.name, self._shape = name, shape
        self.function, self.args, self.kwargs = function, args, dict(kwargs or {})

    @staticmethod
    def call(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any] | None = None) -> Symbol:
        """The symbol for `function(*args, **kwargs)`."""
        return Symbol(_name_of(function), _shape_of(function, args, kwargs or {}), function, tuple(args), kwargs)

    def write(self, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Symbol:
        """An op applied to symbols stays one step: `σ(z)` is not spelled out."""
        if isinstance(op.kernel, np.ufunc):
            return Symbol.call(op.kernel, inputs)
        return Symbol.call(op.function, inputs, {k: v for k, v in attrs.items() if v is not op.defaults.get(k)})

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Symbol:
        return Symbol.call(ufunc if method == "__call__" else getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Symbol:
        return Symbol.call(function, args, kwargs)

    def __getitem__(self, index: Any) -> Symbol:
        return Symbol.call(operator.getitem, (self, index))

    def __bool__(self) -> bool:
        raise GraphError(f"Symbol: a rule branches on the value of {self}; use np.where")

    def __iter__(self) -> Any:
        raise GraphError(f"Symbol: a rule iterates over {self}; use NumPy functions")

    __hash__ = object.__hash__

    def astype(self, dtype: Any) -> Symbol:
        """A cast changes no mathematics and is not written."""
        return self

    def reshape(self, shape: tuple[int, ...]) -> Symbol:
        """The elements in a new shape."""
        return Symbol.call(np.reshape, (self, shape))

    def sum(self, axis: Any = None, keepdims: bool = False) -> Symbol:
        """The sum along `axis`."""
        return Symbol.call(np.sum, (self,), {"axis": axis, "keepdims": keepdims})

    @property
    def dtype(self) -> None:
        """Not known; a rule names it only to cast, which is not written."""
        return None

    @property
    def T(self) -> Symbol:  # noqa: N802  NumPy's name
        """The transpose."""
        return Symbol.call(np.transpose, (self,))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape, where it is known."""
        if self._shape is None:
            raise GraphError(f"Symbol: the shape of {self} is not known; a label must not depend on it")
        return self._shape

    @property
    def ndim(self) -> int:
        """Number of axes, where it is known."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements, where it is known."""
        return int(np.prod(self.shape))

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Compute the expression with NumPy, names replaced by `values`."""
        if self.function is None:
            return values[self.name]

        def value(x: Any) -> Any:
            return x.evaluate(values) if isinstance(x, Symbol) else x

        return self.function(*map_leaves(self.args, value), **map_leaves(self.kwargs, value))

    def __str__(self) -> str:
        return _render(self)[0]

    def __repr__(self) -> str:
        return f"Symbol({str(self)!r})"


_NAMES: dict[Any, str] = {np.sum: "Σ", np.prod: "Π", np.max: "max", np.min: "min"}
"""NumPy's functions that rules call where an op would say its symbol: no op is declared on them, as on ufuncs."""
_UNWRITTEN = frozenset(("keepdims", "optimize", "ends"))
"""Arguments that say how and not what: the shapes in the picture show it."""


def declared_op(function: Any) -> Op | None:
    """The operation that a Symbol's function is: NumPy's own, or one of ours."""
    return getattr(ufuncs.get(function, function), "op", None)


def _name_of(function: Any) -> str:
    if function in _NAMES:
        return _NAMES[function]
    op = declared_op(function)
    name = str(getattr(function, "__name__", function))
    if op is None or op.symbol is None:
        return name
    # max, mod; signs such as + are written between or around instead
    return op.symbol if op.symbol.isalpha() or not isinstance(function, np.ufunc) else name


def _shape_of(function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Shape of a call, for the functions of which rules ask it: elementwise ones and axis permutations."""
    shapes = [a._shape if isinstance(a, Symbol) else np.shape(a) for a in args[:3] if not isinstance(a, tuple)]
    if not shapes or any(s is None for s in shapes):
        return None
    if function is np.linalg.inv:
        return shapes[0]
    if function is np.matmul and min(len(s) for s in shapes if s is not None) > 1:
        left, right = shapes  # batches broadcast
        with contextlib.suppress(ValueError):
            return (*np.broadcast_shapes(left[:-2], right[:-2]), left[-2], right[-1])  # type: ignore[index]
        return None
    if (isinstance(function, np.ufunc) and function.signature is None) or function is np.where:
        with contextlib.suppress(ValueError):
            return np.broadcast_shapes(*shapes)  # type: ignore[arg-type]
        return None
    if function in (np.swapaxes, np.transpose, np.moveaxis, np.expand_dims, np.reshape, operator.getitem):
        stand_in = np.broadcast_to(np.empty(()), shapes[0])  # type: ignore[arg-type]
        with contextlib.suppress(ValueError, IndexError):
            return tuple(function(stand_in, *args[1:], **kwargs).shape)
    return None


# ------------------------------------------------------------------------------------------------ printing


def _render(x: Any) -> tuple[str, int]:
    """Text and binding strength."""
    if isinstance(x, Symbol):
        return (x.name, _ATOM) if x.function is None else _render_call(x)
    if isinstance(x, str):
        return f'"{x}"', _ATOM
    if isinstance(x, float) and np.isinf(x):
        return ("∞", _ATOM) if x > 0 else ("−∞", 5)
    if isinstance(x, float | int | np.generic) or (isinstance(x, np.ndarray) and x.ndim == 0):
        text = f"{x.item() if isinstance(x, np.generic | np.ndarray) else x:.6g}" if not isinstance(x, bool) else str(x)
        return (text.replace("-", "−"), _ATOM if not text.startswith("-") else 5)
    if isinstance(x, np.ndarray):
        return f"array{x.shape}".replace(" ", ""), _ATOM
    if isinstance(x, tuple | list):
        return "(" + ", ".join(_render(i)[0] for i in x) + ("," if len(x) == 1 else "") + ")", _ATOM
    if isinstance(x, slice):
        return ":".join("" if i is None else str(i) for i in (x.start, x.stop, x.step)[: 3 if x.step else 2]), _ATOM
    return getattr(x, "__name__", None) or ("…" if x is Ellipsis else str(x)), _ATOM


def _wrapped(x: Any, strength: int) -> str:
    text, own = _render(x)
    return text if own >= strength else f"({text})"


def _render_call(x: Symbol) -> tuple[str, int]:
    f, args = x.function, x.args
    if f is np.multiply:
        return _render_product(*args)
    if is_transpose(x):
        return _wrapped(args[0], _ATOM) + "ᵀ", 8
    symbol = symbol_of(x)
    if len(args) == 2 and symbol in SIGNS:
        if symbol == "^" and isinstance(args[1], int | float):
            if args[1] == 1:
                return _render(args[0])
            return _wrapped(args[0], _ATOM) + f"{args[1]:g}".translate(SUPERSCRIPT), 8
        sign, strength = SIGNS[symbol]
        return _wrapped(args[0], strength) + sign + _wrapped(args[1], strength + 1), strength
    if len(args) == 1 and symbol == "²":
        return _wrapped(args[0], _ATOM) + "²", 8
    if len(args) == 1 and symbol == "−":
        return "−" + _wrapped(args[0], 4), 4
    if len(args) == 1 and symbol == "1/":
        return "1/" + _wrapped(args[0], 5), 4
    if len(args) == 1 and symbol == "|·|":
        return f"|{_render(args[0])[0]}|", _ATOM
    if len(args) == 1 and symbol == "√":
        return "√" + _wrapped(args[0], _ATOM), 8
    if f is operator.getitem:
        return f"{_wrapped(args[0], _ATOM)}[{index_text(args[1])}]", _ATOM
    if x.name == "[·]":
        return f"{_wrapped(args[0], _ATOM)}[{index_text(x.kwargs['index'])}]", _ATOM
    if x.name == "[·]=":
        return f"{_wrapped(args[0], _ATOM)}[{index_text(x.kwargs['index'])}] ← {_render(args[1])[0]}", 0
    if x.name == "view=" and isinstance(x.kwargs["attrs"], dict):
        return f"{_render(written_view(x))[0]} ← {_render(args[1])[0]}", 0
    named = [f"{k}={_render(v)[0]}" for k, v in x.kwargs.items() if v is not None and k not in _UNWRITTEN]
    return f"{x.name}({', '.join([_render(a)[0] for a in args] + named)})", _ATOM


def symbol_of(x: Symbol) -> str | None:
    """The symbol that the op is declared with, by which its sign is chosen; None where it has none."""
    op = declared_op(x.function)
    return None if op is None else op.symbol


def written_view(x: Symbol) -> Any:
    """The left side of a write into a view: that view of what is written into."""
    return x.kwargs["view"].function(x.args[0], **x.kwargs["attrs"])


def is_transpose(x: Symbol) -> bool:
    """Whether it is the matrix transpose: all axes reversed, or the last two exchanged."""
    if x.name == "swapaxes":
        return {*x.args[1:], *x.kwargs.values()} == {-1, -2}
    plain = x.function is np.transpose or x.name == "ᵀ"
    return plain and all(a is None for a in (*x.args[1:], *x.kwargs.values()))


def index_text(index: Any) -> str:
    """An index as it stands between brackets.

    >>> index_text((slice(None), 0))
    ':, 0'
    """
    text = _render(index)[0]
    return text[1:-1].rstrip(",") if isinstance(index, tuple) and index else text


def _render_product(left: Any, right: Any) -> tuple[str, int]:
    times = 1
    while isinstance(right, Symbol):  # y·y is y²
        if left is right:
            return _wrapped(right, _ATOM) + str(times + 1).translate(SUPERSCRIPT), 8
        if not (isinstance(left, Symbol) and left.function is np.multiply and left.args[1] is right):
            break
        left, times = left.args[0], times + 1
    b = _wrapped(right, 5) if times == 1 else _wrapped(right, _ATOM) + str(times).translate(SUPERSCRIPT)
    if isinstance(left, int | float) and left == -1:
        return "−" + b, 4
    a = _wrapped(left, 4)
    number = a.replace(".", "").isdigit()
    tight = b.startswith("(") or (number and b[0].isalpha() and "(" not in b)
    return f"{a}{'' if tight and a[-1] not in '²³ᵀ' else '·'}{b}", 4


# ------------------------------------------------------------------------------------------------- labels


def derivative(
    op: Op,
    index: int,
    *,
    output: str | Symbol,
    inputs: Sequence[Any],
    attrs: Mapping[str, Any],
    shapes: Sequence[tuple[int, ...] | None] = (),
    gradient: str | Symbol = "g",
) -> Any:
    """The rule of input `index` written out: a Symbol, a number, or None where it cannot be written.

    For an elementwise op this is the local derivative, else the vector-Jacobian product of the incoming
    gradient, called `gradient`. `inputs` are names, or numbers for constants; `shapes` those of the output and
    the inputs, where rules ask. A Symbol in place of a name stands as it is.

    >>> import tinygraph as tg
    >>> print(derivative(tg.sigmoid.op, 0, output="a", inputs=["z"], attrs={}))
    a(1 − a)
    """
    rule = op.rule(index)
    if rule is None or not callable(rule):
        return rule
    known = list(shapes) or [None] * (1 + len(inputs))
    y = Symbol(output, known[0]) if isinstance(output, str) else output
    g = Symbol(gradient, known[0]) if isinstance(gradient, str) else gradient
    xs = [Symbol(x, s) if isinstance(x, str) else x for x, s in zip(inputs, known[1:], strict=True)]
    try:
        if op.kind == "elementwise":
            return rule(y, *xs, **attrs)
        return rule(g, y, *xs, **attrs)
    except Exception:
        return None  # the rule needs facts a symbol does not have: pictures then name the op alone
