"""A compiled step does what the step does: same bits, same lasting changes, and it says what it can't replay."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.mode import tracing
from tinygraph.engine.trees import flatten

ACTIVATIONS = ["relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "elu", "softplus"]


def network(activation: str, dtype: type, optimizer: str, **settings: float):
    layer = {"relu": tg.nn.ReLU, "tanh": tg.nn.Tanh, "sigmoid": tg.nn.Sigmoid, "gelu": tg.nn.GELU, "silu": tg.nn.SiLU,
             "leaky_relu": tg.nn.LeakyReLU, "elu": tg.nn.ELU, "softplus": tg.nn.Softplus}[activation]  # fmt: skip
    net = tg.nn.Sequential(
        tg.nn.Linear(4, 6, rng=0, dtype=dtype), layer(), tg.nn.Linear(6, 3, rng=1, dtype=dtype, bias=False)
    )
    descent = getattr(tg.optim, optimizer)(net.parameters(), **settings)

    def step(x, y):
        loss = tg.nn.cross_entropy(net(x), y)
        descent.zero_grad()
        loss.backward()
        descent.step()
        return loss

    return net, descent, step


def data(dtype: type, n: int = 8):
    rng = np.random.default_rng(3)
    return rng.normal(size=(n, 4)).astype(dtype), rng.integers(0, 3, n)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("optimizer", "settings"), [("SGD", {"lr": 0.1, "momentum": 0.9}), ("Adam", {"lr": 0.1, "weight_decay": 1e-3})]
)
def test_training_is_equal_bit_for_bit(activation, dtype, optimizer, settings):
    eager, _, step = network(activation, dtype, optimizer, **settings)
    twin, _, traced = network(activation, dtype, optimizer, **settings)
    compiled = tg.compile(traced)
    for _ in range(12):
        x, y = data(dtype)
        assert step(x, y).item() == compiled(x, y).item()
    assert compiled.traces == 1
    for p, q in zip(eager.parameters(), twin.parameters(), strict=True):
        assert p.dtype == q.dtype == dtype
        np.testing.assert_array_equal(p.data, q.data)
        np.testing.assert_array_equal(p.grad.data, q.grad.data)


PROGRAMS = {
    "where": lambda w, x: tg.where(w * x > 0, np.exp(w * x), tg.sqrt(np.abs(w)) * x).sum(),
    "maximum": lambda w, x: np.maximum(w * x, w + x).mean(),
    "scalars": lambda w, x: ((w * x).sum() * 2 - 3) / (1 + (w * w).sum()) ** 2,
    "power": lambda w, x: ((w * w + 1) ** 1.7 + (w * w + 2) ** x).sum(),
    "softmax": lambda w, x: (tg.softmax(w * x) * x).sum() + tg.logsumexp(w),
    "prod": lambda w, x: tg.prod(w * x + 1) + (w * x).max() + (w * x).std(),
    "stack": lambda w, x: (np.stack([w, x * w, w + 1])[:, 1:] ** 2).sum() + np.concatenate([w, w[::-1]]).cumsum().sum(),
    "indices": lambda w, x: (w[np.array([0, 0, 2])] * w[tg.tensor([0, 1, 3])]).sum(),
    "data-dependent index": lambda w, x: w[tg.argmax(x * w)] * 2 + tg.take(w, tg.argmin(x * w)) + _masked(w, x),
    "einsum": lambda w, x: tg.einsum("i,j->ij", w, x).sum(axis=0).mean() + np.tensordot(w, x, 1) + tg.outer(w, x).sum(),
    "assignment": lambda w, x: _assigned(w, x),
    "where guard": lambda w, x: tg.where(w > 0, np.sqrt(np.maximum(w, 0)), 0.0).sum(),
    "reshape": lambda w, x: (w.reshape(2, 2) @ x.reshape(2, 2).T + np.pad(w, 1)[1:-1].reshape(2, 2)).sum(),
    "loss": lambda w, x: tg.nn.binary_cross_entropy(tg.sigmoid(w * x), (x > 0).astype(float)),
    "logits": lambda w, x: tg.nn.binary_cross_entropy_with_logits(w * x, np.ones(4)),
    "second order": lambda w, x: _penalty(w, x),
}  # fmt: skip


def _assigned(w, x):
    total = tg.tensor(np.zeros(4))
    total += w * x
    total[1] = w[0] ** 3
    total *= 2
    return total.sum()


def _masked(w, x):
    y = w * x
    y[y > 0] = 0.5
    return (y * w).sum()


def _penalty(w, x):
    return (tg.grad(lambda v: np.tanh(v * x).sum())(w) ** 2).sum()


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_kind_of_program_is_equal_bit_for_bit_also_on_new_values(name):
    program = PROGRAMS[name]

    def make():
        w = tg.tensor([0.5, -1.0, 2.0, 0.25], requires_grad=True, name="w")
        descent = tg.optim.SGD([w], lr=0.05)

        def step(x):
            loss = program(w, x)
            descent.zero_grad()
            loss.backward()
            descent.step()
            return loss, {"twice": loss * 2, "weights": [w + 0]}

        return w, step

    (w, step), (v, traced) = make(), make()
    compiled = tg.compile(traced)
    rng = np.random.default_rng(0)
    for i in range(6):
        x = rng.normal(size=4) + 0.1
        a, b = step(x), compiled(x)
        assert a[0].item() == b[0].item(), f"call {i}: {compiled.source}"
        assert a[1]["twice"].item() == b[1]["twice"].item()
        np.testing.assert_array_equal(a[1]["weights"][0].numpy(), b[1]["weights"][0].numpy())
        np.testing.assert_array_equal(w.data, v.data)
        np.testing.assert_array_equal(w.grad.data, v.grad.data)
    assert compiled.traces == 1


def test_comparisons_are_recomputed_not_frozen():
    @tg.compile
    def positive_part(x):
        return tg.relu(x), x > 0, tg.argmax(x)

    positive_part(np.array([1.0, -1.0, 2.0]))
    y, mask, best = positive_part(np.array([-1.0, 3.0, 2.0]))
    assert y.tolist() == [0, 3, 2]
    assert mask.tolist() == [False, True, True]
    assert best.item() == 1
    assert positive_part.traces == 1


def test_new_shapes_and_dtypes_and_numbers_retrace():
    @tg.compile
    def scaled(x, factor):
        return x * factor

    assert scaled(np.ones(2), 2.0).tolist() == [2, 2]
    assert scaled(np.ones(3), 2.0).tolist() == [2, 2, 2]
    assert scaled(np.ones(3, np.float32), 2.0).dtype == np.float32
    assert scaled(np.ones(3, np.float32), 3.0).tolist() == [3, 3, 3]
    assert scaled(x=np.ones(3, np.float32), factor=3.0).tolist() == [3, 3, 3]
    assert scaled.traces == 4


def test_tensors_from_outside_are_read_at_each_call():
    w = tg.tensor([1.0, 2.0])
    compiled = tg.compile(lambda x: x * w)
    assert compiled(np.ones(2)).tolist() == [1, 2]
    w.data = np.array([5.0, 6.0])
    assert compiled(np.ones(2)).tolist() == [5, 6]


def test_tensors_that_the_step_makes_are_made_anew_at_each_call():
    @tg.compile
    def counted(x):
        total = tg.tensor(0.0)
        for _ in range(3):
            total += x
        return total

    assert [counted(np.array(2.0)).item() for _ in range(3)] == [6, 6, 6]


def test_a_changed_learning_rate_is_noticed():
    w = tg.tensor(1.0, requires_grad=True)
    descent = tg.optim.SGD([w], lr=0.5)

    @tg.compile
    def step():
        descent.zero_grad()
        (w * 1.0).backward()
        descent.step()

    step()
    assert w.item() == 0.5
    descent.lr = 0.25
    step()
    step()
    assert w.item() == 0.0


def test_results_are_never_overwritten_by_later_calls():
    w = tg.tensor(np.ones(3), requires_grad=True)
    descent = tg.optim.SGD([w], lr=0.5)

    @tg.compile
    def step(x):
        y = np.exp(w * x)
        descent.zero_grad()
        y.sum().backward()
        descent.step()
        return y, y.T, y[1:]

    held = [(*step(np.ones(3)), w.data, w.grad) for _ in range(3)]
    copies = [[np.array(v.numpy() if isinstance(v, tg.Tensor) else v) for v in row] for row in held]
    step(np.full(3, 7.0))
    for row, copied in zip(held, copies, strict=True):
        for value, copy in zip(row, copied, strict=True):
            np.testing.assert_array_equal(value.numpy() if isinstance(value, tg.Tensor) else value, copy)


def test_the_same_array_given_twice_is_two_arguments():
    compiled = tg.compile(lambda x, y: x - 2 * y)
    a = np.ones(2)
    assert compiled(a, a).tolist() == [-1, -1]
    assert compiled(a, 3 * a).tolist() == [-5, -5]


def test_a_failing_step_changes_nothing():
    w = tg.tensor(np.ones(2), requires_grad=True)
    compiled = tg.compile(lambda x: w[x] * 1.0)
    compiled(np.array([0, 1]))
    before = w.data.copy()
    with pytest.raises(IndexError):
        compiled(np.array([0, 9]))
    np.testing.assert_array_equal(w.data, before)


@pytest.mark.parametrize(
    "ask",
    [bool, float, lambda t: t.item(), lambda t: t.numpy(), lambda t: t.data, np.asarray, lambda t: np.allclose(t, 2)],
)
def test_asking_for_a_traced_value_names_the_line(ask):
    def step(x):
        return ask(x.sum()) or x

    with pytest.raises(tg.TraceError, match=r"asked for at .*test_compile\.py:\d+.*use tg\.where"):
        tg.compile(step)(np.ones(2))


def test_selecting_by_a_computed_mask_is_an_error():
    with pytest.raises(tg.TraceError, match=r"compile: a mask computed .*test_compile\.py:\d+; .*tg\.where"):
        tg.compile(lambda x: x[x > 0])(np.ones(2))


def test_a_gradient_from_before_is_an_error():
    w = tg.tensor(1.0, requires_grad=True)
    (w * 2.0).backward()

    @tg.compile
    def step(x):
        (w * x).backward()

    with pytest.raises(tg.TraceError, match=r"compile: backward adds to a gradient .* zero_grad\(\)"):
        step(np.array(1.0))


def test_unusable_arguments_are_named():
    compiled = tg.compile(lambda x: x)
    with pytest.raises(TypeError, match=r"compile: an argument of <lambda> is neither array nor hashable: \['set'\]"):
        compiled({1})
    with pytest.raises(TypeError, match=r"compile: an argument is an array of object; give arrays of numbers"):
        compiled(np.array([None]))

    def keyed(x, *, scale):
        return x

    with pytest.raises(TypeError, match=r"compile: keyed takes keyword-only arguments \['scale'\]; make them pos"):
        tg.compile(keyed)(np.ones(1), scale=2)


def test_threads_share_a_compiled_step():
    compiled = tg.compile(lambda x: np.exp(np.tanh(x) * 2).sum())
    compiled(np.ones(50))
    wrong = []

    def run(k):
        x = np.full(50, float(k))
        expected = np.exp(np.tanh(x) * 2).sum()
        wrong.extend(1 for _ in range(200) if compiled(x).item() != expected)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


@pytest.mark.parametrize("name", ["b1", "c1", "t1", "np", "d_w", "scatter", "seed"])
def test_names_of_tensors_do_not_collide_with_those_of_the_source(name):
    def make():
        w = tg.tensor([1.0, 2.0, 3.0], requires_grad=True, name=name)
        descent = tg.optim.SGD([w], lr=0.1)

        def step(x):
            loss = (np.tanh(w * x)[np.array([0, 0, 2])] * w[1]).sum() + (w * np.arange(3.0)).sum()
            descent.zero_grad()
            loss.backward()
            descent.step()
            return loss

        return w, step

    (w, step), (v, traced) = make(), make()
    compiled = tg.compile(traced)
    for _ in range(4):
        assert step(np.ones(3)).item() == compiled(np.ones(3)).item()
        np.testing.assert_array_equal(w.data, v.data)


def test_users_ops_with_the_name_of_a_numpy_function_or_of_each_other(forget_declarations):
    first = tg.elementwise(1, name="round")(lambda x: x + 1)
    second = tg.elementwise(1, name="round")(lambda x: x + 100)
    compiled = tg.compile(lambda x: (tg.primitive(None, name="sum")(lambda x: x[:1])(x), first(x), second(x)))
    for _ in range(2):
        assert [y.tolist() for y in compiled(np.array([0.25]))] == [[0.25], [1.25], [100.25]]


def test_source_reads_as_numpy():
    W = tg.tensor(np.zeros((3, 1)), requires_grad=True, name="W")
    b = tg.tensor(0.0, requires_grad=True, name="b")
    descent = tg.optim.SGD([W, b], lr=0.5)

    @tg.compile
    def step(X, Y):
        cost = tg.nn.binary_cross_entropy(tg.sigmoid(W.T @ X + b), Y)
        descent.zero_grad()
        cost.backward()
        descent.step()
        return cost

    step(np.ones((3, 4)), np.ones((1, 4)))
    assert step.source == GOLDEN
    assert "traces" in repr(step)


GOLDEN = """\
def step(X, Y, W, b):
    # forward
    t1 = np.transpose(W)  # (1, 3)
    t2 = np.matmul(t1, X, out=b1)  # (1, 4)
    t3 = np.add(t2, b, out=b1)  # (1, 4)
    with np.errstate(over='ignore'):
        t4 = np.negative(t3, out=b1)  # (1, 4)
        t5 = np.exp(t4, out=b1)  # (1, 4)
    t6 = np.add(1, t5, out=b1)  # (1, 4)
    t7 = np.divide(1, t6, out=b1)  # (1, 4)
    with np.errstate(divide='ignore'):
        t8 = np.log(t7, out=b2)  # (1, 4)
        t9 = np.negative(t7, out=b3)  # (1, 4)
        t10 = np.log1p(t9, out=b3)  # (1, 4)
    t11 = np.maximum(t8, -100.0, out=b2)  # (1, 4)
    t12 = np.multiply(Y, t11, out=b2)  # (1, 4)
    t13 = np.subtract(1, Y, out=b4)  # (1, 4)
    t14 = np.maximum(t10, -100.0, out=b3)  # (1, 4)
    t15 = np.multiply(t13, t14, out=b3)  # (1, 4)
    t16 = np.add(t12, t15, out=b3)  # (1, 4)
    t17 = np.negative(t16, out=b3)  # (1, 4)
    t18 = np.mean(t17)
    # backward
    t19 = seed / 4
    t20 = np.broadcast_to(t19, (1, 4))  # (1, 4)
    t21 = np.subtract(t7, Y, out=b3)  # (1, 4)
    t22 = np.subtract(1, t7, out=b2)  # (1, 4)
    t23 = np.multiply(t7, t22, out=b2)  # (1, 4)
    t24 = np.maximum(t23, 1e-12, out=b2)  # (1, 4)
    t25 = np.divide(t21, t24, out=b2)  # (1, 4)
    t26 = np.multiply(t20, t25, out=b2)  # (1, 4)
    t27 = np.subtract(1, t7, out=b3)  # (1, 4)
    t28 = np.multiply(t7, t27, out=b3)  # (1, 4)
    t29 = np.multiply(t26, t28, out=b3)  # (1, 4)
    d_b = np.sum(t29, axis=(0, 1))
    t31 = np.transpose(X)  # (4, 3)
    t32 = np.matmul(t29, t31, out=b5)  # (1, 3)
    t33 = np.transpose(t32)  # (3, 1)
    d_W = np.positive(t33)  # (3, 1)
    # update
    t35 = np.multiply(d_W, -0.5, out=b6)  # (3, 1)
    t36 = np.add(t35, W)  # (3, 1)
    t37 = d_b * -0.5
    t38 = t37 + b
    return (t18, t36, t38, d_b, d_W)
