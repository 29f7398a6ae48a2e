"""Reductions and cumulatives in every variant: NumPy's values, and gradients that agree with differences."""

import inspect
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.numpy_twins import twins
from tests.properties.test_composites import distinct
from tinygraph.ops import cumulative, extrema, nanreduction, reduction, variance


def drawn(*shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.asarray(np.random.default_rng(seed).standard_normal(shape))


V, M, T = distinct((5,)), distinct((4, 4), 1), distinct((2, 3, 4), 2)
W = np.abs(drawn(4, 4, seed=4)) + 0.3
MASK = np.array([[1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1], [1, 1, 1, 1]], bool)
ROW = np.array([True, True, False, True])
Twin = tuple[Any, ...]

OVER: dict[str, dict[str, Any]] = {
    "": {}, "axis 0": {"axis": 0}, "axis -1": {"axis": -1}, "keepdims": {"axis": 1, "keepdims": True},
    "no axis": {"axis": ()}, "two axes": {"axis": (-1, 0)}, "all kept": {"keepdims": True},
}  # fmt: skip
MASKED: dict[str, dict[str, Any]] = {
    "where": {"where": MASK}, "where, axis 0": {"where": MASK, "axis": 0}, "row": {"where": ROW, "axis": (-1,)},
    "where, kept": {"where": MASK, "axis": -1, "keepdims": True}, "column": {"where": MASK[:, :1], "axis": 1},
    "where, all": {"where": MASK, "axis": (1, 0)},
}  # fmt: skip
HAS_ROWS = {k: v for k, v in MASKED.items() if k != "column"}


def holes(x: Any) -> Any:
    """`x` with NaNs, made of an x that has none."""
    return np.where(MASK, x, np.nan)


def each(name: str, options: dict[str, dict[str, Any]], x: Any = M, **more: Any) -> dict[str, Twin]:
    return {
        f"{name} {k} {more}": ((lambda f, x, o={**o, **more}: getattr(f, name)(x, **o)), x) for k, o in options.items()
    }


def without_nan(name: str, options: dict[str, dict[str, Any]], x: Any = M, **more: Any) -> dict[str, Twin]:
    return {
        f"{name} {k} {more}": ((lambda f, x, o={**o, **more}: getattr(f, name)(holes(x), **o)), x)
        for k, o in options.items()
    }


CASES: dict[str, Twin] = {
    **each("sum", MASKED),
    **each("sum", {**OVER, **MASKED}, initial=1.5),
    **each("prod", MASKED),
    **each("prod", {**OVER, **MASKED}, initial=1.5),
    **each("mean", HAS_ROWS),
    **each("var", HAS_ROWS),
    **each("var", HAS_ROWS, ddof=1),
    **each("var", OVER, x=T[:, :, :3], correction=0.5),
    **each("std", HAS_ROWS),
    **each("std", HAS_ROWS, ddof=0.5),
    **each("max", OVER, initial=0.2),
    **each("max", MASKED, initial=-9.0),
    **each("max", MASKED, initial=0.2),
    **each("min", OVER, initial=0.2),
    **each("min", MASKED, initial=9.0),
    **each("min", MASKED, initial=-0.25),
    **each("amax", OVER),
    **each("amin", OVER),
    **each("ptp", OVER),
    **each("cumsum", {"": {}, "0": {"axis": 0}, "-1": {"axis": -1}}),
    **each("cumprod", {"": {}, "0": {"axis": 0}, "-1": {"axis": -1}}),
    **each("cumulative_sum", {"0": {"axis": 0}, "-1": {"axis": -1}}, include_initial=True),
    **each("cumulative_prod", {"0": {"axis": 0}, "-1": {"axis": -1}}, include_initial=True),
    **each("cumulative_sum", {"": {}, "with 0": {"include_initial": True}}, x=V),
    **each("cumulative_prod", {"": {}, "with 1": {"include_initial": True}}, x=V),
    # --------------------------------------------------------------------------------------- a given mean
    "var mean": (lambda f, x, m: f.var(x, axis=1, mean=m), M, drawn(4, 1)),
    "var mean where": (lambda f, x, m: f.var(x, axis=1, mean=m, where=MASK, ddof=1), M, drawn(4, 1)),
    "var mean of it": (lambda f, x: f.var(x, axis=0, mean=f.mean(x, axis=0, keepdims=True), keepdims=True), M),
    "std mean": (lambda f, x, m: f.std(x, mean=m), M, drawn(1, 1)),
    # ---------------------------------------------------------------------------------- NumPy's positions
    "sum by position": (lambda f, x: f.sum(x, 1, None, None, True, 0.5, MASK), M),
    "prod by position": (lambda f, x: f.prod(x, 1, None, None, True, 0.5, MASK), M),
    "mean by position": (lambda f, x: f.mean(x, 1, None, None, True), M),
    "var by position": (lambda f, x: f.var(x, 1, None, None, 1, True), M),
    "std by position": (lambda f, x: f.std(x, 1, None, None, 1, True), M),
    "max by position": (lambda f, x: f.max(x, 1, None, True, 0.5, MASK), M),
    "min by position": (lambda f, x: f.min(x, 1, None, True, 0.5, MASK), M),
    "ptp by position": (lambda f, x: f.ptp(x, 1, None, True), M),
    "cumsum by position": (lambda f, x: f.cumsum(x, 1, None, None), M),
    "cumprod by position": (lambda f, x: f.cumprod(x, 1, None, None), M),
    "nansum by position": (lambda f, x: f.nansum(holes(x), 1, None, None, True, 0.5, MASK), M),
    "nanvar by position": (lambda f, x: f.nanvar(holes(x), 1, None, None, 0.5, True), M),
    "nanmax by position": (lambda f, x: f.nanmax(holes(x), 1, None, True, 0.5, MASK), M),
    "sum of a=": (lambda f, x: f.sum(a=x, axis=0) * f.nanmean(a=x, axis=0) * f.average(a=x, axis=0), M),
    # ------------------------------------------------------------------------------------------ without NaN
    **without_nan("nansum", {**OVER, **MASKED}),
    **without_nan("nansum", OVER, initial=1.5),
    **without_nan("nanprod", {**OVER, **MASKED}),
    **without_nan("nanprod", OVER, initial=1.5),
    **without_nan("nanmean", {k: v for k, v in {**OVER, **HAS_ROWS}.items() if k != "no axis"}),
    **without_nan("nanvar", {k: v for k, v in {**OVER, **HAS_ROWS}.items() if k != "no axis"}),
    **without_nan("nanstd", {k: v for k, v in OVER.items() if k != "no axis"}, ddof=0.5),
    **without_nan("nanmax", {k: v for k, v in OVER.items() if k != "no axis"}),
    **without_nan("nanmin", {k: v for k, v in OVER.items() if k != "no axis"}),
    **without_nan("nanmax", MASKED, initial=0.2),
    **without_nan("nanmin", {**OVER, **MASKED}, initial=0.2),
    **without_nan("nancumsum", {"": {}, "0": {"axis": 0}, "-1": {"axis": -1}}),
    **without_nan("nancumprod", {"": {}, "0": {"axis": 0}, "-1": {"axis": -1}}),
    "nanvar mean": (lambda f, x, m: f.nanvar(holes(x), axis=1, mean=m, correction=1), M, drawn(4, 1)),
    # -------------------------------------------------------------------------------------------- averages
    **each("average", OVER),
    **each("average", OVER, weights=W),
    "average, both": (lambda f, x, w: f.average(x, weights=w), M, W),
    "average, axis": (lambda f, x, w: f.average(x, axis=1, weights=w), M, W[0]),
    "average, negative axis": (lambda f, x, w: f.average(x, -2, w, keepdims=True), M, W[:, 0]),
    "average, axes": (lambda f, x, w: f.average(x, (2, 1), w), T, W[:, :3].copy()),
    "average, returned": (lambda f, x, w: f.average(x, 1, w, True), M, W),
    "average, weights of one axis returned": (lambda f, x, w: f.average(x, 0, w, True), M, W[:, 0]),
    "average, mean returned": (lambda f, x: f.average(x, 1, returned=True), M),
    "average, axes kept": (lambda f, x, w: f.average(x, (0, 2), w, keepdims=True), T, W[:2]),
    # ------------------------------------------------------------------------------------------- integrals
    "trapezoid": (lambda f, y: f.trapezoid(y), M),
    "trapezoid dx": (lambda f, y: f.trapezoid(y, dx=0.5, axis=0), M),
    "trapezoid x": (lambda f, y, x: f.trapezoid(y, x), M, drawn(4)),
    "trapezoid x, axis": (lambda f, y, x: f.trapezoid(y, x, axis=0), M, drawn(4)),
    "trapezoid x, axis 1": (lambda f, y, x: f.trapezoid(y, x, 1.0, -2), T, drawn(3)),
    "trapezoid x of its own": (lambda f, y, x: f.trapezoid(y, x, axis=0), M, drawn(4, 4)),
    "trapezoid broadcast": (lambda f, y, x: f.trapezoid(y, x, axis=-1), M, drawn(1, 4)),
    "trapezoid of one point": (lambda f, y: f.trapezoid(y), M[:, :1]),
    # --------------------------------------------------------------------------------------- nothing, zeros
    "sum of nothing": (lambda f, x: f.sum(x, axis=0, initial=2.0), np.zeros((0, 3))),
    "prod of nothing": (lambda f, x: f.prod(x, axis=0, initial=2.0), np.zeros((0, 3))),
    "cumprod of zeros": (lambda f, x: f.cumprod(x), np.array([2.0, 0.0, 3.0, 0.0, 4.0])),
    "cumprod of zeros below": (lambda f, x: f.cumprod(x, 0), np.array([[2.0, 0.0], [3.0, 5.0], [0.0, 4.0]])),
    "prod of a zero": (lambda f, x: f.prod(x, axis=1), np.array([[2.0, 0.0, 3.0], [1.5, 2.0, 4.0]])),
}  # fmt: skip


FLAT = ("sum", "mean", "cumsum", "cumulative_sum", "max", "min", "amax", "amin", "ptp", "nansum", "nanmean", "nanmax",
        "nanmin", "nancumsum")  # fmt: skip
"""Functions whose second derivative is 0 wherever they have one; that it is recorded, the rows of the ops see to."""


def skip_without(name: str) -> None:
    if name.startswith("cumulative") and not hasattr(np, name):
        pytest.skip(f"NumPy {np.__version__} has no np.{name}")


@pytest.mark.parametrize("name", CASES)
def test_twins(name):
    skip_without(name.split()[0])
    f, *inputs = CASES[name]
    twins(f, *inputs, order=1 if name.startswith(FLAT) else 2)


# ---------------------------------------------------------------------------------------------------- dtypes


FLOATS = ["sum", "prod", "mean", "var", "std", "nansum", "nanprod", "nanmean", "nanvar", "nanstd", "cumsum", "cumprod",
          "nancumsum", "nancumprod", "cumulative_sum", "cumulative_prod"]  # fmt: skip


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize(("given", "asked"), [
    *[(given, asked) for given in (np.float16, np.float32, np.int8, np.bool_, np.uint64, np.longdouble)
      for asked in (None, np.float32, np.float64)], (np.complex64, None),
])  # fmt: skip
def test_dtypes_are_numpys(name, given, asked):
    skip_without(name)
    x = np.array([1, 2, 0, 1]).astype(given)
    theirs, ours = getattr(np, name), getattr(tg, name)
    digits = 1e-12 if {given, asked} <= {np.float64, np.longdouble, np.int8, np.uint64, np.bool_, None} else 1e-3
    for options in [{}] if "cum" in name else [{}, {"where": np.array([True, True, False, True])}]:
        expected = theirs(x, dtype=asked, **options)
        for y in (ours(x, dtype=asked, **options), ours(tg.tensor(x), dtype=asked, **options).numpy()):
            assert np.asarray(y).dtype == expected.dtype
            np.testing.assert_allclose(y, expected, rtol=digits)


@pytest.mark.parametrize("name", ["max", "min", "sum", "prod", "nanmax", "nanmin", "nansum"])
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int16, np.uint8])
@pytest.mark.parametrize("initial", [2, np.float64(2), np.float32(2)])
def test_an_initial_value_does_not_widen(name, dtype, initial):
    x = np.array([[3, 1], [2, 5]], dtype)
    for options in ({}, {"axis": 0}, {"where": np.array([True, False])}):
        expected = getattr(np, name)(x, initial=initial, **options)
        y = getattr(tg, name)(tg.tensor(x), initial=initial, **options)
        assert y.dtype == expected.dtype
        np.testing.assert_array_equal(y.numpy(), expected)
    if np.dtype(dtype).kind == "f":
        [g] = tg.vjp(lambda x: getattr(tg, name)(x, initial=initial, where=np.array([True, False])), x)[1](dtype(1))
        assert g.dtype == dtype
        assert g[:, 1].tolist() == [0, 0]


