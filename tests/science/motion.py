"""Lenses, orbits, galaxies, filters, rotations and control: functions as their users call them, with points.

Each function takes one array of numbers. Nothing in the packages is changed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .case import Case


def lenstronomy() -> Iterator[Case]:
    from lenstronomy.LensModel.lens_model import LensModel
    from lenstronomy.LightModel.light_model import LightModel

    lm = LensModel(["SIE", "SHEAR"])
    yield Case(
        "lenstronomy",
        "SIE+shear alpha",
        lambda p: lm.alpha(
            1.0,
            0.5,
            [{"theta_E": p[0], "e1": p[1], "e2": p[2], "center_x": 0, "center_y": 0}, {"gamma1": p[3], "gamma2": 0.0}],
        )[0],
        [1.2, 0.1, -0.05, 0.03],
    )
    l2 = LensModel(["SIS"])
    yield Case(
        "lenstronomy",
        "SIS potential",
        lambda p: l2.potential(p[0], p[1], [{"theta_E": p[2], "center_x": 0.0, "center_y": 0.0}]),
        [1.0, 0.5, 1.2],
    )
    l3 = LensModel(["NFW"])
    yield Case(
        "lenstronomy",
        "NFW alpha",
        lambda p: l3.alpha(p[0], p[1], [{"Rs": p[2], "alpha_Rs": p[3], "center_x": 0.0, "center_y": 0.0}])[0],
        [1.0, 0.5, 2.0, 1.0],
    )
    s = LightModel(["SERSIC"])
    yield Case(
        "lenstronomy",
        "Sersic",
        lambda p: s.surface_brightness(
            p[0], p[1], [{"amp": 1.0, "R_sersic": p[2], "n_sersic": p[3], "center_x": 0.0, "center_y": 0.0}]
        ),
        [1.0, 0.5, 0.7, 2.0],
    )
    yield Case(
        "lenstronomy",
        "magnification",
        lambda p: l2.magnification(p[0], p[1], [{"theta_E": p[2], "center_x": 0.0, "center_y": 0.0}]),
        [1.0, 0.5, 0.8],
    )


def sgp4() -> Iterator[Case]:
    from sgp4 import earth_gravity, model, propagation

    def prop(x):
        sat = model.Satrec()
        propagation.sgp4init(
            earth_gravity.wgs72,
            "i",
            25544,
            x[0],
            x[1],
            0.0,
            0.0,
            x[2],
            x[3],
            x[4],
            x[5],
            x[6],
            x[7],
            sat,
        )
        r, _ = propagation.sgp4(sat, 30.0)
        return np.stack(list(r))

    yield Case(
        "sgp4",
        "sgp4 r after 30 min",
        prop,
        [25545.69, 3.8792e-5, 0.0007417, 0.308341, 0.901358, 1.494697, 0.0676, 3.68613],
    )
    from sgp4 import ext

    yield Case(
        "sgp4",
        "rv2coe",
        lambda x: ext.rv2coe([x[0], x[1], x[2]], [x[3], x[4], x[5]], 398600.4)[1],
        [6524.8, 6862.9, 6448.3, 4.9, 5.53, -1.97],
    )
    yield Case("sgp4", "newtonnu", lambda x: ext.newtonnu(x[0], x[1])[1], [0.3, 1.1])


def galpy() -> Iterator[Case]:
    from galpy.potential import (
        LogarithmicHaloPotential,
        MiyamotoNagaiPotential,
        NFWPotential,
    )

    yield Case("galpy", "Log pot", lambda x: LogarithmicHaloPotential(normalize=1.0)._evaluate(x[0], x[1]), [1.0, 0.1])
    yield Case(
        "galpy",
        "MN Rforce",
        lambda x: MiyamotoNagaiPotential(a=0.5, b=0.04, normalize=1.0).Rforce(x[0], x[1]),
        [1.0, 0.1],
    )
    yield Case("galpy", "NFW pot", lambda x: NFWPotential(a=2.0, normalize=1.0)(x[0], x[1]), [1.0, 0.1])
    yield Case("galpy", "MN params", lambda x: MiyamotoNagaiPotential(a=x[0], b=x[1])(1.0, 0.1), [0.5, 0.04])
    from galpy.util import coords

    yield Case("galpy", "XYZ_to_lbd", lambda x: coords.XYZ_to_lbd(x[0], x[1], x[2]), [1.0, 0.5, 0.3])
    yield Case("galpy", "rect_to_cyl", lambda x: np.stack(coords.rect_to_cyl(x[0], x[1], x[2])), [1.0, 0.5, 0.3])


def hapsira() -> Iterator[Case]:
    from hapsira.core import angles, elements, propagation

    yield Case(
        "hapsira",
        "coe2rv",
        lambda x: np.concatenate(elements.coe2rv(398600.4, x[0], x[1], x[2], x[3], x[4], x[5])),
        [11000.0, 0.2, 0.5, 0.3, 0.4, 0.6],
    )
    yield Case(
        "hapsira",
        "rv2coe",
        lambda x: np.stack(elements.rv2coe(398600.4, x[:3], x[3:])),
        [6524.8, 6862.9, 6448.3, 4.9, 5.53, -1.97],
    )
    yield Case("hapsira", "E_to_nu", lambda x: angles.E_to_nu(x[0], x[1]), [0.6, 0.3])
    yield Case("hapsira", "M_to_E", lambda x: angles.M_to_E(x[0], x[1]), [0.6, 0.3])
    yield Case(
        "hapsira",
        "vallado",
        lambda x: np.stack(list(propagation.vallado(398600.4, x[:3], x[3:], 600.0, 35))[:2]),
        [6524.8, 6862.9, 6448.3, 4.9, 5.53, -1.97],
    )


def filterpy() -> Iterator[Case]:
    from filterpy.kalman import KalmanFilter, predict, update

    zs = [1.0, 2.1, 2.9, 4.2]

    def kf(p):
        k = KalmanFilter(dim_x=2, dim_z=1)
        k.x = np.array([[0.0], [1.0]])
        k.F = np.array([[1.0, 1.0], [0.0, 1.0]])
        k.H = np.array([[1.0, 0.0]])
        k.P = k.P * 10.0
        k.R = k.R * p[0]
        k.Q = np.eye(2) * p[1]
        ll = 0.0
        for z in zs:
            k.predict()
            k.update(z)
            ll = ll + k.log_likelihood
        return ll

    yield Case("filterpy", "KalmanFilter loglik", kf, [0.5, 0.1])

    def kf2(p):
        x, P = np.array([0.0, 1.0]), np.eye(2) * 10.0
        F = np.array([[1.0, 1.0], [0.0, 1.0]])
        H = np.array([[1.0, 0.0]])
        for z in zs:
            x, P = predict(x, P, F, np.eye(2) * p[1])
            x, P = update(x, P, np.array([z]), np.eye(1) * p[0], H)[:2]
        return x

    yield Case("filterpy", "predict/update", kf2, [0.5, 0.1])
    from filterpy.stats import gaussian, mahalanobis

    yield Case(
        "filterpy",
        "mahalanobis",
        lambda x: mahalanobis(x[:2], x[2:4], np.array([[2.0, 0.3], [0.3, 1.0]])),
        [1.0, 2.0, 0.5, 0.3],
    )
    yield Case("filterpy", "gaussian", lambda x: gaussian(x[0], x[1], x[2]), [1.0, 0.5, 2.0])
    from filterpy.common import Q_discrete_white_noise

    yield Case("filterpy", "Q_discrete_white_noise", lambda x: Q_discrete_white_noise(2, dt=x[0], var=x[1]), [0.5, 2.0])


def transforms3d() -> Iterator[Case]:
    from transforms3d import affines, axangles, euler, quaternions

    yield Case("transforms3d", "euler2mat", lambda x: euler.euler2mat(x[0], x[1], x[2]), [0.1, 0.2, 0.3])
    yield Case("transforms3d", "quat2mat", lambda x: quaternions.quat2mat(x), [0.9, 0.1, 0.2, 0.3])
    yield Case("transforms3d", "axangle2mat", lambda x: axangles.axangle2mat(x[:3], x[3]), [1.0, 0.2, 0.3, 0.7])
    yield Case(
        "transforms3d",
        "mat2euler",
        lambda x: np.stack(euler.mat2euler(euler.euler2mat(x[0], x[1], x[2]))),
        [0.1, 0.2, 0.3],
    )
    yield Case(
        "transforms3d", "qmult", lambda x: quaternions.qmult(x[:4], x[4:]), [0.9, 0.1, 0.2, 0.3, 0.8, 0.3, 0.1, 0.2]
    )
    yield Case("transforms3d", "compose", lambda x: affines.compose(x[:3], np.eye(3), x[3:]), [1.0, 2, 3, 1, 1.5, 2])


def control() -> Iterator[Case]:
    import control

    yield Case("control", "tf freq", lambda x: abs(control.tf([1.0], [1.0, x[0], x[1]])(1j * 2.0)), [0.5, 2.0])
    yield Case(
        "control",
        "lqr K",
        lambda x: control.lqr(
            np.array([[0.0, 1.0], [0.0, 0.0]]),
            np.array([[0.0], [1.0]]),
            np.array([[x[0], 0], [0, x[1]]]),
            np.array([[x[2]]]),
        )[0],
        [1.0, 2.0, 0.5],
    )
    yield Case(
        "control",
        "ctrb",
        lambda x: control.ctrb(np.array([[0.0, 1.0], [x[0], x[1]]]), np.array([[0.0], [1.0]])),
        [0.3, 0.4],
    )
    yield Case("control", "lyap", lambda x: control.lyap(np.array([[-1.0, x[0]], [0.0, -2.0]]), np.eye(2)), [0.3])
