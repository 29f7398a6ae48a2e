"""Training models on data: the loop, the models, what is saved, and the report."""

from .saved import SavedModel, load_model

__all__ = ["SavedModel", "load_model"]
