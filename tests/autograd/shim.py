"""A pytest plugin under which `import autograd` gives tinygraph: NumPy for autograd.numpy, our transforms for its own.

`python -m pytest -p tests.autograd.shim FOLDER` runs autograd's tests in FOLDER so. Only names are translated:
every derivative is that of `tg.vjp` and `tg.jvp`, every rule of one's own a `tg.custom_vjp`.
"""

from __future__ import annotations

import builtins
import functools
import itertools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

import tinygraph as tg
from tests.autograd import arrays, spaces
from tests.autograd.arrays import namespace as _module
from tests.autograd.convolution import convolve
from tests.autograd.spaces import leaves, vspace

# ------------------------------------------------------------------------------------------- transforms


def unary_to_nary(operator: Callable[..., Any]) -> Callable[..., Any]:
    """An operator on functions of one argument, made one that is told the position of the argument, or several."""

    @functools.wraps(operator)
    def nary(f: Any, argnum: Any = 0, *rest: Any, **options: Any) -> Any:
        assert type(argnum) in (int, tuple, list), argnum

        def run(*args: Any, **kwargs: Any) -> Any:
            def unary(x: Any) -> Any:
                given = builtins.list(args)
                for k, value in [(argnum, x)] if type(argnum) is int else zip(argnum, x, strict=True):
                    given[k] = value
                return f(*given, **kwargs)

            unary.__name__ = getattr(f, "__name__", "[unknown name]")
            x = args[argnum] if type(argnum) is int else builtins.tuple([args[k] for k in argnum])
            return operator(unary, x, *rest, **options)

        return run

    return nary


def _flat(y: Any) -> Any:
    """What a function returned, as one Tensor or array: nests as a vector."""
    if not isinstance(y, (list, tuple, dict)):
        return y
    found = [np.ravel(leaf) for leaf in leaves(y)]
    return np.concatenate(found) if found else np.zeros(0)


def make_vjp_of_one(f: Any, x: Any) -> tuple[Callable[[Any], Any], Any]:
    output: list[Any] = []

    def flat(x: Any) -> Any:
        output[:] = [f(x)]
        y = _flat(output[0])
        return float(y) if np.result_type(y).kind == "b" else y  # a result that jumps: autograd's gradient of it is 0

    value, pull = tg.vjp(flat, x)
    value = spaces.like(output[0], value) if isinstance(output[0], (list, tuple, dict)) else value
    return lambda g: spaces.conjugated(pull(spaces.conjugated(_flat(g)))[0]), value


def make_jvp_of_one(f: Any, x: Any) -> Callable[[Any], tuple[Any, Any]]:
    def push(v: Any) -> tuple[Any, Any]:
        output: list[Any] = []

        def flat(x: Any) -> Any:
            output[:] = [f(x)]
            return _flat(output[0])

        value, tangent = tg.jvp(flat, (x,), (v,))
        if isinstance(output[0], (list, tuple, dict)):
            return spaces.like(output[0], value), spaces.like(output[0], tangent)
        return value, tangent

    return push


@unary_to_nary
def grad(f: Any, x: Any) -> Any:
    try:
        return spaces.conjugated(tg.grad(f)(x))
    except tg.TinygraphError as error:
        raise TypeError(str(error)) from error


@unary_to_nary
def value_and_grad(f: Any, x: Any) -> Any:
    pull, y = make_vjp_of_one(f, x)
    return y, pull(vspace(y).ones())


@unary_to_nary
def grad_and_aux(f: Any, x: Any) -> Any:
    return tg.grad(f, has_aux=True)(x)


@unary_to_nary
def elementwise_grad(f: Any, x: Any) -> Any:
    pull, y = make_vjp_of_one(f, x)
    return pull(vspace(y).ones())


@unary_to_nary
def deriv(f: Any, x: Any) -> Any:
    return make_jvp_of_one(f, x)(vspace(x).ones())[1]


@unary_to_nary
def jacobian(f: Any, x: Any) -> Any:
    return tg.jacobian(f)(x)


@unary_to_nary
def hessian(f: Any, x: Any) -> Any:
    return tg.jacobian(tg.jacobian(f))(x)


@unary_to_nary
def holomorphic_grad(f: Any, x: Any) -> Any:
    return grad(lambda x: np.real(f(x)))(x)


@unary_to_nary
def make_hvp(f: Any, x: Any) -> Any:
    return make_vjp_of_one(grad(f), x)


