"""`tg.adapt`: what plain packages do to numbers is recorded, checked against the plain run, and put back."""

from __future__ import annotations

import builtins
import math
import pickle
import sys
import threading

import numpy as np
import pytest

import tinygraph as tg

pytest.importorskip("scipy")
from . import foreign

PACKAGE = foreign.__name__
TWO = np.array([0.7, 1.3])
PROGRAMS = [
    (foreign.entrance, TWO), (foreign.rotation, 0.7), (foreign.filled, TWO), (foreign.filled_by_name, TWO),
    (foreign.asks_types, 0.7), (foreign.asks_arrays, TWO), (foreign.listed, TWO), (foreign.each, TWO),
    (foreign.cached, 0.7), (foreign.angle, TWO), (foreign.steps, 1.72), (foreign.rounded, 1.3),
    (foreign.impedance, TWO), (foreign.joined, TWO), (foreign.constant, 0.7), (foreign.matrices, 0.7),
    (foreign.summed, TWO), (foreign.scaled, 0.7), (lambda f: foreign.Lens(f).image(5.0), 0.7),
    (lambda f: foreign.Lens(f).power, 0.7),
]  # fmt: skip


def slopes(f, x, h=1e-6):
    """The Jacobian of a plain function by central differences."""
    x = np.asarray(x, float)
    columns = []
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        columns.append((np.asarray(f(up[()])) - np.asarray(f(down[()]))) / (2 * h))
    return np.stack(columns, -1).reshape((*np.shape(columns[0]), *x.shape))


def name_of(value):
    return getattr(value, "__name__", None) or getattr(getattr(value, "pyfunc", None), "__name__", "")


@pytest.mark.parametrize(("f", "x"), PROGRAMS, ids=[name_of(f) for f, _ in PROGRAMS])
def test_the_jacobian_is_that_of_differences(f, x):
    adapted = tg.adapt(f, PACKAGE)
    np.testing.assert_allclose(np.asarray(tg.jacobian(adapted)(x)), slopes(f, x), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("f", "x"), PROGRAMS, ids=[name_of(f) for f, _ in PROGRAMS])
def test_forward_mode_and_the_hessian_agree(f, x):
    adapted = tg.adapt(f, PACKAGE)
    total = lambda v: np.sum(adapted(v) * 1.0)  # noqa: E731  short
    hessian = np.asarray(tg.hessian(total)(x))
    np.testing.assert_allclose(hessian, slopes(tg.grad(total), x), rtol=1e-5, atol=1e-6)
    _, tangent = tg.jvp(total, (x,), (np.ones_like(x)[()],))
    np.testing.assert_allclose(tangent, np.sum(tg.grad(total)(x)), rtol=1e-12)


@pytest.mark.parametrize(("f", "x"), PROGRAMS, ids=[name_of(f) for f, _ in PROGRAMS])
def test_the_check_finds_nothing_wrong(f, x):
    assert tg.check_gradients(tg.adapt(f, PACKAGE), x).ok


def test_plain_arguments_go_to_the_function_itself():
    before = dict(vars(foreign))
    value = tg.adapt(foreign.filled, PACKAGE)(TWO)
    assert type(value) is np.ndarray
    np.testing.assert_array_equal(value, foreign.filled(TWO))
    assert vars(foreign) == before


def test_names_are_put_back_after_an_error():
    before = dict(vars(foreign))
    with pytest.raises(KeyError, match="nothing here"):
        tg.grad(tg.adapt(foreign.fails, PACKAGE))(1.0)
    assert vars(foreign) == before
    assert "float" not in vars(foreign)
    assert foreign.np is np
    assert foreign.math is math


def test_without_adapt_the_same_code_is_refused():
    with pytest.raises(tg.NotDifferentiable):
        tg.jacobian(foreign.entrance)(TWO)


def test_another_value_than_the_plain_run_is_an_error():
    with pytest.raises(tg.AdaptError, match=r"differs: through tensors 10, through NumPy 2"):
        tg.grad(tg.adapt(foreign.differs, PACKAGE))(1.0)


def test_the_check_runs_once_for_each_shape_and_dtype():
    foreign.CALLS.clear()
    counted = tg.adapt(lambda x: foreign.remembers(x) / len(foreign.CALLS), PACKAGE)
    for _ in range(3):
        tg.grad(counted)(2.0)
    assert len(foreign.CALLS) == 4  # one plain run
    tg.jacobian(counted)(np.ones(2))
    assert len(foreign.CALLS) == 6


def test_the_check_can_run_always():
    foreign.CALLS.clear()
    counted = tg.adapt(lambda x: foreign.remembers(x) / len(foreign.CALLS), PACKAGE, check="always")
    for _ in range(3):
        tg.grad(counted)(2.0)
    assert len(foreign.CALLS) == 6


def test_as_a_decorator():
    @tg.adapt(packages=PACKAGE)
    def area(x):
        """The area."""
        return foreign.entrance(x).sum()

    np.testing.assert_allclose(tg.grad(area)(TWO), 2 * TWO)
    assert area.__name__ == "area"
    assert area.__doc__ == "The area."
    assert repr(area).startswith("adapt(test_as_a_decorator.<locals>.area, ")


