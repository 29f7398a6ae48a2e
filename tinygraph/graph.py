"""The recorded graph and the modes of recording: structure only, no mathematics.

A `Node` says how one value was made. Nodes point at the nodes they were made from and never back, so there
are no reference cycles and a graph dies with the last handle on it. Everything here is iterative.
"""

from __future__ import annotations

import abc
import contextlib
import functools
import inspect
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .errors import GraphError
from .places import place

if TYPE_CHECKING:
    from .op import Op

SMALL = 16
"""Values and gradients of at most this many elements stay in the graph for pictures after backward."""


class Node:
    """How one value was made: `op` applied to `inputs` with `attrs`. A leaf's `op` is None.

    `inputs` holds a Node for each tracked input and the value for any other (`Absent` for a large one after
    backward); never a handle, which could come to point back here. `saved` is what the op's rules are called
    with: the value of each input that they read, and the same object as in `inputs` for any other (a node knows
    shape and dtype, which may be all they ask); None once `backward` has freed it. `value` is the output where
    a rule reads it or where it is small. `epoch` dates the recording (see `watch`). `meta` holds what few nodes
    have: a leaf's `handle` and its count of `deliveries` since it had no gradient, `hooks`, a `name`, an `origin`,
    and under `keep_values` or `detect_anomaly` the `values` of all inputs. `grad` is the gradient of a small value,
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


class Absent:
    """Stands for a large constant input that `backward` let go: its shape, dtype and name."""

    __slots__ = ("shape", "dtype", "name")

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.shape, self.dtype, self.name = array.shape, array.dtype, name_of(array)


class Recorded:
    """Base of Tensor, for the layers below it: a value and the node that made it (None when untracked)."""

    __slots__ = ("_data", "node")

    _data: Any
    node: Node | None


class Written:
    """Base of Symbol, for the layers below it: something an op is written about rather than run on."""

    __slots__ = ()

    def write(self, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        """The expression that stands for `op` applied to `inputs`."""
        raise GraphError(f"write: {type(self).__name__} does not say how {op.name} is written; override write")


_names: dict[int, str] = {}


def label(array: Any, name: str | None) -> None:
    """Note the name of an untracked tensor's array, for pictures of graphs in which it is an input."""
    if isinstance(array, np.ndarray):
        if id(array) not in _names:
            weakref.finalize(array, _names.pop, id(array), None).atexit = False
        _names[id(array)] = name or ""


def name_of(array: Any) -> str | None:
    """The name noted by `label`, or None."""
    return _names.get(id(array)) or None if isinstance(array, np.ndarray) else None


def leaf(handle: Recorded, name: str | None) -> Node:
    """A new leaf node for `handle`, where `backward` delivers the gradient. Refers to the handle weakly."""
    node = Node()
    node.op, node.inputs, node.attrs, node.saved, node.value = None, (), {}, (), None
    node.shape, node.dtype, node.epoch = handle._data.shape, handle._data.dtype, clock.now
    node.meta = {"handle": weakref.ref(handle)}
    if name is not None:
        node.meta["name"] = name
    return node


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


# ------------------------------------------------------------------------------------------------ modes


class Tape(abc.ABC):
    """What a step that is being compiled is written down on, for the layers below the compiler, which tell it."""

    phase: str
    """Which part of the step is running: "forward", "backward" or "update"."""

    @abc.abstractmethod
    def expand(self, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        """The result of an operation written down step by step, or None if it is to be one step."""

    @abc.abstractmethod
    def record(self, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], out: Recorded) -> None:
        """`out` is the result of `op`."""

    @abc.abstractmethod
    def assign(self, target: Recorded, new: Recorded) -> None:
        """`target`, which may outlive the step, is given the value of `new`."""

    @abc.abstractmethod
    def gradient(self, handle: Recorded, g: Recorded, before: Recorded | None) -> None:
        """Backward leaves `g` in `handle.grad`, where `before` was."""

    @abc.abstractmethod
    def root(self, output: Recorded) -> None:
        """Backward is called on `output`."""

    @abc.abstractmethod
    def forget(self, handle: Recorded) -> None:
        """The gradient of `handle` is about to be replaced by hand."""

    @abc.abstractmethod
    def guard(self, facts: Callable[[], Any]) -> None:
        """What is written down holds only as long as `facts()` stays what it is now."""


