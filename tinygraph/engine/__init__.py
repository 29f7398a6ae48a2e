"""The graph and its two sweeps: nodes, modes, declarations of ops, forward and reverse. Knows no operation."""
