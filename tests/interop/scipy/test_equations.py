"""tg.scipy.linalg: Sylvester's and Lyapunov's equations, banded systems, blocks on a diagonal; multigammaln."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.interop.scipy import equations
from tinygraph.testing import Case, check_op

linalg = pytest.importorskip("scipy.linalg")
special = pytest.importorskip("scipy.special")
ours = tg.scipy.linalg

REAL_AND_COMPLEX = pytest.mark.parametrize("i", [0, 1j], ids=["real", "complex"])


def same(function, theirs, *inputs):
    """SciPy's values on arrays and Tensors, and gradients that agree with differences."""
    for given in (inputs, [tg.tensor(x) for x in inputs]):
        y = function(*given)
        np.testing.assert_allclose(
            y.numpy() if isinstance(y, tg.Tensor) else y, theirs(*inputs), rtol=1e-12, atol=1e-14
        )
    assert tg.check_gradients(function, *inputs, order=2).ok


@REAL_AND_COMPLEX
def test_sylvesters_and_lyapunovs_equations(rng, i):
    a, b, q, s = (rng.normal(size=n) + i * rng.normal(size=n) for n in ((3, 3), (2, 2), (3, 2), (3, 3)))
    same(ours.solve_sylvester, linalg.solve_sylvester, a, b, q)
    same(ours.solve_continuous_lyapunov, linalg.solve_continuous_lyapunov, a, s)


@REAL_AND_COMPLEX
@pytest.mark.parametrize("columns", [(), (2,)])
@pytest.mark.parametrize("bands", [(1, 1), (0, 1), (2, 0), (1, 2), (0, 0)])
def test_banded_systems(rng, i, columns, bands):
    ab = rng.normal(size=(sum(bands) + 1, 5)) * (1 + i)
    ab[bands[1]] += 5
    b = rng.normal(size=(5, *columns))
    same(lambda ab, b: ours.solve_banded(bands, ab, b), lambda ab, b: linalg.solve_banded(bands, ab, b), ab, b)


def test_a_wrong_number_of_bands_is_named(rng):
    with pytest.raises(ValueError, match=r"ab has shape \(2, 5\); give one matrix, of 3 rows for l_and_u \(1, 1\)"):
        ours.solve_banded((1, 1), tg.tensor(rng.normal(size=(2, 5))), np.ones(5))


@REAL_AND_COMPLEX
def test_blocks(rng, i):
    same(ours.block_diag, linalg.block_diag, rng.normal(size=(2, 3)) + i, rng.normal(size=2), np.asarray(3.0))
    with pytest.raises(ValueError, match=r"a block has shape \(1, 2, 3\)"):
        ours.block_diag(tg.tensor(np.ones((1, 2, 3))))


def test_every_property_holds(rng):
    a, b, q = rng.normal(size=(3, 3)), rng.normal(size=(2, 2)), rng.normal(size=(3, 2))
    assert check_op(equations._sylvester, cases=[Case(a, b, q)])
    ab = rng.normal(size=(3, 4)) + [[0], [5], [0]]
    assert check_op(equations._banded, cases=[Case(ab, rng.normal(size=4), lower=1, upper=1)])


def test_multigammaln():
    same(lambda a: tg.scipy.special.multigammaln(a, 3), lambda a: special.multigammaln(a, 3), np.array([4.0, 5.0]))
    for d, message in ((1.5, "d should be a positive integer"), (9, r"condition a .* > 0.5 \* \(d-1\)")):
        with pytest.raises(ValueError, match=message):
            tg.scipy.special.multigammaln(tg.tensor(2.0), d)  # before SciPy 1.16 it can say so of a number alone
