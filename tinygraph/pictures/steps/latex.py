"""Expressions and names in LaTeX: `dZ_2 A_1^\\top`, hats, Greek letters, words, and escaping of everything else."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ...engine.symbol import Symbol, declared_op
from ..ink.escape import clean
from .notation import ATOM, POWER, PRODUCT, Text

_SMALL = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_LETTERS = dict(zip("αβγδεζηθικλμνξπρστυφχψω", _SMALL))
_GREEK = {*_SMALL, "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"}
_IN_LATEX = {
    "σ": r"\sigma", "exp": r"\exp", "log": r"\log", "sin": r"\sin", "cos": r"\cos", "tan": r"\tan", "sinh": r"\sinh",
    "cosh": r"\cosh", "tanh": r"\tanh", "arcsin": r"\arcsin", "arccos": r"\arccos", "arctan": r"\arctan",
    "max": r"\max", "min": r"\min", "Π": r"\prod",
}  # fmt: skip
_SIGNS = {
    " or ": r" \lor ",
    " and ": r" \land ",
    " ≠ ": r" \ne ",
    " ≤ ": r" \le ",
    " ≥ ": r" \ge ",
    " mod ": r" \bmod ",
}
_PLAIN = re.compile(r"[\d\s,:…−-]*")
"""An index that LaTeX sets as it is."""
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_NAME = re.compile(
    r"(?P<base>[^\W\d_₀-₉]+)(?:_(?P<accent>hat|bar|tilde|dot|vec))?(?:_?(?P<low>\d+)|_(?P<word>[^\W_₀-₉]+))?"
    r"(?:\[(?P<high>[^\W_]+)\])?(?P<count>[₀₁₂₃₄₅₆₇₈₉]*)"
)
_ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


class Latex(Text):
    """Writes expressions as LaTeX; `gradients` says what each gradient's name is the gradient of.

    >>> from tinygraph.pictures.steps.notation import chain_product
    >>> A, g = Symbol("A1", (2,)), Symbol("dA1", (2,))
    >>> print(Latex({"dA1": "A1"}).write(Symbol.call(chain_product, (g, A * (1 - A)))))
    dA_1 \\odot A_1 \\odot (1 - A_1)
    """

    column, minus = 1, "-"
    transposed, arrow = r"^\top", r"\leftarrow"

    def __init__(self, gradients: dict[str, str] | None = None) -> None:
        self.gradients = gradients or {}

    def sign(self, sign: str) -> str:
        return _SIGNS.get(sign, sign.replace("−", "-"))

    def name(self, name: str) -> str:
        of = self.gradients.get(name)
        return name_in_latex(name) if of is None else "d" + name_in_latex(of)

    def number(self, digits: str) -> str:
        mantissa, e, exponent = digits.partition("e")
        return rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else digits.replace("inf", r"\infty")

    def verbatim(self, text: str) -> str:
        if _PLAIN.fullmatch(text):
            return text.replace("−", "-").replace("…", r"\ldots")
        return rf"\text{{{escape(text)}}}"

    def brackets(self, text: str) -> str:
        high = any(sign in text for sign in (r"\frac", r"\sum", r"\prod"))
        return rf"\left({text}\right)" if high else f"({text})"

    def exponent(self, x: Any) -> str:
        return f"{{{self.write(x)}}}"

    def times(self, f: Any, a: str, b: str, left: Any, right: Any) -> str:
        if _is_array(left) and _is_array(right):
            return rf"{a} \odot {b}"
        if b[0].isdigit():
            return rf"{a} \cdot {b}"
        return f"{a} {b}" if b.startswith((r"\left(", "(")) or not isinstance(left, Symbol) else rf"{a} \, {b}"

    def fraction(self, a: Any, b: Any) -> tuple[str, float]:
        return rf"\frac{{{self.write(a)}}}{{{self.write(b)}}}", PRODUCT

    def power(self, x: Any, n: float) -> tuple[str, float]:
        return self.spell(x) if n == 1 else (self.superscript(x, f"^{{{n:g}}}"), POWER)

    def superscript(self, x: Any, sign: str) -> str:
        text = self.wrap(x, ATOM)
        twice = "^" in text and not text.startswith(("(", r"\left("))  # two superscripts in a row are an error
        return f"{{{text}}}{sign}" if twice else text + sign

    def root(self, x: Any) -> tuple[str, float]:
        return rf"\sqrt{{{self.write(x)}}}", ATOM

    def big_sum(self, mean: bool, count: int | None, axes: tuple[int, ...], body: str, bracketed: bool) -> str:
        scale = "" if not mean else rf"\frac{{1}}{{{'n' if count is None else count}}} "
        over = f"_{{{', '.join(map(str, axes))}}}" if axes else ""
        return rf"{scale}\sum{over} {body}"

    def function_call(self, x: Symbol, arguments: str) -> str:
        op = declared_op(x.function)
        name = op.name if op is not None and not x.name.replace("∘", "").isalpha() else x.name
        parts = [_IN_LATEX.get(part, rf"\operatorname{{{escape(part)}}}") for part in name.split("∘")]
        called = parts[0] if len(parts) == 1 else self.brackets(r" \circ ".join(parts))
        return called + self.brackets(arguments)


def _is_array(x: Any) -> bool:
    """Whether `x` has axes, as far as is known."""
    return x._shape != () if isinstance(x, Symbol) else np.ndim(x) > 0


def escape(text: str) -> str:
    r"""`text` with nothing in it that LaTeX would obey.

    >>> print(escape("a_b{100%}"))
    a\_b\{100\%\}
    """
    return "".join(_ESCAPED.get(c, c) for c in clean(text))


def name_in_latex(name: str) -> str:
    r"""A name as mathematics writes it; one that does not read as such as text.

    >>> [name_in_latex(n) for n in ("Z1", "W_1", "A[2]", "Y_hat", "theta", "v₁₂", "W_out")]
    ['Z_1', 'W_1', 'A^{[2]}', '\\hat{Y}', '\\theta', 'v_{12}', 'W_{\\mathrm{out}}']
    >>> print(name_in_latex("layers.0.weight"), name_in_latex("⟨my weights⟩"))
    \text{layers.0.weight} \text{my weights}
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return rf"\text{{{escape(name.removeprefix('⟨').removesuffix('⟩'))}}}"
    base, accent, low, word, high, count = match.group("base", "accent", "low", "word", "high", "count")
    written = _word(base)
    if accent is not None:
        written = rf"\{accent}{{{written}}}"
    lows = [low or (None if word is None else _word(word)), count.translate(_DIGITS) or None]
    below = ",".join(part for part in lows if part)
    above = "" if high is None else f"^{{[{high}]}}"
    return written + _script("_", below) + above


def _word(text: str) -> str:
    if text in _GREEK:
        return rf"\{text}"
    if text in _LETTERS:
        return rf"\{_LETTERS[text]}"
    return text if len(text) == 1 else rf"\mathrm{{{text}}}"


def _script(sign: str, text: str) -> str:
    return "" if not text else f"{sign}{text}" if len(text) == 1 else f"{sign}{{{text}}}"
