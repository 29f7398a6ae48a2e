"""tg.random: distributions, gradients to the parameters, and the same numbers in second evaluations."""

import pathlib

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import GraphError

r = tg.random
LOCATED = [r.normal, r.laplace, r.logistic, r.gumbel]


@pytest.mark.parametrize(
    ("f", "name", "parameters"),
    [
        (r.normal, "norm", (0.5, 2.0)), (r.laplace, "laplace", (0.5, 2.0)), (r.logistic, "logistic", (0.5, 2.0)),
        (r.gumbel, "gumbel_r", (0.5, 2.0)), (r.uniform, "uniform", (0.5, 2.5)), (r.exponential, "expon", (2.0,)),
    ],
)  # fmt: skip
def test_distributions(f, name, parameters):
    stats = pytest.importorskip("scipy.stats")
    sample = f(np.random.default_rng(1), *parameters, size=20_000)
    given = {"uniform": (0.5, 2.0), "expon": (0, 2.0)}.get(name, parameters)
    assert stats.kstest(sample, getattr(stats, name)(*given).cdf).pvalue > 0.01


@pytest.mark.parametrize("f", LOCATED)
def test_gradients_flow_to_the_parameters(f):
    loc, scale = np.array([0.5, -1.0, 2.0]), np.array([[1.0], [2.0]])
    noise = f(7, size=(2, 3))
    by_loc, by_scale = tg.grad(lambda a, b: f(7, a, b).sum(), (0, 1))(loc, scale)
    assert by_loc.tolist() == [2, 2, 2]
    np.testing.assert_allclose(by_scale, noise.sum(axis=1, keepdims=True))
    assert tg.check_gradients(lambda a, b: f(7, a, b) ** 2, loc, scale, order=2).ok


def test_gradients_of_the_others():
    assert tg.check_gradients(lambda a, b: r.uniform(3, a, b, size=4) ** 2, 0.5, 2.0, order=2).ok
    assert tg.check_gradients(lambda a: r.exponential(3, a) ** 2, np.array([1.0, 2.0]), order=2).ok
    assert tg.check_gradients(lambda x: r.gumbel_softmax(3, x, 0.7), np.array([[1.0, 2.0, 0.0]]), order=2).ok
    assert tg.check_gradients(lambda x: r.dropout(3, x**2, 0.4), np.arange(6.0), order=2).ok


def test_shapes_and_types():
    rng = np.random.default_rng(0)
    assert r.normal(rng).shape == ()
    assert r.normal(rng, size=3).shape == (3,)
    assert r.normal(rng, np.zeros(3), np.ones((2, 1))).shape == (2, 3)
    assert r.normal(rng, np.zeros(3), size=(4, 3)).shape == (4, 3)
    assert r.normal(rng, size=0).shape == (0,)
    single = np.ones(3, np.float32)
    for f in (*LOCATED, r.exponential, r.uniform, r.dropout, r.gumbel_softmax):
        assert f(rng, single).dtype == np.float32
    assert r.normal(0, single).tolist() == (1 + r.normal(0, size=3).astype(np.float32)).tolist()
    assert isinstance(r.normal(rng, tg.tensor(1.0)), tg.Tensor)
    assert r.categorical(rng, np.zeros((2, 3, 4)), axis=1).shape == (2, 4)


def test_choices():
    rng = np.random.default_rng(0)
    p = np.array([0.2, 0.5, 0.3])
    counts = np.bincount(r.categorical(rng, np.log(np.tile(p, (20_000, 1)))), minlength=3) / 20_000
    np.testing.assert_allclose(counts, p, atol=0.015)
    assert r.bernoulli(rng, 0.3, size=20_000).mean() == pytest.approx(0.3, abs=0.015)
    hard = r.gumbel_softmax(rng, np.log(np.tile(p, (20_000, 1))), hard=True)
    assert set(np.unique(hard.round(12)).tolist()) == {0, 1}
    np.testing.assert_allclose(hard.mean(axis=0), p, atol=0.015)
    logits = tg.tensor([1.0, 2.0], requires_grad=True)
    assert not r.categorical(rng, logits).requires_grad
    assert not r.bernoulli(rng, tg.tensor(0.5, requires_grad=True), size=3).requires_grad
    soft, straight = (
        tg.grad(lambda x: (r.gumbel_softmax(5, x, hard=hard) * np.array([1.0, 3.0])).sum())(np.array([1.0, 2.0]))  # noqa: B023
        for hard in (False, True)
    )
    np.testing.assert_allclose(straight, soft)


