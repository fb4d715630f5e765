"""What disturbs an ECG lead: electrocautery, flat line, clipping, motion, turned polarity."""

from collections.abc import Iterator

from organtwin.patient.streaming.marks import Mark
from organtwin.patient.streaming.ring import Ring


class EcgArtefacts:
    """Looks for disturbances in a lead of ``rate`` [Hz]."""

    def __init__(self, lead: str, rate: float) -> None:
        self._lead = lead
        self._rate = rate

    def look(self, ring: Ring, since: int) -> Iterator[Mark]:
        """Marks in samples with counts from ``since`` on."""
        yield from ()
