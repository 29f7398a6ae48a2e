"""What differs between a value of one graph and the same of another, line by line."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..ink.escape import shorten
from ..ink.numbers import Numbers, number
from ..scene.parts import Box, shape_text
from .match import own_name

_IN_NUMBERS = ("value ", "grad ")
"""What lines on numbers start with."""


def differences(a: Box, b: Box) -> list[str]:
    """Say in what a value differs between both graphs, line by line."""
    if a.kind == "constant":
        return [] if a.name == b.name else [f"{shorten(a.name, 12)} → {shorten(b.name, 12)}"]
    names = [shorten(own_name(box) or box.name, 16) for box in (a, b)]
    lines = [f"name {names[0]} → {names[1]}"] if own_name(a) != own_name(b) else []
    lines += [f"{a.kind} → {b.kind}"] if a.kind != b.kind else []
    lines += [f"shape {shape_text(a.shape)} → {shape_text(b.shape)}"] if a.shape != b.shape else []
    lines += [f"dtype {a.dtype} → {b.dtype}"] if a.dtype != b.dtype else []
    before, after = _settings(a), _settings(b)
    for key in dict.fromkeys([*before, *after]):
        texts = [shorten(found.get(key, "unset"), 20) for found in (before, after)]
        lines += [f"{key} {' → '.join(texts)}"] if before.get(key) != after.get(key) else []
    if a.shape == b.shape:
        for what, x, y in (("value", a.value, b.value), ("grad", a.grad, b.grad)):
            text = "" if x is None or y is None else _numbers(x, y, _precision(a.dtype, b.dtype))
            lines += [f"{what} {text}"] if text else []
    return lines


def _settings(box: Box) -> dict[str, str]:
    parts = re.split(r", (?=\w+=)", box.attributes) if box.attributes else []
    return {part.partition("=")[0]: part.partition("=")[2] for part in parts}


def in_numbers_alone(box: Box) -> bool:
    """Whether values or gradients are all that differs."""
    return box.change[:1] == ("~",) and all(line.startswith(_IN_NUMBERS) for line in box.change[1:])


def _precision(*dtypes: str) -> float:
    """The relative difference from which on two numbers count as different."""
    kinds = [np.dtype(dtype) for dtype in dtypes]
    return max([float(np.sqrt(np.finfo(kind).eps)) if kind.kind in "fc" else 0.0 for kind in kinds])


def _numbers(a: Numbers, b: Numbers, precision: float) -> str:
    """How two arrays of a shape differ, "" if they do not: both numbers, the largest difference, or a statistic."""
    if a.values is None or b.values is None:
        scale = max(map(abs, (a.min, a.max, b.min, b.max)))
        for what, x, y, size in (
            *[(f, getattr(a, f), getattr(b, f), scale) for f in ("mean", "std", "min", "max")],
            ("norm", a.norm, b.norm, max(a.norm, b.norm)),
        ):
            if not _close(x, y, precision * size):
                return f"{what} {_two(x, y)}"
        return ""
    finite = [abs(x) for x in (*a.values, *b.values) if np.isfinite(x)]
    least = precision * max(finite, default=0.0)
    apart = [(x, y) for x, y in zip(a.values, b.values, strict=True) if not _close(x, y, least)]
    if not apart:
        return ""
    if len(a.values) == 1:
        return _two(*apart[0])
    sizes = [abs(x - y) for x, y in apart]
    most = max([size if np.isfinite(size) else np.inf for size in sizes])
    return f"differs in {len(apart)} of {len(a.values)}, by up to {number(float(most), 3)}"


def _close(x: Any, y: Any, least: float) -> bool:
    if x == y or (x != x and y != y):
        return True
    return bool(np.isfinite(x) and np.isfinite(y) and abs(x - y) <= least)


def _two(x: Any, y: Any) -> str:
    """Both numbers, in as many digits as it takes to tell them apart."""
    for digits in (4, 8, 17):
        if number(x, digits) != number(y, digits):
            break
    return f"{number(x, digits)} → {number(y, digits)}"
