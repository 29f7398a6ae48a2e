"""Nests are taken apart and built again by one walk: every kind of container comes back as what it was."""

from __future__ import annotations

import collections
import dataclasses
import functools
import os
import typing

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.trees import children, flatten, map_leaves, paths, rebuild

Pair = collections.namedtuple("Pair", ["a", "b"])


class Typed(typing.NamedTuple):
    a: object
    b: object = 2.0


class Extended(Pair):
    """A named tuple with attributes."""


class Stack(list):
    """A list whose constructor takes something else."""

    def __init__(self, name: str, *items: object) -> None:
        super().__init__(items)
        self.name = name


class Table(dict):
    """A dict whose constructor takes something else."""

    def __init__(self, name: str, **items: object) -> None:
        super().__init__(items)
        self.name = name


@dataclasses.dataclass
class Point:
    a: object
    b: object


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: object
    b: object


@dataclasses.dataclass(frozen=True)
class Derived:
    a: object
    b: object = dataclasses.field(init=False, default=2.0)

    def __post_init__(self) -> None:
        if not isinstance(self.a, float):
            raise TypeError("a must be a number")

    @functools.cached_property
    def doubled(self) -> object:
        return 2 * self.a  # type: ignore[operator]


@dataclasses.dataclass(init=False)
class Unset:
    a: object
    b: object
    c: object

    def __init__(self) -> None:
        self.a, self.b = 1.0, 2.0


CONTAINERS = [
    [1.0, 2.0],
    (1.0, 2.0),
    {"a": 1.0, "b": 2.0},
    Pair(1.0, 2.0),
    Typed(1.0),
    Extended(1.0, 2.0),
    Stack("s", 1.0, 2.0),
    Table("t", a=1.0, b=2.0),
    collections.OrderedDict(b=1.0, a=2.0),
    collections.defaultdict(list, a=1.0, b=2.0),
    Point(1.0, 2.0),
    Frozen(1.0, 2.0),
    Derived(1.0),
    Unset(),
]


@pytest.mark.parametrize("tree", CONTAINERS, ids=lambda tree: type(tree).__name__)
def test_every_container_comes_back_as_what_it_was(tree):
    assert flatten(tree, records=True) == [1.0, 2.0]
    made = map_leaves(tree, lambda x: f"<{x}>", records=True)
    assert type(made) is type(tree)
    assert flatten(made, records=True) == ["<1.0>", "<2.0>"]
    assert list(children(made, records=True)) == list(children(tree, records=True))
    assert flatten(tree, records=True) == [1.0, 2.0]  # nothing is written into the given one
    assert made is not tree


def test_what_a_container_has_besides_is_kept():
    tree = collections.defaultdict(list, a=1.0)
    assert map_leaves(tree, str, records=True).default_factory is list
    assert map_leaves(CONTAINERS[6], str, records=True).name == "s"
    assert map_leaves(CONTAINERS[7], str, records=True).name == "t"
    named = Extended(1.0, 2.0)
    named.unit = "m"
    assert map_leaves(named, str, records=True).unit == "m"


def test_what_a_container_found_from_its_old_values_is_not_kept():
    tree = Derived(1.0)
    assert tree.doubled == 2.0
    assert map_leaves(tree, lambda x: 10 * x, records=True).doubled == 20.0
    assert tree.doubled == 2.0


@pytest.mark.parametrize(
    "leaf", [1.0, "text", None, {1.0}, np.ones(2), tg.tensor(1.0), Point, range(3), slice(2)], ids=repr
)
def test_anything_else_is_a_leaf(leaf):
    assert children(leaf, records=True) is None
    assert flatten(leaf, records=True) == [leaf]
    assert map_leaves(leaf, lambda x: x, records=True) is leaf


def test_a_model_is_a_leaf_also_as_a_dataclass():
    @dataclasses.dataclass(eq=False)
    class Net(tg.nn.Module):
        w: object

    assert children(Net(tg.tensor(1.0)), records=True) is None


def test_tuples_of_classes_written_in_c_are_built_by_their_class():
    found = os.stat(".")
    assert type(map_leaves(found, float, records=True)) is os.stat_result
    assert rebuild(found, [*range(10)]).st_size == 6


