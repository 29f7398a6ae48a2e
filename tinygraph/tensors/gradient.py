"""The gradient side of a Tensor: being a leaf, running backward, holding `grad`, hooks."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import ops
from ..engine import mode
from ..engine.node import Recorded, leaf, topological, wrap
from ..engine.reverse import pullback
from ..engine.views import apart
from ..errors import GraphError, NotDifferentiable
from . import conversions

if TYPE_CHECKING:
    from typing_extensions import Self

_delivery = threading.RLock()
"""Held while a gradient is added to a leaf: two threads may train the same parameters."""


class Differentiable(Recorded):
    """Base of Tensor. A tensor with a node is tracked: `requires_grad` means just that."""

    __slots__ = ("__weakref__", "_grad", "_name", "_frozen")

    _grad: Any
    _frozen: bool
    _name: str | None

    if TYPE_CHECKING:  # what Tensor adds

        def __init__(self, data: Any, requires_grad: bool = False, name: str | None = None) -> None: ...

        name: str | None

        @property
        def shape(self) -> tuple[int, ...]: ...

        @property
        def dtype(self) -> np.dtype[Any]: ...

    @property
    def grad(self) -> Self | None:
        """The gradient that `backward()` left here: a Tensor of this shape and dtype, or None."""
        return getattr(self, "_grad", None)

    @grad.setter
    def grad(self, value: Any) -> None:
        tape = mode.current().tape
        if tape is not None:
            tape.forget(self)
        if value is None or (
            isinstance(value, Differentiable) and value.shape == self.shape and value.dtype == self.dtype
        ):
            self._grad = value
        else:
            value = value._array if isinstance(value, Differentiable) else value
            self._grad = type(self)(conversions.cast_like("grad", np.array(value), self))

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded. Assign to change it on a leaf."""
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        self.requires_grad_(flag)

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by the user rather than by a recorded operation."""
        return self.node is None or self.node.op is None

    @property
    def is_parameter(self) -> bool:
        """Whether it is a leaf to train, also while it is frozen by `requires_grad_(False)`."""
        return self.is_leaf and (self.node is not None or getattr(self, "_frozen", False))

    def requires_grad_(self, flag: bool = True) -> Self:
        """Start (or stop) recording operations on this leaf. Floating-point and complex tensors have gradients.

        A parameter for which recording is stopped is frozen, and stays one of its module's parameters.
        """
        if flag and self.node is None:
            if self.dtype.kind not in "fc":
                raise NotDifferentiable(
                    f"requires_grad: a tensor of {self.dtype} has no gradient; make it floating point, "
                    f"such as tg.tensor(x, dtype=float)"
                )
            self.node = leaf(self, getattr(self, "_name", None))
        elif not flag and self.node is not None:
            if self.node.op is not None:
                raise GraphError(
                    f"requires_grad: this tensor was made by {self.node.op.name} and is recorded; "
                    f"use t.detach() for an untracked tensor of the same value"
                )
            self._name, self.node, self._frozen = self.name, None, True
        return self

    def backward(self, gradient: Any = None, retain_graph: bool = False, create_graph: bool = False) -> None:
        """Add d(self)/d(leaf) to the `grad` of every leaf that this tensor was computed from.

        A tensor of more than one element needs `gradient`, of its shape. The graph is freed unless
        `retain_graph`; with `create_graph` the gradients are recorded too and can be differentiated again.
        The gradient with respect to a complex x + iy is dL/dx + i dL/dy, the direction of steepest ascent.
        Raises GraphError for an untracked or a complex tensor (without `gradient`), a freed graph, or values changed
        since they were recorded.

        >>> import tinygraph as tg
        >>> x = tg.tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        tensor([2., 4.])
        """
        node = self.node
        if node is None:
            if self.dtype.kind not in "fc":
                raise NotDifferentiable(f"backward: called on {conversions.jumps(self.dtype)}")
            raise GraphError(
                "backward: this tensor is not recorded, so it has no gradient; build it from tensors with "
                "requires_grad=True, outside no_grad and without detach"
            )
        seed = conversions.seed(self, gradient)
        if create_graph or mode.tracing():
            seed = gradient if isinstance(gradient, Differentiable) else type(self)(seed, name="seed")
            self._backward_recorded(seed, create_graph)
            return
        found = pullback([(node, seed)], retain_graph=retain_graph)
        for node in list(found):
            g = found.pop(node)
            handle = node.fact("handle")()
            if handle is not None:
                with _delivery:
                    before = handle.grad
                    handle._grad = wrap(type(self), g if before is None else before._array + g, None)
                    facts: dict[str, Any] = node.meta  # type: ignore[assignment]
                    facts["deliveries"] = 1 if before is None else facts.get("deliveries", 0) + 1

    def _backward_recorded(self, seed: Any, create_graph: bool) -> None:
        """Backward run on Tensors: its own operations are recorded, as nodes or on the tape of a trace."""
        tape = mode.current().tape
        if tape is not None:
            tape.phase = "backward"
            tape.root(self)
        with mode.switch(grad=create_graph):
            seed = seed if seed.dtype == self.dtype else ops.astype(seed, dtype=self.dtype)
            found = pullback([(self.node, seed)], create_graph=True)  # type: ignore[list-item]
            delivered = {id(seed._array)}
            for node, g in found.items():
                if id(g._array) in delivered or getattr(g._array, "base", None) is not None:
                    g = ops.positive(g)
                delivered.add(id(g._array))
                handle = node.fact("handle")()
                if handle is not None:
                    before = handle.grad
                    handle._grad = g if before is None else before + g
                    node.note("deliveries", 1 if before is None else (node.fact("deliveries") or 0) + 1)
                    if tape is not None:
                        tape.gradient(handle, handle._grad, before)
        if tape is not None:
            tape.phase = "update"

    def register_hook(self, hook: Callable[[Self], Self | None]) -> Callable[[], None]:
        """Call `hook(gradient)` when backward reaches this tensor; what it returns replaces the gradient.

        If it returns None, what it wrote into the gradient that it was given (`g *= 2`) counts. Returns a function that
        removes the hook.
        """
        return self._hook(object(), hook)

    def _hook(self, key: Any, hook: Callable[[Self], Self | None]) -> Callable[[], None]:
        node = self.node
        if node is None:
            raise GraphError("register_hook: this tensor is not recorded and gets no gradient; use requires_grad_()")
        cls = type(self)

        def attend(g: Any) -> Any:
            recorded = isinstance(g, Differentiable)
            given: Any = apart(g) if recorded else wrap(cls, g.copy(), None)  # others may hold g
            result = hook(given)
            result = given if result is None else result
            result = result if isinstance(result, Differentiable) else cls(np.asarray(result))
            if result.shape != given.shape:
                raise GraphError(
                    f"register_hook: the hook turned a gradient of shape {given.shape} into {result.shape}; "
                    f"return the same shape, or None to leave it"
                )
            return result if recorded else result._array.astype(given.dtype, copy=result is not given)

        node.note("hooks", {**(node.fact("hooks") or {}), key: attend})
        return lambda: node.note("hooks", {k: h for k, h in node.fact("hooks").items() if k is not key})

    def retain_grad(self) -> Self:
        """Keep the gradient of this intermediate tensor in `grad` as well. A leaf has it there anyway.

        Raises GraphError for a tensor that is not recorded, and for one that was a leaf until a write gave it another
        value: the leaf's gradient goes there already.
        """
        handle, node = weakref.ref(self), self.node
        if node is not None and node.op is None:
            return self
        if node is not None and any(n.op is None and n.fact("handle")() is self for n in topological([node])):
            raise GraphError(
                "retain_grad: grad of this tensor is that of the leaf that it was before it was written into; "
                "give the new value a name of its own: y = x * 1; y[...] = ...; y.retain_grad()"
            )

        def keep(g: Any) -> None:
            owner = handle()
            if owner is not None:
                owner._grad = g.copy() if owner.grad is None else owner.grad + g

        self._hook(handle, keep)  # once for each handle
        return self
