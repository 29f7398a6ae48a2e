"""SGD and Adam: their formulas, state, precision, what they leave alone, and errors."""

import pickle

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.optim import SGD, Adam, Optimizer

START, GRADIENTS = np.array([1.0, -2.0]), np.random.default_rng(0).normal(size=(6, 2))


def run(optimizer, p):
    for g in GRADIENTS:
        p.grad = np.array(g, p.dtype)
        optimizer.step()
    return p.numpy()


def parameter(dtype=np.float64):
    return tg.tensor(START, requires_grad=True, dtype=dtype)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_sgd(momentum, weight_decay):
    p = parameter()
    result = run(SGD([p], lr=0.1, momentum=momentum, weight_decay=weight_decay), p)
    expected, v = START.copy(), np.zeros(2)
    for g in GRADIENTS:
        v = momentum * v + g + weight_decay * expected
        expected = expected - 0.1 * v
    np.testing.assert_allclose(result, expected, rtol=1e-12)


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_adam(weight_decay):
    p = parameter()
    result = run(Adam([p], lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=weight_decay), p)
    expected, m, v = START.copy(), np.zeros(2), np.zeros(2)
    for t, g in enumerate(GRADIENTS, 1):
        g = g + weight_decay * expected
        m, v = 0.8 * m + 0.2 * g, 0.95 * v + 0.05 * g**2
        expected = expected - 0.1 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.95**t)) + 1e-3)
    np.testing.assert_allclose(result, expected, rtol=1e-12)


OPTIMIZERS = [SGD, lambda p, lr: SGD(p, lr, momentum=0.9, weight_decay=0.1), Adam]


@pytest.mark.parametrize("make", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
@pytest.mark.parametrize("lr", [0.1, np.float64(0.1), np.float32(0.1)])
def test_precision_is_kept(make, dtype, lr):
    p = parameter(dtype)
    optimizer = make([p], lr)
    run(optimizer, p)
    assert p.dtype == dtype
    assert all(s.dtype == dtype for state in optimizer.state for s in state)


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_step_changes_no_array_that_others_hold(make):
    p = parameter()
    held, copy = p.numpy(), p.numpy().copy()
    loss = (p * p).sum()
    p.grad = GRADIENTS[0]
    make([p], 0.1).step()
    np.testing.assert_array_equal(held, copy)
    assert not np.array_equal(p.numpy(), copy)
    assert p.is_leaf
    assert p.requires_grad
    p.grad = None
    loss.backward()
    np.testing.assert_array_equal(p.grad.numpy(), 2 * copy)


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_parameters_without_gradient_stay(make):
    p, q = parameter(), parameter()
    optimizer = make([p, q], 0.1)
    p.grad = GRADIENTS[0]
    optimizer.step()
    assert q.tolist() == START.tolist()
    optimizer.zero_grad()
    assert p.grad is None
    before = p.tolist()
    optimizer.step()
    assert p.tolist() == before


def test_scalar_parameters_and_changing_lr():
    w = tg.tensor(5.0, requires_grad=True)
    optimizer = Adam([w], lr=0.5)
    for step in range(200):
        optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
        optimizer.lr = 0.5 / (1 + 0.1 * step)
    assert abs(w.item()) < 1e-3


def test_a_generator_of_parameters():
    net = tg.nn.Linear(2, 1, rng=0)
    assert len(SGD(p for p in net.parameters()).parameters) == 2


def test_pickled_optimizers_go_on():
    p = parameter()
    optimizer = Adam([p], lr=0.1)
    p.grad = GRADIENTS[0]
    optimizer.step()
    twin = pickle.loads(pickle.dumps(optimizer))
    for o in (optimizer, twin):
        o.parameters[0].grad = GRADIENTS[1]
        o.step()
    assert twin.parameters[0] is not p
    np.testing.assert_array_equal(twin.parameters[0].numpy(), p.numpy())


def test_users_write_init_and_update():
    class AdaGrad(Optimizer):
        def init(self, p):
            return (np.zeros_like(p),)

        def update(self, p, g, state):
            total = state[0] + g * g
            return p - self.lr * g / (np.sqrt(total) + 1e-8), (total,)

    p = parameter()
    result = run(AdaGrad([p], lr=0.5), p)
    expected, total = START.copy(), 0
    for g in GRADIENTS:
        total = total + g * g
        expected = expected - 0.5 * g / (np.sqrt(total) + 1e-8)
    np.testing.assert_allclose(result, expected)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda p: SGD([]), ValueError, r"SGD: no parameters to optimize; pass model\.parameters\(\)"),
        (lambda p: Adam([1.0]), TypeError, r"Adam: 1\.0 is not a leaf tensor with requires_grad; pass model"),
        (lambda p: SGD([p * 2]), TypeError, "SGD: tensor.*op='multiply'.* is not a leaf tensor"),
        (lambda p: SGD([p.detach()]), TypeError, "SGD: tensor.* is not a leaf tensor with requires_grad"),
        (lambda p: SGD(p), TypeError, "SGD: tensor.*op='getitem'.* is not a leaf tensor"),
        (lambda p: SGD([p, p]), ValueError, "SGD: a parameter is listed twice and would be updated twice; list"),
        (lambda p: SGD([p], lr=-1), ValueError, "SGD: lr must be a number >= 0, got -1"),
        (lambda p: Adam([p], lr=np.nan), ValueError, "Adam: lr must be a number >= 0, got nan"),
        (lambda p: SGD([p], momentum=1.0), ValueError, r"SGD: momentum must be in \[0, 1\), got 1\.0"),
        (lambda p: Adam([p], betas=(0.9, 1)), ValueError, r"Adam: betas must be in \[0, 1\), got \(0\.9, 1\)"),
    ],
)
def test_errors(make, error, message):
    with pytest.raises(error, match=message):
        make(parameter())


