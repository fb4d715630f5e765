"""What electrics, muscle and circulation tell each other."""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError


class Wall(IntEnum):
    """The five muscular walls of the heart, in the order of every wall array."""

    LA = 0
    RA = 1
    LV = 2
    SEPTUM = 3
    RV = 4


@dataclass(frozen=True, slots=True)
class PatchLayout:
    """How many patches each wall is divided into; patches are numbered wall by wall."""

    la: int = 1
    ra: int = 1
    lv: int = 12
    septum: int = 6
    rv: int = 6

    @property
    def counts(self) -> tuple[int, int, int, int, int]:
        return self.la, self.ra, self.lv, self.septum, self.rv

    @property
    def total(self) -> int:
        return sum(self.counts)

    def slice(self, wall: Wall) -> slice:
        """Patches of one wall within an array over all patches."""
        start = sum(self.counts[:wall])
        return slice(start, start + self.counts[wall])


ATRIAL_LEAD = (0.048, 0.028)
"""[s] Left and right: how much earlier an atrium of the pump is excited than its muscle is on the
average, counting for the left one the pump's own 20 ms between the atria. The muscle law needs 81
ms from excitation to the fastest filling of the ventricle; in people that peak comes 120 ms (106 to
135) after the P wave begins, in heart failure after 126 to 128 (P-A'TDI, 329 patients and controls,
PMID 30985354), and the left atrium is excited after 79 ms on the average. So they lead by 28 ms,
which puts the peak at 137 ms in the default heart and at 135 to 149 ms where the QRS is wide."""


def atrial_delays(left: float, right: float) -> tuple[float, float]:
    """Delays of the pump's atria [s] from the mean times at which their muscle is excited [s].

    An atrium that is not excited (NaN) or lacking beats as the pump has it by itself.
    """
    own = zip((left, right), ATRIAL_LEAD, strict=True)
    first, second = (max(time - lead, 0.0) if time < np.inf else 0.0 for time, lead in own)
    return first, second


@dataclass(frozen=True, eq=False, slots=True)
class Activation:
    """When each patch is excited.

    ``delays`` is ``(n_patches,)`` [s]: atrial patches count from the sinus impulse as the pump
    needs them (``atrial_delays``), ventricular patches from the first excitation of ventricular
    muscle, where the QRS begins. ``slowness`` is how many times slower than in the template heart
    it spreads; another conduction in the same heart keeps it.
    """

    pattern: str
    layout: PatchLayout
    delays: FloatArray
    slowness: float = 1.0

    def slowed(self, factor: float) -> "Activation":
        """The same where excitation takes ``factor`` times as long."""
        return replace(self, delays=factor * self.delays, slowness=factor * self.slowness)

    @classmethod
    def of_walls(
        cls, pattern: str, *, lv: tuple[float, ...], septum: tuple[float, ...],
        rv: tuple[float, ...], atria: tuple[float, float] = (0.0, 0.0), slowness: float = 1.0,
    ) -> "Activation":  # fmt: skip
        """Both ``atria`` (left, right) as one patch each, the ventricular walls by their delays.

        Patches stand in the order of ``anatomy.muscle.courses`` and share their wall equally.

        Raises
        ------
        InputError
            A wall has no patch, or a delay is not a time from 0 on.
        """
        for wall, times in (("lv", lv), ("septum", septum), ("rv", rv), ("atria", atria)):
            bad = [t for t in times if not 0.0 <= t < np.inf]
            if bad or not times:
                raise InputError(
                    f"activation {pattern}", f"delays of the wall {wall}",
                    expected="one time or more [s], from 0 on",
                    got=", ".join(f"{t:g}" for t in bad) or "none",
                    remedy="Count delays from the first excitation of the ventricles.",
                )  # fmt: skip
        layout = PatchLayout(1, 1, len(lv), len(septum), len(rv))
        return cls(pattern, layout, np.array([*atria, *lv, *septum, *rv]), slowness)
