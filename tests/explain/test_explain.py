"""`tg.why` names what was planted and keeps quiet about healthy gradients; `detect_anomaly` stops at the first NaN."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import AnomalyError
from tinygraph.explain import Why


def leaf(data, name="w", dtype=float):
    return tg.tensor(data, requires_grad=True, dtype=dtype, name=name)


def ran(loss, **how):
    with np.errstate(all="ignore"):
        loss.backward(**how)
    return loss


def kept(f, *leaves):
    """The loss of `f`, recorded with values and lines, after backward."""
    with tg.keep_values(), tg.origins(), np.errstate(all="ignore"):
        return ran(f(*leaves))


# ------------------------------------------------------------------------ planted situations, by their cause
PLANTED = {}
KEPT = []  # a leaf's value is known as long as somebody holds the tensor


def planted(cause, *words):
    def note(situation):
        PLANTED[situation.__name__] = (situation, cause, words)
        return situation

    return note


# None
@planted("untracked", "requires_grad is False", "requires_grad=True")
def untracked():
    return tg.tensor([1.0, 2.0], name="w"), None


@planted("untracked", "multiply at test_explain.py:", "used it as a constant", "cannot be told")
def untracked_but_used():
    x, w = leaf([3.0, 4.0], "x"), tg.tensor([1.0, 2.0], name="w")
    return w, kept(lambda x: (w * x).sum(), x)


@planted("untracked", "under no_grad")
def computed_under_no_grad():
    with tg.no_grad():
        return leaf([1.0]) * 2, None


@planted("integer", "int64", "dtype=float")
def integer_input():
    return tg.tensor([1, 2], name="w"), None


@planted("not run", "backward has not been run", "loss.backward()")
def backward_not_run():
    w = leaf([1.0, 2.0])
    return w, (w * w).sum()


@planted("not run", "since it was recorded")
def no_loss_and_no_backward():
    return leaf([1.0, 2.0]), None


@planted("not run", "it will not be well", "0 of 2 elements pass relu")
def backward_not_run_and_will_be_zero():
    w = leaf([-1.0, -2.0])
    return w, tg.relu(w).sum()


@planted("cut", "its own array", "multiply at test_explain.py:", "Pass the tensor itself")
def cut_by_detach():
    w, v = leaf([1.5, 2.5]), leaf([1.0, 1.0], "v")
    return w, kept(lambda v: (w.detach() * v).sum(), v)


@planted("cut", "a view of its array as a constant", "The way is cut there")
def cut_by_numpy():
    w, v = leaf([1.5, 2.5]), leaf([1.0, 1.0], "v")
    return w, ran((w.numpy() * v).sum())


@planted("cut", "an equal number as a constant", "Probably")
def cut_by_item():
    w, v = leaf(1.2345), leaf([1.0, 1.0], "v")
    return w, ran((w.item() * v).sum())


@planted("cut", "an equal array as a constant", "Probably")
def cut_by_a_copy():
    w, v = leaf([1.5, 2.5]), leaf([1.0, 1.0], "v")
    return w, ran((tg.tensor(w.detach()) * v).sum())


@planted("unreached", "made from v", "never used", "cannot be told")
def never_used():
    return leaf([1.5, 2.5]), ran(leaf([1.0, 2.0], "v").sum())


@planted("unreached", "under no_grad")
def used_under_no_grad():
    w, v = leaf([1.5, 2.5]), leaf([1.0, 1.0], "v")
    with tg.no_grad():
        h = tg.exp(w)
    return w, ran((h * v).sum())


@planted("comparison", "a truth value of its shape", "no derivative")
def compared():
    w, v = leaf([1.5, -2.5]), leaf([1.0, 1.0], "v")
    return w, ran(((w > 0) * v).sum())


@planted("loss not recorded", "outside no_grad")
def loss_under_no_grad():
    w = leaf([1.0, 2.0])
    with tg.no_grad():
        return w, w.sum()


@planted("intermediate", "made by multiply", "retain_grad", "here w", "It was [3. 3.]")
def intermediate():
    h = leaf([1.0, 2.0]) * 2
    ran((h * 3).sum())
    return h, None


@planted("intermediate", "w -= lr * w.grad")
def parameter_updated_out_of_place():
    w = leaf([1.0, 2.0])
    loss = ran((w * w).sum())
    v = w - 0.1 * w.grad
    del loss
    return v, ran((v * v).sum())


@planted("cleared", "delivered, once", "zero_grad")
def cleared():
    w = leaf([1.0, 2.0])
    loss = ran((w * w).sum())
    w.grad = None
    return w, loss


@planted("cleared", "zero_grad")
def cleared_by_an_optimizer_and_asked_without_loss():
    w = leaf([1.0, 2.0])
    ran((w * w).sum())
    tg.optim.SGD([w], lr=0.1).zero_grad()
    return w, None


@planted("not delivered", "tg.grad")
def backward_ran_for_others():
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()
    loss.node.saved = None
    return w, loss


# accumulated
@planted("accumulated", "2 backward passes", "zero_grad()")
def accumulated():
    w = leaf([1.0, 2.0])
    ran((w * w).sum())
    return w, ran((w * w).sum())


@planted("accumulated", "3 backward passes")
def accumulated_over_create_graph():
    w = leaf([1.0, 2.0])
    for _ in range(3):
        loss = (w * w).sum()
        loss.backward(create_graph=True)
    w.grad = w.grad.detach()
    return w, loss


# zero
@planted("dead relu", "0 of 800 elements pass relu at test_explain.py:", "inputs are negative", "leaky_relu")
def dead_relu():
    w = leaf(-np.ones((2, 800)))
    return w, kept(lambda w: tg.relu(np.ones((1, 2)) @ w).sum(), w)


@planted("dead relu", "2 of 4 elements pass", "No gradient arrives at those that pass")
def relu_and_mask():
    w = leaf([-1.0, -2.0, 1.0, 2.0])
    return w, ran((tg.relu(w) * np.array([1.0, 1.0, 0.0, 0.0])).sum())


@planted("saturated", "1,000 of 1,000 outputs of sigmoid at test_explain.py:", "within 1e-06 of 0 or 1")
def saturated_sigmoid():
    return (w := leaf(np.full(1000, 800.0))), kept(lambda w: tg.sigmoid(w).sum(), w)


@planted("saturated", "outputs of tanh", "of -1 or 1")
def saturated_tanh():
    return (w := leaf([400.0, -400.0])), ran(tg.tanh(w).sum())


@planted("times zero", "multiply multiplies by zero", "small random numbers")
def times_zero():
    return (w := leaf([1.0, 2.0])), ran((w * np.zeros(2)).sum())


@planted("times zero", "matmul", "of shape (3, 1)")
def weights_that_start_at_zero():
    w, v = leaf(np.ones((2, 3))), leaf(np.zeros((3, 1)), "v")
    KEPT.append(v)
    return w, ran((np.ones((4, 2)) @ w @ v).sum())


@planted("zero", "let the values go")
def weights_that_are_gone():
    w, v = leaf(np.ones((2, 3))), leaf(np.zeros((3, 1)), "v")
    return w, ran((np.ones((4, 2)) @ w @ v).sum())


@planted("zero derivative", "sign", "constant between its steps")
def step():
    return (w := leaf([1.0, -2.0])), ran((tg.sign(w) * 3).sum())


@planted("zero derivative", "floor")
def rounded_down():
    return (w := leaf([1.2, -2.0])), ran(tg.floor(w).sum())


@planted("unselected", "where picks its other branch")
def not_selected():
    return (w := leaf([1.0, 2.0])), ran(tg.where(np.array([False, False]), w, 1.0).sum())


@planted("masked", "sum_where", "its mask holds for none of them", "Check where=")
def left_out():
    return (w := leaf([1.0, 2.0])), ran(np.sum(w * 2, where=np.array([False, False])))


@planted("masked", "sum_where", "leaves out every element", "leave out what is NaN")
def all_nan():
    with np.errstate(all="ignore"):
        return (w := leaf([-1.0, -2.0])), ran(np.nansum(tg.log(w)))


@planted("not attained", "max", "picks other elements")
def not_the_maximum():
    return (w := leaf([1.0, 2.0])), ran(tg.maximum(w, 5.0).sum())


@planted("clipped", "(-1, 1)", "Widen the limits")
def clipped():
    return (w := leaf([3.0, -2.0])), ran(tg.clip(w, -1, 1).sum())


@planted("overwritten", "setitem")
def overwritten():
    w = leaf([1.0, 2.0])
    h = w * 1
    h[:] = leaf([3.0, 4.0], "v")
    return w, ran(h.sum())


@planted("cancels", "adds up to exactly 0")
def cancels():
    return (w := leaf([1.0, 2.0])), ran((w - w).sum())


@planted("underflow", "exp", "-1e+04")
def underflow():
    return (w := leaf([-1e4, -2e4])), ran(tg.exp(w).sum())


@planted("unreached", "never used")
def never_used_and_equal_by_chance():
    return leaf([1.0, 1.0]), ran((leaf([3.0, 4.0], "v") * np.ones(2)).sum())


@planted("underflow", "at most 1e-200", "Scale the loss up")
def underflow_of_the_product():
    return (w := leaf([1.0, 2.0])), ran((w * 1e-200).sum(), gradient=np.array(1e-200))


@planted("dead relu", "zero or negative (the largest is 0)")
def relu_at_zero():
    return (w := leaf([0.0, -1.0])), ran(tg.relu(w, at_zero=0).sum())


@planted("flat", "square", "from 0 to 0")
def at_the_minimum():
    return (w := leaf([0.0, 0.0])), ran(tg.square(w).sum())


@planted("seed", "zero itself")
def zero_given():
    w = leaf([1.0, 2.0])
    return w, ran(w * 2, gradient=np.zeros(2))


@planted("zero", "tg.why(t, loss)")
def zero_without_loss():
    w = leaf([-1.0, -2.0])
    ran(tg.relu(w).sum())
    return w, None


@planted("zero", "tg.keep_values(), tg.origins()", "let the values go")
def zero_and_values_gone():
    return (w := leaf(np.full(100, -1.0))), ran((tg.relu(w * 2.0) * 3.0).sum())


@planted("other loss", "another loss")
def zero_from_another_loss():
    w = leaf([-1.0, -2.0])
    ran(tg.relu(w).sum())
    return w, (w * w).sum()


# tiny and huge
@planted("saturated", "812 of 1,000 outputs of sigmoid", "norm shrinks")
def nearly_saturated():
    z = np.full((1, 1000), -20.0)
    z[0, 812:] = -12.0
    return (w := leaf(1e-4)), kept(lambda w: (tg.sigmoid(w * 1e-4 + z)).mean(), w)


@planted("vanishing", "sigmoid", "test_explain.py:")
def vanishing():
    def net(w):
        h = w
        for _ in range(20):
            h = tg.sigmoid(h)
        return h.sum()

    return (w := leaf([0.1, 0.2])), kept(net, w)


@planted("vanishing", "multiply at test_explain.py:", "1e-20")
def multiplied_by_a_tiny_number():
    return (w := leaf([1.0, 2.0])), kept(lambda w: (w * 1e-20).sum() * 3, w)


@planted("exploding", "norm grows", "matmul")
def exploding():
    def net(w):
        h = w
        for _ in range(12):
            h = h @ np.full((5, 5), 2.0)
        return h.sum()

    return (w := leaf(np.ones((1, 5)))), kept(net, w)


@planted("seed", "already started")
def scaled_seed():
    w = leaf([1.0, 2.0])
    return w, ran(w.sum(), gradient=np.array(1e-15))


# NaN and inf
@planted("sqrt at 0", "0 * inf = nan", "element [1]", "x = 0", "sqrt(x + 1e-12)")
def sqrt_at_zero():
    return (w := leaf([1.0, 0.0])), kept(lambda w: (tg.sqrt(w) * 0.0).sum(), w)


@planted("sqrt at 0", "1 * inf = inf")
def sqrt_at_zero_infinite():
    return (w := leaf([1.0, 0.0])), kept(lambda w: tg.sqrt(w).sum(), w)


@planted("log(0)", "-inf in log at test_explain.py:", "binary_cross_entropy", "x = 0")
def literal_log_loss():
    w = leaf([0.5, 1000.0])

    def loss(w):
        p, y = tg.sigmoid(w), np.ones(2)
        return -(y * tg.log(p) + (1 - y) * tg.log(1 - p)).mean()

    return w, kept(loss, w)


@planted("overflow", "exp", "element [1]", "x = 1000", "logsumexp")
def overflow_in_exp():
    return (w := leaf([1.0, 1000.0])), kept(lambda w: tg.log(tg.exp(w).sum()), w)


@planted("division by 0", "divide", "y = 0", "1e-12")
def division_by_zero():
    return (w := leaf([1.0, 0.0])), kept(lambda w: (1 / w).sum(), w)


@planted("domain", "-1 is outside the domain (0, inf) of sqrt")
def root_of_a_negative():
    return (w := leaf([1.0, -1.0])), kept(lambda w: tg.sqrt(w).sum(), w)


@planted("power at 0", "The slope of power at 0 is infinite")
def power_at_zero():
    return (w := leaf([1.0, 0.0])), kept(lambda w: (w**0.5).sum(), w)


@planted("infinite slope", "arcsin at 1")
def arcsin_at_one():
    return (w := leaf([0.5, 1.0])), kept(lambda w: tg.arcsin(w).sum(), w)


@planted("data", "a constant of shape (2,)", "nan at element [1]", "nan_to_num")
def nan_in_the_data():
    return (w := leaf([1.0, 2.0])), kept(lambda w: (w * np.array([1.0, np.nan])).sum(), w)


@planted("data", "w, used by multiply at", "is not finite in 1 of 2 elements", "lower the learning rate")
def nan_in_the_parameter():
    return (w := leaf([np.nan, 2.0])), kept(lambda w: (w * w).sum(), w)


@planted("overflow", "too large for its type")
def gradient_overflow():
    return (w := leaf(1e-200)), kept(lambda w: w * 1e200 * 1e200, w)


@planted("nan", "tg.why(t, loss)")
def nan_without_loss():
    w = leaf([0.0])
    ran((tg.sqrt(w) * 0.0).sum())
    return w, None


@planted("seed", "given to backward is nan")
def nan_given():
    w = leaf([1.0, 2.0])
    return w, ran(w * 2, gradient=np.array([1.0, np.nan]))


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_situation_is_named(name):
    situation, cause, words = PLANTED[name]
    t, loss = situation()
    before = None if t.grad is None else t.grad.data.copy()
    answer = tg.why(t, loss)
    text = str(answer)
    assert answer.cause == cause, text
    for word in words:
        assert word in text, text
    assert not answer.healthy
    assert text[0].isupper()
    assert text.endswith((".", "!"))
    assert len(text) < 900
    assert 1 <= len(answer.sentences) + bool(answer.fix) <= 6
    assert before is None or np.array_equal(t.grad.data, before, equal_nan=True)


def test_the_catalogue_is_long_enough():
    assert len(PLANTED) >= 50


# ----------------------------------------------------------------------------------------- healthy gradients
RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))
HEALTHY = {
    "square": lambda w: (w * w).sum(),
    "mean": lambda w: tg.square(w).mean(),
    "sigmoid": lambda w: tg.sigmoid(X @ w).mean(),
    "tanh": lambda w: tg.tanh(X @ w).mean(),
    "relu": lambda w: tg.relu(X @ w).sum(),
    "leaky relu": lambda w: tg.leaky_relu(X @ w).sum(),
    "softplus": lambda w: tg.softplus(X @ w).sum(),
    "log loss": lambda w: tg.nn.binary_cross_entropy_with_logits(X @ w, (X[:, 0] > 0).astype(float)),
    "cross entropy": lambda w: tg.nn.cross_entropy(tg.tile(w, (4, 1)), np.array([0, 1, 2, 0])),
    "max": lambda w: w.max() * 1.0,
    "one element": lambda w: w[1] * 2,
    "where": lambda w: tg.where(w > 0, tg.sqrt(tg.where(w > 0, w, 1.0)), 0.0).sum(),
    "hidden log": lambda w: tg.where(w > 0, tg.log(w), w).sum(),
    "exp": lambda w: tg.exp(w).sum(),
    "norm": lambda w: tg.sqrt((w * w).sum()),
    "logsumexp": lambda w: tg.logsumexp(w),
    "prod": lambda w: w.prod(),
    "std": lambda w: w.std(),
    "clip": lambda w: tg.clip(w, -1, 1).sum(),
    "quotient": lambda w: (w / (1 + w * w)).sum(),
    "reused": lambda w: (w * w + w * 3 + tg.sin(w)).sum(),
    "sum of many": lambda w: (X @ w).sum() * 1000,
}


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_silence_on_healthy_gradients(name, dtype):
    w = leaf([0.5, -1.5, 0.7], dtype=dtype)
    with np.errstate(all="ignore"):
        loss = ran(HEALTHY[name](w))
    for asked in (tg.why(w), tg.why(w, loss)):
        assert asked.healthy, str(asked)
        assert str(asked).startswith("The gradient of w looks healthy: norm ")
        assert asked.fix == ""


def test_silence_on_a_network_in_training():
    model = tg.nn.Sequential(tg.nn.Linear(3, 8, rng=RNG), tg.nn.ReLU(), tg.nn.Linear(8, 1, rng=RNG))
    optimizer = tg.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(10):
        optimizer.zero_grad()
        loss = ran(tg.nn.mse_loss(model(X), X[:, :1]))
        assert all(tg.why(p, loss).healthy for p in model.parameters())
        optimizer.step()


# ------------------------------------------------------------------------------------------- how it answers
def test_an_answer_has_parts():
    w = leaf([-1.0, -2.0])
    answer = tg.why(w, kept(lambda w: tg.relu(w).sum(), w))
    assert isinstance(answer, Why)
    assert answer.node.op.name == "relu"
    assert re.search(r"test_explain\.py:\d+$", answer.origin)
    assert answer.fix.startswith("Lower the learning rate")
    assert repr(answer).startswith("<Why dead relu: The gradient of w")
    assert "tg.origins()" not in str(answer)


def test_without_lines_it_says_how_to_get_them():
    w = leaf([-1.0, -2.0])
    answer = tg.why(w, ran(tg.relu(w).sum()))
    assert answer.origin is None
    assert str(answer).endswith("Record under `with tg.origins():` to learn the line.")


def test_the_bad_element_is_told():
    w = leaf([[1.0, 4.0], [0.0, 4.0]])
    assert tg.why(w, kept(lambda w: tg.sqrt(w).sum(), w)).element == (1, 0)


def test_a_tensor_without_name_is_told_by_its_shape():
    assert "the tensor of shape (2,)" in str(tg.why(tg.tensor([1.0, 2.0], requires_grad=True)))


def test_other_ways_that_are_cut_too():
    w = leaf([-1.0, -2.0])
    assert "Other ways to it are cut too: relu." in str(tg.why(w, ran((tg.relu(w) + tg.sign(w)).sum())))


def test_a_graph_that_was_retained_needs_no_kept_values():
    w = leaf(np.full(100, -1.0))
    assert tg.why(w, ran(tg.relu(w * 2.0).sum(), retain_graph=True)).cause == "dead relu"


def test_an_update_since_does_not_mislead():
    w = leaf([-1.0, -2.0])
    loss = ran(tg.relu(w).sum())
    with tg.no_grad():
        w += 5.0
    assert tg.why(w, loss).cause in ("zero", "dead relu")


def test_it_leaves_the_graph_alone():
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()
    tg.why(w, loss)
    assert w.grad is None
    assert getattr(loss.node, "grad", None) is None
    ran(loss)
    assert np.array_equal(w.grad.data, [2.0, 4.0])
    assert tg.why(w, loss).healthy


def test_long_chains():
    w = leaf(1.0)
    h = w
    for _ in range(20_000):
        h = h * 1.0
    assert tg.why(w, ran(h)).healthy
    w.grad = None
    assert tg.why(w, ran(tg.relu(-(w * 1.0)))).cause == "dead relu"


def test_only_tensors_are_asked_about():
    with pytest.raises(TypeError, match=r"why: t is float 1.0, not a Tensor; ask tg.why\(t\) about a tensor"):
        tg.why(1.0)
    with pytest.raises(TypeError, match="why: loss is list"):
        tg.why(leaf([1.0]), [1.0])


# -------------------------------------------------------------------------------------------- detect_anomaly
FORWARD = {
    "log: element [1] of the result is -inf at ": lambda: tg.log(leaf([1.0, 0.0])),
    "made from x = 1000: the result is too large for its type; subtract the largest": lambda: tg.exp(leaf(1000.0)),
    "divide: element [0] of the result is inf": lambda: leaf([1.0]) / leaf([0.0]),
    "x = 0, y = 0: it divides by 0": lambda: leaf([0.0]) / np.zeros(1),
    "sqrt: element [1, 0] of the result is nan": lambda: tg.sqrt(leaf([[1.0], [-1.0]])),
    "matmul: element [0, 0] of the result is inf": lambda: leaf([[1e200]]) @ np.array([[1e200]]),
    "y of shape (1, 1) from 1e+200 to 1e+200": lambda: leaf([[1e200]]) @ np.array([[1e200]]),
    "multiply: element [1] of the result is inf": lambda: leaf([1.0, 1e308]) * 1.5 * 1.5,
    "-2 is outside the domain (-1, 1) of arcsin": lambda: tg.arcsin(tg.tensor([-2.0])),
    "there is no finite result there": lambda: undefined(leaf([1.0])),
}


def undefined(x):
    return tg.elementwise(lambda y, x: y, name="undefined")(lambda x: x * np.nan)(x)


@pytest.mark.usefixtures("forget_declarations")
@pytest.mark.parametrize("words", FORWARD)
def test_the_first_nan_in_forward_stops(words):
    with tg.detect_anomaly(), pytest.raises(AnomalyError) as error:
        FORWARD[words]()
    assert words in str(error.value)
    assert "test_explain.py:" in str(error.value)


BACKWARD = {
    "sqrt (2,) float64> (recorded at ": lambda: tg.sqrt(leaf([1.0, 0.0])),
    "passes on is nan, made from the gradient 0 and x = 0: the slope of sqrt": lambda: tg.sqrt(leaf([1.0, 0.0])) * 0.0,
    "made from the gradient 1 and x = 0, y = 0.5: the slope of power at 0": lambda: leaf([0.0]) ** 0.5,
    "x = 1, y = nan: the input is not finite itself": lambda: leaf([1.0]) * np.array([np.nan]),
    "the slope of arcsin at 1 is infinite": lambda: tg.arcsin(leaf([1.0])),
    "gradient 1e+200 and x = 1e-200, y = 1e+200: the result is too large": lambda: leaf(1e-200) * 1e200 * 1e200,
}


@pytest.mark.parametrize("words", BACKWARD)
def test_the_first_nan_in_backward_stops(words):
    with tg.detect_anomaly():
        y = BACKWARD[words]()
        with pytest.raises(AnomalyError) as error:
            y.sum().backward()
    assert str(error.value).startswith("backward: ")
    assert words in str(error.value)
    assert "test_explain.py:" in str(error.value)


def test_a_gradient_given_as_nan_is_told_from_one_that_was_made():
    with tg.detect_anomaly():
        y = leaf([1.0, 2.0]) * 2
    with pytest.raises(AnomalyError, match=r"backward: element \[1\] of the gradient that reaches <Node multiply"):
        y.backward(np.array([1.0, np.nan]))


def test_anomalies_in_backward_that_is_recorded_and_in_transforms():
    with tg.detect_anomaly():
        y = tg.sqrt(leaf([1.0, 0.0])).sum()
        with pytest.raises(AnomalyError, match="slope of sqrt"):
            y.backward(create_graph=True)
        with pytest.raises(AnomalyError, match="slope of sqrt"):
            tg.jacobian(tg.sqrt)(np.array([1.0, 0.0]))


@pytest.mark.parametrize("name", [n for n in HEALTHY if n != "hidden log"])
def test_no_anomaly_in_healthy_code(name):
    w, v = leaf([0.5, -1.5, 0.7]), leaf([0.5, -1.5, 0.7])
    with tg.detect_anomaly():
        HEALTHY[name](w).backward()
    HEALTHY[name](v).backward()
    assert np.array_equal(w.grad.data, v.grad.data)


def test_zero_wins_behind_where_is_no_anomaly_in_backward():
    w = leaf([4.0, 0.0])
    with tg.detect_anomaly():
        tg.where(w > 0, tg.sqrt(w), 0.0).sum().backward()
    assert np.array_equal(w.grad.data, [0.25, 0.0])


def test_values_that_were_infinite_before_are_no_anomaly_in_forward():
    w = leaf([1.0, 2.0])
    with tg.detect_anomaly():
        tg.softmax(tg.where(np.array([True, False]), w, -np.inf))[0].backward()
    assert np.array_equal(w.grad.data, [0.0, 0.0])
