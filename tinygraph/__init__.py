"""tinygraph: computation graphs in Python on NumPy that are differentiated, drawn, checked and compiled."""

import importlib
from typing import TYPE_CHECKING

from . import errors, nn, ops, optim
from .check import Report, check_gradients
from .checkpoint import checkpoint
from .compare import Comparison, compare
from .compiler import CompiledStep, compile
from .diagnose import Diagnosis, diagnose
from .draw import Derivation, GraphView, Trace, derive, diff, draw, trace
from .errors import AnomalyError, GradientError, GraphError, NotDifferentiable, TinygraphError, TraceError
from .explain import Why, why
from .graph import detect_anomaly, enable_grad, keep_values, no_grad, origins
from .op import elementwise, linear, primitive
from .ops import *  # type: ignore[assignment]  # noqa: F403
from .tensor import Tensor, asarray, tensor
from .transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from . import plot
else:

    def __getattr__(name):
        """`tg.plot` is imported when it is first asked for, so that importing tinygraph stays cheap."""
        if name != "plot":
            raise AttributeError(f"module 'tinygraph' has no attribute {name!r}")
        return importlib.import_module(".plot", __name__)


__version__ = "0.1.0"
__all__ = [
    "AnomalyError", "Comparison", "CompiledStep", "Derivation", "Diagnosis", "GradientError", "GraphError",
    "GraphView", "NotDifferentiable", "Report", "Tensor", "TinygraphError", "Trace", "TraceError", "Why", "asarray",
    "check_gradients", "checkpoint", "compare", "compile", "derive", "detect_anomaly", "diagnose", "diff", "draw",
    "elementwise", "enable_grad", "errors", "grad", "hessian", "hvp", "jacobian", "jvp", "keep_values", "linear",
    "nn", "no_grad", "ops", "optim", "origins", "plot", "primitive", "tensor", "trace", "value_and_grad", "vjp", "why",
]  # fmt: skip
__all__ += ops.__all__  # type: ignore[attr-defined]
