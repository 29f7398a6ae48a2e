"""Random programs of everything there is agree in all modes; those that once did not are kept."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tests.properties.agreement.mixture import Mixture
from tests.properties.agreement.modes import agree
from tests.properties.agreement.subject import Disagreement
from tests.properties.agreement.writing import DTYPES, NAMES, mixture


def made(seed: int, max_lines: int = 8) -> Mixture:
    rng = np.random.default_rng(seed)
    return mixture(lambda n: int(rng.integers(n)), max_lines)


@st.composite
def mixtures(draw: st.DrawFn) -> Mixture:
    return mixture(lambda n: draw(st.integers(0, n - 1)), 4)


@given(mixtures())
@settings(max_examples=15)
def test_a_drawn_program_agrees_in_all_modes(f):
    agree(f)


OPEN = {200: "log_loss of float32 beside a float64 target is computed in float64 only where it is recorded"}
"""What is found and not mended: by the seed where its programs begin."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed",
    [pytest.param(n, marks=pytest.mark.xfail(reason=OPEN[n])) if n in OPEN else n for n in range(0, 400, 20)],
)
def test_many_programs_agree_in_all_modes(seed):
    for one in range(seed, seed + 20):
        agree(made(one))


def test_the_text_of_a_program_runs():
    for seed in range(10):
        f = made(seed)
        names = {}
        exec(repr(f), names)
        for a, b in zip(names["program"](*[names[x] for x in f.given]), f(*f.inputs), strict=True):
            np.testing.assert_array_equal(a, b)


def test_every_kind_of_line_and_input_is_drawn():
    """Of 450 programs: most ops and many templates, all dtypes, empty, 0-d, small and large inputs."""
    used, inputs, lines = Counter(), [], set()
    for seed in range(450):
        f = made(seed)
        inputs += f.inputs
        lines |= {line.split("(")[0].split(" = ")[-1] for line in f.lines}
        used.update(re.findall(r"ops\['([\w.]+)'\]", repr(f)))
    assert len(used) > 0.6 * len(NAMES)
    assert len(lines) > 200
    assert {x.dtype.name for x in inputs} == set(DTYPES)
    assert {0, 1} < {x.size for x in inputs}
    assert max(x.size for x in inputs) > 1000
    assert any(x.ndim > 1 and not x.flags.c_contiguous for x in inputs)


def test_a_wrong_rule_is_found():
    """A mode that goes another way through the rule, or differences, finds a factor that is off by a tenth."""
    f = Mixture({"x0": "np.array([0.5, 1.0, 2.0])"}, ["t0 = np.sin(x0) * x0"], ["t0"])
    agree(f)
    wrong = tg.elementwise(lambda y, x: 1.1 * np.cos(x))(lambda x: np.sin(x))
    registered = wrong.op
    tg.op.registry.remove(registered)
    f._run = lambda x0: (wrong(x0) * x0,)
    with pytest.raises(Disagreement, match=r"program\(x0\)"):
        agree(f)


