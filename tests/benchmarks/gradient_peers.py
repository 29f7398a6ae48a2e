"""The planted cases handed to other packages' gradient checkers, as functions with a gradient of their own.

Every package runs in a process of its own, which is ended when a case takes longer than the limit.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from tests.check.planted import CASES, Planted, check

TOO_LONG, NOT_FEASIBLE = "T/O", "n/f"
LARGEST_JACOBIAN = 1_000
"""Inputs of more elements are not handed to scipy.differentiate, which takes twenty evaluations for each."""


class Peer(NamedTuple):
    """A checker: `run` says whether it passed a case, or gives the verdict itself."""

    name: str
    module: str
    run: Callable[[Planted], bool | str]

    @property
    def installed(self) -> bool:
        """Whether the package is here."""
        return importlib.util.find_spec(self.module) is not None


def _tinygraph(case: Planted) -> str:
    return check(case)[0]


def _torch(case: Planted, fast: bool) -> bool | str:
    import torch

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.as_tensor(np.array(case.kernel(np, x.detach().numpy())))

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return torch.as_tensor(np.array(case.vjp(np, g.numpy(), x.numpy())))

    x = torch.tensor(case.x, requires_grad=True)
    try:
        return bool(torch.autograd.gradcheck(Function.apply, (x,), fast_mode=fast, raise_exception=False))
    except RuntimeError as error:
        if "memory" in str(error):
            return NOT_FEASIBLE
        raise


def _jax(case: Planted) -> bool:
    import jax
    import jax.numpy as jnp
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    function = jax.custom_vjp(lambda x: case.kernel(jnp, x))
    function.defvjp(lambda x: (case.kernel(jnp, x), x), lambda x, g: (case.vjp(jnp, g, x),))
    check_grads(function, (jnp.asarray(case.x),), order=1, modes=["rev"])
    return True


def _autograd(case: Planted) -> bool:
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    function = primitive(lambda x: case.kernel(np, x))
    defvjp(function, lambda y, x: lambda g: case.vjp(np, g, x))
    check_grads(function, modes=["rev"], order=1)(case.x)
    return True


def _scipy(case: Planted) -> bool | str:
    """scipy.differentiate measures only: what it passes is within ten times its own error, or nine digits."""
    from scipy.differentiate import jacobian

    if case.x.size > LARGEST_JACOBIAN:
        return NOT_FEASIBLE
    x = case.x.astype(np.float64)
    weights = np.random.default_rng(0).standard_normal(np.shape(case.kernel(np, x)))

    def weighted(points: Any) -> Any:
        flat = points.reshape(x.size, -1)
        sums = [np.sum(weights * case.kernel(np, point.reshape(x.shape))) for point in flat.T]
        return np.array(sums).reshape(points.shape[1:])

    claimed = np.asarray(case.vjp(np, weights, case.x))
    if claimed.shape != x.shape:
        return False
    found = jacobian(weighted, x.ravel())
    off = np.abs(found.df - claimed.ravel())
    digits = max(1e-9, 64 * float(np.finfo(case.x.dtype).eps))
    return bool(np.all(off <= 10 * found.error + digits * np.max(np.abs(found.df))))


PEERS = (
    Peer("tinygraph", "tinygraph", _tinygraph),
    Peer("torch", "torch", lambda case: _torch(case, fast=False)),
    Peer("torch, fast", "torch", lambda case: _torch(case, fast=True)),
    Peer("jax", "jax", _jax),
    Peer("autograd", "autograd", _autograd),
    Peer("scipy.differentiate", "scipy", _scipy),
)


class Outcome(NamedTuple):
    """A verdict (see `Planted.judge`; also T/O and n/f), and the seconds that it took, the best of five if short."""

    verdict: str
    seconds: float


def _timed(peer: Peer, case: Planted) -> Outcome:
    best = np.inf
    for _ in range(5):
        start = time.perf_counter()
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                answer = peer.run(case)
        except MemoryError:
            answer = NOT_FEASIBLE
        except Exception:  # how a checker says no, or falls over what it was given
            answer = False
        best = min(best, time.perf_counter() - start)
        if best > 0.2:
            break
    return Outcome(answer if isinstance(answer, str) else case.judge(answer), best)


def _work(index: int, names: list[str], pipe: Any) -> None:
    _timed(PEERS[index], CASES["smooth_ok"])  # imports the package
    pipe.send(None)
    for name in names:
        pipe.send((name, _timed(PEERS[index], CASES[name])))


def outcomes(peer: Peer, names: Iterable[str] = tuple(CASES), limit: float = 20.0) -> dict[str, Outcome]:
    """What a peer makes of the cases; `limit` is in seconds a case."""
    spawn = multiprocessing.get_context("spawn")
    left, found = list(names), {}
    while left:
        here, there = spawn.Pipe()
        worker = spawn.Process(target=_work, args=(PEERS.index(peer), left, there), daemon=True)
        worker.start()
        there.close()
        try:
            here.recv()  # it is ready
            while left and here.poll(limit):
                name, found[name] = here.recv()
                left.remove(name)
        except EOFError:  # the process died, of memory
            found[left.pop(0)] = Outcome(NOT_FEASIBLE, np.nan)
        else:
            if left:
                found[left.pop(0)] = Outcome(TOO_LONG, limit)
        worker.kill()
        worker.join()
    return found
