"""Which machines are at work, as tables for the kernel.

HeartMate 3: H = 3.608 N^2 - 0.994 N Q + 1.217 Q^2 - 1.845 Q^3/N (N in 1000/min, Q in L/min, H in
mmHg), fitted to points of the maker's chart from 3000 to 9000 per minute (root mean square 2.9,
worst 6.5 mmHg). Cannulas 0.306 mmHg s/mL and 0.0472 mmHg s2/mL, of a HeartMate II circuit; suction
3.5 (1 - p/mmHg) mmHg s/mL below 1 mmHg (Choi, Wang: left ventricle; assumed for other inlets).

Impella, nominal: no head-flow curve is published. H = 203.5 (N/N_max)^2 mmHg less 27.48 Q^2 for the
2.5: with 60 mmHg to overcome, it gives the middle of the flows that the controller's manual shows
for levels P-2 to boost (35 000 to 51 000 per minute) within 0.06 L/min. The CP is assumed to have
the same head at standstill of flow and 4.3 L/min at 60 mmHg and 46 000 per minute.

Extracorporeal circulation: no curve is published, so the pump holds a set flow as its console does,
H = k (Q_set - Q) with k = 1000 mmHg per L/min, up to 400 mmHg; both are assumed, and so is the
inertance of its lines.

Balloon: 100 ms to fill or empty and 40 ms of warning before the ventricles are excited, assumed.
"""

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.circulation import assist
from organtwin.physiology.stepping import LV, PULMONARY_ARTERY, RA, RV, SYSTEMIC_ARTERY
from organtwin.units import L_PER_MIN, ML, MMHG, MS, PER_MIN

_KRPM = 1000.0 * PER_MIN
_HEARTMATE = (3.608, -0.994, 1.217, -1.845)
"""[mmHg, 1000/min, L/min]: source in the module's description."""
_CANNULA_RESISTANCE = 0.306 * MMHG / ML
_CANNULA_INERTANCE = 0.0472 * MMHG / ML
SUCTION_PRESSURE = 1.0 * MMHG
_SUCTION_RESISTANCE = 3.5 / ML
"""[Pa s/m3] for each Pa below the suction pressure."""

_IMPELLA_HEAD = 203.5 * MMHG
IMPELLA_2_5_FASTEST = 51_000 * PER_MIN
IMPELLA_CP_FASTEST = 46_000 * PER_MIN
_IMPELLA_2_5_LOSS = 27.48 * MMHG / L_PER_MIN**2
_IMPELLA_CP_LOSS = (203.5 - 60.0) / 4.3**2 * MMHG / L_PER_MIN**2
_IMPELLA_INERTANCE = 0.0472 * MMHG / ML
"""Assumed as that of the other cannulas."""

_CONSOLE_GAIN = 1000.0 * MMHG / L_PER_MIN
_CONSOLE_CEILING = 400.0 * MMHG

_BALLOON_TIME = 100.0 * MS
_BALLOON_LEAD = 40.0 * MS


def pump_table(parameters: ParameterSet) -> FloatArray:
    """The pumps that run, ``(n_pumps, PUMP_COLUMNS)``; none when every speed is zero."""
    p = parameters
    rows = []
    for name, slot, inlet, outlet in (
        ("lvad_speed", assist.LEFT_VENTRICULAR, LV, SYSTEMIC_ARTERY),
        ("rvad_speed", assist.RIGHT_SIDED, RA, PULMONARY_ARTERY),
        ("rvad_ventricular_speed", assist.RIGHT_SIDED, RV, PULMONARY_ARTERY),
    ):
        if p[name] > 0.0:
            rows.append(_row(slot, inlet, outlet, head=heartmate_head(p[name])))
    for name, fastest, loss in (
        ("impella_2_5_speed", IMPELLA_2_5_FASTEST, _IMPELLA_2_5_LOSS),
        ("impella_cp_speed", IMPELLA_CP_FASTEST, _IMPELLA_CP_LOSS),
    ):
        if p[name] > 0.0:
            head = (_IMPELLA_HEAD * (p[name] / fastest) ** 2, 0.0, 0.0, 0.0)
            rows.append(
                _row(
                    assist.TRANSVALVULAR, LV, SYSTEMIC_ARTERY, head=head,
                    resistance=0.0, loss=loss, inertance=_IMPELLA_INERTANCE,
                )
            )  # fmt: skip
    if p["ecmo_flow"] > 0.0:
        head = (_CONSOLE_GAIN * p["ecmo_flow"], -_CONSOLE_GAIN, 0.0, 0.0)
        rows.append(
            _row(assist.EXTRACORPOREAL, RA, SYSTEMIC_ARTERY, head=head, ceiling=_CONSOLE_CEILING)
        )
    return np.array(rows).reshape(-1, assist.PUMP_COLUMNS)


def heartmate_head(speed: float) -> tuple[float, float, float, float]:
    """Coefficients of the head [Pa] by powers of the flow [m3/s] at a speed [1/s]."""
    n = speed / _KRPM
    a, b, c, d = _HEARTMATE
    mmhg = (a * n**2, b * n, c, d / n)
    by_power = [MMHG * value / L_PER_MIN**power for power, value in enumerate(mmhg)]
    return by_power[0], by_power[1], by_power[2], by_power[3]


def balloon_timing(
    parameters: ParameterSet, cycle: float, av_delay: float, contraction: float
) -> FloatArray:
    """The balloon for the kernel; times in the cycle [s], ``contraction`` that of a ventricle."""
    largest = parameters["balloon_volume"]
    deflation = max(av_delay - _BALLOON_LEAD, 0.0)
    latest = min(av_delay + contraction, 0.95 * cycle)
    return np.array([largest, largest / _BALLOON_TIME, deflation, latest])


def _row(
    slot: int, inlet: int, outlet: int, *, head: tuple[float, float, float, float],
    ceiling: float = np.inf, resistance: float = _CANNULA_RESISTANCE, loss: float = 0.0,
    inertance: float = _CANNULA_INERTANCE,
) -> list[float]:  # fmt: skip
    return [
        slot, inlet, outlet, *head, ceiling, resistance, loss, inertance,
        SUCTION_PRESSURE, _SUCTION_RESISTANCE,
    ]  # fmt: skip
