"""Kept for a version: `tinygraph.engine.symbol`, where these stand now."""

from .engine.symbol import Symbol as Symbol
from .engine.symbol import derivative as derivative
from .engine.symbol import index_text as index_text
