"""tg.scipy.interpolate: SciPy's values, and derivatives in knots, values and points."""

import numpy as np
import pytest

import tinygraph as tg

theirs = pytest.importorskip("scipy.interpolate")
ours = tg.scipy.interpolate


@pytest.mark.parametrize("bc_type", ["not-a-knot", "natural", "clamped"])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 7])
def test_cubic_splines(rng, n, bc_type):
    x, y = np.cumsum(rng.uniform(0.5, 1.5, n)), rng.normal(size=(n, 2))
    points = np.array([x[0] - 0.2, x[0], x[0] + 0.3, x[-1], x[-1] + 0.1, (x[0] + x[-1]) / 2 + 0.01])
    for nu in range(4):
        expected = theirs.CubicSpline(x, y, bc_type=bc_type)(points, nu)
        found = ours.CubicSpline(x, tg.tensor(y), bc_type)(points, nu)
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(ours.CubicSpline(x, y, bc_type)(points, nu), expected)
    inner = points[[0, 2, 5]] + 0.013
    assert tg.check_gradients(lambda x, y, p: ours.CubicSpline(x, y, bc_type)(p), x, y, inner, order=2).ok
    assert tg.check_gradients(lambda y, p: ours.CubicSpline(x, y, bc_type)(p, 1), y[:, 0], inner).ok


def test_splines_that_are_not_recorded_are_named():
    x = np.arange(4.0)
    with pytest.raises(ValueError, match="CubicSpline: bc_type='periodic' is not recorded"):
        ours.CubicSpline(x, np.array([0.0, 1.0, 2.0, 0.0]), "periodic")
    with pytest.raises(ValueError, match="CubicSpline: nu=4; give a derivative from 0 to 3"):
        ours.CubicSpline(x, tg.tensor(x))(1.5, 4)
    with pytest.raises(ValueError, match="increasing"):
        ours.CubicSpline(x[::-1], tg.tensor(x))


def test_grids(rng):
    axes, values = ([0.0, 1.0, 2.5], [0.0, 2.0, 3.0], [1.0, 2.0]), rng.normal(size=(3, 3, 2, 2))
    points = rng.uniform(0.05, 0.9, size=(4, 3)) * np.array([2.5, 3, 1]) + np.array([0, 0, 1])
    expected = theirs.RegularGridInterpolator(axes, values)(points)
    np.testing.assert_allclose(ours.RegularGridInterpolator(axes, tg.tensor(values))(points).numpy(), expected)
    np.testing.assert_array_equal(ours.RegularGridInterpolator(axes, values)(points), expected)
    apart = tuple(tg.tensor(p) for p in points.T)
    np.testing.assert_allclose(ours.RegularGridInterpolator(axes, values)(apart).numpy(), expected)
    assert tg.check_gradients(lambda v, p: ours.RegularGridInterpolator(axes, v)(p), values, points, order=2).ok


@pytest.mark.parametrize("fill", [np.nan, None, -3.0])
def test_points_outside_of_a_grid(rng, fill):
    axes, values = ([0.0, 1.0, 2.5], [0.0, 2.0]), rng.normal(size=(3, 2))
    points = np.array([[9.0, 1.0], [0.5, 0.5]])
    settings = {"bounds_error": False, "fill_value": fill}
    np.testing.assert_allclose(
        ours.RegularGridInterpolator(axes, tg.tensor(values), **settings)(points).numpy(),
        theirs.RegularGridInterpolator(axes, values, **settings)(points),
    )
    with pytest.raises(ValueError, match="a point lies outside of the grid; give bounds_error=False"):
        ours.RegularGridInterpolator(axes, tg.tensor(values))(points)
    with pytest.raises(ValueError, match="method='cubic' is not recorded"):
        ours.RegularGridInterpolator(axes, values, method="cubic")
