"""Draws docs/img/floors.svg: the rooms of tinygraph/ on their floors, and who uses whom, read off the imports.

An arrow that follows from others is left out: who uses pictures, which use explain, may use explain as well.

Run: python docs/draw_floors.py          (with --check: compare only, exit code 1 when the picture is out of date)
"""

from __future__ import annotations

import pathlib
import sys

from floors import FLOOR_OF, FLOORS, Imports, rooms

PICTURE = pathlib.Path(__file__).parent / "img" / "floors.svg"
WIDTH, HEIGHT, GAP, STOREY, EDGE = 116, 32, 34, 74, 24
INK, LINE, FILL, BAND = "#1B1B1B", "#767676", "#DDEBF7", "#F4F4F4"


def arrows(used: Imports) -> list[tuple[str, str]]:
    """Return the pairs of rooms between which no other way leads, in the order of the table."""
    below = {room: {other for other in others if FLOOR_OF[other] < FLOOR_OF[room]} for room, others in used.items()}
    reached: Imports = {}
    for room in sorted(below, key=FLOOR_OF.__getitem__):
        reached[room] = below[room].union(*[reached[other] for other in below[room]])
    return [
        (room, other)
        for room in FLOOR_OF
        for other in FLOOR_OF
        if other in below.get(room, ()) and not any(other in reached[between] for between in below[room])
    ]


def places(used: Imports) -> dict[str, tuple[float, float]]:
    """Return the middle of each room's box: floors above each other, the rooms of one floor centred in a row."""
    middle = EDGE + max(map(len, FLOORS)) * (WIDTH + GAP) / 2
    found = {}
    for number, floor in enumerate(FLOORS):
        there = [room for room in floor if room in used]
        for k, room in enumerate(there):
            found[room] = (middle + (k - (len(there) - 1) / 2) * (WIDTH + GAP), EDGE + HEIGHT / 2 + number * STOREY)
    return found


def way(room: str, other: str, at: dict[str, tuple[float, float]]) -> str:
    """Return the path of an arrow: from box to box, on the floors between through the nearest gap beside the boxes."""
    (x, y), (end, bottom) = at[room], at[other]
    path, y = f"M{x:g} {y + HEIGHT / 2:g}", y + HEIGHT / 2
    for number in range(len(FLOORS) - FLOOR_OF[room], len(FLOORS) - FLOOR_OF[other]):
        level = EDGE + number * STOREY
        there = [at[r][0] for r in FLOORS[number] if r in at]
        gaps = sorted(middle + side * (WIDTH + GAP) / 2 for middle in there for side in (-1, 1))
        detours = [(abs(gap - x) + abs(gap - end), gap) for gap in gaps]
        to = end if level + HEIGHT > bottom else min(detours)[1]
        bend = (level - y) / 2
        path += f"C{x:g} {y + bend:g} {to:g} {level - bend:g} {to:g} {level:g}"
        if level + HEIGHT < bottom:
            path += f"V{level + HEIGHT}"
        x, y = to, level + HEIGHT
    return path


def svg() -> str:
    """Return the picture."""
    used = rooms()
    if missing := used.keys() - FLOOR_OF:
        sys.exit(f"draw_floors: no floor for {', '.join(sorted(missing))}; give it one in docs/floors.py")
    at = places(used)
    width = 2 * EDGE + max(map(len, FLOORS)) * (WIDTH + GAP)
    height = 2 * EDGE + HEIGHT + (len(FLOORS) - 1) * STOREY
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="Helvetica,Arial,sans-serif" font-size="13">',
        "<title>The rooms of tinygraph on their floors; an arrow leads from a room to one that it uses</title>",
        f'<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{LINE}"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#FFFFFF"/>',
    ]
    for number in range(len(FLOORS)):
        top = EDGE - 8 + number * STOREY
        lines.append(f'<rect x="8" y="{top}" width="{width - 16}" height="{HEIGHT + 16}" rx="6" fill="{BAND}"/>')
    for room, other in arrows(used):
        lines.append(
            f'<path d="{way(room, other, at)}" fill="none" stroke="{LINE}" stroke-width="1.4" marker-end="url(#tip)"/>'
        )
    for room, (x, y) in at.items():
        corner = f'x="{x - WIDTH / 2:g}" y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}"'
        lines.append(f'<rect {corner} rx="5" fill="{FILL}" stroke="{INK}"/>')
        lines.append(f'<text x="{x:g}" y="{y + 4.5:g}" text-anchor="middle" fill="{INK}">{room}</text>')
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    """Write the picture, or with --check compare it."""
    drawn = svg()
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(drawn, encoding="utf-8")
    elif not PICTURE.exists() or PICTURE.read_text(encoding="utf-8") != drawn:
        sys.exit("docs/img/floors.svg is out of date; run: python docs/draw_floors.py")


if __name__ == "__main__":
    main()
