"""Changing a tensor between forward and backward: the right gradient, or an error that names op and places."""

import gc

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.watch import _watched
from tinygraph.errors import AnomalyError, GraphError

START = np.array([1.0, 2.0, 3.0])


def leaf(value, **kwargs):
    return tg.tensor(value, requires_grad=True, **kwargs)


@pytest.fixture(params=[3, 40], ids=["small", "large"])
def x(request):
    return leaf(np.arange(1.0, request.param + 1))


# ------------------------------------------------------------------------- changes that leave the gradient right


def rebind(x):
    x.data = np.full(x.shape, 9.0)


def assign(x):
    x[0] = 100.0


def assign_untracked(x):
    with tg.no_grad():
        x[0] = 100.0


def update(x):
    with tg.no_grad():
        x -= 0.5


def replace_by_own(x):
    x.data = x.data - 1


def optimize(x):
    x.grad = np.ones(x.shape)
    tg.optim.SGD([x], lr=0.1).step()
    x.grad = None


def optimize_adam(x):
    x.grad = np.ones(x.shape)
    tg.optim.Adam([x], lr=0.1).step()
    x.grad = None


def read(x):
    float(np.linalg.norm(x.data))


def write_the_same(x):
    x.data[...] = x.data.copy()


def change_and_restore(x):
    for i in range(3):
        before = x.data[i]
        x.data[i] = before + 0.1
        x.data[i] = before - 0.1
        x.data[i] = before


def clear_gradient(x):
    x.grad = None


def switch_off(x):
    x.requires_grad = False


@pytest.mark.parametrize(
    "change",
    [rebind, assign, assign_untracked, update, replace_by_own, optimize, optimize_adam, read, write_the_same,
     change_and_restore, clear_gradient],
)  # fmt: skip
@pytest.mark.parametrize(
    "f", [tg.square, tg.exp, lambda x: x * x, lambda x: tg.sum(x) * x, lambda x: x.reshape(-1) ** 3]
)
def test_gradient_of_the_recorded_values(change, f, x):
    twin = leaf(x.data)
    f(twin).sum().backward()
    y = f(x).sum()
    change(x)
    y.backward()
    np.testing.assert_array_equal(x.grad.numpy(), twin.grad.numpy())


# ----------------------------------------------------------------------------------- changes that are an error


def write(x):
    x.data[...] = 100.0


def write_one(x):
    x.data[0] = 100.0


def subtract(x):
    x.data -= 0.5


def through_a_view(x):
    x.data.reshape(-1)[1:][0] = 100.0


def through_detach(x):
    x.detach().data[0] = 100.0


def through_transpose(x):
    x.T.data[0] = 100.0


def through_slice(x):
    x[1:].data[0] = 100.0


def by_ufunc(x):
    np.add(x.data, 1, out=x.data)


@pytest.mark.parametrize(
    "change", [write, write_one, subtract, through_a_view, through_detach, through_transpose, through_slice, by_ufunc]
)
@pytest.mark.parametrize("f", [tg.square, lambda x: x * x, lambda x: x.reshape(-1, 1) * x.T, lambda x: tg.log(x[:])])
def test_changes_in_place_are_an_error(change, f, x):
    y = f(x).sum()
    change(x)
    with pytest.raises(GraphError, match=r"was changed in place through \.data"):
        y.backward()
    assert x.grad is None


def test_the_message_names_op_array_and_places():
    w = leaf(START, name="w")
    with tg.origins():
        y = (tg.sin(w) * 2).sum()
    w.data[0] = 7.0
    with pytest.raises(GraphError) as error:
        y.backward()
    message = str(error.value)
    assert message.startswith("backward: input 1 (3,) float64 of <Node sin (3,) float64>")
    assert message.count("test_watch.py:") == 2  # where it was recorded, and where it was handed out
    assert "change it before recording, or assign a new array: t.data = t.data + ..." in message
    y = tg.sin(w).sum()
    w.data[0] = 8.0
    with pytest.raises(GraphError, match=r"recorded at unknown line: record under tg\.origins\(\)"):
        y.backward()


def test_the_message_names_an_output(x):
    y = tg.exp(x)
    z = y.sum()
    y.data[0] = 0.0
    with pytest.raises(GraphError, match=r"backward: the output \(\d+,\) float64 of <Node exp"):
        z.backward()


def test_changing_what_no_rule_reads_is_no_error(x):
    y = x + 1
    z = y.sum()
    y.data[...] = 100.0
    x.data[...] = 100.0
    z.backward()
    assert set(x.grad.tolist()) == {1.0}
    with tg.keep_values():
        y = x + 1
        z = y.sum()
    y.data[...] = 50.0
    z.backward()


def test_untracked_operands_are_watched_too(x):
    c = tg.tensor(np.full(x.shape, 2.0))
    y = (x * c).sum()
    c.data[...] = 100.0
    with pytest.raises(GraphError, match=r"multiply .* was changed in place through \.data"):
        y.backward()


def test_scalars_are_values():
    x = leaf(3.0)
    y = x * x
    x.data[...] = 100.0
    y.backward()
    assert x.grad.item() == 6


def test_an_error_is_repairable():
    x = leaf(START)
    y = (x * x).sum()
    before = x.data.copy()
    x.data[...] = 0
    with pytest.raises(GraphError):
        y.backward()
    x.data[...] = before
    y.backward()
    assert x.grad.tolist() == [2, 4, 6]


