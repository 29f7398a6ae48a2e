"""What is checked: f as a function of some of its inputs, with values and gradients at any point.

`Subject` is f itself, `GradientOf` the gradient of a subject, which is how higher orders are checked, and `OpOf` the op
of one node by itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.mode import handed_over, switch
from ..engine.node import Array, Node, leaf, op_of, point
from ..engine.op import Op
from ..engine.reverse import pullback
from ..engine.rules import contribution
from ..engine.trees import flatten, map_leaves
from ..errors import NotDifferentiable, TinygraphError
from ..random import Draws
from ..tensors import conversions
from ..tensors.tensor import Tensor
from ..transforms.plain_run import difference, run_plain


class Block(NamedTuple):
    """One input that is checked: its name for the report, its value, and the Tensor it is if f closes over it.

    Of complex numbers, the value is `as_real` of them: f is checked as a function of real numbers.
    """

    name: str
    value: Array
    handle: Tensor | None = None
    complex: bool = False


def as_real(x: Any) -> Array:
    """A complex array as real and imaginary parts, along a last axis of their own; a real one as it is."""
    x = np.asarray(x)
    return np.stack([x.real, x.imag], axis=-1) if x.dtype.kind == "c" else x


def as_complex(x: Array) -> Array:
    """The complex array of which these are the real and imaginary parts, along the last axis."""
    dtype = np.result_type(x.dtype, np.complex64)
    return np.ascontiguousarray(x, np.finfo(dtype).dtype).view(dtype)[..., 0]


def seeds(rng: np.random.Generator, outputs: Sequence[Any]) -> list[Array]:
    """Random weights N(0, 1) for `outputs`, of few bits, so that they are the same numbers in every precision."""
    return [np.asarray(rng.standard_normal(np.shape(y))).astype(np.float16).astype(np.float64) for y in outputs]


class BackwardError(Exception):
    """Backward itself failed; `__cause__` is what a rule raised."""


class Subject:
    """`f(*inputs)` as a function of the floating-point inputs that `wrt` names; all of them by default."""

    def __init__(self, f: Callable[..., Any], inputs: Sequence[Any], wrt: Any) -> None:
        self.f, self.inputs = handed_over(f), inputs
        own = trained(f) if wrt is None and hasattr(f, "named_parameters") else []
        self.chosen, self.blocks, self.skipped = _choose(inputs, wrt, own)
        self.last_inputs: list[Array] = []
        self.draws = Draws()

    def run(self, values: Sequence[Array], recorded: bool) -> tuple[list[Any], list[Node]]:
        """Run f with `values` in the place of its blocks: its outputs, and the leaves of the graph if `recorded`."""
        rest = iter(values)
        leaves: list[Tensor] = []

        def stand_in(given: Any) -> Tensor:
            value = as_complex(next(rest)) if _is_complex(given) else np.array(next(rest))
            t = Tensor(value, name=getattr(given, "name", None))
            if recorded:
                t.node = point(t, t.name)
            leaves.append(t)
            return t

        arguments = []
        for position, given in enumerate(self.inputs):
            chosen = position in self.chosen
            arguments.append(map_leaves(given, lambda x: stand_in(x) if _is_floating(x) else x) if chosen else given)
        nodes = [t.node for t in leaves if t.node is not None]  # before f assigns into them
        handles = [block.handle for block in self.blocks if block.handle is not None]
        given = [t._array for t in leaves]  # f may rebind the tensor by assignment, but not write into its array
        values = [as_complex(v) if _is_complex(h) else v for h, v in zip(handles, rest, strict=True)]
        with _substitute(handles, values), switch(grad=recorded), self.draws:
            nodes += [h.node for h in handles if h.node is not None]
            given += [h._array for h in handles]
            outputs = [_check_output(y) for y in flatten(self.f(*arguments))]
        kinds = [np.asarray(_array_of(y)).dtype for y in outputs if type(y) is not int]
        if kinds and all(kind.kind in "biu" for kind in kinds):
            raise NotDifferentiable(f"check_gradients: f returned {conversions.jumps(kinds[0])}")
        self.last_inputs = given
        return outputs, nodes

    def other_value(self) -> str:
        """How the value of f on plain arrays differs from that through tensors, or "" where it does not.

        Also "" where there is no plain run: f takes Tensors alone, or gives another value at every run.
        """
        if not callable(self.f) or not self.inputs:
            return ""
        through = self.run([block.value for block in self.blocks], recorded=True)[0]
        try:
            plain = self._run_plain()
            found = difference(through, plain)
            return "" if found and difference(plain, self._run_plain()) else found
        except Exception:
            return ""

    def _run_plain(self) -> Any:
        with self.draws:
            return run_plain(self.f, self.inputs, {})

    def changed_block(self, values: Sequence[Array]) -> str:
        """The name of a block whose array no longer holds what the last run was given, or ""."""
        for block, old, new in zip(self.blocks, values, self.last_inputs, strict=False):
            if new.size and not np.array_equal(old, as_real(new) if block.complex else new, equal_nan=True):
                return block.name
        return ""

    def values(self, point: Sequence[Array]) -> list[Array]:
        """The floating-point outputs at `point`, complex ones in parts."""
        outputs, _ = self.run(point, recorded=False)
        return [as_real(y._array if isinstance(y, Tensor) else y) for y in outputs if _is_floating(y)]

    def gradient(self, point: Sequence[Array], weights: Sequence[Array]) -> list[Array]:
        """The gradient of the sum of outputs times `weights`, for every block."""
        return [as_real(g) for g in self._pull(point, weights, recorded=False)[0]]

    def _pull(self, point: Sequence[Array], weights: Sequence[Array], recorded: bool) -> tuple[list[Any], list[Node]]:
        outputs, nodes = self.run(point, recorded=True)
        roots = []
        for y, w in zip((y for y in outputs if _is_floating(y)), weights, strict=True):
            if isinstance(y, Tensor) and y.node is not None:
                seed = (as_complex(w) if _is_complex(y) else w).astype(y.dtype)
                roots.append((y.node, Tensor(seed) if recorded else seed))
        with switch(grad=recorded):
            try:
                found = pullback(roots, wrt=nodes, create_graph=recorded)
            except TinygraphError:
                raise
            except Exception as error:
                raise BackwardError(f"{type(error).__name__}: {error}") from error
        return [found[n] if n in found else np.zeros(n.shape, n.dtype) for n in nodes], nodes


class GradientOf(Subject):
    """The gradient of a function, with fixed weights of its outputs, as a function to be checked: the second order."""

    def __init__(self, of: Subject, weights: Sequence[Array]) -> None:
        self.of, self.weights = of, weights
        self.blocks, self.skipped = of.blocks, []
        self.last_inputs = []  # that of `of` is looked at by the first order

    def run(self, values: Sequence[Array], recorded: bool) -> tuple[list[Any], list[Node]]:
        return self.of._pull(values, self.weights, recorded)


class OpOf(Subject):
    """The op of one node as a function of the inputs that have a gradient, on the values they had.

    `tracked` are the positions of these inputs among all, one for each block.
    """

    def __init__(self, node: Node, inputs: tuple[Any, ...]) -> None:
        op, attrs = op_of(node), node.attrs
        self.node, self.op = node, op
        self.tracked = [k for k, source in enumerate(node.inputs) if type(source) is Node]
        super().__init__(lambda *xs: op.function(*xs, **attrs), inputs, self.tracked)


def input_gradient(node: Node, position: int, g: Array, output: Array, inputs: Sequence[Any]) -> Array | None:
    """What the rule of one input of a node makes of `g`, the gradient of its output; None for an input without a rule.

    `output` and `inputs` are the values that the rule may read. Broadcasting is not undone yet.
    """
    op = op_of(node)
    rule = op.rule(position)
    return None if rule is None else contribution(op, rule, g, output, inputs, node.attrs)


def trained(module: Any) -> list[tuple[str, Tensor]]:
    """The parameters of a module that are not frozen, with their paths."""
    return [(path, t) for path, t in module.named_parameters() if t.requires_grad]


def input_name(op: Op, position: int) -> str:
    """What the declaration of `op` calls an input: `x`, or `xs[1]` where it takes any number."""
    return op.inputs[position] if op.arity is not None else f"{op.inputs[0]}[{position}]"


def _choose(inputs: Sequence[Any], wrt: Any, own: list[tuple[str, Tensor]]) -> tuple[set[int], list[Block], list[str]]:
    """Positions of the inputs to check, the blocks in them and behind tensors in `wrt`, and what has no gradient."""
    chosen: set[int] = set()
    handles = own
    for item in range(len(inputs)) if wrt is None else wrt if isinstance(wrt, list | tuple) else [wrt]:
        if isinstance(item, Tensor):
            handles.append((item.name or f"parameter {len(handles)}", item))
        elif hasattr(item, "named_parameters"):
            handles.extend(trained(item))
        elif isinstance(item, int | np.integer) and -len(inputs) <= item < len(inputs):
            chosen.add(int(item) % len(inputs))
        else:
            raise TypeError(
                f"check_gradients: wrt has {item!r:.60}, but there are {len(inputs)} inputs; "
                f"give positions of inputs, tensors that f uses, or modules"
            )
    blocks, skipped = [], []
    for position in sorted(chosen):
        leaves = flatten(inputs[position])
        for k, x in enumerate(leaves):
            name = f"input {position}" + (f" leaf {k}" if len(leaves) > 1 else "")
            if _is_floating(x):
                blocks.append(_block(name, x))
            else:
                skipped.append(f"{name} of {getattr(_array_of(x), 'dtype', None) or type(x).__name__}")
    for name, handle in handles:
        if _is_floating(handle):
            blocks.append(_block(name, handle, handle))
        else:
            skipped.append(f"{name} of {handle.dtype}")
    if skipped and (wrt is not None or not blocks):
        raise NotDifferentiable(
            f"check_gradients: {', '.join(skipped)} has no gradient; pass floating-point numbers (3.0, not 3), "
            f"or name the inputs to check by wrt="
        )
    if not blocks:
        raise TypeError("check_gradients: there is nothing to check; give inputs, or parameters by wrt=")
    return chosen, blocks, skipped


def _array_of(x: Any) -> Any:
    """The value of a Tensor, or `x` itself."""
    return x._array if isinstance(x, Tensor) else x


def _block(name: str, x: Any, handle: Tensor | None = None) -> Block:
    if _is_complex(x):
        return Block(f"{name} (real, imaginary)", as_real(_array_of(x)), handle, True)
    return Block(name, np.array(_array_of(x)), handle)


def _is_floating(x: object) -> bool:
    x = _array_of(x)
    return isinstance(x, float | complex) or (isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fc")


def _is_complex(x: object) -> bool:
    return np.asarray(_array_of(x)).dtype.kind == "c"


def _check_output(y: Any) -> Any:
    """`y`, which must be a Tensor, an array or a number."""
    if isinstance(y, Tensor | np.ndarray | np.generic | int | float | complex):
        return y
    raise TypeError(
        f"check_gradients: f returned {type(y).__name__} {y!r:.60}; return tensors or numbers, or lists of them"
    )


@contextlib.contextmanager
def _substitute(handles: Sequence[Tensor], values: Sequence[Array]) -> Iterator[None]:
    """For a while, give other values to the tensors that f closes over."""
    kept = [(handle, handle._array, handle.node) for handle in handles]
    try:
        for handle, value in zip(handles, values, strict=True):
            name = handle.name
            handle._array = np.array(value)
            handle.node = leaf(handle, name)
        yield
    finally:
        for handle, data, node in kept:
            handle._array, handle.node = data, node
