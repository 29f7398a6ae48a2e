"""Random numbers with an explicit generator, as differentiable functions of their parameters.

A sample is a fixed function of numbers drawn without parameters, as in `loc + scale * noise` (reparameterisation:
Kingma and Welling, Auto-Encoding Variational Bayes, 2014), so gradients flow to the parameters. `rng` comes first in
every function: a `np.random.Generator`, which each draw advances, or a seed, which gives the same numbers each time.
"""

from __future__ import annotations

from contextvars import ContextVar
from types import TracebackType
from typing import Any

import numpy as np

from . import ops
from .engine.declare import define
from .engine.mode import current
from .engine.node import wrap
from .engine.op import Op
from .tensors.tensor import Tensor

__all__ = [
    "Draws", "bernoulli", "categorical", "dropout", "exponential", "gumbel", "gumbel_softmax", "laplace", "logistic",
    "normal", "uniform",
]  # fmt: skip

Size = int | tuple[int, ...] | None

# ------------------------------------------------------------------------------- drawing, and drawing again

_active: ContextVar[tuple[Draws, ...]] = ContextVar("tinygraph.draws", default=())


class Draws:
    """A context in which evaluations draw the same numbers: what the first one drew is drawn again by the others.

    Only draws of this module from a generator are repeated. The generator moves on in the first evaluation alone.
    `tg.checkpoint` and `tg.check_gradients` evaluate functions in such a context.

    >>> rng, draws = np.random.default_rng(0), Draws()
    >>> with draws:
    ...     first = normal(rng, size=3)
    >>> with draws:
    ...     again = normal(rng, size=3)
    >>> np.array_equal(first, again), np.array_equal(first, normal(rng, size=3))
    (True, False)
    """

    def __init__(self) -> None:
        self.states: list[tuple[Any, Any]] = []
        self.position = 0
        self._before: list[tuple[Draws, ...]] = []

    def __enter__(self) -> None:
        self._before.append(_active.get())
        _active.set((*_active.get(), self))
        self.position = 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _active.set(self._before.pop())


def _source(rng: Any) -> np.random.Generator:
    """The generator to draw from: `rng` itself, or one in the state that an earlier evaluation had."""
    if not isinstance(rng, np.random.Generator):
        return np.random.default_rng(rng)
    new: list[Draws] = []
    source, state = rng, (type(rng.bit_generator), rng.bit_generator.state)
    for draws in reversed(_active.get()):  # what an inner evaluation repeats is none of the outer ones' business
        draws.position += 1
        if draws.position <= len(draws.states):
            state = draws.states[draws.position - 1]
            bits = state[0](0)
            bits.state = state[1]
            source = np.random.Generator(bits)
            break
        new.append(draws)
    for draws in new:
        draws.states.append(state)
    return source