@pytest.mark.parametrize("name", ["max", "min"])
def test_the_initial_value_of_nothing_in_its_dtype(name):
    x = tg.tensor(np.zeros((0, 3), np.float32), requires_grad=True)
    y = getattr(tg, name)(x, axis=0, initial=1.5)
    assert isinstance(y, tg.Tensor)
    assert y.dtype == np.float32
    assert y.tolist() == [1.5] * 3
    y.sum().backward()
    assert x.grad.shape == (0, 3)
    with pytest.raises(ValueError, match="zero-size array to reduction operation"):
        getattr(tg, name)(x)


# --------------------------------------------------------------------------- arguments, without derivative

FAMILIES = (reduction, variance, extrema, cumulative, nanreduction)
COUNTED = {
    "any": OVER | MASKED, "all": OVER | MASKED, "argmax": {k: OVER[k] for k in ("", "axis 0", "keepdims", "all kept")},
    "nanargmax": {k: OVER[k] for k in ("", "axis 0", "keepdims", "all kept")},
    "argmin": {k: OVER[k] for k in ("", "axis 0", "keepdims", "all kept")},
    "nanargmin": {k: OVER[k] for k in ("", "axis 0", "keepdims", "all kept")},
    "count_nonzero": {k: v for k, v in OVER.items() if k != "no axis"},
}  # fmt: skip


