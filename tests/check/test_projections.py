"""Random projections miss an error as rarely as the report says."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.check.compare import EFFORTS, Effort, Measured
from tinygraph.check.report import OK, WRONG, Finding
from tinygraph.check.subject import Subject
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

X = np.random.default_rng(0).standard_normal(1000)


def directions(count: int) -> np.ndarray[Any, Any]:
    """Projections as the checker draws them at `X`."""
    measured = Measured(Subject(tg.sin, [X], None), [X], 0, [np.ones(X.size)], np.cos(X), Effort(16, count))
    return np.array(measured.directions(np.random.default_rng(1)))


@pytest.mark.parametrize("errors", ["everywhere", "in two elements", "in two equal elements"])
@pytest.mark.parametrize("times", [2, 10, 100])
def test_the_probability_to_miss_is_the_one_that_is_promised(errors, times):
    rng, drawn = np.random.default_rng(2), directions(2000)
    gradient, wrong = np.cos(X), rng.standard_normal(X.size)
    if errors != "everywhere":
        wrong[2:] = 0
        wrong[:2] = (1.0, 1.3) if errors == "in two elements" else 1.0
    scale = np.max(np.abs(drawn), axis=0)
    wrong /= scale  # of equal weight along every direction, about
    size = np.linalg.norm(wrong * drawn, axis=1) / np.linalg.norm(gradient * drawn, axis=1)
    finding = Finding("x", X.shape, "float64", OK, projections=1, tolerance=float(np.median(size)) / times)
    tolerance = finding.tolerance * np.linalg.norm(gradient * drawn, axis=1)
    missed = float(np.mean(np.abs(drawn @ wrong) <= tolerance))
    promised = finding.missed(float(np.median(size)))
    assert promised == pytest.approx(0.8 / times)
    most = promised if errors == "everywhere" else 2 * promised
    assert missed <= most + 3 * (promised / 2000) ** 0.5
    if errors == "everywhere":
        assert missed >= 0.6 * promised - 3 * (promised / 2000) ** 0.5  # and is not an empty promise


def test_several_projections_miss_independently():
    finding = Finding("x", (1000,), "float64", OK, projections=3, tolerance=1e-9)
    assert finding.missed(1e-6) == pytest.approx(5.12e-10)
    assert finding.missed(1e-10) == 1
    assert Finding("x", (10,), "float64", OK).missed() == 0


def test_errors_of_the_printed_size_are_found():
    for seed in range(20):
        e = np.random.default_rng(seed).standard_normal(X.size)
        e *= 1e-6 * np.linalg.norm(np.cos(X)) / np.linalg.norm(e)

        def rule(y: Any, x: Any, *, e: Any) -> Any:
            return np.cos(x) + e

        off = define(Op("elementwise", np.sin, (functools.partial(rule, e=e),), name="off"))
        assert tg.check_gradients(off.function, X, seed=seed, raises=False).verdict == WRONG


def test_the_report_prints_it():
    report = tg.check_gradients(tg.sin, X)
    [finding] = report.findings
    found = re.search(r"by 3 random projections \(an error of 1e-06 is missed with probability (\S+)\)", str(report))
    assert found is not None
    assert found[1] == f"{finding.missed(1e-6):.0e}"
    assert float(found[1]) < 1e-8
    assert 1e-14 < finding.tolerance < 1e-8
    data = json.loads(json.dumps(report.json(), allow_nan=False))["findings"][0]
    assert data["tolerance"] == finding.tolerance
    assert data["missed"] == finding.missed()


def test_a_coarse_function_prints_the_error_that_is_found():
    coarse = define(
        Op("elementwise", lambda x: np.sin(x.astype(np.float32)).astype(x.dtype), (lambda y, x: np.cos(x),))
    )
    report = tg.check_gradients(coarse.function, X)
    found = re.search(r"an error of (\S+) is missed with probability (\S+)\)", str(report))
    assert found is not None
    assert float(found[1]) > 1e-6
    assert float(found[2]) < 1e-3


def test_a_gradient_of_zero_has_no_relative_size():
    report = tg.check_gradients(lambda x: x * 0.0, X)
    assert np.isnan(report.findings[0].tolerance)
    assert "random projections, agree" in str(report)
    json.dumps(report.json(), allow_nan=False)


def test_each_tensor_has_projections_of_its_own():
    assert EFFORTS["normal"].projections == 3
    planted = define(
        Op("elementwise", np.multiply, (lambda z, x, y: y, lambda z, x, y: x * 1.001), name="planted")
    ).function
    report = tg.check_gradients(lambda a, b, c: planted(a, b) + tg.sin(c), X, X + 1, X, raises=False)
    assert [f.verdict for f in report.findings] == [OK, WRONG, OK]
    assert "gradient of input 1 wrong by 0.1 % at [" in str(report)
    assert "of input 0, input 2 right" in str(report)
