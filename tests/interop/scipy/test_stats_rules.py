"""scipy.stats: every method has every property of an operation, is SciPy's in value, and right at the ends."""

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.op import Op
from tinygraph.errors import NotDifferentiable
from tinygraph.testing import Case, check_op
from tinygraph.testing.suite import PROPERTIES

scipy_stats = pytest.importorskip("scipy.stats")
ours = tg.scipy.stats
NoDerivative = type(tg.scipy.special.jv.op.rules[0])
OPS = {f"{name}.{m}": f.op for name in ours.__all__ for m, f in getattr(ours, name).ops.items()}
CONTINUOUS = ours.continuous.__all__
DISCRETE = ours.discrete.__all__


def cases(name: str, op: Op) -> list[Case]:
    """Points inside of the support, whatever the shapes are broadcast to; integers for what has no derivative."""
    rng = np.random.default_rng(41)
    of, method = name.split(".")
    distribution = getattr(ours, of)

    def inputs(*shape: int) -> list[Any]:
        x = rng.uniform(0.35, 0.65, shape)
        if method in ("ppf", "isf"):
            pass
        elif of == "geom":
            x = rng.integers(1, 5, shape)
        elif of in DISCRETE:
            x = rng.integers(0, 1 if of == "bernoulli" else 5, shape)
        elif distribution.support[0] == 1:
            x = x + 2
        elif distribution.support == (-np.inf, np.inf):
            x = rng.standard_normal(shape)
        shapes: list[Any] = []
        for k, p in enumerate(distribution.shapes):
            if of in DISCRETE:
                shapes.append(7 if p == "n" else rng.uniform(0.3, 0.7, shape))
            else:
                without = isinstance(op.rules[1 + k], NoDerivative)
                shapes.append(np.asarray(2 + k) if without else np.exp(0.3 * rng.standard_normal(shape)))
        if of in DISCRETE:
            return [x, *shapes, 0]
        return [x, *shapes, rng.uniform(-0.1, 0.1, shape), rng.uniform(0.9, 1.1, shape)]

    if distribution.name in DISCRETE:
        return [Case(*inputs(3)), Case(*inputs())]
    (x, *others), small = inputs(3), inputs()
    return [Case(x, *others), Case(*small), Case(x[:2, None], *small[1:-1], others[-1])]


MOST = [n if n.startswith(("norm", "beta", "poisson")) else pytest.param(n, marks=pytest.mark.slow) for n in OPS]


@pytest.mark.parametrize("name", MOST)
def test_every_property_holds(name):
    op = OPS[name]
    skipped = {"saves_what_rules_name"}  # one rule for all distributions takes what only some need
    if any(isinstance(rule, NoDerivative) for rule in op.rules):
        skipped.add("no_nan")  # would ask for derivatives in them
    if name.partition(".")[0] in DISCRETE:
        skipped.add("no_nan")  # asks for probabilities below 0, of which some of SciPy's answers are finite
    assert check_op(op, cases=cases(name, op), only=[p for p in PROPERTIES if p not in skipped])


@pytest.mark.parametrize("name", OPS)
def test_values_are_scipys_of_any_argument(name):
    of, method = name.split(".")
    ourself, theirs = getattr(getattr(ours, of), method), getattr(getattr(scipy_stats, of), method)
    for case in cases(name, OPS[name]):
        expected = theirs(*case.inputs)
        found = ourself(*[tg.tensor(x) for x in case.inputs])
        np.testing.assert_array_equal(found.numpy(), expected)
        assert found.dtype == np.asarray(expected).dtype
        np.testing.assert_array_equal(ourself(*case.inputs), expected)
    x, *shapes = cases(name, OPS[name])[1].inputs[: 1 + len(getattr(ours, of).shapes)]
    named = dict(zip(getattr(ours, of).shapes, shapes, strict=True))
    assert ourself(tg.tensor(x), loc=0.05, **named).item() == theirs(x, loc=0.05, **named)
    assert getattr(getattr(ours, of)(*shapes), method)(tg.tensor(x)).item() == theirs(x, *shapes)
    with pytest.raises(TypeError, match=r"missing a required argument|unexpected|multiple"):
        ourself(tg.tensor(x), no_such=1)


# ----------------------------------------------------------------------------------------- ends, and outside

