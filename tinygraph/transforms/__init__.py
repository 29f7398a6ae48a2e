"""Functions of functions: derivatives of any order, rules of one's own, recomputation, and solvers."""

from .derivatives import grad, hvp, jvp, value_and_grad, vjp
from .jacobians import hessian, jacobian

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]
