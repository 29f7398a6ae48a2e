"""Functions of functions: grad, vjp, jvp, Jacobians, Hessians, and recomputation in backward."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from . import autodiff, graph, ops
from .errors import GraphError, NotDifferentiable
from .graph import Node
from .op import Op, linear
from .tensor import Tensor

_depth: ContextVar[int] = ContextVar("tinygraph.depth", default=0)
"""How many transforms enclose this one: an inner gradient is recorded, for the outer one to differentiate."""


@linear(lambda g, y, x: g)
def alias(x):  # type: ignore[no-untyped-def]
    """`x` itself under a node of its own, so that a transform can differentiate with respect to it alone."""
    return x


# ---------------------------------------------------------------------------- arguments: arrays, nests of them


def map_leaves(tree: Any, f: Callable[[Any], Any]) -> Any:
    """`tree` (nested dicts, lists and tuples) with every leaf replaced by `f(leaf)`."""
    if isinstance(tree, dict):
        return {k: map_leaves(v, f) for k, v in tree.items()}
    if isinstance(tree, list | tuple):
        items = [map_leaves(v, f) for v in tree]
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    return f(tree)


def flatten(tree: Any) -> list[Any]:
    """The leaves of `tree` in order."""
    found: list[Any] = []
    map_leaves(tree, found.append)
    return found


class _Call:
    """One call of `f` with the arguments `argnums` tracked, and the way back to what the caller gave."""

    def __init__(self, function: str, f: Callable[..., Any], argnums: int | Sequence[int], args: Any, kwargs: Any):
        self.function, self.single = function, isinstance(argnums, int | np.integer)
        chosen = [int(argnums)] if isinstance(argnums, int | np.integer) else [int(a) for a in argnums]
        for a in chosen:
            if not -len(args) <= a < len(args):
                raise TypeError(f"{function}: argnums {a} asks for an argument that is not there; {len(args)} given")
        self.chosen = [a % len(args) for a in chosen]
        self.given = [args[a] for a in self.chosen]
        self.depth = _depth.get()
        token = _depth.set(self.depth + 1)
        try:
            with graph.switch(grad=True):
                self.inputs = [
                    map_leaves(x, functools.partial(self._track, a))
                    for a, x in zip(self.chosen, self.given, strict=True)
                ]
                tracked = list(args)
                for a, x in zip(self.chosen, self.inputs, strict=True):
                    tracked[a] = x
                self.nodes: list[Node] = [t.node for t in flatten(self.inputs)]  # before f assigns into them
                self.output = f(*tracked, **kwargs)
        finally:
            _depth.reset(token)
        self.nested = self.depth > 0 or (graph.current().grad and self._connected())

    def _connected(self) -> bool:
        """Whether results must be recorded: Tensors were given, and they or what `f` closes over are tracked."""
        tensors = [x for x in flatten(self.given) if isinstance(x, Tensor)]
        if not tensors or any(x.node is not None for x in tensors):
            return bool(tensors)
        roots = [x.node for x in flatten(self.output) if isinstance(x, Tensor) and x.node is not None]
        own = set(self.nodes)
        return any(node.op is None and node not in own for node in graph.topological(roots))

    def _track(self, position: int, x: Any) -> Tensor:
        if isinstance(x, Tensor) and x.node is not None:
            return alias(x)  # type: ignore[no-any-return]
        data = x._data if isinstance(x, Tensor) else np.asarray(x)
        if data.dtype.kind != "f":
            raise NotDifferentiable(
                f"{self.function}: argument {position} is {type(x).__name__} of {data.dtype}, which has no "
                f"gradient; pass floating-point numbers, or choose other argnums"
            )
        t: Tensor = autodiff.wrap(Tensor, data, None)
        t.node = graph.leaf(t, x.name if isinstance(x, Tensor) else None)
        return t

    def scalar(self, value: Any) -> Tensor:
        """The output as a tensor of one element."""
        if not isinstance(value, Tensor):
            if isinstance(value, int | float | np.generic | np.ndarray) and np.size(value) == 1:
                return Tensor(np.asarray(value))  # constant in its arguments
            raise GraphError(f"{self.function}: f returned {type(value).__name__} {value!r:.60}; return one number")
        if value.size != 1:
            raise GraphError(
                f"{self.function}: f returned shape {value.shape}, not one number; "
                f"reduce it, or use tg.jacobian or tg.vjp"
            )
        return value

    def pull(self, output: Tensor, seed: Any = None, *, recorded: bool, retain: bool = False) -> list[Any]:
        """Gradients of `<seed, output>` for every tracked input, zeros where it does not depend on it."""
        if output.node is None:
            return [np.zeros(n.shape, n.dtype) for n in self.nodes]
        if seed is None:
            seed = np.ones_like(output._data)[()]
        if recorded:
            seed = seed if isinstance(seed, Tensor) else autodiff.wrap(Tensor, seed, None)
        with graph.switch(grad=recorded):
            found = autodiff.pullback([(output.node, seed)], wrt=self.nodes, create_graph=recorded, retain_graph=retain)
        return [found[n] if n in found else np.zeros(n.shape, n.dtype) for n in self.nodes]

    def out(self, results: Sequence[Any]) -> Any:
        """Results, one per tracked input, in the structure of the arguments: arrays for arrays."""
        rest = iter(results)
        trees = [map_leaves(x, lambda leaf: self.like(leaf, next(rest))) for x in self.given]
        return trees[0] if self.single else tuple(trees)

    def like(self, given: Any, result: Any) -> Any:
        """`result` as a Tensor where a Tensor was given or an outer transform needs it, else as an array."""
        if isinstance(result, Tensor):
            if isinstance(given, Tensor) or result.node is not None:
                return result
            result = result._data
        if isinstance(given, Tensor):
            return Tensor(autodiff.own(result))
        if isinstance(given, float):
            return result.item() if result.ndim == 0 and result.dtype == np.float64 else autodiff.own(result)[()]
        return autodiff.own(result) if isinstance(given, np.ndarray) else result[()]


def _plain(value: Any, call: _Call) -> Any:
    """What `f` returned, for the caller: untracked arrays for arrays."""
    given = flatten(call.given)
    tensors, numbers = any(isinstance(x, Tensor) for x in given), all(isinstance(x, float) for x in given)

    def convert(x: Any) -> Any:
        if not isinstance(x, Tensor) or call.nested:
            return x
        if numbers and x.ndim == 0 and x.dtype == np.float64:
            return x.item()
        return x.detach() if tensors else x._data

    return map_leaves(value, convert)


# ------------------------------------------------------------------------------------------------ first order


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that returns `(f(*args), gradient)`; the gradient as `tg.grad` gives it.

    With `has_aux`, `f` returns `(value, aux)` and so does the first result.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """

    return _differentiated("value_and_grad", f, argnums, has_aux)