@pytest.mark.parametrize(("name", "how"), [(n, how) for n, options in COUNTED.items() for how in options])
def test_what_has_no_derivative(name, how):
    x = np.where(MASK, M, np.nan if "nan" in name else 0.0)
    expected = getattr(np, name)(x, **COUNTED[name][how])
    t = tg.tensor(x, requires_grad=True)
    for y in (getattr(tg, name)(t, **COUNTED[name][how]), getattr(np, name)(t, **COUNTED[name][how])):
        assert not y.requires_grad
        assert y.dtype == np.asarray(expected).dtype
        np.testing.assert_array_equal(y.numpy(), expected)
    np.testing.assert_array_equal(getattr(tg, name)(x, **COUNTED[name][how]), expected)


@pytest.mark.parametrize("name", [n for f in FAMILIES for n in f.__all__ if hasattr(np, n)] + ["average", "trapezoid"])
def test_arguments_are_numpys(name):
    theirs, ours = (inspect.signature(getattr(lib, name)).parameters for lib in (np, tg))
    assert [(n, p.kind) for n, p in ours.items() if n in theirs] == [(n, p.kind) for n, p in theirs.items()]


def test_logic_by_position_and_of_nothing():
    t = tg.tensor(M)
    assert np.any(t > 9, 1, None, True).shape == (4, 1)
    assert np.all(t < 9, 1, None, True).shape == (4, 1)
    assert np.argmax(t, 1, None).tolist() == np.argmax(M, 1).tolist()
    assert tg.any(np.zeros((0, 2)), 0).tolist() == [False, False]
    assert tg.all(np.zeros((0, 2)), 0).tolist() == [True, True]
    with pytest.raises(ValueError, match="All-NaN slice"):
        tg.nanargmax(np.array([np.nan]))


