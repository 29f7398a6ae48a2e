"""Small images as PNG, by the standard library alone (W3C, Portable Network Graphics, third edition)."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np


def png(pixels: Any) -> bytes:
    """The PNG file of `pixels`: (height, width, 3) RGB or (height, width, 4) RGBA, uint8.

    >>> png(np.zeros((2, 2, 3), np.uint8))[:4]
    b'\\x89PNG'
    """
    height, width, channels = pixels.shape
    rows = np.zeros((height, 1 + width * channels), np.uint8)  # each begins with its filter: 0, none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 6, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def image(pixels: Any, place: str) -> str:
    """An `<image>` element that holds `pixels`, every one a square with sharp edges; `place`: x, y, width, height."""
    data = base64.b64encode(png(pixels)).decode()
    return f'<image {place} preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
