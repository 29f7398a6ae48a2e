"""Functions with a reverse rule of their own, given as a forward and a backward function."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.lending import Lender, lent, returned, written
from ..engine.mode import current, switch, tracing
from ..engine.trees import children, flatten, map_leaves
from ..errors import GraphError
from ..tensors.tensor import Tensor
from .joint import Joint, node_of, parts_of, recorded_positions, with_leaves

Function = Callable[..., Any]


class CustomVJP:
    """A function whose gradient is what `defvjp` says; made by `tg.custom_vjp`."""

    def __init__(self, f: Function) -> None:
        functools.update_wrapper(self, f)
        self.f, self.name = f, getattr(f, "__name__", "custom_vjp")
        self.lender = Lender()
        self.forward: Function | None = None
        self.backward: Function | None = None

    def defvjp(self, forward: Function, backward: Function) -> None:
        """Declare the rule, as the two functions `forward` and `backward`.

        `forward(*args)` returns `(output, residuals)`: what the function returns, and anything that backward needs.
        `backward(residuals, g)` returns a tuple with one gradient per positional argument, built like the argument;
        None stands for zero. `g` is built like the output. Both run on arrays, and on Tensors for higher orders.
        What `backward` writes into what it is given, and later into what it returned, changes nothing elsewhere.
        """
        self.lender = Lender()
        self.forward, self.backward = forward, backward
        self._record = node_of(self.name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.forward is None:
            raise GraphError(f"custom_vjp: {self.name} has no rule yet; declare it: f.defvjp(forward, backward)")
        leaves = flatten(args)
        chosen = recorded_positions(leaves)
        if tracing():  # whatever is traced is computed again in a replay
            chosen = [k for k, x in enumerate(leaves) if isinstance(x, Tensor)]
        elif not current().grad:
            chosen = []
        if not chosen:
            return self.f(*args, **kwargs)
        joint = _CustomCall(self, args, kwargs, chosen)
        return joint.like_output(self._record(*[leaves[k] for k in chosen], joint=joint))

    def __repr__(self) -> str:
        return f"<custom_vjp {self.name}>"


def custom_vjp(f: Function) -> CustomVJP:
    """Decorator: `f`, recorded as one node with the reverse rule that its `defvjp(forward, backward)` declares.

    For functions whose derivative is known better than by differentiating what they do: iterations, clipped or
    straight-through gradients, calls into other libraries. Arguments may be numbers, arrays, Tensors and lists,
    tuples, dicts and dataclasses of them; so may the output. `forward` and `backward` are given arrays. Second
    derivatives run both on Tensors: they exist where `backward` is written with NumPy or tg. `forward` is then run
    again only if some residual is neither an input nor an output. Raises GraphError where a gradient does not fit its
    argument.

    >>> @custom_vjp
    ... def norm(x):
    ...     return np.sqrt(np.sum(x * x))
    >>> def forward(x):
    ...     y = norm.f(x)
    ...     return y, (x, y)
    >>> def backward(residuals, g):
    ...     x, y = residuals
    ...     return (g * x / np.where(y > 0, y, 1.0),)  # 0 at 0, where sqrt has an infinite slope
    >>> norm.defvjp(forward, backward)
    >>> from tinygraph import grad
    >>> grad(norm)(np.zeros(2)), grad(norm)(np.array([3.0, 4.0]))
    (array([0., 0.]), array([0.6, 0.8]))
    """
    return CustomVJP(f)


class _CustomCall(Joint):
    """One call of a CustomVJP: its arguments, what forward left for backward, and how the output is built."""

    def __init__(self, owner: CustomVJP, args: tuple[Any, ...], kwargs: dict[str, Any], chosen: list[int]) -> None:
        self.owner, self.kwargs, self.chosen = owner, kwargs, chosen
        self.args = with_leaves(args, dict.fromkeys(chosen))
        self.residuals: Any = None
        self.known: list[Any] = []

    def output(self, xs: tuple[Any, ...]) -> Any:
        lents = [lent(x) for x in xs]
        try:
            out, self.residuals = self._forward(tuple(lents))
        except ValueError as error:
            raise written(f"custom_vjp of {self.owner.name}", "forward", error) from error
        known = [*lents, *flatten(out)]
        out = map_leaves(out, lambda y: returned(y, lents, xs))
        self.single = children(out) is None
        self.built = out
        leaves = flatten(out)
        self.known = known
        return out if self.single else np.concatenate([np.reshape(y, -1) for y in leaves])

    def _forward(self, xs: tuple[Any, ...]) -> tuple[Any, Any]:
        forward: Any = self.owner.forward
        result = forward(*with_leaves(self.args, dict(zip(self.chosen, xs, strict=True))), **self.kwargs)
        if not (isinstance(result, tuple) and len(result) == 2):
            raise GraphError(
                f"custom_vjp: forward of {self.owner.name} returned {type(result).__name__} {result!r:.60}; "
                f"return a tuple (output, residuals)"
            )
        return result

    def like_output(self, y: Any) -> Any:
        """`y`, the value or gradient of the node, built like what forward returned: a tuple for a tuple, and so on."""
        if self.single:
            return y
        parts = parts_of(y, [np.shape(x) for x in flatten(self.built)])
        return with_leaves(self.built, dict(enumerate(parts)))

    def gradients(self, g: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
        residuals = self._residual_tensors(y, xs) if any(isinstance(x, Tensor) for x in xs) else self.residuals
        backward: Any = self.owner.backward
        with switch(grad=isinstance(g, Tensor) and current().grad):
            found = self.owner.lender.run(lambda hand: backward(map_leaves(residuals, hand), self.like_output(hand(g))))
        if not (isinstance(found, tuple) and len(found) == len(self.args)):
            what = f"{len(found)} gradients" if isinstance(found, tuple) else type(found).__name__
            raise GraphError(
                f"custom_vjp: backward of {self.owner.name} returned {what}; "
                f"return a tuple of {len(self.args)}, one gradient per argument"
            )
        leaves: list[Any] = []
        for k, (arg, grad) in enumerate(zip(self.args, found, strict=True)):
            own, count = flatten(grad), len(flatten(arg))
            leaves += [None] * count if grad is None else own
            if grad is not None and len(own) != count:
                raise GraphError(
                    f"custom_vjp: backward of {self.owner.name} returned {len(own)} arrays for argument {k}, which has "
                    f"{count}; build the gradient like the argument, or return None for zero"
                )
        return [self._gradient_array(leaves[k], k, x) for k, x in zip(self.chosen, xs, strict=True)]

    def _gradient_array(self, grad: Any, leaf: int, x: Any) -> Any:
        if grad is None:
            return np.zeros_like(x)
        if np.shape(grad) != np.shape(x):
            raise GraphError(
                f"custom_vjp: backward of {self.owner.name} returned a gradient of shape {np.shape(grad)} for an input "
                f"of shape {np.shape(x)} (array {leaf}); return one of the same shape"
            )
        return grad if isinstance(grad, Tensor | np.generic) else np.array(grad)  # backward may keep it, or return g

    def _residual_tensors(self, y: Any, xs: tuple[Any, ...]) -> Any:
        """The residuals as Tensors: the inputs and outputs among them as they are, others by running forward again."""
        known = {id(x): t for x, t in zip(self.known, [*xs, *flatten(self.like_output(y))], strict=True)}
        if all(id(x) in known or not _is_number(x) for x in flatten(self.residuals)):
            return map_leaves(self.residuals, lambda x: known.get(id(x), x))
        return self._forward(xs)[1]

    def __repr__(self) -> str:
        return self.owner.name


def _is_number(x: Any) -> bool:
    """Whether `x` may depend on the inputs: floating-point numbers."""
    return isinstance(x, float) or (isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fc")
