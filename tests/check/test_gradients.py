"""What `check_gradients` accepts, and what it says."""

import re

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op


class Net(tg.nn.Module):
    def __init__(self) -> None:
        self.first = tg.nn.Linear(3, 4, rng=0)
        self.second = tg.nn.Linear(4, 2, rng=1)

    def __call__(self, x):
        return self.second(tg.tanh(self.first(x)))


X = np.random.default_rng(0).standard_normal((5, 3))
LABELS = np.array([0, 1, 1, 0, 1])


def test_the_verdict_in_one_line():
    report = tg.check_gradients(lambda x, y: x * y, 2.0, tg.tensor([1.0, 2.0]), seed=3)
    text = str(report)
    assert text.startswith("gradients of <lambda> are right: 2 inputs, 3 elements, agree to ")
    assert report.agreement < 1e-10
    assert report.evaluations > 0
    assert report.wrong == ()


def test_large_inputs_are_projected():
    text = str(tg.check_gradients(lambda x: tg.sin(x), np.ones(300)))
    assert re.search(
        r"1 input, 300 elements, input 0 by 3 random projections "
        r"\(an error of 1e-06 is missed with probability \de-\d+\), agree to",
        text,
    )


@pytest.mark.parametrize("order", [1, 2])
def test_parameters_that_f_closes_over(order):
    net = Net()
    before = net.state_dict()
    nodes = [p.node for p in net.parameters()]

    def loss():
        return tg.nn.cross_entropy(net(X), LABELS)

    for wrt in (net, net.parameters(), [net.first, net.second.weight]):
        report = tg.check_gradients(loss, wrt=wrt, order=order)
        assert report.ok
    assert {f.input for f in tg.check_gradients(loss, wrt=net).findings} >= {"first.weight", "second.bias"}
    assert all(np.array_equal(net.state_dict()[k], v) for k, v in before.items())
    assert [p.node for p in net.parameters()] == nodes
    assert all(p.grad is None for p in net.parameters())


def test_parameters_are_put_back_when_f_fails():
    p = tg.tensor([1.0, 2.0], requires_grad=True)
    data, node = p.numpy(), p.node

    def fails():
        raise RuntimeError("inside f")

    with pytest.raises(RuntimeError, match="inside f"):
        tg.check_gradients(fails, wrt=p)
    assert p.node is node
    np.testing.assert_array_equal(p.numpy(), data)


def test_wrong_parameter_is_named():
    w = tg.tensor([1.0, 2.0], requires_grad=True, name="w")
    with pytest.raises(tg.GradientError, match=r"respect to w \(2,\) float64 is wrong"):
        tg.check_gradients(lambda: (w * w.detach()).sum(), wrt=w)


def test_float32_parameters_are_checked_in_float64():
    w = tg.tensor(np.ones(3, np.float32), requires_grad=True)
    assert tg.check_gradients(lambda: tg.exp(w * 0.3), wrt=[w]).agreement < 1e-9
    assert w.dtype == np.float32


def test_wrt_positions():
    x, y = tg.tensor(2.0), tg.tensor(3.0)
    report = tg.check_gradients(lambda x, y: x * y.detach(), x, y, wrt=0)
    assert [f.input for f in report.findings] == ["input 0"]
    with pytest.raises(tg.GradientError):
        tg.check_gradients(lambda x, y: x * y.detach(), x, y, wrt=-1)


def test_inputs_are_never_changed():
    x, t = np.arange(3.0), tg.tensor([1.0, 2.0, 3.0], requires_grad=True)

    def assigns(a, b):
        a[0] = b[1]
        a += 1
        return a * b

    assert tg.check_gradients(assigns, x, t).ok
    np.testing.assert_array_equal(x, np.arange(3.0))
    np.testing.assert_array_equal(t.numpy(), [1.0, 2.0, 3.0])
    assert t.grad is None


def test_lists_and_dicts_of_inputs_and_outputs():
    report = tg.check_gradients(lambda p: [p["w"] * 2, {"b": tg.exp(p["b"][0])}], {"w": np.ones(2), "b": [0.5]})
    assert [f.input for f in report.findings] == ["input 0 leaf 0", "input 0 leaf 1"]


