"""Threads and asyncio: modes belong to a thread or task, graphs are built and differentiated concurrently."""

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.mode import current, in_force


@pytest.fixture
def switching():
    """Threads change as often as the interpreter allows."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def recorded():
    return (tg.tensor(1.0, requires_grad=True) * 2).requires_grad


def in_thread(f):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(f).result()


def test_a_new_thread_starts_with_the_defaults():
    with tg.no_grad(), tg.keep_values():
        assert in_thread(recorded)
        assert not in_thread(lambda: current().keep)
        assert not recorded()


def test_modes_of_threads_do_not_leak():
    inside, done = threading.Event(), threading.Event()

    def other():
        with tg.no_grad():
            inside.set()
            done.wait(5)
            return recorded()

    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(other)
        inside.wait(5)
        assert recorded()
        done.set()
        assert not result.result()


def test_depth_of_transforms_is_per_thread():
    result = tg.grad(lambda x: x * in_thread(lambda: tg.grad(lambda y: y**3)(2.0)))(1.0)
    assert result == 12


def test_graphs_are_built_concurrently(switching, rng):
    x = rng.normal(size=20)

    def work(k):
        w = tg.tensor(x + k, requires_grad=True)
        for _ in range(20):
            (tg.exp(w * 0.1) * tg.sin(w)).sum().backward()
        expected = 20 * tg.grad(lambda w: (tg.exp(w * 0.1) * tg.sin(w)).sum())(x + k)
        np.testing.assert_allclose(w.grad.numpy(), expected, rtol=1e-12)
        return k

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(8))) == list(range(8))


def test_gradients_from_several_threads_add_up(switching):
    w = tg.tensor(np.zeros(3), requires_grad=True)

    def work(_):
        for _ in range(200):
            (w * 1.0).sum().backward()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert w.grad.tolist() == [800] * 3


def test_handing_out_data_in_several_threads(switching):
    def work(k):
        for _ in range(200):
            w = tg.tensor(np.ones(30), requires_grad=True)
            loss = (w * w).sum()
            w.data  # handed out
            loss.backward()
            w.data -= w.grad.data

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


def test_one_mode_object_serves_several_threads(switching):
    shared = tg.no_grad()

    def work(_):
        for _ in range(500):
            with shared:
                assert not current().grad
            assert in_force.get() is None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


def test_declaring_ops_in_threads(switching, forget_declarations):
    def work(k):
        @tg.elementwise(lambda y, x: k * y)
        def op(x):
            return np.exp(k * x)

        return tg.grad(op)(0.0)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(8))) == list(range(8))


# ------------------------------------------------------------------------------------------------- asyncio


def test_modes_belong_to_a_task():
    async def quiet():
        with tg.no_grad():
            await asyncio.sleep(0.01)
            return recorded()

    async def loud():
        await asyncio.sleep(0.005)
        return recorded()

    async def main():
        return await asyncio.gather(quiet(), loud(), quiet(), loud())

    assert asyncio.run(main()) == [False, True, False, True]


def test_a_task_inherits_the_mode_it_was_started_in():
    async def main():
        async def child():
            return recorded()

        with tg.no_grad():
            task = asyncio.create_task(child())
        return await task, recorded()

    assert asyncio.run(main()) == (False, True)


def test_decorated_coroutines():
    @tg.no_grad()
    async def f(x):
        await asyncio.sleep(0)
        return (x * 2).requires_grad

    assert f.__name__ == "f"
    assert asyncio.run(f(tg.tensor(1.0, requires_grad=True))) is False


def test_decorated_functions_nest_and_recurse():
    @tg.no_grad()
    def f(n):
        assert not recorded()
        return n if n == 0 else f(n - 1)

    @tg.enable_grad()
    def g():
        return recorded()

    assert f(3) == 0
    assert recorded()
    with tg.no_grad():
        assert g()
        assert not recorded()


def test_generators_cannot_be_decorated():
    with pytest.raises(TypeError, match=r"numbers: a generator cannot be decorated with a mode.*`with` inside it"):

        @tg.no_grad()
        def numbers():
            yield 1

    with pytest.raises(TypeError, match="a generator cannot be decorated"):

        @tg.no_grad()
        async def more():
            yield 1


def test_a_generator_closed_in_another_thread():
    def generate():
        with tg.no_grad():
            yield 1

    async def step(generator):
        return next(generator)

    generator = generate()
    in_thread(lambda: next(generator))
    in_thread(generator.close)
    generator = generate()
    asyncio.run(step(generator))
    generator.close()
    assert recorded()


def test_modes_are_restored_after_errors():
    with pytest.raises(KeyError), tg.no_grad(), tg.keep_values():
        raise KeyError
    assert recorded()
    assert not current().keep


def test_a_mode_object_can_be_entered_again():
    mode = tg.no_grad()
    with mode:
        with mode:
            pass
        assert not recorded()
    assert recorded()
