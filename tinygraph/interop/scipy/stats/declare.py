"""How one of SciPy's distributions is declared: slopes of the standard log density, from which all methods follow.

Where x has the density f((x - loc) / scale) / scale, a parameter moves the density by its slope, and what lies below x
by R f: R is 1 for x itself, -1 for loc, -z for scale, and for a shape what the declaration calls its `flow`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.stats

from ....engine.declare import elementwise
from ....engine.op import Function
from ..atom import any_tensor, atomic_kernel
from ..special.declare import NoDerivative

Slope = Callable[..., Any]

# ----------------------------------------------------------------------------------- what slopes are made of


def over(k: Any, z: Any) -> Any:
    """k / z, and 0 where k is 0: the slope of k log z."""
    none = np.equal(k, 0)
    return np.where(none, 0, k / np.where(none, 1, z))


def times(k: Any, y: Any) -> Any:
    """k y, and 0 where k is 0, whatever y."""
    none = np.equal(k, 0)
    return np.where(none, 0, k * np.where(none, 1, y))


def _powers(z: Any, w: Any, j: Any, k: Any, c: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.exp(scipy.special.xlogy(j, z) + scipy.special.xlogy(k, w) + c)


powers: Function = elementwise(
    lambda y, z, w, j, k, c: times(j, powers(z, w, j - 1, k, c)),
    lambda y, z, w, j, k, c: times(k, powers(z, w, j, k - 1, c)),
    lambda y, z, w, j, k, c: times(y, np.log(z)),
    lambda y, z, w, j, k, c: times(y, np.log(w)),
    lambda y, z, w, j, k, c: y,
    name="scipy.stats.powers",
    symbol="powers",
)(atomic_kernel(_powers))
"""z^j w^k exp(c) for z, w >= 0: with all derivatives at 0, and without overflow of a factor alone."""


# -------------------------------------------------------------------------------------------- distributions


class Distribution:
    """A distribution of `scipy.stats`: methods that record Tensors, and for the rest those of SciPy.

    Called with parameters it is frozen, as SciPy's: `norm(loc, scale).logpdf(x)`.
    """

    def __init__(self, name: str) -> None:
        self.name, self.scipys = name, getattr(scipy.stats, name)
        self.ops: dict[str, Function] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.scipys, name)

    def __call__(self, *parameters: Any, **named: Any) -> Frozen:
        return Frozen(self, parameters, named)

    def __repr__(self) -> str:
        return f"tg.scipy.stats.{self.name}"

    def _declare(self, method: str, parameters: tuple[str, ...], rules: list[Any], **defaults: Any) -> None:
        """Declare one method as an operation, and put the function in its place."""
        theirs, name = getattr(self.scipys, method), f"scipy.stats.{self.name}.{method}"

        def kernel(*xs: Any) -> Any:
            if any(getattr(x, "dtype", None) == np.longdouble for x in xs):  # of SciPy's methods some take it, not all
                raise TypeError(f"{name}: takes no {np.dtype(np.longdouble)}; give float64")
            return theirs(*xs)

        positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
        empty = inspect.Parameter.empty
        kernel.__signature__ = inspect.Signature([inspect.Parameter(p, positional) for p in parameters])  # type: ignore[attr-defined]
        op = elementwise(*rules, name=name, symbol=f"{self.name}.{method}")(atomic_kernel(kernel))
        op.__module__ = __package__
        op.__doc__ = f"SciPy's `{self.name}.{method}`, recorded when given a Tensor."
        self.ops[method] = op
        self.__doc__ = (
            f"SciPy's `{self.name}`: {', '.join(self.ops)}, recorded when given a Tensor; the rest is SciPy's."
        )
        signature = inspect.Signature(
            [inspect.Parameter(p, positional, default=defaults.get(p, empty)) for p in parameters]
        )

        def function(*args: Any, **kwargs: Any) -> Any:
            if not any_tensor(*args, *kwargs.values()):
                return theirs(*args, **kwargs)
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            return op(*given.args)

        function.__name__, function.__qualname__ = method, f"{self.name}.{method}"
        function.__module__, function.__doc__ = __package__, op.__doc__
        function.__signature__ = signature  # type: ignore[attr-defined]
        setattr(self, method, function)


class Frozen:
    """A distribution with its parameters, of which Tensors are recorded by its methods."""

    def __init__(self, of: Distribution, parameters: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        self.of, self.parameters, self.named = of, parameters, named

    def __getattr__(self, method: str) -> Any:
        function = getattr(self.of, method)
        return lambda *x, **more: function(*x, *self.parameters, **self.named, **more)


class Continuous(Distribution):
    """A distribution of real numbers with loc and scale, declared by its standard form.

    `slope` is the derivative of the standard log density in z, `shapes` those in each shape, all functions of z and
    the shapes. `flow` says for a shape p the R of dF/dp = R f; without it there is no closed form. `density` is the
    derivative of the density itself, for one that is 0 at the end of the `support`, where its logarithm has none.
    """

    def __init__(
        self, name: str, slope: Slope, *, support: tuple[float, float] = (-np.inf, np.inf),
        flow: Mapping[str, Slope] | None = None, density: Slope | None = None, **shapes: Slope,
    ) -> None:  # fmt: skip
        super().__init__(name)
        self.slope, self.shapes, self.support, self.flow = slope, shapes, support, flow or {}
        self.density = density
        self.middle = 0.0 if support[0] == -np.inf else support[0] + 0.5
        for method, rules in (
            ("logpdf", self._log_density()), ("pdf", self._density()),
            ("cdf", self._below("cdf", lambda y, *at: self.ops["pdf"](*at))),
            ("sf", self._below("sf", lambda y, *at: -self.ops["pdf"](*at))),
            ("logcdf", self._below("logcdf", lambda y, *at: self._relative(y, *at))),
            ("logsf", self._below("logsf", lambda y, *at: -self._relative(y, *at))),
        ):  # fmt: skip
            self._declare(method, ("x", *shapes, "loc", "scale"), rules, loc=0, scale=1)
        for method, sign in (("ppf", 1), ("isf", -1)):
            self._declare(method, ("q", *shapes, "loc", "scale"), self._quantile(method, sign), loc=0, scale=1)

    def _standard(self, x: Any, loc: Any, scale: Any) -> tuple[Any, Any]:
        """z, or a point of the support where it lies outside, and whether it lies inside."""
        z = (x - loc) / scale
        inside = np.logical_and(z >= self.support[0], z <= self.support[1])
        return np.where(inside, z, self.middle), inside

    def _rules(self, slope: Slope) -> list[Any]:
        """The rules of x, the shapes, loc and scale: 0 outside of the support, NaN where the value is."""

        def rule(parameter: str) -> Callable[..., Any]:
            def of(y: Any, x: Any, *rest: Any) -> Any:
                *shapes, loc, scale = rest
                z, inside = self._standard(x, loc, scale)
                d = slope(parameter, y, x, z, tuple(shapes), loc, scale)
                return np.where(np.isnan(y), np.nan, np.where(inside, d, 0))

            return of

        return [rule(p) for p in ("x", *self.shapes, "loc", "scale")]

    def _log_density(self) -> list[Any]:
        def slope(p: str, y: Any, x: Any, z: Any, shapes: Any, loc: Any, scale: Any) -> Any:
            if p in self.shapes:
                return self.shapes[p](z, *shapes)
            d = self.slope(z, *shapes) / scale
            return {"x": lambda: d, "loc": lambda: -d, "scale": lambda: -(1 / scale + z * d)}[p]()

        return self._rules(slope)

    def _density(self) -> list[Any]:
        def slope(p: str, y: Any, x: Any, z: Any, shapes: Any, loc: Any, scale: Any) -> Any:
            if p in self.shapes:
                return times(y, self.shapes[p](z, *shapes))
            if self.density is None:
                d = times(y, self.slope(z, *shapes)) / scale
            else:
                d = self.density(z, *shapes) / np.square(scale)
            return {"x": lambda: d, "loc": lambda: -d, "scale": lambda: -(y / scale + times(d, z))}[p]()

        return self._rules(slope)

    def _relative(self, y: Any, *at: Any) -> Any:
        """The density beside what lies below, of which y is the logarithm: where that is 0 at an end, infinite."""
        nothing = np.equal(y, -np.inf)
        return np.where(nothing, np.inf, np.exp(self.ops["logpdf"](*at) - np.where(nothing, 0, y)))

    def _below(self, method: str, speed: Callable[..., Any]) -> list[Any]:
        """The rules of what lies below x, or of a function of it, that changes with `speed` as x moves."""

        def slope(p: str, y: Any, x: Any, z: Any, shapes: Any, loc: Any, scale: Any) -> Any:
            d = speed(y, x, *shapes, loc, scale)
            return {"x": d, "loc": -d}[p] if p in ("x", "loc") else times(d, self._moves(p, z, shapes, scale))

        return self._with_closed_form(method, self._rules(slope))

    def _moves(self, p: str, z: Any, shapes: Any, scale: Any) -> Any:
        """R of a shape, or of scale."""
        return -z if p == "scale" else self.flow[p](z, *shapes) * scale

    def _quantile(self, method: str, sign: int) -> list[Any]:
        def rule(parameter: str) -> Callable[..., Any]:
            def of(y: Any, q: Any, *rest: Any) -> Any:
                *shapes, loc, scale = rest
                if parameter == "q":
                    return sign / self.ops["pdf"](y, *rest)
                return -self._moves(parameter, (y - loc) / scale, shapes, scale)

            return of

        return self._with_closed_form(method, [rule("q"), *[rule(p) for p in self.shapes], 1, rule("scale")])

    def _with_closed_form(self, method: str, rules: list[Any]) -> list[Any]:
        """The rules, with an error for a shape in which no closed form of the derivative is known."""
        name = f"scipy.stats.{self.name}.{method}"
        known = [rules[0], *[r if p in self.flow else NoDerivative(name, p) for p, r in zip(self.shapes, rules[1:])]]
        return [*known, *rules[-2:]]


class Discrete(Distribution):
    """A distribution of integers with loc, declared by the derivatives of the logarithm of its probabilities.

    `shapes` are functions of k and the shapes, for the k of `support(*shapes)`; None for a shape that is a count.
    `masses` gives the derivatives of the probability itself, `below` those of the probability of at most k, by shape.
    """

    def __init__(
        self, name: str, support: Slope, *, masses: Mapping[str, Slope], below: Mapping[str, Slope],
        **shapes: Slope | None,
    ) -> None:  # fmt: skip
        super().__init__(name)
        self.shapes, self.support = shapes, support
        methods: dict[str, tuple[Mapping[str, Slope | None], Slope]] = {
            "logpmf": (shapes, lambda y: 1), "pmf": (masses, lambda y: 1), "cdf": (below, lambda y: 1),
            "sf": (below, lambda y: -1), "logcdf": (below, lambda y: np.exp(-y)),
            "logsf": (below, lambda y: -np.exp(-y)),
        }  # fmt: skip
        for method, (slopes, factor) in methods.items():
            rules = [self._rule(slopes.get(p), factor, whole="pmf" in method) for p in shapes]
            self._declare(method, ("k", *shapes, "loc"), [0, *rules, 0], loc=0)

    def _rule(self, slope: Slope | None, factor: Slope, whole: bool) -> Slope | None:
        if slope is None:
            return None

        def of(y: Any, k: Any, *rest: Any) -> Any:
            *shapes, loc = rest
            n = np.floor(k - loc)
            low, high = self.support(*shapes)
            inside = np.logical_and(n >= low, n <= high)
            possible = np.logical_and(inside, np.equal(n, k - loc) if whole else np.isfinite(y))
            d = factor(y) * slope(np.where(inside, n, low), *shapes)
            return np.where(np.isnan(y), np.nan, np.where(possible, d, 0))

        return of
