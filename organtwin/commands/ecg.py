"""``organtwin ecg``: what a recorded ECG shows."""

import json
import math
from pathlib import Path

from organtwin.commands.tables import columns
from organtwin.patient.ecg.examination import EcgExamination, examined
from organtwin.patient.readers import read_recording
from organtwin.units import MS

MV = 1e-3
PATTERNS = {"lbbb": "left bundle branch block", "rbbb": "right bundle branch block"}


def show_ecg(file: Path, *, as_json: bool) -> int:
    """Examine a recording and print intervals, leads, patterns and findings."""
    found = examined(read_recording(file).waveforms)
    print(json.dumps(facts(found), indent=2) if as_json else text(found))
    return 0


def intervals(found: EcgExamination) -> dict[str, float | None]:
    """Intervals [ms] and axis [degrees] by name; None where a wave is not there."""
    own = found.measurements
    values = {
        "RR": own.rr / MS, "P": own.p_duration / MS, "PR": own.pr / MS, "QRS": own.qrs / MS,
        "QT": own.qt / MS, "QTcF": own.qtc_fridericia / MS, "QTcB": own.qtc_bazett / MS,
        "axis": math.degrees(own.qrs_axis),
    }  # fmt: skip
    return {name: None if math.isnan(x) else round(x) for name, x in values.items()}


def facts(found: EcgExamination) -> dict[str, object]:
    """Everything for programs."""
    own = found.measurements
    return {
        "intervals_ms_axis_deg": intervals(found),
        "patterns": list(found.patterns),
        "beats": {"found": len(found.beats), "averaged": sum(b.used for b in found.beats)},
        "leads": {
            name: {"r_mv": round(own.r[name] / MV, 3), "s_mv": round(own.s[name] / MV, 3)}
            for name in found.average.names
        },
        "excluded": dict(found.excluded),
        "findings": list(found.findings),
    }


def text(found: EcgExamination) -> str:
    """The same for people."""
    rows = [
        (name, "-" if value is None else f"{value:.0f}", "°" if name == "axis" else "ms")
        for name, value in intervals(found).items()
    ]
    own = found.measurements
    leads = [
        (name, f"{own.r[name] / MV:.2f}", f"{own.s[name] / MV:.2f}", f"{1e6 * noise:.0f}")
        for name, noise in zip(found.average.names, found.average.noise, strict=True)
    ]
    used = sum(beat.used for beat in found.beats)
    patterns = ", ".join(PATTERNS.get(p, p) for p in found.patterns) or "no bundle branch block"
    told = "\n".join(f"- {finding}" for finding in found.findings)
    return "\n\n".join(
        part
        for part in (
            columns(rows, ("interval", "value", "unit"), (False, True, False)),
            columns(leads, ("lead", "R [mV]", "S [mV]", "noise [uV]"), (False, True, True, True)),
            f"{used} of {len(found.beats)} beats averaged; {patterns}",
            told,
        )
        if part
    )
