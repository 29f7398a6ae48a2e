"""`tg.derive`: the derivation of a gradient from the rules of the recorded operations, line by line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ..engine.node import Node
from ..engine.wording import number_of
from ..errors import GraphError
from ..tensors.tensor import Tensor
from .drawing import picture_of
from .scene.node_boxes import NodeBoxes
from .scene.parts import shape_text
from .steps.formulas import Deriver, Line
from .steps.latex import Latex
from .steps.notation import Text

_WIDE = 60
"""Characters of a formula up to which the shapes stand below each other."""


@dataclasses.dataclass(frozen=True, repr=False)
class Derivation:
    """What `tg.derive` returns: `lines`, first forward, then backward. A notebook shows it as mathematics."""

    lines: tuple[Line, ...]

    def __str__(self) -> str:
        written = [Text().write(line.expression) for line in self.lines]
        names, width = max(len(line.name) for line in self.lines), min(max(map(len, written)), _WIDE)
        rows = [
            f"{line.name:{names}} = {text:{width}}   {shape_text(line.shape)}"
            for line, text in zip(self.lines, written, strict=True)
        ]
        first = next((k for k, line in enumerate(self.lines) if line.of is not None), 0)
        return "\n".join([*rows[:first], *([""] if first else []), *rows[first:]])

    def latex(self) -> str:
        """The derivation as an `align*` environment, for documents and notebooks."""
        writer = Latex({line.name: line.of for line in self.lines if line.of is not None})
        rows = [f"{writer.name(line.name)} &= {writer.write(line.expression)}" for line in self.lines]
        return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"

    def _repr_latex_(self) -> str:
        return self.latex()

    def __repr__(self) -> str:
        return f"<Derivation: {number_of(len(self.lines), 'line')}>"


def derive(loss: Tensor, wrt: Tensor | Iterable[Tensor] | None = None) -> Derivation:
    """Return how the gradient of `loss` with respect to `wrt` follows, in formulas with shapes.

    The forward lines say how the loss was computed, the backward lines what the rules of the operations pass on:
    `dA` is the derivative of the loss with respect to `A`, `·` multiplies elementwise, matrices stand side by
    side, `[…]` is 1 where a condition holds and else 0, and `Σ₁` sums over axis 1. Only lines on the way from `wrt`
    (a tensor, several, or None for all parameters) to the loss are there. Values that have a name have a line of
    their own; those without one, read once, stand inside the line of their reader.

    The formulas are the rules', not simplified; casts of dtype are not written. Works before and after backward.
    Raises GraphError where no recorded way leads from `wrt` to the loss.

    >>> import tinygraph as tg
    >>> X = tg.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], name="X")
    >>> W = tg.tensor([[0.1, 0.2]], requires_grad=True, name="W")
    >>> b = tg.tensor([[0.3]], requires_grad=True, name="b")
    >>> Z = W @ X + b
    >>> A = tg.sigmoid(Z)
    >>> J = A.mean()
    >>> Z.name, A.name, J.name = "Z", "A", "J"
    >>> print(tg.derive(J))
    Z  = W X + b         (1, 3)
    A  = σ(Z)            (1, 3)
    J  = mean(A)         ()
    <BLANKLINE>
    dJ = 1               ()
    dA = dJ/3            (1, 3)
    dZ = dA · A(1 − A)   (1, 3)
    db = Σ dZ            (1, 1)
    dW = dZ Xᵀ           (1, 2)
    """
    if not isinstance(loss, Tensor):
        raise TypeError(f"derive: loss is {type(loss).__name__} {loss!r:.40}, not a Tensor; give tg.derive(loss, W)")
    if loss.node is None:
        raise GraphError(
            f"derive: the tensor of shape {loss.shape} is not recorded, so there is nothing to derive; compute it from "
            f"tensors with requires_grad=True, outside no_grad and without detach"
        )
    boxes = NodeBoxes(picture_of(loss), loss.node)
    for node in boxes.nodes:
        if node.dtype.kind == "c":
            raise GraphError(
                f"derive: {boxes.of[node].name} is complex ({node.dtype}), and formulas are written of real numbers; "
                f"step through the numbers with tg.trace, or derive with real and imaginary parts"
            )
    targets = [node for node in boxes.order if node.op is None] if wrt is None else _targets(wrt, boxes)
    return Derivation(Deriver(boxes, loss.node, targets).lines())


def _targets(wrt: Tensor | Iterable[Tensor], boxes: NodeBoxes) -> list[Node]:
    targets = []
    for t in [wrt] if isinstance(wrt, Tensor) else wrt:
        if not isinstance(t, Tensor):
            raise TypeError(f"derive: wrt has {type(t).__name__} {t!r:.40}; give a Tensor or several")
        if t.node is None or t.node not in boxes.of:
            called = t.name or f"the tensor of shape {t.shape}"
            raise GraphError(
                f"derive: no recorded way leads from {called} to the loss; ask tg.why(t, loss) for the reason"
            )
        targets.append(t.node)
    return targets
