"""Timings of tinygraph beside hand-written NumPy and its peers: `python -m tests.benchmarks`."""
