"""Training models on data: the loop, the models, what is saved, and the report. Its parts are loaded at first use."""

from typing import TYPE_CHECKING

from .._first_use import load_at_first_use

if TYPE_CHECKING:
    from . import data, loop, report
    from .saved import SavedModel, load_model
else:
    __getattr__ = load_at_first_use(
        __name__, {"SavedModel": ".saved", "load_model": ".saved"}, [".data", ".loop", ".report"]
    )

__all__ = ["SavedModel", "data", "load_model", "loop", "report"]
