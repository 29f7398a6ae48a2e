"""The graph and its two sweeps: how values are recorded, and how derivatives flow through them. Knows no operation.

Read `node`, `op` and `chain_rule` first: what a graph is, what an operation is, and backward in 25 lines. Then
`apply`, which records, and `reverse`, which differentiates; `record` and `memory` make them fast.
"""

from typing import TYPE_CHECKING

from .._first_use import load_at_first_use

if TYPE_CHECKING:
    from . import anomaly as anomaly, corners as corners

if not TYPE_CHECKING:
    __getattr__ = load_at_first_use(__name__, {}, [".anomaly", ".corners"])  # which few programs need
