"""Rows of published responses, how each counts, and what becomes of it in the model."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from organtwin.units import L_PER_MIN, ML, MMHG, PER_MIN

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT.parent / "shared" / "science" / "data" / "therapy_validation_targets.csv"
FRESH = Path(__file__).with_name("validate_therapies_fresh.csv")
TUNED = ROOT / "tests" / "verification" / "data" / "therapy_targets.csv"
SURFACE = 1.9
"""[m2] by which indexed values are multiplied."""
NO_EVIDENCE = ("memory", "assumed")
PLAIN: Mapping[str, tuple[str, float]] = {
    "CO": ("cardiac_output", L_PER_MIN), "CI": ("cardiac_output", L_PER_MIN * SURFACE),
    "MAP": ("mean_arterial_pressure", MMHG), "dMAP": ("mean_arterial_pressure", MMHG),
    "HR": ("heart_rate", PER_MIN), "PCWP": ("pcwp", MMHG), "LVFP": ("pcwp", MMHG),
    "RAP": ("ra_pressure", MMHG), "LVEDP": ("lv_edp", MMHG), "SBP": ("systolic_pressure", MMHG),
    "SV": ("stroke_volume", ML), "forward_SV": ("stroke_volume", ML),
    "SVI": ("stroke_volume", ML * SURFACE), "dPdtmax": ("dp_dt_max", MMHG),
    "SVR": ("systemic_vascular_resistance", 1e5), "PVR": ("pulmonary_vascular_resistance", 1e5),
    "LVEF": ("lv_ef", 0.01), "RVEF": ("rv_ef", 0.01), "LVEF_wk24": ("lv_ef", 0.01),
    "dLVEF": ("lv_ef", 0.01), "dLVESVI": ("lv_esv", ML * SURFACE),
    "dLVEDVI": ("lv_edv", ML * SURFACE), "LVEDV": ("lv_edv", ML), "mPAP": ("pa_mean", MMHG),
    "LVESV": ("lv_esv", ML), "LVSP": ("lv_systolic_pressure", MMHG),
    "mean_gradient": ("aortic_mean_gradient", MMHG), "native_CO": ("native_output", L_PER_MIN),
    "dCO_total": ("cardiac_output", L_PER_MIN), "dPCWP_total": ("pcwp", MMHG),
    "dCVP_total": ("ra_pressure", MMHG), "dCO_per_step": ("cardiac_output", L_PER_MIN),
    "dPCWP_per_step": ("pcwp", MMHG), "dRAP": ("ra_pressure", MMHG), "dPCWP": ("pcwp", MMHG),
    "dCO": ("cardiac_output", L_PER_MIN), "dmPAP": ("pa_mean", MMHG),
    "dPVR": ("pulmonary_vascular_resistance", 1e5), "dHR": ("heart_rate", PER_MIN),
    "LVEF_wk180": ("lv_ef", 0.01), "dLVOTG_rest": ("lvot_gradient", MMHG),
}  # fmt: skip
"""Variable of the table: quantity, and what one of its units is in SI."""
PERCENT: Mapping[str, str] = {
    "CI_pct": "cardiac_output", "CO_pct": "cardiac_output", "PCWP_pct": "pcwp",
    "SVR_pct": "systemic_vascular_resistance", "PVR_pct": "pulmonary_vascular_resistance",
    "mPAP_pct": "pa_mean", "dPdtmax_pct": "dp_dt_max", "PP_pct": "pulse_pressure",
    "SV_pct": "stroke_volume", "SVI_pct_low": "stroke_volume", "SVI_pct_high": "stroke_volume",
}  # fmt: skip
REFUSED: Mapping[str, str] = {
    "EOA": "is the dose, not a response", "QRSd": "electrical, not of the pump",
    "dLVOTG_Valsalva": "the strain of a Valsalva manoeuvre is not modelled",
    "VO2": "is the dose, not a response",
    "avO2diff": "is the dose over the output, which has its own row",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of a table; ``number`` counts from 1 below the header.

    ``half``: A or B of the shared table, F of the fresh one. ``status``: tuned (it went into a
    dose-response curve), seen (its error was known when the mechanism or the group was mended), or
    untouched. ``spread``: half of the 90 % interval of the published mean, 0 where not published.
    """

    number: int
    half: str
    study: str
    therapy: str
    variable: str
    baseline: float
    response: float
    evidence: str
    status: str
    spread: float = 0.0

    @property
    def name(self) -> str:
        return f"F{self.number}" if self.half == "F" else str(self.number)

    @property
    def is_change(self) -> bool:
        return self.baseline == 0.0

    @property
    def change(self) -> float:
        return self.response - self.baseline


