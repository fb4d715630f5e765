"""One beat as long as the patient's, in a tenth of the time: for ensembles that follow a stream.

The kernel of ``physiology.heart`` with longer steps, and only the numbers that a monitor or an echo
would give. Equations and their verification are those of ``simulator``; the difference that the
step makes is measured in tests/simulation/test_quick_beats.py.
"""

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import ParameterError
from organtwin.physiology import stepping
from organtwin.physiology.heart import HeartState, advance, pack
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import LARGEST_VOLUME_STEP

TIME_STEP = 4e-3
"""[s]: pressures of a normal beat differ by 0.4 mmHg from those at 1 ms, four times as fast."""
FEWEST_STEPS = 50
_PRESSURE, _AORTIC_FLOW = 8, 17
"""Columns of the kernel's outputs: the first pressure, and the flow through the aortic valve."""


def quick_beat(
    conditions: Conditions, state: HeartState, interval: float
) -> tuple[dict[str, float], HeartState] | None:
    """Quantities [SI] of a beat that lasts ``interval`` [s], and the state after it.

    The AV delay stays what it is in ``conditions``, whose own rate is not used. ``None`` where the
    heart does not survive, or leaves the range of the model.
    """
    try:
        lasting = lasting_for(conditions, interval)
    except ParameterError:
        return None
    wanted = lasting.parameters["blood_volume"]
    limit = LARGEST_VOLUME_STEP * wanted
    missing = min(max(wanted - state.blood_volume, -limit), limit)
    heart = pack(lasting.parameters, lasting.activation, lasting.scar)
    n_steps = max(round(interval / TIME_STEP), FEWEST_STEPS)
    record = advance(heart, state, n_steps, missing / heart.cycle_length)
    if record.status != stepping.COMPLETED:
        return None
    return _quantities(record.outputs, interval), record.state


def lasting_for(conditions: Conditions, interval: float) -> Conditions:
    """The same with another cycle length [s]; the AV delay is a time and is kept.

    Raises
    ------
    ParameterError
        The heart model does not beat at that rate.
    """
    parameters = conditions.parameters
    delay = parameters["av_delay_fraction"] / parameters["heart_rate"]
    share = parameters.specs["av_delay_fraction"]
    fraction = min(max(delay / interval, share.lower), share.upper)
    return conditions.with_parameters(heart_rate=1.0 / interval, av_delay_fraction=fraction)


def _quantities(outputs: FloatArray, interval: float) -> dict[str, float]:
    aorta = outputs[:, _PRESSURE + stepping.SYSTEMIC_ARTERY]
    atrium = outputs[:, _PRESSURE + stepping.RA]
    lung = outputs[:, _PRESSURE + stepping.PULMONARY_ARTERY]
    left, flow = outputs[:, stepping.LV], float(outputs[:, _AORTIC_FLOW].mean())
    largest, smallest = float(left.max()), float(left.min())
    return {
        "systolic_pressure": float(aorta.max()),
        "diastolic_pressure": float(aorta.min()),
        "mean_arterial_pressure": float(aorta.mean()),
        "ra_pressure": float(atrium.mean()),
        "pa_systolic": float(lung.max()),
        "pa_diastolic": float(lung.min()),
        "pa_mean": float(lung.mean()),
        "pcwp": float(np.mean(outputs[:, _PRESSURE + stepping.LA])),
        "stroke_volume": flow * interval,
        "cardiac_output": flow,
        "lv_edv": largest,
        "lv_esv": smallest,
        "lv_ef": (largest - smallest) / largest,
    }
