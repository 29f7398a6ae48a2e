"""Examples for the operations whose inputs cannot be derived: one row per op, by its name."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import numpy as np

import tinygraph as tg
import tinygraph.nn
from tests.properties import rows
from tinygraph.engine.declare import registry
from tinygraph.engine.op import Op
from tinygraph.testing import Case, derived_cases

_rng = np.random.default_rng(20)


def x(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(_rng.standard_normal(shape))


_MASK = np.array([[True, False, True], [False, False, True]])
_TWICE = np.array([0, 2, 0, -1])
_EXTRA: dict[str, list[Case]] = {
    "relu": [Case(x(2, 3), at_zero=0), Case(x(4), at_zero=0.5)],
    "leaky_relu": [Case(x(5), slope=0.3)],
    "elu": [Case(x(5), alpha=2.0)],
    "power": [Case(np.abs(x(3)) + 0.5, 3.0), Case(2.0, x(3)), Case(x(4), 2), Case(x(4), 3.0), Case(x(3), 0)],
    "multiply": [Case(x(3), 2.0)],
    "maximum": [Case(x(3), 0.0), Case(np.array([1.0, 2.0]), np.array([1.0, 3.0]))],
}
"""Cases of elementwise ops beyond those that follow from their domain."""

_ROWS: dict[str, list[Case]] = {
    "where": [
        Case(_MASK, x(2, 3), x(2, 3)), Case(_MASK, x(3), x(2, 1)), Case(np.array(True), x(2), x(3, 1)),
        Case(_MASK, x(), 0.0), Case(np.zeros((0, 3), bool), x(3), x(1)),
    ],
    "sum": [
        Case(x(2, 3, 4)), Case(x(2, 3, 4), axis=1), Case(x(2, 3, 4), axis=(0, -1)),
        Case(x(2, 3, 4), axis=-2, keepdims=True), Case(x(5)), Case(x()), Case(x(0, 3)), Case(x(0, 3), axis=0),
        Case(x(2, 3), axis=()),
    ],
    "mean": [
        Case(x(2, 3, 4)), Case(x(2, 3, 4), axis=1), Case(x(2, 3, 4), axis=(0, -1)),
        Case(x(2, 3), axis=-2, keepdims=True), Case(x()), Case(x(0, 3), axis=1),
    ],
    "var": [
        Case(x(2, 3, 4)), Case(x(2, 3, 4), axis=1, ddof=1), Case(x(2, 3, 4), axis=(0, -1), ddof=0.5),
        Case(x(4, 3), axis=-2, keepdims=True), Case(x(3), axis=0),
    ],
    "std": [
        Case(x(2, 3, 4)), Case(x(2, 3, 4), axis=1, ddof=1), Case(x(2, 3, 4), axis=(0, -1), ddof=0.5),
        Case(x(4, 3), axis=-2, keepdims=True),
    ],
    "max": [
        Case(x(2, 3)), Case(x(2, 3, 4), axis=1), Case(x(2, 3, 4), axis=(0, -1)),
        Case(x(2, 3), axis=-1, keepdims=True), Case(x()), Case(x(0, 3), axis=1),
    ],
    "min": [
        Case(x(2, 3)), Case(x(2, 3, 4), axis=1), Case(x(2, 3, 4), axis=(0, -1)),
        Case(x(2, 3), axis=-1, keepdims=True), Case(x()), Case(x(0, 3), axis=1),
    ],
    "prod": [
        Case(x(2, 3)), Case(x(2, 3, 4), axis=1), Case(x(2, 3, 2), axis=(0, -1)),
        Case(x(2, 3), axis=-1, keepdims=True), Case([1.5, 0.0, 2.0]), Case([0.0, 3.0, 0.0]),
        Case([[0.0, 2.0, 3.0], [4.0, 5.0, 6.0]], axis=-1), Case(x(3, 0), axis=0), Case(x(1)), Case(x(7)),
    ],
    "cumsum": [Case(x(4)), Case(x(2, 3)), Case(x(2, 3), axis=0), Case(x(2, 3), axis=-1), Case(x(0))],
    "softmax": [Case(x(4)), Case(x(2, 3)), Case(x(2, 3), axis=0), Case(x(2, 3, 2), axis=(0, 2))],
    "log_softmax": [Case(x(4)), Case(x(2, 3)), Case(x(2, 3), axis=0), Case(x(2, 3, 2), axis=(0, 2))],
    "logsumexp": [
        Case(x(4)), Case(x(2, 3), axis=0), Case(x(2, 3), axis=-1, keepdims=True), Case(x(2, 3, 2), axis=(0, -1)),
    ],
    "getitem": [
        Case(x(5), index=slice(1, 4)), Case(x(5), index=slice(None, None, -2)), Case(x(5), index=-1),
        Case(x(3, 4), index=1), Case(x(3, 4), index=(slice(None), 2)), Case(x(2, 3, 4), index=(..., 0)),
        Case(x(3), index=None), Case(x(2, 3), index=(0, None, slice(1, None))), Case(x(2, 3), index=_MASK),
        Case(x(4), index=_TWICE), Case(x(4), index=[0, 0, 1]), Case(x(4, 3), index=(_TWICE, slice(1))),
        Case(x(4, 3), index=(_TWICE, np.array([0, 1, 0, 2]))), Case(x(3, 4), index=(slice(None), _TWICE)),
        Case(x(4), index=np.array([], int)), Case(x(0, 3), index=slice(None)),
        Case(x(2, 3, 4), index=(np.array([[0], [1]]), slice(None), np.array([[0, 0]]))), Case(x(3), index=()),
        Case(x(4), index=np.array([[0, 1], [1, 1]])), Case(x(3), index=np.array(1)),
        Case(x(2, 3), index=(_MASK.any(1), 0)),
    ],
    "scatter": [
        Case(x(4), index=_TWICE, shape=(4,)), Case(x(2), index=slice(1, 3), shape=(4,)),
        Case(x(), index=1, shape=(3,)), Case(x(4, 2), index=_TWICE, shape=(3, 2)),
        Case(x(3), index=(np.array([0, 0, 1]), np.array([1, 1, 0])), shape=(2, 2)),
        Case(x(3), index=_MASK, shape=(2, 3)), Case(x(2, 2), index=np.array([[0, 1], [1, 1]]), shape=(2,)),
        Case(x(0), index=np.array([], int), shape=(3,)), Case(x(4), index=[0, 1, 1, 0], shape=(2,)),
        Case(x(1, 0), index=np.zeros((1, 0), int), shape=(3,)),
    ],
    "write_view": [
        Case(x(2, 3), x(3, 2), view=tg.transpose.op, attrs={"axes": None}),
        Case(x(4), x(2), view=tg.getitem.op, attrs={"index": slice(1, 3)}),
        Case(x(3, 3), x(2), view=tg.ops.diagonal.op, attrs={"offset": 1, "axis1": 0, "axis2": 1}),
    ],
    "diagonal": [
        Case(x(3, 4)), Case(x(3, 4), offset=-1), Case(x(2, 3, 4), offset=1, axis1=2, axis2=0), Case(x(2, 2), offset=5),
    ],
    "setitem": [
        Case(x(4), x(), index=1), Case(x(4), x(2), index=slice(1, 3)), Case(x(2, 3), x(3), index=0),
        Case(x(2, 3), x(), index=_MASK), Case(x(4), x(4), index=_TWICE), Case(x(4), x(), index=_TWICE),
        Case(x(4, 2), x(2), index=(_TWICE,)), Case(x(2, 3), x(2, 1), index=(slice(None), slice(1, None))),
        Case(x(2, 3), x(3), index=...), Case(x(3), x(2), index=[1, 1]),
        Case(x(2, 3), x(3), index=(np.array([0, 0, 1]), np.array([1, 1, 0]))), Case(x(3), 2.0, index=0),
    ],
    "matmul": [
        Case(x(2, 3), x(3, 4)), Case(x(3), x(3)), Case(x(3), x(3, 2)), Case(x(2, 3), x(3)),
        Case(x(5, 2, 3), x(3, 4)), Case(x(2, 3), x(5, 3, 2)), Case(x(5, 1, 2, 3), x(4, 3, 2)),
        Case(x(3), x(5, 3, 2)), Case(x(5, 2, 3), x(3)), Case(x(2, 0), x(0, 3)), Case(x(0, 2), x(2, 3)),
        Case(x(1, 1), x(1, 1)),
    ],
    "einsum": [
        Case(x(2, 3), x(3, 4), subscripts="ij,jk->ik", optimize=False),
        Case(x(2, 3), subscripts="ij->ji", optimize=False), Case(x(2, 3), subscripts="ij->", optimize=False),
        Case(x(2, 3), x(2), subscripts="ij,i->i", optimize=True),
        Case(x(2), x(2), x(2), subscripts="i,i,i->i", optimize=False),
        Case(x(2), x(3), subscripts="i,j->", optimize=False),
        Case(x(2, 3), x(2, 3), subscripts="ab,ab->", optimize=False),
    ],
    "any": [Case(x(2, 3)), Case(x(2, 3), axis=0), Case(x(2, 3), axis=(0, 1), keepdims=True)],
    "all": [Case(x(2, 3)), Case(x(2, 3), axis=0), Case(x(2, 3), axis=(0, 1), keepdims=True)],
    "argmax": [Case(x(2, 3)), Case(x(2, 3), axis=0), Case(x(2, 3), axis=-1, keepdims=True)],
    "argmin": [Case(x(2, 3)), Case(x(2, 3), axis=0), Case(x(2, 3), axis=-1, keepdims=True)],
    "reshape": [
        Case(x(2, 3), shape=(3, 2)), Case(x(2, 3), shape=-1), Case(x(2, 3), shape=(1, -1, 3)),
        Case(x(0, 2), shape=(0,)), Case(x(1), shape=()),
    ],
    "transpose": [
        Case(x(2, 3)), Case(x(2, 3, 4), axes=(1, 2, 0)), Case(x(2, 3, 4), axes=(-1, 0, 1)), Case(x(3)),
        Case(x(0, 2)),
    ],
    "swapaxes": [Case(x(2, 3), axis1=0, axis2=1), Case(x(2, 3, 4), axis1=-1, axis2=0)],
    "moveaxis": [Case(x(2, 3, 4), source=0, destination=-1), Case(x(2, 3, 4), source=(0, 1), destination=(-1, 0))],
    "expand_dims": [Case(x(3), axis=0), Case(x(2, 3), axis=(0, -1)), Case(x(), axis=0), Case(x(0), axis=-1)],
    "squeeze": [Case(x(1, 3, 1)), Case(x(1, 3, 1), axis=0), Case(x(1, 3, 1), axis=(0, -1)), Case(x(1))],
    "broadcast_to": [
        Case(x(3), shape=(2, 3)), Case(x(2, 1), shape=(4, 2, 3)), Case(x(), shape=(2, 2)), Case(x(1), shape=(0,)),
        Case(x(3), shape=(3,)),
    ],
    "flip": [Case(x(2, 3)), Case(x(2, 3), axis=0), Case(x(2, 3, 2), axis=(0, -1)), Case(x(0))],
    "roll": [
        Case(x(5), shift=2), Case(x(2, 3), shift=1), Case(x(2, 3), shift=-1, axis=1),
        Case(x(2, 3), shift=(1, 2), axis=(0, 1)), Case(x(2, 3), shift=(1, 1), axis=1),
    ],
    "astype": [Case(x(3), dtype=np.float64), Case(x(2, 2), dtype=np.longdouble), Case(x(), dtype=np.float64)],
    "concatenate": [
        Case(x(2), x(3), axis=0, ends=(2, 5)), Case(x(2, 1), x(2, 3), x(2, 0), axis=1, ends=(1, 4, 4)),
        Case(x(1, 2), x(2, 2), axis=-2, ends=(1, 3)), Case(x(2), np.arange(2), axis=0, ends=(2, 4)),
    ],
    "stack": [
        Case(x(2), x(2), axis=0), Case(x(2, 3), x(2, 3), x(2, 3), axis=-1), Case(x(), x(), axis=0),
        Case(x(2, 2), axis=1),
    ],
    "pad": [
        Case(x(3), pad_width=((1, 2),)), Case(x(2, 3), pad_width=((0, 0), (2, 1))), Case(x(0), pad_width=((1, 1),)),
        Case(x(), pad_width=()),
    ],
    "affine": [
        Case(x(4, 3), x(2, 3), x(2)), Case(x(2, 4, 3), x(2, 3), x(2)), Case(x(3), x(2, 3), x(2)),
        Case(x(0, 3), x(2, 3), x(2)),
    ],
    "softmax_loss": [
        Case(x(4, 3), np.array([0, 2, 1, 1])), Case(x(3), np.array(1)), Case(x(2, 2, 3), np.array([[0, 1], [2, 2]])),
    ],
    "alias": [Case(x(3)), Case(x())],
}  # fmt: skip

for _family in pkgutil.iter_modules(rows.__path__):
    _module = importlib.import_module(f"{rows.__name__}.{_family.name}")
    _ROWS |= _module.ROWS
    _EXTRA |= getattr(_module, "EXTRA", {})

OPS = [
    op for op in registry
    if op.function.__module__.startswith("tinygraph.") and ".interop." not in op.function.__module__
]  # fmt: skip
"""Every operation that tinygraph declares by itself; a test that declares more leaves them out of this list."""


def cases(op: Op) -> list[Case]:
    """The examples of one op. Raises KeyError for one that has no row and whose examples cannot be derived."""
    if op.name in _ROWS:
        return _ROWS[op.name]
    if op.kind != "elementwise":
        raise KeyError(f"{op.name} has no row in tests/properties/table.py")
    return derived_cases(op) + _EXTRA.get(op.name, [])