INF, NAN = np.inf, np.nan
EDGES: list[tuple[str, tuple[float, ...], tuple[float, ...]]] = [
    ("norm.logpdf", (1e200, 0, 1), (-1e200, 1e200, INF)), ("norm.logpdf", (0.5, 0, -1), (NAN, NAN, NAN)),
    ("norm.logcdf", (-40.0, 0, 1), (40.024968847635, -40.024968847635, 1600.9987539054)),
    ("norm.logsf", (40.0, 0, 1), (-40.024968847635, 40.024968847635, 1600.9987539054)),
    ("norm.cdf", (INF, 0, 1), (0, 0, 0)), ("norm.sf", (-INF, 0, 1), (0, 0, 0)),
    ("norm.ppf", (0.5, 3, 2), (5.013256549, 1, 0)),
    ("cauchy.logpdf", (1e200, 0, 1), (-2e-200, 2e-200, 1)),
    ("expon.logpdf", (-1.0, 0, 1), (0, 0, 0)), ("expon.pdf", (0.0, 0, 1), (-1, 1, -1)),
    ("expon.pdf", (-1.0, 0, 1), (0, 0, 0)),
    ("uniform.pdf", (0.5, 0, 2), (0, 0, -0.25)), ("uniform.cdf", (3.0, 0, 2), (0, 0, 0)),
    ("gamma.pdf", (0.0, 1, 0, 1), (-1, NAN, 1, -1)), ("gamma.pdf", (0.0, 2, 0, 1), (1, 0, -1, 0)),
    ("gamma.pdf", (0.0, 3, 0, 1), (0, 0, 0, 0)), ("gamma.pdf", (-1.0, 2, 0, 1), (0, 0, 0, 0)),
    ("gamma.logpdf", (0.0, 1, 0, 1), (-1, -INF, 1, -1)), ("gamma.logpdf", (-0.5, 3, 0, 1), (0, 0, 0, 0)),
    ("chi2.pdf", (0.0, 4, 0, 1), (0.25, 0, -0.25, 0)), ("chi2.pdf", (0.0, 2, 0, 1), (-0.25, NAN, 0.25, -0.5)),
    ("beta.pdf", (0.0, 2, 1, 0, 1), (2, 0, 0, -2, 0)), ("beta.pdf", (1.0, 1, 2, 0, 1), (-2, 0, 0, 2, 2)),
    ("beta.pdf", (0.0, 1, 1, 0, 1), (0, NAN, NAN, 0, -1)), ("beta.logpdf", (1.5, 2, 2, 0, 1), (0, 0, 0, 0, 0)),
    ("pareto.pdf", (0.5, 2, 0, 1), (0, 0, 0, 0)), ("lognorm.cdf", (0.0, 1, 0, 1), (0, 0, 0, 0)),
    ("t.logpdf", (1e200, 3, 0, 1), (-4e-200, -459.2745648466735, 4e-200, 3)),
    ("t.pdf", (1.0, INF, 0, 1), (-0.24197072451914337, NAN, 0.24197072451914337, 0)),
    ("poisson.logpmf", (0, 0.0, 0), (0, -1, 0)), ("poisson.pmf", (1, 0.0, 0), (0, 1, 0)),
    ("poisson.logpmf", (1, 0.0, 0), (0, INF, 0)), ("poisson.pmf", (1.5, 2.0, 0), (0, 0, 0)),
    ("poisson.cdf", (-1, 2.0, 0), (0, 0, 0)), ("poisson.pmf", (-1, 2.0, 0), (0, 0, 0)),
    ("poisson.logcdf", (-1, 2.0, 0), (0, 0, 0)), ("poisson.cdf", (1.5, 2.0, 0), (0, -2 * np.exp(-2), 0)),
    ("bernoulli.pmf", (1, 0.0, 0), (0, 1, 0)), ("bernoulli.pmf", (2, 0.5, 0), (0, 0, 0)),
    ("binom.pmf", (1, 1, 0.0, 0), (0, 0, 1, 0)), ("binom.logpmf", (0, 3, 0.0, 0), (0, 0, -3, 0)),
    ("geom.pmf", (2, 1.0, 0), (0, -1, 0)), ("geom.logpmf", (1, 1.0, 0), (0, 1, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "at", "expected"), EDGES, ids=[f"{name}{at}" for name, at, _ in EDGES])
def test_derivatives_at_ends(name, at, expected):
    of, method = name.split(".")
    f = getattr(getattr(ours, of), method)
    for k, right in enumerate(expected):
        with np.errstate(all="ignore"):
            try:
                found = tg.grad(f, k)(*[float(x) if i == k else x for i, x in enumerate(at)])
            except NotDifferentiable:
                found = NAN
        if not np.isnan(right) or of == "norm":
            np.testing.assert_allclose(found, right, rtol=1e-8, atol=1e-300, err_msg=f"input {k}")
