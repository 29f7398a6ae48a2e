"""The graph and its two sweeps: how values are recorded, and how derivatives flow through them. Knows no operation.

Read `node`, `op` and `chain_rule` first: what a graph is, what an operation is, and backward in 25 lines. Then
`apply`, which records, and `reverse`, which differentiates; `record` and `memory` make them fast.
"""
