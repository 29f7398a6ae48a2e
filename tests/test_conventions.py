"""The table of docs/reference/singular-points.md, "Conventions at singular points", in both modes.

It stands at the top because it is about one page, whose rows come from ops of every family.
"""

import pathlib
import re

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.table import OPS


def derivative(f, x):
    """By reverse mode, by forward mode, and by reverse mode with create_graph: they must agree."""
    x = np.array(x, dtype=float)
    with np.errstate(divide="ignore"):
        reverse = np.asarray(tg.grad(lambda x: tg.sum(f(x)))(x))
        forward = np.asarray(tg.jacobian(f)(x)).reshape(-1, x.size).sum(axis=0).reshape(x.shape)
        columns = [tg.jvp(f, (x,), (e,))[1] for e in np.eye(x.size).reshape(x.size, *x.shape)]
        t = tg.tensor(x, requires_grad=True)
        tg.sum(f(t)).backward(create_graph=True)
    np.testing.assert_array_equal(reverse, forward)
    np.testing.assert_array_equal(reverse.reshape(-1), [np.sum(c) for c in columns])
    np.testing.assert_array_equal(reverse, t.grad.numpy())
    return reverse


def test_relu_at_zero():
    assert derivative(tg.relu, [-1, 0, 1]).tolist() == [0, 1, 1]
    assert derivative(lambda x: tg.relu(x, at_zero=0), [-1, 0, 1]).tolist() == [0, 0, 1]
    assert derivative(lambda x: tg.relu(x, at_zero=0.5), [-1, 0, 1]).tolist() == [0, 0.5, 1]


def test_relu_at_zero_is_what_lets_the_notes_network_learn():
    rng = np.random.default_rng(0)
    X, W2 = rng.normal(size=(3, 10)), rng.normal(size=(1, 4))
    for at_zero, learns in [(1, True), (0, False)]:
        W1 = tg.tensor(np.zeros((4, 3)), requires_grad=True)
        tg.sum(W2 @ tg.relu(W1 @ X, at_zero=at_zero)).backward()
        assert bool(np.any(W1.grad.numpy())) is learns


def test_abs_at_zero():
    assert derivative(tg.abs, [-2, 0, 2]).tolist() == [-1, 0, 1]


@pytest.mark.parametrize(("f", "at"), [(tg.max, 3.0), (tg.min, 1.0)])
def test_ties_of_max_and_min_share(f, at):
    x = np.array([1.0, 3.0, 1.0, 3.0, 3.0])
    hits = x == at
    np.testing.assert_array_equal(derivative(f, x), hits / hits.sum())
    np.testing.assert_array_equal(derivative(lambda x: f(x, axis=0), np.ones((2, 3))), np.full((2, 3), 0.5))
    np.testing.assert_array_equal(derivative(lambda x: f(x, axis=(0, 1)), np.ones((2, 4))), np.full((2, 4), 0.125))


def test_ties_of_a_stable_sort_keep_their_order():
    assert derivative(lambda x: np.sort(x, stable=True) * np.arange(4.0), [2.0, 1.0, 2.0, 1.0]).tolist() == [2, 0, 3, 1]
    assert derivative(lambda x: np.unique(x) * np.arange(2.0), [2.0, 1.0, 2.0, 1.0]).tolist() == [1, 0, 0, 0]


def test_a_median_of_ties_adds_up_to_one():
    found = derivative(np.median, [1.0, 3.0, 3.0, 3.0, 9.0, 3.0])
    assert found.sum() == 1
    assert found[0] == found[4] == 0


@pytest.mark.parametrize("f", [tg.maximum, tg.minimum])
def test_maximum_of_equal_values_halves(f):
    x, y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])
    first, second = tg.grad(lambda x, y: f(x, y).sum(), (0, 1))(x, y)
    larger = [0, 0.5, 1] if f is tg.maximum else [1, 0.5, 0]
    assert first.tolist() == larger
    assert second.tolist() == larger[::-1]
    assert derivative(lambda x: f(x, x), [5.0]).tolist() == [1]


def test_sqrt_at_zero_is_infinite():
    with np.errstate(divide="ignore"):
        assert tg.grad(tg.sqrt)(0.0) == np.inf
        assert tg.jvp(tg.sqrt, (0.0,), (1.0,)) == (0, np.inf)
        assert tg.grad(lambda x: tg.sqrt(x).sum())(np.array([0.0, 4.0])).tolist() == [np.inf, 0.25]