def test_a_generator_moves_on_and_a_seed_does_not():
    rng = np.random.default_rng(0)
    assert r.normal(rng) != r.normal(rng)
    assert r.normal(5) == r.normal(5)
    assert r.normal(np.random.default_rng(0), size=2).tolist() == np.random.default_rng(0).normal(size=2).tolist()


def noisy(rng):
    return lambda x: tg.sum(r.dropout(rng, x * x, 0.5) * r.normal(rng, x, 2.0))


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_checkpoint_draws_the_same_again(bits):
    x = np.arange(1.0, 9.0)
    first, second = (np.random.Generator(bits(3)) for _ in range(2))
    np.testing.assert_array_equal(tg.grad(tg.checkpoint(noisy(first)))(x), tg.grad(noisy(second))(x))
    assert r.normal(first) == r.normal(second)  # both moved on alike


def test_nested_checkpoints_and_second_order():
    x = np.arange(1.0, 5.0)
    first, second = np.random.default_rng(3), np.random.default_rng(3)

    def outer(rng, wrap):
        inner = wrap(noisy(rng))
        return wrap(lambda x: inner(x * r.uniform(rng, 1.0, 2.0)) * r.uniform(rng) + inner(x))

    np.testing.assert_allclose(tg.grad(outer(first, tg.checkpoint))(x), tg.grad(outer(second, lambda f: f))(x))
    hvp = tg.hvp(outer(first, tg.checkpoint), x, np.ones(4))
    np.testing.assert_allclose(hvp, tg.hvp(outer(second, lambda f: f), x, np.ones(4)))


def test_the_checker_draws_the_same_at_every_point():
    rng = np.random.default_rng(0)
    x = np.arange(1.0, 5.0)
    assert tg.check_gradients(noisy(rng), x, order=2).ok
    assert tg.check_gradients(tg.checkpoint(noisy(rng)), x).ok


def test_numbers_drawn_otherwise_are_still_an_error():
    rng = np.random.default_rng(0)
    with pytest.raises(GraphError, match=r"checkpoint: f computed something else .*draw with tg\.random"):
        tg.grad(tg.checkpoint(lambda x: (x * rng.normal(size=3)).sum()))(np.ones(3))


def test_a_compiled_step_draws_new_numbers_at_every_replay():
    def build(seed):
        rng, w = np.random.default_rng(seed), tg.tensor([1.0, 2.0, 3.0], requires_grad=True, name="w")
        descent = tg.optim.SGD([w], lr=0.01)

        def step(x):
            loss = tg.sum(r.dropout(rng, w * x, 0.3) ** 2) + tg.sum(r.normal(rng, w, 0.1)) + r.exponential(rng)
            descent.zero_grad()
            loss.backward()
            descent.step()
            return loss

        return step

    x = np.array([1.0, -1.0, 0.5])
    eager, compiled = build(0), tg.compile(build(0))
    expected = [eager(x).item() for _ in range(5)]
    assert [compiled(x).item() for _ in range(5)] == expected
    assert len(set(expected)) == 5
    assert compiled.traces == 1
    assert compiled.source.count("noise(") == 3
    assert compiled.deviation(x) is None
    assert tg.check_gradients(compiled, x).ok


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: r.normal(None), r"normal: the generator comes first, and is NoneType None; give a np"),
        (lambda: r.normal(0.5, 1.0), r"normal: the generator comes first, and is float 0\.5"),
        (lambda: r.normal(0, np.zeros(3), size=2), r"normal: size is \(2,\), the parameters have shape \(3,\); give a"),
        (lambda: r.normal(0, 0.0, -1.0), r"normal: scale has the negative element -1; give numbers from 0 on"),
        (lambda: r.exponential(0, [-2.0, 1.0]), r"exponential: scale has the negative element -2"),
        (lambda: r.bernoulli(0, 1.5), r"bernoulli: p is array\(1\.5\); give probabilities between 0 and 1"),
        (lambda: r.dropout(0, np.ones(2), 1.0), r"dropout: rate is 1\.0; give the share"),
        (lambda: r.gumbel_softmax(0, np.ones(2), 0.0), r"gumbel_softmax: temperature is 0\.0; give a number above 0"),
    ],
)  # fmt: skip
def test_errors(run, message):
    with pytest.raises((TypeError, ValueError), match=message):
        run()


def test_the_interface_page_names_all_of_them():
    text = (pathlib.Path(__file__).parents[1] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    assert not [name for name in r.__all__ if name not in text]
