"""Kept for a version: these stand in `tinygraph.engine.node` and `tinygraph.engine.mode` now."""

from .engine.mode import detect_anomaly, enable_grad, keep_values, no_grad, origins
from .engine.node import Node, topological

__all__ = ["Node", "detect_anomaly", "enable_grad", "keep_values", "no_grad", "origins", "topological"]
