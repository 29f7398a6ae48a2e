"""Arguments and results of a compiled step in containers of every kind; what a replay cannot build anew is an error."""

from __future__ import annotations

import collections
import dataclasses
import functools
import types

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.trees import flatten

Pair = collections.namedtuple("Pair", ["a", "b"])


@dataclasses.dataclass
class Point:
    a: object
    b: object


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: object
    b: object


class Box:
    """Something that nobody can take apart and build again."""

    def __init__(self, value: object) -> None:
        self.value = value


class Slotted:
    __slots__ = ("value", "other")

    def __init__(self, value: object) -> None:
        self.value = value


MAKERS = {
    "list": lambda x, y: [x, y],
    "tuple": lambda x, y: (x, y),
    "dict": lambda x, y: {"a": x, "b": y},
    "namedtuple": Pair,
    "dataclass": Point,
    "frozen": Frozen,
    "OrderedDict": lambda x, y: collections.OrderedDict(b=x, a=y),
    "defaultdict": lambda x, y: collections.defaultdict(list, b=x, a=y),
    "nested": lambda x, y: {"p": Point([x], None), "q": Pair("text", (y,))},
}


def numbers(tree):
    return [x.item() for x in flatten(tree, records=True) if isinstance(x, tg.Tensor)]


@pytest.mark.parametrize("kind", MAKERS)
def test_results_come_in_the_container_that_the_step_returns(kind):
    compiled = tg.compile(lambda x: MAKERS[kind](4 * x, x + 1))
    for x in (1.0, 10.0, 100.0):
        result = compiled(np.array(x))
        assert type(result) is type(MAKERS[kind](1, 2))
        assert numbers(result) == [4 * x, x + 1]
    assert compiled.traces == 1


@pytest.mark.parametrize("kind", MAKERS)
def test_arguments_in_containers_are_arguments(kind):
    compiled = tg.compile(lambda p: [2 * x for x in flatten(p, records=True) if isinstance(x, tg.Tensor)])
    for x in (1.0, 10.0, 100.0):
        assert numbers(compiled(MAKERS[kind](np.array(x), tg.tensor(3.0)))) == [2 * x, 6.0]
    assert compiled.traces == 1


def test_arguments_in_containers_are_named_by_where_they_are():
    compiled = tg.compile(lambda params, x: params["w"] * x + params["b"][0])
    compiled({"w": np.ones(2), "b": [np.ones(2)]}, np.ones(2))
    assert compiled.source.startswith("def step(params_w, params_b_0, x):")


def test_other_containers_and_constants_are_traced_anew():
    compiled = tg.compile(lambda p: p[0] * p[1])
    x = np.array([1, 2])
    assert compiled((x, 2)).dtype == np.int64
    assert compiled([x, 2]).dtype == np.int64
    assert compiled((x, 2.0)).dtype == np.float64
    assert compiled((x, True)).tolist() == [1, 2]
    assert compiled(Pair(x, 3)).tolist() == [3, 6]
    assert compiled.traces == 5


def test_constants_that_are_equal_and_not_the_same_are_traced_anew():
    compiled = tg.compile(lambda x, k: x / k)
    with np.errstate(divide="ignore"):
        assert [compiled(np.array(1.0), k).item() for k in (0.0, -0.0)] == [np.inf, -np.inf]
    for _ in range(3):
        assert np.isnan(compiled(np.array(1.0), float("nan")).item())
    assert compiled.traces == 3


HOLDERS = {
    "Box": Box,
    "Slotted": Slotted,
    "set": lambda y: {y},
    "deque": lambda y: collections.deque([y]),
    "SimpleNamespace": lambda y: types.SimpleNamespace(items=[{"y": y}]),
    "dict_values": lambda y: {"y": y}.values(),
    "ndarray": lambda y: _objects(y),
    "function": lambda y: lambda: y,
    "method": lambda y: Box(y).__init__,
    "partial": lambda y: functools.partial(print, y),
    "cycle": lambda y: _cycle(y),
}


def _objects(y):
    found = np.empty(2, dtype=object)
    found[0] = y
    return found


def _cycle(y):
    box = Box(None)
    box.value = [box, Slotted(y)]
    return box


