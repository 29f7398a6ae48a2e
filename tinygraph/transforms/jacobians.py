"""All derivatives at once: Jacobians, by rows or by columns, and Hessians."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..engine.node import Node, topological
from ..engine.reverse import pullback_rows
from ..errors import NotDifferentiable
from ..tensors.tensor import Tensor
from .call import Call
from .derivatives import grad, push, tensor_output


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that returns all first derivatives of `f`: shape (shape of output + shape of argument).

    Forward mode when an argument has fewer elements than the output or the output is complex, else reverse mode. Of a
    complex argument it holds gradients, as `grad`, where the output is real, and dy/dz where it is complex: f must be
    analytic then, and NotDifferentiable names what is not.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f)
    def all_derivatives(*args: Any, **kwargs: Any) -> Any:
        call = Call("jacobian", f, argnums, args, kwargs)
        output = tensor_output("jacobian", call.output)
        inputs = sum(n.size for n in call.nodes)
        if output.dtype.kind == "c":
            _check_analytic(call, output)
            return call.like_arguments(_jacobians_by_columns(call, output))
        forward = inputs < output.size and all(n.dtype.kind == "f" for n in call.nodes)
        return call.like_arguments((_jacobians_by_columns if forward else _jacobians_by_rows)(call, output))

    return all_derivatives


def _check_analytic(call: Call, output: Tensor) -> None:
    """Raise NotDifferentiable where the complex `output` depends on a complex argument through what is not analytic."""
    moving = {node for node in call.nodes if node.dtype.kind == "c"}
    for node in topological([output.node] if output.node is not None else []):
        if node.op is None or node in moving or not any(type(i) is Node and i in moving for i in node.inputs):
            continue
        if not node.op.holomorphic:
            raise NotDifferentiable(
                f"jacobian: {node.op.name} is not analytic, so that dy/dz does not exist; take real and imaginary "
                f"parts as arguments, as in jacobian(lambda x, y: f(x + 1j * y), (0, 1)), or use tg.vjp"
            )
        moving.add(node)


def _stack_parts(parts: list[Any], shape: tuple[int, ...], dtype: np.dtype[Any], recorded: bool) -> Any:
    """The parts along a new first axis, in `shape`: recorded if one of them is a Tensor and `recorded`."""
    if recorded and any(isinstance(p, Tensor) for p in parts):
        return ops.reshape(ops.stack(parts), shape=shape)
    return np.stack(parts).reshape(shape) if parts else np.zeros(shape, dtype)


def _basis(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """All arrays of the shape that have one 1 and are 0 elsewhere."""
    size = int(np.prod(shape, dtype=int))
    return np.eye(size, dtype=dtype).reshape(size, *shape)


def _jacobians_by_rows(call: Call, output: Tensor) -> list[Any]:
    """One Jacobian for each tracked input, by a backward sweep for each element of the output, or one for all."""
    basis = _basis(output.shape, output.dtype)
    if output.node is not None and not call.nested and len(basis):
        found = pullback_rows(output.node, basis, call.nodes)
        shapes = [(*output.shape, *n.shape) for n in call.nodes]
        return [
            found[n].reshape(shape) if n in found else np.zeros(shape, n.dtype)
            for n, shape in zip(call.nodes, shapes, strict=True)
        ]
    rows = [call.pull(output, e, recorded=call.nested, retain=True) for e in basis]
    return [
        _stack_parts([row[k] for row in rows], (*output.shape, *n.shape), n.dtype, call.nested)
        for k, n in enumerate(call.nodes)
    ]


def _jacobians_by_columns(call: Call, output: Tensor) -> list[Any]:
    """One Jacobian for each tracked input, by a forward sweep for each of its elements."""
    results = []
    for k, node in enumerate(call.nodes):
        columns = []
        for e in _basis(node.shape, node.dtype):
            moves = [e if j == k else np.zeros(n.shape, n.dtype) for j, n in enumerate(call.nodes)]
            columns += push(call, [output], moves)
        whole = _stack_parts(columns, (*node.shape, *output.shape), output.dtype, call.nested)
        last = tuple(range(node.ndim, node.ndim + output.ndim))
        results.append(np.moveaxis(whole, last, tuple(range(output.ndim))))
    return results


def hessian(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """A function that returns all second derivatives of `f`, which returns one number.

    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums), argnums)
