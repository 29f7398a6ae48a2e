"""What a rule reads is never underestimated, whatever it is written in; and rules may be any callable."""

import functools
import operator

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.reads import reads

pytestmark = pytest.mark.usefixtures("forget_declarations")

LARGE = np.linspace(0.5, 2.0, 50)  # a value of this size is kept only for a rule that reads it


def walrus(y, x):
    return (s := np.sin(x)) + y * (1 - s)


def comprehension(y, x):
    return np.sum([(x > k) * 2.0 for k in (0.0, 1.0)], axis=0)


def loop(y, x):
    total = 0.0
    for _ in range(2):
        total = total + x
    return total


def try_and_del(y, x):
    try:
        z = x * 2
    finally:
        del y
    return z


def augmented(y, x):
    x = x * 1.0
    x += 1
    return x


def nested(y, x):
    def inner():
        return x * 3

    return inner()


def chosen(y, x):
    return (x if x.ndim else y).shape[0] * np.ones(x.shape)


def default(y, x, *, k=2.0):
    return k * x


def stored_then_loaded(y, x):
    z = y
    return x * z


RULES = [walrus, comprehension, loop, try_and_del, augmented, nested, chosen, default, stored_then_loaded]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_that_is_read_is_missed(rule):
    """Backward, for which only what is read is kept, gives what the rule gives on everything."""
    op = tg.elementwise(rule)(lambda x: np.cos(x))
    x = tg.tensor(LARGE, requires_grad=True)
    op(x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.broadcast_to(rule(np.cos(LARGE), LARGE), LARGE.shape))


def test_facts_about_a_shape_keep_nothing():
    def rule(g, y, x):
        return np.broadcast_to(g, x.shape).astype(x.dtype)

    assert reads(rule, 1, 1) == (None, "shape")


def test_what_is_never_named_is_not_kept():
    assert reads(lambda y, x: y, 0, 1) == ("value", None)
    assert reads(2, 0, 1) == (None, None)


class Slopes:
    factor = 3.0

    def of_cube(self, y, x):
        return self.factor * x**2

    def __call__(self, y, x):
        return self.factor * x**2

    @staticmethod
    def fixed(y, x):
        return 3.0 * x**2


def doubled(rule):
    @functools.wraps(rule)
    def wrapper(*args, **kwargs):
        return 1.0 * rule(*args, **kwargs)

    return wrapper


def hidden(rule):
    return lambda *args, **kwargs: rule(*args, **kwargs)


def scaled(k, y, x):
    return k * x**2


@pytest.mark.parametrize(
    "rule",
    [Slopes().of_cube, Slopes(), Slopes.fixed, doubled(Slopes.fixed), hidden(Slopes.fixed),
     functools.partial(scaled, 3.0), functools.partial(lambda y, x, k: k * x**2, k=3.0)],
    ids=["bound method", "callable object", "static method", "decorated", "wrapped", "partial", "partial by keyword"],
)  # fmt: skip
def test_a_rule_may_be_any_callable(rule):
    cube = tg.elementwise(rule)(lambda x: x**3)
    x = tg.tensor(LARGE, requires_grad=True)
    cube(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 3 * LARGE**2)
    np.testing.assert_allclose(tg.jvp(cube, (LARGE,), (np.ones(50),))[1], 3 * LARGE**2)


def test_a_rule_written_in_c():
    product = tg.primitive(lambda g, z, x, y: g * y, lambda g, z, x, y: g * x)(lambda x, y: x * y)
    same = tg.elementwise(operator.truediv)(lambda x: x * x / 2)  # y / x is half of x, not its slope: no matter here
    assert same.op.reads == (("value", "value"),)
    assert tg.grad(lambda x: product(x, 3.0).sum())(LARGE)[0] == 3


@pytest.mark.parametrize("rule", [Slopes().of_cube, doubled(lambda y, x: x)], ids=["bound method", "decorated"])
def test_a_rule_of_another_kind_that_takes_too_few_says_what_it_takes(rule):
    with pytest.raises(TypeError, match=r"a rule takes 2 positional arguments \('y', 'x'\), expected 3: \(output, inp"):
        tg.elementwise(rule, rule)(lambda x, z: x * z)
