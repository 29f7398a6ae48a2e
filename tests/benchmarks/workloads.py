"""The list of all workloads, in the order of the report."""

from __future__ import annotations

from tests.benchmarks import (
    derivatives,
    elementwise,
    graphs,
    logreg,
    mlp,
    ops_reductions,
    ops_scatter_conv,
    ordering,
    overheads,
    scalar,
    scalar_mlp,
)
from tests.benchmarks.harness import Workload

WORKLOADS: tuple[Workload, ...] = (
    *scalar.WORKLOADS,
    *scalar_mlp.WORKLOADS,
    *logreg.WORKLOADS,
    *mlp.WORKLOADS,
    *elementwise.WORKLOADS,
    *graphs.WORKLOADS,
    *derivatives.WORKLOADS,
    *ops_scatter_conv.WORKLOADS,
    *ordering.WORKLOADS,
    *ops_reductions.WORKLOADS,
)
OVERHEADS: tuple[Workload, ...] = overheads.WORKLOADS