def hessian_tensor_product(f: Any, argnum: int = 0) -> Any:
    def product(*args: Any) -> Any:
        *args, v = args
        return np.tensordot(grad(f, argnum)(*args), v, np.ndim(v))

    return grad(product, argnum)


def tensor_jacobian_product(f: Any, argnum: int = 0) -> Any:
    def product(*args: Any) -> Any:
        *args, v = args
        return np.tensordot(v, f(*args), np.ndim(v))

    return jacobian(product, argnum)


def make_ggnvp(f: Any, g: Any = lambda y: np.dot(y, y) / 2) -> Any:
    def at(x: Any) -> Any:
        pull, y = make_vjp_of_one(f, x)
        hvp, _ = make_vjp_of_one(grad(g), y)
        return lambda v: pull(hvp(make_jvp_of_one(f, x)(v)[1]))

    return at


# -------------------------------------------------------------------------------------- rules of one's own


def primitive(f: Any) -> Any:
    """autograd's primitive: one node, with a rule for each argument by position, each given the answer."""
    makers: dict[int, Any] = {}
    recorded = tg.custom_vjp(f)

    def forward(*args: Any, **kwargs: Any) -> Any:
        answer = f(*args, **kwargs)
        return answer, (answer, args)

    def backward(kept: Any, g: Any) -> Any:
        answer, args = kept
        return builtins.tuple(
            [makers[k](answer, *args)(g) if makers.get(k) else np.zeros(np.shape(x)) for k, x in enumerate(args)]
        )

    recorded.defvjp(forward, backward)

    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        if not makers and any(isinstance(x, tg.Tensor) for x in args):
            raise NotImplementedError(f"{f.__name__}: has no rule; give one by defvjp")
        return recorded(*args, **kwargs) if makers else f(*args, **kwargs)

    run.makers = makers  # type: ignore[attr-defined]
    run.defgrad = lambda maker, argnum=0: makers.update({argnum: maker})  # type: ignore[attr-defined]
    run.defvjp = lambda rule, argnum=0: makers.update(  # type: ignore[attr-defined]
        {argnum: lambda answer, *args: lambda g: rule(g, answer, vspace(args[argnum]), vspace(g), *args)}
    )
    run.defvjp_is_zero = lambda argnums=(0,): makers.update(dict.fromkeys(argnums))  # type: ignore[attr-defined]
    return run


def defvjp(f: Any, *makers: Any, argnums: Any = None) -> None:
    f.makers.update(zip(argnums or itertools.count(), makers))


# ------------------------------------------------------------------------------------------------ checks


def _close(a: Any, b: Any) -> bool:
    return abs(a - b) < 1e-6 or abs(a - b) / abs(a + b) < 1e-6


def _difference(f: Any, x: Any, v: Any, step: float = 1e-6) -> Any:
    space = vspace(x)
    up, down = (f(space.add(x, space.scalar_mul(v, h))) for h in (step / 2, -step / 2))
    to = vspace(up)
    return to.scalar_mul(to.add(up, to.scalar_mul(down, -1.0)), 1 / step)


def check_equivalent(x: Any, y: Any) -> None:
    assert vspace(x) == vspace(y), f"{vspace(x)} is not {vspace(y)}"
    v = vspace(x).randn()
    assert _close(vspace(x).inner_prod(x, v), vspace(x).inner_prod(y, v)), f"{x} is not {y}"


@unary_to_nary
def check_grads(f: Any, x: Any, modes: Any = ("fwd", "rev"), order: int = 2) -> None:
    """Both modes against central differences, along random directions, and so the derivatives of derivatives."""
    name, space = f.__name__, vspace(x)
    if "fwd" in modes:
        v = space.randn()
        check_equivalent(make_jvp_of_one(f, x)(v)[1], _difference(f, x, v))
        if order > 1:

            def pushed(x: Any, v: Any) -> Any:
                return make_jvp_of_one(f, x)(v)[1]

            pushed.__name__ = f"jvp_{name}"
            check_grads(pushed, (0, 1), modes, order=order - 1)(x, space.randn())
    if "rev" in modes:
        pull, y = make_vjp_of_one(f, x)
        to = vspace(y)
        v, w = space.randn(), to.randn()
        found = space.covector(pull(to.covector(w)))
        assert vspace(found) == space, f"{vspace(found)} is not {space}"
        slope, measured = space.inner_prod(v, found), to.inner_prod(w, _difference(f, x, v))
        assert _close(measured, slope), f"Derivative (VJP) check of {name} failed with arg {x}: {slope}, {measured}"
        if order > 1:

            def pulled(x: Any, w: Any) -> Any:
                return make_vjp_of_one(f, x)[0](w)

            pulled.__name__ = f"vjp_{name}"
            check_grads(pulled, (0, 1), modes, order=order - 1)(x, to.randn())


