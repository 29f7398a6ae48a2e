"""The suite itself: every rule of every op is broken on purpose, and the suite must notice each time."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.properties.table import OPS, cases
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op
from tinygraph.engine.rules import cast, fit
from tinygraph.errors import GradientError
from tinygraph.testing import Case, check_op
from tinygraph.testing.cases import random
from tinygraph.testing.derivatives import positions, rule_result

Change = Callable[[Any], Any]


def _plus_one_element(d: Any) -> Any:
    d = np.array(1.0 * np.asarray(d))
    if d.size:
        d[(0,) * d.ndim] += 0.5
    return d


CHANGES: dict[str, Change] = {
    "doubled": lambda d: 2.0 * np.asarray(d),
    "negated": lambda d: -1.0 * np.asarray(d),
    "dropped": lambda d: 0.0 * np.asarray(d),
    "transposed": lambda d: np.reshape(np.transpose(d), np.shape(d)),
    "rolled": lambda d: np.roll(d, 1),
    "one element wrong": _plus_one_element,
    "1 part in 100,000 off": lambda d: 1.00001 * np.asarray(d),
}


def broken(op: Op, index: int, change: Change) -> Op:
    """A copy of a declaration in which the result of one rule is changed."""
    rule = op.rules[index]

    def wrong(*args: Any, **attrs: Any) -> Any:
        if callable(rule):
            return change(rule(*args, **attrs))
        return change(np.full_like(args[0], rule, dtype=np.result_type(args[0], float)))

    return copy_of(op, rules=tuple(wrong if k == index else r for k, r in enumerate(op.rules)))


def copy_of(op: Op, **changes: Any) -> Op:
    """A copy of a declaration with other rules, which get what the right ones read."""
    copy = define(dataclasses.replace(op, **changes))
    object.__setattr__(copy, "_reads", op.reads)
    return copy


def matters(op: Op, copy: Op, case: Case, index: int) -> bool:
    """Whether the change shows in what the rule gives on this case, after the sweep has undone broadcasting."""
    attrs = {**op.defaults, **case.attrs}
    value = np.asarray(op.kernel(*case.inputs, **attrs))
    g = random(np.random.default_rng(0), value.shape, np.result_type(value, float))
    for k in positions(op, case) if op.arity is None else {index} & set(positions(op, case)):
        right, wrong = (1.0 * np.asarray(rule_result(o, k, g, value, case.inputs, attrs)) for o in (op, copy))
        if op.kind == "elementwise":
            right, wrong = right * g, wrong * g
        if not np.allclose(_received(right, case.inputs[k]), _received(wrong, case.inputs[k]), 1e-7, 1e-9):
            return True
    return False


def _received(c: Any, x: Any) -> Any:
    return cast(fit(c, x.shape), x.dtype)


RULES = [(op, k) for op in OPS for k, rule in enumerate(op.rules) if rule is not None]


@pytest.mark.slow
@pytest.mark.parametrize(("op", "index"), RULES, ids=[f"{op.name}-{k}" for op, k in RULES])
def test_a_broken_rule_is_noticed(op: Op, index: int) -> None:
    noticed = 0
    for change in CHANGES.values():
        copy = broken(op, index, change)
        try:
            telling = [case for case in cases(op) if matters(op, copy, case, index)]
        except ValueError:  # the change does not fit the shapes: any sweep would fail
            continue
        if telling:
            with pytest.raises(GradientError, match="is wrong"):
                check_op(copy, cases=telling, only=["first_order"])
            noticed += 1
    assert noticed >= 1, f"no change of {op.name}'s rule {index} can be noticed with the cases of its row"


FORWARD = [op for op in OPS if op.jvp is not None]


@pytest.mark.parametrize("op", FORWARD, ids=lambda op: op.name)
@pytest.mark.parametrize("name", ["doubled", "negated", "dropped", "one element wrong", "1 part in 100,000 off"])
def test_a_broken_forward_rule_is_noticed(op: Op, name: str) -> None:
    right: Any = op.jvp
    copy = copy_of(op, jvp=lambda *args, **attrs: CHANGES[name](right(*args, **attrs)))
    with pytest.raises(GradientError, match="forward and reverse mode differ"):
        check_op(copy, cases=cases(op), only=["forward_is_reverse"])
