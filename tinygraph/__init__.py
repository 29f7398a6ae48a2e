"""tinygraph: computation graphs in Python on NumPy that are differentiated, drawn, checked and compiled."""

import importlib
import sys
from typing import TYPE_CHECKING

from . import errors, nn, ops, optim, random
from .check import Report, check_gradients
from .checkpoint import checkpoint
from .custom import CustomVJP, custom_vjp
from .check.routes import Comparison, compare
from .compiler import CompiledStep, compile
from .pictures import Derivation, GraphView, Trace, derive, diff, draw, trace
from .errors import (
    AnomalyError,
    ConvergenceError,
    GradientError,
    GraphError,
    NotDifferentiable,
    TinygraphError,
    TraceError,
)
from .explain import Why, why
from .explain.diagnosis import Diagnosis, diagnose
from .engine.mode import detect_anomaly, enable_grad, keep_values, no_grad, origins
from .engine.declare import elementwise, linear, loaders, primitive
from .ops import *  # type: ignore[assignment]  # noqa: F403
from .solvers import fixed_point, minimize_implicit, odeint, root
from .tensors.tensor import Tensor, asarray, tensor
from .transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from .pictures import plot as plot
    from .interop import scipy as scipy
else:
    _LATE = {"plot": ".pictures.plot", "scipy": ".interop.scipy"}

    def __getattr__(name):
        """`tg.plot` and `tg.scipy` are imported when first asked for, so that importing tinygraph stays cheap."""
        if name not in _LATE:
            raise AttributeError(f"module 'tinygraph' has no attribute {name!r}")
        return importlib.import_module(_LATE[name], __name__)


def _load_special(ufunc: object) -> None:
    """Declare the functions of scipy.special, once a Tensor meets an unknown ufunc and SciPy's are there."""
    if "scipy.special" in sys.modules:
        importlib.import_module(".interop.scipy.special", __name__)


loaders.append(_load_special)

__version__ = "0.1.0"
__all__ = [
    "AnomalyError", "Comparison", "CompiledStep", "ConvergenceError", "CustomVJP", "Derivation", "Diagnosis",
    "GradientError", "GraphError", "GraphView", "NotDifferentiable", "Report", "Tensor", "TinygraphError", "Trace",
    "TraceError", "Why", "asarray", "check_gradients", "checkpoint", "compare", "compile", "custom_vjp", "derive",
    "detect_anomaly", "diagnose", "diff", "draw", "elementwise", "enable_grad", "errors", "fixed_point", "grad",
    "hessian", "hvp", "jacobian", "jvp", "keep_values", "linear", "minimize_implicit", "nn", "no_grad", "odeint",
    "ops", "optim", "origins", "plot", "primitive", "random", "root", "tensor", "trace", "value_and_grad", "vjp",
    "why",
]  # fmt: skip
__all__ += ops.__all__  # type: ignore[attr-defined]
