"""Elementwise operations: each is its kernel and one local derivative per input, `(output, *inputs)`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.declare import elementwise, linear
from ..engine.node import Symbolic
from .complex_parts import direction, is_complex

__all__ = [
    "abs", "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt",
    "ceil", "clip", "copysign", "cos", "cosh", "deg2rad", "degrees", "divide", "exp", "exp2", "expm1", "fabs",
    "float_power", "floor", "floor_divide", "fmax", "fmin", "fmod", "heaviside", "hypot", "log", "log10", "log1p",
    "log2", "logaddexp", "logaddexp2", "maximum", "minimum", "multiply", "negative", "positive", "power", "rad2deg",
    "radians", "reciprocal", "remainder", "rint", "sign", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh",
    "trunc", "where",
]  # fmt: skip

# --------------------------------------------------------------------------------- what to say of infinities
DIVISION = {"singular": ("division by 0", "it divides by 0", "keep the denominator away from 0, as in x / (y + 1e-12)")}
LOGARITHM = {
    "singular": (
        "log(0)",
        "the value of {op}(0) is -inf and its slope infinite",
        "keep the argument away from 0, as in log(x + 1e-12), or use a fused form: log_softmax, "
        "nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits",
    )
}
LOGARITHM_OF_1_AND = {
    "singular": ("log(0)", "the value of {op}(-1) is -inf and its slope infinite", "keep the argument above -1")
}
OVERFLOW = {
    "overflow": (
        "overflow",
        "the result is too large for its type",
        "subtract the largest input first, as tg.softmax and tg.logsumexp do, or limit it with tg.clip",
    )
}

# ---------------------------------------------------------------------------------------------- arithmetic
add = elementwise(1, 1, symbol="+", onnx="Add", holomorphic=True, spelling="{} + {}")(np.add)
subtract = elementwise(1, -1, symbol="−", onnx="Sub", holomorphic=True, spelling="{} - {}")(np.subtract)
multiply = elementwise(
    lambda z, x, y: y, lambda z, x, y: x, symbol="×", onnx="Mul", holomorphic=True, spelling="{} * {}"
)(np.multiply)
divide = elementwise(
    lambda z, x, y: 1 / y,
    lambda z, x, y: -z / y,
    symbol="/",
    onnx="Div",
    holomorphic=True,
    reasons=DIVISION,
    spelling="{} / {}",
)(np.divide)
negative = elementwise(-1, symbol="−", onnx="Neg", holomorphic=True)(np.negative)
positive = elementwise(1, symbol="+", onnx="Identity", holomorphic=True)(np.positive)
remainder = elementwise(1, lambda z, x, y: -np.floor_divide(x, y), symbol="mod", reasons=DIVISION)(np.remainder)
floor_divide = elementwise(0, 0, symbol="//", reasons=DIVISION)(np.floor_divide)
fmod = elementwise(1, lambda z, x, y: -np.rint((x - z) / y), symbol="fmod", reasons=DIVISION)(np.fmod)
reciprocal = elementwise(lambda y, x: -y * y, symbol="1/", onnx="Reciprocal", holomorphic=True, reasons=DIVISION)(
    np.reciprocal
)
square = elementwise(lambda y, x: 2 * x, symbol="²", holomorphic=True)(np.square)
sqrt = elementwise(lambda y, x: 0.5 / y, symbol="√", onnx="Sqrt", domain=(0, np.inf), holomorphic=True)(np.sqrt)
cbrt = elementwise(lambda y, x: 1 / (3 * y * y), symbol="∛")(np.cbrt)
absolute = abs = elementwise(lambda y, x: direction(x), symbol="|·|", onnx="Abs", kinks=(0.0,), conjugates=True)(
    np.absolute
)
fabs = elementwise(lambda y, x: np.sign(x), symbol="|·|", onnx="Abs", kinks=(0.0,))(np.fabs)
copysign = elementwise(lambda z, x, y: np.sign(x) * np.copysign(1, y), 0, ties=lambda z, x, y: np.equal(x, 0))(
    np.copysign
)
sign = elementwise(0, onnx="Sign", kinks=(0.0,))(np.sign)
heaviside = elementwise(0, lambda z, x, y: np.equal(x, 0))(np.heaviside)
floor = elementwise(0, onnx="Floor")(np.floor)
ceil = elementwise(0, onnx="Ceil")(np.ceil)
trunc = elementwise(0)(np.trunc)
rint = elementwise(0, onnx="Round")(np.rint)


def _power_base(z: Any, x: Any, y: Any) -> Any:
    """d(x**y)/dx = y x**(y-1), and 0 for y = 0 whatever x is."""
    if isinstance(y, int | float):
        return y * np.power(x, y - 1) if y else np.zeros_like(x)
    still = np.equal(y, 0)
    return y * np.power(x, np.where(still, 1, y - 1))


def _power_exponent(z: Any, x: Any, y: Any) -> Any:
    """d(x**y)/dy = x**y log x, and 0 where x is 0."""
    if isinstance(x, int | float) and not is_complex(z):
        return z * np.log(x or 1).item()
    base = np.where(np.equal(x, 0), 1, x)
    return z * np.log(base.astype(z.dtype) if is_complex(z) else base)  # of a negative base, too


power = elementwise(
    _power_base, _power_exponent, symbol="^", onnx="Pow", domain=(0, np.inf), holomorphic=True, reasons=DIVISION
)(np.power)
float_power = elementwise(
    _power_base, _power_exponent, symbol="^", domain=(0, np.inf), holomorphic=True, reasons=DIVISION
)(np.float_power)

# ------------------------------------------------------------------------------- exponentials, logarithms
exp = elementwise(lambda y, x: y, onnx="Exp", holomorphic=True, saturates=(0, np.inf), reasons=OVERFLOW)(np.exp)
exp2 = elementwise(lambda y, x: y * np.log(2).item(), holomorphic=True, saturates=(0, np.inf), reasons=OVERFLOW)(
    np.exp2
)
expm1 = elementwise(lambda y, x: np.exp(x), holomorphic=True, saturates=(-1, np.inf), reasons=OVERFLOW)(np.expm1)
log = elementwise(lambda y, x: 1 / x, onnx="Log", domain=(0, np.inf), holomorphic=True, reasons=LOGARITHM)(np.log)
log2 = elementwise(lambda y, x: (1 / np.log(2)).item() / x, domain=(0, np.inf), holomorphic=True, reasons=LOGARITHM)(
    np.log2
)
log10 = elementwise(lambda y, x: (1 / np.log(10)).item() / x, domain=(0, np.inf), holomorphic=True, reasons=LOGARITHM)(
    np.log10
)
log1p = elementwise(lambda y, x: 1 / (1 + x), domain=(-1, np.inf), holomorphic=True, reasons=LOGARITHM_OF_1_AND)(
    np.log1p
)


def _share_slope(z: Any, x: Any, y: Any, *, unit: float) -> Any:
    return unit * z * _share(y, x, unit=unit)


@elementwise(_share_slope, lambda z, x, y, *, unit: -_share_slope(z, x, y, unit=unit), name="share")
def _share(x: Any, y: Any, *, unit: float = 1) -> Any:
    """exp(x) / (exp(x) + exp(y)), in units of `unit`, to the last digit; 1/2 of two inf, 0 of two -inf."""
    with np.errstate(invalid="ignore", over="ignore"):  # inf - inf; exp(...) = inf gives the right 0
        part = 1 / (1 + np.exp(unit * (y - x)))
    return np.where(np.equal(x, y), np.greater(x, -np.inf) * part.dtype.type(0.5), part)


_LN2 = math.log(2)
logaddexp = elementwise(lambda z, x, y: _share(x, y), lambda z, x, y: _share(y, x))(np.logaddexp)
logaddexp2 = elementwise(lambda z, x, y: _share(x, y, unit=_LN2), lambda z, x, y: _share(y, x, unit=_LN2))(
    np.logaddexp2
)

# --------------------------------------------------------------------------- trigonometric and hyperbolic
sin = elementwise(lambda y, x: np.cos(x), onnx="Sin", holomorphic=True)(np.sin)
cos = elementwise(lambda y, x: -np.sin(x), onnx="Cos", holomorphic=True)(np.cos)
tan = elementwise(lambda y, x: 1 + y * y, onnx="Tan", holomorphic=True)(np.tan)
arcsin = elementwise(lambda y, x: 1 / (np.sqrt(1 - x) * np.sqrt(1 + x)), onnx="Asin", domain=(-1, 1), holomorphic=True)(
    np.arcsin
)  # 1 - x and 1 + x are exact near 1 and -1, and not too large anywhere, as a square is
arccos = elementwise(
    lambda y, x: -1 / (np.sqrt(1 - x) * np.sqrt(1 + x)), onnx="Acos", domain=(-1, 1), holomorphic=True
)(np.arccos)


def _arctan_slope(y: Any, x: Any) -> Any:
    if is_complex(x):
        return 1 / (1 - 1j * x) / (1 + 1j * x)
    return 1 / (1 + x * x)


arctan = elementwise(_arctan_slope, onnx="Atan", holomorphic=True, saturates=(-math.pi / 2, math.pi / 2))(np.arctan)


def _across(x: Any, y: Any) -> Any:
    """x / (x² + y²), without squares."""
    r = np.hypot(x, y)
    return x / r / r


arctan2 = elementwise(lambda z, y, x: _across(x, y), lambda z, y, x: -_across(y, x))(np.arctan2)
hypot = elementwise(lambda z, x, y: _ratio(x, z), lambda z, x, y: _ratio(y, z), ties=lambda z, x, y: np.equal(z, 0))(
    np.hypot
)
sinh = elementwise(lambda y, x: np.cosh(x), onnx="Sinh", holomorphic=True, reasons=OVERFLOW)(np.sinh)
cosh = elementwise(lambda y, x: np.sinh(x), onnx="Cosh", holomorphic=True, reasons=OVERFLOW)(np.cosh)
tanh = elementwise(lambda y, x: 1 - y * y, onnx="Tanh", holomorphic=True, saturates=(-1, 1))(np.tanh)


def _arcsinh_slope(y: Any, x: Any) -> Any:
    if is_complex(x):
        return 1 / (np.sqrt(1 - 1j * x) * np.sqrt(1 + 1j * x))
    if isinstance(x, Symbolic):  # which may stand for complex numbers
        return 1 / np.sqrt(1 + np.square(x))  # type: ignore[call-overload]
    return 1 / np.hypot(x, 1)


arcsinh = elementwise(_arcsinh_slope, onnx="Asinh", holomorphic=True)(np.arcsinh)
arccosh = elementwise(
    lambda y, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)), onnx="Acosh", domain=(1, np.inf), holomorphic=True
)(np.arccosh)
arctanh = elementwise(lambda y, x: 1 / (1 - x) / (1 + x), onnx="Atanh", domain=(-1, 1), holomorphic=True)(np.arctanh)
deg2rad = elementwise(lambda y, x: math.pi / 180)(np.deg2rad)  # a number from a function widens no float32
radians = elementwise(lambda y, x: math.pi / 180)(np.radians)
rad2deg = elementwise(lambda y, x: 180 / math.pi)(np.rad2deg)
degrees = elementwise(lambda y, x: 180 / math.pi)(np.degrees)

# --------------------------------------------------------------------------------- comparing and choosing


def _ratio(x: Any, z: Any) -> Any:
    """x / z, and 0 where z is 0."""
    return x / np.where(np.equal(z, 0), np.inf, z)  # so that its derivative is 0 there, too


def _share_above(x: Any, y: Any) -> Any:
    """1 where x is above y, 0 where below, 1/2 for each where they are equal."""
    return np.where(np.equal(x, y), 0.5, np.greater(x, y)).astype(np.result_type(x, y))


def _tie(z: Any, x: Any, y: Any) -> Any:
    return np.equal(x, y)


maximum = elementwise(
    lambda z, x, y: _share_above(x, y), lambda z, x, y: _share_above(y, x),
    symbol="max", onnx="Max", ties=_tie, extremum="maximum",
)(np.maximum)  # fmt: skip
minimum = elementwise(
    lambda z, x, y: _share_above(y, x), lambda z, x, y: _share_above(x, y),
    symbol="min", onnx="Min", ties=_tie, extremum="minimum",
)(np.minimum)  # fmt: skip
fmax = elementwise(  # what is not NaN is above what is
    lambda z, x, y: _share_above(x, y) + np.isnan(y), lambda z, x, y: _share_above(y, x) + np.isnan(x),
    symbol="max", ties=_tie, extremum="maximum",
)(np.fmax)  # fmt: skip
fmin = elementwise(
    lambda z, x, y: _share_above(y, x) + np.isnan(y), lambda z, x, y: _share_above(x, y) + np.isnan(x),
    symbol="min", ties=_tie, extremum="minimum",
)(np.fmin)  # fmt: skip


@elementwise(
    lambda z, x, low, high: (x >= low) & (x <= high),
    lambda z, x, low, high: (x < low) & (low <= high),
    lambda z, x, low, high: (x > high) | (low > high),  # NumPy gives high where the limits cross
    name="clip",
    onnx="Clip",
    ties=lambda z, x, low, high: np.equal(x, low) | np.equal(x, high),
    saturates=lambda z, x, low, high: (low, high),
    spelling="np.clip",
)
def _clip(x, low, high):  # type: ignore[no-untyped-def]
    return np.clip(x, low, high)


def clip(x: Any, min: Any = None, max: Any = None) -> Any:  # NumPy's names
    """`x` limited to [`min`, `max`], elementwise; None leaves a side open. Derivative 1 inside and at the ends.

    >>> clip(np.array([-2.0, 0.5, 3.0]), -1, 1)
    array([-1. ,  0.5,  1. ])
    """
    if min is None and max is None:
        return positive(x)
    if min is None or max is None:
        given = [np.asarray(getattr(v, "_array", v)) for v in (x, min, max) if v is not None]
        if all(v.dtype.kind in "biu" for v in given):  # infinity would make them floating point
            return minimum(x, max) if min is None else maximum(x, min)
    return _clip(x, -np.inf if min is None else min, np.inf if max is None else max)


@linear(None, lambda g, z, condition, x, y: np.where(condition, g, 0),
        lambda g, z, condition, x, y: np.where(condition, 0, g), selects=True, name="where", onnx="Where",
        reasons={"zero": ("unselected", "{op} picks its other branch wherever a gradient arrives",
                          "check the condition")}, fresh=True, spelling="np.where")  # fmt: skip
def _where(condition, x, y):  # type: ignore[no-untyped-def]
    return np.where(condition, x, y)


def where(condition: Any, *choices: Any) -> Any:
    """`where(condition, x, y)`: `x` where the condition holds, else `y`; without them, the indices where it holds.

    The branch that is not selected contributes exactly 0 to the gradient, also where its own derivative is
    infinite or NaN.

    >>> where(np.array([True, False]), np.array([1.0, 2.0]), 0.0)
    array([1., 0.])
    """
    return _where(condition, *choices) if choices else np.nonzero(condition)
