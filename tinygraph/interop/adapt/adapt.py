"""`tg.adapt`: functions of other people's packages, run so that what they compute is recorded."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from types import FrameType, ModuleType, TracebackType
from typing import Any

from ...engine import mode
from ...engine.mode import Scope
from ...engine.node import Recorded
from ...engine.trees import flatten
from ...errors import AdaptError, NotDifferentiable
from ...transforms.plain_run import difference, run_plain
from .report import AdaptReport, noting, within
from .substitution import Substitution, python_function

_CHECKS = ("first", "always")


def adapt(
    f: Callable[..., Any] | None = None,
    packages: str | ModuleType | Sequence[str | ModuleType] = (),
    check: str = "first",
) -> Any:
    """`f`, differentiable although the code of `packages`, which it runs, was written for plain NumPy.

    While `f` runs on Tensors, names in the modules of these packages stand for ones that record: NumPy's functions that
    make arrays (`np.asarray(x, float)`, `np.zeros(3)`, then written into), `math` and `cmath`, `float complex int round
    isinstance hasattr`, functions of SciPy that `tg.scipy` has, functions compiled by numba, cached by `lru_cache` or
    wrapped by np.vectorize (their Python functions). `t.item()` and `t.tolist()` give Tensors, casts to integers
    values. The names are put back whatever happens, and code that meets no Tensor sees no difference.

    The value is compared with that of `f` on plain arrays: at the first call for each shape and dtype, or at every one
    with `check="always"`. Where they differ, AdaptError says how, and there is no result. So `f` must give the same
    value twice; random numbers come from a generator that is made inside.

    `packages` names packages or modules, or is a list of names and modules; only their code is treated, that of the
    module of `f` too only if it is named. Returns a function like `f`, with `.report(*args)`, which says what was
    replaced where. Without `f`, returns a decorator, which is a context as well: inside of it every function given to
    a transform, to check_gradients, draw, trace, derive or compile is adapted.

    Raises TypeError for packages that are none, ValueError for another `check`, ModuleNotFoundError for a package that
    is not loaded.

    >>> import statistics
    >>> import tinygraph as tg
    >>> g = adapt(lambda x: statistics.NormalDist(0.0, 2.0).pdf(x), "statistics")
    >>> tg.grad(g)(1.0)
    -0.04400816...
    """
    names = _names(packages)
    if check not in _CHECKS:
        raise ValueError(f"adapt: check={check!r}; give one of {', '.join(map(repr, _CHECKS))}: it cannot be left out")
    if f is None:
        return Adaptation(names, check)
    if not callable(f):
        raise TypeError(f"adapt: {type(f).__name__} {f!r:.60} is no function; give one, and packages= by name")
    return Adapted(f, names, check)


def _names(packages: Any) -> tuple[str, ...]:
    given = list(packages) if isinstance(packages, list | tuple | set | frozenset) else [packages]
    names = tuple(p.__name__ if isinstance(p, ModuleType) else p for p in given)
    if not names or not all(isinstance(n, str) for n in names):
        raise TypeError(f"adapt: packages={packages!r:.60}; name the packages whose code may be treated")
    for name in names:
        if name.partition(".")[0] in ("tinygraph", "numpy", "scipy"):
            raise ValueError(f"adapt: {name} is not treated; name the packages that use it")
        if name not in sys.modules:
            raise ModuleNotFoundError(f"adapt: no package {name!r} is loaded; import it first, and name it as imported")
    return names


class Adapted(mode.Adapting):
    """A function whose packages' names stand for recording ones while it runs on Tensors: what `tg.adapt` returns."""

    def __init__(self, f: Callable[..., Any], packages: tuple[str, ...], check: str) -> None:
        functools.update_wrapper(self, f)
        self.function, self.packages, self.check = f, packages, check
        self._checked: set[Any] = set()
        self._scopes: dict[FrameType, Scope] = {}

    def __repr__(self) -> str:
        return f"adapt({getattr(self.function, '__qualname__', self.function)}, {', '.join(self.packages)})"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = flatten((args, kwargs), records=True)
        if not any(isinstance(x, Recorded) for x in given):
            return self.function(*args, **kwargs)
        key = tuple((x._array.shape, x._array.dtype) if isinstance(x, Recorded) else type(x) for x in given)
        if self.check == "first" and key in self._checked:
            return self._run(args, kwargs)
        plain = self._run_plain(args, kwargs)  # first: it loads what is loaded on the way
        value = self._run(args, kwargs)
        wrong = difference(value, plain)
        if wrong:
            raise AdaptError(
                f"adapt: {getattr(self.function, '__name__', self.function)}: {wrong}; some code of "
                f"{', '.join(self.packages)} goes another way when it meets tensors"
            )
        self._checked.add(key)
        return value

    def _run_plain(self, args: Any, kwargs: Any) -> Any:
        try:
            return run_plain(self.function, args, kwargs)
        except NotDifferentiable:  # it differentiates code of the packages itself
            with Substitution(self.packages):
                return run_plain(self.function, args, kwargs)

    def _run(self, args: Any, kwargs: Any) -> Any:
        token = mode.adapted.set(self)
        try:
            with Substitution(self.packages):
                return (python_function(self.function) or self.function)(*args, **kwargs)
        finally:
            mode.adapted.reset(token)
            self._scopes.clear()

    def report(self, *args: Any, **kwargs: Any) -> AdaptReport:
        """Run the function on Tensors of `args`, and say which names in which lines met one.

        Floating-point numbers and arrays are made Tensors. An error of the run is part of the report.
        """
        return noting(self, args, kwargs)

    def scope(self, running: Scope | None) -> Scope | None:
        """The innermost call of a function of the packages: a frame of the picture for each."""
        calls = []
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code is not _RUN:
            if within(frame, self.packages) and not frame.f_code.co_name.startswith("<"):
                calls.append(frame)
            frame = frame.f_back
        innermost = running
        for frame in reversed(calls):
            name = frame.f_code.co_name
            if frame not in self._scopes:
                path = f"{innermost.path}.{name}" if innermost is not None and innermost.path else name
                self._scopes[frame] = Scope(path, name, innermost)
            innermost = self._scopes[frame]
        return innermost


_RUN = Adapted._run.__code__


class Adaptation:
    """A decorator that adapts functions, and a context in which every function handed over is adapted."""

    def __init__(self, packages: tuple[str, ...], check: str) -> None:
        self.packages, self.check = packages, check
        self._tokens: list[Any] = []
        self._made: dict[Any, Adapted] = {}

    def __call__(self, f: Callable[..., Any]) -> Adapted:
        return Adapted(f, self.packages, self.check)

    def __enter__(self) -> None:
        outer = mode.adapting.get()

        def treat(f: Callable[..., Any]) -> Callable[..., Any]:
            adapted = Adapted(f, self.packages, self.check)
            return adapted if outer is None else outer(adapted)

        self._tokens.append(mode.adapting.set(treat))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mode.adapting.reset(self._tokens.pop())
