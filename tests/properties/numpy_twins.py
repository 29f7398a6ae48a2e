"""One demand for functions that NumPy has, too: its values and dtypes, and right derivatives, however it is called."""

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygraph as tg


def outputs(result: Any) -> list[Any]:
    """The arrays or Tensors of a result, which may be a (named) tuple."""
    return list(result) if isinstance(result, tuple | list) else [result]


def real(y: Any) -> Any:
    """The real part of a complex `y`, of which a real one can be made into a loss as it is."""
    return y.real if y.dtype.kind == "c" else y


def moving(f: Callable[..., Any], *inputs: Any) -> Callable[..., Any]:
    """`f(tg, ...)` with those of its outputs alone that have a derivative at `inputs`."""
    ys = outputs(f(tg, *[tg.tensor(np.asarray(x, float), requires_grad=True) for x in inputs]))
    kept = [k for k, y in enumerate(ys) if isinstance(y, tg.Tensor) and y.node is not None]
    assert kept
    return lambda *xs: tuple([outputs(f(tg, *xs))[k] for k in kept])


def twins(f: Callable[..., Any], *inputs: Any, order: int = 2, digits: float = 1e-12) -> None:
    """`f(lib, *inputs)` is the same for lib NumPy and tinygraph, on arrays and on Tensors, in float64 and float32.

    Its gradient agrees with differences up to `order`, and forward with reverse mode.
    """
    for dtype, exact in ((np.float64, digits), (np.float32, 2e-4)):
        arrays = [np.asarray(x, dtype) for x in inputs]
        expected = [np.asarray(y) for y in outputs(f(np, *arrays))]
        tensors = [tg.tensor(x, requires_grad=True) for x in arrays]
        for result in (f(tg, *arrays), f(tg, *[tg.tensor(x) for x in arrays]), f(np, *tensors)):
            found = [y.numpy() if isinstance(y, tg.Tensor) else np.asarray(y) for y in outputs(result)]
            assert [y.shape for y in found] == [y.shape for y in expected]
            assert [y.dtype.kind for y in found] == [y.dtype.kind for y in expected]
            for a, b in zip(found, expected, strict=True):
                assert a.dtype == b.dtype or b.dtype.kind != "f"
                np.testing.assert_allclose(a, b, rtol=exact, atol=exact * max(1.0, np.max(np.abs(b), initial=0)))
        ys = [y for y in outputs(f(np, *tensors)) if isinstance(y, tg.Tensor) and y.node is not None]
        sum((real(y).sum() for y in ys[1:]), real(ys[0]).sum()).backward()
        assert all(t.grad is None or t.grad.dtype == dtype for t in tensors)
    tg.check_gradients(moving(f, *inputs), *inputs, order=order)
    forward_is_reverse(moving(f, *inputs), *[np.asarray(x, float) for x in inputs])


def forward_is_reverse(f: Callable[..., Any], *inputs: Any) -> None:
    """<g, J t> = <Jᵀ g, t>."""
    rng = np.random.default_rng(5)
    weights = [rng.standard_normal(y.shape) for y in f(*[tg.tensor(x, requires_grad=True) for x in inputs])]
    tangents = [rng.standard_normal(x.shape) for x in inputs]

    def total(*xs: Any) -> Any:
        ys = f(*xs)
        return sum((real(w * y).sum() for w, y in zip(weights, ys, strict=True)), 0.0 * xs[0].sum())

    pushed = float(tg.jvp(total, inputs, tangents)[1])
    pulled = tg.grad(total, tuple(range(len(inputs))))(*inputs)
    terms = np.concatenate([np.ravel(p * t) for p, t in zip(pulled, tangents, strict=True)])
    assert abs(pushed - terms.sum()) <= 1e-9 * (np.abs(terms).sum() + 1e-300)


def everywhere(function: Any, x: Any) -> tuple[Any, ...]:
    """What `function` gives by tinygraph of an array and of a Tensor, and by NumPy of a Tensor."""
    return function(tg, x), function(tg, tg.tensor(x)), function(np, tg.tensor(x))
