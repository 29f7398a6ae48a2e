"""Writing into a tensor: its handle gets a new value, and so does every tensor that looks at the same memory."""

from __future__ import annotations

from typing import Any, TypeVar

from .. import ops
from ..engine import mode
from ..engine.node import Recorded, wrap
from ..engine.views import alone, live_views, origin
from ..errors import GraphError, NotDifferentiable
from ..ops.assignment import write_view
from . import conversions

T = TypeVar("T", bound=Recorded)


def rebind(target: T, function: str, new: Any) -> T:
    """Give `target` the value of `new` and return it; what was recorded with the old one stays as it was.

    If `target` is a view, what it is a view of gets a value with `new` at that place, as in NumPy; every tensor that
    looks at the same memory then shows what is there now.
    """
    if new.shape != target._array.shape or new.dtype != target._array.dtype:
        new = ops.astype(new, dtype=conversions.cast_like(function, new._array, target).dtype)
    now = mode.current()
    if alone(target):
        _set(target, function, new, now)
        return target
    root: Any = target
    written = {id(root)}
    while (view := origin(root)) is not None:
        base, op, attrs = view
        if now.grad and root.node is None and base.node is not None:
            raise GraphError(
                f"{function}: this view of shape {root._array.shape} was taken where nothing was recorded, and its "
                f"tensor is recorded now, so a gradient would be lost; take the view anew (outside no_grad, after "
                f"requires_grad_), or write into the tensor itself: t[index] = value"
            )
        read = op is ops.getitem.op
        new = ops.setitem(base, new, **attrs) if read else write_view(base, new, view=op, attrs=attrs)
        root = base
        written.add(id(root))
    views: Any = live_views(root)
    apart = {id(v) for v in views if _is_apart(v)} - written
    _set(root, function, new, now)
    for v in views:
        base, op, attrs = origin(v)  # type: ignore[misc]
        with mode.switch(grad=now.grad and id(v) not in apart):
            _set(v, function, op.function(base, **attrs), mode.current())
    return target


def _is_apart(view: Any) -> bool:
    """Whether a view is not recorded as made of its base: it was taken under `no_grad`, or made a leaf of its own."""
    base, _, _ = origin(view)  # type: ignore[misc]
    return base.node is not None if view.node is None else view.node.op is None


def _set(handle: Any, function: str, new: Any, now: mode.Mode) -> None:
    """Give one handle the value of `new`."""
    if now.grad and handle.node is not None and handle.node.op is None and handle.grad is not None:
        raise GraphError(
            f"{function}: this leaf has a gradient, so the change looks like an update, and it would be recorded; "
            f"update under tg.no_grad(), or forget the gradient first (t.grad = None) to go on computing with it"
        )
    if now.tape is not None:
        now.tape.assign(handle, new)
    handle._array = new._array
    if now.grad:
        handle.node = new.node


def assign(target: Any, index: Any, value: Any) -> None:
    """`target[index] = value`."""
    if isinstance(value, Recorded):
        view = origin(value)
        if view is not None and view[0] is target and view[1] is ops.getitem.op and view[2]["index"] is index:
            return  # the end of `target[index] += ...`, which has written through the view already
        if value.node is not None and mode.current().grad and target.dtype.kind not in "fc":
            raise NotDifferentiable(
                f"setitem: a tracked tensor assigned into one of {target.dtype} would lose its gradient; "
                f"make the target floating point"
            )
    rebind(target, "setitem", ops.setitem(target, value, index=index))


def replace(target: Any, array: Any) -> None:
    """Give `target` the values of `array`, of its shape and dtype, which is not recorded."""
    if alone(target):
        target._array = array
    else:
        with mode.switch(grad=False):
            rebind(target, "data", wrap(target.__class__, array, None))
