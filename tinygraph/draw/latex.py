"""Names in LaTeX: subscripts and superscripts, hats, Greek letters, words, and escaping of everything else."""

from __future__ import annotations

import re

_SMALL = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_LETTERS = dict(zip("αβγδεζηθικλμνξπρστυφχψω", _SMALL))
_GREEK = {*_SMALL, "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"}
_ACCENTS = {"hat": "hat", "bar": "bar", "tilde": "tilde", "dot": "dot", "vec": "vec"}
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_NAME = re.compile(
    r"(?P<base>[^\W\d_₀-₉]+)(?:_(?P<accent>hat|bar|tilde|dot|vec))?(?:_?(?P<low>\d+)|_(?P<word>[^\W_₀-₉]+))?"
    r"(?:\[(?P<high>[^\W_]+)\])?(?P<count>[₀₁₂₃₄₅₆₇₈₉]*)"
)
_ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def escaped(text: str) -> str:
    r"""`text` with nothing in it that LaTeX would obey.

    >>> print(escaped("a_b{100%}"))
    a\_b\{100\%\}
    """
    return "".join(_ESCAPED.get(c, c) for c in text)


def name_in_latex(name: str) -> str:
    r"""A name as mathematics writes it; one that does not read as such as text.

    >>> [name_in_latex(n) for n in ("Z1", "W_1", "A[2]", "Y_hat", "theta", "v₁₂", "W_out")]
    ['Z_1', 'W_1', 'A^{[2]}', '\\hat{Y}', '\\theta', 'v_{12}', 'W_{\\mathrm{out}}']
    >>> print(name_in_latex("layers.0.weight"))
    \text{layers.0.weight}
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return rf"\text{{{escaped(name)}}}"
    base, accent, low, word, high, count = match.group("base", "accent", "low", "word", "high", "count")
    written = _word(base)
    if accent is not None:
        written = rf"\{_ACCENTS[accent]}{{{written}}}"
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
