"""Solvers and functions with rules of their own leave no reference cycles, whichever way backward goes."""

import gc

import numpy as np
import pytest

import tinygraph as tg

cube = tg.custom_vjp(lambda x: x**3)
cube.defvjp(lambda x: (x**3, x), lambda x, g: (3 * g * x**2,))


def decay(y, t, a):
    return -a * y


@pytest.mark.parametrize(
    "run",
    [
        cube,
        lambda a: tg.fixed_point(lambda x, a: np.cos(x) * a, 0.0, a),
        lambda a: tg.root(lambda x, a: x**3 - a, 1.0, a),
        lambda a: tg.minimize_implicit(lambda x, a: (x - a) ** 2 + x**4, 1.0, a),
        lambda a: tg.odeint(decay, 1.0, [0.0, 1.0], a)[1],
        lambda a: tg.odeint(decay, 1.0, [0.0, 1.0], a, gradient="discrete")[1],
        lambda a: tg.random.normal(0, a, a),
    ],
    ids=["custom_vjp", "fixed_point", "root", "minimize", "adjoint", "discrete", "random"],
)
def test_it_makes_no_reference_cycles(run, no_collector):
    def once(create_graph):
        x = tg.tensor(0.3, requires_grad=True)
        run(x).backward(create_graph=create_graph)
        x.grad = None

    once(True)  # what is found out once per op is garbage once
    gc.collect()
    once(False)
    once(True)
    assert gc.collect() == 0
