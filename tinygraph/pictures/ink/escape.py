"""Names and other foreign text made safe: for the eye, for markup, DOT, Mermaid and scripts, and spelled in ASCII."""

from __future__ import annotations

import re
import unicodedata

_CONTROL = {c: 0x2400 + c for c in range(32)} | {127: 0x2421}
_UNSAFE = re.compile("[\x80-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Not allowed in XML, or able to reorder or break the text around: C1 controls, direction marks, lone surrogates."""

_SCRIPT = re.compile("[<\u2028\u2029\ud800-\udfff]")
_MERMAID = re.compile(r"[#&<>\"'`\\\[\]{}|;_*~$]")
_ENTITIES = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;"}
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_ASCII = {
    "−": "-", "⁻": "-", "·": "*", "×": "x", "ᵀ": ".T", "ᴴ": ".H", "…": "...", "↑": "^", "→": "->", "∂": "d", "Σ": "sum",
    "√": "sqrt", "σ": "sigma", "∞": "inf", "⟨": "<", "⟩": ">", "≤": "<=", "≥": ">=", "≠": "!=",
    "±": "+-", "∛": "cbrt", "Π": "prod", "∘": "o", "←": "<-", "₋": "-", "�": "?", "│": "|", "├": "|", "─": "-",
    **dict(zip("▁▂▃▄▅▆▇█", "_.:-=+*#", strict=True)),
    **{chr(0x2460 + k): f"({k + 1})" for k in range(20)},
}  # fmt: skip
"""How signs of mathematics are spelled that are not letters with marks; superscripts get a ^ before."""


def clean(text: str) -> str:
    """`text` with every character that has no picture of its own replaced by one.

    >>> clean("a\\nb\\0")
    'a␊b␀'
    """
    return _UNSAFE.sub("�", text.translate(_CONTROL))


def markup(text: str) -> str:
    """`text` for an HTML-like label or any XML: the only way foreign text gets into a picture.

    >>> markup('<b> & "q"')
    '&lt;b&gt; &amp; &quot;q&quot;'
    """
    return clean(text).translate(_MARKUP)


def string(text: str) -> str:
    """`text` for a DOT attribute, where a backslash starts an escape."""
    import graphviz  # late: importing tinygraph must stay cheap

    return graphviz.escape(clean(text))  # type: ignore[no-any-return]


def shorten(text: str, length: int) -> str:
    """`text` of at most `length` characters: the middle of a longer one is left out.

    >>> shorten("a_rather_long_name", 9)
    'a_ra…name'
    """
    if len(text) <= length:
        return text
    head = length // 2
    return f"{text[:head]}…{text[head + 1 - length :]}"


def mermaid(text: str) -> str:
    """`text` inside the double quotes of a Mermaid label: what it would take for markup, as entities.

    >>> mermaid('a "b" <c> #1')
    'a #quot;b#quot; #lt;c#gt; #35;1'
    """
    return _MERMAID.sub(lambda found: _ENTITIES.get(found[0]) or f"#{ord(found[0])};", clean(text))


def script(json: str) -> str:
    """JSON inside a `<script>` element, which nothing in it can end, and that can be encoded.

    >>> print(script('["</script>"]'))
    ["\\u003c/script>"]
    """
    return _SCRIPT.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


def ascii(text: str) -> str:
    """`text` in ASCII, for what can show nothing else: other letters by their numbers.

    >>> ascii("② v₂ = Wᵀ @ x² − π")
    '(2) v2 = W.T @ x^2 - \\\\u03c0'
    """
    raised = _RAISED.sub(lambda found: f"^{found[0]}", clean(text))
    spelled = "".join([c if c.isascii() else _ASCII.get(c) or unicodedata.normalize("NFKD", c) for c in raised])
    return spelled.encode("ascii", "backslashreplace").decode()
