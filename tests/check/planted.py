"""The 37 planted cases: functions with right and wrong gradients that every gradient checker should tell apart.

Each is written once over an array namespace `np` (NumPy, or jax.numpy), so that the same mistake can be handed to
any package in its own words for a function with a gradient of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import tinygraph as tg
from tinygraph.check.report import NONDETERMINISTIC, NOT_DIFFERENTIABLE, Report
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

Array = np.ndarray[Any, Any]

OK, KINK, BAD, NONDET = "ok", "kink", "bad", "nondet"
"""What is true: the gradient is right; right at a kink, and may be refused there; wrong; or differs from run to run."""


class Planted(NamedTuple):
    """`kernel(np, x)` and what is claimed of its gradient: `vjp(np, g, x)`, for a gradient `g` of the output."""

    name: str
    truth: str
    x: Array
    kernel: Callable[..., Any]
    vjp: Callable[..., Any]

    @property
    def big(self) -> bool:
        """Whether it has a million inputs."""
        return self.x.size > 100_000

    def function(self) -> Callable[..., Any]:
        """The case as a function of a tinygraph Tensor, an op of its own."""
        return define(
            Op(
                "primitive",
                lambda x: self.kernel(np, x),
                (lambda g, y, x: self.vjp(np, g, x),),
                name=self.name.replace("-", "_").replace(".", "_"),
            )
        ).function

    def judge(self, passed: bool, refused: bool = False) -> str:
        """What an answer is worth: ok, caught, FA (false alarm), miss or nd (refused as not differentiable)."""
        if self.truth in (BAD, NONDET):
            return "miss" if passed else "nd" if refused else "caught"
        return "ok" if passed else "nd" if refused else "FA"

    def right(self, verdict: str) -> bool:
        """Whether that is what it should be."""
        if self.truth == KINK:
            return verdict in ("ok", "nd")
        return verdict == ("ok" if self.truth == OK else "caught")


def verdict(case: Planted, report: Report) -> str:
    """What `tg.check_gradients` made of a case."""
    if case.truth == NONDET and not report.ok and report.verdict != NONDETERMINISTIC:
        return "miss"
    return case.judge(report.ok, refused=report.verdict == NOT_DIFFERENTIABLE)


def _factors(size: int, changes: dict[int, float]) -> Array:
    factors = np.ones(size)
    for k, factor in changes.items():
        factors[k] = factor
    return factors


def _cases() -> list[Planted]:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(10)
    square = rng.standard_normal((3, 3))
    many, million = rng.standard_normal(10_000), rng.standard_normal(1_000_000)
    at_0, near, further = (np.array([first, 1.0, -1.0]) for first in (0.0, 1e-7, 3e-4))
    scales = np.array([1e-8, 1e-3, 1.0, 1e3, 1e8])
    single = x.astype(np.float32)
    random = np.random.default_rng(1)
    cases: list[Planted] = []

    def add(name: str, truth: str, x: Array, kernel: Any, vjp: Any) -> None:
        cases.append(Planted(name, truth, x, kernel, vjp))

    def local(name: str, truth: str, x: Array, kernel: Any, slope: Any) -> None:
        add(name, truth, x, kernel, lambda np, g, x: g * slope(np, x))

    def sine(np: Any, x: Any) -> Any:
        return np.sin(x)

    def wavy(np: Any, x: Any) -> Any:
        return np.sin(x) * np.exp(x)

    def wavy_slope(np: Any, x: Any) -> Any:
        return (np.sin(x) + np.cos(x)) * np.exp(x)

    def relu(np: Any, x: Any) -> Any:
        return np.maximum(x, 0)

    def step(np: Any, x: Any) -> Any:
        return np.where(x > 0, 1.0, 0.0)

    def rows(np: Any, x: Any) -> Any:
        return np.broadcast_to(x, (4, 3)) * 1.0

    def cancelling(np: Any, x: Any) -> Any:
        return (x + 1e8) - 1e8

    def off(factor: Any) -> Any:
        return lambda np, x: factor * np.cos(x)

    def swapped(np: Any, x: Any) -> Any:
        d = np.cos(x)
        order = list(range(10))
        order[3], order[7] = 7, 3
        return np.concatenate([d[np.array(order)], d[10:]])

    def noisy(size: float) -> Any:
        return lambda np, x: np.sin(x) * (1 + size * random.standard_normal())

    local("smooth_ok", OK, x, wavy, wavy_slope)
    add("matmul_ok", OK, square, lambda np, x: x @ x, lambda np, g, x: g @ x.T + x.T @ g)
    local("relu_at_0", KINK, at_0, relu, step)
    local("relu_1e-7_from_kink", OK, near, relu, step)
    local("relu_3e-4_from_kink", OK, further, relu, step)
    local(
        "max_tie", KINK, np.array([1.0, 3.0, 3.0, 3.0]), lambda np, x: np.max(x),
        lambda np, x: np.where(x == np.max(x), 1 / 3, 0.0),
    )  # fmt: skip
    local("abs_at_0_ok_sign0", KINK, at_0, lambda np, x: np.abs(x), lambda np, x: np.sign(x))
    local("relu_at_0_grad2", BAD, at_0, relu, lambda np, x: np.where(x == 0, 2.0, step(np, x)))
    local("scaled_log", OK, scales, lambda np, x: 1e6 * np.log(x), lambda np, x: 1e6 / x)
    local("scaled_square", OK, 1e8 * x, lambda np, x: x * x, lambda np, x: 2 * x)
    local("cancellation_ok", OK, x, cancelling, lambda np, x: 1 + 0 * x)
    local("cancellation_bad2", BAD, x, cancelling, lambda np, x: 2 + 0 * x)
    local("float32_ok", OK, single, wavy, wavy_slope)
    local("float32_bad_1pct", BAD, single, sine, off(1.01))
    local("bad_factor2", BAD, x, sine, off(2))
    local("bad_sign", BAD, x, sine, off(-1))
    add("bad_broadcast_firstrow", BAD, x[:3], rows, lambda np, g, x: g[0])
    # along rows, engines that undo broadcasting themselves would be right
    add("bad_broadcast_shape", BAD, x[:3], lambda np, x: x[:, None] * np.ones((3, 3)), lambda np, g, x: g)
    local("bad_one_of_1e4", BAD, many, sine, off(_factors(10_000, {7777: 2})))
    for size in ("1e-3", "1e-5", "1e-7"):
        local(f"bad_rel{size}", BAD, x, sine, off(1 + float(size)))
    local("bad_tiny_grad_zeroed", BAD, x, lambda np, x: 1e-7 * np.sin(x), lambda np, x: 0 * x)
    local("tiny_grad_ok", OK, x, lambda np, x: 1e-7 * np.sin(x), off(1e-7))
    local("huge_grad_ok", OK, x, lambda np, x: 1e9 * np.sin(x), off(1e9))
    add("bad_unused_elem_transposed", BAD, square, lambda np, x: x * 1.0, lambda np, g, x: g.T)
    for size in ("1e-3", "1e-12"):
        local(f"nondet_{size}", NONDET, x, noisy(float(size)), off(1))
    local("nan_out", BAD, np.array([-1.0, 1.0, 2.0]), lambda np, x: np.log(x), lambda np, x: 1 / x)
    local("floor_ok0", OK, np.array([0.5, 1.3, -0.2]), lambda np, x: np.floor(x), lambda np, x: 0 * x)
    local("bad_detached_term", BAD, x, lambda np, x: x + 1e-4 * x * x, lambda np, x: 1 + 0 * x)
    local("bad_1e-6abs_cube", BAD, x, lambda np, x: x * x * x, lambda np, x: 3 * x * x + 1e-6)
    local("big1e6_None", OK, million, sine, off(1))
    local("big1e6_one", BAD, million, sine, off(_factors(1_000_000, {777_777: 2})))
    local("big1e6_1pct", BAD, million, sine, off(1.01))
    local("big1e6_rel1e-6", BAD, million, sine, off(1 + 1e-6))
    local("big1e6_swap", BAD, million, sine, swapped)
    return cases


CASES = {case.name: case for case in _cases()}
"""All 37, by the names that the reference page shows."""


def check(case: Planted) -> tuple[str, Report]:
    """The verdict of `tg.check_gradients`, and its report."""
    report = tg.check_gradients(case.function(), case.x, raises=False)
    return verdict(case, report), report
