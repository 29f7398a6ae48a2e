"""tinygraph: computation graphs in Python on NumPy that are differentiated, drawn, checked and compiled.

The graph, its operations and derivatives are loaded at once; everything else at first use, by the table below.
"""

import importlib
import importlib.util
import re
import sys
from typing import TYPE_CHECKING

from . import errors, ops
from ._first_use import load_at_first_use, when_imported
from .engine.declare import elementwise, linear, loaders, primitive
from .engine.mode import detect_anomaly, enable_grad, keep_values, no_grad, origins
from .errors import (
    AdaptError,
    AnomalyError,
    ConvergenceError,
    GradientError,
    GraphError,
    NotDifferentiable,
    SingularPointWarning,
    TinygraphError,
    TraceError,
)
from .ops.habits import of_package
from .tensor import Tensor, asarray, tensor  # by the path of old pickles: imported later, it would hide the function
from .tensors.conversions import namesakes
from .transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from . import nn, optim, plot, random
    from .check import Report, check_gradients
    from .check.routes import Comparison, compare
    from .compiler import CompiledStep, compile
    from .explain.diagnosis import Diagnosis, diagnose
    from .explain.answer import Why
    from .explain.why import why
    from .interop.adapt.adapt import Adapted, adapt
    from .interop.namespaces.math import cmath as cmath, math as math  # as scipy: not in __all__
    from .interop.namespaces.numpy import numpy as numpy
    from .interop import scipy as scipy  # not in __all__: `from tinygraph import *` would hide SciPy itself
    from .pictures import Derivation, GraphView, Trace, derive, diff, draw, trace
    from .transforms.checkpoint import checkpoint
    from .transforms.custom import CustomVJP, custom_vjp
    from .transforms.solvers.fixed_point import fixed_point
    from .transforms.solvers.minimize import minimize_implicit
    from .transforms.solvers.odeint import odeint
    from .transforms.solvers.root import root

from .ops import *  # type: ignore[assignment]  # after trace and diff, which tg has of its own

_NAMES = {
    "Report": ".check", "check_gradients": ".check",
    "Comparison": ".check.routes", "compare": ".check.routes",
    "CompiledStep": ".compiler", "compile": ".compiler",
    "Why": ".explain.answer", "why": ".explain.why",
    "Diagnosis": ".explain.diagnosis", "diagnose": ".explain.diagnosis",
    "Derivation": ".pictures", "GraphView": ".pictures", "Trace": ".pictures", "derive": ".pictures",
    "diff": ".pictures", "draw": ".pictures", "trace": ".pictures",
    "Adapted": ".interop.adapt.adapt", "adapt": ".interop.adapt.adapt",
    "numpy": ".interop.namespaces.numpy", "math": ".interop.namespaces.math", "cmath": ".interop.namespaces.math",
    "checkpoint": ".transforms.checkpoint",
    "CustomVJP": ".transforms.custom", "custom_vjp": ".transforms.custom",
    "fixed_point": ".transforms.solvers.fixed_point", "minimize_implicit": ".transforms.solvers.minimize",
    "odeint": ".transforms.solvers.odeint", "root": ".transforms.solvers.root",
}  # fmt: skip
_MODULES = [".nn", ".optim", ".plot", ".random", ".interop.scipy"]
"""Where running programs find the names imported above for type checkers; a test holds the lists together."""
_ROOMS = [
    ".autodiff",
    ".check",
    ".compiler",
    ".explain",
    ".graph",
    ".op",
    ".pictures",
    ".symbol",
    ".training",
]
"""What need not be imported by itself either, as in `tg.op.registry`."""

if not TYPE_CHECKING:
    __getattr__ = load_at_first_use(__name__, _NAMES, [*_MODULES, *_ROOMS], of_package)

    def __dir__():
        return __all__


def _declare_special(ufunc: object) -> None:
    """Load the rules of scipy.special when the first of its functions meets a Tensor."""
    if "scipy.special" in sys.modules:
        importlib.import_module(".interop.scipy.special", __name__)


loaders.append(_declare_special)
when_imported("einops._backends", lambda: importlib.import_module(".interop.einops", __name__))


def _name_in_scipy(module: str, name: str) -> "str | None":
    """What takes tensors in the place of a function of SciPy, for the message that says so."""
    if not re.fullmatch(r"scipy\.\w+", module) or importlib.util.find_spec(f".interop.{module}", __name__) is None:
        return None
    ours = importlib.import_module(f".interop.{module}", __name__)
    return f"tg.{module}.{name}" if callable(getattr(ours, name, None)) else None


namesakes.append(_name_in_scipy)

__version__ = "0.1.0"
__all__ = [
    "AdaptError", "Adapted", "AnomalyError", "Comparison", "CompiledStep", "ConvergenceError", "CustomVJP",
    "Derivation", "Diagnosis", "GradientError", "GraphError", "GraphView", "NotDifferentiable", "Report",
    "SingularPointWarning", "Tensor", "TinygraphError", "Trace", "TraceError", "Why", "adapt", "asarray",
    "check_gradients", "checkpoint", "compare", "compile", "custom_vjp", "derive", "detect_anomaly", "diagnose",
    "diff", "draw", "elementwise", "enable_grad", "errors", "fixed_point", "grad", "hessian", "hvp", "jacobian",
    "jvp", "keep_values", "linear", "minimize_implicit", "nn", "no_grad", "odeint", "ops", "optim", "origins", "plot",
    "primitive", "random", "root", "tensor", "trace", "value_and_grad", "vjp", "why",
]  # fmt: skip
if not TYPE_CHECKING:
    __all__ = sorted([*__all__, *ops.__all__])
