"""scipy.special: every rule has every property of an operation, a broken one is noticed, and edges are exact."""

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.test_meta import CHANGES, broken
from tinygraph.engine.declare import registry
from tinygraph.engine.op import Op
from tinygraph.errors import GradientError
from tinygraph.testing import Case, check_op
from tinygraph.testing.cases import draw
from tinygraph.testing.suite import PROPERTIES

special = pytest.importorskip("scipy.special")
ours = tg.scipy.special
NoDerivative = type(ours.jv.op.rules[0])
OPS = [op for op in registry if op.function.__module__ == ours.__name__]
RULES_OF = {op: [k for k, r in enumerate(op.rules) if r is not None and not isinstance(r, NoDerivative)] for op in OPS}
RULES = [(op, k) for op in OPS for k in RULES_OF[op] if callable(op.rules[k])]

_rng = np.random.default_rng(41)
_n = np.arange(3)


def _any(*shape: int) -> Any:
    return np.asarray(_rng.standard_normal(shape))


def _positive(*shape: int) -> Any:
    return np.asarray(np.exp(0.5 * _rng.standard_normal(shape)))


def _unit(*shape: int) -> Any:
    return np.asarray(_rng.uniform(0.05, 0.95, shape))


def _of_order(at: Any, *lowest: int) -> list[Case]:
    """Integer parameters from `lowest` on, which have no derivatives to be checked."""
    first, others = lowest[0], lowest[1:]
    return [
        Case(first + _n, *others, at(3)), Case(first + _n[:, None], *others, at(2)), Case(first + 1, *others, at()),
        Case(first + 2, *others, at(0, 2)),
    ]  # fmt: skip


ROWS: dict[str, list[Case]] = {
    **{name: _of_order(_any, 0) for name in ("jv", "iv")},
    **{name: _of_order(_positive, 0) for name in ("ive", "kn", "kv", "kve", "modstruve", "struve", "yn", "yv", "expn")},
    **{name: _of_order(_positive, 1) for name in ("gammainc", "gammaincc")},
    **{name: _of_order(_unit, 1) for name in ("gammaincinv", "gammainccinv")},
    **{name: _of_order(_any, 0) for name in ("eval_chebyt", "eval_chebyu", "eval_hermite", "eval_hermitenorm")},
    **{name: _of_order(_any, 0) for name in ("eval_laguerre", "eval_legendre", "eval_sh_legendre")},
    **{name: _of_order(_any, 0, 2) for name in ("eval_gegenbauer", "eval_genlaguerre")},
    "eval_jacobi": _of_order(_any, 0, 1, 2),
    **{name: [Case(_positive(3)), Case(_positive()), Case(_positive(0, 2))] for name in ("Ci", "Chi")},
    **{name: _of_order(_unit, 1, 3) for name in ("betainc", "betaincc", "betaincinv", "betainccinv")},
    **{name: _of_order(_positive, 1) for name in ("chdtr", "chdtrc", "pdtr", "pdtrc")},
    "chdtri": _of_order(_unit, 1),
    "stdtr": _of_order(_any, 1),
    **{name: _of_order(_positive, 1, 3) for name in ("fdtr", "fdtrc")},
    **{name: [Case(_positive(3), 1 + _n, _positive(3)),
              Case(_positive(2, 1), 2, _positive(3)), Case(_positive(), 1, 2.0)]
       for name in ("gdtr", "gdtrc")},
    "zeta": [*_of_order(_positive, 2), Case(3, np.array([0.5, -0.5, -1.5]))],
    "hyp0f1": _of_order(_any, 1),
    "hyp1f1": _of_order(_any, 1, 2),
    "hyperu": _of_order(_positive, 1, 2),
    "hyp2f1": [Case(1 + _n, 2, _n + 2, _unit(3)), Case(1, 2, 3, -_positive(2, 2)), Case(1, 1, 2, _unit())],
    "ellipkinc": [Case(_any(3), -_n), Case(_any(2, 1), -_n), Case(_any(), 0)],
    "ellipeinc": [Case(_any(3), -_n), Case(_any(2, 1), -_n), Case(_any(), 0)],
    "lambertw": [Case(_positive(3), 0, 1e-8), Case(_any(3) + 1j, 0, 1e-8), Case(1j * _any(2) - 1, -1, 1e-8)],
    "riemann_zeta": [Case(_n + 2)],
    "erfcx": [Case(_any(4)), Case(_any()), Case(_any(0, 2))],
    "xlogy": [Case(_any(3), _positive(3)), Case(_any(2, 1), _positive(3)), Case(_any(), 2.0)],
    "xlog1py": [Case(_any(3), _positive(3)), Case(_any(2, 1), _positive(3)), Case(_any(), 2.0)],
}  # fmt: skip


