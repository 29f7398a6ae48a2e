"""Solutions of equations as functions that can be differentiated: each records one node with a rule of its own."""

from .fixed_point import fixed_point
from .minimize import minimize_implicit
from .odeint import odeint
from .root import root


__all__ = ["fixed_point", "minimize_implicit", "odeint", "root"]
