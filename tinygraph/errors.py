"""Every exception tinygraph raises on purpose, and its one warning; messages say `<where>: <what>; <what to do>`."""

from __future__ import annotations


class TinygraphError(Exception):
    """Base of all tinygraph errors, so that one `except` can catch them."""


class GraphError(TinygraphError, RuntimeError):
    """The graph cannot be differentiated as asked: freed, changed since, not recorded, or not a scalar."""


class NotDifferentiable(TinygraphError, RuntimeError):
    """A gradient was asked of something that has none: an integer tensor, or a function without a rule.

    No TypeError, which libraries catch where they try whether a value can be taken, and say something else instead.
    """


class AnomalyError(TinygraphError, ArithmeticError):
    """Under `detect_anomaly`: a NaN or infinity was made, or a recorded array changed behind tinygraph's back."""


class ConvergenceError(TinygraphError, ArithmeticError):
    """A solver did not get to a solution: too many steps, steps too small, or values that are not finite."""


class AdaptError(GraphError):
    """A function under `tg.adapt` has another value through tensors than through NumPy."""


class SingularPointWarning(RuntimeWarning):
    """A derivative is a convention there, or wrong, since the function has a corner: of the second order, say.

    `warnings.simplefilter("error", tg.SingularPointWarning)` makes it an error.
    """


class TraceError(GraphError):
    """A compiled step did something that cannot be replayed, such as branching on a traced value."""


class RendererNotFound(TinygraphError, RuntimeError):
    """A picture was asked for and neither the `dot` program nor pygraphviz is installed."""


class GradientError(TinygraphError, AssertionError):
    """`check_gradients` found a wrong gradient. `report` holds the whole verdict."""

    def __init__(self, message: str, report: object = None) -> None:
        super().__init__(message)
        self.report = report