# ------------------------------------------------------------------------------- nothing to average, singular


@pytest.mark.parametrize("name", ["mean", "var", "std", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin"])
def test_where_nothing_is_the_value_is_nan_with_a_warning_and_the_gradient_0(name):
    mask = np.array([[True, True, True], [False, False, False]])
    options: dict[str, Any] = {"axis": 1} if name.startswith("nan") else {"axis": 1, "where": mask}
    a = np.where(mask, M[:2, :3], np.nan) if name.startswith("nan") else M[:2, :3]
    with pytest.warns(RuntimeWarning):
        expected = getattr(np, name)(a, **options)
    t = tg.tensor(a, requires_grad=True)
    with pytest.warns(RuntimeWarning):
        y = getattr(np, name)(t, **options)
    np.testing.assert_array_equal(y.numpy(), expected)
    y.backward(np.ones(2))  # without a warning
    assert t.grad.numpy()[1].tolist() == [0, 0, 0]
    np.testing.assert_allclose(t.grad.numpy()[0], tg.grad(lambda x: getattr(tg, name)(x))(a[0]))


@pytest.mark.parametrize("name", ["var", "std", "nanvar", "nanstd"])
@pytest.mark.parametrize(("n", "ddof"), [(1, 1), (2, 2), (2, 3), (0, 0), (3, 3)])
@pytest.mark.parametrize("masked", [False, True])
def test_without_degrees_of_freedom(name, n, ddof, masked):
    a = V[:n]
    options: dict[str, Any] = {"ddof": ddof, "where": np.ones(n, bool)} if masked else {"ddof": ddof}
    with pytest.warns(RuntimeWarning):
        expected = getattr(np, name)(a, **options)
    t = tg.tensor(a, requires_grad=True)
    with pytest.warns(RuntimeWarning):
        y = getattr(tg, name)(t, **options)
    np.testing.assert_array_equal(y.numpy(), expected)
    y.backward()
    assert t.grad.shape == (n,)
    assert np.isnan(t.grad.numpy()).all() or "nan" in name


@pytest.mark.parametrize("options", [{"where": np.array([True, True, False])}, {"mean": np.array([2.0])}])
def test_std_of_a_constant_among_others(options):
    for order in (1, 2):
        x = np.array([2.0, 2.0, 5.0]) if "where" in options else np.array([2.0, 2.0, 2.0])
        f = lambda x: tg.std(x, **options)  # noqa: E731
        g = tg.grad(f)(x) if order == 1 else tg.hvp(f, x, np.ones(3))
        assert g.tolist() == [0, 0, 0]
    assert tg.grad(lambda x: tg.nanstd(x))(np.array([1.0, np.nan, 1.0])).tolist() == [0, 0, 0]


def test_where_divides_by_the_degrees_of_freedom_that_are_left():
    x, mask = np.array([1.0, 2.0, 4.0]), np.array([True, False, False])
    with pytest.warns(RuntimeWarning):
        expected = np.var(x, ddof=2, where=mask)
    with pytest.warns(RuntimeWarning):
        assert np.isnan(tg.var(x, ddof=2, where=mask))
    assert np.isnan(expected)


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("order", [1, 2])
def test_nans_share_the_gradient_of_the_nan_they_make(name, order):
    x = np.array([[1.0, np.nan, 3.0, np.nan], [1.0, 5.0, 5.0, 0.0]])
    f = lambda x: getattr(tg, name)(x, axis=1)  # noqa: E731
    pulled = tg.vjp(f, x)[1](np.array([1.0, 0.0]))[0]
    assert pulled.tolist() == [[0, 0.5, 0, 0.5], [0, 0, 0, 0]]
    pushed = tg.jvp(f, (x,), (np.ones((2, 4)),))[1]
    assert pushed.tolist() == [1, 1]
    t = tg.tensor(x, requires_grad=True)
    f(t).backward(np.array([1.0, 0.0]), create_graph=True)
    np.testing.assert_array_equal(t.grad.numpy(), pulled)


def test_ties_with_what_a_mask_leaves_out_do_not_count():
    x, mask = np.array([1.0, 3.0, 3.0]), np.array([True, True, False])
    assert tg.grad(lambda x: tg.max(x, initial=0.0, where=mask))(x).tolist() == [0, 1, 0]
    assert tg.grad(lambda x: tg.max(x, initial=3.0, where=mask))(x).tolist() == [0, 0.5, 0]
    assert tg.grad(lambda x: tg.nanmax(x))(np.array([3.0, np.nan, 3.0])).tolist() == [0.5, 0, 0.5]


def test_what_a_nan_is_made_of_gets_no_gradient():
    with np.errstate(invalid="ignore"):
        for name in ("nansum", "nanmean", "nanvar", "nanprod"):
            g = tg.grad(lambda x, name=name: getattr(tg, name)(tg.log(x)))(np.array([-1.0, 2.0, 3.0]))
            assert g[0] == 0
            assert np.isfinite(g).all()


# --------------------------------------------------------------------------------------------------- complex

Z = drawn(4, 4, seed=8) + 1j * drawn(4, 4, seed=9)


@pytest.mark.parametrize(
    "f",
    [
        lambda z: tg.var(z, axis=1, where=MASK, ddof=1), lambda z: tg.std(z, where=MASK), lambda z: tg.std(z, axis=0),
        lambda z: tg.var(z, axis=1, mean=Z[:, :1]), lambda z: tg.sum(z, axis=0, where=MASK, initial=1j),
        lambda z: tg.mean(z, axis=0, where=MASK), lambda z: tg.prod(z, axis=0, where=MASK),
        lambda z: tg.cumprod(z, axis=1), lambda z: tg.cumprod(z), lambda z: tg.nanmean(z), lambda z: tg.nanvar(z),
        lambda z: tg.average(z, axis=0, weights=np.arange(1.0, 5)), lambda z: tg.trapezoid(z, dx=0.5),
        lambda z: tg.cumprod(tg.where(MASK, z, 0), axis=1), lambda z: tg.prod(tg.where(MASK, z, 0), axis=0),
    ],
)  # fmt: skip
def test_complex_numbers(f):
    report = tg.check_gradients(f, Z)
    assert report.ok
    with np.errstate(all="ignore"):
        assert tg.var(Z, where=MASK).dtype == np.float64


# --------------------------------------------------------------------------------------------------- cumprod


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 9, 31])
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_cumprod_is_the_sum_of_its_terms(n, zeros):
    rng = np.random.default_rng(n)
    x, g = rng.uniform(0.5, 1.5, n), rng.standard_normal(n)
    x[rng.permutation(n)[:zeros]] = 0
    jacobian = [[np.prod(np.delete(x[: j + 1], i)) if i <= j else 0 for i in range(n)] for j in range(n)]
    np.testing.assert_allclose(tg.vjp(tg.cumprod, x)[1](g)[0], g @ np.array(jacobian), rtol=1e-12, atol=1e-14)


