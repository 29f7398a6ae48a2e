"""Expressions in the notation of the notes, as lines of text: `dZ2 A1ᵀ`. The LaTeX is written by its sub-class.

Only the writing is changed, by what is certain: `a·(1/b)` is written `a/b`, `(Aᵀ)ᵀ` is `A`, and the signs of
factors are put in front.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ...engine.symbol import SIGNS, SUPERSCRIPT, Symbol, index_text, is_transpose, symbol_of, written_view
from ..scene.labels import is_condition
from ..scene.naming import subscript

_SUM, BIG_SUM, PRODUCT, _MATRIX, POWER, ATOM = 3, 3.5, 4, 5, 8, 9
"""How strongly what is written binds."""
_UNWRITTEN = frozenset(("keepdims", "optimize", "ends"))


def chain_product(g: Any, d: Any) -> Any:
    """What the chain rule passes on: the incoming gradient times the local derivative."""
    return g * d


def unbroadcast(x: Any, *, axes: tuple[int, ...], lead: int) -> Any:
    """A gradient summed over the `axes` along which an input was broadcast, of which the first `lead` go."""
    total = np.sum(x, axis=axes, keepdims=True)
    return np.reshape(total, total.shape[lead:])


class Text:
    """Writes expressions as lines of text.

    >>> A, g = Symbol("A", (2,)), Symbol("dA", (2,))
    >>> Text().write(Symbol.call(chain_product, (g, A * (1 - A))))
    'dA · A(1 − A)'
    """

    column, minus = 0, "−"

    def write(self, x: Any) -> str:
        """`x`, a Symbol or a number, written out."""
        return self.spell(x)[0]

    # ------------------------------------------------------------------------------------ the structure
    def spell(self, x: Any) -> tuple[str, float]:
        """Write `x`, and tell how strongly the outermost sign binds."""
        negative, x = (False, x) if not isinstance(x, Symbol) else _sign(x)
        if negative:
            return f"{self.minus}{self.wrap(x, BIG_SUM)}", _SUM
        if not isinstance(x, Symbol):
            return self.constant(x)
        f, args = x.function, x.args
        if f is None:
            return self.name(x.name), ATOM
        if f in (np.add, np.subtract):
            negative, right = _sign(args[1])
            sign = self.minus if negative != (f is np.subtract) else "+"
            return f"{self.wrap(args[0], _SUM)} {sign} {self.wrap(right, _SUM if sign == '+' else BIG_SUM)}", _SUM
        if f in (np.multiply, chain_product):
            return self._product(f, *args)
        if is_transpose(x):
            if isinstance(args[0], Symbol) and is_transpose(args[0]) and _swaps(x) == _swaps(args[0]):
                return self.spell(args[0].args[0])
            return self.superscript(args[0], self.transposed), POWER
        symbol = symbol_of(x)
        written = (
            self._unary(symbol, *args) if len(args) == 1 else self._binary(symbol, *args) if len(args) == 2 else None
        )
        return written or self._reduction(x) or self._indexed(x) or self._call(x)

    def _unary(self, symbol: str | None, x: Any) -> tuple[str, float] | None:
        """What is written around one operand."""
        if symbol == "1/":
            return self.fraction(1, x)
        if symbol == "²":
            return self.power(x, 2)
        if symbol == "√":
            return self.root(x)
        return (f"|{self.write(x)}|", ATOM) if symbol == "|·|" else None

    def _binary(self, symbol: str | None, left: Any, right: Any) -> tuple[str, float] | None:
        """What is written between two operands."""
        if symbol == "/":
            return self.fraction(left, right)
        if symbol == "@":
            return f"{self.wrap(left, _MATRIX)} {self.wrap(right, _MATRIX + 1)}", _MATRIX
        if symbol == "^":
            if isinstance(right, int | float):
                return self.power(left, right)
            return self.superscript(left, f"^{self.exponent(right)}"), POWER
        if symbol not in SIGNS:
            return None
        sign, strength = SIGNS[symbol]
        return f"{self.wrap(left, strength)}{self.sign(sign)}{self.wrap(right, strength + 1)}", strength

    def wrap(self, x: Any, strength: float) -> str:
        """`x` in brackets unless it binds at least so strongly."""
        text, own = self.spell(x)
        if own >= strength:
            return text
        return f"[{text}]" if is_condition(x) else self.brackets(text)  # Iverson's: 1 where it holds, else 0

    def _product(self, f: Any, left: Any, right: Any) -> tuple[str, float]:
        times = 1
        while f is np.multiply and isinstance(right, Symbol):  # y·y is y²
            if left is right:
                return self.power(right, times + 1)
            if not (isinstance(left, Symbol) and left.function is np.multiply and left.args[1] is right):
                break
            left, times = left.args[0], times + 1
        if times > 1:
            right = np.power(right, times)
        if isinstance(right, Symbol) and right.function is np.divide and _is_number(right.args[0], 1):
            return self.fraction(left, right.args[1])
        a, b = self.wrap(left, PRODUCT), self.wrap(right, PRODUCT)
        return self.times(f, a, b, left, right), PRODUCT

    def _reduction(self, x: Symbol) -> tuple[str, float] | None:
        if x.function is not unbroadcast and x.name not in ("Σ", "mean"):
            return None
        arg, axes = x.args[0], x.kwargs["axes"] if x.function is unbroadcast else x.kwargs.get("axis")
        shape = arg._shape or None if isinstance(arg, Symbol) else None
        chosen = () if axes is None else axes if isinstance(axes, tuple) else (axes,)
        if shape is not None:
            chosen = tuple([a % len(shape) for a in chosen])
            if all(a in chosen or n == 1 for a, n in enumerate(shape)):
                chosen = ()  # nothing is left: the sum of all
        count = None
        if shape is not None:
            count = int(np.prod([n for a, n in enumerate(shape) if not chosen or a in chosen], dtype=int))
        mean, bare = x.name == "mean", isinstance(arg, Symbol) and (arg.function is None or self.column == 1)
        body = self.wrap(arg, ATOM) if bare else self.brackets(self.write(arg))
        return self.big_sum(mean, count, chosen, body, not bare), BIG_SUM if bare or self.column == 1 else POWER

    def _indexed(self, x: Symbol) -> tuple[str, float] | None:
        if x.function is operator.getitem:
            return f"{self.wrap(x.args[0], ATOM)}[{self.verbatim(index_text(x.args[1]))}]", ATOM
        if x.name == "[·]":
            return f"{self.wrap(x.args[0], ATOM)}[{self.verbatim(index_text(x.kwargs['index']))}]", ATOM
        if x.name == "[·]=":
            index = self.verbatim(index_text(x.kwargs["index"]))
            return f"{self.wrap(x.args[0], ATOM)}[{index}] {self.arrow} {self.write(x.args[1])}", 0
        if x.name == "view=" and isinstance(x.kwargs["attrs"], dict):
            return f"{self.write(written_view(x))} {self.arrow} {self.write(x.args[1])}", 0
        return None

    def _call(self, x: Symbol) -> tuple[str, float]:
        named = [
            f"{self.verbatim(k)}={self.write(v)}"
            for k, v in x.kwargs.items()
            if v is not None and k not in _UNWRITTEN
        ]  # fmt: skip
        return self.function_call(x, ", ".join([self.write(a) for a in x.args] + named)), ATOM

    def constant(self, x: Any) -> tuple[str, float]:
        """A number, or what else stands among the arguments of a function."""
        if type(x) in (list, tuple):
            items = ", ".join(map(self.write, x))
            return self.brackets(items + ("," if len(x) == 1 else "")), ATOM
        if isinstance(x, np.generic) or (isinstance(x, np.ndarray) and x.ndim == 0):
            x = x.item()
        if isinstance(x, int | float) and not isinstance(x, bool):
            text = self.number(f"{abs(x):.6g}")
            return (f"{self.minus}{text}", _SUM) if x < 0 else (text, ATOM)
        return self.verbatim(index_text(x) if not isinstance(x, str) else x), ATOM

    # --------------------------------------------------------------------------------------- the signs
    transposed, arrow = "ᵀ", "←"

    def sign(self, sign: str) -> str:
        """A sign between two operands, with its spaces."""
        return sign

    def name(self, name: str) -> str:
        """A name."""
        return name

    def number(self, digits: str) -> str:
        """A number without its sign."""
        return digits.replace("-", "−").replace("inf", "∞")

    def verbatim(self, text: str) -> str:
        """Text that is not mathematics."""
        return text

    def brackets(self, text: str) -> str:
        """`text` in round brackets."""
        return f"({text})"

    def exponent(self, x: Any) -> str:
        """An exponent."""
        return self.wrap(x, ATOM)

    def times(self, f: Any, a: str, b: str, left: Any, right: Any) -> str:
        """A product of the written factors `a` and `b`."""
        if f is chain_product or any(
            isinstance(x, Symbol) and x.function in (np.multiply, chain_product) for x in (left, right)
        ):
            return f"{a} · {b}"
        if b.startswith("(") and a[-1] not in "²³ᵀ":
            return a + b
        tight = not isinstance(left, Symbol) and a[-1].isdigit() and b[0].isalpha() and "(" not in b
        return f"{a}{'' if tight else '·'}{b}"

    def fraction(self, a: Any, b: Any) -> tuple[str, float]:
        """A quotient."""
        return f"{self.wrap(a, PRODUCT)}/{self.wrap(b, POWER)}", PRODUCT

    def power(self, x: Any, n: float) -> tuple[str, float]:
        """`x` to a constant power."""
        return self.spell(x) if n == 1 else (self.superscript(x, f"{n:g}".translate(SUPERSCRIPT)), POWER)

    def superscript(self, x: Any, sign: str) -> str:
        """`x` with a superscript."""
        return self.wrap(x, ATOM) + sign

    def root(self, x: Any) -> tuple[str, float]:
        """The square root."""
        return "√" + self.wrap(x, ATOM), POWER

    def big_sum(self, mean: bool, count: int | None, axes: tuple[int, ...], body: str, bracketed: bool) -> str:
        """A sum or mean over `axes`, all if there are none."""
        sign = ("mean" if mean else "Σ") + "".join(map(subscript, axes)).replace("-", "₋")
        return sign + (body if bracketed else self.brackets(body) if mean else f" {body}")

    def function_call(self, x: Symbol, arguments: str) -> str:
        """A function of arguments."""
        return f"{x.name}({arguments})"


def _sign(x: Any) -> tuple[bool, Any]:
    """Whether `x` is negative by its form, and `x` without that sign."""
    if isinstance(x, int | float | np.number) and not isinstance(x, bool) and x < 0:
        return True, -x
    if not isinstance(x, Symbol):
        return False, x
    if x.function is np.negative:
        negative, inner = _sign(x.args[0])
        return not negative, inner
    if x.function not in (np.multiply, np.divide, chain_product):
        return False, x
    (a, left), (b, right) = _sign(x.args[0]), _sign(x.args[1])
    if not a and not b:
        return False, x
    if x.function is not np.divide and (_is_number(left, 1) or _is_number(right, 1)):
        return a != b, right if _is_number(left, 1) else left
    return a != b, Symbol(x.name, x._shape, x.function, (left, right))


def _is_number(x: object, value: float) -> bool:
    return isinstance(x, int | float | np.number) and bool(x == value)


def _swaps(x: Symbol) -> bool:
    """Whether a transpose exchanges the last two axes, rather than reverse all: of more than two axes they differ."""
    return x.name == "swapaxes"
