"""All derivatives at once: Jacobians, by rows or by columns, and Hessians."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..engine.node import Node, topological
from ..engine.reverse import pullback_rows
from ..engine.trees import map_leaves
from ..errors import NotDifferentiable
from ..tensors.tensor import Tensor
from .call import Call, check_function
from .derivatives import gradient_for, push


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns all first derivatives of `f`: shape (shape of output + shape of argument).

    Where `f` returns lists, tuples, dicts or dataclasses of arrays, or is given such, the result is built like the
    output, and in place of each array of it stands what is built like the arguments: a tuple for several `argnums`. So
    `jacobian(f)(p)["y"]["w"]` is the derivative of `f(p)["y"]` with respect to `p["w"]`. With `has_aux`, `f` returns
    `(output, aux)` and the result is `(jacobian, aux)`.

    Forward mode when arguments have fewer elements than the output or it is complex, else reverse mode. Of a
    complex argument it holds gradients, as `grad`, where the output is real, and dy/dz where it is complex: f must be
    analytic then, and NotDifferentiable names what is not.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    >>> jacobian(lambda x, y: {"product": x * y}, (0, 1))(3.0, 5.0)
    {'product': (5.0, 3.0)}
    """
    check_function("jacobian", f)

    @functools.wraps(f)
    def all_derivatives(*args: Any, **kwargs: Any) -> Any:
        call = Call("jacobian", f, argnums, args, kwargs, has_aux)
        outputs = call.outputs()
        for y in outputs:
            if y.dtype.kind == "c":
                _check_analytic(call, y)
        fewer = sum(n.size for n in call.nodes) < sum(y.size for y in outputs)
        forward = fewer and all(n.dtype.kind == "f" for n in call.nodes)
        by_columns = [forward or y.dtype.kind == "c" for y in outputs]
        columns = iter(_jacobians_by_columns(call, [y for y, c in zip(outputs, by_columns, strict=True) if c]))
        blocks = [
            next(columns) if by_column else _jacobians_by_rows(call, y)
            for y, by_column in zip(outputs, by_columns, strict=True)
        ]
        blocks.reverse()
        result = map_leaves(call.output, lambda _: call.like_arguments(blocks.pop()), records=True)
        return call.beside_aux(result)

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
    rows = [call.pull([output], [Tensor(e) if call.nested else e], retain=True) for e in basis]
    return [
        _stack_parts([row[k] for row in rows], (*output.shape, *n.shape), n.dtype, call.nested)
        for k, n in enumerate(call.nodes)
    ]


def _jacobians_by_columns(call: Call, outputs: list[Tensor]) -> list[list[Any]]:
    """For each output one Jacobian for each tracked input, by a forward sweep for each element of an input."""
    blocks: list[list[Any]] = [[] for _ in outputs]
    for k, node in enumerate(call.nodes if outputs else ()):
        sweeps = []
        for e in _basis(node.shape, node.dtype):
            moves = [e if j == k else np.zeros(n.shape, n.dtype) for j, n in enumerate(call.nodes)]
            sweeps.append(push(call, outputs, [Tensor(m) for m in moves] if call.nested else moves))
        for i, y in enumerate(outputs):
            columns = [sweep[i] for sweep in sweeps]
            whole = _stack_parts(columns, (*node.shape, *y.shape), y.dtype, call.nested)
            last = tuple(range(node.ndim, node.ndim + y.ndim))
            blocks[i].append(np.moveaxis(whole, last, tuple(range(y.ndim))))
    return blocks


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns all second derivatives of `f`, which returns one number: shape (argument + argument).

    Built as the `jacobian` of the gradient: for several arguments a tuple of tuples of blocks, for a dict a dict of
    dicts, `hessian(f)(p)["a"]["b"]`. With `has_aux`, `f` returns `(value, aux)` and the result is `(hessian, aux)`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    >>> hessian(lambda x, y: x * x * y, (0, 1))(3.0, 5.0)
    ((10.0, 6.0), (6.0, 0.0))
    """
    check_function("hessian", f)
    return jacobian(gradient_for("hessian", f, argnums, has_aux), argnums, has_aux)