KEPT = {
    "a base in float16": ({"x0": "np.array([0.5, 2.0])"}, ["t0 = np.float16(3) ** x0", "t1 = x0 / np.float16(3)"]),
    "an angle beside uint8": (
        {"x0": "np.array([0.5, 2.0])"}, ["t0 = np.arctan2(np.array([3, 200], np.uint8), x0)"],
    ),
    "orders in uint8": (
        {"x0": "np.array([0.5, 2.0])"},
        ["t0 = scipy.special.jv(np.array([0, 1], np.uint8), x0)", "t1 = scipy.special.kv(np.uint8(0), x0)"],
    ),
    "float32 beside float64": (
        {"x0": "np.array([0.5, 2.0])", "x1": "np.array([0.7, 1.1], np.float32)"},
        ["t0 = x1 ** x0 + np.arctan2(x1, x0)", "t1 = x0 ** x1 / x1"],
    ),
    "resize of nothing": ({"x0": "np.zeros((0, 3), np.float32)"}, ["t0 = np.resize(x0, (2, 2)) * 2"]),
    "repeat of a number": ({"x0": "np.array(1.5)"}, ["t0 = np.repeat(x0, 3, axis=0) * x0"]),
    "take of a number": ({"x0": "np.array(1.5)"}, ["t0 = np.take(x0, [0, 0], axis=-1) * x0"]),
    "compress of a number": ({"x0": "np.array(1.5)"}, ["t0 = np.compress([True], x0, axis=0) * x0"]),
    "prod of a number": ({"x0": "np.array(1.5)"}, ["t0 = np.prod(x0, axis=-1) ** 2"]),
    "max of a number and another": ({"x0": "np.array(1.5)"}, ["t0 = np.max(x0, axis=0, initial=0.3) * x0"]),
    "prod of the number 0": ({"x0": "np.array(0.0)"}, ["t0 = np.prod(x0, axis=-1) ** 2"]),
    "cumulative_sum of a number": ({"x0": "np.array(1.5)"}, ["t0 = np.cumulative_sum(x0) * x0"]),
    "norm of nothing": ({"x0": "np.zeros((3, 0))"}, ["t0 = np.linalg.norm(x0, 1)"]),
    "largest of nothing": ({"x0": "np.zeros((0,))"}, ["t0 = np.linalg.norm(x0, np.inf)"]),
    "multi_dot": ({"x0": "np.array([[0.5, 2.0], [1.0, 3.0]])"}, ["t0 = np.linalg.multi_dot([x0, x0, x0])"]),
    "trim_zeros of a number": ({"x0": "np.array(0.0)"}, ["t0 = np.trim_zeros(x0) * 2"]),
    "block": ({"x0": "np.array([[0.5, 2.0]])"}, ["t0 = np.block([[x0, x0], [x0 * 2, x0]])"]),
    "corrcoef of nothing": ({"x0": "np.zeros((0, 3), np.complex128)"}, ["t0 = np.corrcoef(x0)", "t1 = x0 * 1"]),
    "polyval of a list": ({"x0": "np.array([0.5, 2.0], np.float32)"}, ["t0 = np.polyval([1.0, -2.0, 0.5], x0)"]),
    "gradient of NumPy's number": ({"x0": "np.array([0.5, 2.0])"}, ["t0 = tg.grad(np.sin)(np.sum(x0)).ravel() * x0"]),
    "products of complex numbers": (
        {"x0": "np.array([(1.623-1.535j), (0.3+1.4j)], np.complex64)"},
        ["t0 = x0[0] * x0[1]", "t1 = t0 * t0 / x0[0] - x0[1]"],
    ),
}  # fmt: skip


OF_NEWER_NUMPY = {"cumulative_sum of a number", "norm of nothing", "largest of nothing", "trim_zeros of a number"}


@pytest.mark.filterwarnings("ignore:Degrees of freedom")
@pytest.mark.parametrize("name", KEPT)
def test_programs_that_once_disagreed(name):
    if np.lib.NumpyVersion(np.__version__) < "2.3.0" and name in OF_NEWER_NUMPY:
        pytest.skip("NumPy computes it since 2.3 or earlier, not in 2.0")
    given_, lines = KEPT[name]
    agree(Mixture(given_, lines, [line.split(" = ")[0] for line in lines]))


def test_numpys_numbers_in_every_mode_are_multiplied_alike():
    """Scalars are multiplied by their operator under every mode: a ufunc rounds complex ones differently."""
    a, b = (tg.tensor(x, requires_grad=True)[0] for x in (np.array([1.623 - 1.535j]), np.array([1.696 + 1.714j])))
    plain = (a * b).numpy()
    with tg.keep_values():
        assert (a * b).numpy() == plain
    with tg.detect_anomaly():
        assert (a * b).numpy() == plain