def _kernel(*, rng: Any, kind: str, size: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """Numbers from the generator, by its method `kind`: what the op `noise` computes."""
    return np.asarray(getattr(_source(rng), kind)(size=size)).astype(dtype)[()]


_noise = define(Op("primitive", _kernel, (), name="noise"))


def _draw_noise(rng: Any, kind: str, size: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """Numbers drawn without parameters. A compiled step draws new ones at every replay, from the same generator."""
    attrs = {"rng": rng, "kind": kind, "size": size, "dtype": dtype}
    value = _kernel(**attrs)
    tape = current().tape
    if tape is None:
        return value
    out: Tensor = wrap(Tensor, np.asarray(value), None)
    tape.record(_noise, (), attrs, out)
    return out


def _shape_and_dtype(function: str, rng: Any, size: Size, *parameters: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and dtype of the sample, from the size asked for and the parameters."""
    if not isinstance(rng, np.random.Generator | np.random.SeedSequence | int | np.integer) or isinstance(rng, bool):
        raise TypeError(
            f"{function}: the generator comes first, and is {type(rng).__name__} {rng!r:.60}; give a "
            f"np.random.Generator, such as np.random.default_rng(0), or a seed"
        )
    values = [
        x._array if isinstance(x, Tensor) else x if isinstance(x, float | int) else np.asarray(x) for x in parameters
    ]
    broadcast = np.broadcast_shapes(*[np.shape(x) for x in values])
    shape = broadcast if size is None else (int(size),) if isinstance(size, int | np.integer) else tuple(size)
    lead = len(shape) - len(broadcast)
    if lead < 0 or any(n not in (1, m) for n, m in zip(broadcast, shape[lead:], strict=True)):
        raise ValueError(f"{function}: size is {shape}, the parameters have shape {broadcast}; give a size they fit in")
    dtype = np.result_type(*values)
    return shape, dtype if dtype.kind == "f" else np.dtype(float)


def _check_not_negative(function: str, name: str, x: Any) -> None:
    """Raise ValueError where `x` has negative elements."""
    value = np.asarray(x._array if isinstance(x, Tensor) else x)
    if (value < 0).any():
        raise ValueError(f"{function}: {name} has the negative element {value.min():g}; give numbers from 0 on")


def _scaled_noise(function: str, kind: str, rng: Any, loc: Any, scale: Any, size: Size) -> Any:
    """loc + scale * noise, for noise of the `kind` that the generator has a method for."""
    shape, dtype = _shape_and_dtype(function, rng, size, loc, scale)
    _check_not_negative(function, "scale", scale)
    return loc + scale * _draw_noise(rng, kind, shape, dtype)


# --------------------------------------------------------------------------------------- distributions


def normal(rng: Any, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
    """Normal numbers of mean `loc` and standard deviation `scale`: loc + scale * noise.

    >>> from tinygraph import grad
    >>> grad(lambda scale: normal(0, 1.0, scale))(2.0) == normal(0)
    np.True_
    """
    return _scaled_noise("normal", "standard_normal", rng, loc, scale, size)


def laplace(rng: Any, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
    """Numbers of density exp(-|x - loc| / scale) / (2 scale).

    >>> laplace(0, size=(2, 3)).shape
    (2, 3)
    """
    return _scaled_noise("laplace", "laplace", rng, loc, scale, size)


def logistic(rng: Any, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
    """Numbers whose distribution function is sigmoid((x - loc) / scale).

    >>> logistic(0, loc=np.zeros(2)).shape
    (2,)
    """
    return _scaled_noise("logistic", "logistic", rng, loc, scale, size)


def gumbel(rng: Any, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
    """Numbers whose distribution function is exp(-exp(-(x - loc) / scale)): the largest of many.

    >>> gumbel(0, size=2).shape
    (2,)
    """
    return _scaled_noise("gumbel", "gumbel", rng, loc, scale, size)


def exponential(rng: Any, scale: Any = 1.0, size: Size = None) -> Any:
    """Numbers of density exp(-x / scale) / scale, from 0 on.

    >>> exponential(0, scale=2.0) == 2 * exponential(0)
    np.True_
    """
    shape, dtype = _shape_and_dtype("exponential", rng, size, scale)
    _check_not_negative("exponential", "scale", scale)
    return scale * _draw_noise(rng, "standard_exponential", shape, dtype)


def uniform(rng: Any, low: Any = 0.0, high: Any = 1.0, size: Size = None) -> Any:
    """Numbers between `low` and `high`, all equally likely: low + (high - low) * noise.

    >>> uniform(0, 5.0, 6.0).round()
    np.float64(6.0)
    """
    shape, dtype = _shape_and_dtype("uniform", rng, size, low, high)
    return low + np.subtract(high, low) * _draw_noise(rng, "random", shape, dtype)


# ----------------------------------------------------------------------------------------- choices


def bernoulli(rng: Any, p: Any = 0.5, size: Size = None) -> Any:
    """True with probability `p`. No derivative: the relaxed version is `gumbel_softmax`.

    >>> bernoulli(0, 0.5, size=4).tolist()
    [False, True, True, True]
    """
    shape, dtype = _shape_and_dtype("bernoulli", rng, size, p)
    value = np.asarray(p._array if isinstance(p, Tensor) else p)
    if not ((value >= 0) & (value <= 1)).all():
        raise ValueError(f"bernoulli: p is {value!r:.60}; give probabilities between 0 and 1")
    return np.less(_draw_noise(rng, "random", shape, dtype), p)


def dropout(rng: Any, x: Any, rate: float = 0.5) -> Any:
    """`x` with each element zero with probability `rate`, the others divided by 1 - rate: the mean stays.

    >>> dropout(0, np.ones(4), rate=0.5)
    array([2., 0., 0., 0.])
    """
    check_rate("dropout", rate)
    shape, dtype = _shape_and_dtype("dropout", rng, None, x)
    kept = np.greater_equal(_draw_noise(rng, "random", shape, dtype), rate)
    return np.where(kept, x / (1 - rate), 0.0)


def check_rate(function: str, rate: float) -> None:
    """Raise ValueError for a `rate` that no share of dropped elements can have."""
    if not 0 <= rate < 1:
        raise ValueError(f"{function}: rate is {rate!r}; give the share of elements to drop, from 0 to below 1")


def categorical(rng: Any, logits: Any, axis: int = -1) -> Any:
    """Indices along `axis`, each with probability softmax(logits): the argmax of logits plus Gumbel noise.

    No derivative: the relaxed version is `gumbel_softmax`.

    >>> categorical(0, np.log([[0.1, 0.9], [1.0, 1e-9]])).tolist()
    [1, 0]
    """
    shape, dtype = _shape_and_dtype("categorical", rng, None, logits)
    return ops.argmax(logits + _draw_noise(rng, "gumbel", shape, dtype), axis=axis)


def gumbel_softmax(rng: Any, logits: Any, temperature: Any = 1.0, axis: int = -1, hard: bool = False) -> Any:
    """A relaxed `categorical`: softmax((logits + Gumbel noise) / temperature), near a unit vector where it is low.

    With `hard` the value is the unit vector, and the gradient that of the relaxed one. Source: Jang, Gu and
    Poole, 2017.

    >>> gumbel_softmax(0, np.zeros(3), hard=True)
    array([0., 0., 1.])
    """
    shape, dtype = _shape_and_dtype("gumbel_softmax", rng, None, logits)
    if np.any(np.asarray(temperature._array if isinstance(temperature, Tensor) else temperature) <= 0):
        raise ValueError(f"gumbel_softmax: temperature is {temperature!r:.60}; give a number above 0")
    soft = ops.softmax((logits + _draw_noise(rng, "gumbel", shape, dtype)) / temperature, axis=axis)
    if not hard:
        return soft
    unit = np.equal(soft, ops.max(soft, axis=axis, keepdims=True))
    fixed = soft.detach() if isinstance(soft, Tensor) else soft
    return soft + (ops.astype(unit, dtype=soft.dtype) - fixed)
