"""The doubt of planned electrics: the plan given to other explanations of the patient's ECG.

Some of the members of the fit, evenly spaced from the best to the worst explanation, are brought
under the plan each for itself. Their spread gives bands on the leads and the doubt of the time of
activation at every place, as the members themselves give those of the untreated heart. What drugs
do to cells and where electrodes lie is the same for all.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.ecg_fit import EcgMember
from organtwin.twin.ecg_fitting import (
    BAND,
    LEAST_MEMBERS,
    WIDENED,
    FittedElectrics,
    ranked,
    state_of,
)
from organtwin.twin.electrics import ElectricAnswer, ElectricWork, surface_electrics
from organtwin.twin.planned_electrics import planned_beat

N_MEMBERS = LEAST_MEMBERS
_MARGIN = 0.01
"""[s] Before the QRS of the plan, where bands begin: the atria are not fitted."""


def doubting_plan(
    fitted: FittedElectrics, planned: ElectricAnswer, *, n_members: int = N_MEMBERS
) -> Iterator[ElectricWork]:
    """The planned electrics with their doubt; half a second for each member.

    Ventricles that the plan does not excite have none: the answer then comes back as it is.
    """
    signals = planned.comparison.planned
    if planned.plan is None or signals is None or planned.pump is None:
        yield ElectricWork(1.0, "Predicted", planned)
        return
    pr = fitted.answer.beat.activation.ventricular_onset
    chosen = _spread(ranked(fitted.members), n_members)
    onset = planned.beat.activation.ventricular_onset
    times: list[FloatArray] = []
    courses: list[FloatArray] = []
    for number, member in enumerate(chosen):
        yield ElectricWork(number / len(chosen), "Estimating doubt of activation and ECG")
        state = state_of(member, planned.model, pr)
        beat = planned_beat(planned, state, planned.plan, planned.effect)
        times.append(beat.activation.times)
        since = beat.times - onset + member.candidate.onset
        courses.append(
            member.amplitude
            * np.stack([np.interp(signals.times, since, row) for row in beat.volts])
        )
    bands = np.moveaxis(np.quantile(courses, BAND, axis=0), 0, 1)
    bands[:, :, signals.times < planned.comparison.shift - _MARGIN] = np.nan
    doubt = planned.places.field(half_width(np.array(times), planned))
    length = planned.effect.cycle or planned.cycle
    surface = surface_electrics(planned.places, planned.beat, length, doubt)
    compared = replace(planned.comparison, planned_bands=bands)
    answer = replace(planned, comparison=compared, surface=surface)
    yield ElectricWork(1.0, "Predicted", answer)


def half_width(times: FloatArray, planned: ElectricAnswer) -> FloatArray:
    """Half the 90 % band ``(n_nodes,)`` [s] of times of activation ``(n_members, n_nodes)``.

    Widened as that of the untreated heart. NaN in the atria, and where excitation does not come in
    every member.
    """
    ventricular = np.arange(times.shape[1]) < planned.model.heart.tissue.n_ventricular
    reached = np.isfinite(times).all(axis=0) & ventricular
    low, high = np.quantile(times[:, reached], BAND, axis=0)
    out = np.full(times.shape[1], np.nan)
    out[reached] = 0.5 * WIDENED * (high - low)
    return out


def _spread(members: list[EcgMember], wanted: int) -> list[EcgMember]:
    """So many of the members at most, evenly spaced, the first and the last among them."""
    places = np.linspace(0, len(members) - 1, min(wanted, len(members)))
    return [members[k] for k in np.unique(places.round().astype(int))]
