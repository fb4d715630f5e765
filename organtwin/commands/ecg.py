"""``organtwin ecg``: what a recorded ECG shows."""

import json
import math
from pathlib import Path

from organtwin.commands.tables import columns
from organtwin.patient.ecg.examination import EcgExamination, examined
from organtwin.patient.ecg.measurements import EcgValue
from organtwin.patient.readers import read_recording
from organtwin.units import MS

MV = 1e-3
NAMES = {
    "rr_interval": "RR", "p_duration": "P", "pr_interval": "PR", "qrs_duration": "QRS",
    "qt_interval": "QT", "qtc_fridericia": "QTcF", "qtc_bazett": "QTcB", "p_axis": "P axis",
    "qrs_axis": "QRS axis", "t_axis": "T axis",
}  # fmt: skip


def show_ecg(file: Path, *, as_json: bool) -> int:
    """Examine a recording and print intervals, leads, patterns and findings."""
    found = examined(read_recording(file))
    print(json.dumps(facts(found), indent=2) if as_json else text(found))
    return 0


def _shown(value: EcgValue) -> tuple[float, float, str]:
    """Value, standard deviation and unit as clinicians write them."""
    if value.unit == "rad":
        return math.degrees(value.value), math.degrees(value.sd), "deg"
    return value.value / MS, value.sd / MS, "ms"


def facts(found: EcgExamination) -> dict[str, object]:
    """Everything for programs."""
    values = {name: _shown(value) for name, value in found.measurements.values.items()}
    return {
        "measurements": {
            name: {"value": round(value, 1), "sd": round(sd, 1), "unit": unit}
            for name, (value, sd, unit) in values.items()
        },
        "patterns": [pattern.name for pattern in found.patterns if pattern.holds],
        "beats": {"found": len(found.beats), "averaged": sum(b.used for b in found.beats)},
        "leads": {
            name: {"r_mv": round(d.r / MV, 3), "s_mv": round(d.s / MV, 3)}
            for name, d in found.measurements.deflections.items()
        },
        "excluded": [quality.name for quality in found.qualities if not quality.usable],
        "findings": list(found.findings),
    }


def text(found: EcgExamination) -> str:
    """The same for people."""
    rows = []
    for name, value in found.measurements.values.items():
        shown, sd, unit = _shown(value)
        rows.append((NAMES.get(name, name), f"{shown:.0f}", f"{sd:.0f}", unit))
    leads = [
        (name, f"{d.r / MV:.2f}", f"{d.s / MV:.2f}", f"{d.st / MV:+.2f}", f"{d.t / MV:+.2f}")
        for name, d in found.measurements.deflections.items()
    ]
    used = sum(beat.used for beat in found.beats)
    holding = [pattern.name for pattern in found.patterns if pattern.holds]
    parts = (
        columns(rows, ("measure", "value", "sd", "unit"), (False, True, True, False)),
        columns(
            leads,
            ("lead", "R [mV]", "S [mV]", "ST [mV]", "T [mV]"),
            (False, True, True, True, True),
        ),
        f"{used} of {len(found.beats)} beats averaged; {', '.join(holding) or 'no pattern'}",
        "\n".join(f"- {finding}" for finding in found.findings),
    )
    return "\n\n".join(part for part in parts if part)
