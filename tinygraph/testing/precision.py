"""A property of derivatives where operands are of several precisions: that of the most precise one holds for all."""

from __future__ import annotations

import contextlib

import numpy as np

from ..engine.node import Array
from ..engine.op import Op
from ..errors import NotDifferentiable
from ..tensors.tensor import tensor
from .cases import Case
from .derivatives import close, demand, positions

NARROW = (np.float16, np.float32, np.uint8)


def mixed_precision(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Beside a float64 input, one of float16 or uint8 has the value and the derivatives that it has in float64."""
    if op.kind != "elementwise" or not positions(op, case):
        return
    for k, x in enumerate(case.inputs):
        if not isinstance(x, np.ndarray) or x.dtype != np.float64:
            continue
        for dtype in NARROW:
            if np.dtype(dtype).kind == "u" and not np.all(np.isfinite(x)):
                continue
            narrow = (np.abs(x) + 1).astype(dtype) if np.dtype(dtype).kind == "u" else x.astype(dtype)
            for j in positions(op, case):
                if j != k and case.inputs[j].dtype == np.float64:
                    with contextlib.suppress(NotDifferentiable):  # some inputs of special functions
                        _same_beside(op, case, k, j, narrow)


def _same_beside(op: Op, case: Case, k: int, j: int, narrow: Array) -> None:
    """Demand that input `j` has the same gradient beside `narrow` as input `k` and beside the same in float64."""
    found = []
    for beside in (narrow, narrow.astype(np.float64)):
        inputs = [*case.inputs]
        inputs[k] = beside
        t = inputs[j] = tensor(case.inputs[j], requires_grad=True)
        with np.errstate(all="ignore"):
            y = op.function(*inputs, **case.attrs)
            if y.dtype != np.float64 or not y.requires_grad:
                return
            y.backward(np.ones(y.shape))
        found.append((y.numpy(), t.grad.numpy()))  # type: ignore[union-attr]
    (y, g), (value, expected) = found
    if np.all(np.isfinite(expected)) and np.all(np.isfinite(value)) and close(y, value, digits=1e-12):
        size = float(np.max(np.abs(expected), initial=0.0))
        what = f"beside {narrow.dtype} as input {k}, the gradient of input {j} is {g}, in float64 {expected}"
        demand(close(g, expected, size, 1e-11), op, case, what)
