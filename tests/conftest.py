"""What all tests share: a seeded generator, numerical derivatives, and the guarantee that no mode leaks."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tinygraph.engine.declare import registry
from tinygraph.engine.mode import in_force


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _no_leaked_mode() -> Iterator[None]:
    yield
    assert in_force.get() is None, "the test left a mode switched on"


@pytest.fixture
def no_collector() -> Iterator[None]:
    """The garbage collector runs in the test only when called, and looks at nothing that was there before."""
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture
def forget_declarations() -> Iterator[None]:
    """Ops declared by the test leave the registry, over which other tests run."""
    count = len(registry)
    yield
    del registry[count:]


@pytest.fixture
def numeric() -> Callable[..., Any]:
    """Gradient of a function of one float64 array by central differences."""

    def gradient(f: Callable[[Any], Any], x: Any, step: float = 1e-6) -> Any:
        x = np.array(x, dtype=float)
        result = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            plus, minus = x.copy(), x.copy()
            plus[index] += step
            minus[index] -= step
            result[index] = (float(f(plus)) - float(f(minus))) / (2 * step)
        return result

    return gradient
