"""Colours, fluids, chemicals, steam, spectra, rocks and cells of the sun: functions as their users call them.

Each function takes one array of numbers. Nothing in the packages is changed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .case import Case


def colour() -> Iterator[Case]:
    import colour

    yield Case("colour", "XYZ_to_Lab", colour.XYZ_to_Lab, [0.2, 0.3, 0.4])
    yield Case("colour", "XYZ_to_sRGB", lambda x: colour.XYZ_to_sRGB(x), [0.2, 0.3, 0.25])
    yield Case(
        "colour",
        "delta_E_CIE2000",
        lambda x: colour.difference.delta_E_CIE2000(x[:3], x[3:]),
        [50.0, 20, 30, 55, 25, 20],
    )
    yield Case(
        "colour",
        "XYZ_to_CIECAM02_J",
        lambda x: colour.XYZ_to_CIECAM02(x, np.array([95.05, 100, 108.88]), 318.31, 20.0).J,
        [19.01, 20.0, 21.78],
    )
    yield Case(
        "colour",
        "chromatic_adaptation",
        lambda x: colour.adaptation.chromatic_adaptation_VonKries(
            x, np.array([0.95, 1, 0.82]), np.array([0.95, 1, 1.08])
        ),
        [0.2, 0.12, 0.05],
    )
    yield Case("colour", "Lab_to_XYZ", colour.Lab_to_XYZ, [41.0, 52.0, 26.0])
    yield Case("colour", "xyY_to_XYZ", colour.xyY_to_XYZ, [0.54, 0.31, 0.12])
    yield Case("colour", "RGB_to_HSV", colour.RGB_to_HSV, [0.45, 0.03, 0.05])
    yield Case("colour", "XYZ_to_Luv", colour.XYZ_to_Luv, [0.2, 0.12, 0.05])
    yield Case("colour", "CCT_to_xy", lambda x: colour.temperature.CCT_to_xy_CIE_D(x[0]), [6504.0])
    yield Case("colour", "eotf ST2084", lambda x: colour.models.eotf_ST2084(x), [0.3, 0.5])


def fluids() -> Iterator[Case]:
    import fluids

    yield Case("fluids", "friction_factor", lambda x: fluids.friction_factor(Re=x[0], eD=x[1]), [1e5, 1e-4])
    yield Case("fluids", "Colebrook", lambda x: fluids.friction.Colebrook(x[0], x[1]), [1e5, 1e-4])
    yield Case("fluids", "K_from_f", lambda x: fluids.K_from_f(fd=x[0], L=x[1], D=x[2]), [0.02, 100.0, 0.3])
    yield Case("fluids", "dP_from_K", lambda x: fluids.dP_from_K(x[0], rho=x[1], V=x[2]), [10.0, 1000.0, 3.0])
    yield Case(
        "fluids",
        "control_valve",
        lambda x: fluids.control_valve.size_control_valve_l(
            rho=965.4, Psat=70.1e3, Pc=22120e3, mu=3.1472e-4, P1=x[0], P2=x[1], Q=x[2]
        ),
        [680e3, 220e3, 0.1],
    )
    yield Case("fluids", "drag", lambda x: fluids.drag.Stokes(x[0]) + fluids.drag.Clift(x[0]), [200.0])
    yield Case("fluids", "Wilke", lambda x: fluids.core.Reynolds(V=x[0], D=x[1], nu=x[2]), [2.0, 0.3, 1e-6])


def chemicals() -> Iterator[Case]:
    import chemicals

    yield Case(
        "chemicals", "Antoine", lambda x: chemicals.vapor_pressure.Antoine(x[0], 8.7687, 395.744, -6.469), [100.0]
    )
    yield Case("chemicals", "Rackett", lambda x: chemicals.volume.Rackett(x[0], 369.83, 4248000.0, 0.2763), [272.0])
    yield Case(
        "chemicals",
        "Wagner",
        lambda x: chemicals.vapor_pressure.Wagner(x[0], 190.53, 4596420.0, -6.00435, 1.1885, -0.834082, -1.22833),
        [100.0],
    )
    yield Case(
        "chemicals",
        "Wilke mix visc",
        lambda x: chemicals.viscosity.Wilke([0.05, 0.95], [x[0], x[1]], [64.06, 46.07]),
        [1.34e-5, 9.5e-6],
    )
    yield Case(
        "chemicals",
        "Rachford Rice",
        lambda x: chemicals.rachford_rice.flash_inner_loop(zs=[x[0], 0.3, 0.7 - x[0] - 0 * x[1]], Ks=[x[1], 0.5, 1.4])[
            0
        ],
        [0.25, 1.7],
    )
    yield Case("chemicals", "Pitzer Hvap", lambda x: chemicals.phase_change.Pitzer(x[0], 645.6, 0.35017), [452.0])


def iapws() -> Iterator[Case]:
    import iapws
    from iapws import iapws97

    yield Case("iapws", "Region1", lambda x: iapws97._Region1(x[0], x[1])["h"], [300.0, 3.0])
    yield Case("iapws", "Region2", lambda x: iapws97._Region2(x[0], x[1])["v"], [700.0, 3.0])
    yield Case("iapws", "PSat_T", lambda x: iapws97._PSat_T(x[0]), [500.0])
    yield Case("iapws", "TSat_P", lambda x: iapws97._TSat_P(x[0]), [2.0])
    yield Case("iapws", "Backward1_T_Ph", lambda x: iapws97._Backward1_T_Ph(x[0], x[1]), [3.0, 500.0])
    yield Case("iapws", "viscosity", lambda x: iapws._iapws._Viscosity(x[0], x[1]), [998.0, 298.0])
    yield Case("iapws", "IAPWS97 h", lambda x: iapws.IAPWS97(T=x[0], P=x[1]).h, [400.0, 2.0])


def lmfit() -> Iterator[Case]:
    from lmfit import lineshapes, models

    xs = np.linspace(-1, 1, 7)
    yield Case("lmfit", "gaussian", lambda p: lineshapes.gaussian(xs, p[0], p[1], p[2]), [1.0, 0.1, 0.5])
    yield Case("lmfit", "voigt", lambda p: lineshapes.voigt(xs, p[0], p[1], p[2], p[3]), [1.0, 0.1, 0.5, 0.3])
    yield Case("lmfit", "pvoigt", lambda p: lineshapes.pvoigt(xs, p[0], p[1], p[2], p[3]), [1.0, 0.1, 0.5, 0.3])
    yield Case(
        "lmfit",
        "skewed_voigt",
        lambda p: lineshapes.skewed_voigt(xs, p[0], p[1], p[2], p[3], p[4]),
        [1.0, 0.1, 0.5, 0.3, 0.2],
    )
    yield Case(
        "lmfit", "breit_wigner", lambda p: lineshapes.breit_wigner(xs, p[0], p[1], p[2], p[3]), [1.0, 0.1, 0.5, 0.3]
    )
    yield Case(
        "lmfit",
        "Model.eval",
        lambda p: models.LorentzianModel().eval(x=xs, amplitude=p[0], center=p[1], sigma=p[2]),
        [1.0, 0.1, 0.5],
    )


def pvlib() -> Iterator[Case]:
    import pvlib

    yield Case(
        "pvlib", "singlediode i_from_v", lambda x: pvlib.pvsystem.i_from_v(x[0], 7.0, 1e-9, 0.3, 500.0, 1.5), [30.0]
    )
    yield Case(
        "pvlib",
        "sapm_cell",
        lambda x: pvlib.temperature.sapm_cell(x[0], x[1], x[2], -3.47, -0.0594, 3),
        [900.0, 20.0, 5.0],
    )
    yield Case("pvlib", "ashrae iam", lambda x: pvlib.iam.ashrae(x), [10.0, 40.0])
    yield Case("pvlib", "physical iam", lambda x: pvlib.iam.physical(x), [10.0, 40.0])
    yield Case(
        "pvlib",
        "haydavies",
        lambda x: pvlib.irradiance.haydavies(30.0, 180.0, x[0], x[1], x[2], x[3], x[4]),
        [100.0, 500.0, 1300.0, 40.0, 170.0],
    )
    yield Case("pvlib", "faiman", lambda x: pvlib.temperature.faiman(x[0], x[1], x[2]), [900.0, 20.0, 5.0])
    yield Case(
        "pvlib",
        "calcparams_desoto",
        lambda x: pvlib.pvsystem.calcparams_desoto(x[0], x[1], 0.003, 1.5, 7.0, 1e-9, 500.0, 0.3)[1],
        [800.0, 40.0],
    )
    yield Case(
        "pvlib", "bishop88 mpp", lambda x: pvlib.singlediode.bishop88(x[0], 7.0, 1e-9, 0.3, 500.0, 1.5)[2], [25.0]
    )


def metpy() -> Iterator[Case]:
    import metpy.calc as mc
    from metpy.units import units

    yield Case(
        "metpy",
        "wet_bulb",
        lambda x: mc.wet_bulb_temperature(x[0] * units.hPa, x[1] * units.degC, x[2] * units.degC).m,
        [993.0, 32.0, 20.0],
    )
    yield Case(
        "metpy",
        "potential_temperature",
        lambda x: mc.potential_temperature(units.Quantity(x[0], "hPa"), units.Quantity(x[1], "K")).m,
        [800.0, 290.0],
    )
    yield Case(
        "metpy", "sat vap pressure", lambda x: mc.saturation_vapor_pressure(units.Quantity(x[0], "K")).m, [290.0]
    )
    yield Case("metpy", "dewpoint", lambda x: mc.dewpoint(units.Quantity(x[0], "hPa")).m, [15.0])
    yield Case(
        "metpy",
        "heat_index",
        lambda x: mc.heat_index(units.Quantity(x[0], "degF"), units.Quantity(x[1], "")).m,
        [95.0, 0.6],
    )


def seawater() -> Iterator[Case]:
    import seawater as sw

    yield Case("seawater", "dens", lambda x: sw.dens(x[0], x[1], x[2]), [35.0, 10.0, 1000.0])
    yield Case("seawater", "svel", lambda x: sw.svel(x[0], x[1], x[2]), [35.0, 10.0, 1000.0])
    yield Case("seawater", "ptmp", lambda x: sw.ptmp(x[0], x[1], x[2]), [35.0, 10.0, 1000.0])
    yield Case("seawater", "salt", lambda x: sw.salt(x[0], x[1], x[2]), [1.0, 10.0, 1000.0])


def bruges() -> Iterator[Case]:
    import bruges

    yield Case(
        "bruges",
        "zoeppritz_rpp",
        lambda x: np.real(bruges.reflection.zoeppritz_rpp(x[0], x[1], x[2], x[3], x[4], x[5], 20.0)),
        [3000.0, 1500.0, 2400.0, 3200.0, 1600.0, 2450.0],
    )
    yield Case(
        "bruges",
        "shuey",
        lambda x: np.real(bruges.reflection.shuey(x[0], x[1], x[2], x[3], x[4], x[5], 20.0)),
        [3000.0, 1500.0, 2400.0, 3200.0, 1600.0, 2450.0],
    )
    yield Case(
        "bruges",
        "akirichards",
        lambda x: np.real(bruges.reflection.akirichards(x[0], x[1], x[2], x[3], x[4], x[5], 20.0)),
        [3000.0, 1500.0, 2400.0, 3200.0, 1600.0, 2450.0],
    )
    yield Case(
        "bruges",
        "gassmann",
        lambda x: bruges.rockphysics.avseth_fluidsub(x[0], x[1], x[2], 0.2, 1000.0, 700.0, 36.6e9, 2.2e9, 1e9)[0],
        [3000.0, 1500.0, 2400.0],
    )
    yield Case(
        "bruges",
        "ricker",
        lambda x: (
            bruges.filters.ricker(0.1, 0.01, x[0]).amplitude
            if hasattr(bruges.filters.ricker(0.1, 0.01, 25.0), "amplitude")
            else bruges.filters.ricker(0.1, 0.01, x[0])[0]
        ),
        [25.0],
    )
