"""`diagnose`: run one batch forward and backward, keep everything, and ask the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...engine import origins
from ...engine.mode import no_grad, switch
from ...engine.node import Array, topological
from ...engine.reverse import pullback
from ...errors import GraphError
from ...nn import Module, cross_entropy, mse_loss
from ...optim import Optimizer
from ...random import Draws
from ...tensors.tensor import Tensor, asarray
from ...transforms.plain_run import as_plain, difference
from .findings import Diagnosis
from .rules import examine, other_value
from .structure import Structure

Parameters = Module | Mapping[str, Tensor] | Iterable[Tensor]


def diagnose(
    model: Callable[..., Any] | Tensor,
    batch: tuple[Any, Any] | None = None,
    *,
    loss: Callable[[Any, Any], Tensor] | None = None,
    parameters: Parameters | None = None,
    optimizer: Optimizer | None = None,
    lr: float | None = None,
) -> Diagnosis:
    """Say what stands in the way of learning: run one batch forward and backward, and look at every layer.

    `model` is a Module, or any function of x with its `parameters` (a list of tensors, or a dict by name), and
    `batch` is `(x, y)`. `loss(output, y)` is by default `cross_entropy` for integer y and `mse_loss` otherwise.
    Or `model` is a loss that was recorded under `tg.keep_values()`, before its backward. With the `optimizer`, or
    the `lr` of plain gradient descent, the size of the next update is judged too.

    Parameters, gradients, buffers and the optimizer stay as they are. Returns a `Diagnosis`; printing it says in
    one line each what was found, where, and what to do. Raises TypeError for a batch that is no pair or a model
    without parameters, GraphError for a loss that nothing was kept of.

    >>> import tinygraph as tg
    >>> zeros = tg.nn.init.zeros
    >>> net = tg.nn.Sequential(tg.nn.Linear(3, 8, weight_init=zeros), tg.nn.Sigmoid(),
    ...                        tg.nn.Linear(8, 1, weight_init=zeros))
    >>> rng = np.random.default_rng(0)
    >>> print(diagnose(net, (rng.normal(size=(32, 3)), rng.normal(size=(32, 1)))))
    1 finding (2 layers, 41 parameters, loss ...)
      symmetric units: layers.0, 8 of 8 units: ...
    """
    here, other = origins.place(), ""
    if isinstance(model, Tensor):
        recorded, named = model, None if parameters is None else _parameters_by_name(parameters)
        _check_recorded(recorded)
    else:
        named = _parameters_by_name(parameters if parameters is not None else model)
        draws = Draws()
        with draws:
            recorded = _forward(model, batch, loss)
        other = _other_value(model, batch, draws)
        if recorded.node is None:
            raise GraphError(
                "diagnose: the loss does not depend on any parameter, so there is nothing to learn from it; look for "
                "detach(), no_grad() or .numpy() on the way, or record with requires_grad=True"
            )
    node: Any = recorded.node
    with np.errstate(all="ignore"):  # what is not finite is a finding
        found = pullback([(node, np.ones(node.shape, node.dtype))], retain_graph=True)
        structure = Structure(node, found, named, here)
        findings = [*other_value(other), *examine(structure, _updates(structure, optimizer, lr))]
    size = sum(handle.size for handle in structure.parameters.values())
    return Diagnosis(tuple(findings), len(structure.layers), size, float(recorded.item()))


def _parameters_by_name(given: Any) -> dict[str, Tensor]:
    if isinstance(given, Module):
        named = {path: t for path, t in given.named_parameters() if t.requires_grad}
    elif isinstance(given, Mapping):
        named = dict(given)
    elif callable(given) or not isinstance(given, Iterable):
        raise TypeError(
            f"diagnose: {getattr(given, '__name__', type(given).__name__)} is no Module, so its parameters are "
            f"unknown; name them by parameters=[...], or {{name: tensor}}"
        )
    else:
        named = {}
        for position, t in enumerate(given):
            name = getattr(t, "name", None)
            named[name if name and name not in named else f"parameter {position}"] = t
    if not named or not all(isinstance(t, Tensor) and t.requires_grad and t.is_leaf for t in named.values()):
        raise TypeError("diagnose: there are no parameters to train; give leaf tensors with requires_grad=True")
    return named


def _forward(model: Callable[..., Any], batch: Any, loss: Callable[[Any, Any], Tensor] | None) -> Tensor:
    """The loss on the batch, recorded with everything kept."""
    if not isinstance(batch, tuple | list) or len(batch) != 2:
        raise TypeError(f"diagnose: the batch is {batch!r:.60}; give a pair (x, y) of inputs and targets")
    x, y = batch
    with np.errstate(all="ignore"), same_buffers(model), switch(grad=True, keep=True, origins=True):
        output = model(x if isinstance(x, Tensor) else asarray(x))
        result = (loss or _default_loss)(output, y)
    if not isinstance(result, Tensor) or result.size != 1:
        raise TypeError(f"diagnose: the loss is {result!r:.60}; it must be a tensor of one number, such as a mean")
    return result


def _other_value(model: Callable[..., Any], batch: Any, draws: Draws) -> str:
    """How the output for the batch as a plain array differs from that for a tensor, "" where it does not."""
    x, _ = batch

    def run(x: Any) -> Any:
        with np.errstate(all="ignore"), same_buffers(model), draws:
            return model(x)

    try:
        with no_grad():
            plain = run(as_plain(x))
            found = difference(run(x if isinstance(x, Tensor) else asarray(x)), plain)
            return "" if found and difference(run(as_plain(x)), plain) else found
    except Exception:  # it takes tensors alone
        return ""


def _default_loss(output: Tensor, y: Any) -> Tensor:
    y = y if isinstance(y, Tensor) else np.asarray(y)
    return cross_entropy(output, y) if y.dtype.kind in "iu" else mse_loss(output, y)


@contextmanager
def same_buffers(model: object) -> Iterator[None]:
    """Give buffers, such as running means, back the values they had."""
    tensors = [t for _, t in model.named_tensors()] if isinstance(model, Module) else []
    kept = [(t, np.array(t._array)) for t in tensors if not t.requires_grad]
    try:
        yield
    finally:
        for t, value in kept:
            t._array = value


def _check_recorded(loss: Tensor) -> None:
    if loss.node is None or loss.size != 1:
        raise GraphError(
            f"diagnose: got {'an untracked tensor' if loss.node is None else f'a tensor of shape {loss.shape}'}; give "
            f"a recorded loss of one number, or a model with a batch"
        )
    nodes = [node for node in topological([loss.node]) if node.op is not None]
    if not all(node.fact("keep") for node in nodes):
        raise GraphError("diagnose: the values of this graph were not kept; record the loss under tg.keep_values()")
    if any(node.saved is None for node in nodes):
        raise GraphError("diagnose: backward has used up this graph; diagnose before it, or pass retain_graph=True")


def _updates(structure: Structure, optimizer: Optimizer | None, lr: float | None) -> dict[str, Array]:
    """By parameter: how the next step would change it. Empty where neither optimizer nor lr says."""
    gradients = {name: structure.gradient_of(t) for name, t in structure.parameters.items()}
    if optimizer is None:
        return {} if lr is None else {name: -lr * g for name, g in gradients.items() if g is not None}
    states = {id(p): state for p, state in zip(optimizer.parameters, optimizer.state, strict=True)}
    updates = {}
    for name, t in structure.parameters.items():
        g = gradients[name]
        if g is not None and id(t) in states:
            value, _ = optimizer.update(np.array(t._array), np.array(g), [np.array(s._array) for s in states[id(t)]])
            updates[name] = value - t._array
    return updates