def short(op: Op) -> str:
    return op.name.removeprefix("scipy.special.")


def cases(op: Op) -> list[Case]:
    """Those of the table, else from the domain."""
    shapes: Any = {1: [((4,),), ((),), ((0, 2),)], 2: [((3,), (3,)), ((2, 1), (3,)), ((), ()), ((0, 1), (2,))]}
    found, rng = ROWS.get(short(op)), np.random.default_rng(41)
    return found or [Case(*[draw(rng, op.domain, s) for s in given]) for given in shapes[op.arity]]


def test_every_row_is_of_an_operation():
    assert {short(op) for op in OPS} >= ROWS.keys()
    assert len(OPS) > 70


@pytest.mark.parametrize("op", OPS, ids=short)
def test_every_property_holds(op):
    parameters = len(RULES_OF[op]) < op.arity  # no_nan would ask for derivatives in them
    assert check_op(op, cases=cases(op), only=[name for name in PROPERTIES if not (parameters and name == "no_nan")])


@pytest.mark.slow
@pytest.mark.parametrize(("op", "index"), RULES, ids=[f"{short(op)}-{k}" for op, k in RULES])
def test_a_broken_rule_is_noticed(op, index):
    for name in ("doubled", "1 part in 100,000 off"):
        with pytest.raises(GradientError, match="is wrong"):
            check_op(broken(op, index, CHANGES[name]), cases=cases(op)[:1], only=["first_order"])


# ----------------------------------------------------------------------------------------- where others fail


def slopes(f: Any, *at: float) -> tuple[float, ...]:
    with np.errstate(all="ignore"):
        return tuple(tg.grad(f, tuple(range(len(at))))(*at))


INF, NAN = np.inf, np.nan
EDGES: list[tuple[str, tuple[float, ...], tuple[float, ...]]] = [
    ("expit", (40.0,), (np.exp(-40.0),)), ("expit", (-1000.0,), (0.0,)), ("expit", (-700.0,), (np.exp(-700.0),)),
    ("logit", (1e-300,), (1e300,)), ("log_expit", (-1000.0,), (1.0,)), ("log_expit", (700.0,), (np.exp(-700.0),)),
    ("erfinv", (1.0,), (INF,)), ("erfcx", (1e8,), (-1 / np.sqrt(np.pi) / 1e16,)), ("dawsn", (-1e8,), (-5e-17,)),
    ("erfc", (25.0,), (-2 / np.sqrt(np.pi) * np.exp(-625.0),)),
    ("log_ndtr", (-1000.0,), (1000.000999998,)), ("log_ndtr", (10.0,), (np.exp(-50.0) / np.sqrt(2 * np.pi),)),
    ("ndtri_exp", (-1000.0,), (0.02240236768623081,)),
    ("gammaln", (-0.5,), (0.036489973978576520,)), ("psi", (-0.5,), (np.pi**2 / 2 + 4,)),
    ("rgamma", (0.0,), (1.0,)), ("rgamma", (-2.0,), (2.0,)), ("rgamma", (-3.0,), (-6.0,)),
    ("binom", (1.0, 40.0), (1 / 1560, -1 / 1560)), ("gammasgn", (-0.5,), (0.0,)),
    ("xlogy", (0.0, 0.0), (-INF, 0.0)), ("xlogy", (0.0, 2.0), (np.log(2), 0.0)), ("xlog1py", (0.0, -1.0), (-INF, 0.0)),
    ("entr", (0.0,), (INF,)), ("entr", (-1.0,), (NAN,)), ("entr", (1.0,), (-1.0,)),
    ("rel_entr", (0.0, 2.0), (-INF, 0.0)), ("rel_entr", (-1.0, 2.0), (NAN, 0.5)), ("kl_div", (0.0, 2.0), (-INF, 1.0)),
    ("kl_div", (1.0, 1.0), (0.0, 0.0)),
    ("i0e", (0.0,), (0.0,)), ("i1", (0.0,), (0.5,)), ("i1e", (0.0,), (0.5,)), ("j1", (0.0,), (0.5,)),
    ("ellipk", (0.0,), (np.pi / 8,)), ("ellipe", (0.0,), (-np.pi / 8,)), ("ellipkm1", (1e-10,), (-5e9,)),
    ("exprel", (0.0,), (0.5,)), ("exprel", (-1e8,), (1e-16,)), ("exprel", (700.0,), (np.exp(700.0) * 699 / 490000,)),
    ("exprel", (1000.0,), (INF,)),
    ("spence", (1.0,), (-1.0,)),
    ("huber", (1.0, 1.0), (0.0, 1.0)), ("huber", (1.0, -3.0), (2.0, -1.0)),
    ("boxcox", (np.e, 0.0), (1 / np.e, 0.5)), ("inv_boxcox", (1.0, 0.0), (np.e, -0.5 * np.e)),
    ("expm1", (-50.0,), (np.exp(-50.0),)), ("ellipk", (-1e8,), (4.798317331810657e-12,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "at", "expected"), EDGES, ids=[f"{name}{at}" for name, at, _ in EDGES])
def test_derivatives_at_edges(name, at, expected):
    np.testing.assert_allclose(slopes(getattr(special, name), *at), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("log_ndtr", -1000.0, -0.9999990000059999), ("log_ndtr", 50.0, 0.0),
        ("erfcx", 1e4, (2e-12 - 6e-20) / np.sqrt(np.pi)),
        ("ellipk", 0.0, 9 * np.pi / 64), ("exprel", 0.0, 1 / 3), ("spence", 1.0, 0.5), ("erfinv", 0.0, 0.0),
        ("i1e", 1.0, -0.1498163306826706), ("psi", 1.0, -2.4041138063191886), ("rgamma", 0.0, 2 * np.euler_gamma),
    ],
)  # fmt: skip
def test_second_derivatives_at_edges(name, at, expected):
    np.testing.assert_allclose(tg.hessian(getattr(special, name))(at), expected, rtol=1e-8, atol=1e-300)