@pytest.mark.parametrize("kind", HOLDERS)
def test_results_that_cannot_be_built_anew_are_an_error(kind):
    compiled = tg.compile(lambda x: (x, HOLDERS[kind](x * 2)))
    match = r"compile: <lambda> returned \w+, whose tensors a replay cannot replace; make it a dataclass, or return its"
    for _ in range(2):
        with pytest.raises(tg.TraceError, match=match):
            compiled(np.array(1.0))


def test_iterators_are_an_error():
    with pytest.raises(tg.TraceError, match=r"compile: <lambda> returned map, which gives its items only once; return"):
        tg.compile(lambda x: map(np.exp, [x]))(np.array(1.0))


def test_the_pull_of_a_vjp_is_an_error():
    with pytest.raises(tg.TraceError, match=r"returned function, whose tensors a replay cannot replace"):
        tg.compile(lambda x: tg.vjp(lambda x: x * x, x))(np.array(1.0))


def test_objects_from_outside_may_be_returned():
    net = tg.nn.Linear(1, 1, rng=0)
    descent = tg.optim.SGD(net.parameters(), lr=0.1)
    box = Box(tg.tensor(5.0))

    @tg.compile
    def step(x):
        loss = net(x).sum() * box.value
        descent.zero_grad()
        loss.backward()
        descent.step()
        return loss, net, descent, box

    for _ in range(3):
        assert step(np.ones((1, 1)))[1:] == (net, descent, box)


@pytest.mark.parametrize("make", [list, tuple, lambda x: {"w": x[0], "b": x[1]}, lambda x: Point(*x)])
def test_parameters_in_containers_are_trained(make):
    def run(wrap):
        parameters = [tg.tensor(2.0, requires_grad=True), tg.tensor([1.0, 3.0], requires_grad=True)]
        descent = tg.optim.Adam(parameters, lr=0.1)

        @wrap
        def step(nest, x):
            w, b = flatten(nest, records=True)
            loss = ((w * x + b) ** 2).sum()
            descent.zero_grad()
            loss.backward()
            descent.step()
            return loss

        losses = [step(make(parameters), np.array([k, 2.0])).item() for k in range(4)]
        return losses, [p.numpy() for p in parameters], step

    (losses, values, _), (others, trained, compiled) = run(lambda f: f), run(tg.compile)
    assert losses == others
    assert compiled.traces == 1
    for a, b in zip(values, trained, strict=True):
        np.testing.assert_array_equal(a, b)


def test_attributes_of_an_argument_are_noticed():
    compiled = tg.compile(lambda box, x: x * box.value)
    box = Box(2.0)
    assert compiled(box, np.array(3.0)).item() == 6
    box.value = np.array(4.0)
    assert compiled(box, np.array(3.0)).item() == 12
    box.value = tg.tensor(5.0)
    assert compiled(box, np.array(3.0)).item() == 15
    box.value.data = np.array(6.0)
    assert compiled(box, np.array(3.0)).item() == 18
    assert compiled.traces == 1


def test_a_step_that_changes_an_attribute_of_an_argument_is_never_replayed():
    def step(box, x):
        box.value = box.value + 1
        return x * box.value

    compiled, box = tg.compile(step), Box(0.0)
    assert [compiled(box, np.array(2.0)).item() for _ in range(4)] == [2, 4, 6, 8]


@pytest.mark.parametrize("change", [lambda p: p.append(p[0]), lambda p: p.__setitem__(0, p[0] * 2), list.clear])
def test_a_step_that_changes_a_container_is_an_error(change):
    def step(p):
        change(p)
        return p

    with pytest.raises(tg.TraceError, match=r"compile: the step changed what a container among its arguments holds"):
        tg.compile(step)([np.array(1.0)])


def test_gradients_of_steps_with_nests_are_checked():
    w = tg.tensor(2.0, requires_grad=True)
    descent = tg.optim.SGD([w], lr=0.1)

    @tg.compile
    def step(batch):
        loss = (w * batch.a - batch.b) ** 2
        descent.zero_grad()
        loss.backward()
        descent.step()
        return Pair(loss, {"twice": 2 * loss})

    assert tg.check_gradients(step, Point(np.array(1.0), np.array(2.0))).ok