@dataclass(frozen=True)
class Compared:
    """A row beside its prediction, in the row's own unit.

    ``low`` and ``high``: the 90 % band of one patient's response, as a user sees it. ``mean_low``
    and ``mean_high``: 90 % of where a published mean should lie, by the model's own error alone.
    ``before``: what the group has in the model, SI. ``scale``: of what a change is a share, for the
    figure.
    """

    row: Row
    family: str
    response: float
    low: float | None
    high: float | None
    before: float
    scale: float
    mean_low: float | None = None
    mean_high: float | None = None

    @property
    def quantity(self) -> str:
        """Name of the quantity; empty where the variable is made of several."""
        variable = self.row.variable
        return PERCENT.get(variable) or PLAIN.get(variable, ("", 0.0))[0]

    def level(self, value: float) -> float:
        """A value of the row's unit as a level [SI], where it is one of a quantity."""
        if self.row.variable in PERCENT:
            return self.before * (1.0 + value / 100.0)
        unit = PLAIN[self.row.variable][1]
        return value * unit + (self.before if self.row.is_change else 0.0)

    @property
    def change(self) -> float:
        return self.response - self.row.baseline

    @property
    def same_sign(self) -> bool | None:
        return None if self.row.change == 0.0 else self.change * self.row.change > 0.0

    @property
    def error(self) -> float | None:
        published = self.row.response
        return None if published == 0.0 else abs(self.response / published - 1.0)

    @property
    def change_error(self) -> float | None:
        return None if self.row.change == 0.0 else abs(self.change / self.row.change - 1.0)

    @property
    def covered(self) -> bool | None:
        if self.low is None or self.high is None:
            return None
        return self.low <= self.row.response <= self.high

    @property
    def mean_covered(self) -> bool | None:
        """Whether the two means agree within both doubts, the model's and the published one's."""
        if self.mean_low is None or self.mean_high is None:
            return None
        apart = self.row.response - self.response
        reach = (self.mean_high if apart > 0.0 else self.mean_low) - self.response
        return abs(apart) <= math.hypot(reach, self.row.spread)


def table_rows(path: Path, studies: Mapping[str, Any], *, fresh: bool = False) -> list[Row]:
    tuned = _tuned()
    with path.open(encoding="utf-8") as file:
        return [
            _row(number, entry, tuned, studies, fresh=fresh)
            for number, entry in enumerate(csv.DictReader(file), 1)
        ]


def _tuned() -> set[tuple[str, float, float]]:
    with TUNED.open(encoding="utf-8") as file:
        return {
            (r["therapy"].split()[0], float(r["baseline"]), float(r["response"]))
            for r in csv.DictReader(file) if r["role"] == "tuned"
        }  # fmt: skip


def _row(
    number: int, entry: Mapping[str, str], tuned: set[tuple[str, float, float]],
    studies: Mapping[str, Any], *, fresh: bool,
) -> Row:  # fmt: skip
    before, after = float(entry["baseline"]), float(entry["response"])
    half = "F" if fresh else "A" if number % 2 else "B"
    study = studies.get(entry["id"], {})
    variable, status = entry["variable"], "untouched"
    if variable in study.get("seen", ()):
        status = "seen"
    informed = (*study.get("informed", ()), "SVI_pct_low", "SVI_pct_high")
    if variable in informed or _is_tuned(entry["therapy"], before, after, tuned):
        status = "tuned"
    return Row(
        number, half, entry["id"], entry["therapy"], variable, before, after, entry["evidence"],
        status, float(study.get("spread", {}).get(variable, 0.0)),
    )  # fmt: skip


def _is_tuned(
    therapy: str, before: float, after: float, tuned: set[tuple[str, float, float]]
) -> bool:
    return any(
        name == therapy and abs(b - before * k) < 0.01 and abs(a - after * k) < 0.01
        for k in (1.0, SURFACE) for name, b, a in tuned
    )  # fmt: skip
