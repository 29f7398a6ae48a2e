"""Kept for a version: `tinygraph.engine`, whose `rules`, `reverse` and `forward` hold these now."""

from .engine.forward import pushforward as pushforward
from .engine.reverse import pullback as pullback
from .engine.reverse import pullback_rows as pullback_rows
from .engine.rules import fit as fit
from .engine.rules import typed as typed
