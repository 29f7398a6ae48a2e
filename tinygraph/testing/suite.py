"""`check_op`: the whole property suite on one operation, and `op_checks`: its checks one by one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..engine.op import Function, Op
from . import derivatives, precision, recording
from .cases import Case, derived_cases
from .derivatives import positions

Property = Callable[[Op, Case, np.random.Generator], None]

OF_VALUES: tuple[Property, ...] = (
    recording.same_value_everywhere,
    recording.recorded_where_differentiable,
    recording.fresh_if_declared,
)
OF_DERIVATIVES: tuple[Property, ...] = (
    derivatives.first_order,
    derivatives.complex_step,
    derivatives.complex_numbers,
    derivatives.forward_is_reverse,
    derivatives.jacobian_is_rows,
    derivatives.linear_in_cotangent,
    derivatives.second_order,
    derivatives.modes_nest,
    derivatives.own_memory,
    derivatives.keeps_dtype,
    derivatives.keeps_float32_with_numbers,
    precision.mixed_precision,
    derivatives.any_layout,
    derivatives.broadcasts,
    derivatives.label_is_rule,
)
OF_DECLARATIONS: tuple[Property, ...] = (derivatives.kinks, derivatives.no_nan)

PROPERTIES = tuple(p.__name__ for p in (*OF_VALUES, *OF_DERIVATIVES, *OF_DECLARATIONS)) + ("saves_what_rules_name",)
"""Names of the properties that `check_op` demands, in the order in which it tries them."""


def check_op(
    operation: Function | Op,
    *,
    cases: Sequence[Case] | None = None,
    only: Sequence[str] = PROPERTIES,
    seed: int = 0,
) -> int:
    """Demand of a declared operation everything that tinygraph promises about one.

    Its gradients agree with differences of its kernel, in first and second order; forward and reverse mode agree
    and nest; broadcasting, dtypes from float16 to longdouble, alone and mixed, and any memory layout are handled;
    gradients share memory with nothing; rules declared for complex numbers hold for them; arrays and Tensors, recorded
    or not, give bit for bit the same; a node saves nothing that no rule reads; a result declared `fresh`
    is no view; the derivative shown in pictures is the rule.

    `cases` are example applications; an elementwise op with defaults for its attributes needs none, they follow
    from its `domain`. `only` names some of `PROPERTIES`. Returns the number of checks made. Raises GradientError
    (an AssertionError) that names the property, the case and the input; TypeError where cases are needed.

    >>> import numpy as np, tinygraph as tg
    >>> @tg.elementwise(lambda y, x: 3 * x**2)
    ... def cube(x):
    ...     return x * x * x
    >>> check_op(cube) > 40
    True
    """
    op = operation if isinstance(operation, Op) else operation.op
    checks = _checks("check_op", op, cases, only, seed)
    for check in checks:
        check()
    return len(checks)


@dataclasses.dataclass(frozen=True, slots=True)
class OpCheck:
    """One property demanded of one application of an operation: `check()` raises GradientError where it fails.

    `str(check)` is a name for it, such as "softmax[case 2 (2,3) axis=0]-second_order".
    """

    op: Op
    name: str
    run: Callable[[np.random.Generator], None]
    seed: Any

    def __call__(self) -> None:
        self.run(np.random.default_rng(self.seed))

    def __str__(self) -> str:
        return self.name


def op_checks(
    *operations: Function | Op,
    cases: Sequence[Case] | None = None,
    only: Sequence[str] = PROPERTIES,
    seed: int = 0,
) -> list[OpCheck]:
    """What `check_op` demands of the operations, one check per case and property: each can be a test of its own.

    Give them to pytest by `@pytest.mark.parametrize("check", op_checks(swish), ids=str)` on a test that calls
    `check()`. `cases`, `only`, `seed` and the errors are those of `check_op`.

    >>> import numpy as np, tinygraph as tg
    >>> checks = op_checks(tg.softmax, cases=[Case([[1.0, 2.0]], axis=0)], only=["first_order", "second_order"])
    >>> [str(check) for check in checks]
    ['softmax[case 0 (1,2) axis=0]-first_order', 'softmax[case 0 (1,2) axis=0]-second_order']
    """
    ops = [operation if isinstance(operation, Op) else operation.op for operation in operations]
    return [check for op in ops for check in _checks("op_checks", op, cases, only, seed)]


def _checks(function: str, op: Op, cases: Sequence[Case] | None, only: Sequence[str], seed: int) -> list[OpCheck]:
    unknown = [name for name in only if name not in PROPERTIES]
    if unknown:
        raise ValueError(f"{function}: unknown properties {', '.join(unknown)}; choose from {', '.join(PROPERTIES)}")
    cases = derived_cases(op, seed) if cases is None else list(cases)
    if not cases:
        raise ValueError(f"{function}: no cases for {op.name}; give at least one, or cases=None to derive them")
    checks: list[OpCheck] = []

    def demand(name: str, where: str, run: Callable[[np.random.Generator], None]) -> None:
        if name in only:
            checks.append(OpCheck(op, f"{op.name}{where}-{name}", run, (seed, len(checks))))

    for k, case in enumerate(cases):
        differentiable = bool(positions(op, case))
        ways = OF_VALUES + (OF_DERIVATIVES if differentiable else ())
        for way in ways + (OF_DECLARATIONS if differentiable and k == 0 else ()):
            demand(way.__name__, f"[case {k} {_brief(case)}]", partial(way, op, case))
    if positions(op, cases[0]):
        demand("saves_what_rules_name", "", partial(recording.saves_what_rules_name, op, cases))
    return checks


def _brief(case: Case) -> str:
    """Shapes and attributes of a case in a few characters."""
    inputs = [_short(x) for x in case.inputs]
    return " ".join([*inputs, *[f"{name}={_short(value)}" for name, value in case.attrs.items()]])


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return str(value.shape).replace(" ", "")
    if isinstance(value, tuple):
        return f"({','.join(map(_short, value))})"
    return repr(value).replace(" ", "")