def _differentiated(
    function: str, f: Callable[..., Any], argnums: int | Sequence[int], has_aux: bool
) -> Callable[..., Any]:
    """What `value_and_grad` returns; `function` is named in messages."""

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        call = _Call(function, f, argnums, args, kwargs)
        if has_aux and not (isinstance(call.output, tuple | list) and len(call.output) == 2):
            raise GraphError(f"{function}: with has_aux f returns (value, aux), not {type(call.output).__name__}")
        value, aux = call.output if has_aux else (call.output, None)
        loss = call.scalar(value)
        gradient = call.out(call.pull(loss, recorded=call.nested, retain=call.nested))
        shown = _plain(value, call)
        return ((shown, _plain(aux, call)) if has_aux else shown), gradient

    return wrapped


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns the gradient of `f`, which returns one number.

    `argnums` says with respect to which arguments: an int, or several for a tuple of gradients. An argument
    may be a number, an array, a Tensor, or lists and dicts of them; the gradient has the same structure,
    shapes and dtypes. With `has_aux`, `f` returns `(value, aux)` and the result is `(gradient, aux)`. Applies
    to itself for higher orders. Raises NotDifferentiable for integer arguments.

    For Tensors the gradient is recorded, and can be differentiated again, if they or tensors that `f` closes
    over (parameters) are tracked; for arrays it is always plain arrays.

    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (12.0, 12.0)
    """
    both = _differentiated("grad", f, argnums, has_aux)

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapped


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """`(f(*args), pull)`, where `pull(v)` is v times the Jacobian: one gradient per argument, any number of times.

    `v` has the shape of the output.

    >>> y, pull = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pull(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    call = _Call("vjp", f, tuple(range(len(args))), args, {})
    output = _tensor_output("vjp", call.output)

    def pull(v: Any) -> tuple[Any, ...]:
        seed = v if isinstance(v, Tensor) and call.nested else np.asarray(v._data if isinstance(v, Tensor) else v)
        if seed.shape != output.shape:
            raise ValueError(
                f"vjp: the cotangent has shape {seed.shape}, the output {output.shape}; give one of its shape"
            )
        if seed.dtype != output.dtype:
            seed = seed.astype(output.dtype)
        return call.out(call.pull(output, seed, recorded=call.nested, retain=True))  # type: ignore[no-any-return]

    return _plain(call.output, call), pull


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """`(f(*primals), Jacobian times tangents)`: forward mode, at the cost of a few evaluations of `f`.

    >>> jvp(lambda x: x * x, (np.array([1.0, 2.0]),), (np.array([1.0, 1.0]),))
    (array([1., 4.]), array([2., 4.]))
    """
    primals, tangents = _lists("jvp", primals, tangents)
    call = _Call("jvp", f, tuple(range(len(primals))), primals, {})
    output = _tensor_output("jvp", call.output)
    [t] = _push(call, [output], _matching("jvp", call.given, tangents))
    return _plain(call.output, call), t if isinstance(t, Tensor) and t.node is not None else call.like(call.given[0], t)


def _tensor_output(function: str, output: Any) -> Tensor:
    if isinstance(output, Tensor):
        return output
    if isinstance(output, int | float | np.ndarray | np.generic):
        return Tensor(np.asarray(output))
    raise GraphError(f"{function}: f returned {type(output).__name__}; return one tensor")


def _lists(function: str, primals: Any, tangents: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    if not isinstance(primals, list | tuple):
        primals, tangents = (primals,), (tangents,)
    if len(primals) != len(tangents):
        raise ValueError(f"{function}: {len(primals)} primals and {len(tangents)} tangents; give one for each")
    return tuple(primals), tuple(tangents)


def _matching(function: str, given: Any, tree: Any) -> list[Any]:
    """The leaves of `tree`, which is built like `given`, in the order of `given`."""
    if isinstance(given, dict) and isinstance(tree, dict) and tree.keys() == given.keys():
        return [x for k in given for x in _matching(function, given[k], tree[k])]
    if isinstance(given, list | tuple) and isinstance(tree, list | tuple) and len(tree) == len(given):
        return [x for one, other in zip(given, tree, strict=True) for x in _matching(function, one, other)]
    if isinstance(given, dict | list | tuple):
        raise ValueError(
            f"{function}: the tangent {tree!r:.60} is not built like its argument {given!r:.60}; give the same "
            f"keys, or as many items"
        )
    return [tree]


def _push(call: _Call, outputs: list[Tensor], tangents: Sequence[Any]) -> list[Any]:
    """Tangents of `outputs` when the call's inputs move along `tangents`."""
    moves: dict[Node, Any] = {}
    for node, t in zip(call.nodes, tangents, strict=True):
        value = t if isinstance(t, Tensor) and call.nested else np.asarray(t._data if isinstance(t, Tensor) else t)
        if value.shape != node.shape:
            raise ValueError(
                f"{call.function}: a tangent has shape {value.shape}, its argument {node.shape}; give one of its shape"
            )
        value = value if value.dtype == node.dtype else value.astype(node.dtype)
        moves[node] = value if isinstance(value, Tensor) or not call.nested else Tensor(value)
    with graph.switch(grad=call.nested):
        roots = [o.node for o in outputs if o.node is not None]
        pushed = iter(autodiff.pushforward(roots, moves, Tensor, create_graph=call.nested))
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
    primals, tangents = _lists("hvp", primals, tangents)
    call = _Call("hvp", f, tuple(range(len(primals))), primals, {})
    gradients = [
        g if isinstance(g, Tensor) else Tensor(g) for g in call.pull(call.scalar(call.output), recorded=True)
    ]
    result = call.out(_push(call, gradients, _matching("hvp", call.given, tangents)))
    return result[0] if single else result


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that returns all first derivatives of `f`: shape (shape of output + shape of argument).

    Forward mode when an argument has fewer elements than the output, else reverse mode.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        call = _Call("jacobian", f, argnums, args, kwargs)
        output = _tensor_output("jacobian", call.output)
        inputs = sum(n.size for n in call.nodes)
        columns = _by_columns if inputs < output.size else _by_rows
        return call.out(columns(call, output))

    return wrapped


def _joined(parts: list[Any], shape: tuple[int, ...], dtype: Any, recorded: bool) -> Any:
    if recorded and any(isinstance(p, Tensor) for p in parts):
        return ops.reshape(ops.stack(parts), shape=shape)
    return np.stack(parts).reshape(shape) if parts else np.zeros(shape, dtype)


def _basis(shape: tuple[int, ...], dtype: Any) -> Any:
    size = int(np.prod(shape, dtype=int))
    return np.eye(size, dtype=dtype).reshape(size, *shape)


def _by_rows(call: _Call, output: Tensor) -> list[Any]:
    basis = _basis(output.shape, output.dtype)
    if output.node is not None and not call.nested and len(basis):
        found = autodiff.pullback_rows(output.node, basis, call.nodes)
        shapes = [(*output.shape, *n.shape) for n in call.nodes]
        return [
            found[n].reshape(shape) if n in found else np.zeros(shape, n.dtype)
            for n, shape in zip(call.nodes, shapes, strict=True)
        ]
    rows = [call.pull(output, e, recorded=call.nested, retain=True) for e in basis]
    return [
        _joined([row[k] for row in rows], (*output.shape, *n.shape), n.dtype, call.nested)
        for k, n in enumerate(call.nodes)
    ]


def _by_columns(call: _Call, output: Tensor) -> list[Any]:
    results = []
    for k, node in enumerate(call.nodes):
        columns = []
        for e in _basis(node.shape, node.dtype):
            moves = [e if j == k else np.zeros(n.shape, n.dtype) for j, n in enumerate(call.nodes)]
            columns += _push(call, [output], moves)
        whole = _joined(columns, (*node.shape, *output.shape), output.dtype, call.nested)
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


# --------------------------------------------------------------------------------------------- recomputation


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, of which the graph keeps only the arguments: backward runs it again. Memory for time.

    `f` returns one Tensor and computes the same each time. Gradients flow to its positional arguments and to
    recorded tensors that it uses without being given them, such as parameters.

    >>> from tinygraph import tensor
    >>> x = tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: np.exp(x) * x)(x).sum().backward()
    >>> x.grad
    tensor([ 5.43656366, 22.1671683 ])
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        tracked = [k for k, a in enumerate(args) if isinstance(a, Tensor) and a.node is not None]
        if graph.current().tape is not None:  # compiled steps plan their memory themselves
            return f(*args, **kwargs)
        start = graph.clock.now = graph.clock.now + 1  # what f records is no older than this
        ends = {k: alias(args[k]) for k in tracked}  # f may use the same tensors also without being given them
        first = f(*[ends.get(k, a) for k, a in enumerate(args)], **kwargs)
        if isinstance(first, list | tuple | dict):
            raise GraphError(f"checkpoint: f returned {type(first).__name__}; return one tensor, such as tg.stack(...)")
        if not isinstance(first, Tensor) or first.node is None:
            return first
        outside = _outside(first.node, {t.node for t in ends.values()}, start)
        again = _Again(f, tracked, [None if k in ends else a for k, a in enumerate(args)], kwargs, outside, first._data)
        return _checkpointed(*[args[k] for k in tracked], *outside, again=again)

    return wrapped


class _Again:
    """A call that backward repeats: what it was called with, and gradients computed but not fetched yet."""

    def __init__(
        self, f: Callable[..., Any], tracked: list[int], others: list[Any], kwargs: Any, outside: list[Tensor],
        value: Any,
    ) -> None:  # fmt: skip
        self.f, self.tracked, self.others, self.kwargs, self.outside = f, tracked, others, kwargs, outside
        self.value = value
        self.asked: Any = None
        self.pending: dict[int, Any] = {}

    def output(self) -> Any:
        """The value of the first run, given away so that it lives no longer than it is needed."""
        value, self.value = self.value, None
        return value

    def gradient(self, g: Any, y: Any, xs: tuple[Any, ...], wrt: int) -> Any:
        """Of the inputs `xs`, number `wrt`: all are computed at the first question and handed out one by one."""
        if g is not self.asked or wrt not in self.pending:
            self.asked, self.pending = g, dict(enumerate(self._run(g, y, xs)))
        result = self.pending.pop(wrt)
        if not self.pending:
            self.asked = None
        return result

    def _run(self, g: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
        recorded = isinstance(g, Tensor)
        args = list(self.others)
        for k, x in zip(self.tracked, xs, strict=False):
            args[k] = alias(x) if isinstance(x, Tensor) and x.node is not None else Tensor(x, requires_grad=True)
        with graph.switch(grad=True):
            output = self.f(*args, **self.kwargs)
        _same(output._data, y._data if isinstance(y, Tensor) else y)
        nodes = [args[k].node for k in self.tracked] + [t.node for t in self.outside]
        with graph.switch(grad=recorded):
            found = autodiff.pullback([(output.node, g)], wrt=nodes, create_graph=recorded)
        return [found[n] if n in found else np.zeros(n.shape, n.dtype) for n in nodes]

    def __repr__(self) -> str:
        return getattr(self.f, "__name__", repr(self.f))


def _same(again: Any, before: Any) -> None:
    """Raise GraphError if the two runs differ by more than rounding."""
    scale = np.max(np.abs(before), initial=0, where=np.isfinite(before))
    if again.shape != before.shape or not np.allclose(again, before, rtol=0, atol=0.01 * scale, equal_nan=True):
        raise GraphError(
            "checkpoint: f computed something else when backward ran it again; it must not draw new random numbers "
            "or use what was changed since: draw masks outside and give them as arguments"
        )


_checkpointed = Op(
    "primitive",
    lambda *xs, again: again.output(),
    (lambda g, y, *xs, again, wrt: again.gradient(g, y, xs, wrt),),
    name="checkpoint",
).function


def _outside(root: Node, ends: set[Any], start: int) -> list[Tensor]:
    """Handles on the nodes older than `start` from which `root` was made otherwise than through `ends`."""
    found: list[Tensor] = []
    seen: set[Node] = {root}
    stack = [root]
    while stack:
        node = stack.pop()
        if node in ends:
            continue
        if node.epoch < start:
            handle = node.fact("handle")() if node.op is None else None
            if handle is None or handle.node is not node:  # nobody reads its value
                handle = autodiff.wrap(Tensor, np.broadcast_to(np.zeros((), node.dtype), node.shape), node)
            found.append(handle)
            continue
        fresh = [i for i in node.inputs if type(i) is Node and i not in seen]
        seen.update(fresh)
        stack.extend(fresh)
    return found