def test_transforms_check_too():
    def f(x):
        y = (x * x).sum()
        x.data[0] = 100.0
        return y

    with pytest.raises(GraphError, match="changed in place"):
        tg.grad(f)(START.copy())


# ------------------------------------------------------------------------ arrays shared by reference: anomalies


def test_shared_arrays_are_caught_under_detect_anomaly():
    a = START.copy()
    x = tg.asarray(a, requires_grad=True)
    with tg.detect_anomaly():
        y = (x * x).sum()
    a[0] = 100.0
    with pytest.raises(AnomalyError) as error:
        y.backward()
    message = str(error.value)
    assert message.startswith("backward: an array (3,) float64 that <Node multiply (3,) float64>")
    assert "test_watch.py:" in message
    assert "copy it before changing it, or build with tg.tensor" in message


def test_a_held_reference_is_caught_under_detect_anomaly():
    x = leaf(START)
    held = x.data
    with tg.detect_anomaly():
        y = (x * x).sum()
    held[0] = 100.0
    with pytest.raises((AnomalyError, GraphError)):
        y.backward()


def test_an_untracked_operand_array_is_caught_under_detect_anomaly():
    x, c = leaf(START), START.copy()
    with tg.detect_anomaly():
        y = (x * c).sum()
    c[0] = 100.0
    with pytest.raises(AnomalyError, match="multiply"):
        y.backward()


def test_nothing_to_catch_under_detect_anomaly():
    x = leaf(START)
    with tg.detect_anomaly():
        y = (tg.exp(x) * x).sum()
        y.backward()
    assert x.grad is not None


# -------------------------------------------------------------------------- training loops: never a false alarm


def train(step, steps=50, **options):
    """Logistic regression; `step(w, g)` updates. Returns the largest weight error against plain NumPy."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 4)), rng.integers(0, 2, 20).astype(float)
    w, plain = leaf(np.zeros(4)), np.zeros(4)
    held = [hold(w) for hold in options.get("hold", ())]
    for _ in range(steps):
        p = tg.sigmoid(tg.tensor(X) @ w)
        loss = -tg.mean(y * tg.log(p) + (1 - y) * tg.log(1 - p))
        loss.backward(retain_graph=options.get("retain", False))
        step(w, w.grad)
        w.grad = None
        a = 1 / (1 + np.exp(-(X @ plain)))
        plain -= 0.1 * (X.T @ (a - y) / 20)
    del held
    return np.abs(w.data - plain).max()


def augmented(w, g):
    w.data -= 0.1 * g.data


def assigned(w, g):
    w.data = w.data - 0.1 * g.data


def filled(w, g):
    w.data[...] = w.data - 0.1 * g.data


def elementwise(w, g):
    for i in range(w.size):
        w.data[i] -= 0.1 * g.data[i]


def by_out(w, g):
    np.subtract(w.data, 0.1 * g.data, out=w.data)


def under_no_grad(w, g):
    with tg.no_grad():
        w -= 0.1 * g


def peeking(w, g):
    assert np.isfinite(np.linalg.norm(w.data))
    w.data -= 0.1 * g.data
    assert np.isfinite(w.data).all()


@pytest.mark.parametrize("step", [augmented, assigned, filled, elementwise, by_out, under_no_grad, peeking])
@pytest.mark.parametrize("retain", [False, True])
@pytest.mark.parametrize(
    "hold", [(), (lambda w: w.data,), (lambda w: w.numpy(),), (lambda w: w.data[1:],), (lambda w: w.detach(),)],
    ids=["nothing", "data", "numpy", "view", "detached"],
)  # fmt: skip
def test_training_loops(step, retain, hold):
    assert train(step, retain=retain, hold=hold) < 1e-12


def test_two_losses_update_after_both():
    w = leaf(START)
    for _ in range(5):
        first, second = (w * w).sum(), tg.exp(w * 0.1).sum()
        first.backward()
        second.backward()
        w.data -= 0.01 * w.grad.data
        w.grad = None


def test_updating_between_two_losses_is_an_error():
    w = leaf(START)
    first, second = (w * w).sum(), tg.sin(w).sum()
    first.backward()
    w.data -= 0.01 * w.grad.data
    with pytest.raises(GraphError, match="sin"):
        second.backward()


def test_parameters_in_one_flat_buffer():
    flat = np.ones(6)
    w, b = tg.asarray(flat[:4], requires_grad=True), tg.asarray(flat[4:], requires_grad=True)
    for _ in range(5):
        (tg.exp(w * 0.1).sum() + (b * b).sum()).backward()
        w.data -= 0.1 * w.grad.data
        b.data -= 0.1 * b.grad.data
        w.grad = b.grad = None
    assert flat[4] == pytest.approx(0.8**5)


def test_nothing_watched_grows_without_bound():
    before = set(_watched)
    w = leaf(np.ones(4))
    held = w.numpy()
    for _ in range(1000):
        loss = (w * w).sum()
        loss.backward(retain_graph=True)
        w.data -= 0.001 * w.grad.data
        w.grad = None
    assert sum(len(history) for key, history in _watched.items() if key not in before) < 600
    del held, w, loss
    assert set(_watched) <= before


def test_watching_ends_with_the_array():
    gc.collect()  # what other tests left, so that nothing of theirs ends in between
    before = len(_watched)
    for _ in range(100):
        x = leaf(START)
        y = (x * x).sum()
        x.data[0] += 0
        y.backward()
    del x, y
    assert len(_watched) == before
