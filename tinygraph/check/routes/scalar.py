"""The scalar route: a recorded graph computed again number by number, and differentiated by calculus alone.

Nothing here uses a rule of tinygraph: kernels run on arrays of `Scalar`s, and each `Scalar` knows how it was made from
others by the elementary functions below (A. Karpathy's micrograd is the model). That is why these have a table of
their own: an oracle that asked the declarations would repeat their mistakes. An operation of a user is computed by its
kernel, as far as that is made of these functions or of operators of numbers.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ...engine.node import Array, Node, op_of
from ..recorded import Recording

_LN2, _LN10 = math.log(2), math.log(10)


def _below(x: Any, y: Any) -> float:
    """The slope of max(x, y) along y: at a tie, half for each."""
    return 0.5 if x == y else float(y > x)


# name of a ufunc: its value on numbers, and its derivative with respect to each of them, given the value z
_CALCULUS: dict[str, tuple[Callable[..., Any], ...]] = {
    "add": (lambda x, y: x + y, lambda z, x, y: 1.0, lambda z, x, y: 1.0),
    "subtract": (lambda x, y: x - y, lambda z, x, y: 1.0, lambda z, x, y: -1.0),
    "multiply": (lambda x, y: x * y, lambda z, x, y: y, lambda z, x, y: x),
    "divide": (lambda x, y: x / y, lambda z, x, y: 1 / y, lambda z, x, y: -x / (y * y)),
    "power": (lambda x, y: x**y, lambda z, x, y: y * x ** (y - 1) if y else 0.0,
              lambda z, x, y: z * math.log(x) if x else 0.0),
    "negative": (lambda x: -x, lambda z, x: -1.0),
    "positive": (lambda x: x, lambda z, x: 1.0),
    "conjugate": (lambda x: x, lambda z, x: 1.0),
    "reciprocal": (lambda x: 1 / x, lambda z, x: -1 / (x * x)),
    "square": (lambda x: x * x, lambda z, x: 2 * x),
    "sqrt": (math.sqrt, lambda z, x: 1 / (2 * z)),
    "cbrt": (lambda x: math.copysign(abs(x) ** (1 / 3), x), lambda z, x: z / (3 * x)),
    "absolute": (abs, lambda z, x: float(x > 0) - float(x < 0)),
    "fabs": (abs, lambda z, x: float(x > 0) - float(x < 0)),
    "copysign": (math.copysign, lambda z, x, y: (float(x > 0) - float(x < 0)) * math.copysign(1, y),
                 lambda z, x, y: 0.0),
    "heaviside": (lambda x, y: y if x == 0 else float(x > 0), lambda z, x, y: 0.0, lambda z, x, y: float(x == 0)),
    "ldexp": (lambda x, n: math.ldexp(x, int(n)), lambda z, x, n: 2.0**n, lambda z, x, n: 0.0),
    "nextafter": (np.nextafter, lambda z, x, y: 1.0, lambda z, x, y: 0.0),
    "rint": (round, lambda z, x: 0.0),
    "exp": (math.exp, lambda z, x: z),
    "exp2": (lambda x: 2.0**x, lambda z, x: z * _LN2),
    "expm1": (math.expm1, lambda z, x: math.exp(x)),
    "log": (math.log, lambda z, x: 1 / x),
    "log2": (math.log2, lambda z, x: 1 / (x * _LN2)),
    "log10": (math.log10, lambda z, x: 1 / (x * _LN10)),
    "log1p": (math.log1p, lambda z, x: 1 / (1 + x)),
    "logaddexp": (lambda x, y: max(x, y) + math.log1p(math.exp(-abs(x - y))),
                  lambda z, x, y: 1 / (1 + math.exp(y - x)), lambda z, x, y: 1 / (1 + math.exp(x - y))),
    "logaddexp2": (lambda x, y: max(x, y) + math.log1p(2.0 ** -abs(x - y)) / _LN2,
                   lambda z, x, y: 1 / (1 + 2.0 ** (y - x)), lambda z, x, y: 1 / (1 + 2.0 ** (x - y))),
    "sin": (math.sin, lambda z, x: math.cos(x)),
    "cos": (math.cos, lambda z, x: -math.sin(x)),
    "tan": (math.tan, lambda z, x: 1 / math.cos(x) ** 2),
    "arcsin": (math.asin, lambda z, x: 1 / math.sqrt((1 - x) * (1 + x))),
    "arccos": (math.acos, lambda z, x: -1 / math.sqrt((1 - x) * (1 + x))),
    "arctan": (math.atan, lambda z, x: 1 / (1 + x * x)),
    "arctan2": (math.atan2, lambda z, y, x: x / (x * x + y * y), lambda z, y, x: -y / (x * x + y * y)),
    "hypot": (math.hypot, lambda z, x, y: x / z if z else 0.0, lambda z, x, y: y / z if z else 0.0),
    "sinh": (math.sinh, lambda z, x: math.cosh(x)),
    "cosh": (math.cosh, lambda z, x: math.sinh(x)),
    "tanh": (math.tanh, lambda z, x: 1 / math.cosh(x) ** 2),
    "arcsinh": (math.asinh, lambda z, x: 1 / math.hypot(1, x)),
    "arccosh": (math.acosh, lambda z, x: 1 / math.sqrt((x - 1) * (x + 1))),
    "arctanh": (math.atanh, lambda z, x: 1 / ((1 - x) * (1 + x))),
    "remainder": (lambda x, y: x % y, lambda z, x, y: 1.0, lambda z, x, y: -math.floor(x / y)),
    "fmod": (math.fmod, lambda z, x, y: 1.0, lambda z, x, y: -math.trunc(x / y)),
    "deg2rad": (math.radians, lambda z, x: math.pi / 180),
    "rad2deg": (math.degrees, lambda z, x: 180 / math.pi),
    "maximum": (max, lambda z, x, y: _below(y, x), lambda z, x, y: _below(x, y)),
    "minimum": (min, lambda z, x, y: _below(x, y), lambda z, x, y: _below(y, x)),
    "clip": (lambda x, low, high: min(max(x, low), high), lambda z, x, low, high: float(low <= x <= high),
             lambda z, x, low, high: float(x < low <= high), lambda z, x, low, high: float(x > high or low > high)),
}  # fmt: skip
_CALCULUS |= {other: _CALCULUS[name] for name, other in [("power", "float_power"), ("deg2rad", "radians"),
                                                         ("rad2deg", "degrees")]}  # fmt: skip
_CALCULUS |= {
    other: (lambda x, y, f=_CALCULUS[name][0]: y if np.isnan(x) else x if np.isnan(y) else f(x, y),
            lambda z, x, y, d=_CALCULUS[name][1]: float(np.isnan(y)) or d(z, x, y),
            lambda z, x, y, d=_CALCULUS[name][2]: float(np.isnan(x)) or d(z, x, y))
    for name, other in [("maximum", "fmax"), ("minimum", "fmin")]
}  # fmt: skip
_FLAT = frozenset(["sign", "floor", "ceil", "trunc", "spacing", "floor_divide"])
"""Steps: their derivative is 0 wherever it is defined."""
_OPERATORS = {"add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv", "power": "pow",
              "remainder": "mod", "negative": "neg", "positive": "pos", "absolute": "abs"}  # fmt: skip


class Scalar:
    """One number: `function` of `inputs`, which are Scalars or numbers.

    `backward` fills in `grad`, and in `size` the sum of the absolute terms of it, for its rounding error.
    """

    __slots__ = ("data", "function", "grad", "inputs", "size", "tape")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, data: Any, tape: list[Scalar], function: str = "", inputs: tuple[Any, ...] = ()) -> None:
        self.data, self.tape, self.function, self.inputs = np.float64(data), tape, function, inputs
        self.grad = self.size = np.float64(0.0)
        tape.append(self)

    def __bool__(self) -> bool:
        return bool(self.data)

    @property
    def real(self) -> Scalar:
        """The number itself."""
        return self

    @property
    def imag(self) -> float:
        """0, as of any real number."""
        return 0.0


def number(x: Any) -> np.float64:
    """The number that a Scalar holds, or that `x` is."""
    return x.data if isinstance(x, Scalar) else np.float64(x)


def apply(name: str, *inputs: Any) -> Any:
    """An elementary function of Scalars and numbers."""
    tape = next((x.tape for x in inputs if isinstance(x, Scalar)), None)
    numbers = [number(x) for x in inputs]
    try:
        z = _CALCULUS[name][0](*numbers)
    except (ValueError, OverflowError, ZeroDivisionError):  # where math raises, NumPy knows NaN and infinity
        z = getattr(np, name)(*numbers)
    return z if tape is None else Scalar(z, tape, name, inputs)


def backward(tape: list[Scalar]) -> None:
    """The chain rule, from the last Scalar to the first: `grad` of each from those of what was made of it."""
    for value in reversed(tape):
        if value.size == 0 or not value.inputs:
            continue  # no gradient arrives, whatever the slope
        numbers = [number(x) for x in value.inputs]
        for x, partial in zip(value.inputs, _CALCULUS[value.function][1:], strict=True):
            if isinstance(x, Scalar):
                try:
                    slope = partial(value.data, *numbers)
                except (ValueError, OverflowError, ZeroDivisionError):
                    slope = np.nan
                x.grad = x.grad + value.grad * slope
                x.size = x.size + value.size * abs(slope)


class Scalars(np.ndarray[Any, Any]):
    """An array of objects of class Scalar, on which NumPy's functions work one number at a time."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        plain = [x.view(np.ndarray) if isinstance(x, Scalars) else x for x in inputs]
        out = settings.pop("out", None)
        if method == "__call__" and ufunc.signature is None:
            result = _elementwise(ufunc, plain)
        else:  # sums, products: loops of NumPy over the operators of Scalar
            if settings.get("dtype") is not None:
                settings["dtype"] = object
            if settings.get("where", True) is not True:
                settings.setdefault("initial", ufunc.identity)  # of objects NumPy takes none to be the neutral one
            result = getattr(ufunc, method)(*plain, **settings)
            if ufunc.signature is not None and not all(map(np.size, plain)):
                result = np.zeros(np.shape(result))  # NumPy leaves None for a product of no objects
        if out is not None:
            out[0][...] = result
            return out[0]
        return scalars(result) if method != "at" and np.asarray(result).dtype == object else result

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        result = super().__array_function__(function, types, args, settings)
        return scalars(result) if isinstance(result, np.ndarray) and result.dtype == object else result

    def astype(self, dtype: Any, *args: Any, **settings: Any) -> Any:
        """The array itself: all numbers are of one precision here."""
        return self


