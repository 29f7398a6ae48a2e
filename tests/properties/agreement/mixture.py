"""One program as text: the values it is called on and its lines, which run on arrays and on Tensors alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import tinygraph as tg
import tinygraph.interop.scipy.special
import tinygraph.nn
from tinygraph.engine.declare import registry

PRELUDE = """\
import numpy as np, scipy.special, tinygraph as tg
from numpy import array
from tests.properties.agreement.mixture import ops, swish, third, tilt
"""

ops = {op.name: op.function for op in registry if op.function.__module__.startswith("tinygraph.")}
"""Every declared operation, by its name; those of scipy.special among them."""


@tg.custom_vjp
def swish(x: Any) -> Any:
    """x times tanh x, by a rule of its own."""
    return x * np.tanh(x)


def _backward(saved: Any, g: Any) -> tuple[Any]:
    x, t = saved
    return (g * (t + x * (1 - t * t)),)


swish.defvjp(lambda x: (x * np.tanh(x), (x, np.tanh(x))), _backward)


def _declared() -> tuple[Any, Any]:
    count = len(registry)

    @tg.primitive(lambda g, y, x: 3 * g * x * x)
    def third(x):  # type: ignore[no-untyped-def]
        """x cubed, declared as a primitive."""
        return x * x * x

    @tg.elementwise(lambda y, x, k: 1 + k * x, lambda y, x, k: 0.5 * x * x)
    def tilt(x, k):  # type: ignore[no-untyped-def]
        """x + k x**2 / 2, declared with two inputs."""
        return x + 0.5 * k * x * x

    del registry[count:]  # tests run over the registry
    return third, tilt


third, tilt = _declared()


class Mixture:
    """A function made of lines of Python, with the inputs it is to be called on: `f(*f.inputs)`.

    `given` maps the name of an input to the text that makes it. It returns a tuple of what no later line reads. Its
    repr is a runnable program.
    """

    __name__ = "program"

    def __init__(self, given: Mapping[str, str], lines: Sequence[str], results: Sequence[str]) -> None:
        self.given, self.lines, self.results = dict(given), tuple(lines), tuple(results)
        self.inputs: list[Any] = [evaluated(text) for text in given.values()]
        self._run = self._compiled(lambda line: [line])
        self.disturbed = self._compiled(_disturbances)

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        return self._run(*inputs)  # type: ignore[no-any-return]

    def _compiled(self, written: Callable[[str], list[str]]) -> Callable[..., Any]:
        names = _names()
        exec(self._source(written), names)
        return names["program"]  # type: ignore[no-any-return]

    def _source(self, written: Callable[[str], list[str]]) -> str:
        extra = ", *, disturb=None" if self.given else "*, disturb=None"
        body = [part for line in self.lines for part in written(line)]
        body.append(f"return {', '.join(self.results)},")
        return "\n".join([f"def program({', '.join(self.given)}{extra}):", *[f"    {line}" for line in body]])

    def __repr__(self) -> str:
        given = [f"{name} = {text}" for name, text in self.given.items()]
        body = [*[f"    {line}" for line in self.lines], f"    return {', '.join(self.results)},"]
        return "\n".join([PRELUDE, *given, f"def program({', '.join(self.given)}):", *body])


def _disturbances(line: str) -> list[str]:
    """The line with every repeated and every resulting value disturbed, to see how far rounding in them reaches."""
    disturbed = line.replace("np.resize(", "(lambda *given: disturb(np.resize(*given)))(")
    name, sign, _ = line.partition(" = ")
    return [disturbed, f"{name} = disturb({name})"] if sign and name.isidentifier() else [disturbed]


def _names() -> dict[str, Any]:
    import_names: dict[str, Any] = {}
    exec(PRELUDE, import_names)
    return import_names


_KNOWN: dict[str, Any] = {}


def evaluated(text: str) -> Any:
    """What an expression gives."""
    names = {"value": None}
    executed(f"value = {text}", names)
    return names["value"]


def executed(line: str, values: dict[str, Any]) -> None:
    """Run one line, which assigns into `values`."""
    if not _KNOWN:
        _KNOWN.update(_names())
    names = {**_KNOWN, **values}
    exec(line, names)
    values.update({name: x for name, x in names.items() if name not in _KNOWN and name != "__builtins__"})


def literal(x: Any) -> str:
    """Text that makes `x` again."""
    if isinstance(x, np.ndarray):
        return f"np.array({x.tolist()}, np.{x.dtype})" if x.size else f"np.zeros({x.shape}, np.{x.dtype})"
    if isinstance(x, np.generic):
        return f"np.{x.dtype}({x.item()!r})"
    if isinstance(x, type):
        return f"np.{np.dtype(x)}" if issubclass(x, np.generic) else x.__name__
    if isinstance(x, tuple):
        return f"({''.join(literal(item) + ', ' for item in x)})"
    if isinstance(x, list):
        return f"[{', '.join(map(literal, x))}]"
    return repr(x)
