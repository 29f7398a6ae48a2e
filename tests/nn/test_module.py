"""Module: finding parameters, saving and loading all or nothing, modes, copies, text."""

import copy
import io
import pickle

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.nn import Linear, Module, ReLU, Sequential


class Block(Module):
    def __init__(self, seed=0):
        self.first = Linear(3, 4, rng=seed)
        self.rest = [Linear(4, 4, rng=seed + 1), {"deep": (Linear(4, 2, rng=seed + 2), "text")}]
        self.scale = tg.tensor(2.0, requires_grad=True)
        self.mean = tg.tensor(np.zeros(3))
        self.count = 7

    def __call__(self, x):
        self.seen = tg.relu(self.first(x - self.mean))
        return self.rest[1]["deep"][0](self.rest[0](self.seen)) * self.scale


NAMES = ["first.weight", "first.bias", "rest.0.weight", "rest.0.bias", "rest.1.deep.0.weight",
         "rest.1.deep.0.bias", "scale"]  # fmt: skip


def test_parameters_are_found_in_the_order_of_assignment():
    net = Block()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [id(p) for p in net.parameters()] == [id(p) for _, p in net.named_parameters()]
    assert [name for name, _ in net.named_tensors()] == [*NAMES, "mean"]
    assert [type(m).__name__ for m in net.modules()] == ["Block", "Linear", "Linear", "Linear"]


def test_shared_parameters_are_listed_once():
    net = Block()
    net.again = net.first
    net.tied = net.scale
    assert [name for name, _ in net.named_parameters()] == NAMES
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin.again is twin.first
        assert twin.tied is twin.scale
        assert twin.scale is not net.scale


def test_kept_activations_are_no_parameters():
    net = Block()
    net(tg.tensor(np.ones((1, 3))))
    assert net.seen.requires_grad
    assert [name for name, _ in net.named_tensors()] == [*NAMES, "mean"]


def test_a_frozen_parameter_stays_one():
    net = Block()
    for p in net.parameters():
        p.requires_grad_(False)
    for twin in (net, copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert [name for name, _ in twin.named_parameters()] == NAMES
        assert not any(p.requires_grad for p in twin.parameters())
        assert [name for name, _ in twin.named_tensors()] == [*NAMES, "mean"]
        for p in twin.parameters():
            p.requires_grad_(True)
        assert all(p.requires_grad for p in twin.parameters())
    assert "mean" not in dict(net.named_parameters())


def test_frozen_parameters_are_not_checked():
    net = Block()
    net.first.weight.requires_grad_(False)
    report = tg.check_gradients(net, np.ones((1, 3)))
    assert [f.input for f in report.findings if f.input in NAMES] == NAMES[1:]


def test_cycles_are_entered_once():
    net = Block()
    net.rest.append(net)
    net.rest.append(net.rest)
    assert [name for name, _ in net.named_parameters()] == NAMES
    net.rest.pop()
    assert "..." in repr(net)


def test_state_goes_through_a_file():
    net, other = Block(0), Block(10)
    net.mean.data = np.ones(3)
    file = io.BytesIO()
    np.savez(file, **net.state_dict())
    file.seek(0)
    other.load_state_dict(np.load(file))
    x = np.ones((2, 3)) * 5
    np.testing.assert_array_equal(net(x).numpy(), other(x).numpy())


def test_state_is_a_copy():
    net = Block()
    state = net.state_dict()
    state["scale"][...] = 9
    assert net.scale.item() == 2
    net.load_state_dict(state)
    state["scale"][...] = 5
    assert net.scale.item() == 9


def test_loading_keeps_identity_and_dtype():
    net = Linear(2, 2, dtype=np.float32, rng=0)
    weight = net.weight
    net.load_state_dict({"weight": np.ones((2, 2)), "bias": [1, 2]})
    assert net.weight is weight
    assert weight.dtype == np.float32
    assert weight.requires_grad


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda s: s.pop("scale"), KeyError, r"load_state_dict: missing \['scale'\], unknown nothing; the state must"),
        (lambda s: s.update(other=1), KeyError, r"missing nothing, unknown \['other'\].*from a Block built the same"),
        (lambda s: s.update(scale=np.ones(2)), ValueError, r"scale has shape \(2,\) in the state and \(\) in the"),
        (lambda s: s.update(mean=["a", "b", "c"]), ValueError, "could not convert"),
    ],
)
def test_loading_is_all_or_nothing(change, error, message):
    net = Block(0)
    before = net.state_dict()
    state = {k: np.asarray(v) + 1 for k, v in before.items()}
    change(state)
    with pytest.raises(error, match=message):
        net.load_state_dict(state)
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_train_and_eval_reach_everything():
    net = Block()
    assert net.training
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert net.train() is net
    assert all(m.training for m in net.modules())


def test_zero_grad():
    net = Block()
    net(np.ones((1, 3))).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_a_module_must_say_what_it_computes():
    with pytest.raises(TypeError, match=r"Module: has no __call__; define __call__\(self, x\)"):
        Module()(1)


def test_text():
    net = Sequential(Linear(3, 2, rng=0), ReLU(at_zero=0), tg.tanh, Linear(2, 1, bias=False, rng=0))
    assert repr(net).startswith("Sequential(Linear(3, 2), ReLU(at_zero=0), <function tanh")
    assert repr(net).endswith("Linear(2, 1, bias=False))")
    assert "scale=()" in repr(Block())
    assert "count=7" in repr(Block())
