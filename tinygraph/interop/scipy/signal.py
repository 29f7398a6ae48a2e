"""`scipy.signal` for Tensors: convolution and correlation of any number of axes. On plain arrays, SciPy itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from ...engine.declare import linear
from ...ops.complex_parts import conjugate_of
from ...tensors.tensor import Tensor
from .atom import any_tensor, atomic_kernel

__all__ = ["convolve", "correlate", "fftconvolve"]


def _reversed(x: Any) -> Any:
    return np.flip(x)


def _whole(g: Any, x: tuple[int, ...], y: tuple[int, ...], mode: str) -> Any:
    """The gradient of the full convolution of shapes x and y, of which `mode` has cut out the middle."""
    widths = []
    for n, a, b in zip(g.shape, x, y, strict=True):
        before = {"full": 0, "same": (b - 1) // 2, "valid": min(a, b) - 1}[mode]
        widths.append((before, a + b - 1 - n - before))
    return np.pad(g, widths) if np.any(widths) else g


def _convolve_x(g: Any, z: Any, x: Any, y: Any, *, mode: str, method: str) -> Any:
    return _convolve(_whole(g, x.shape, y.shape, mode), _reversed(y), mode="valid", method=method)


def _convolve_y(g: Any, z: Any, x: Any, y: Any, *, mode: str, method: str) -> Any:
    return _convolve(_whole(g, x.shape, y.shape, mode), _reversed(x), mode="valid", method=method)


@linear(_convolve_x, _convolve_y, symbol="∗", name="scipy.signal.convolve", fresh=True)
@atomic_kernel
def _convolve(x, y, *, mode, method):  # type: ignore[no-untyped-def]
    return signal.convolve(x, y, mode, method)


def _operands(function: str, x: Any, y: Any) -> tuple[Any, Any]:
    """Both as Tensors or arrays of equally many axes, or ValueError."""
    x, y = (v if isinstance(v, Tensor) else np.asarray(v) for v in (x, y))
    if x.ndim != y.ndim:
        raise ValueError(f"{function}: shapes {x.shape} and {y.shape} differ in the number of axes; reshape one")
    return x, y


def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """The convolution of two arrays of equally many axes: sums of in1[i] in2[k - i].

    `mode` is "full" (all k, lengths a + b - 1), "same" (the middle, the lengths of in1) or "valid" (where one lies
    wholly within the other). `method` is SciPy's: "direct", "fft" or "auto". Raises ValueError as SciPy's does.

    >>> convolve(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0]), "valid")
    array([3., 5.])
    """
    if not any_tensor(in1, in2):
        return signal.convolve(in1, in2, mode, method)
    return _convolve(*_operands("convolve", in1, in2), mode=mode, method=method)


def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """The correlation: the convolution of in1 with in2 turned round and conjugated. Arguments as of `convolve`.

    >>> correlate(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0]), "valid")
    array([2., 3.])
    """
    if not any_tensor(in1, in2):
        return signal.correlate(in1, in2, mode, method)
    x, y = _operands("correlate", in1, in2)
    return _convolve(x, _reversed(conjugate_of(y)), mode=mode, method=method)


def fftconvolve(in1: Any, in2: Any, mode: str = "full") -> Any:
    """`convolve` by way of Fourier transforms, over all axes.

    >>> fftconvolve(np.array([1.0, 2.0]), np.array([1.0, 1.0])).round(12)
    array([1., 3., 2.])
    """
    return convolve(in1, in2, mode, "fft")
