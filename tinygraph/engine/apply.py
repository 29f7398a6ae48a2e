"""Applying an op to Tensors in any mode, and noting the node: the reference for the recorders, which are faster."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from .. import engine
from ..errors import NotDifferentiable
from . import foreign, origins
from .half import in_float32
from .mode import DEFAULT, Mode, adapted, in_force, scope, switch
from .node import SMALL, Node, Recorded, Symbolic, clock
from .op import OPERATORS, Op
from .views import link
from .watch import note_checksums

_numbers = [t for t in np.sctypeDict.values() if np.dtype(t).kind in "biufc"]
PLAIN = frozenset([bool, int, float, complex, np.ndarray, *_numbers])
"""Exact types of untracked operands that go to a kernel as they are."""


def apply(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
    """Run `op` on `inputs`, of which at least one is a Tensor, and record it as the mode says.

    The reference for the recorders of `record`, which do the same for the default mode, faster.
    """
    mode = in_force.get() or DEFAULT
    values: list[Any] = []
    nodes: list[Node | None] = []
    cls: Any = None
    for x in inputs:
        if isinstance(x, Recorded):
            cls = cls or x.__class__
            values.append(x._array)
            nodes.append(x.node)
        else:
            values.append(x if x.__class__ in PLAIN else _operand(op, x))
            nodes.append(None)
    y: Any = None
    if mode.tape is not None:
        with switch(grad=False):
            y = mode.tape.expand(op, inputs, attrs)
    expanded = isinstance(y, Recorded)
    if expanded:
        y = y._array
    elif mode.anomaly:
        y = engine.anomaly.run(op, values, attrs)
    else:
        y = OPERATORS.get(op.kernel, op.kernel)(*values, **attrs)
    if type(y) is not np.ndarray and not isinstance(y, np.generic):
        y = np.asarray(y)
    if op.blends and mode.grad and any(n is not None for n in nodes):
        alike = in_one_precision(inputs, y.dtype)
        if alike is not None:
            return apply(op, alike, attrs)
    kind = y.dtype.kind
    if kind not in "biufc":
        raise TypeError(f"{op.name}: the result would be of type {y.dtype}; give arrays of numbers")
    out = object.__new__(cls)
    out._array, out.node = y, None
    if op.views and len(values) == 1:
        link(out, inputs[0], op, attrs)
    if mode.grad and op.differentiable:
        tracked = tuple([n is not None for n in nodes])
        if True in tracked:
            out.node = _node(op, nodes, tracked, values, attrs, y, mode)
    if mode.tape is not None and not expanded:
        mode.tape.record(op, inputs, attrs, out)
    return out


def in_one_precision(inputs: tuple[Any, ...], dtype: np.dtype[Any]) -> tuple[Any, ...] | None:
    """`inputs` in the precision of the result's `dtype`; None if there is nothing to cast.

    A rule computes with them one by one: in the precision of a float16 operand, or with the overflow of a uint8, it
    would not be the derivative of the kernel. Beside float64 integers stay integers, of 64 bits: a kernel may take
    them in another way than numbers, as it does the order of a polynomial.
    """
    if dtype.kind not in "fc":
        return None
    real = np.finfo(dtype).dtype
    found = []
    for x in inputs:
        own = getattr(x, "dtype", None)
        if own is not None:
            wanted = dtype if own.kind == "c" else real
            if real == np.float64 and np.can_cast(own, np.int64):
                wanted = _INTEGER
            x = x.astype(wanted) if own != wanted and np.can_cast(own, wanted) else x
        found.append(x)
    return tuple(found) if any(x is not y for x, y in zip(found, inputs, strict=True)) else None


_INTEGER = np.dtype(np.int64)


def _node(
    op: Op, nodes: list[Node | None], tracked: tuple[bool, ...], values: list[Any], attrs: dict[str, Any],
    y: Any, mode: Mode,
) -> Node | None:  # fmt: skip
    """A node that says how `y` was made by `op`, or None if no gradient can flow through it."""
    if op.arity is not None:
        tracked = tuple([t and r is not None for t, r in zip(tracked, op.rules, strict=True)])
    if True not in tracked or y.dtype.kind not in "fc":
        return None
    if not op.complex:
        _real_only(op, y, [v for v, t in zip(values, tracked, strict=True) if t])
    node = Node()
    node.op = in_float32(op) if y.dtype.char == "e" else op
    node.attrs, node.shape, node.dtype = attrs, y.shape, y.dtype
    node.inputs = tuple([n if t else v for n, v, t in zip(nodes, values, tracked, strict=True)])
    node.epoch, node.meta = clock.now, None
    if mode.keep:
        node.value, node.saved = y, tuple(values)
        node.note("keep", True)
    else:
        keep = op.needs(tracked)
        node.value = y if keep[0] or y.size <= SMALL else None
        node.saved = tuple([v if k == "value" else i for k, i, v in zip(keep[1:], node.inputs, values, strict=True)])
    if mode.keep or mode.anomaly:
        node.note("values", tuple(values))
    if mode.origins:
        _note_origin(node)
    if mode.anomaly:
        note_checksums(node)
    return node


def _real_only(op: Op, y: Any, values: list[Any]) -> None:
    """Raise NotDifferentiable where complex numbers meet rules that were written for real ones."""
    kinds = [x.dtype for x in (*values, y) if x.dtype.kind == "c"]
    if kinds:
        raise NotDifferentiable(
            f"{op.name}: has no gradient for complex numbers ({kinds[0]}); apply it to np.real, np.imag, np.abs or "
            f"np.angle of them, or declare an op with holomorphic=True (analytic) or conjugates=True"
        )


def _note_origin(node: Node) -> None:
    """Note on the node its line, the variable that the result is assigned to, and the call around it."""
    node.note("origin", origins.place())
    assigned = origins.assigned_name()
    if assigned is not None:
        node.note("assigned", assigned)
    running = scope.get()
    innermost = None if running is None else running[1]
    foreign = adapted.get()
    if foreign is not None:
        innermost = foreign.scope(innermost)
    if innermost is not None:
        node.note("scope", innermost)


def _operand(op: Op, x: Any) -> Any:
    """The number or array that an operand is, TypeError where it is neither."""
    if x.__class__ in PLAIN:
        return x
    array = np.asarray(x)
    if array.dtype == object and not array.ndim and hasattr(x, "__float__"):  # a Fraction, a Decimal, sympy's pi
        with contextlib.suppress(TypeError, ValueError):
            return float(x)
    if isinstance(x, np.matrix) and op.kernel in (np.multiply, np.power):
        raise TypeError(
            f"{op.name}: a np.matrix of shape {x.shape} means the matrix product where a tensor means elementwise; "
            f"write M @ t for the product, np.asarray(M) * t for the elements"
        )
    if array.dtype.kind not in "biufc" or isinstance(x, np.ma.MaskedArray):
        raise TypeError(
            f"{op.name}: cannot use {type(x).__name__} {x!r:.60} as an operand; give numbers, arrays or Tensors"
        )
    return array


def apply_to_any(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
    """Run `op` on operands of any kind, such as lists, Symbols and plain arrays; record it if one is a Tensor."""
    others = [x for x in inputs if x.__class__ not in PLAIN and not isinstance(x, Recorded)]
    for x in others:
        if isinstance(x, Symbolic):
            return x.write(op, inputs, attrs)
    if any(isinstance(x, Recorded) for x in inputs):
        theirs = foreign.answer(op, inputs, attrs) if others else NotImplemented
        return apply(op, inputs, attrs) if theirs is NotImplemented else theirs
    if not isinstance(op.kernel, np.ufunc):  # kernels may use the methods of arrays
        beside = any(isinstance(x, np.ndarray | np.generic) for x in inputs)  # numbers widen no array beside them
        inputs = tuple([x if x is None or (beside and x.__class__ in PLAIN) else np.asarray(x) for x in inputs])
    return op.kernel(*inputs, **attrs)
