"""Where a recorded tensor would turn into plain numbers: which function asked for them, and what to write instead."""

from __future__ import annotations

import dis
import functools
import re
import sys
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import numpy as np

from ..engine.mode import current, depth
from ..engine.node import Recorded, is_computed
from ..engine.origins import caller
from ..engine.origins import place as line
from ..errors import NotDifferentiable
from .conversions import namesakes

VALUE = "t.item() or t.numpy() for the value, t.detach() for an untracked tensor"
"""How a tensor gives its value away on purpose."""

_IN_NUMPY = {
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan", "atan2": "arctan2",
    "atanh": "arctanh", "dist": "linalg.norm", "fsum": "sum", "phase": "angle", "pow": "power", "sumprod": "dot",
    "ulp": "spacing", "fmean": "mean", "mean": "mean", "median": "median", "stdev": "std", "pstdev": "std",
    "variance": "var", "pvariance": "var", "correlation": "corrcoef", "covariance": "cov", "fma": "multiply",
}  # fmt: skip
"""What functions of math, cmath and statistics are called in NumPy, where it is another name."""
_IN_SCIPY = {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln", "comb": "binom"}
"""Those of math that are SciPy's."""
_INTO = "make the array that is written to a tensor first, by tg.tensor"
_MINIMUM = "differentiate through a minimum by tg.minimize_implicit"
PLACES: dict[str, str] = {
    "array[i] = t": "make the array a tensor first, as in out = np.zeros_like(t) or, inside of a transform, "
                    "out = tg.numpy.zeros(3), or join the parts by np.stack",
    "np.fromiter": "t is as good as an array; join tensors by np.stack",
    "matplotlib": "plot t.numpy()",
    "pandas": "put t.numpy() into it",
    "PIL": "give it t.numpy()",
    "seaborn": "plot t.numpy()",
    "scipy.integrate.solve_ivp": "solve differential equations by tg.odeint(f, y0, t), or tg.scipy.integrate.solve_ivp",
    "scipy.integrate": "solve differential equations by tg.odeint(f, y0, t)",
    "scipy.interpolate": "interpolate by np.interp",
    "scipy.optimize.fixed_point": "find it by tg.fixed_point",
    **{f"scipy.optimize.{name}": "find it by tg.root" for name in (
        "bisect", "brenth", "brentq", "fsolve", "newton", "ridder", "root", "root_scalar", "toms748",
    )},
    "scipy.optimize.minimize": _MINIMUM,
    "scipy.optimize": _MINIMUM,
    "scipy.sparse.linalg.spsolve": "solve by tg.scipy.linalg.solve(A.toarray(), t)",
    "scipy.stats": "use the distributions of tg.scipy.stats",
    "scipy.sparse": "multiply by tg.scipy.sparse.matmul(A, t)",
    "sklearn": "give it t.numpy()",
    "np.full": "multiply it by np.ones(shape)",
    "np.copyto": _INTO, "np.fill_diagonal": _INTO, "np.place": _INTO, "np.put": _INTO, "np.putmask": _INTO,
    "np.put_along_axis": _INTO,
    "np": "give it one tensor instead of a list of them: np.stack joins them",
    "sympy": "compute with functions of NumPy, and give it numbers",
    "float": "compute with t itself",
    "int": "compute with t itself, rounded by np.round or np.floor",
    "complex": "compute with t itself, made complex by t + 0j",
    "np.asarray": "call NumPy's functions with t itself, and join tensors by np.stack",
}  # fmt: skip
"""What to do instead, by the function that asks for numbers, or by what its dotted name begins with."""
_DATES = "dates and times are no numbers"
_FILES = "a file holds values, not how they were made"
_BITS = "bits jump"

WITHOUT_GRADIENT: dict[str, str] = {
    "busday_count": _DATES,
    "busday_offset": _DATES,
    "datetime_as_string": _DATES,
    "in1d": "NumPy 2.4 has it no more, and np.isin is recorded",
    "is_busday": _DATES,
    "isnat": _DATES,
    "packbits": _BITS,
    "save": _FILES,
    "savetxt": _FILES,
    "savez": _FILES,
    "savez_compressed": _FILES,
    "unpackbits": _BITS,
}
"""By the name of the function or ufunc: why it has no gradient, as the end of a sentence."""
_LIBRARIES = frozenset(
    {place.partition(".")[0] for place in PLACES} - {"array[i] = t", "np", "float", "int", "complex"}
    | {"numpy", "statistics"}
)


def message(function: str, shape: tuple[int, ...]) -> str:
    """What is said where a tensor of `shape` would leave the graph by `function`, or by what called that."""
    frame = caller()
    place = place_of(frame) or function
    package = _installed_package(frame)
    adapt = f", or let tg.adapt(f, {package!r}) run it" if package else ""
    return (
        f"{place}: a recorded tensor of shape {shape} would leave the graph and its gradient be lost; "
        f"{remedy(place)}{adapt}; else take {VALUE}"
    )


def _installed_package(frame: FrameType | None) -> str | None:
    """The package of somebody else's, none of the libraries known here, whose code runs, or None."""
    while frame is not None and _package(frame) in _LIBRARIES:
        frame = frame.f_back
    if frame is None or not {"site-packages", "dist-packages"} & set(Path(frame.f_code.co_filename).parts):
        return None
    return _package(frame)


def forbid_inside(function: str, t: Recorded) -> None:
    """Raise NotDifferentiable where a transform runs and `t` would give its value away by `function`."""
    if depth.get() and is_computed(t) and current().grad:
        raise NotDifferentiable(
            f"{function}: called at {line()} inside a function that is being differentiated, where a tensor of shape "
            f"{t._array.shape} would leave the graph and its gradient be lost; compute with t itself, or take "
            f't.detach() or t.numpy() for a constant, f"{{t}}" for a text'
        )


def remedy(place: str) -> str:
    """What to write instead of the function of this name.

    >>> remedy("math.acos"), remedy("matplotlib.pyplot.plot")
    ('use np.arccos', 'plot t.numpy()')
    """
    module, _, name = place.rpartition(".")
    ours = _namesake(module, name)
    if ours is not None and place not in PLACES:
        return f"use {ours}"
    while place not in PLACES and "." in place:
        place = place.rpartition(".")[0]
    return PLACES.get(place, "compute with functions of NumPy and tg")


def _namesake(module: str, name: str) -> str | None:
    """What takes tensors in the place of a function of math, statistics or SciPy, or None."""
    if module in ("math", "cmath", "statistics"):
        return f"scipy.special.{_IN_SCIPY[name]}" if name in _IN_SCIPY else f"np.{_IN_NUMPY.get(name, name)}"
    for find in namesakes:
        if (found := find(module, name)) is not None:
            return found
    if not module.startswith("scipy"):
        return None
    for room in (module.replace("scipy", "np", 1), "np"):
        numpys = getattr(np, room[3:], None) if room != "np" else np
        if callable(getattr(numpys, name, None)):
            return f"{room}.{name}"
    return None


def place_of(frame: FrameType | None) -> str | None:
    """The name of the function that asks for numbers: that of a library that runs, or one that the line calls."""
    place = None
    inside = frame
    while frame is not None and _package(frame) in _LIBRARIES:
        place, frame = _public_name(frame) or place, frame.f_back
    if frame is inside:
        return None if frame is None else _called(frame)
    called = None if frame is None else _called(frame, libraries=True)
    place = place or called or (None if inside is None else _package(inside))
    return None if place is None else re.sub("^numpy", "np", place)


def within_scipy() -> bool:
    """Whether SciPy's own code is what runs."""
    frame = caller()
    return frame is not None and _package(frame) == "scipy"


def asked_by(frame: FrameType | None, place: str) -> bool:
    """Whether the line that runs calls the function of C of that name."""
    return frame is not None and _called(frame) == place


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _public_name(frame: FrameType) -> str | None:
    """Under which name the function that a frame runs is to be found in its library, or None if it is private."""
    name = frame.f_code.co_name
    if name.startswith("__"):  # of a class
        name = type(frame.f_locals.get("self")).__name__
    return _public(str(frame.f_globals["__name__"]), name)


def _public(module: str, name: str) -> str | None:
    """The dotted name of what a module of a library defines, under the public module that offers it."""
    parts = module.split(".")
    private = [k for k, part in enumerate(parts) if part.startswith("_")]
    public = parts[: private[0]] if private else parts
    while public and not callable(getattr(sys.modules.get(".".join(public)), name, None)):
        public.pop()
    return ".".join([*public, name]) if public else None


def _called(frame: FrameType, libraries: bool = False) -> str | None:
    """The function of C, or of `libraries`, that the running instruction calls, if its remedy is known by name."""
    names = _names_at(frame.f_code, frame.f_lasti)
    if names == ():
        return "array[i] = t"
    for first, *rest in names or ():
        value = frame.f_locals.get(first, frame.f_globals.get(first))
        for name in rest:
            value = getattr(value, name, None) if isinstance(value, ModuleType) or libraries else None
        module = str(getattr(value, "__module__", None)).lstrip("_")
        if module in ("math", "cmath", "statistics"):
            return f"{module}.{getattr(value, '__name__', first)}"
        if value is np.fromiter:
            return "np.fromiter"
        if libraries and module.partition(".")[0] in _LIBRARIES:
            return _public(module, rest[-1] if rest else first) or ".".join([*module.split(".")[:2], *rest[-1:]])
    return None


@functools.lru_cache(maxsize=512)
def _names_at(code: CodeType, offset: int) -> tuple[tuple[str, ...], ...] | None:
    """The dotted names, last first, that may be what the instruction at `offset` calls; () where it stores an item."""
    chains: list[list[str]] = []
    running: Any = None
    line, positions = None, []
    for i in dis.get_instructions(code):
        if i.offset > offset:
            break
        if i.starts_line:
            line = i.starts_line
        running = i
        where = getattr(i, "positions", None)
        start = (where.lineno, where.col_offset) if where else line
        name = None if i.opname == "LOAD_CONST" else i.argval[-1] if isinstance(i.argval, tuple) else i.argval
        if i.opname.startswith("LOAD_") and isinstance(name, str):
            if chains and i.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                chains[-1].append(name)
            else:
                chains.append([name])
                positions.append(start)
    if running is None:
        return None
    if running.opname.startswith(("STORE_SUBSCR", "STORE_SLICE")):
        return ()
    return tuple(tuple(c) for c, p in zip(chains[::-1], positions[::-1], strict=True) if p == start)
