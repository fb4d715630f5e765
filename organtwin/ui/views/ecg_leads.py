"""What of a comparison is drawn in which lead, and in which ink."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from organtwin.arrays import FloatArray
from organtwin.patient.channels import ECG_LEADS
from organtwin.twin.ecg_comparison import EcgComparison, LeadSignals
from organtwin.ui.theme import Theme
from organtwin.ui.views.ecg_sheet import Extent

NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Ink:
    """How a kind of curve is drawn; kinds differ in width and dashes, not in colour alone."""

    label: str
    color: str
    width: float
    dashes: tuple[float, ...] = ()

    def pen(self, colors: Theme) -> QPen:
        pen = QPen(QColor(getattr(colors, self.color)), self.width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if self.dashes else Qt.PenCapStyle.RoundCap)
        if self.dashes:
            pen.setDashPattern(self.dashes)
        return pen


MEASURED = Ink("measured", "ink", 1.3)
SIMULATED = Ink("simulated", "model", 3.0)
PREDICTED = Ink("predicted under the plan", "plan", 1.7, (3.4, 1.9))


def curves(ecg: EcgComparison) -> tuple[tuple[Ink, LeadSignals], ...]:
    """Give what is drawn, the undermost first."""
    kinds = ((SIMULATED, ecg.model), (PREDICTED, ecg.planned), (MEASURED, ecg.measured))
    return tuple((ink, signals) for ink, signals in kinds if signals is not None)


def leads(ecg: EcgComparison) -> tuple[str, ...]:
    """The standard twelve, then whatever else was recorded, excluded or, unrecorded, computed."""
    record = ecg.measured.leads if ecg.measured is not None else ecg.model.leads
    return tuple(dict.fromkeys((*ECG_LEADS, *record, *ecg.excluded)))


def absence(ecg: EcgComparison, lead: str) -> str:
    """Why nothing is drawn in the lead; empty if something is.

    A lead that was not recorded, or not used, shows no simulated line either: beside measured
    leads it would be taken for one that agrees.
    """
    if lead in ecg.excluded:
        return f"not used: {ecg.excluded[lead]}"
    record = ecg.measured if ecg.measured is not None else ecg.model
    if lead not in record.leads:
        return NOT_RECORDED if ecg.measured is not None else "not computed"
    return ""


def volts(signals: LeadSignals, lead: str) -> FloatArray | None:
    """``(n,)`` [V] of one lead; ``None`` if it is not there."""
    return signals.volts[signals.leads.index(lead)] if lead in signals.leads else None


def band(ecg: EcgComparison, lead: str) -> FloatArray | None:
    """``(2, n)`` [V] of one lead over the model's times."""
    if ecg.bands is None or lead not in ecg.model.leads:
        return None
    return ecg.bands[ecg.model.leads.index(lead)]


def planned_band(ecg: EcgComparison, lead: str) -> FloatArray | None:
    """``(2, n)`` [V] of one lead over the times of the plan."""
    if ecg.planned is None or ecg.planned_bands is None or lead not in ecg.planned.leads:
        return None
    return ecg.planned_bands[ecg.planned.leads.index(lead)]


def extents(ecg: EcgComparison) -> Mapping[str, Extent]:
    """How far each lead reaches [V], 0 V included; nothing for one that is not drawn."""
    reached: dict[str, Extent] = {}
    for lead in leads(ecg):
        drawn = [volts(signals, lead) for _, signals in curves(ecg)]
        values = [v[np.isfinite(v)] for v in drawn if v is not None and not absence(ecg, lead)]
        low = min((float(v.min()) for v in values if len(v)), default=0.0)
        high = max((float(v.max()) for v in values if len(v)), default=0.0)
        reached[lead] = (min(low, 0.0), max(high, 0.0))
    return reached


def stretch(ecg: EcgComparison) -> tuple[float, float]:
    """From the first to the last sample of all curves [s]."""
    times = [signals.times for _, signals in curves(ecg)]
    return min(float(t[0]) for t in times), max(float(t[-1]) for t in times)


def readout(ecg: EcgComparison, lead: str, time: float) -> str:
    """Each curve of the lead at ``time`` [s]: ``measured 0.83 mV  simulated 0.71 mV``."""
    words = []
    for ink, signals in reversed(curves(ecg)):
        values = volts(signals, lead)
        if values is not None and signals.times[0] <= time <= signals.times[-1]:
            value = float(np.interp(time, signals.times, values)) / 1e-3
            words.append(f"{ink.label.split()[0]} {value:.2f}".replace("-", "−") + " mV")
    return "  ".join(words)
