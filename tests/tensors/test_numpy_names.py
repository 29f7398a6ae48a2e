"""Every public name of NumPy: none is overlooked, and what the page says of each is what tensors do there."""

from __future__ import annotations

import importlib
import pathlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.tensors.leaving import WITHOUT_GRADIENT

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
X, Y = np.array([[0.5, 0.25], [-0.75, 0.6]]), np.array([[2.0, 3.0], [0.3, 0.4]])
WHERE_IT_MOVES: dict[Any, Any] = {
    np.imag: (X + 1j * Y,), np.angle: (X + 1j * Y,), np.heaviside: (0 * X, Y), np.intersect1d: (X, X + 0),
}  # fmt: skip
"""Inputs for functions that are flat at most places."""


@pytest.fixture(scope="module")
def names() -> Iterator[ModuleType]:
    """docs/build_numpy_page.py."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("build_numpy_page")
    sys.path.remove(str(DOCS))


def test_every_name_is_recorded_or_on_values_or_has_a_reason(names: ModuleType) -> None:
    found = {f"{prefix}.{e.name}": e.status for prefix, space in names.SPACES.items() for e in names.entries(space)}
    assert len(found) > 400
    assert not [name for name, status in found.items() if status == "missing"]
    assert set(found.values()) <= {*names.MEANING, *names.ASIDE}


def test_reasons_are_of_names_that_numpy_has_and_tensors_do_not_record(names: ModuleType) -> None:
    for name in WITHOUT_GRADIENT:
        if name == "in1d" and not hasattr(np, name):
            continue  # up to NumPy 2.3
        assert names.entry(name, getattr(np, name)).status == "no gradient"
        assert not hasattr(tg.ops, name)


def applied(f: Any) -> tuple[list[Any], list[Any]]:
    """One tensor, or two, that `f` takes, and the tensors that it makes of them."""
    for given in [WHERE_IT_MOVES[f]] if f in WHERE_IT_MOVES else [(X,), (X, Y)]:
        leaves = [tg.tensor(x, requires_grad=True) for x in given]
        try:
            y = f(*leaves)
        except Exception:
            continue
        found = [part for part in (y if isinstance(y, tuple | list) else [y]) if isinstance(part, tg.Tensor)]
        if found:
            return leaves, found
    return [], []


@pytest.mark.filterwarnings("ignore")
def test_what_is_said_to_be_differentiable_is_and_nothing_else(names: ModuleType) -> None:
    rng, tried = np.random.default_rng(0), 0
    for prefix, space in names.SPACES.items():
        for e in names.entries(space):
            if e.status not in ("differentiable", "constant"):
                continue
            leaves, parts = applied(getattr(space, e.name))
            reals = [np.abs(y) if y.dtype.kind == "c" else y for y in parts]
            total = sum((y * rng.uniform(0.5, 1.5, y.shape)).sum() for y in reals)
            if parts and total.requires_grad:
                total.backward()
            moves = any(t.grad is not None and np.any(t.grad.numpy() != 0) for t in leaves)
            if parts:
                assert moves == (e.status == "differentiable"), f"{prefix}.{e.name} is said to be {e.status}"
                tried += 1
    assert tried > 200
