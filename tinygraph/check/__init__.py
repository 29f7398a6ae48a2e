"""Checking gradients against differences: measured slopes, compared with their own error bound."""

from .gradients import check_gradients
from .report import Finding, Report

__all__ = ["Finding", "Report", "check_gradients"]
