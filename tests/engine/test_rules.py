"""What one input receives of a gradient fits it: summed where it had been broadcast, broadcast where it was reduced."""

import numpy as np
import pytest

from tinygraph.engine.rules import fit


@pytest.mark.parametrize(
    ("given", "wanted"),
    [((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), ()), ((2, 3), (2, 3)), ((4, 2, 3), (2, 1)), ((0, 3), (3,)),
     ((2, 0), (1, 1)), ((5, 1), (1,)), ((), ()), ((3, 1, 2), (1, 1, 2))],
)  # fmt: skip
def test_fit_sums_what_was_broadcast(given, wanted):
    g = np.arange(float(np.prod(given))).reshape(given)
    fitted = fit(g, wanted)
    assert fitted.shape == wanted
    assert fitted.sum() == pytest.approx(g.sum())
    column = np.broadcast_to(np.ones(wanted), given)
    np.testing.assert_allclose(np.sum(g * column), np.sum(fitted))


@pytest.mark.parametrize(("given", "wanted"), [((), (2, 3)), ((2, 1), (2, 3)), ((1, 1), (4, 2)), ((3,), (3,))])
def test_fit_broadcasts_reduced_gradients(given, wanted):
    fitted = fit(np.ones(given), wanted)
    assert fitted.shape == wanted
    assert np.all(fitted == 1)
    assert fit(np.float32(2), (2, 2)).tolist() == [[2, 2], [2, 2]]
