"""What goes through the layers of a model: histograms of their outputs for a batch, and of gradients after backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...engine.mode import switch
from ...engine.node import Node
from ...errors import GraphError
from ...explain.diagnosis.rules import FLAT
from ...explain.diagnosis.run import same_buffers
from ...explain.diagnosis.structure import Activation, Structure
from ...explain.facts import linear_in
from ...nn import Module
from ...tensors.tensor import Tensor, asarray
from .chart import Chart
from .histograms import histograms, share


def activations(
    model: Callable[..., Any],
    x: Any,
    *,
    parameters: Module | Mapping[str, Tensor] | None = None,
    title: str = "Activations",
) -> Chart:
    """Return the histograms of what each layer of `model` puts out for the batch `x`, the last being the model's.

    Layers are the products with a parameter, found in the recorded graph, each with the nonlinearity that follows;
    they are called by their parameter, from `parameters` where the model is a function. Of a sigmoid or tanh the
    share of saturated values is told (slope below 5 % of the largest), of a relu that of dead units, which are 0 for
    every sample. Parameters, gradients and buffers
    stay as they are.

    Raises GraphError for a model whose output depends on no parameter.

    >>> import tinygraph as tg
    >>> net = tg.nn.Sequential(tg.nn.Linear(3, 8, rng=0), tg.nn.Sigmoid(), tg.nn.Linear(8, 1, rng=1))
    >>> activations(net, np.zeros((4, 3))).alt
    'layers.0, sigmoid: 32 numbers, mean ..., std ..., 0 % saturated; layers.2: 4 numbers, mean ..., std ...'
    """
    with same_buffers(model), switch(grad=True, keep=True), np.errstate(all="ignore"):
        output = model(x if isinstance(x, Tensor) else asarray(x))
    if not isinstance(output, Tensor) or output.node is None:
        raise GraphError(
            f"activations: {output!r:.60} depends on no parameter, so there are no layers to see; give a model whose "
            f"parameters have requires_grad=True"
        )
    given = parameters if parameters is not None else model
    by_name = dict(given.named_parameters()) if isinstance(given, Module) else None
    if isinstance(given, Mapping):
        by_name = dict(given)
    structure = Structure(output.node, {}, by_name, "")
    judged = {a.node: a for a in structure.activations}
    arrays: dict[str, Any] = {}
    notes: dict[str, str] = {}
    for node in _outputs(structure):
        name = _name(structure, node, arrays)
        arrays[name] = node.value
        if node in judged:
            notes[name] = _note(judged[node])
    return histograms(arrays, title=title, x_name="output", notes=notes)


def gradients(model: Module | Mapping[str, Tensor], *, title: str = "Gradients") -> Chart:
    """Return the histograms of the gradients that backward left in the parameters, by their magnitude.

    `model` is a Module, or parameters by name. A parameter that no gradient has reached is left out, and the title
    of the axis says how many. Raises ValueError where none has one.

    >>> import tinygraph as tg
    >>> layer = tg.nn.Linear(3, 2, rng=0)
    >>> tg.sum(layer(np.ones((4, 3)))).backward()
    >>> gradients(layer).alt
    'weight: 6 numbers, RMS 4; bias: 2 numbers, RMS 4'
    """
    by_name = dict(model.named_parameters() if isinstance(model, Module) else model)
    found = {name: t.grad for name, t in by_name.items() if t.grad is not None}
    if not found:
        raise ValueError("gradients: no parameter has a gradient; call backward() before, and zero_grad() after")
    missing = len(by_name) - len(found)
    without = f" ({missing} parameter{'s' * (missing != 1)} without)" if missing else ""
    return histograms(found, title=title, x_name=f"magnitude of the gradient{without}", log=True)


def _outputs(structure: Structure) -> list[Node]:
    """What each layer reads of the others, and the output of the model, in order."""
    nodes = [layer.data for layer in structure.layers if layer.data is not None and structure.name(layer.data)]
    return list(dict.fromkeys([*nodes, structure.root]))


def _name(structure: Structure, node: Node, taken: Mapping[str, Any]) -> str:
    """The layer and its nonlinearity, made unique."""
    layer, op = structure.name(node) or "output", node.op
    line = op is None or not op.local or all(linear_in(op, k) for k, x in enumerate(node.inputs) if type(x) is Node)
    name = layer if op is None or line else f"{layer}, {op.name}"
    same = sum(other == name or other.startswith(f"{name} (") for other in taken)
    return f"{name} ({same + 1})" if same else name


def _note(activation: Activation) -> str:
    """The share of saturated values, or of dead units where there are any."""
    if activation.one_sided:
        flat = activation.at_an_end()
        dead = int(flat.all(axis=0).sum())
        return f"{dead} of {flat.shape[1]} units dead" if dead else ""
    return f"{share(activation.steepness() < FLAT)} saturated"
