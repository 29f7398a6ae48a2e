"""Kernels that call SciPy: whether they are given Tensors, and what a compiled step makes of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ...tensors.tensor import Tensor


def any_tensor(*xs: Any) -> bool:
    """Whether one of the arguments is a Tensor."""
    return any(isinstance(x, Tensor) for x in xs)


def atomic_kernel(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel that a compiled step calls as it is: given Tensors, it says that it has no steps."""

    @functools.wraps(kernel)
    def run(*xs: Any, **attrs: Any) -> Any:
        return None if any_tensor(*xs) else kernel(*xs, **attrs)

    return run


def check_lapack_type(function: str, *xs: Any) -> None:
    """Raise TypeError for floating-point types that LAPACK does not take, such as float16."""
    for x in xs:
        if x.dtype.kind in "fc" and x.dtype.char not in "fdFD":
            raise TypeError(f"{function}: LAPACK takes no {x.dtype}; give float32 or float64")
