"""The rules of diagnosis: each looks at the structure of one recorded step and yields what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ...engine.edges import values_of
from ...engine.node import Array, Node, op_of
from ...engine.reasons import first_bad, reason
from ...engine.wording import number_of, some_of
from .findings import Obstacle
from .structure import Activation, Layer, Structure, layer_of

MIN_SAMPLES = 32
"""Fewer samples say little about a unit: in a healthy layer, too, some are negative on a few samples that are alike."""
DEAD_SHARE = 0.25
"""Of the units of a layer: some that this batch does not reach are normal after a random start."""
FLAT = 0.05
"""Of the slope at 0: where less is left, three layers pass on a ten-thousandth of the gradient."""
FLAT_SAMPLES = 0.5
"""Of the samples: a unit that is flat for fewer learns from the others."""
FLAT_SHARE = 0.25
"""Of the units of a layer: single saturated units are features that the network is sure of."""
VANISHING = 1e-4
"""Of the gradient at the output: below it, the first layers stand still while the last ones learn."""
EXPLODING = 1e4
"""Times the gradient at the output: a rate small enough for the first layers is none for the last."""
LARGE_UPDATE = 0.5
"""Of the size of the weights: about 0.001 is healthy; at half, a step throws away what was learned."""
SMALL_UPDATE = 1e-8
"""Of the size of the weights: float32 rounds such a step away, and a million of them change one percent."""

SMALL_GRADIENT = 1e-6
"""Of the size of the weights: at a minimum, where hardly any gradient is left, the rate is not to blame."""


def examine(structure: Structure, updates: Mapping[str, Array]) -> list[Obstacle]:
    """All findings, most serious first. Where numbers are not finite, nothing else can be said."""
    broken = list(_not_finite(structure))
    if broken:
        return broken
    dead = {a.node: _dead_mask(a) for a in structure.activations if a.one_sided}
    symmetric = {layer.node: _twin_mask(structure, layer, dead) for layer in structure.layers}
    return [
        *_unused(structure),
        *_dead_units(structure, dead),
        *_symmetric_units(structure, symmetric),
        *_saturated_units(structure),
        *_gradients(structure, dead, symmetric),
        *_linear_after_linear(structure),
        *_promotion(structure),
        *_updates(structure, updates),
    ]


def other_value(difference: str) -> Iterator[Obstacle]:
    """The model gives another output for tensors than for plain arrays, and so would learn something else."""
    if difference:
        yield Obstacle(
            kind="another value",
            layer="",
            problem=f"the output is another one than on plain arrays: {difference}",
            fix="look for code that asks for the type of its input, or writes into it",
        )


# ------------------------------------------------------------------------------------------ not a number


def _not_finite(structure: Structure) -> Iterator[Obstacle]:
    """The first value, or else the first gradient, that is NaN or infinite where what it came from is not."""
    gradients = structure.gradients.values()
    if _all_finite(structure.root.value) and all(_all_finite(g) for g in gradients):
        return  # an infinity on the way, such as a mask of -inf, did no harm
    for name, t in structure.parameters.items():
        if not _all_finite(t._array):
            yield _not_finite_in(layer_of(name), f"{name} holds {_nan_or_infinity(t._array)}",
                       "go back to saved weights, and lower the learning rate", t._array)  # fmt: skip
            return
    for node in structure.order:
        if node.op is not None and not _all_finite(node.value):
            bad_input = next((x for x in node.saved or () if _is_number(x) and not _all_finite(x)), None)
            what = f"{node.op.name} gives {_nan_or_infinity(node.value)}"
            if bad_input is not None:
                fix, what = (
                    "clean the data",
                    f"{what} because a constant that goes in holds {_nan_or_infinity(bad_input)}",
                )
            else:
                fix = _remedy(node, node.value, None)
            yield _not_finite_in(structure.name(node), what, fix, node.value, structure.line(node))
            return
    for node in reversed(structure.order):
        for position, source in enumerate(node.inputs if node.op is not None else ()):
            g = structure.gradient_at(source) if type(source) is Node else None
            if g is not None and not _all_finite(g):
                what = f"the values are finite, but the derivative of {node.op.name} gives {_nan_or_infinity(g)}"  # type: ignore[union-attr]
                fix = _remedy(node, g, position)
                yield _not_finite_in(structure.name(node), what, fix, g, structure.line(node))
                return


def _remedy(node: Node, array: Array, position: int | None) -> str:
    """What to do about the first bad element of what a node made, or of what it passes on to an input."""
    op = op_of(node)
    index = first_bad(array) or ()
    values = values_of(node)
    known = None if any(v is None for v in values) else values
    why = reason(op, known, node.attrs, array.shape, index, np.asarray(array)[index].item(), position)
    if why.cause == "overflow" and "overflow" not in op.reasons:
        return "scale the inputs, or lower the learning rate"
    return why.fix


def _not_finite_in(layer: str, problem: str, fix: str, values: Array, line: str = "") -> Obstacle:
    count = int(np.size(values) - np.count_nonzero(np.isfinite(values)))
    return Obstacle("not finite", layer, problem, fix, count, int(np.size(values)), "elements", line)


def _is_number(x: object) -> bool:
    return isinstance(x, np.ndarray | np.generic | float)


def _all_finite(values: Array) -> bool:
    return bool(np.isfinite(values).all())


def _nan_or_infinity(values: Array) -> str:
    return "NaN" if np.isnan(values).any() else "infinity"


# ---------------------------------------------------------------------------------- units that do not learn


def _unused(structure: Structure) -> Iterator[Obstacle]:
    missing = [name for name, t in structure.parameters.items() if structure.gradient_of(t) is None]
    if missing:
        yield Obstacle(
            "unused parameters",
            layer_of(missing[0]),
            f"no gradient reaches {some_of(missing)}",
            "use them on the way to the loss, without detach(), no_grad() or .numpy() after them, or remove them",
            len(missing),
            len(structure.parameters),
            "parameters",
        )


def _dead_mask(activation: Activation) -> Array:
    """Which units of a relu are flat on all samples, and get no gradient on any; shape (units,)."""
    flat, g = activation.at_an_end(), activation.source.grad
    if len(flat) < MIN_SAMPLES:
        return np.zeros(flat.shape[1], bool)
    silent = np.asarray(flat.all(axis=0))
    return silent if g is None else silent & ~activation.by_unit(g).any(axis=0)


def _dead_units(structure: Structure, dead: Mapping[Node, Array]) -> Iterator[Obstacle]:
    for a in structure.activations:
        units = dead.get(a.node)
        if units is None or units.sum() <= DEAD_SHARE * units.size:
            continue
        zero = a.layer is not None and a.layer.rows is not None and not a.layer.rows.any()
        why = ", for all weights are zero: they stay so for ever" if zero else ""
        fix = "start from random weights (tg.nn.init.he_normal)" if zero else (
            "lower the learning rate, raise the biases, or use leaky_relu")  # fmt: skip
        samples = a.node.value.size // units.size
        never = "positive" if a.low == 0 else f"above {a.low:g}" if np.isfinite(a.low) else f"below {a.high:g}"
        problem = f"{a.op} is never {never} on {number_of(samples, 'sample')} and passes no gradient{why}"
        yield Obstacle("dead units", a.name, problem, fix, int(units.sum()), units.size, line=structure.line(a.node))


def _twin_mask(structure: Structure, layer: Layer, dead: Mapping[Node, Array]) -> Array | None:
    """Which units of a hidden layer have a twin: equal weights, outputs and gradients; shape (units,), or None."""
    rows, gradients = layer.rows, layer.gradients
    if rows is None or gradients is None or len(rows) < 2 or not structure.is_hidden(layer.node):
        return None
    after = [a for a in structure.activations if a.layer is layer and a.axis is not None]
    node = after[0].node if after else layer.node
    outputs = np.moveaxis(node.value, layer.axis or 0, 0).reshape(len(rows), -1)
    some = _indices_alike(rows)  # few or none, as a rule
    facts = [np.round(x[some] / (_rounding(x) or 1.0)) for x in (rows, outputs, gradients)]
    _, group, sizes = np.unique(np.concatenate(facts, axis=1), axis=0, return_inverse=True, return_counts=True)
    twins = np.zeros(len(rows), bool)
    twins[some] = sizes[group.reshape(-1)] > 1
    for a in after:
        if a.node in dead:
            twins &= ~dead[a.node]
    return twins


def _indices_alike(rows: Array) -> Array:
    """The indices of rows whose sum is also that of another, up to rounding errors."""
    sums = rows.sum(axis=1)
    order = np.argsort(sums)
    close = np.diff(sums[order]) <= _rounding(rows) * rows.shape[1]
    return np.unique(np.concatenate([order[1:][close], order[:-1][close]]))


def _rounding(x: Array) -> float:
    """What counts as a rounding error in `x`: half of the digits of its largest element."""
    return float(np.max(np.abs(x), initial=0.0) * np.sqrt(np.finfo(x.dtype).eps))


def _symmetric_units(structure: Structure, symmetric: Mapping[Node, Array | None]) -> Iterator[Obstacle]:
    for layer in structure.layers:
        twins = symmetric[layer.node]
        if twins is None or layer.rows is None or not twins.any():
            continue
        start = "weights are zero" if not layer.rows[twins].any() else "weights are equal"
        problem = f"their {start}, and so are outputs and gradients: they compute the same for ever"
        yield Obstacle("symmetric units", layer.name, problem, "start from random numbers (tg.nn.init.xavier_uniform)",
                      int(twins.sum()), twins.size, line=structure.line(layer.node))  # fmt: skip


def _saturated_units(structure: Structure) -> Iterator[Obstacle]:
    for a in structure.activations:
        if a.one_sided or not structure.is_hidden(a.node):
            continue  # at the output, sure predictions are what training is for
        units = (a.steepness() < FLAT).mean(axis=0) >= FLAT_SAMPLES
        if units.sum() >= FLAT_SHARE * units.size and units.any():
            yield Obstacle("saturated units", a.name, f"{a.op} is at its flat ends and passes hardly any gradient",
                          "start from smaller weights (tg.nn.init.xavier_uniform), and scale the inputs",
                          int(units.sum()), units.size, line=structure.line(a.node))  # fmt: skip


# ----------------------------------------------------------------------------------- gradients from layer to layer


def _gradients(
    structure: Structure, dead: Mapping[Node, Array], symmetric: Mapping[Node, Array | None]
) -> Iterator[Obstacle]:
    """Layers whose gradient is a tiny or huge multiple of that at the output, where nothing above explains it."""
    sizes = {layer: float(np.linalg.norm(layer.node.grad)) for layer in structure.layers if layer.node.grad is not None}
    reference = max((size for layer, size in sizes.items() if not structure.is_hidden(layer.node)), default=0.0)
    if not reference:
        return
    explained = {a.layer for a in structure.activations if a.node in dead and dead[a.node].all()}
    explained |= {layer for layer in sizes if (twins := symmetric[layer.node]) is not None and twins.all()}
    if any(layer.rows is not None and not layer.rows.any() for layer in sizes):
        explained |= {layer for layer, size in sizes.items() if not size}  # a last layer at zero learns first
    chosen = {layer: size / reference for layer, size in sizes.items() if layer not in explained}
    for kind, some, fix in (
        ("vanishing gradient", {layer: r for layer, r in chosen.items() if r < VANISHING},
         "use relu instead of sigmoid or tanh, he_normal or xavier_uniform, or fewer layers"),
        ("exploding gradient", {layer: r for layer, r in chosen.items() if r > EXPLODING},
         "start from smaller weights (he_normal, xavier_uniform, orthogonal), or normalise between layers"),
    ):  # fmt: skip
        if some:
            worst = max(some, key=lambda layer: abs(np.log(some[layer] or 1e-300)))
            problem = f"it is {some[worst]:.1g} times that at the output ({_span(some)})"
            line = structure.line(worst.node)
            yield Obstacle(kind, worst.name, problem, fix, len(some), len(sizes), "layers", line)


def _span(layers: Mapping[Layer, float]) -> str:
    names = list(dict.fromkeys(layer.name for layer in layers))
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _linear_after_linear(structure: Structure) -> Iterator[Obstacle]:
    for layer in structure.layers:
        before = structure.straight_from(layer)
        for first in sorted(before or (), key=structure.layers.index):
            between = _width(first)
            if between < min(first.inputs, _width(layer)):
                continue  # a product through a bottleneck is a matrix of low rank, which can be meant
            yield Obstacle("linear after linear", layer.name,
                          f"nothing but linear steps between {first.name} and {layer.name}, so that they are one "
                          f"linear map", f"put a nonlinearity such as relu after {first.name}, or leave it out",
                          line=structure.line(layer.node))  # fmt: skip


def _width(layer: Layer) -> int:
    return 1 if layer.rows is None else len(layer.rows)


# -------------------------------------------------------------------------------------------- numbers and steps


def _promotion(structure: Structure) -> Iterator[Obstacle]:
    """The first float64 that is computed from a tracked float32."""
    for node in structure.order:
        if node.op is None or node.dtype != np.float64 or node.attrs.get("dtype") is not None:
            continue  # where a dtype is asked for, it is meant
        if any(type(i) is Node and i.dtype == np.float32 for i in node.inputs):
            other = next((i for i in node.inputs if getattr(i, "dtype", None) == np.float64), None)
            what = "a parameter" if type(other) is Node and other.op is None else "an input"
            cause = f"{what} of float64 {other.shape}" if other is not None else "a float64 inside"
            yield Obstacle("promotion", structure.name(node),
                          f"{node.op.name} turns float32 into float64 by {cause}, and all that follows is float64",
                          "give it as float32: x.astype(np.float32)", line=structure.line(node))  # fmt: skip
            return


def _updates(structure: Structure, updates: Mapping[str, Array]) -> Iterator[Obstacle]:
    """Weights that the next step would change by too much or by nothing, judged by their root mean square."""
    fans = {layer.name: layer.inputs for layer in structure.layers}
    weights = {name: u for name, u in updates.items() if np.ndim(u) >= 2}
    ratios, slopes = {}, {}
    for name, update in weights.items():
        inputs = fans.get(layer_of(name), 1)
        # weights that start near zero are meant to grow to about this size
        size = max(_size(structure.parameters[name]._array), inputs**-0.5)
        ratios[name] = _size(update) / size
        g = structure.gradient_of(structure.parameters[name])
        slopes[name] = 0.0 if g is None else _size(g) / size
    large = {name: r for name, r in ratios.items() if r > LARGE_UPDATE}
    small = {name: r for name, r in ratios.items() if 0 < r < SMALL_UPDATE and slopes[name] > SMALL_GRADIENT}
    for kind, some, fix in (
        ("update too large", large, "lower the learning rate"),
        ("update too small", small, "raise the learning rate"),
    ):
        if some:
            name = (max if some is large else min)(some, key=lambda k: ratios[k])
            problem = f"a step changes {name} by {some[name]:.1g} of its size, where 0.001 is healthy"
            yield Obstacle(kind, layer_of(name), problem, fix, len(some), len(weights), "weights")


def _size(x: Array) -> float:
    return float(np.sqrt(np.mean(np.square(x)))) if np.size(x) else 0.0