def _elementwise(ufunc: np.ufunc, inputs: list[Any]) -> Any:
    name = "divide" if ufunc.__name__ == "true_divide" else ufunc.__name__
    if name in _CALCULUS:
        return np.frompyfunc(lambda *xs: apply(name, *xs), ufunc.nin, 1)(*inputs)
    own = getattr(np, name, None) is ufunc
    parts = name in ("real", "imag")  # how NumPy asks for the attributes of objects, since 2.5
    if parts or (not own and f"{'O' * ufunc.nin}->O" in ufunc.types):  # or a function of numbers, by np.frompyfunc
        return ufunc(*inputs)
    result = ufunc(*[numbers(x) for x in inputs])
    if name in _FLAT or np.asarray(result).dtype == np.bool_:
        return result
    raise TypeError(f"no derivative of {'np.' if own else ''}{name} is known here")


def scalars(x: Any) -> Scalars:
    """An array of objects as Scalars."""
    return np.asarray(x, dtype=object).view(Scalars)


def numbers(x: Any) -> Array:
    """The numbers in an array of Scalars and numbers, or what `x` is without them."""
    x = np.asarray(x)
    return np.array([number(v) for v in x.flat], dtype=np.float64).reshape(x.shape) if x.dtype == object else x


for _name in _CALCULUS:  # the names by which NumPy's loops over objects call
    setattr(Scalar, _name, lambda *xs, _name=_name: apply(_name, *xs))
