"""The recorded graph: how each value was made. Structure only, no mathematics.

A `Node` says how one value was made. Nodes point at the nodes they were made from and never back, so there
are no reference cycles and a graph dies with the last handle on it. Everything here is iterative.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np

from ..errors import GraphError
from .names import name_of
from .op import Op

Array = np.ndarray[Any, Any]
"""An array of any shape and dtype."""
SMALL = 16
"""Values and gradients of at most this many elements stay in the graph for pictures after backward."""


class _Clock:
    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 0


clock = _Clock()
"""`clock.now` counts arrays handed out for writing while something else held them; nodes store it as epoch."""


class Node:
    """How one value was made: `op` applied to `inputs` with `attrs`. A leaf's `op` is None.

    `inputs` holds a Node for each tracked input and the value for any other (`Absent` for a large one after
    backward); never a handle, which could come to point back here. `saved` is what the op's rules are called
    with: the value of each input that they read, and the same object as in `inputs` for any other (a node knows
    shape and dtype, which may be all they ask); None once `backward` has freed it. `value` is the output where
    a rule reads it or where it is small. `epoch` dates the recording (see `watch`). `meta` holds what few nodes
    have: a leaf's `handle` and its count of `deliveries` since it had no gradient, whether it is a `point` at which a
    function is being differentiated, `hooks`, a `name`; under `origins`
    the line (`origin`), the variable it is `assigned` to and the module call around it (`scope`, `path`); under
    `keep_values` the mark `keep`, under `detect_anomaly` the `checksums` of arrays, under either the `values` of all
    inputs. `grad` is the gradient of a small value,
    left by backward for pictures.
    """

    __slots__ = ("op", "inputs", "attrs", "saved", "value", "shape", "dtype", "epoch", "meta", "grad")

    op: Op | None
    inputs: tuple[Any, ...]
    attrs: dict[str, Any]
    saved: tuple[Any, ...] | None
    value: Any
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    epoch: int
    meta: dict[str, Any] | None
    grad: Any

    @property
    def ndim(self) -> int:
        """Number of axes of the value."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements of the value."""
        size = 1
        for n in self.shape:
            size *= n
        return size

    def note(self, key: str, value: Any) -> None:
        """Write one of the rare facts into `meta`."""
        self.meta = {**(self.meta or {}), key: value}

    def fact(self, key: str) -> Any:
        """Read one of the rare facts, or None."""
        return None if self.meta is None else self.meta.get(key)

    def __repr__(self) -> str:
        made = "leaf" if self.op is None else self.op.name
        name = self.fact("name")
        return f"<Node {made}{f' {name!r}' if name else ''} {self.shape} {self.dtype}>"


def op_of(node: Node) -> Op:
    """The op that made a node which is no leaf."""
    if node.op is None:
        raise TypeError("op_of: a leaf has no op; ask a node that was made by one")
    return node.op


class Absent:
    """What is left of a large constant input after `backward` let it go: its shape, dtype and name."""

    __slots__ = ("shape", "dtype", "name")

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.shape, self.dtype, self.name = array.shape, array.dtype, name_of(array)


class Recorded:
    """Base of Tensor, for the layers below it: a value and the node that made it, which is None when untracked.

    `_views`, which few have, says what looks at whose memory: the tensor that this is a view of, op and attributes
    (None where it is no view), and weak references to views of it. `views` reads and writes it.
    """

    __slots__ = ("_array", "node", "_views")

    _array: Any
    node: Node | None
    _views: list[Any]


Handle = TypeVar("Handle", bound=Recorded)


class Symbolic:
    """Base of Symbol, for the layers below it: a name or expression, to which ops are written, not run."""

    __slots__ = ()

    def write(self, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        """The expression that stands for `op` applied to `inputs`."""
        raise GraphError(f"write: {type(self).__name__} does not say how {op.name} is written; override write")


def wrap(cls: type[Handle], data: Any, node: Node | None) -> Handle:
    """A Tensor (or other handle of class `cls`) on `data`, made by `node`; nothing is copied or checked."""
    handle = object.__new__(cls)
    handle._array, handle.node = data, node
    return handle


def leaf(handle: Recorded, name: str | None) -> Node:
    """A new leaf node for `handle`, where `backward` delivers the gradient. Refers to the handle weakly."""
    node = Node()
    node.op, node.inputs, node.attrs, node.saved, node.value = None, (), {}, (), None
    node.shape, node.dtype, node.epoch = handle._array.shape, handle._array.dtype, clock.now
    node.meta = {"handle": weakref.ref(handle)}
    if name is not None:
        node.meta["name"] = name
    return node


def point(handle: Recorded, name: str | None) -> Node:
    """A leaf node for an argument by which a function is being differentiated, which to the function is no leaf."""
    node = leaf(handle, name)
    node.note("point", True)
    return node


def is_computed(handle: Recorded) -> bool:
    """Whether a value has a history that would be lost without its node: it was computed, or is a `point`."""
    return handle.node is not None and (handle.node.op is not None or handle.node.fact("point") is True)


def topological(roots: Iterable[Node], arrange: Callable[[list[Node]], list[Node]] | None = None) -> list[Node]:
    """All nodes that `roots` were made from, inputs before outputs, each once; the order is deterministic.

    The inputs of a node are gone into from left to right, or as `arrange` puts them.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[Any] = [*roots][::-1]
    while stack:
        node = stack.pop()
        if node is None:  # all that the node below was made from is listed
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            stack += (node, None)
            inputs = [i for i in node.inputs if type(i) is Node and i not in seen]
            stack += inputs[::-1] if arrange is None else arrange(inputs)[::-1]
    return order
