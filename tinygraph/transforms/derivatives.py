"""Derivatives of functions: the gradient, products with the Jacobian and with the Hessian."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.forward import pushforward
from ..engine.mode import switch
from ..engine.node import Node
from ..engine.trees import children
from ..errors import GraphError
from ..tensors import conversions
from ..tensors.tensor import Tensor
from .call import Call, output_for_caller

# ------------------------------------------------------------------------------------------------ first order


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that returns `(f(*args), gradient)`; the gradient as `tg.grad` gives it.

    With `has_aux`, `f` returns `(value, aux)` and so does the first result.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """

    return _value_and_grad_for("value_and_grad", f, argnums, has_aux)


def _value_and_grad_for(
    function: str, f: Callable[..., Any], argnums: int | Sequence[int], has_aux: bool
) -> Callable[..., Any]:
    """The function that `value_and_grad` returns; messages name `function`."""

    @functools.wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        call = Call(function, f, argnums, args, kwargs)
        if has_aux and not (isinstance(call.output, tuple | list) and len(call.output) == 2):
            raise GraphError(f"{function}: with has_aux f returns (value, aux), not {type(call.output).__name__}")
        value, aux = call.output if has_aux else (call.output, None)
        loss = call.scalar(value)
        gradient = call.like_arguments(call.pull(loss, recorded=call.nested, retain=call.nested))
        result = output_for_caller(value, call)
        return ((result, output_for_caller(aux, call)) if has_aux else result), gradient

    return value_and_gradient


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns the gradient of `f`, which returns one number.

    `argnums` says with respect to which arguments: an int, or several for a tuple of gradients. An argument
    may be a number, an array, a Tensor, or lists, dicts and dataclasses of them; the gradient has the same structure,
    shapes and dtypes. With `has_aux`, `f` returns `(value, aux)` and the result is `(gradient, aux)`. Applies
    to itself for higher orders. Raises NotDifferentiable for integer arguments.

    For Tensors the gradient is recorded, and can be differentiated again, if they or tensors that `f` closes
    over (parameters) are tracked; for arrays it is always plain arrays.

    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (12.0, 12.0)
    """
    both = _value_and_grad_for("grad", f, argnums, has_aux)

    @functools.wraps(f)
    def gradient_alone(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return gradient_alone


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """`(f(*args), pull)`, where `pull(v)` is v times the Jacobian: one gradient per argument, any number of times.

    `v` has the shape of the output.

    >>> y, pull = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pull(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    call = Call("vjp", f, tuple(range(len(args))), args, {})
    output = tensor_output("vjp", call.output)

    def pull(v: Any) -> tuple[Any, ...]:
        seed = v if isinstance(v, Tensor) and call.nested else np.asarray(v._data if isinstance(v, Tensor) else v)
        if seed.shape != output.shape:
            raise ValueError(
                f"vjp: the cotangent has shape {seed.shape}, the output {output.shape}; give one of its shape"
            )
        if seed.dtype != output.dtype:
            seed = conversions.cast_change("vjp: the cotangent", seed, output.dtype)
        return call.like_arguments(call.pull(output, seed, recorded=call.nested, retain=True))  # type: ignore[no-any-return]

    return output_for_caller(call.output, call), pull


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """`(f(*primals), Jacobian times tangents)`: forward mode, at the cost of a few evaluations of `f`.

    >>> jvp(lambda x: x * x, (np.array([1.0, 2.0]),), (np.array([1.0, 1.0]),))
    (array([1., 4.]), array([2., 4.]))
    """
    primals, tangents = _as_tuples("jvp", primals, tangents)
    call = Call("jvp", f, tuple(range(len(primals))), primals, {})
    output = tensor_output("jvp", call.output)
    t = push(call, [output], _leaves_like("jvp", call.given, tangents)).pop()
    if not (isinstance(t, Tensor) and t.node is not None):
        t = call.like_argument(call.given[0], t)
    return output_for_caller(call.output, call), t


def tensor_output(function: str, output: Any) -> Tensor:
    """What f returned as a Tensor, of numbers one that is not recorded."""
    if isinstance(output, Tensor):
        return output
    if isinstance(output, int | float | complex | np.ndarray | np.generic):
        return Tensor(np.asarray(output))
    raise GraphError(f"{function}: f returned {type(output).__name__}; return one tensor")


def _as_tuples(function: str, primals: Any, tangents: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Primals and tangents as tuples of one length; a single argument counts as a tuple of one."""
    if not isinstance(primals, list | tuple):
        primals, tangents = (primals,), (tangents,)
    if len(primals) != len(tangents):
        raise ValueError(f"{function}: {len(primals)} primals and {len(tangents)} tangents; give one for each")
    return tuple(primals), tuple(tangents)


def _leaves_like(function: str, given: Any, tree: Any) -> list[Any]:
    """The leaves of `tree`, which must be built like `given`, in the order of those of `given`."""
    held, offered = children(given, records=True), children(tree, records=True)
    if held is None:
        return [tree]
    if offered is None or offered.keys() != held.keys() or isinstance(given, dict) is not isinstance(tree, dict):
        raise ValueError(
            f"{function}: the tangent {tree!r:.60} is not built like its argument {given!r:.60}; give the same "
            f"keys, or as many items"
        )
    return [x for k in held for x in _leaves_like(function, held[k], offered[k])]


def push(call: Call, outputs: list[Tensor], tangents: Sequence[Any]) -> list[Any]:
    """Tangents of `outputs` when the call's inputs move along `tangents`."""
    moves: dict[Node, Any] = {}
    for node, t in zip(call.nodes, tangents, strict=True):
        value = t if isinstance(t, Tensor) and call.nested else np.asarray(t._data if isinstance(t, Tensor) else t)
        if value.shape != node.shape:
            raise ValueError(
                f"{call.function}: a tangent has shape {value.shape}, its argument {node.shape}; give one of its shape"
            )
        if value.dtype != node.dtype:
            value = conversions.cast_change(f"{call.function}: a tangent", value, node.dtype)
        moves[node] = value if isinstance(value, Tensor) or not call.nested else Tensor(value)
    with switch(grad=call.nested):
        roots = [o.node for o in outputs if o.node is not None]
        pushed = iter(pushforward(roots, moves, Tensor, create_graph=call.nested))
        results = [next(pushed) if o.node is not None else None for o in outputs]
    return [np.zeros(o.shape, o.dtype) if t is None else t for o, t in zip(outputs, results, strict=True)]


# ----------------------------------------------------------------------------------------------- higher order


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Hessian of `f` times `tangents`, forward over reverse, without forming the Hessian.

    The result has the structure of `primals` (one array for one argument).

    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    single = not isinstance(primals, list | tuple)
    primals, tangents = _as_tuples("hvp", primals, tangents)
    call = Call("hvp", f, tuple(range(len(primals))), primals, {})
    gradients = [g if isinstance(g, Tensor) else Tensor(g) for g in call.pull(call.scalar(call.output), recorded=True)]
    result = call.like_arguments(push(call, gradients, _leaves_like("hvp", call.given, tangents)))
    return result[0] if single else result