def test_products_that_leave_the_range_of_numbers():
    x = np.array([1e-200, 1e-200, 3.0])  # underflows to 0: the products of the others do not
    np.testing.assert_allclose(tg.grad(tg.prod)(x), [3e-200, 3e-200, 0], rtol=1e-12)
    np.testing.assert_allclose(tg.grad(lambda x: tg.cumprod(x)[1])(x), [1e-200, 1e-200, 0], rtol=1e-12)
    x = np.full(2000, 0.5)  # far beyond where the products are 0
    np.testing.assert_allclose(tg.grad(lambda x: tg.cumprod(x).sum())(x)[:3], [2, 1, 0.5], rtol=1e-12)


def test_products_agree_on_both_of_their_ways():
    x, g = np.random.default_rng(0).uniform(0.5, 1.5, (3, 20)), drawn(3, 20)
    t = tg.tensor(x, requires_grad=True)
    tg.cumprod(t, axis=1).backward(g, create_graph=True)  # without division
    np.testing.assert_allclose(t.grad.numpy(), tg.vjp(lambda x: tg.cumprod(x, axis=1), x)[1](g)[0], rtol=1e-12)
    t.grad = None
    tg.prod(t, axis=1).backward(g[:, 0], create_graph=True)
    np.testing.assert_allclose(t.grad.numpy(), tg.vjp(lambda x: tg.prod(x, axis=1), x)[1](g[:, 0])[0], rtol=1e-12)


