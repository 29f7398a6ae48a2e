"""Checking gradients against differences: measured slopes, compared with their own error bound."""

from .slopes import EFFORTS
from .gradients import check_gradients
from .findings import Finding, Suspect
from .report import Culprit, Report

__all__ = ["EFFORTS", "Culprit", "Finding", "Report", "Suspect", "check_gradients"]
