"""Philips ECG files (XML 1.03 and 1.04): leads, representative beats, measurements, statements.

Amplitudes are in microvolt per step (``resolution``). Behind the ECG every lead holds the same
calibration mark, 1 mV for 0.2 s between two pauses of 0.1 s; it is no ECG and is left out.
"""

import base64
from datetime import date, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError
from organtwin.patient.channels import Channel, canonical_channel, values_in_si
from organtwin.patient.readers.annotated_intervals import annotated_intervals
from organtwin.patient.readers.faults import content_of, explained
from organtwin.patient.readers.philips_xli import leads_of, with_limb_leads
from organtwin.patient.readers.xml_document import milliseconds, parsed, positive, text_of
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform

_VERSIONS = ("1.03", "1.04")
_INTERVALS = {"rrint": "rr_interval", "print": "pr_interval", "qrsdur": "qrs_duration",
              "qtint": "qt_interval"}  # fmt: skip
_LIMB = ("I", "II", "III", "aVR", "aVL", "aVF")
_FILL = 32767
"""In the last samples of a representative beat: there is none."""
_MARK, _MARK_HEIGHT = (0.1, 0.2, 0.1), 1000.0
"""[s] and [uV]; both public files, of 1.04 and 1.04.01, end so."""
_INCH, _POUND = 0.0254, 0.45359237


