"""Diagnosing training: one batch through the model and back, and what stands in the way of learning."""

from .findings import Diagnosis, Obstacle
from .run import diagnose

__all__ = ["Diagnosis", "Obstacle", "diagnose"]