@pytest.mark.parametrize("name", ["cumprod", "prod", "cumsum", "nansum", "nanmean"])
def test_torch_agrees(name):
    torch = pytest.importorskip("torch")
    x = np.where(MASK, M, np.nan) if "nan" in name else np.where(MASK, M, 0.0)
    theirs = torch.tensor(x, requires_grad=True)
    y = getattr(torch, name)(theirs, dim=1)
    y.backward(torch.ones_like(y))
    ours = tg.tensor(x, requires_grad=True)
    z = getattr(tg, name)(ours, axis=1)
    z.backward(np.ones(z.shape))
    np.testing.assert_allclose(z.numpy(), y.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-12)


# --------------------------------------------------------------------------------------- methods and messages


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.sum(axis=1, keepdims=True, initial=1.0, where=MASK), lambda x: x.prod(0, initial=2.0, where=MASK),
        lambda x: x.mean(1, where=MASK), lambda x: x.var(1, ddof=1, where=MASK, keepdims=True),
        lambda x: x.std(0, ddof=1), lambda x: x.max(1, initial=0.2, where=MASK), lambda x: x.min(0, keepdims=True),
        lambda x: x.argmax(1, keepdims=True), lambda x: x.argmin(), lambda x: x.cumprod(1), lambda x: x.cumsum(0),
        lambda x: (x > 0).any(1, keepdims=True, where=MASK), lambda x: (x > 0).all(where=MASK), lambda x: x.cumprod(),
        lambda x: x.sum(1, None, None), lambda x: x.cumsum(1, np.float32, None), lambda x: x.var(0, None, None, 1),
    ],
)  # fmt: skip
def test_methods(call):
    expected = np.asarray(call(M))
    y = call(tg.tensor(M, requires_grad=True))
    assert y.dtype == expected.dtype
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "var", "std", "max", "min", "any", "all", "argmax", "argmin",
    "ptp", "cumsum", "cumprod", "cumulative_sum", "cumulative_prod", "nansum", "nanprod", "nanmean", "nanvar", "nanstd",
    "nanmax", "nanmin", "nanargmax", "nanargmin", "nancumsum", "nancumprod"])  # fmt: skip
