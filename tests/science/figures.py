"""Money, samples, models and test problems: functions as their users call them, with points.

Each function takes one array of numbers. Nothing in the packages is changed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .case import Case


def emcee() -> Iterator[Case]:
    from emcee import autocorr

    rng = np.random.default_rng(0)
    d = rng.standard_normal(64)
    yield Case(
        "emcee", "function_1d", lambda x: autocorr.function_1d(np.concatenate([d[:60], x])), [0.1, 0.2, 0.3, 0.4]
    )
    yield Case(
        "emcee",
        "integrated_time",
        lambda x: autocorr.integrated_time(np.concatenate([d[:60], x]), tol=0, quiet=True),
        [0.1, 0.2, 0.3, 0.4],
    )
    yield Case("emcee", "auto_window", lambda x: autocorr.function_1d(x * d[:8])[1], np.linspace(0.5, 1, 8))


def numpy_financial() -> Iterator[Case]:
    import numpy_financial as npf

    yield Case("numpy_financial", "pmt", lambda x: npf.pmt(x[0], 12, x[1]), [0.01, 1000.0])
    yield Case("numpy_financial", "npv", lambda x: npf.npv(x[0], x[1:]), [0.05, -100.0, 60, 60])
    yield Case("numpy_financial", "irr", lambda x: npf.irr(x), [-100.0, 60.0, 60.0])
    yield Case("numpy_financial", "fv", lambda x: npf.fv(x[0], 10, x[1], x[2]), [0.05, -100.0, -100.0])
    yield Case("numpy_financial", "rate", lambda x: npf.rate(10, x[0], x[1], x[2]), [0.0, -3500.0, 10000.0])
    yield Case("numpy_financial", "mirr", lambda x: npf.mirr(x[:3], x[3], x[4]), [-100.0, 60.0, 60.0, 0.05, 0.06])


def statsmodels() -> Iterator[Case]:
    import statsmodels.api as sm
    from statsmodels.tsa import stattools

    rng = np.random.default_rng(1)
    X = rng.standard_normal((20, 2))
    y = rng.standard_normal(20)
    yb = (y > 0) * 1.0
    yield Case("statsmodels", "OLS loglike", lambda b: sm.OLS(y, X).loglike(b), [0.1, 0.2])
    yield Case("statsmodels", "Logit loglike", lambda b: sm.Logit(yb, X).loglike(b), [0.1, 0.2])
    yield Case("statsmodels", "Poisson loglike", lambda b: sm.Poisson(np.abs(np.round(y)), X).loglike(b), [0.1, 0.2])
    yield Case("statsmodels", "acf", lambda x: stattools.acf(x, nlags=3, fft=False), [0.1, 0.5, 0.2, 0.9, 0.3, 0.4])
    yield Case("statsmodels", "durbin_watson", lambda x: sm.stats.durbin_watson(x), [0.1, 0.5, 0.2, 0.9])
    from statsmodels.robust import norms

    yield Case("statsmodels", "Huber rho", lambda x: norms.HuberT().rho(x), [0.1, 3.0])


def pymoo() -> Iterator[Case]:
    from pymoo.problems import get_problem

    yield Case(
        "pymoo", "zdt1", lambda x: get_problem("zdt1", n_var=3).evaluate(x, return_values_of=["F"]), [0.3, 0.4, 0.5]
    )
    yield Case(
        "pymoo",
        "rosenbrock",
        lambda x: get_problem("rosenbrock", n_var=3).evaluate(x, return_values_of=["F"]),
        [0.3, 0.4, 0.5],
    )
    yield Case(
        "pymoo",
        "dtlz2",
        lambda x: get_problem("dtlz2", n_var=4, n_obj=3).evaluate(x, return_values_of=["F"]),
        [0.3, 0.4, 0.5, 0.6],
    )
    yield Case(
        "pymoo", "ackley", lambda x: get_problem("ackley", n_var=2).evaluate(x, return_values_of=["F"]), [0.3, 0.4]
    )