for _name, _operator in _OPERATORS.items():
    setattr(Scalar, f"__{_operator}__", lambda *xs, _name=_name: apply(_name, *xs))
    setattr(Scalar, f"__r{_operator}__", lambda x, *ys, _name=_name: apply(_name, *ys, x))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    _compare = getattr(operator, _name)
    setattr(Scalar, f"__{_name}__", lambda x, y, _compare=_compare: bool(_compare(x.data, number(y))))


class Replay:
    """The graph of `recording` computed again, with the leaves as Scalars.

    `first_value` is the first node, in order of computation, whose value is not what was recorded, with both values;
    each node is computed from the values recorded for its inputs, so that rounding errors do not add up.
    """

    def __init__(self, recording: Recording, tolerance: float) -> None:
        self.tape: list[Scalar] = []
        self.leaves = {
            leaf: self._leaf(recording.values[leaf]) for leaf in recording.leaves if leaf in recording.values
        }
        self.values: dict[Node, Any] = dict(self.leaves)
        self.first_value: tuple[Node, Array, Array] | None = None
        for node in recording.order:
            ours = np.asarray(recording.values[node])
            inputs = [self.values.get(s, x) if type(s) is Node else x
                      for s, x in zip(node.inputs, recording.inputs[node], strict=True)]  # fmt: skip
            y = self.values[node] = self._run(node, inputs)
            theirs = numbers(y)
            sizes = [np.max(np.abs(v), initial=0.0) for v in map(numbers, (theirs, *inputs)) if v.dtype.kind == "f"]
            known = [s for s in sizes if np.isfinite(s)]
            if self.first_value is None and not agree(ours, theirs, tolerance * max(known, default=0.0)).all():
                self.first_value = node, ours, theirs
            if isinstance(y, Scalars):
                for value, recorded in zip(y.flat, ours.flat, strict=True):
                    if isinstance(value, Scalar):
                        value.data = np.float64(recorded)

    def _leaf(self, x: Any) -> Scalars:
        x = np.asarray(x)
        array = np.empty(x.shape, dtype=object)
        for k, v in enumerate(x.flat):
            array.flat[k] = Scalar(v, self.tape)
        return array.view(Scalars)

    def _run(self, node: Node, inputs: list[Any]) -> Any:
        op = op_of(node)
        try:
            y = op.kernel(*inputs, **node.attrs)
        except Exception as error:
            raise TypeError(
                f"compare: scalar cannot compute {op.name} number by number ({type(error).__name__}: {error}); write "
                f"its kernel with NumPy functions of arrays, or compare against 'finite'"
            ) from error
        y = np.asarray(y)
        if y.dtype == object:
            for k, v in enumerate(y.flat):
                if isinstance(v, np.ndarray):  # a 0-d array that was assigned to one element
                    y.flat[k] = v[()]
        return scalars(y) if y.dtype == object else y

    def gradients(self, root: Node, weights: Array) -> dict[Node, tuple[Array, Array]]:
        """For each leaf, the gradient of the sum of `root` times `weights`, and the sum of its absolute terms."""
        for value, w in zip(np.asarray(self.values[root]).flat, np.asarray(weights).flat, strict=True):
            if isinstance(value, Scalar):
                value.grad, value.size = value.grad + w, value.size + abs(w)
        backward(self.tape)
        return {leaf: (_each(x, "grad"), _each(x, "size")) for leaf, x in self.leaves.items()}


def _each(values: Any, field: str) -> Array:
    return np.array([getattr(v, field) for v in values.flat], dtype=np.float64).reshape(values.shape)


def agree(a: Any, b: Any, within: Any) -> Array:
    """Where two numbers are the same, infinities and NaN included, or at most `within` apart."""
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= within))
