"""Why a gradient is NaN or infinite: the first operation that made it so, the element, and the input there."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.edges import Edge, values_of
from ..engine.node import Node, op_of
from ..engine.reasons import describe_inputs, element, first_bad, reason
from .answer import Why, names, place, sentence
from .path import Path


def why_bad(path: Path, headline: str) -> Why | None:
    """The explanation, or None where the values that would tell are gone."""
    seed = path.grads[path.order[-1]]
    index = first_bad(seed)
    if index is not None:
        words = f"The gradient given to backward is {np.asarray(seed)[index].item()} at {element(index)}."
        return Why("seed", (headline, words), "Give a finite one.", element=index)
    for edge in path.edges:
        if edge.raw is None or first_bad(edge.g) is not None:
            continue
        index = first_bad(edge.raw)
        if index is not None:
            return _blame_forward(edge.reader, headline) or _blame_backward(edge, index, headline)
    if path.found is None:  # not to be followed, but the values themselves may tell
        for node in path.order:
            if node.value is not None and first_bad(node.value) is not None:
                return _blame_forward(node, headline)
    return None


def _blame_forward(node: Node, headline: str) -> Why | None:
    """Where the first bad value among those that `node` was made from came from; None if all are finite."""
    culprit: Node | None = None
    here: Any = node
    while True:  # upstream, as long as something there is bad
        values = values_of(here)
        index = None if here.value is None else first_bad(here.value)
        if index is not None:
            culprit = here
        upstream = None
        for source, value in zip(here.inputs, values):
            where = None if value is None else first_bad(value)
            if where is None:
                continue
            if type(source) is not Node or source.op is None:
                return _blame_data(source, value, where, here, headline)
            upstream = source
            break
        if upstream is None:
            break
        here = upstream
    if culprit is None:
        return None
    index = first_bad(culprit.value) or ()
    value, values, op = np.asarray(culprit.value)[index].item(), values_of(culprit), culprit.op
    if op is None or any(v is None for v in values):
        words = f"Forward made {value} at {element(index)} of {place(culprit)}."
        return Why("forward", (headline, words), "Look at its inputs.", culprit, index)
    why = reason(op, values, culprit.attrs, culprit.shape, index, value)
    inputs = describe_inputs(op, values, culprit.shape, index)
    words = f"Forward made {value} in {place(culprit)}{_which(index)}: {inputs}."
    return Why(why.cause, (headline, words, sentence(why.words)), sentence(why.fix), culprit, index)


def _blame_data(source: Any, value: Any, index: tuple[int, ...], reader: Node, headline: str) -> Why:
    what = names([source]) if type(source) is Node else f"a constant of shape {np.shape(value)}"
    count = np.count_nonzero(~np.isfinite(value))
    words = (
        f"It was in the data before any operation: {what}, used by {place(reader)}, is not finite in {count:,} of "
        f"{np.size(value):,} elements, the first {np.asarray(value)[index].item()} at {element(index)}."
    )
    fix = (
        "If it is a parameter, an earlier update broke it: lower the learning rate."
        if type(source) is Node
        else "Clean the data, for example with np.nan_to_num."
    )
    return Why("data", (headline, words), fix, reader, index)


def _blame_backward(edge: Edge, index: tuple[int, ...], headline: str) -> Why:
    op = op_of(edge.reader)  # a leaf reads nothing
    passed = np.asarray(edge.raw)[index].item()
    known = all(v is not None for v in edge.values)
    values = edge.values if known else None
    why = reason(op, values, edge.reader.attrs, edge.raw.shape, index, passed, edge.position)
    g = np.broadcast_to(edge.g, edge.raw.shape)[index].item() if op.local else None
    if g is not None and edge.slope is not None:
        slope = np.broadcast_to(edge.slope, edge.raw.shape)[index].item()
        how = f"{g:g} * {slope:g} = {passed}"
    else:
        how = f"it becomes {passed}"
    inputs = f" ({describe_inputs(op, edge.values, edge.raw.shape, index)})" if known else ""
    words = f"Forward was finite there, and in backward {how} at {place(edge.reader)}{_which(index)}{inputs}."
    return Why(why.cause, (headline, words, sentence(why.words)), sentence(why.fix), edge.reader, index)


def _which(index: tuple[int, ...]) -> str:
    return f", {element(index)}" if index else ""
