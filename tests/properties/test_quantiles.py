"""Medians and quantiles: NumPy's values by every method, and gradients that go to the elements they are made of."""

import warnings
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.numpy_twins import twins
from tests.properties.test_composites import distinct

V, M, T = distinct((5,)), distinct((3, 4), 1), distinct((2, 3, 4), 2)
GAPS = np.where([[0, 1, 0, 1, 0], [0] * 5, [1, 1, 0, 1, 1]], np.nan, distinct((3, 5), 3))
METHODS = [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
    "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
]  # fmt: skip
Q = [0.0, 0.13, 0.25, 0.5, 0.77, 1.0]
W = np.array([1.0, 0.5, 2.0, 1.0])

# Each is written once, and run with tinygraph's functions and with NumPy's in the place of `f`.
CASES: dict[str, tuple[Any, ...]] = {
    "median": (lambda f, x: f.median(x), V),
    "median even": (lambda f, x: f.median(x), M),
    "median one": (lambda f, x: f.median(x), V[:1]),
    "median axis": (lambda f, x: f.median(x, 1), T),
    "median axes": (lambda f, x: f.median(x, (0, -1)), T),
    "median keepdims": (lambda f, x: f.median(x, axis=(2, 1), keepdims=True), T),
    "median keepdims of all": (lambda f, x: f.median(x, keepdims=True), M),
    "median of number": (lambda f, x: f.median(x), np.array(2.0)),
    "nanmedian": (lambda f, x: f.nanmedian(x, axis=0), M),
    **{f"quantile {m}": (lambda f, x, m=m: f.quantile(x, Q, method=m), V) for m in METHODS},
    **{f"quantile rows {m}": (lambda f, x, m=m: f.quantile(x, Q, 1, method=m), M) for m in METHODS},
    **{f"nanquantile {m}": (lambda f, x, m=m: f.nanquantile(x, Q, 1, method=m), M) for m in METHODS},
    "quantile number": (lambda f, x: f.quantile(x, 0.3, (0, 1)), T),
    "quantile keepdims": (lambda f, x: f.quantile(x, [[0.3, 0.9]], (0, -1), keepdims=True), T),
    "quantile none": (lambda f, x: f.concatenate([f.quantile(x, []), x]), V),
    "percentile": (lambda f, x: f.percentile(x, 30), V),
    "percentile axis": (lambda f, x: f.percentile(x, [30, 70.5], axis=0, method="hazen", keepdims=True), M),
    "nanpercentile": (lambda f, x: f.nanpercentile(x, [30, 70.5], axis=-1), M),
    "weights": (lambda f, x: f.quantile(x, [0, 0.4, 1], 1, method="inverted_cdf", weights=W), M),
    "weights for each": (lambda f, x: f.quantile(x, 0.4, method="inverted_cdf", weights=M * M), M),
    "weights nan": (lambda f, x: f.nanquantile(x, [0, 0.4, 1], 1, method="inverted_cdf", weights=M * M), M),
    "quantile integer": (lambda f, x: f.quantile(x, 1), V),
    "quantile float32": (lambda f, x: f.quantile(x, np.float32(0.3)), V),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(name):
    function, *inputs = CASES[name]
    second = name.rpartition(" ")[2] not in METHODS
    twins(lambda f, *xs: f.square(function(f, *xs)), *inputs, order=2 if second else 1)


VALUES: dict[str, tuple[Any, ...]] = {
    "median nan": (lambda f, x: f.median(x, axis=1), GAPS),
    "quantile nan": (lambda f, x: f.quantile(x, [0.1, 0.5], axis=1), GAPS),
    "quantile nan weights": (
        lambda f, x: f.quantile(x, 0.5, 1, method="inverted_cdf", weights=np.arange(5.0)), GAPS,
    ),
    "nanmedian": (lambda f, x: f.nanmedian(x), GAPS),
    "nanmedian keepdims": (lambda f, x: f.nanmedian(x, 1, keepdims=True), GAPS),
    **{f"nanquantile {m}": (lambda f, x, m=m: f.nanquantile(x, Q, 1, method=m), GAPS) for m in METHODS},
    "nanquantile axes": (lambda f, x: f.nanquantile(x, Q, (0, 1)), GAPS),
    "nanquantile weights": (
        lambda f, x: f.nanquantile(x, Q, 1, method="inverted_cdf", weights=np.arange(15.0).reshape(3, 5)), GAPS,
    ),
    "median ties": (lambda f, x: f.median(x), np.array([1.0, 2.0, 2.0, 2.0])),
    "median integers": (lambda f, x: f.median(x), np.array([3, 1, 2, 7])),
    "nanmedian integers": (lambda f, x: f.nanmedian(x), np.array([3, 1, 2, 7])),
    "median complex": (lambda f, x: f.median(x), np.array([3 + 1j, 1, 2, 7])),
    "quantile integers": (lambda f, x: f.quantile(x, [0.5, 0.3]), np.array([3, 1, 2])),
    "quantile integers ends": (lambda f, x: f.quantile(x, [0, 1]), np.array([3, 1, 2])),
    "quantile integers weights": (
        lambda f, x: f.quantile(x, 0.5, method="inverted_cdf", weights=[1, 2, 4]), np.array([3, 1, 2]),
    ),
    "quantile integers lower": (lambda f, x: f.quantile(x, 0.3, method="lower"), np.array([3, 1, 2])),
    "quantile float16": (lambda f, x: f.quantile(x, [0.5, 0.3]), V.astype(np.float16)),
    "quantile longdouble": (lambda f, x: f.quantile(x, [0.5, 0.375]), V.astype(np.longdouble)),
    "median of no rows": (lambda f, x: f.median(x, axis=1), np.zeros((0, 3))),
    "quantile of no rows": (lambda f, x: f.quantile(x, [0.5], axis=1, keepdims=True), np.zeros((0, 3))),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_values(name):
    function, x = VALUES[name]
    expected = np.asarray(function(np, x))
    for result in (function(tg, x), function(tg, tg.tensor(x)), function(np, tg.tensor(x))):
        found = result.numpy() if isinstance(result, tg.Tensor) else np.asarray(result)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=8 * float(np.finfo(np.result_type(x, np.float16)).eps))


def test_nan_gets_no_gradient_and_does_not_reach_other_rows():
    x = tg.tensor(GAPS, requires_grad=True)
    np.nanmedian(x, axis=1).sum().backward()
    assert np.all(np.isfinite(x.grad.numpy()))
    np.testing.assert_array_equal(x.grad.numpy().sum(1), 1.0)
    np.testing.assert_array_equal(x.grad.numpy()[np.isnan(GAPS)], 0.0)


def test_a_vector_of_weights_goes_along_the_axis():
    how = {"axis": 1, "method": "inverted_cdf"}
    x = tg.tensor(GAPS)
    expected = np.nanquantile(x, Q, weights=np.tile(np.arange(5.0), (3, 1)), **how)
    np.testing.assert_array_equal(np.nanquantile(x, Q, weights=np.arange(5.0), **how).numpy(), expected.numpy())


def test_weights_over_several_axes_are_those_of_one():
    x, flat, how = tg.tensor(T), np.moveaxis(T, 1, 0).reshape(3, -1), {"method": "inverted_cdf"}
    found = np.percentile(x, 40, (0, 2), weights=T * T, keepdims=True, **how)
    np.testing.assert_array_equal(found.numpy()[0, :, 0], np.percentile(flat, 40, 1, weights=flat * flat, **how))
    assert found.shape == (1, 3, 1)
    if np.lib.NumpyVersion(np.__version__) >= "2.3.0":  # NumPy 2.0's own value is wrong
        tg.check_gradients(lambda x: np.percentile(x, 40, (2, 0), weights=T * T, **how), T)


def test_infinite_neighbours_do_not_count_at_the_place_of_an_element():
    x = tg.tensor([-np.inf, 1.0, 2.0, 3.0, np.inf], requires_grad=True)
    y = np.quantile(x, [0.25, 0.5, 0.75, 1.0])
    np.testing.assert_array_equal(y.numpy(), [1.0, 2.0, 3.0, np.inf])
    y.backward(np.array([1.0, 10.0, 100.0, 1000.0]))
    np.testing.assert_array_equal(x.grad.numpy(), [0.0, 1.0, 10.0, 100.0, 1000.0])


def test_elements_in_the_middle_share():
    x = tg.tensor([4.0, 1.0, 3.0, 2.0], requires_grad=True)
    np.median(x).backward()
    np.testing.assert_array_equal(x.grad.numpy(), [0.0, 0.0, 0.5, 0.5])


def test_against_torch():
    torch = pytest.importorskip("torch")
    for method in ("linear", "lower", "higher", "midpoint"):
        t = torch.tensor(GAPS, requires_grad=True)
        torch.nanquantile(
            t, torch.tensor(Q, dtype=torch.float64), dim=1, interpolation=method
        ).square().sum().backward()
        ours = tg.grad(lambda x, m=method: (np.nanquantile(x, Q, axis=1, method=m) ** 2).sum())(GAPS)
        np.testing.assert_allclose(ours, t.grad.numpy(), rtol=1e-12)


def test_nothing_but_nan_warns_as_numpy_does():
    x = tg.tensor([[np.nan, np.nan], [1.0, 2.0]])
    with pytest.warns(RuntimeWarning, match="All-NaN slice encountered"):
        y = np.nanmedian(x, axis=1)
    np.testing.assert_array_equal(y.numpy(), [np.nan, 1.5])


def test_nothing_at_all_is_as_in_numpy():
    x = tg.tensor(np.zeros(0), requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert np.isnan(np.median(x).item())
        assert np.isnan(np.nanquantile(x, 0.5).item())
        with pytest.raises(IndexError):
            np.quantile(x, 0.5)


def test_a_compiled_step_finds_them_anew():
    step = tg.compile(lambda x: np.nanquantile(x, [0.2, 0.7]).sum() + np.median(x) * np.percentile(x, 30))
    for seed in (1, 2, 3):
        x = distinct((6,), seed)
        assert step(tg.tensor(x)).item() == pytest.approx(
            np.nanquantile(x, [0.2, 0.7]).sum() + np.median(x) * np.percentile(x, 30)
        )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.quantile(x, tg.tensor(0.5, requires_grad=True)), tg.NotDifferentiable,
         r"quantile: has no gradient for q; give q.detach\(\), or a number"),
        (lambda x: np.median(x, out=M), tg.NotDifferentiable, "median: an array cannot hold a recorded result"),
        (lambda x: np.quantile(x, 1.5), ValueError, r"Quantiles must be in the range \[0, 1\]"),
        (lambda x: np.quantile(x, 0.5, method="bogo"), ValueError, "bogo"),
        (lambda x: np.quantile(x, 0.5, weights=M), ValueError, "inverted_cdf"),
        (lambda x: np.quantile(x, 0.5, axis=0, method="inverted_cdf", weights=W), ValueError,
         r"quantile: weights of shape \(4,\) for shape \(3, 4\); give as many, or a vector for axis"),
        (lambda x: np.median(x, 2), np.exceptions.AxisError, "out of bounds"),
        (lambda x: np.quantile(x * 1j, 0.5), TypeError, "real numbers"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(tg.tensor(M, requires_grad=True))


def test_a_tensor_without_gradient_may_say_where():
    assert np.quantile(tg.tensor(V, requires_grad=True), tg.tensor(0.5)).item() == np.quantile(V, 0.5)