def test_as_a_decorator_of_a_method():
    class Model:
        @tg.adapt(packages=PACKAGE)
        def area(self, x):
            return foreign.entrance(x).sum()

    np.testing.assert_allclose(tg.grad(Model().area)(TWO), 2 * TWO)


def test_as_a_context():
    x = tg.tensor(TWO)
    with tg.adapt(packages=foreign):
        np.testing.assert_allclose(tg.jacobian(foreign.entrance)(TWO), np.diag(2 * TWO))
        assert tg.check_gradients(foreign.filled, TWO).ok
        assert "filled" in tg.draw(foreign.filled, TWO).text()
        assert tg.trace(lambda v: foreign.entrance(v).sum(), TWO)
        step = tg.compile(foreign.entrance)
        for _ in range(2):
            np.testing.assert_array_equal(step(x), TWO**2)
        with pytest.raises(tg.AdaptError):
            tg.grad(foreign.differs)(1.0)
    with pytest.raises(tg.NotDifferentiable):
        tg.jacobian(foreign.entrance)(TWO)


def test_contexts_and_functions_nest():
    inner = tg.adapt(foreign.entrance, PACKAGE)
    outer = tg.adapt(lambda x: foreign.filled(inner(x)), PACKAGE)
    with tg.adapt(packages=PACKAGE), tg.adapt(packages="json"):
        found = tg.jacobian(outer)(TWO)
    np.testing.assert_allclose(found, slopes(lambda x: foreign.filled(foreign.entrance(x)), TWO), rtol=1e-8)
    assert foreign.np is np


def test_a_transform_inside_of_an_adapted_function():
    adapted = tg.adapt(lambda x: tg.grad(lambda t: foreign.entrance(t) * x)(x), PACKAGE)
    np.testing.assert_allclose(tg.grad(adapted)(0.7), 4 * 0.7)


def test_frames_of_the_picture_are_the_functions_of_the_package():
    picture = tg.draw(tg.adapt(lambda x: foreign.filled(foreign.entrance(x)), PACKAGE), TWO)
    assert [g.name for g in picture.groups] == ["entrance", "filled"]


def test_other_threads_see_the_plain_names():
    seen, inside, done = [], threading.Event(), threading.Event()

    def look():
        inside.wait(10)
        seen.append(type(foreign.filled(TWO)))
        seen.append(type(foreign.entrance([1.0, 2.0])))
        seen.append(foreign.asks_types(2.0))
        done.set()

    def wait(x):
        y = foreign.filled(x)
        inside.set()
        assert done.wait(10)
        return y

    thread = threading.Thread(target=look)
    thread.start()
    adapted = tg.adapt(wait, PACKAGE)
    adapted._checked.add(((2,), np.dtype(float)))
    tg.jacobian(tg.adapt(wait, PACKAGE))(TWO)
    thread.join()
    assert seen == [np.ndarray, np.ndarray, 6.0]


def test_two_threads_at_once_put_the_names_back():
    errors = []

    def work():
        try:
            for _ in range(20):
                np.testing.assert_allclose(tg.jacobian(tg.adapt(foreign.entrance, PACKAGE))(TWO), np.diag(2 * TWO))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert foreign.np is np
    assert not hasattr(foreign, "isinstance")


def test_the_report_names_lines():
    report = tg.adapt(lambda x: foreign.filled(foreign.entrance(x)), PACKAGE).report(TWO)
    assert [(use.name, use.times) for use in report.uses] == [("np.asarray", 1), ("np.zeros", 1)]
    assert "foreign.py:" in str(report)
    assert str(report).startswith("adapt: <lambda>: 2 lines kept in the graph")
    assert not report.error


def test_the_report_says_what_stopped_the_run():
    report = tg.adapt(foreign.differs, PACKAGE).report(1.0)
    assert "AdaptError" in report.error
    assert "stopped by AdaptError" in str(report)


@pytest.mark.parametrize(
    ("packages", "error", "message"),
    [
        ((), TypeError, "name the packages"),
        (3, TypeError, "name the packages"),
        ([3], TypeError, "name the packages"),
        ("no_such_package", ModuleNotFoundError, "import it first"),
        ("numpy", ValueError, "name the packages that use it"),
        ("tinygraph.nn", ValueError, "name the packages that use it"),
    ],
)
def test_packages_that_are_none(packages, error, message):
    with pytest.raises(error, match=message):
        tg.adapt(foreign.entrance, packages)


def test_the_check_cannot_be_left_out():
    with pytest.raises(ValueError, match="it cannot be left out"):
        tg.adapt(foreign.entrance, PACKAGE, check="never")


def test_what_is_no_function():
    with pytest.raises(TypeError, match="is no function"):
        tg.adapt(TWO, PACKAGE)


def test_stand_ins_are_not_left_in_results():
    value = tg.jacobian(tg.adapt(foreign.entrance, PACKAGE))(TWO)
    assert pickle.loads(pickle.dumps(value)).dtype == np.float64
    assert sys.modules["builtins"] is builtins
