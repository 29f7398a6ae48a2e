"""Derivatives of functions: the gradient, products with the Jacobian and with the Hessian."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.forward import pushforward
from ..engine.mode import switch
from ..engine.node import Node
from ..engine.trees import children, map_leaves
from ..tensors import conversions
from ..tensors.tensor import Tensor
from .call import Call, check_function

# ------------------------------------------------------------------------------------------------ first order


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that returns `(f(*args), gradient)`; the gradient as `tg.grad` gives it.

    With `has_aux`, `f` returns `(value, aux)` and so does the first result.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """
    return value_and_grad_for("value_and_grad", f, argnums, has_aux)


def value_and_grad_for(
    function: str, f: Callable[..., Any], argnums: int | Sequence[int], has_aux: bool
) -> Callable[..., Any]:
    """The function that `value_and_grad` returns; messages name `function`."""
    check_function(function, f)

    @functools.wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        call = Call(function, f, argnums, args, kwargs, has_aux)
        gradient = call.like_arguments(call.gradient(recorded=call.nested, retain=call.nested))
        return call.beside_aux(call.to_caller(call.output)), gradient

    return value_and_gradient


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns the gradient of `f`, which returns one number.

    `argnums` says with respect to which arguments: an int, or several for a tuple of gradients. An argument
    may be a number, an array, a Tensor, or lists, dicts and dataclasses of them; the gradient has the same structure,
    shapes and dtypes. Python's integers count as floats. With `has_aux`, `f` returns `(value, aux)` and the result is
    `(gradient, aux)`. Applies to itself for higher orders. Of a result that does not depend on the argument the
    gradient is 0. Raises NotDifferentiable for bool and integer arrays, as argument or as result.

    For Tensors the gradient is recorded, and can be differentiated again, if they or tensors that `f` closes
    over (parameters) are tracked; for arrays it is always plain arrays.

    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (12.0, 12.0)
    """
    return gradient_for("grad", f, argnums, has_aux)


def gradient_for(
    function: str, f: Callable[..., Any], argnums: int | Sequence[int], has_aux: bool
) -> Callable[..., Any]:
    """The function that `grad` returns; messages name `function`."""
    both = value_and_grad_for(function, f, argnums, has_aux)

    @functools.wraps(f)
    def gradient_alone(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return gradient_alone


def vjp(f: Callable[..., Any], *args: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """`(f(*args), pull)`, where `pull(v)` is v times the Jacobian: one gradient per argument, any number of times.

    `v` is built like the output, which may be an array or lists, tuples, dicts and dataclasses of arrays. With
    `has_aux`, `f` returns `(output, aux)` and the result is `(output, pull, aux)`.

    >>> y, pull = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pull(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    call = Call("vjp", f, tuple(range(len(args))), args, {}, has_aux)
    outputs = call.outputs()

    def pull(v: Any) -> tuple[Any, ...]:
        seeds = [
            _moving("vjp", "the cotangent", s, "the output", y, call.nested)
            for s, y in zip(_leaves_like("vjp: the cotangent", "the output", call.output, v), outputs, strict=True)
        ]
        return call.like_arguments(call.pull(outputs, seeds, retain=True))  # type: ignore[no-any-return]

    return call.beside_aux(call.to_caller(call.output), pull)  # type: ignore[no-any-return]


def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    """`(f(*primals), Jacobian times tangents)`: forward mode, at the cost of a few evaluations of `f`.

    Tangents are built like the primals, and the second result like the first. With `has_aux`, `f` returns
    `(output, aux)`, and `aux` is a third result.

    >>> jvp(lambda x: x * x, (np.array([1.0, 2.0]),), (np.array([1.0, 1.0]),))
    (array([1., 4.]), array([2., 4.]))
    """
    primals, tangents = _as_tuples("jvp", primals, tangents)
    call = Call("jvp", f, tuple(range(len(primals))), primals, {}, has_aux)
    moved = push(call, call.outputs(), _tangents(call, tangents))
    moved.reverse()

    def next_tangent(_: Any) -> Tensor:
        t = moved.pop()
        return t if isinstance(t, Tensor) else Tensor(t)

    tangent = map_leaves(call.output, next_tangent, records=True)
    return call.beside_aux(call.to_caller(call.output), call.to_caller(tangent))  # type: ignore[no-any-return]


def _as_tuples(function: str, primals: Any, tangents: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Primals and tangents as tuples of one length; a single argument counts as a tuple of one."""
    if not isinstance(primals, list | tuple):
        primals, tangents = (primals,), (tangents,)
    if len(primals) != len(tangents):
        raise ValueError(f"{function}: {len(primals)} primals and {len(tangents)} tangents; give one for each")
    return tuple(primals), tuple(tangents)


def _leaves_like(what: str, owner: str, given: Any, tree: Any) -> list[Any]:
    """The leaves of `tree`, which must be built like `given`, in the order of those of `given`."""
    held, offered = children(given, records=True), children(tree, records=True)
    if held is None:
        return [tree]
    if offered is None or offered.keys() != held.keys() or isinstance(given, dict) is not isinstance(tree, dict):
        raise ValueError(
            f"{what} {tree!r:.60} is not built like {owner} {given!r:.60}; give the same keys, or as many items"
        )
    return [x for k in held for x in _leaves_like(what, owner, held[k], offered[k])]


def _tangents(call: Call, tangents: tuple[Any, ...]) -> list[Any]:
    """The tangent of each tracked input."""
    leaves = _leaves_like(f"{call.function}: the tangent", "its argument", tuple(call.given), tangents)
    return [
        _moving(call.function, "a tangent", t, "its argument", node, call.nested)
        for t, node in zip(leaves, call.nodes, strict=True)
    ]


def _moving(function: str, what: str, given: Any, owner: str, like: Node | Tensor, recorded: bool) -> Any:
    """A tangent or cotangent as it is given, in the dtype of what it belongs to, `like`; a Tensor where recorded."""
    value = (
        given
        if isinstance(given, Tensor) and recorded
        else np.asarray(given._array if isinstance(given, Tensor) else given)
    )
    if value.shape != like.shape:
        raise ValueError(f"{function}: {what} has shape {value.shape}, {owner} {like.shape}; give one of its shape")
    if value.dtype != like.dtype:
        value = conversions.cast_change(f"{function}: {what}", value, like.dtype)
    return value if isinstance(value, Tensor) or not recorded else Tensor(value)


def push(call: Call, outputs: list[Tensor], tangents: Sequence[Any]) -> list[Any]:
    """Tangents of `outputs` when the call's inputs move along `tangents`, one of the shape and dtype of each."""
    with switch(grad=call.nested):
        roots = [o.node for o in outputs if o.node is not None]
        moves = dict(zip(call.nodes, tangents, strict=True))
        pushed = iter(pushforward(roots, moves, Tensor, create_graph=call.nested))
        results = [next(pushed) if o.node is not None else None for o in outputs]
    return [np.zeros(o.shape, o.dtype) if t is None else t for o, t in zip(outputs, results, strict=True)]


# ----------------------------------------------------------------------------------------------- higher order


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """Hessian of `f` times `tangents`, forward over reverse, without forming the Hessian.

    The result has the structure of `primals` (one array for one argument). With `has_aux`, `f` returns
    `(value, aux)` and the result is `(product, aux)`.

    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    single = not isinstance(primals, list | tuple)
    primals, tangents = _as_tuples("hvp", primals, tangents)
    call = Call("hvp", f, tuple(range(len(primals))), primals, {}, has_aux)
    gradients = [g if isinstance(g, Tensor) else Tensor(g) for g in call.gradient(recorded=True)]
    result = call.like_arguments(push(call, gradients, _tangents(call, tangents)))
    return call.beside_aux(result[0] if single else result)
