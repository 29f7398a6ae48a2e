"""Where a recorded tensor leaves the graph: the message names the place, and the remedy of that place."""

import cmath
import math
import re
import statistics
from math import exp

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.tensors import leaving

A = np.array([1.0, 2.0, 3.0])


def message_of(f):
    """What is said where the gradient of `f` is asked for."""
    with pytest.raises(tg.NotDifferentiable) as error:
        tg.grad(lambda t: np.sum(f(t)))(A)
    return str(error.value)


def _assigned(t, key, value):
    out = np.zeros(3)
    out[key] = value(t)
    return out


@pytest.mark.parametrize(
    ("f", "place", "advice"),
    [
        (lambda t: math.sin(t[0]), "math.sin", "use np.sin;"),
        (lambda t: exp(t[0]) * math.pi, "math.exp", "use np.exp;"),
        (lambda t: math.sin(math.acos(t[0])), "math.acos", "use np.arccos;"),
        (lambda t: math.erf(t[0]), "math.erf", "use scipy.special.erf;"),
        (lambda t: cmath.sqrt(t[0]), "cmath.sqrt", "use np.sqrt;"),
        (lambda t: statistics.fmean(t), "statistics.fmean", "use np.mean;"),
        (lambda t: float(t[0]), "float", "compute with t itself;"),
        (lambda t: int(t[0]), "int", "rounded by np.round or np.floor;"),
        (lambda t: complex(t[0]), "complex", r"made complex by t \+ 0j;"),
        (lambda t: np.array([t[0], t[1]]), r"np\.asarray", "join tensors by np.stack"),
        (lambda t: np.asarray(t), r"np\.asarray", "call NumPy's functions with t itself"),
        (lambda t: np.fromiter(t, float), r"np\.fromiter", "join tensors by np.stack"),
        (lambda t: _assigned(t, slice(3), lambda t: t), r"array\[i\] = t", r"out = np\.zeros_like\(t\)"),
        (lambda t: np.polyfit([1.0, 2, 3], [t[0], t[1], t[2]], 1), r"np\.polyfit", "np.stack joins them"),
        (lambda t: np.full(3, t[0]), r"np\.full", r"multiply it by np\.ones\(shape\)"),
        (lambda t: np.fill_diagonal(np.eye(3), t[0]), r"np\.fill_diagonal", r"a tensor first, by tg\.tensor"),
    ],
)
def test_the_place_and_its_remedy(f, place, advice):
    message = message_of(f)
    assert re.match(rf"{place}: a recorded tensor of shape \(3?,?\) would leave the graph .*{advice}", message)
    assert "t.item() or t.numpy() for the value" in message


@pytest.mark.skipif(not hasattr(math, "sumprod"), reason="Python has math.sumprod since 3.12")
def test_the_function_that_is_called_not_one_in_its_arguments():
    assert message_of(lambda t: math.hypot(math.sin(1.0), t[0])).startswith("math.hypot: ")


def test_an_item_of_an_array_says_why_in_the_cause():
    with pytest.raises(ValueError, match="setting an array element") as error:
        tg.grad(lambda t: np.sum(_assigned(t, 0, lambda t: t[0] ** 2)))(A)
    assert isinstance(error.value.__cause__, tg.NotDifferentiable)
    assert "array[i] = t: " in str(error.value.__cause__)


def _scipy(module, f):
    return lambda t: f(pytest.importorskip(f"scipy.{module}"), t)


@pytest.mark.parametrize(
    ("f", "place", "advice"),
    [
        (_scipy("integrate", lambda m, t: m.solve_ivp(lambda s, y: -y * t[0], (0, 1), [1.0]).y), "solve_ivp", "odeint"),
        (_scipy("integrate", lambda m, t: m.quad(lambda x: x * t[0], 0, 1)), "quad", "tg.scipy.integrate.quad"),
        (_scipy("integrate", lambda m, t: m.trapezoid(t)), "trapezoid", "use tg.scipy.integrate.trapezoid"),
        (_scipy("linalg", lambda m, t: m.solve(np.diag(A), t)), "linalg.solve", "use tg.scipy.linalg.solve"),
        (_scipy("linalg", lambda m, t: m.expm(np.outer(t, t))), "linalg.expm", "use tg.scipy.linalg.expm"),
        (_scipy("fft", lambda m, t: m.fft(t)), "scipy.fft.fft", "use tg.scipy.fft.fft"),
        (_scipy("interpolate", lambda m, t: m.CubicSpline(A, t)), "CubicSpline", "tg.scipy.interpolate.CubicSpline"),
        (_scipy("optimize", lambda m, t: m.toms748(lambda x: x**2 - t[0], 0, 5)), "optimize.toms748", "tg.root"),
        *[(_scipy("optimize", f), function, "tg.minimize_implicit") for function, f in {
            "minimize": lambda m, t: m.minimize(lambda x: (x - t[0]) ** 2, 0.5).fun,
            "least_squares": lambda m, t: m.least_squares(lambda x: x - t[0], 0.5).x,
            "dual_annealing": lambda m, t: m.dual_annealing(lambda x: (x[0] - t[0]) ** 2, [(-1, 1)], maxiter=2).fun,
            "differential_evolution": lambda m, t: m.differential_evolution(lambda x: x[0] * t[0], [(-1, 1)]).fun,
        }.items()],
    ],
)  # fmt: skip
def test_what_scipy_asks_for_comes_through_with_the_remedy(f, place, advice):
    """SciPy catches TypeError and ValueError, and says something else instead."""
    message = message_of(f)
    assert message.startswith("scipy.")
    assert f"{place}: a recorded tensor" in message
    assert advice in message