def test_an_optimizer_must_say_how_it_updates():
    p = parameter()
    p.grad = START
    with pytest.raises(TypeError, match=r"Optimizer: has no update; define update\(self, p, g, state\)"):
        Optimizer([p], lr=0.1).step()


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    "make",
    [lambda p: SGD(p, lr=0.1, momentum=0.5), lambda p: Adam(p, lr=0.05), lambda p: SGD(p, lr=0.2)],
)
def test_complex_parameters_reach_the_minimum(make, compiled):
    goal = np.array([1 + 2j, -0.5j])
    w = tg.tensor(np.zeros(2, complex), requires_grad=True)
    optimizer = make([w])

    def step():
        optimizer.zero_grad()
        loss = np.sum(np.abs(w - goal) ** 2)
        loss.backward()
        optimizer.step()
        return loss

    run = tg.compile(step) if compiled else step
    for _ in range(150):
        run()
    assert w.dtype == np.complex128
    np.testing.assert_allclose(w.numpy(), goal, atol=0.02)


def test_momentum_may_be_switched_on_and_off():
    p, q = parameter(), parameter()
    mine = SGD([p], lr=0.1)
    p.grad = GRADIENTS[0]
    mine.step()
    mine.momentum = 0.9
    np.testing.assert_allclose(run(mine, p), run(SGD([q], lr=0.1, momentum=0.9), q) - 0.1 * GRADIENTS[0])
    mine.momentum = 0
    before = p.numpy().copy()
    mine.step()
    np.testing.assert_allclose(p.numpy(), before - 0.1 * GRADIENTS[-1])
    with pytest.raises(ValueError, match=r"SGD: momentum must be in \[0, 1\), got 1"):
        mine.momentum = 1


@pytest.mark.parametrize("make", [lambda p: SGD(p, momentum=0.9), lambda p: Adam(p)], ids=["SGD", "Adam"])
def test_what_is_remembered_goes_with_its_parameter(make):
    p, q, r, alone = parameter(), parameter(), parameter(), parameter()
    optimizer, other = make([p, q]), make([alone])
    for change in (lambda: None, lambda: optimizer.parameters.append(r), lambda: optimizer.parameters.reverse(),
                   lambda: optimizer.parameters.pop()):  # fmt: skip
        change()
        for k, t in enumerate((p, q, r)):
            t.grad = GRADIENTS[k]
        alone.grad = GRADIENTS[1]
        optimizer.step()
        other.step()
        np.testing.assert_array_equal(q.numpy(), alone.numpy())
    assert [id(t) for t in optimizer.parameters] == [id(r), id(q)]
    assert len(optimizer.state) == 2
    assert not np.array_equal(r.numpy(), START)
    optimizer.parameters.append(q)
    with pytest.raises(ValueError, match="a parameter is listed twice"):
        optimizer.step()


def test_frozen_parameters_are_left_as_they_are():
    p, q = parameter(), parameter()
    p.requires_grad_(False)
    for optimizer in (SGD([p, q], lr=0.1), Adam([p, q])):
        p.grad = q.grad = GRADIENTS[0]
        optimizer.step()
        np.testing.assert_array_equal(p.numpy(), START)
        assert not np.array_equal(q.numpy(), START)
    p.requires_grad_(True)
    optimizer.step()
    assert not np.array_equal(p.numpy(), START)
    with pytest.raises(TypeError, match="is not a leaf tensor with requires_grad"):
        SGD([tg.tensor(1.0)])
