"""`check_op`: the whole property suite on one operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..op import Function, Op
from . import derivatives, recording
from .cases import Case, derived_cases
from .derivatives import positions

Property = Callable[[Op, Case, np.random.Generator], None]

OF_VALUES: tuple[Property, ...] = (recording.same_value_everywhere, recording.recorded_where_differentiable)
OF_DERIVATIVES: tuple[Property, ...] = (
    derivatives.first_order,
    derivatives.complex_step,
    derivatives.forward_is_reverse,
    derivatives.jacobian_is_rows,
    derivatives.linear_in_cotangent,
    derivatives.second_order,
    derivatives.modes_nest,
    derivatives.own_memory,
    derivatives.keeps_dtype,
    derivatives.keeps_float32_with_numbers,
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
    and nest; broadcasting, dtypes from float16 to longdouble and any memory layout are handled; gradients share
    memory with nothing; arrays and Tensors, recorded or not, give bit for bit the same; a node saves nothing
    that no rule reads; the derivative shown in pictures is the rule.

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
    unknown = [name for name in only if name not in PROPERTIES]
    if unknown:
        raise ValueError(f"check_op: unknown properties {', '.join(unknown)}; choose from {', '.join(PROPERTIES)}")
    cases = derived_cases(op, seed) if cases is None else list(cases)
    if not cases:
        raise ValueError(f"check_op: no cases for {op.name}; give at least one, or cases=None to derive them")
    rng = np.random.default_rng(seed)
    done = 0
    for case in cases:
        ways = OF_VALUES + (OF_DERIVATIVES if positions(op, case) else ())
        for way in ways:
            if way.__name__ in only:
                way(op, case, rng)
                done += 1
    if positions(op, cases[0]):
        for way in OF_DECLARATIONS:
            if way.__name__ in only:
                way(op, cases[0], rng)
                done += 1
        if "saves_what_rules_name" in only:
            recording.saves_what_rules_name(op, cases, rng)
            done += 1
    return done
