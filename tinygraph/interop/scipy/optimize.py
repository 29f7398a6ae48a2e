"""`scipy.optimize.minimize` with exact derivatives of a plain NumPy function, of arrays and nests of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

from ...engine.trees import flatten
from ...tensors.tensor import Tensor
from ...transforms import hessian, hvp, value_and_grad
from ...transforms.joint import parts_of, with_leaves

_WITHOUT_GRADIENT = ("nelder-mead", "powell", "cobyla", "cobyqa")
_WITH_PRODUCTS = ("newton-cg", "trust-ncg", "trust-krylov", "trust-constr")
_WITH_HESSIAN = ("dogleg", "trust-exact")


def minimize(
    f: Callable[..., Any], x0: Any, args: tuple[Any, ...] = (), method: str | None = None, **options: Any
) -> Any:
    """SciPy's `minimize` of f(x, *args), one number, with what the method takes of the exact gradient and Hessian.

    `x0` is a number, an array or Tensor of any shape, or nested dicts, lists and tuples of them; f is given x built the
    same way. Returns SciPy's OptimizeResult, in which `x` and `jac` are built like `x0` (arrays); everything else, such
    as `hess_inv`, is about all numbers of x in a row, and so are `bounds` and `constraints`. Newton-CG, trust-ncg,
    trust-krylov and trust-constr get Hessian-vector products, dogleg and trust-exact the Hessian. Other keywords are
    SciPy's. Raises TypeError for `jac`, `hess` or `hessp`, which are computed.

    >>> def rosenbrock(p):
    ...     return (1 - p["a"]) ** 2 + 100 * (p["b"] - p["a"] ** 2) ** 2
    >>> result = minimize(rosenbrock, {"a": -1.2, "b": 1.0}, method="BFGS")
    >>> round(float(result.x["a"]), 4), round(float(result.x["b"]), 4)
    (1.0, 1.0)
    """
    given = sorted({"jac", "hess", "hessp"} & options.keys())
    if given:
        raise TypeError(
            f"minimize: {', '.join(given)} is computed exactly from f; leave it out, or use SciPy's minimize"
        )
    leaves = [np.asarray(x._array if isinstance(x, Tensor) else x, dtype=float) for x in flatten(x0)]
    if not leaves:
        raise ValueError(f"minimize: there are no numbers in x0 = {x0!r:.60}; give a start")
    shapes = [x.shape for x in leaves]

    def like_x0(v: Any) -> Any:
        return with_leaves(x0, dict(enumerate(parts_of(v, shapes))))

    def of_vector(v: Any) -> Any:
        return f(like_x0(v), *args)

    name = (method or "").lower()
    if name in _WITHOUT_GRADIENT:
        fun: Any = lambda v: float(of_vector(v))  # noqa: E731  of two functions one is chosen
    else:
        fun, options["jac"] = value_and_grad(of_vector), True
    if name in _WITH_HESSIAN:
        options["hess"] = hessian(of_vector)
    elif name in _WITH_PRODUCTS:
        options["hessp"] = lambda v, p: hvp(of_vector, v, p)
    callback = options.get("callback")
    if callback is not None:
        options["callback"] = lambda v, *state: callback(like_x0(v), *state)
    result = optimize.minimize(fun, np.concatenate([x.ravel() for x in leaves]), method=method, **options)
    result.x = like_x0(result.x)
    if "jac" in result and isinstance(result.jac, np.ndarray):
        result.jac = like_x0(result.jac)
    return result
