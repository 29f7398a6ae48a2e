"""The modes of recording: whether operations are recorded, what is kept, and what is noted beside them."""

from __future__ import annotations

import abc
import contextlib
import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, NamedTuple

from .node import Recorded
from .op import Op


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
    """How operations are recorded in this thread or task."""

    grad: bool = True
    keep: bool = False
    origins: bool = False
    anomaly: bool = False
    tape: Tape | None = None


DEFAULT = Mode()
NO_GRAD = Mode(grad=False)
in_force: ContextVar[Mode | None] = ContextVar("tinygraph.mode", default=None)
"""The mode of this thread or task; None stands for all defaults."""


depth: ContextVar[int] = ContextVar("tinygraph.depth", default=0)
"""How many transforms, such as `grad`, are running the function that they are given, one inside the other."""


def current() -> Mode:
    """The mode in force."""
    return in_force.get() or DEFAULT


def tracing() -> bool:
    """Whether a step is being compiled: its values are those of the first run, and nothing may depend on them."""
    mode = in_force.get()
    return mode is not None and mode.tape is not None


def listening() -> bool:
    """Whether somebody follows what is computed, untracked or not: a transform, a trace, a picture, `tg.adapt`."""
    mode = in_force.get()
    if depth.get() or adapted.get() is not None:
        return True
    return mode is not None and (mode.tape is not None or mode.keep)


def _changed(before: Mode | None, changes: tuple[tuple[str, Any], ...]) -> Mode | None:
    after = (before or DEFAULT)._replace(**dict(changes))
    return None if after == DEFAULT else NO_GRAD if after == NO_GRAD else after


_changed_without_tape = functools.lru_cache(maxsize=64)(_changed)
"""`_changed` for modes without a tape, which would be kept alive with all that is written on it."""


class switch(contextlib.ContextDecorator):
    """Context manager and decorator that changes fields of the mode; right under threads and asyncio."""

    def __init__(self, **changes: Any) -> None:
        self.changes = changes
        self.before: list[Mode | None] = []

    def _recreate_cm(self) -> switch:  # a decorated function gets a manager of its own per call
        return switch(**self.changes)

    def __enter__(self) -> None:
        before = in_force.get()
        self.before.append(before)
        taped = "tape" in self.changes or (before is not None and before.tape is not None)
        in_force.set((_changed if taped else _changed_without_tape)(before, tuple(self.changes.items())))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        in_force.set(self.before.pop())  # no Token: a generator may be closed in another context

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


class Adapting(abc.ABC):
    """A function of other people's packages that is running on Tensors, for the layers below, which ask it."""

    @abc.abstractmethod
    def scope(self, running: Scope | None) -> Scope | None:
        """The innermost call of a function of these packages, inside of the module call `running`."""


adapted: ContextVar[Adapting | None] = ContextVar("tinygraph.adapted", default=None)
"""The function under `tg.adapt` that is running, or None: what asks a Tensor for a number then gets a Tensor."""
adapting: ContextVar[Callable[[Callable[..., Any]], Callable[..., Any]] | None] = ContextVar(
    "tinygraph.adapting", default=None
)
"""What is done with every function handed over inside `with tg.adapt(...)`."""


def handed_over(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, which was given to a transform, a check or a picture, as it is to be run."""
    treat = adapting.get()
    return f if treat is None else treat(f)


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