"""


def wavy(x):
    return np.sum(x * x * np.sin(x))


W = tg.tensor([1.0, 2.0], requires_grad=True)


@pytest.mark.parametrize(
    "derivative",
    [
        tg.grad(wavy),
        tg.value_and_grad(wavy),
        tg.grad(lambda x: tg.grad(wavy)(x).sum()),
        tg.hessian(wavy),
        tg.jacobian(lambda x: x * x),
        tg.jacobian(lambda x: np.stack([x[0] * x[1], x[0], x[1]])),
        tg.grad(lambda x: np.sum(W * x * x)),
        lambda x: tg.jvp(wavy, (x,), (x,)),
        lambda x: tg.vjp(lambda x: x * x, x)[1](x),
        lambda x: tg.hvp(wavy, (x,), (x,)),
        lambda x: tg.grad(lambda p: np.sum(p["a"] ** 2 * p["b"]))({"a": x, "b": x}),
        lambda x: np.where(np.isclose(x, 2.0), 0.0, x),
    ],
)
def test_transforms_are_compiled(derivative):
    compiled = tg.compile(derivative)
    for x in (np.array([1.0, 2.0]), np.array([2.0, -4.0]), np.array([0.5, 3.0])):
        found, expected = (flatten(f(x)) for f in (compiled, derivative))
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
    assert compiled.traces == 1


def test_arrays_of_the_first_run_die_with_it(no_collector):
    arrays = []

    def step(x):
        y = np.exp(x) * 2
        arrays.append(weakref.ref(y._array))
        with tg.no_grad():
            return y.sum()

    tg.compile(step)(np.ones(3))
    gc.collect()
    assert arrays[0]() is None


def test_tracing_says_whether_a_step_is_being_compiled():
    seen = []

    @tg.compile
    def step(x):
        with tg.no_grad():
            seen.append(tracing())
        return x * 2

    step(np.ones(2))
    step(np.ones(2))
    assert seen == [True]
    assert not tracing()