def test_plots_are_told_to_take_the_value():
    pyplot = pytest.importorskip("matplotlib.figure")
    message = message_of(lambda t: pyplot.Figure().add_subplot().plot(t))
    assert "plot t.numpy()" in message


@pytest.mark.parametrize("module", [math, cmath, statistics])
def test_every_function_of_python_leads_to_one_that_is_there(module):
    special = pytest.importorskip("scipy.special")
    for name in (
        "sin",
        "acos",
        "atan2",
        "log1p",
        "fsum",
        "dist",
        "gamma",
        "erfc",
        "phase",
        "mean",
        "stdev",
        "pvariance",
    ):
        if hasattr(module, name):
            advice = leaving.remedy(f"{module.__name__}.{name}").removeprefix("use ")
            owner = special if advice.startswith("scipy") else np
            for part in advice.split(".")[2 if owner is special else 1 :]:
                owner = getattr(owner, part)
            assert callable(owner)


def test_a_place_that_nobody_knows_has_a_general_remedy():
    assert leaving.remedy("somewhere.else") == "compute with functions of NumPy and tg"
    assert leaving.place_of(None) is None


def test_code_of_an_installed_package_can_be_adapted():
    names = {"__name__": "lens.optics", "np": np}
    source = "def focus(x):\n    return np.asarray(x, float) * 2\n"
    exec(compile(source, "/somewhere/site-packages/lens/optics.py", "exec"), names)
    with pytest.raises(tg.NotDifferentiable, match=r"let tg.adapt\(f, 'lens'\) run it; else take"):
        tg.jacobian(names["focus"])(np.ones(2))
    with pytest.raises(tg.NotDifferentiable) as caught:
        tg.jacobian(lambda x: np.asarray(x) * 2)(np.ones(2))
    assert "adapt" not in str(caught.value)


@pytest.mark.parametrize("leave", [lambda t: t.item(), lambda t: t.tolist(), lambda t: (t * 2).item()])
def test_values_are_not_given_away_inside_a_transform(leave):
    x = np.array(2.0)
    calls = [lambda f: tg.grad(f)(x), lambda f: tg.hessian(f)(x), lambda f: tg.jvp(f, (x,), (x,)),
             lambda f: tg.vjp(f, x), lambda f: tg.hvp(f, x, x), lambda f: tg.jacobian(f)(x),
             lambda f: tg.grad(f)(tg.tensor(2.0, requires_grad=True))]  # fmt: skip
    for call in calls:
        with pytest.raises(
            tg.NotDifferentiable, match=r"(item|tolist): called at .*test_leaving\.py:\d+ inside a function"
        ):
            call(lambda t: t * leave(t))


def test_values_may_be_looked_at():
    w = tg.tensor(3.0, requires_grad=True)
    texts = []

    def f(x):
        texts.append(f"{x:.1f} {x * 2} {x}")
        constant = x.detach().item() + x.numpy() + w.item() + (x > 1).tolist()
        with tg.no_grad():
            constant = constant + (x * 1).item()
        return x * constant if x > 0 else x

    assert tg.grad(f)(2.0) == 2 + 2 + 3 + 1 + 2
    assert texts[0].startswith("2.0 tensor(4.")
    assert (w * 2).item() == 6  # outside, as for the loss in a loop
    assert (w * np.ones(2)).tolist() == [3, 3]


@pytest.mark.parametrize("name", ["bisect", "brenth", "brentq", "ridder"])
def test_the_remedy_of_root_finders_of_c_is_known_by_name(name):
    """They go on calling the function after an error, and may end in another one, by SciPy's version."""
    assert leaving.remedy(f"scipy.optimize.{name}") == "find it by tg.root"


def test_a_line_with_a_constant_tuple_is_read_too():
    with pytest.raises(tg.NotDifferentiable, match=r"float: a recorded tensor of shape \(\)"):
        tg.grad(lambda t: np.zeros(()) + float(t))(1.0)
