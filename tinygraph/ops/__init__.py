"""The operations, by their NumPy names: one namespace over the families in this folder."""

from .activation import elu, gelu, leaky_relu, log_softmax, logsumexp, relu, sigmoid, silu, softmax, softplus
from .elementwise import (
    abs, absolute, add, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, cbrt, ceil, clip, cos, cosh,
    divide, exp, exp2, expm1, fabs, floor, floor_divide, hypot, log, log1p, log2, log10, logaddexp, maximum, minimum,
    multiply, negative, positive, power, reciprocal, remainder, rint, sign, sin, sinh, sqrt, square, subtract, tan,
    tanh, trunc, where,
)  # fmt: skip
from .indexing import getitem, scatter, setitem, take, take_along_axis
from .linalg import dot, einsum, matmul, outer, tensordot
from .logic import (
    all, any, argmax, argmin, bitwise_and, bitwise_or, bitwise_xor, equal, greater, greater_equal, invert, isfinite,
    isinf, isnan, isneginf, less, less_equal, logical_and, logical_not, logical_or, logical_xor, not_equal, signbit,
)  # fmt: skip
from .reduction import cumsum, max, mean, min, prod, std, sum, var
from .shape import (
    astype, broadcast_to, concatenate, expand_dims, flip, moveaxis, pad, repeat, reshape, roll, split, squeeze, stack,
    swapaxes, tile, transpose,
)  # fmt: skip

__all__ = [
    "abs", "absolute", "add", "all", "any", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2",
    "arctanh", "argmax", "argmin", "astype", "bitwise_and", "bitwise_or", "bitwise_xor", "broadcast_to", "cbrt",
    "ceil", "clip", "concatenate", "cos", "cosh", "cumsum", "divide", "dot", "einsum", "elu", "equal", "exp",
    "exp2", "expand_dims", "expm1", "fabs", "flip", "floor", "floor_divide", "gelu", "getitem", "greater",
    "greater_equal", "hypot", "invert", "isfinite", "isinf", "isnan", "isneginf", "leaky_relu", "less",
    "less_equal", "log", "log10", "log1p", "log2", "log_softmax", "logaddexp", "logical_and", "logical_not",
    "logical_or", "logical_xor", "logsumexp", "matmul", "max", "maximum", "mean", "min", "minimum", "moveaxis",
    "multiply", "negative", "not_equal", "outer", "pad", "positive", "power", "prod", "reciprocal", "relu",
    "remainder", "repeat", "reshape", "rint", "roll", "scatter", "setitem", "sigmoid", "sign", "signbit", "silu",
    "sin", "sinh", "softmax", "softplus", "split", "sqrt", "square", "squeeze", "stack", "std", "subtract", "sum",
    "swapaxes", "take", "take_along_axis", "tan", "tanh", "tensordot", "tile", "transpose", "trunc", "var", "where",
]  # fmt: skip