def test_box_cox_has_all_derivatives_at_lambda_0():
    assert tg.hessian(lambda l: special.boxcox(2.0, l))(0.0) == pytest.approx(np.log(2) ** 3 / 3)
    assert tg.hessian(lambda l: special.boxcox1p(1.0, l))(0.0) == pytest.approx(np.log(2) ** 3 / 3)
    mixed = tg.hessian(lambda p: special.boxcox(p[0], p[1]))(np.array([2.0, 0.0]))
    np.testing.assert_allclose(mixed, [[-0.25, np.log(2) / 2], [np.log(2) / 2, np.log(2) ** 3 / 3]], rtol=1e-12)


# ------------------------------------------------------------------------------------------- another library

JAX = {
    "expit": [_any(4)], "logit": [_unit(4)], "erf": [_any(4)], "erfc": [_any(4)], "erfinv": [_unit(4)],
    "gammaln": [_any(4)], "digamma": [_positive(4)], "betaln": [_positive(4), _positive(4)], "entr": [_positive(4)],
    "beta": [_positive(4), _positive(4)], "xlogy": [_any(4), _positive(4)], "xlog1py": [_any(4), _positive(4)],
    "rel_entr": [_positive(4), _positive(4)], "kl_div": [_positive(4), _positive(4)], "ndtr": [_any(4)],
    "log_ndtr": [_any(4)], "ndtri": [_unit(4)], "i0": [_any(4)], "i1": [_any(4)], "i0e": [_any(4)], "i1e": [_any(4)],
    "expi": [_positive(4)], "exp1": [_positive(4)], "poch": [_positive(4), _positive(4)],
}  # fmt: skip


@pytest.mark.slow  # JAX compiles for seconds
@pytest.mark.parametrize("name", JAX)
def test_gradients_are_those_of_jax(name):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    every = tuple(range(len(JAX[name])))
    theirs = jax.grad(lambda *xs: getattr(jax.scipy.special, name)(*xs).sum(), every)(*JAX[name])
    found = tg.grad(lambda *xs: getattr(special, name)(*xs).sum(), every)(*JAX[name])
    for a, b in zip(found, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6 if name == "poch" else 1e-9)