def test_nests_are_walked_in_one_order():
    tree = {"z": [1, (2, Point(3, {"y": 4, "x": 5}))], "a": Pair(6, 7)}
    assert flatten(tree, records=True) == [1, 2, 3, 4, 5, 6, 7]
    assert map_leaves(tree, lambda x: -x, records=True) == {
        "z": [-1, (-2, Point(-3, {"y": -4, "x": -5}))],
        "a": Pair(-6, -7),
    }


# ------------------------------------------------------------------------------- what they are good for


@pytest.mark.parametrize("tree", CONTAINERS, ids=lambda tree: type(tree).__name__)
def test_gradients_are_built_like_the_argument(tree):
    g = tg.grad(lambda p: flatten(p, records=True)[0] ** 2 * flatten(p, records=True)[1])(tree)
    assert type(g) is type(tree)
    assert flatten(g, records=True) == [4.0, 1.0]


def test_second_derivatives_along_a_dataclass():
    def f(p):
        return p.a**2 * p.b

    at, along = Frozen(3.0, 2.0), Frozen(1.0, 10.0)
    assert tg.jvp(f, (at,), (along,)) == (18.0, 102.0)
    assert tg.hvp(f, (at,), (along,)) == (Frozen(64.0, 6.0),)
    with pytest.raises(ValueError, match=r"jvp: the tangent Point.* is not built like its argument {'a': 3.0"):
        tg.jvp(lambda p: p["a"] * 1.0, ({"a": 3.0},), (Point(1.0, 2.0),))


def test_custom_vjp_takes_and_returns_dataclasses():
    @tg.custom_vjp
    def turned(p):
        return Point(p.b, p.a)

    turned.defvjp(lambda p: (turned.f(p), None), lambda _, g: (Point(g.b, g.a),))

    def f(p):
        q = turned(p)
        return q.a**2 * q.b

    assert tg.grad(f)(Point(np.array(1.0), np.array(3.0))) == Point(9.0, 6.0)


def test_checkpoint_refuses_every_container():
    with pytest.raises(tg.GraphError, match=r"checkpoint: f returned Pair; return one tensor"):
        tg.checkpoint(lambda x: Pair(x, x))(tg.tensor(1.0, requires_grad=True))


@dataclasses.dataclass
class Settings:
    factor: float = 2.0
    last: object = None


def test_a_record_in_which_nothing_changes_stays_the_same_object():
    settings = Settings()
    assert map_leaves([settings], lambda x: x, records=True)[0] is settings
    assert map_leaves(settings, lambda x: 3.0 if x == 2.0 else x, records=True) == Settings(3.0)


def test_a_record_inside_itself_is_a_leaf_there():
    settings = Settings()
    settings.last = [settings]
    assert [leaf is settings for leaf in flatten(settings, records=True)] == [False, True]
    assert list(paths(settings, records=True)) == [(("factor",), 2.0), (("last", 0), settings)]


def test_functions_are_given_their_own_records_of_settings():
    """Transforms, pictures and solvers hand on what is no number: a function may know it, and write into it."""
    settings = Settings()

    def f(x, s):
        assert s is settings
        s.last = "called"
        return s.factor * x * x

    x = tg.tensor(3.0, requires_grad=True)
    tg.draw(f, x, settings)
    assert settings.last == "called"
    tg.trace(lambda x: f(x, settings), x)
    assert tg.grad(f)(3.0, settings) == 12
    assert tg.checkpoint(lambda x: Settings(x * 2))(x).factor.item() == 6


@dataclasses.dataclass(eq=False)
class Identified:
    factor: float = 2.0
    last: object = None


def test_a_compiled_step_knows_its_settings():
    own = Identified(10.0)
    own.last = own  # a circle
    compiled = tg.compile(lambda x, s: x * (s.factor if s is own else 0.0))
    assert [compiled(np.array(v), own).item() for v in (1.5, 2.5)] == [15, 25]
    assert compiled(np.array(1.5), Identified(10.0)).item() == 0
    named = tg.compile(lambda x, s: x * len(s.last))
    assert [named(np.array(v), Identified(last={"a"})).item() for v in (1.5, 2.5)] == [1.5, 2.5]
