"""When every place of a heart is excited, and what began it."""

from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Start:
    """A place where excitation begins: node of the medium, time [s]."""

    name: str
    node: int
    time: float


@dataclass(frozen=True, eq=False, slots=True)
class ActivationMap:
    """Times of excitation [s] from the sinus impulse, or from time 0 of the stimuli without one.

    ``times`` ``(n_nodes,)`` of the tissue, the first ``n_ventricular`` in the ventricles;
    ``cable_times`` ``(n_places,)`` of the conduction system; infinite where excitation never comes.
    """

    name: str
    times: FloatArray
    cable_times: FloatArray
    n_ventricular: int
    starts: tuple[Start, ...]

    @property
    def ventricular(self) -> FloatArray:
        """Times [s] of the nodes of the ventricles."""
        return self.times[: self.n_ventricular]

    @property
    def ventricular_onset(self) -> float:
        """First excitation of ventricular muscle [s]: where the QRS begins; infinite if none."""
        return float(self.ventricular.min())

    @property
    def ventricular_end(self) -> float:
        """Last excitation of ventricular muscle [s] that is excited at all."""
        reached = self.ventricular[np.isfinite(self.ventricular)]
        return float(reached.max()) if len(reached) else np.inf

    @property
    def ventricular_duration(self) -> float:
        """From first to last excitation of the ventricles [s]: the width of the QRS."""
        return self.ventricular_end - self.ventricular_onset
