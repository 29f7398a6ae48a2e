"""How all charts look: one stylesheet for light and dark, and for each series a colour, a dash and a marker.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which stay apart in all common colour blindness. No
meaning hangs on them alone.
"""

from __future__ import annotations

from ..ink.escape import markup, shorten

LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#1B1F27")
DARK = ("#56B4E9", "#E69F00", "#2BB58C", "#CC79A7", "#F0E442", "#BFE3FA", "#E8ECF3")
"""Of series 1 to 7, the last being the ink. On dark, each is a brighter one of the palette, or lightened."""

DASHES = ("", "7 4", "2 3", "10 3 2 3", "14 4")
MARKERS = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",  # circle
    "M-3.6-3.6h7.2v7.2h-7.2z",  # square
    "M0-4.8L4.6 3.4H-4.6z",  # triangle
    "M0-5L5 0L0 5L-5 0z",  # diamond
    "M0 4.8L4.6-3.4H-4.6z",  # triangle on its tip
    "M-1.5-4.6h3v3.1h3.1v3h-3.1v3.1h-3v-3.1h-3.1v-3h3.1z",  # plus
    "M-4.3-2.2L-2.2-4.3L0-2.1L2.2-4.3L4.3-2.2L2.1 0L4.3 2.2L2.2 4.3L0 2.1L-2.2 4.3L-4.3 2.2L-2.1 0z",  # cross
)
"""Paths around the origin, told apart without colour."""


LONGEST = 110
"""Characters in one text."""


def _scheme(surface: str, ink: str, soft: str, edge: str, colours: tuple[str, ...]) -> str:
    root = ".tg-chart"
    series = "".join(f"{root} .k{k}{{color:{colour}}}" for k, colour in enumerate(colours, 1))
    return (
        f"{root} .surface{{fill:{surface}}}{root} text{{fill:{ink}}}{root} .soft{{fill:{soft}}}"
        f"{root} .grid{{stroke:{edge}}}{root} .axis{{stroke:{soft}}}{root} .mark{{stroke:{surface}}}"
        f"{root} .contour{{stroke:{ink}}}{series}"
    )


STYLE = (
    '.tg-chart{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;'
    "font-variant-numeric:tabular-nums;max-width:100%;height:auto}"
    ".tg-chart .heading{font-size:15px;font-weight:600}.tg-chart .strong{font-weight:600}"
    ".tg-chart .line{fill:none;stroke:currentColor;stroke-width:2.25;stroke-linejoin:round}"
    ".tg-chart .mark,.tg-chart .bar,.tg-chart .cell{fill:currentColor}"
    ".tg-chart .leader{fill:none;stroke:currentColor;stroke-width:1;opacity:.6}"
    ".tg-chart .contour{fill:none;stroke-width:1.5;stroke-linejoin:round}"
    ".tg-chart .outline{fill:none;stroke:currentColor;stroke-width:1.5}"
    ".tg-chart image{image-rendering:pixelated}"
    + _scheme("#FFFFFF", "#1B1F27", "#59626F", "#E3E7ED", LIGHT)
    + f"@media (prefers-color-scheme:dark){{{_scheme('#181E28', '#E8ECF3', '#A3ADBB', '#2F3846', DARK)}}}"
)
"""Every rule is below `.tg-chart`, so that charts inside one page do not touch it, nor each other."""


def series(k: int) -> str:
    """The class of the colour of series `k`, counted from 0; after seven they come again."""
    return f"k{k % len(LIGHT) + 1}"


def px(value: float) -> str:
    """A coordinate, to the hundredth.

    >>> px(2.0), px(-0.001), px(12.345678)
    ('2', '0', '12.35')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def width_of(text: str, size: float = 12) -> float:
    """About how wide `text` is drawn: fonts differ, so on the wide side."""
    return 0.6 * size * len(text)


def text(x: float, y: float, content: str, css: str = "", anchor: str = "start", more: str = "") -> str:
    """A `<text>` element of any content; the middle of a long one is left out."""
    css = css and f' class="{css}"'
    anchor = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text{css} x="{px(x)}" y="{px(y)}"{anchor}{more}>{markup(shorten(content, LONGEST))}</text>'


def marker(k: int, x: float, y: float, more: str = "") -> str:
    """The marker of series `k` at a point."""
    shape = MARKERS[k % len(MARKERS)]
    return f'<path class="mark {series(k)}" transform="translate({px(x)},{px(y)})" d="{shape}"{more}/>'


def dash(k: int) -> str:
    """The attribute that dashes the line of series `k`."""
    pattern = DASHES[k % len(DASHES)]
    return pattern and f' stroke-dasharray="{pattern}"'


def line(x1: float, y1: float, x2: float, y2: float, css: str, more: str = "") -> str:
    """A straight line."""
    return f'<line class="{css}" x1="{px(x1)}" y1="{px(y1)}" x2="{px(x2)}" y2="{px(y2)}"{more}/>'
