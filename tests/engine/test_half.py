"""Rules of float16 compute in float32: counts, squares and sums inside them may be larger than 65,504."""

import copy
import gc
import pickle

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import registry
from tinygraph.engine.half import in_float32
from tinygraph.engine.op import Op

N = 70_000
ONES, ZEROS = np.ones(N, np.float16), np.zeros(N, np.float16)
HALVES = np.full(N, 0.5, np.float16)
LABELS = np.zeros(N, int)
COUNTS = {
    "mean": (np.mean, ONES, 1 / N),
    "mean along an axis": (lambda v: np.mean(v, axis=0), ONES, 1 / N),
    "mean where": (lambda v: np.mean(v, where=np.isfinite(v)), ONES, 1 / N),
    "average": (np.average, ONES, 1 / N),
    "nanmean": (np.nanmean, ONES, 1 / N),
    "max of ties": (np.max, ONES, 1 / N),
    "min of ties": (np.min, ONES, 1 / N),
    "nanmax of ties": (np.nanmax, ONES, 1 / N),
    "norm inf of ties": (lambda v: np.linalg.norm(v, np.inf), ONES, 1 / N),
    "norm": (lambda v: np.linalg.norm(v / 256) * 256, ONES, 1 / np.sqrt(N)),
    "var": (lambda v: np.var(v - np.arange(N) % 2), ONES, [1 / N, -1 / N]),
    "nanvar": (lambda v: np.nanvar(v - np.arange(N) % 2), ONES, [1 / N, -1 / N]),
    "std": (lambda v: np.std(v - np.arange(N) % 2), ONES, [1 / N, -1 / N]),
    "logsumexp of ties": (tg.logsumexp, ZEROS, 1 / N),
    "mse_loss": (lambda v: tg.nn.mse_loss(v, ZEROS), ONES, 2 / N),
    "binary_cross_entropy": (lambda v: tg.nn.binary_cross_entropy(v, ONES), HALVES, -2 / N),
    "with logits": (lambda v: tg.nn.binary_cross_entropy_with_logits(v, ONES), ZEROS, -0.5 / N),
    "cross_entropy": (lambda v: tg.nn.cross_entropy(np.stack([v, v], 1), LABELS) + np.mean(v), ZEROS, 1 / N),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_above_65504(name):
    f, at, expected = COUNTS[name]
    with np.errstate(over="ignore"):  # values, as NumPy's
        for found in (tg.grad(f)(at), tg.vjp(f, at)[1](np.float16(1))[0]):
            assert found.dtype == np.float16
            np.testing.assert_allclose(found[:2].astype(float), expected, rtol=0.01, atol=1e-7)


@pytest.mark.parametrize("name", ["mean", "max of ties", "mse_loss", "std"])
def test_all_modes_agree(name):
    f, at, _ = COUNTS[name]
    t = np.where(np.arange(N) < 2, np.float16(128), np.float16(0))
    along = float(tg.grad(f)(at)[:2].astype(float).sum() * 128)
    assert float(tg.jvp(f, (at,), (t,))[1]) == pytest.approx(along, rel=0.01, abs=1e-3)
    x = tg.tensor(at, requires_grad=True)
    f(x).backward(create_graph=True)
    np.testing.assert_array_equal(x.grad.numpy(), tg.grad(f)(at))


def test_second_order_is_float16_and_right():
    x = np.array([0.5, 20.0, 300.0], np.float16)
    found = tg.hvp(lambda x: np.sum(np.arctan(x)), x, np.full(x.shape, 8, np.float16))
    assert found.dtype == np.float16
    at = x.astype(float)
    np.testing.assert_allclose(found, -16 * at / (1 + at**2) ** 2, rtol=2e-3, atol=1e-7)


def test_what_a_rule_reads_of_its_values_is_their_shape_as_before():
    x = tg.tensor(np.ones((3, 4), np.float16), requires_grad=True)
    y = tg.sum(x, axis=0)
    assert y.node.saved == (x.node,)
    y.backward(np.ones(4, np.float16))
    assert x.grad.numpy().tolist() == np.ones((3, 4)).tolist()


def test_the_twin_is_the_op_but_for_its_rules():
    op = tg.arctan.op
    twin = in_float32(op)
    assert twin is in_float32(op)
    assert (twin.name, twin.kernel, twin.reads, twin.function) == (op.name, op.kernel, op.reads, op.function)
    assert copy.copy(twin) is pickle.loads(pickle.dumps(twin)) is op
    assert in_float32(tg.add.op).rules == (1, 1)
    assert twin.rules[0](None, np.float16(300)).dtype == np.float32


def test_a_computation_with_a_rule_of_its_own_is_given_what_it_took():
    seen = []
    f = tg.custom_vjp(lambda x: x * 2)
    f.defvjp(lambda x: (x * 2, None), lambda r, g: (seen.append(g.dtype) or g * 2,))
    tg.grad(lambda x: f(x).sum())(np.ones(2, np.float16))
    assert seen == [np.float16]


def _short_lived():
    gc.collect()
    return [o for o in gc.get_objects() if type(o) is Op and o.name == "short_lived"]


def test_an_op_that_nobody_holds_is_let_go():
    function = tg.primitive(lambda g, y, x: g * x, name="short_lived")(lambda x: x * x / 2)
    registry.remove(function.op)
    function(tg.tensor(np.ones(2, np.float16), requires_grad=True)).backward(np.ones(2, np.float16))
    assert len(_short_lived()) == 2
    del function
    assert not _short_lived()
