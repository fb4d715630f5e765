"""GE MUSE ECG files (XML ``RestingECG``): rhythm, median beat, measurements, statements.

Samples are 16-bit integers, lowest byte first, in base64, scaled by ``LeadAmplitudeUnitsPerBit``.
The rate is ``SampleBase`` times ten to ``SampleExponent``. The file stores I, II and V1 to V6;
III, aVR, aVL and aVF are derived and named in the fact ``derived leads``. ``LeadDataCRC32`` is not
checked: how it is formed is not published.
"""

import base64
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from organtwin.errors import RecordError
from organtwin.patient.channels import Channel, canonical_channel, values_in_si
from organtwin.patient.readers.annotated_intervals import annotated_intervals
from organtwin.patient.readers.derived_leads import with_derived
from organtwin.patient.readers.faults import content_of, explained
from organtwin.patient.readers.xml_document import milliseconds, parsed, positive, text_of
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform

_INTERVALS = {
    "PRInterval": "pr_interval",
    "QRSDuration": "qrs_duration",
    "QTInterval": "qt_interval",
}
_UNITS = {"MICROVOLTS": "uV", "MILLIVOLTS": "mV"}
_BYTES = 2
_FACTS = {
    "sex": "PatientDemographics/Gender",
    "weight [kg]": "PatientDemographics/WeightKG",
    "recorder": "TestDemographics/AcquisitionDevice",
}


def read_muse(path: Path, leads: tuple[str, ...] = ()) -> Recording:
    """Read a MUSE file.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    source = str(path)
    with explained(source, "MUSE ECG"):
        root = parsed(content_of(path), source, named_type="RestingECG")
        groups: dict[str, dict[str, Waveform]] = {}
        for group in root.iterfind("Waveform"):
            kind = text_of(group, "WaveformType").lower()
            if kind in groups or kind not in ("rhythm", "median"):
                raise RecordError(
                    source, "WaveformType", expected="Rhythm and Median, each at most once",
                    got=kind or "nothing", remedy="Export one recording per file.",
                )  # fmt: skip
            groups[kind] = _group(group, source, kind, leads)
        if "rhythm" not in groups:
            raise RecordError(
                source, "Waveform", expected="a rhythm strip", got=", ".join(groups) or "none",
                remedy="Export the recording again with its full waveforms.",
            )  # fmt: skip
        facts, taken = _facts(root)
        rhythm, derived = with_derived(groups["rhythm"], leads)
        if derived:
            facts["derived leads"] = ", ".join(derived)
        median, _ = with_derived(groups.get("median", {}), leads)
        measured = milliseconds(root.find("RestingECGMeasurements"), _INTERVALS)
        return Recording(
            source, rhythm, median, annotated_intervals(measured, source, taken), facts
        )


def _group(group: Element, source: str, kind: str, leads: tuple[str, ...]) -> dict[str, Waveform]:
    """Every lead of one group."""
    base = positive(text_of(group, "SampleBase"), source, f"{kind} SampleBase")
    rate = base * 10.0 ** int(text_of(group, "SampleExponent") or "0")
    found: dict[str, Waveform] = {}
    for lead in group.iterfind("LeadData"):
        spelled = text_of(lead, "LeadID")
        try:
            name = canonical_channel(spelled, source)
        except RecordError:
            if leads:
                continue
            raise
        if name in found:
            raise RecordError(
                source, f"{kind} LeadID", expected="each lead once", got=f"{name} twice",
                remedy="Export one recording per file.",
            )  # fmt: skip
        found[name] = _lead(lead, Channel(source, f"{kind} lead {name}", name), rate)
    return found


def _lead(lead: Element, channel: Channel, rate: float) -> Waveform:
    source, field = channel.source, channel.field
    size = text_of(lead, "LeadSampleSize") or str(_BYTES)
    content = base64.b64decode("".join(text_of(lead, "WaveFormData").split()), validate=True)
    count = int(positive(text_of(lead, "LeadSampleCountTotal"), source, f"{field} sample count"))
    if size != str(_BYTES) or len(content) != _BYTES * count or count < 2:
        raise RecordError(
            source, f"{field} WaveFormData", expected=f"{count} samples of {_BYTES} bytes",
            got=f"{len(content)} bytes, {size} per sample",
            remedy="The signal is cut off: copy or export the file again.",
        )  # fmt: skip
    written = text_of(lead, "LeadAmplitudeUnits")
    step = positive(text_of(lead, "LeadAmplitudeUnitsPerBit"), source, f"{field} units per bit")
    samples = np.frombuffer(content, "<i2").astype(np.float64) * step
    values = values_in_si(samples, _UNITS.get(written.upper(), written), channel, rate)
    offset = 1e-3 * float(text_of(lead, "LeadTimeOffset") or "0")
    return Waveform(channel.name, offset + np.arange(count) / rate, values, written, source)


def _facts(root: Element) -> tuple[dict[str, str], date | None]:
    """Patient without name and number, recorder, begin and statements, as they stand."""
    facts = {name: text_of(root, place) for name, place in _FACTS.items()}
    age, units = (text_of(root, f"PatientDemographics/{tag}") for tag in ("PatientAge", "AgeUnits"))
    facts["age"] = f"{age} {units.lower()}".strip() if age else ""
    height = text_of(root, "PatientDemographics/HeightCM")
    facts["height [m]"] = f"{0.01 * float(height):.4g}" if height else ""
    facts["statements"] = "; ".join(_statements(root))
    taken = None
    if day := text_of(root, "TestDemographics/AcquisitionDate"):
        clock = text_of(root, "TestDemographics/AcquisitionTime") or "00:00:00"
        began = datetime.strptime(f"{day} {clock}", "%m-%d-%Y %H:%M:%S")
        taken = began.date()
        facts |= {"date": f"{began:%Y%m%d}", "time": f"{began:%H:%M:%S}"}
    return {name: text for name, text in facts.items() if text}, taken


def _statements(root: Element) -> Iterator[str]:
    """Lines of the diagnosis; a line goes on in the next until one is marked as its end."""
    line: list[str] = []
    for statement in root.iterfind("Diagnosis/DiagnosisStatement"):
        line.append(text_of(statement, "StmtText"))
        if any(flag.text == "ENDSLINE" for flag in statement.iterfind("StmtFlag")):
            yield " ".join(filter(None, line))
            line = []
    if any(line):
        yield " ".join(filter(None, line))
