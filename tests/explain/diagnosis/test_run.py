"""What `tg.diagnose` is given, what it leaves as it was, and how it answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import nn

from .networks import LABELS, ByHand, X, Y, large, stack, zeros


def test_everything_is_left_as_it_was() -> None:
    net = ByHand()
    adam = tg.optim.Adam(net.parameters())
    net.W.grad = np.full((10, 12), 7.0)
    before = net.state_dict()
    tg.diagnose(net, (X, Y), optimizer=adam)
    assert net.W.grad is not None
    assert (net.W.grad.numpy() == 7.0).all()
    assert net.V.grad is None
    assert all(not state.numpy().any() for state in adam.state[0][:2])
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_a_recorded_loss() -> None:
    net = stack(10, 8, 3, act=nn.Sigmoid, init=zeros)
    with tg.keep_values(), tg.origins():
        loss = nn.cross_entropy(net(X), LABELS)
    (finding,) = tg.diagnose(loss, parameters=net).findings
    assert (finding.kind, finding.layer) == ("symmetric units", "layers.0")
    assert "test_run.py:" in finding.line
    assert tg.diagnose(loss).findings[0].layer == "weight"
    loss.backward()  # the graph is still there
    with pytest.raises(tg.GraphError, match=r"backward has used up this graph; diagnose before it"):
        tg.diagnose(loss)


def test_a_function_with_its_parameters() -> None:
    w1 = tg.tensor(np.zeros((10, 4)), requires_grad=True)
    w2 = tg.tensor(np.zeros((4, 1)), requires_grad=True)

    def model(x: Any) -> Any:
        return tg.sigmoid(x @ w1) @ w2

    (finding,) = tg.diagnose(model, (X, Y), parameters={"w1": w1, "w2": w2}).findings
    assert (finding.layer, finding.share) == ("w1", "4 of 4 units")
    assert "test_run.py:" in finding.line
    assert tg.diagnose(model, (X, Y), parameters=[w1, w2]).findings[0].layer == "parameter 0"


def test_one_layer_used_twice_is_two() -> None:
    shared = nn.Linear(10, 10, rng=0)
    diagnosis = tg.diagnose(nn.Sequential(shared, nn.Tanh(), shared), (X, X))
    assert (diagnosis.ok, diagnosis.layers, diagnosis.parameters) == (True, 2, 110)


def test_printing_is_short() -> None:
    text = str(tg.diagnose(stack(10, 16, 16, 3, act=nn.Sigmoid, init=large), (X, LABELS), lr=1e6))
    assert text.startswith("3 findings (3 layers, 499 parameters, loss ")
    assert len(text.splitlines()) == 4
    assert max(map(len, text.splitlines())) < 250


def test_kinds_are_listed_once() -> None:
    diagnosis = tg.diagnose(stack(10, 16, 16, 3, act=nn.Sigmoid, init=large), (X, LABELS))
    assert diagnosis.kinds == ("saturated units",)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.sin, (X, Y)), TypeError, "diagnose: sin is no Module, so its parameters are unknown; name them by"),
        ((nn.ReLU(), (X, Y)), TypeError, "there are no parameters to train; give leaf tensors"),
        ((stack(10, 1), None), TypeError, r"the batch is None; give a pair \(x, y\)"),
        ((stack(10, 1), (X,)), TypeError, r"give a pair \(x, y\)"),
        ((tg.tensor(1.0),), tg.GraphError, "got an untracked tensor; give a recorded loss of one number"),
        ((tg.tensor([1.0, 2.0], requires_grad=True),), tg.GraphError, r"got a tensor of shape \(2,\)"),
        ((tg.tensor(1.0, requires_grad=True) * 2,), tg.GraphError, r"not kept; record the loss under tg.keep_values\("),
    ],
)
def test_messages(arguments: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        tg.diagnose(*arguments)


def test_a_loss_of_many_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="it must be a tensor of one number, such as a mean"):
        tg.diagnose(stack(10, 1), (X, Y), loss=lambda p, y: p - y)


def test_a_model_that_is_cut_off() -> None:
    net = stack(10, 1)
    with pytest.raises(tg.GraphError, match="the loss does not depend on any parameter"):
        tg.diagnose(lambda x: net(x).detach(), (X, Y), parameters=net)