class Mode(NamedTuple):
    """How operations are recorded in this thread or task. None in `mode` stands for all defaults."""

    grad: bool = True
    keep: bool = False
    origins: bool = False
    anomaly: bool = False
    tape: Tape | None = None


DEFAULT = Mode()
NO_GRAD = Mode(grad=False)
mode: ContextVar[Mode | None] = ContextVar("tinygraph.mode", default=None)


def current() -> Mode:
    """The mode in force."""
    return mode.get() or DEFAULT


def tracing() -> bool:
    """Whether a step is being compiled: its values are those of the first run, and nothing may depend on them."""
    now = mode.get()
    return now is not None and now.tape is not None


def _changed(before: Mode | None, changes: tuple[tuple[str, Any], ...]) -> Mode | None:
    after = (before or DEFAULT)._replace(**dict(changes))
    return None if after == DEFAULT else NO_GRAD if after == NO_GRAD else after


_remembered = functools.lru_cache(maxsize=64)(_changed)
"""`_changed` for modes without a tape, which would be kept alive with all that is written on it."""


class switch(contextlib.ContextDecorator):
    """Context manager and decorator that changes fields of the mode; right under threads and asyncio."""

    def __init__(self, **changes: Any) -> None:
        self.changes = changes
        self.before: list[Mode | None] = []

    def _recreate_cm(self) -> switch:  # a decorated function gets a manager of its own per call
        return switch(**self.changes)

    def __enter__(self) -> None:
        before = mode.get()
        self.before.append(before)
        taped = "tape" in self.changes or (before is not None and before.tape is not None)
        mode.set((_changed if taped else _remembered)(before, tuple(self.changes.items())))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mode.set(self.before.pop())  # no Token: a generator may be closed in another context

    def __call__(self, function: Any) -> Any:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"{function.__name__}: a generator cannot be decorated with a mode, which would last only until its "
                f"first value; use `with` inside it"
            )
        if not inspect.iscoroutinefunction(function):
            return super().__call__(function)

        @functools.wraps(function)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            with self._recreate_cm():
                return await function(*args, **kwargs)

        return awaited


class Scope:
    """One call of a module while operations note their origins: which fields lead to the module, of what class it is.

    `path` joins the names of fields from the outermost module on ("" for that one); `parent` is the call around.
    """

    __slots__ = ("path", "kind", "parent")

    def __init__(self, path: str, kind: str, parent: Scope | None) -> None:
        self.path, self.kind, self.parent = path, kind, parent


scope: ContextVar[tuple[Any, Scope] | None] = ContextVar("tinygraph.scope", default=None)
"""The innermost module that is running, under `origins`, and its call: nodes refer to the call alone."""


# ------------------------------------------------------------------- arrays handed out through `t.data`


class _Clock:
    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 0


clock = _Clock()
"""`clock.now` counts arrays handed out for writing while something else held them; nodes store it as epoch."""

_HISTORY = 256
_watched: dict[int, list[tuple[int, int, str]]] = {}
"""By id of the array that owns the memory: when it was handed out, what it held (its checksum), and where."""


def _owner(array: Any) -> Any:
    """The array that a view looks at."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def checksum(array: Any) -> int:
    """A 32-bit digest of the array's bytes: two different contents agree with probability 2**-32."""
    data = np.ascontiguousarray(array)
    return zlib.crc32(data.reshape(-1).view(np.uint8).data if data.size else b"")


