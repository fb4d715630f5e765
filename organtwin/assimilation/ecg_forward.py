"""The electrical model as an ECG fit uses it: ventricles only, leads that were measured."""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.ecg_fit import Excitation
from organtwin.assimilation.ecg_levers import Candidate
from organtwin.physiology.electrophysiology.ecg.electrocardiogram import electrocardiogram
from organtwin.physiology.electrophysiology.ecg.repolarisation import Repolarisation, durations
from organtwin.simulation.electric_model import ElectricModel, ElectricState, chamber_recorder


@dataclass(frozen=True, eq=False, slots=True)
class VentricularForward:
    """Computes the leads of ``model`` numbered in ``chosen`` for any candidate."""

    model: ElectricModel
    chosen: tuple[int, ...]

    def excitation(self, candidate: Candidate) -> Excitation | None:
        """Activation and lead weights; None when the ventricles are not excited."""
        n = self.model.heart.tissue.n_ventricular
        times = self.model.heart.activation(candidate.conduction, candidate.speeds).ventricular
        first = float(times.min())
        if not np.isfinite(first):
            return None
        state = ElectricState(pose=candidate.pose, electrodes_up=candidate.electrodes_up)
        weights = self.model.weights(state)[list(self.chosen), :n]
        return Excitation(times - first, weights)

    def leads(
        self, excitation: Excitation, times: FloatArray, repolarisation: Repolarisation
    ) -> FloatArray:
        """Lead voltages ``(n_leads, n)`` [V] at even times [s] from the first excitation."""
        n = self.model.heart.tissue.n_ventricular
        own = durations(repolarisation, self.model.coordinates[:n])
        record = chamber_recorder("ventricle", excitation.weights, times)
        return electrocardiogram(record, excitation.activation, durations=own)


def ventricular_forward(model: ElectricModel, leads: tuple[str, ...]) -> VentricularForward:
    """For leads of the model by name."""
    return VentricularForward(model, tuple(model.leads.index(lead) for lead in leads))