def test_integer_inputs_are_passed_on():
    report = tg.check_gradients(tg.nn.cross_entropy, X, LABELS % 2)
    assert report.skipped == ("input 1 of int64",)
    assert "input 1 of int64 has no gradient" in str(report)


def test_under_no_grad_the_gradients_are_checked_all_the_same():
    with tg.no_grad():
        assert not tg.check_gradients(lambda x: x * x.detach(), 2.0, raises=False).ok


def test_a_wrong_gradient_raises_with_everything_one_needs():
    wrong = define(Op("elementwise", np.sin, (lambda y, x: 2 * np.cos(x),), name="wrong")).function
    with pytest.raises(tg.GradientError) as caught:
        tg.check_gradients(wrong, np.array([[0.5, 1.0]]))
    text = str(caught.value)
    assert text.startswith("check_gradients: wrong's gradient is wrong   (1 of 1 op; it is the only op)")
    assert "ratio 2\n" in text
    assert "effect     wrong's gradient of input 0 wrong by 100 % at [0, " in text
    assert "pattern    2 of 2 elements wrong; a constant factor n = 2, the length of axis 1 of the input" in text
    assert "repro      error.report.culprit.check()" in text
    report = caught.value.report
    assert report.findings[0].ratio == pytest.approx(2)
    assert isinstance(caught.value, AssertionError)


def test_many_wrong_inputs_make_a_short_message():
    report = tg.check_gradients(lambda *xs: sum(x * x.detach() for x in xs), *np.arange(1.0, 12.0), raises=False)
    assert len(str(report).splitlines()) == 14
    assert "the ops are right, the graph is not: a path is cut" in str(report)
    assert "and 3 more" in str(report)


def test_other_checks_that_passed_are_counted():
    report = tg.check_gradients(lambda x, y: x * y.detach(), 2.0, 3.0, raises=False)
    assert "1 other check passed" in str(report)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: tg.check_gradients(tg.exp, 3),
            tg.NotDifferentiable,
            r"check_gradients: input 0 of int has no gradient; pass floating-point numbers \(3.0, not 3\)",
        ),
        (
            lambda: tg.check_gradients(tg.take, np.ones(3), np.array([0]), wrt=1),
            tg.NotDifferentiable,
            "input 1 of int64 has no",
        ),
        (
            lambda: tg.check_gradients(tg.exp, 1.0, wrt=1),
            TypeError,
            "check_gradients: wrt has 1, but there are 1 inputs; give pos",
        ),
        (lambda: tg.check_gradients(tg.exp, 1.0, wrt="x"), TypeError, "wrt has 'x'"),
        (
            lambda: tg.check_gradients(lambda: tg.tensor(1.0)),
            TypeError,
            "there is nothing to check; give inputs, or parameters by",
        ),
        (
            lambda: tg.check_gradients(tg.exp, 1.0, order=0),
            ValueError,
            "check_gradients: order is 0; give 1 for gradients, 2",
        ),
        (
            lambda: tg.check_gradients(lambda x: None, 1.0),
            TypeError,
            "f returned NoneType None; return tensors or numbers",
        ),
        (
            lambda: tg.check_gradients(lambda: 1.0, wrt=tg.tensor([1, 2], name="n")),
            tg.NotDifferentiable,
            "n of int64 has no gradient",
        ),
    ],
)
def test_what_cannot_be_checked_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_function_that_is_not_defined_further_away_is_checked_where_it_is():
    def rule(g, y, x):
        return 2 * tg.linalg.cholesky.op.rules[0](g, y, x, upper=False)

    wrong = define(Op("primitive", lambda x: np.linalg.cholesky(x), (rule,), name="factor")).function
    x = np.array([[2.0, 0.0], [1.0, 3.0]])
    assert tg.check_gradients(tg.linalg.cholesky, x).ok
    with pytest.raises(tg.GradientError, match="factor's gradient is wrong"):
        tg.check_gradients(wrong, x)