def watch(array: np.ndarray[Any, Any]) -> None:
    """Remember what `array` holds now: it is handed out through `.data` while a graph may still need it.

    The caller can change it behind the graph's back, and a node recorded before this moment would then use
    the wrong value. `verify` compares. Costs one pass over the array.
    """
    array = _owner(array)
    clock.now += 1
    key = id(array)
    if key not in _watched:
        _watched[key] = []
        weakref.finalize(array, _watched.pop, key, None).atexit = False
    history, digest = _watched[key], checksum(array)
    if history and history[-1][1] == digest:
        history.pop()  # nothing happened since: the later moment says it all
    history.append((clock.now, digest, place()))
    del history[:-_HISTORY]


def watching() -> bool:
    """Whether any array is being watched."""
    return bool(_watched)


def _read(node: Node) -> Iterator[tuple[int, Any]]:
    """The arrays that the rules of `node` will read, with their positions: 0 for the output, then the inputs."""
    if node.op is not None:
        reads = node.op.needs(tuple([type(i) is Node for i in node.inputs]))
        for position, (array, use) in enumerate(zip((node.value, *(node.saved or ())), reads, strict=False)):
            if use == "value" and isinstance(array, np.ndarray):
                yield position, array


def verify(node: Node) -> None:
    """Raise GraphError if an array that a rule of `node` reads was changed, through `.data`, since recorded."""
    for position, array in _read(node):
        owner = _owner(array)
        later = [entry for entry in _watched.get(id(owner), ()) if entry[0] > node.epoch]
        if later and later[0][1] != checksum(owner):
            origin = node.fact("origin") or "unknown line: record under tg.origins()"
            what = f"input {position}" if position else "the output"
            raise GraphError(
                f"backward: {what} {array.shape} {array.dtype} of {node!r} (recorded at {origin}) was changed "
                f"in place through .data, handed out at {later[0][2]}; change it before recording, or assign "
                f"a new array: t.data = t.data + ..."
            )


def freeze(node: Node) -> None:
    """Under `detect_anomaly`: note the checksum of every array that the rules of `node` will read."""
    node.note("checksums", [(a, checksum(a)) for _, a in _read(node)])


def thaw(node: Node) -> Iterator[str]:
    """Descriptions of the arrays that changed since `freeze(node)`."""
    for array, digest in node.fact("checksums") or ():
        if checksum(array) != digest:
            yield f"{array.shape} {array.dtype}"


# ---------------------------------------------------------------------------------- modes by their names


def no_grad() -> switch:
    """Context (or decorator) in which nothing is recorded: for evaluation and for updates by hand.

    >>> import tinygraph as tg
    >>> w = tg.tensor(1.0, requires_grad=True)
    >>> with tg.no_grad():
    ...     w -= 0.1
    >>> w
    tensor(0.9, requires_grad=True)
    """
    return switch(grad=False)


def enable_grad() -> switch:
    """Context (or decorator) in which operations are recorded, also inside `no_grad`."""
    return switch(grad=True)


def keep_values() -> switch:
    """Context in which the graph keeps every value, and after backward every gradient, of any size."""
    return switch(keep=True)


def origins() -> switch:
    """Context in which every node notes the file and line that made it; messages and pictures then say it."""
    return switch(origins=True)


def detect_anomaly() -> switch:
    """Context in which the first NaN or infinity, and a changed array, stop with AnomalyError. For searching: slow.

    Forward stops at an operation whose result is not finite although its inputs are, also where a `where` would
    hide it; backward at the rule that makes a NaN or infinity. The message names operation, line, element and the
    inputs there. Backward also checks that no array a rule needs was changed since it was recorded, such as one
    shared by `tg.asarray`, at the price of a checksum per array.

    >>> import tinygraph as tg
    >>> x = tg.tensor([1.0, 0.0], requires_grad=True)
    >>> with tg.detect_anomaly():
    ...     y = tg.log(x)
    Traceback (most recent call last):
        ...
    tinygraph.errors.AnomalyError: log: element [1] of the result is -inf at ..., made from x = 0: the value of log(0)
    is -inf and its slope infinite; keep the argument away from 0, as in log(x + 1e-12), or use a fused form: ...
    """
    return switch(anomaly=True, origins=True)
