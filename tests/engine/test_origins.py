"""Where values come from: the line, the variable that gets them, the module call; read off running code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine import origins
from tinygraph.engine.node import topological


def leaf() -> tg.Tensor:
    return tg.tensor([1.0, 2.0], requires_grad=True)


def assigned(t: tg.Tensor) -> Any:
    return t.node.fact("assigned")


def test_place_is_the_nearest_caller_outside_tinygraph():
    assert origins.place().startswith(__file__)
    assert origins.place().rpartition(":")[2].isdigit()


class Holder:
    field: Any = None


def test_the_variable_that_gets_a_value():
    holder, x, table = Holder(), leaf(), [None]
    with tg.origins():
        y = tg.exp(x)
        z: tg.Tensor = x * y + 1
        holder.field = tg.tanh(x)
        a = b = tg.sin(x)
        (w := x - 1)
        table[0] = x / 2
        for _ in range(2):
            k = np.cos(x)
        x += y
    assert [assigned(t) for t in (y, z, holder.field, a, b, w, table[0], k, x)] == [
        "y", "z", "field", "a", "a", "w", None, "k", "x",
    ]  # fmt: skip
    assert z.node.inputs[0].fact("assigned") is None


def test_nothing_is_noted_without_being_asked():
    y = tg.exp(leaf())
    assert y.node.meta is None


def test_a_value_that_is_returned_or_passed_on_has_no_variable():
    def made(x):
        return tg.exp(x)

    with tg.origins():
        found = [made(leaf()), tg.exp(leaf())]
    assert [assigned(t) for t in found] == [None, None]


class Inner(tg.nn.Module):
    def __init__(self) -> None:
        self.weight = leaf()

    def __call__(self, x):
        return x * self.weight


class Outer(tg.nn.Module):
    def __init__(self) -> None:
        self.first = Inner()
        self.rest = [Inner(), Inner()]

    def __call__(self, x):
        x = self.first(x)
        for module in self.rest:
            x = module(x)
        return x + 1


def test_operations_know_the_module_call_that_made_them():
    with tg.origins():
        y = Outer()(leaf())
    scopes = [node.fact("scope") for node in topological([y.node]) if node.op is not None]
    assert [(s.path, s.kind) for s in scopes] == [
        ("first", "Inner"), ("rest.0", "Inner"), ("rest.1", "Inner"), ("", "Outer"),
    ]  # fmt: skip
    assert all(s.parent is scopes[3] for s in scopes[:3])


def test_parameters_know_their_path():
    net = Outer()
    with tg.origins():
        net(leaf())
    assert [p.node.fact("path") for p in net.parameters()] == ["first.weight", "rest.0.weight", "rest.1.weight"]


class Failing(tg.nn.Module):
    def __call__(self, x):
        raise ValueError("no")


def test_a_module_that_fails_leaves_no_scope_behind():
    with tg.origins():
        with pytest.raises(ValueError, match="no"):
            Failing()(1)
        y = tg.exp(leaf())
    assert y.node.fact("scope") is None


class Doubled(Inner):
    def __call__(self, x):
        return super().__call__(x) * 2


def test_super_is_the_same_call():
    with tg.origins():
        y = Doubled()(leaf())
    scope = y.node.fact("scope")
    assert (scope.kind, scope.parent) == ("Doubled", None)
    assert y.node.inputs[0].fact("scope") is scope


def test_a_foreign_module_inside_goes_by_its_class():
    other = Inner()

    class User(tg.nn.Module):
        def __call__(self, x):
            return other(x)

    with tg.origins():
        y = User()(leaf())
    assert y.node.fact("scope").path == "Inner"
