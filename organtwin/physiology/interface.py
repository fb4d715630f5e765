"""What electrics, muscle and circulation tell each other."""

from dataclasses import dataclass
from enum import IntEnum

from organtwin.arrays import FloatArray


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


@dataclass(frozen=True, eq=False, slots=True)
class Activation:
    """When each patch is excited.

    ``delays`` is ``(n_patches,)`` [s]: atrial patches count from the sinus impulse, ventricular
    patches from the arrival of that impulse through the atrioventricular node.
    """

    pattern: str
    layout: PatchLayout
    delays: FloatArray
