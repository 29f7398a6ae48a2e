"""Arrays that are changed behind the graph's back, through `t.data` or shared memory: noticed, never silently used."""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import GraphError
from .node import Node, clock
from .origins import place

_HISTORY = 256
_watched: dict[int, list[tuple[int, int, str]]] = {}
"""By id of the array that owns the memory: when it was handed out, what it held (its checksum), and where."""


def _owner(array: Any) -> Any:
    """The array that a view looks at."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def checksum(array: Any) -> int:
    """A 32-bit digest of the array's bytes: two different contents agree with probability 2**-32."""
    data = np.ascontiguousarray(array)
    return zlib.crc32(data.reshape(-1).view(np.uint8).data if data.size else b"")


def watch(array: np.ndarray[Any, Any]) -> None:
    """Remember what `array` holds now: it is handed out through `.data` while a graph may still need it.

    The caller can change it behind the graph's back, and a node recorded before this moment would then use
    the wrong value. `verify` compares. Costs one pass over the array.
    """
    array = _owner(array)
    clock.now += 1
    key = id(array)
    if key not in _watched:
        _watched[key] = []
        weakref.finalize(array, _watched.pop, key, None).atexit = False
    history, digest = _watched[key], checksum(array)
    if history and history[-1][1] == digest:
        history.pop()  # nothing happened since: the later moment says it all
    history.append((clock.now, digest, place()))
    del history[:-_HISTORY]


def any_watched() -> bool:
    """Whether any array is being watched."""
    return bool(_watched)


def _read(node: Node) -> Iterator[tuple[int, Any]]:
    """The arrays that the rules of `node` will read, with their positions: 0 for the output, then the inputs."""
    if node.op is not None:
        reads = node.op.needs(tuple([type(i) is Node for i in node.inputs]))
        for position, (array, use) in enumerate(zip((node.value, *(node.saved or ())), reads, strict=False)):
            if use == "value" and isinstance(array, np.ndarray):
                yield position, array


def verify(node: Node) -> None:
    """Raise GraphError if an array that a rule of `node` reads was changed, through `.data`, since recorded."""
    for position, array in _read(node):
        owner = _owner(array)
        later = [entry for entry in _watched.get(id(owner), ()) if entry[0] > node.epoch]
        if later and later[0][1] != checksum(owner):
            origin = node.fact("origin") or "unknown line: record under tg.origins()"
            what = f"input {position}" if position else "the output"
            raise GraphError(
                f"backward: {what} {array.shape} {array.dtype} of {node!r} (recorded at {origin}) was changed "
                f"in place through .data, handed out at {later[0][2]}; change it before recording, or assign "
                f"a new array: t.data = t.data + ..."
            )


def note_checksums(node: Node) -> None:
    """Under `detect_anomaly`: note the checksum of every array that the rules of `node` will read."""
    node.note("checksums", [(a, checksum(a)) for _, a in _read(node)])


def changed_arrays(node: Node) -> Iterator[str]:
    """The shapes and dtypes of arrays that changed since `freeze(node)`, in words."""
    for array, digest in node.fact("checksums") or ():
        if checksum(array) != digest:
            yield f"{array.shape} {array.dtype}"