def read_philips(path: Path, leads: tuple[str, ...] = ()) -> Recording:
    """Read a Philips ECG file.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    source = str(path)
    with explained(source, "Philips ECG"):
        root = parsed(content_of(path), source)
        version = text_of(root, "documentinfo/documentversion")
        if not root.tag.endswith("}restingecgdata") or not version.startswith(_VERSIONS):
            raise RecordError(
                source, "documentversion", expected="restingecgdata of version 1.03 or 1.04",
                got=f"{root.tag.rpartition('}')[2]} of version {version or 'not stated'}",
                remedy="Export the recording in that version, or as DICOM.",
            )  # fmt: skip
        rhythm = _kept(_rhythm(root, source), leads)
        beats = _kept(_beats(root, source), leads)
        facts, taken = _facts(root)
        measured = milliseconds(root.find(".//{*}globalmeasurements"), _INTERVALS)
        return Recording(source, rhythm, beats, annotated_intervals(measured, source, taken), facts)


def _kept(waveforms: dict[str, Waveform], leads: tuple[str, ...]) -> dict[str, Waveform]:
    return {name: wave for name, wave in waveforms.items() if not leads or name in leads}


def _rhythm(root: Element, source: str) -> dict[str, Waveform]:
    part = root.find(".//{*}parsedwaveforms")
    if part is None:
        raise RecordError(
            source, "parsedwaveforms", expected="the waveforms", got="no such element",
            remedy="Export the recording again with its waveforms.",
        )  # fmt: skip
    signal = root.find(".//{*}signalcharacteristics")
    rate_text = part.get("samplespersecond") or text_of(signal, "samplingrate")
    rate = positive(rate_text, source, "samplingrate")
    step = positive(part.get("resolution") or text_of(signal, "resolution"), source, "resolution")
    names = (part.get("leadlabels") or "").split()
    if len(set(names)) < len(names) or not names:
        raise RecordError(
            source, "leadlabels", expected="the name of each lead, each once",
            got=" ".join(names) or "nothing", remedy="Export the recording again.",
        )  # fmt: skip
    stored = _stored(part, names, rate, source)
    length = _before_calibration(stored, rate, step)
    return {
        canonical_channel(name, source): _waveform(source, name, values[:length] * step, rate)
        for name, values in zip(names, stored, strict=True)
    }


def _stored(part: Element, names: list[str], rate: float, source: str) -> list[FloatArray]:
    """Samples of each lead in steps."""
    packed = part.get("compressflag", "True") == "True"
    method = (part.get("compression") or part.get("compressmethod") or "none") if packed else "none"
    encoding = part.get("dataencoding", "")
    if encoding != "Base64" or method not in ("XLI", "none", "Uncompressed"):
        raise RecordError(
            source, "parsedwaveforms compression", expected="Base64, compressed by XLI or not",
            got=f"{encoding or 'no encoding'}, {method}", remedy="Export the recording as DICOM.",
        )  # fmt: skip
    content = base64.b64decode("".join((part.text or "").split()), validate=True)
    if method == "XLI":
        found = leads_of(content, len(names), source)
        if tuple(names[:6]) == _LIMB:
            found = with_limb_leads(found)
    else:
        samples = np.frombuffer(content, "<i2").astype(np.float64)
        found = list(samples.reshape(len(names), -1))
    stated = positive(part.get("durationperchannel", ""), source, "durationperchannel")
    held = {len(lead) for lead in found}
    if held != {round(1e-3 * stated * rate)} or min(held) < 2:
        raise RecordError(
            source, "durationperchannel", expected=f"{1e-3 * stated * rate:g} samples per lead",
            got=f"{sorted(held)}", remedy="Copy or export the file again.",
        )  # fmt: skip
    return found


def _before_calibration(leads: list[FloatArray], rate: float, step: float) -> int:
    """Number of samples before the calibration mark, if every lead ends with one.

    ``rate`` is in Hz and ``step`` in microvolt.
    """
    lengths = [round(seconds * rate) for seconds in _MARK]
    mark = np.repeat([0.0, _MARK_HEIGHT / step, 0.0], lengths)
    count = len(leads[0])
    if count <= len(mark) + 1:
        return count
    marked = all(np.abs(lead[-len(mark) :] - mark).max() <= 1.0 for lead in leads)
    return count - len(mark) if marked else count


def _waveform(source: str, name: str, microvolts: FloatArray, rate: float) -> Waveform:
    lead = canonical_channel(name, source)
    values = values_in_si(microvolts, "uV", Channel(source, f"lead {lead}", lead), rate)
    return Waveform(lead, np.arange(len(values)) / rate, values, "uV", source)


def _beats(root: Element, source: str) -> dict[str, Waveform]:
    """The representative beats; a lead without one is left out."""
    group = root.find(".//{*}repbeats")
    found: dict[str, Waveform] = {}
    if group is None or group.get("dataencoding") != "Base64":
        return found
    rate = positive(group.get("samplespersec", ""), source, "repbeats samplespersec")
    step = positive(group.get("resolution", ""), source, "repbeats resolution")
    for beat in group.iterfind("{*}repbeat"):
        text = "".join(text_of(beat, "waveform").split())
        samples = np.frombuffer(base64.b64decode(text, validate=True), "<i2")
        held = np.flatnonzero(samples != _FILL)
        if len(held) > 1:
            values = samples[: held[-1] + 1].astype(np.float64) * step
            wave = _waveform(source, beat.get("leadname", ""), values, rate)
            found[wave.name] = wave
    return found


def _facts(root: Element) -> tuple[dict[str, str], date | None]:
    """Patient without name and number, recorder, begin and statements, as they stand."""
    patient = root.find("{*}patient/{*}generalpatientdata")
    facts = {
        "sex": text_of(patient, "sex"),
        "age": text_of(patient, "age/years"),
        "born": text_of(patient, "age/dateofbirth"),
        "height [m]": _size(patient, "height", {"cm": 0.01, "inch": _INCH}),
        "weight [kg]": _size(patient, "weight", {"kg": 1.0, "lb": _POUND}),
        "recorder": text_of(root, "dataacquisition/machine"),
        "statements": "; ".join(
            " ".join(
                filter(None, (text_of(each, "leftstatement"), text_of(each, "rightstatement")))
            )
            for each in root.iterfind(".//{*}interpretation/{*}statement")
        ),
    }
    taken = None
    acquired = root.find("{*}dataacquisition")
    if acquired is not None and acquired.get("date"):
        stamp = f"{acquired.get('date')} {acquired.get('time', '00:00:00')}"
        began = datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S")
        taken = began.date()
        facts |= {"date": f"{began:%Y%m%d}", "time": f"{began:%H:%M:%S}"}
    return {name: text for name, text in facts.items() if text}, taken


def _size(patient: Element | None, what: str, units: dict[str, float]) -> str:
    for unit, factor in units.items():
        if text := text_of(patient, f"{what}/{unit}"):
            return f"{float(text) * factor:.4g}"
    return ""