def test_arrays_for_the_result_are_refused(name):
    skip_without(name)
    with pytest.raises(
        tg.NotDifferentiable, match=rf"np\.{name}: an array cannot hold .* write y = np\.{name}\(\.\.\.\)"
    ):
        getattr(np, name)(tg.tensor(V, requires_grad=True), out=np.zeros(()))
    message = rf"{name}: an array cannot hold a recorded result \(out=\); write y = np\.{name}\(\.\.\.\)"
    with pytest.raises(tg.NotDifferentiable, match=message):
        getattr(tg, name)(V, out=np.zeros(()))
    expected = getattr(np, name)(V)
    array = np.zeros_like(expected)
    assert getattr(np, name)(tg.tensor(V), out=array) is array  # nobody follows it
    np.testing.assert_array_equal(array, expected)
    found = tg.tensor(np.zeros_like(expected))
    assert getattr(np, name)(tg.tensor(V, requires_grad=True), out=found) is found
    np.testing.assert_array_equal(found.numpy(), expected)
    assert found.requires_grad == (found.dtype.kind == "f")
    getattr(np, name)(tg.tensor(V), out=None)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tg.var(V, ddof=1, correction=2), ValueError, "var: ddof=1 and correction=2 are two names of one th"),
        (lambda: tg.std(V, ddof=1, correction=1), ValueError, "std: ddof=1 and correction=1 are two names .*; give"),
        (lambda: tg.prod(V[:4], where=MASK), ValueError, r"prod: where= of shape \(4, 4\) does not fit into \(4,\); g"),
        (lambda: tg.max(V, where=V > 0), ValueError, "max: where= leaves positions out; give initial=, the value of"),
        (lambda: tg.nanmin(V, where=V > 0), ValueError, "min: where= leaves positions out; give initial=, the value"),
        (lambda: tg.average(M, weights=V), TypeError, r"average: weights of shape \(5,\) for x of shape \(4, 4\); say"),
        (lambda: tg.average(M, 1, V), ValueError, r"average: weights of shape \(5,\) for axes 1 of lengths \(4,\); g"),
        (lambda: tg.average(V[:2], weights=[1, -1]), ZeroDivisionError, "average: the weights add up to zero; give"),
        (lambda: np.average(tg.tensor(V[:2]), weights=[1, -1]), ZeroDivisionError, "average: the weights add up to ze"),
        (lambda: tg.cumulative_sum(M), ValueError, r"cumulative_sum: x of shape \(4, 4\) has no axis of its own; give"),
        (lambda: tg.cumulative_prod(M), ValueError, r"cumulative_prod: x of shape \(4, 4\) has no axis of its own"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_masks_may_be_computed_in_a_compiled_step():
    x = M.copy()
    step = tg.compile(lambda x: tg.mean(x, axis=0, where=x > -1) + tg.var(x, where=x > -1))
    for a in (x, -x):
        np.testing.assert_allclose(
            step(tg.tensor(a)).numpy(), np.mean(a, axis=0, where=a > -1) + np.var(a, where=a > -1), rtol=1e-12
        )


def test_products_in_a_compiled_step_take_the_way_that_suits_their_values():
    step = tg.compile(tg.value_and_grad(lambda x: tg.cumprod(x).sum() + tg.prod(x)))
    for a in (np.array([1.5, 2.0, -3.0]), np.array([1.5, 0.0, -3.0]), np.array([0.0, 0.0, 2.0]), np.full(3, 1e-200)):
        y, slope = tg.value_and_grad(lambda x: tg.cumprod(x).sum() + tg.prod(x))(a)
        found, compiled = step(tg.tensor(a))
        assert found.item() == y
        np.testing.assert_array_equal(compiled.numpy(), slope)


def test_nans_in_a_compiled_step_may_move():
    def f(x):
        return tg.nansum(x) + tg.nanmax(x) * tg.nanvar(x) + tg.max(x, initial=0.0, where=x < 2)

    step = tg.compile(tg.value_and_grad(f))
    for a in (np.array([1.0, np.nan, 3.0]), np.array([np.nan, 2.0, 3.5]), np.array([1.0, 2.5, 5.0])):
        for ours, eager in zip(step(tg.tensor(a)), tg.value_and_grad(f)(a), strict=True):
            np.testing.assert_array_equal(ours.numpy(), eager)
