"""Functions of twenty packages of science and engineering, differentiated whole and unmodified by `tg.adapt`.

Value, Jacobian and the Hessian of a weighted sum of each against extrapolated differences of the plain function. Those
that are refused raise; none is wrong. Runs where the packages are installed:
pip install -c .ci/science.txt ".[science]", and hapsira alone, without what it asks for.
"""

from __future__ import annotations

import itertools
import warnings
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

import tinygraph as tg

from . import figures, matter, motion
from .case import Case

ROOMS = (matter, motion, figures)
PACKAGES = [name for room in ROOMS for name, f in vars(room).items() if getattr(f, "__module__", "") == room.__name__]
BESIDE = {"metpy": ["pint"], "chemicals": ["fluids"]}
"""Packages that a package hands its numbers to."""
REFUSED = {
    ("metpy", "wet_bulb"): "its loop is np.nditer's, which takes arrays alone",
    ("control", "tf freq"): "keeps its polynomials in arrays of objects",
}
"""What raises, and why."""

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def cases_of(package: str) -> list[Case]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip(package)
        room = next(room for room in ROOMS if hasattr(room, package))
        return list(getattr(room, package)())


def numbers(y: Any) -> Any:
    return np.asarray(np.concatenate([np.ravel(v) for v in y]) if isinstance(y, tuple) else y, float).ravel()


def differences(f: Any, x: Any) -> Any:
    """The Jacobian by central differences, extrapolated (Ridders 1982): the entry of the table that changes least."""
    columns = []
    for i in range(x.size):
        step, row = 6e-3 * (abs(x[i]) or 0.02), []
        for k in range(6):
            up, down = x.copy(), x.copy()
            up[i] += step / 2**k
            down[i] -= step / 2**k
            row.append((numbers(f(up)) - numbers(f(down))) / (step / 2 ** (k - 1)))
        table = [row]
        for m in range(1, 5):
            table.append([(4**m * b - a) / (4**m - 1) for a, b in zip(table[-1], table[-1][1:])])
        pairs = [(a, b) for row in table for a, b in itertools.pairwise(row)]
        columns.append(min(pairs, key=lambda pair: np.max(np.abs(pair[1] - pair[0])))[1])
    return np.stack(columns, -1)


def agree(found: Any, expected: Any, digits: float, what: str) -> None:
    found = np.asarray(found, float).reshape(expected.shape)
    noise = digits * (np.abs(expected) + 1e-3 * np.max(np.abs(expected), initial=0.0)) + 1e-9
    assert np.all(np.abs(found - expected) <= noise), what


@pytest.mark.parametrize("package", PACKAGES)
def test_the_functions_of_a_package(package: str) -> None:
    cases = cases_of(package)
    assert len(cases) >= 3
    for case in cases:
        what, x = f"{package}: {case.name}", np.asarray(case.point, float)
        f = tg.adapt(case.f, [package, case.f.__module__, *BESIDE.get(package, [])])
        if (package, case.name) in REFUSED:
            with pytest.raises((tg.TinygraphError, LookupError, TypeError, ValueError)):
                tg.jacobian(f)(x)
            continue
        size = numbers(case.f(x.copy())).size
        weights = np.arange(1, size + 1) / size

        def total(v: Any, f: Any = f, weights: Any = weights) -> Any:
            y = f(v)
            parts = [np.reshape(part, -1) for part in (y if isinstance(y, tuple) else (y,))]
            return (np.concatenate(parts) * weights).sum() if len(parts) > 1 else (parts[0] * weights).sum()

        def plain(v: Any, case: Case = case, weights: Any = weights) -> Any:
            return numbers(case.f(v)) @ weights

        gradient = tg.grad(total)
        agree(gradient(x.copy()), differences(plain, x)[0], 1e-4, what)
        agree(tg.hessian(total)(x.copy()), differences(gradient, x), 1e-3, f"{what}, second order")


def test_at_least_three_quarters_are_right() -> None:
    """Of the functions of the packages that are installed."""
    cases = [case for package in PACKAGES if find_spec(package) for case in cases_of(package)]
    if not cases:
        pytest.skip("none of the packages is installed")
    refused = [case for case in cases if (case.package, case.name) in REFUSED]
    assert len(cases) - len(refused) >= 0.75 * len(cases)