def test_std_of_a_constant():
    assert derivative(tg.std, [2, 2, 2]).tolist() == [0, 0, 0]
    assert derivative(lambda x: tg.std(x, axis=1, ddof=1), np.ones((2, 3))).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_hypot_at_zero():
    assert tg.grad(tg.hypot, (0, 1))(0.0, 0.0) == (0, 0)
    assert tg.grad(tg.hypot, (0, 1))(3.0, 4.0) == (0.6, 0.8)


@pytest.mark.parametrize("exponent", [0, 0.0, np.float64(0), np.zeros(3)])
def test_power_zero(exponent):
    assert derivative(lambda x: x**exponent, [-1, 0, 2]).tolist() == [0, 0, 0]


def test_power_at_zero():
    assert derivative(lambda x: x**1, [0.0]).tolist() == [1]
    assert derivative(lambda x: x**2, [0.0]).tolist() == [0]
    assert tg.grad(tg.power, 1)(0.0, 2.0) == 0
    assert tg.grad(tg.power, (0, 1))(0.0, 0.0)[0] == 0


@pytest.mark.parametrize("zeros", [0, 1, 2])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_prod_with_zeros(n, zeros):
    x = np.arange(1.0, n + 1)
    x[:zeros] = 0
    expected = [np.prod(np.delete(x, i)) for i in range(n)]
    np.testing.assert_array_equal(derivative(tg.prod, x), expected)
    np.testing.assert_array_equal(derivative(lambda x: tg.prod(x, axis=1), x[None]), [expected])


@pytest.mark.parametrize(
    ("f", "at"),
    [(tg.sqrt, 0.0), (lambda x: 1 / x, 0.0), (tg.log, 0.0), (tg.arcsin, 1.0), (lambda x: x / x, 0.0),
     (lambda x: tg.exp(x) * tg.exp(-x), 1e4), (lambda x: tg.sqrt(x * x), 0.0), (lambda x: x**0.5, 0.0)],
)  # fmt: skip
@pytest.mark.parametrize("order", ["first", "second"])
def test_an_unselected_branch_contributes_exactly_zero(f, at, order):
    condition = np.array([True, False])
    x = np.array([at, 0.25 if at < 2 else 0.0])
    for g in (
        lambda x: tg.sum(tg.where(condition, x, f(x))),
        lambda x: tg.sum(tg.where(~condition, f(x), x)),
    ):
        with np.errstate(all="ignore"):
            if order == "first":
                result = tg.grad(g)(x)
                assert result[0] == 1
                assert np.isfinite(result).all()
                t = tg.tensor(x, requires_grad=True)
                g(t).backward(create_graph=True)
                np.testing.assert_array_equal(t.grad.numpy(), result)
            else:
                assert tg.hvp(g, x, np.ones(2))[0] == 0
                assert tg.vjp(tg.grad(g), x)[1](np.ones(2))[0][0] == 0
                assert tg.hessian(g)(x)[0].tolist() == [0, 0]


def test_where_passes_nothing_behind_the_condition():
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    tg.where(x > 1, x, 0.0).sum().backward()
    assert x.grad.tolist() == [0, 1]
    with np.errstate(divide="ignore"):
        y = tg.where(x > 0, tg.log(x * 0), 0.0)
    assert np.isneginf(y.numpy()).all()


def test_clip_at_the_ends():
    assert derivative(lambda x: tg.clip(x, -1, 1), [-2, -1, 0, 1, 2]).tolist() == [0, 1, 1, 1, 0]
    assert derivative(lambda x: tg.clip(x, -1, None), [-2, -1, 5]).tolist() == [0, 1, 1]
    assert derivative(lambda x: tg.clip(x, None, 1), [-5, 1, 2]).tolist() == [1, 1, 0]


def test_the_table_is_the_same_for_every_precision():
    for dtype in (np.float16, np.float32, np.longdouble):
        x = np.zeros(2, dtype)
        assert tg.grad(lambda x: tg.relu(x).sum())(x).tolist() == [1, 1]
        assert tg.grad(lambda x: tg.std(x))(x).tolist() == [0, 0]
        assert tg.grad(lambda x: tg.max(x))(x).tolist() == [0.5, 0.5]


def test_the_page_names_every_op_that_declares_a_corner():
    page = (pathlib.Path(__file__).parents[1] / "docs" / "reference" / "singular-points.md").read_text("utf-8")
    second = page[page.index("## Second order") : page.index("## Far out")]
    words = set(re.findall(r"\w+", second))
    declared = {op.name for op in OPS if (op.kinks or op.ties is not None) and any(map(callable, op.rules))}
    inner = {"absolute": "abs", "gather": "sort", "vector_norm": "norm", "std_of": "nanstd", "angle": "complex"}
    assert {inner.get(name, name) for name in declared} <= words
