"""The mathematics in a picture: formulas of the steps and local derivatives on the arrows, written by Symbols."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...engine.op import Op
from ...engine.symbol import Symbol, declared_op, derivative, index_text
from ...ops.indexing import scatter


def is_condition(x: object) -> bool:
    """Whether `x` is written in Iverson's brackets: an elementwise operation without a derivative, such as `<`.

    >>> is_condition(Symbol("x") > 0), is_condition(-Symbol("x"))
    (True, False)
    """
    op = declared_op(x.function) if isinstance(x, Symbol) else None
    return op is not None and op.local and not op.differentiable


def formula(op: Op, inputs: Sequence[Any], attrs: Mapping[str, Any]) -> str:
    """How `op` is written of `inputs`: names, or numbers for constants.

    >>> import tinygraph as tg
    >>> formula(tg.matmul.op, ["W", "X"], {}), formula(tg.add.op, ["x", 1], {})
    ('W @ X', 'x + 1')
    """
    return str(expression(op, [Symbol(x) if isinstance(x, str) else x for x in inputs], attrs))


def expression(op: Op, inputs: Sequence[Any], attrs: Mapping[str, Any]) -> Symbol:
    """`op` applied to Symbols and numbers: one step, except where its symbol stands for a formula of several."""
    if op.symbol is not None and op.symbol.startswith("·"):  # the kernel writes the formula
        return op.kernel(*inputs, **attrs)  # type: ignore[no-any-return]
    return Symbol("").write(op, tuple(inputs), dict(attrs))


@dataclasses.dataclass(frozen=True, slots=True)
class Local:
    """The derivative of a step with respect to one of its inputs.

    The gradient that flows back is `factor * carrier`, broadcast, where there is a factor, else `whole`; the
    carrier is the incoming gradient itself or with axes of length 1 put in. All None where it cannot be written.
    """

    factor: Any = None
    carrier: Any = None
    whole: Any = None

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of the gradient before a broadcast is undone, where it is known."""
        return self.whole._shape if isinstance(self.whole, Symbol) else None

    def text(self, output: str, source: str, adds: bool = False) -> str:
        """`∂ = …` of a factor, `dx = …` (`dx += …`) of the whole, `∂y/∂x` where neither can be written."""
        if self.factor is not None:
            written = str(self.factor) if isinstance(self.factor, Symbol) else f"{self.factor:.6g}".replace("-", "−")
            return f"∂ = [{written}]" if is_condition(self.factor) else f"∂ = {written}"
        if self.whole is None:
            return f"∂{output}/∂{source}"
        sign = "+=" if adds else "="
        if self.whole.function is scatter:  # the adjoint of indexing
            return f"d{source}[{index_text(self.whole.kwargs['index'])}] {sign} {self.whole.args[0]}"
        return f"d{source} {sign} {self.whole}"


def local(
    op: Op,
    index: int,
    *,
    output: str,
    inputs: Sequence[Any],
    attrs: Mapping[str, Any],
    shapes: Sequence[tuple[int, ...] | None],
) -> Local:
    """The derivative of `op` with respect to input `index`, from its rule; arguments as `symbol.derivative`.

    >>> import tinygraph as tg
    >>> a = local(tg.sigmoid.op, 0, output="a", inputs=["z"], attrs={}, shapes=[(2,), (2,)])
    >>> Z = local(tg.matmul.op, 0, output="Z", inputs=["W", "X"], attrs={}, shapes=[(1, 2), (1, 3), (3, 2)])
    >>> a.text("a", "z"), Z.text("Z", "W")
    ('∂ = a(1 − a)', 'dW = dZ @ Xᵀ')
    """
    g = f"d{output}"
    rule = derivative(op, index, output=output, inputs=inputs, attrs=attrs, shapes=shapes, gradient=g)
    if op.kind == "elementwise":
        if isinstance(rule, Symbol | int | float):
            return Local(factor=rule, carrier=Symbol(g), whole=Symbol(g, shapes[0]))
        return Local()
    if not isinstance(rule, Symbol):
        return Local()
    split = _split(rule, g)
    return Local(whole=rule) if split is None else Local(*split, whole=rule)


def _split(x: Any, g: str) -> tuple[Any, Any] | None:
    """`x` as (factor without `g`, `g` alone) if it is such a product."""
    if x.function is None or _inserts_axes(x):
        inner = x if x.function is None else x.args[0]
        return (1, x) if isinstance(inner, Symbol) and inner.function is None and inner.name == g else None
    if x.function not in (np.multiply, np.divide, np.negative):
        return None
    left, right = (*x.args, None)[:2]
    if x.function is np.multiply and not _mentions(left, g):
        found = _split(right, g)
        return found and (_times(left, found[0]), found[1])
    if _mentions(right, g):
        return None
    found = _split(left, g)
    if found is None or x.function is np.negative:
        return found and (-found[0], found[1])
    factor, carrier = found
    if x.function is np.multiply:
        return _times(factor, right), carrier
    return Symbol.call(np.divide, (factor, right)), carrier


def _inserts_axes(x: Symbol) -> bool:
    """Whether it is its operand with axes of length 1 put in: `expand_dims(g, 0)` or `g[..., None]`."""
    if x.function is not operator.getitem:
        return x.function is np.expand_dims
    index = x.args[1] if isinstance(x.args[1], tuple) else (x.args[1],)
    return all(i is None or i is Ellipsis or (type(i) is slice and i == slice(None)) for i in index)


def _times(a: Any, b: Any) -> Any:
    if isinstance(a, int | float) and a == 1:
        return b
    return a if isinstance(b, int | float) and b == 1 else a * b


def _mentions(x: Any, g: str) -> bool:
    if isinstance(x, Symbol):
        if x.function is None:
            return x.name == g
        return any(_mentions(a, g) for a in (*x.args, *x.kwargs.values()))
    return type(x) in (list, tuple) and any(_mentions(a, g) for a in x)


def summed_axes(shape: tuple[int, ...] | None, target: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of a gradient of `shape` that are summed to undo the broadcast of `target`.

    >>> summed_axes((8, 1), (1,)), summed_axes((8, 3), (3,)), summed_axes((), (3,))
    ((0,), (0,), ())
    """
    if shape is None or len(shape) < len(target):
        return ()
    lead = len(shape) - len(target)
    return (*range(lead), *[i + lead for i, n in enumerate(target) if n == 1 and shape[i + lead] != 1])
