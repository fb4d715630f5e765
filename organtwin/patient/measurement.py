"""One number measured on the patient, or assumed in place of one, and always saying which."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from organtwin.quantities import Quantity, quantity


class Provenance(Enum):
    """Where a value comes from; shown next to it everywhere."""

    MEASURED = "measured"
    """On this patient."""
    PUBLISHED = "published"
    """The mean of a published group that this case stands for."""
    TYPICAL = "typical"
    """Filled in, from a normal table or a definition, because it was not measured."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value with its doubt; ``value`` and ``sd`` are SI."""

    name: str
    value: float
    sd: float
    taken: date | None
    source: str
    provenance: Provenance = Provenance.MEASURED
    sd_assumed: bool = False
    """``sd`` is the program's default for this quantity (``uncertainty``): nobody stated it."""

    @property
    def quantity(self) -> Quantity:
        return quantity(self.name)
