"""Which engines are compared, how each is held to one thread, and how its values become arrays."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

# Read by the libraries when they are first imported, so a worker process must inherit them.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}

# glibc takes large arrays from the system and gives them back, or keeps them, as its past has taught it: the same code
# then needs half as much time again in one process and not in the next. So set, it keeps them, in every process.
STEADY_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 31)}


def _nothing() -> None:
    """Most engines need no setting beyond the environment."""


def _one_torch_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _jax_in_double() -> None:
    import jax

    jax.config.update("jax_enable_x64", True)  # else float64 workloads would silently run in float32
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # compute on the calling thread


def _mygrad_unguarded() -> None:
    import mygrad

    mygrad.turn_memory_guarding_off()  # its documentation advises this for speed


@dataclass(frozen=True)
class Engine:
    """One way to run a workload.

    `name` is both the word for the command line and the Workload method that builds the step; `eager` says
    whether it runs operation by operation, and so competes for the eager bars.
    """

    name: str
    title: str
    module: str
    eager: bool
    prepare: Callable[[], None] = _nothing

    @property
    def installed(self) -> bool:
        """Whether the library is here, found without importing it."""
        return importlib.util.find_spec(self.module) is not None


HAND = Engine("hand", "hand NumPy", "numpy", eager=True)
TINYGRAPH = Engine("tinygraph", "tinygraph eager", "tinygraph", eager=True)
COMPILED = Engine("compiled", "tinygraph compiled", "tinygraph", eager=False)
PEERS = (
    Engine("torch", "PyTorch", "torch", eager=True, prepare=_one_torch_thread),
    Engine("torch_compile", "torch.compile", "torch", eager=False, prepare=_one_torch_thread),
    Engine("jax", "JAX jit", "jax", eager=False, prepare=_jax_in_double),
    Engine("mygrad", "MyGrad", "mygrad", eager=True, prepare=_mygrad_unguarded),
    Engine("autograd", "HIPS autograd", "autograd", eager=True),
)
DEFAULT_PEERS = tuple(peer.name for peer in PEERS if peer.name != "torch_compile")  # it needs a C++ compiler


def as_it_is(step: Callable[..., Any]) -> Callable[..., Any]:
    """The wrapper of eager engines, where a compiler would compile `step`."""
    return step


def as_array(value: Any) -> np.ndarray[Any, Any]:
    """A fresh NumPy array holding the value of any engine's array, tensor or scalar."""
    if hasattr(value, "detach"):  # PyTorch and tinygraph refuse to hand out a tracked tensor's array
        value = value.detach().numpy()
    return np.array(value)