def combo_check(f: Any, *options: Any, **more: Any) -> Callable[..., None]:
    def check(*args: Any, **kwargs: Any) -> None:
        for given in itertools.product(*args):
            for values in itertools.product(*kwargs.values()):
                check_grads(f, *options, **more)(*given, **dict(zip(kwargs, values, strict=True)))

    return check


def quick_grad_check(f: Any, x: Any, extra_args: Any = (), kwargs: Any = None) -> None:
    check_grads(lambda x: f(x, *extra_args, **(kwargs or {})), modes=["rev"], order=1)(x)


# ------------------------------------------------------------------------------------------- the package


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    pull, flat = make_vjp_of_one(lambda x: np.ravel(_flat(spaces.sorted_nest(x))), value)
    return flat, pull


def is_instance(x: Any, types: Any) -> bool:
    """Python's, but that a Tensor counts as an array."""
    return isinstance(np.zeros(0) if isinstance(x, tg.Tensor) else x, types)


def odeint(f: Any, y0: Any, t: Any, args: Any = ()) -> Any:
    """SciPy's: f(y, t, *args), at the times t."""
    return tg.odeint(f, y0, t, *args, rtol=1e-10, atol=1e-10)


transforms = {
    "make_vjp": unary_to_nary(make_vjp_of_one), "make_jvp": unary_to_nary(make_jvp_of_one), "grad": grad,
    "value_and_grad": value_and_grad, "grad_and_aux": grad_and_aux, "elementwise_grad": elementwise_grad,
    "deriv": deriv, "jacobian": jacobian, "hessian": hessian, "holomorphic_grad": holomorphic_grad,
    "make_hvp": make_hvp, "hessian_tensor_product": hessian_tensor_product, "checkpoint": tg.checkpoint,
    "tensor_jacobian_product": tensor_jacobian_product, "make_ggnvp": make_ggnvp,
}  # fmt: skip
containers = {"list": list, "dict": dict, "tuple": tuple, "isinstance": is_instance, "type": type}
rules = {"primitive": primitive, "defvjp": defvjp, "vspace": vspace, "isbox": lambda x: isinstance(x, tg.Tensor)}
scipy_names = {
    "stats": _module("autograd.scipy.stats", tg.scipy.stats),
    "special": _module("autograd.scipy.special", tg.scipy.special, scipy.special),
    "linalg": tg.scipy.linalg,
    "signal": _module("autograd.scipy.signal", convolve=convolve),
    "integrate": _module("autograd.scipy.integrate", odeint=odeint),
}
modules = {
    "autograd.numpy": arrays.numpy, "autograd.numpy.random": np.random,
    "autograd.scipy": _module("autograd.scipy", **scipy_names),
    "autograd.core": _module("autograd.core", primitive_vjps={}, make_vjp=make_vjp_of_one,
                             make_jvp=make_jvp_of_one, **rules),
    "autograd.extend": _module("autograd.extend", **rules), "autograd.tracer": _module("autograd.tracer", **rules),
    "autograd.builtins": _module("autograd.builtins", **containers),
    "autograd.misc": _module("autograd.misc", flatten=flatten, const_graph=functools.partial),
    "autograd.util": _module("autograd.util", quick_grad_check=quick_grad_check),
    "autograd.wrap_util": _module("autograd.wrap_util", unary_to_nary=unary_to_nary),
    "autograd.test_util": _module("autograd.test_util", check_grads=check_grads, check_equivalent=check_equivalent,
                                  combo_check=combo_check, scalar_close=_close),
    **{f"autograd.scipy.{name}": module for name, module in scipy_names.items()},
    "autograd.scipy.stats.multivariate_normal": tg.scipy.stats.multivariate_normal,
}  # fmt: skip
package = _module("autograd", **transforms, **containers)
package.__path__ = []
for path, module in modules.items():
    parent, _, name = path.rpartition(".")
    if parent == "autograd":
        setattr(package, name, module)


def pytest_load_initial_conftests() -> None:
    """Only where this is named as a plugin: pytest imports it for its doctests too, and autograd stays autograd."""
    sys.modules.update({"autograd": package, **modules})
