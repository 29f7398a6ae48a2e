"""Reads charts back: the elements of an SVG, and points in data units from its ticks."""

from __future__ import annotations

import base64
import re
import struct
import xml.etree.ElementTree as ET
import zlib

import numpy as np

import tinygraph as tg

NUMBER = r"-?[0-9.]+"
SVG = "{http://www.w3.org/2000/svg}"


def root(chart: tg.plot.Chart) -> ET.Element:
    """The parsed SVG."""
    return ET.fromstring(chart.svg())


def texts(chart: tg.plot.Chart) -> list[str]:
    """All texts that are to be seen."""
    return [t.text or "" for t in root(chart).iter(f"{SVG}text")]


def classed(chart: tg.plot.Chart, tag: str, css: str) -> list[ET.Element]:
    """The elements with this tag and class."""
    return [e for e in root(chart).iter(f"{SVG}{tag}") if css in e.get("class", "").split()]


def to_number(text: str) -> float:
    """A tick's label as a number."""
    text = text.replace("−", "-").replace(",", "")
    if "10" in text and any(c in text for c in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"):
        return 10.0 ** int(text[2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    return float(text)


def _axis(chart: tg.plot.Chart, anchor: str, key: str) -> tuple[list[float], list[float]]:
    """(pixels, values) of the ticks: the soft numbers with this anchor."""
    found = [
        (float(t.get(key, "nan")) - (4 if key == "y" else 0), to_number(t.text or ""))
        for t in classed(chart, "text", "soft")
        if t.get("text-anchor") == anchor and re.fullmatch(r"[−0-9.,e]+|10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", t.text or "")
    ]
    pixels, values = zip(*found)
    return list(pixels), list(values)


def in_data(chart: tg.plot.Chart, points: list[tuple[float, float]], log: bool = False) -> np.ndarray:
    """Pixels as (x, y) in the units of the ticks."""
    (px, x), (py, y) = _axis(chart, "middle", "x"), _axis(chart, "end", "y")
    ys = np.log10(y) if log else np.array(y)
    fx, fy = np.polyfit(px, x, 1), np.polyfit(py, ys, 1)
    where = np.array(points, float).reshape(-1, 2)
    up = np.polyval(fy, where[:, 1])
    return np.stack([np.polyval(fx, where[:, 0]), 10**up if log else up], axis=1)


def vertices(path: ET.Element) -> list[list[tuple[float, float]]]:
    """The strokes of a curve, each a list of points."""
    strokes = [stroke.replace("h0", "").split("L") for stroke in path.get("d", "").split("M")[1:]]
    return [[(float(x), float(y)) for x, y in (point.split() for point in stroke)] for stroke in strokes]


def markers(chart: tg.plot.Chart) -> list[tuple[float, float]]:
    """Where the markers stand."""
    found = []
    for mark in classed(chart, "path", "mark"):
        place = re.fullmatch(rf"translate\(({NUMBER}),({NUMBER})\)", mark.get("transform", ""))
        assert place
        found.append((float(place[1]), float(place[2])))
    return found


def pictures(chart: tg.plot.Chart) -> list[np.ndarray]:
    """The embedded PNG images, decoded: (height, width, channels)."""
    found = []
    for element in root(chart).iter(f"{SVG}image"):
        head, data = element.get("href", "").split(",")
        assert head == "data:image/png;base64"
        found.append(decoded(base64.b64decode(data)))
    return found


def decoded(file: bytes) -> np.ndarray:
    """The pixels of a PNG whose rows are not filtered."""
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(file):
        (length,) = struct.unpack(">I", file[at : at + 4])
        kind, content = file[at + 4 : at + 8], file[at + 8 : at + 8 + length]
        assert struct.unpack(">I", file[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + content),)
        chunks[kind] = content
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert depth == 8
    channels = {2: 3, 6: 4}[colour]
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + width * channels)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, channels)
