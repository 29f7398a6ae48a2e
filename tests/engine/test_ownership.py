"""Nobody writes into what others hold: not the rules and kernels of users, nor a sweep, which asks nobody who does."""

import sys

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.table import cases
from tinygraph.engine.declare import registry
from tinygraph.engine.lending import is_foreign
from tinygraph.engine.memory import LARGE, identities, is_own, total
from tinygraph.testing.derivatives import positions, rule_result

OURS = [
    op for op in registry
    if op.differentiable
    and op.function.__module__.startswith(("tinygraph.ops", "tinygraph.nn", "tinygraph.transforms"))
    and not is_foreign(getattr(op.kernel, "foreign", op.kernel))
]  # fmt: skip
SIZES = [3, LARGE]


def arrays_in(x):
    return [x] if isinstance(x, np.ndarray) else [a for y in x for a in arrays_in(y)] if isinstance(x, list) else []


@pytest.mark.parametrize("op", OURS, ids=repr)
def test_a_rule_of_ours_gives_an_array_of_its_own_or_shares_what_it_was_given(op):
    """What sweeps rely on: no rule keeps what it returns, and one that is not local gives nothing saved as it is."""
    rng = np.random.default_rng(0)
    for case in cases(op):
        attrs = {**op.defaults, **case.attrs}
        value = np.asarray(op.kernel(*case.inputs, **attrs))
        g = rng.standard_normal(value.shape)
        held = arrays_in([value, *case.inputs, *attrs.values()])
        before = [a.copy() for a in held]
        for k in positions(op, case):
            if not callable(op.rule(k)):
                continue
            first, second = [rule_result(op, k, g, value, list(case.inputs), attrs) for _ in range(2)]
            if isinstance(first, np.ndarray) and first.size and np.shares_memory(first, second):
                assert any(np.shares_memory(first, a) for a in [g, *held])
            if not op.local and isinstance(first, np.ndarray) and first.base is None:
                assert not any(first is a for a in held)
        assert all(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc") for a, b in zip(held, before, strict=True))


def users(rule, kernel=lambda x: x * 1.0, kind=tg.primitive):
    return kind(rule, name="users")(kernel)


def doubled(g, y, x):
    g *= 2
    return g


BUFFERS = {n: np.zeros(n) for n in SIZES}


def buffered(g, y, x):
    return np.multiply(g, 2, out=BUFFERS[g.size])


def written(g, y, x):
    x *= 0
    y *= 0
    return 2 * g + x


RULES = [doubled, buffered, written, lambda g, y, x: g.__imul__(2)[::-1][::-1]]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rule", RULES)
def test_what_a_users_rule_writes_or_keeps_changes_nothing_else(rule, size, forget_declarations):
    f = users(rule)
    x = np.linspace(1, 2, size)
    point = x.copy()
    t = tg.tensor(x, requires_grad=True)
    u = t * 3.0
    y = f(u) + u + f(f(u)) * x
    held = np.array(y.numpy())
    for _ in range(2):
        t.grad = None
        y.backward(given := np.ones(size), retain_graph=True)
        np.testing.assert_allclose(t.grad.numpy(), 3 * (2 + 1 + 4 * x), rtol=1e-12)
        assert given.tolist() == [1] * size
    np.testing.assert_array_equal(y.numpy(), held)
    np.testing.assert_array_equal(x, point)
    if rule is not buffered:  # which is an error on Tensors
        g = tg.grad(lambda x: tg.grad(lambda x: (f(x) * x * x).sum())(x).sum())(x)
        np.testing.assert_allclose(g, 10 * x, rtol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_what_backward_of_a_custom_rule_writes_or_keeps_changes_nothing_else(size):
    keeps = np.zeros(size)

    def writes(residuals, g):
        residuals[0][...] = residuals[0] * 2
        g *= residuals[0] / residuals[0]
        return (np.multiply(g, 2, out=keeps), keeps)

    f = tg.custom_vjp(lambda x, y: x * 2 + y * 2)
    f.defvjp(lambda x, y: (x * 2 + y * 2, (x, y)), writes)
    x, y = tg.tensor(np.ones(size), requires_grad=True), tg.tensor(np.ones(size), requires_grad=True)
    out = f(x, y) + x + f(y * 1, x)
    for _ in range(2):
        x.grad = y.grad = None
        out.backward(np.ones(size), retain_graph=True)
        assert x.grad.tolist() == [5] * size
        assert y.grad.tolist() == [4] * size
        x.grad.data[...] = 7
    assert x.tolist() == [1] * size


def test_a_kernel_that_writes_into_its_input_is_refused(forget_declarations):
    def kernel(x):
        x *= 2
        return x

    f = users(lambda g, y, x: 2 * g, kernel)
    x = tg.tensor([1.0, 2.0])
    with pytest.raises(tg.GraphError, match=r"users: its kernel writes into an input .*as in x = x\.copy\(\)"):
        f(x)
    assert x.tolist() == [1, 2]
    g = tg.custom_vjp(kernel)
    g.defvjp(lambda x: (kernel(x), None), lambda _, g: (g,))
    with pytest.raises(tg.GraphError, match="custom_vjp of kernel: forward writes into an input"):
        tg.grad(lambda x: g(x).sum())(np.ones(2))


def test_what_a_users_kernel_returns_can_be_written_into(forget_declarations):
    same, turned = users(lambda g, y, x: g, lambda x: x), users(lambda g, y, x: g.T, lambda x: x.T)
    wide = users(lambda g, y, x: g, lambda x: np.broadcast_to(x, (2, *x.shape)))
    x = np.ones((2, 3))
    assert same(x) is x
    assert turned(x).flags.writeable
    assert not wide(x).flags.writeable


def test_other_errors_of_users_rules_and_kernels_are_left_alone(forget_declarations):
    def fails(*values):
        raise ValueError("of my own")

    with pytest.raises(ValueError, match="of my own"):
        users(lambda g, y, x: g, lambda x: fails(x))(tg.tensor(1.0))
    with pytest.raises(ValueError, match="of my own"):
        tg.grad(users(fails))(1.0)


@pytest.mark.parametrize("size", SIZES)
def test_a_view_that_a_users_op_returns_is_written_through(size, forget_declarations):
    turned = users(lambda g, y, x: g[::-1], lambda x: x[::-1], tg.linear)
    y = tg.tensor(np.zeros(size))
    turned(y)[0] = 5.0
    assert y[-1].item() == 5


@pytest.mark.parametrize("size", SIZES)
def test_gradients_are_right_where_python_counts_no_references(size, monkeypatch):
    """In CPython 3.14 an array that the caller holds counts as one that nobody holds: a count must decide nothing."""
    monkeypatch.setattr(sys, "getrefcount", lambda x: 1)
    x = np.linspace(0.5, 1.5, size)
    t = tg.tensor(x, requires_grad=True)
    s = tg.exp(t)
    y = s * t + t + t + s + np.flip(t) * s + t.reshape(-1) * t
    y.backward(given := np.ones(size), retain_graph=True)
    right = np.exp(x) * (x + 1 + 1 + x[::-1]) + np.exp(x)[::-1] + 2 + 2 * x
    np.testing.assert_allclose(t.grad.numpy(), right, rtol=1e-12)
    np.testing.assert_array_equal(s.numpy(), np.exp(x))
    assert given.tolist() == [1] * size
    _, slope = tg.jvp(lambda x: x, (x,), (given,))
    assert not np.shares_memory(slope, given)
    rows = tg.jacobian(lambda x: (x[:2], x[:2])[0])(x[:3])
    assert rows.tolist() == [[1, 0, 0], [0, 1, 0]]


def test_gradients_of_several_arguments_share_no_memory():
    for size in SIZES:
        ones = np.ones(size)
        _, pull = tg.vjp(lambda x, y: x + y, ones, ones)
        gx, gy = pull(seed := np.ones(size))
        for a, b in ((gx, gy), (gx, seed), (gy, seed)):
            assert not np.shares_memory(a, b)
    J, K = tg.jacobian(lambda x, y: x + y, (0, 1))(np.ones(3), np.ones(3))
    assert not np.shares_memory(J, K)


def test_what_is_own():
    g = np.arange(6.0)
    held = identities([g])
    assert not is_own(g, held)
    assert not is_own(g.reshape(2, 3), held)
    assert not is_own(g[1:], held)
    assert is_own(g * 2, held)
    assert is_own((g * 2).reshape(3, 2), held)
    assert not is_own((g * 2)[:3], held)  # most of its memory is of no use
    assert not is_own(np.broadcast_to(np.ones(1), 6), held)


def test_only_large_arrays_are_written_into():
    for size, same in ((3, False), (LARGE, True)):
        a = np.ones(size)
        assert (total(a, np.ones(size)) is a) is same
        assert total(np.ones(size), np.ones(1)).shape == (size,)
