"""DICOM waveforms: 12-lead and general ECG, with the intervals annotated in them.

Samples follow PS3.3 C.10.9: value = sample x sensitivity x correction factor + baseline, in the
unit of the channel. An averaged (derived) beat is kept apart from the rhythm strip.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError
from organtwin.patient.channels import Channel, values_in_si
from organtwin.patient.measurement import Measurement
from organtwin.patient.readers.dicom_faults import dicom_explained
from organtwin.patient.readers.dicom_leads import INTERVALS, lead_name
from organtwin.patient.recording import Recording
from organtwin.patient.uncertainty import default_sd
from organtwin.patient.waveform import Waveform
from organtwin.quantities import quantity
from organtwin.units import to_si

_UNDEFINED = 0xFFFFFFFF
"""Length of an element that ends with a mark instead (PS3.5 7.1)."""
_LINEAR = ("SB", "UB", "SS", "US", "SL", "UL")
"""Sample interpretations that are plain integers; the audio codings are not for ECG."""
_FACTS = {"PatientSex": "sex", "PatientAge": "age", "PatientSize": "height [m]",
          "PatientWeight": "weight [kg]",
          "StudyDate": "date", "Manufacturer": "recorder"}  # fmt: skip


def read_dicom(path: Path, leads: tuple[str, ...] = ()) -> Recording:
    """Read every multiplex group of a DICOM waveform file.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    source = str(path)
    with dicom_explained(source, "DICOM waveform"):
        dataset = _dataset(path)
        rhythm: dict[str, Waveform] = {}
        median: dict[str, Waveform] = {}
        originals = 0
        for index, group in enumerate(dataset.WaveformSequence):
            derived = str(group.get("WaveformOriginality", "ORIGINAL")) == "DERIVED"
            target = median if derived else rhythm
            _add_group(target, dataset, index, source=source, leads=leads)
            originals += not derived
        if not originals:
            raise RecordError(
                source, "WaveformSequence", expected="an original recording",
                got="only a derived beat", remedy="Export the full recording, not the average.",
            )  # fmt: skip
        return Recording(source, rhythm, median, _intervals(dataset, source), _facts(dataset))


def _dataset(path: Path) -> Any:
    """The data set, checked to end where its last element says and to hold waveforms."""
    import pydicom

    if not path.is_file():
        raise RecordError(
            str(path), "file", expected="a DICOM file", got="no such file",
            remedy="Check the path in the case file; it is relative to the case file.",
        )  # fmt: skip
    dataset = pydicom.dcmread(path)
    last = dataset.get_item(max(dataset.keys())) if len(dataset) else None
    # Compressed pictures have no length of their own; they are no ECG either way.
    if (
        last is not None
        and last.length != _UNDEFINED
        and isinstance(last.value, bytes)
        and len(last.value) < last.length
    ):
        raise RecordError(
            str(path), f"element {last.tag}", expected=f"{last.length} bytes",
            got=f"{len(last.value)} bytes: the file is truncated", remedy="Copy the file again.",
        )  # fmt: skip
    if "WaveformSequence" not in dataset or not dataset.WaveformSequence:
        raise _without_waveform(path, dataset)
    return dataset


def _without_waveform(path: Path, dataset: Any) -> RecordError:
    """No ECG where one was promised is damage; where none was, the wrong object was chosen."""
    kind = dataset.get("SOPClassUID")
    name = kind.name if kind else ""
    if not name or "Waveform" in name:
        got = f"{name or 'a data set'} that ends before any waveform"
        remedy = "The file is incomplete: copy it again from the archive."
    else:
        got = f"{name}, which holds none"
        remedy = "Choose the ECG object of the study."
    return RecordError(
        str(path), "WaveformSequence", expected="an ECG waveform", got=got, remedy=remedy
    )


def _add_group(
    waveforms: dict[str, Waveform], dataset: Any, index: int, *, source: str, leads: tuple[str, ...]
) -> None:
    group = dataset.WaveformSequence[index]
    field = f"WaveformSequence[{index}]"
    samples = _samples(dataset, index, source, field)
    rate = _positive(group, "SamplingFrequency", source, field)
    start = float(group.get("MultiplexGroupTimeOffset") or 0.0) * 1e-3
    for position, definition in enumerate(group.ChannelDefinitionSequence):
        name = _wanted_lead(definition, source, f"{field}.channel {position + 1}", leads)
        if name is None:
            continue
        if name in waveforms:
            raise RecordError(
                source, f"{field}.lead {name}", expected="each lead once", got="the lead twice",
                remedy="Export one recording per file.",
            )  # fmt: skip
        channel = Channel(source, f"{field}.lead {name}", name)
        skew = float(definition.get("ChannelSampleSkew") or 0.0)
        times: FloatArray = start + (np.arange(len(samples), dtype=np.float64) + skew) / rate
        waveforms[name] = _waveform(channel, definition, samples[:, position], times)


def _wanted_lead(definition: Any, source: str, field: str, leads: tuple[str, ...]) -> str | None:
    """Name of the lead, or ``None`` where only others are asked for; those are not looked at."""
    try:
        name = lead_name(definition, source, field)
    except RecordError:
        if leads:
            return None
        raise
    return name if not leads or name in leads else None


def _waveform(
    channel: Channel, definition: Any, samples: FloatArray, times: FloatArray
) -> Waveform:
    sensitivity = _finite(definition, "ChannelSensitivity", channel)
    if sensitivity <= 0.0:
        raise RecordError(
            channel.source, f"{channel.field} ChannelSensitivity", expected="a number above zero",
            got=f"{sensitivity:g}", remedy="Export the recording again: a zero gain loses the "
            "signal, a negative one turns the lead upside down.",
        )  # fmt: skip
    correction = _finite(definition, "ChannelSensitivityCorrectionFactor", channel, missing=1.0)
    baseline = _finite(definition, "ChannelBaseline", channel, missing=0.0)
    units = definition.get("ChannelSensitivityUnitsSequence")
    unit = str(units[0].CodeValue) if units else ""
    gaps = int(np.count_nonzero(np.isnan(samples)))
    if gaps == len(samples):
        raise RecordError(
            channel.source, channel.field, expected="at least one sample",
            got=f"{gaps} samples, all padding", remedy="Leave this lead out in the case file.",
        )  # fmt: skip
    scaled = samples * sensitivity * correction + baseline
    rate = 1.0 / float(times[1] - times[0]) if len(times) > 1 else 1.0
    values = values_in_si(scaled, unit, channel, rate)
    return Waveform(channel.name, times, values, unit, channel.source, gaps)


def _samples(dataset: Any, index: int, source: str, field: str) -> FloatArray:
    """``(n_samples, n_channels)`` as stored, NaN where the file holds its padding value."""
    from pydicom.waveforms import multiplex_array

    group = dataset.WaveformSequence[index]
    kind = str(group.WaveformSampleInterpretation)
    if kind not in _LINEAR:
        raise RecordError(
            source, f"{field}.WaveformSampleInterpretation",
            expected=f"one of {', '.join(_LINEAR)}", got=kind,
            remedy="Export the recording with linear samples.",
        )  # fmt: skip
    n_samples = int(_positive(group, "NumberOfWaveformSamples", source, field))
    n_channels = int(_positive(group, "NumberOfWaveformChannels", source, field))
    defined = len(group.ChannelDefinitionSequence)
    if defined != n_channels:
        raise RecordError(
            source, f"{field}.ChannelDefinitionSequence", expected=f"{n_channels} channels",
            got=f"{defined}", remedy="Export the recording again.",
        )  # fmt: skip
    expected = n_samples * n_channels * int(group.WaveformBitsAllocated) // 8
    if not expected <= len(group.WaveformData) <= expected + 1:
        raise RecordError(
            source, f"{field}.WaveformData", expected=f"{expected} bytes for {n_samples} samples",
            got=f"{len(group.WaveformData)} bytes", remedy="Copy or export the file again.",
        )  # fmt: skip
    stored = multiplex_array(dataset, index, as_raw=True)
    samples: FloatArray = np.asarray(stored, dtype=np.float64)
    padding = group.get("WaveformPaddingValue")
    if padding is not None:
        samples[stored == np.frombuffer(padding, dtype=stored.dtype)[0]] = np.nan
    return samples


def _intervals(dataset: Any, source: str) -> tuple[Measurement, ...]:
    """RR, PR, QRS and QT as the recorder annotated them; zero stands for "not measured"."""
    found: dict[str, Measurement] = {}
    for index, annotation in enumerate(dataset.get("WaveformAnnotationSequence") or ()):
        name = INTERVALS.get(_concept(annotation).lower())
        number = annotation.get("NumericValue")
        if name is None or number is None or float(number) == 0.0 or name in found:
            continue
        units = annotation.get("MeasurementUnitsCodeSequence")
        unit = str(units[0].CodeValue) if units else ""
        bounds = quantity(name)
        value = to_si(float(number), unit, like=bounds.unit)
        if not bounds.to_si(bounds.lower) <= value <= bounds.to_si(bounds.upper):
            raise RecordError(
                source, f"WaveformAnnotationSequence[{index}] {_concept(annotation)}",
                expected=f"{bounds.lower:g} to {bounds.upper:g} {bounds.unit}",
                got=f"{number} {unit}", remedy="Have the annotation corrected in the recorder.",
            )  # fmt: skip
        found[name] = Measurement(
            name, value, default_sd(name, value), _taken(dataset),
            f"annotated in {Path(source).name}", sd_assumed=True,
        )  # fmt: skip
    return tuple(found.values())


def _facts(dataset: Any) -> Mapping[str, str]:
    """Header entries, statements and further annotated numbers, as they stand in the file."""
    facts = {
        name: str(dataset.get(keyword)) for keyword, name in _FACTS.items() if dataset.get(keyword)
    }
    statements = []
    for annotation in dataset.get("WaveformAnnotationSequence") or ():
        text = annotation.get("UnformattedTextValue")
        number = annotation.get("NumericValue")
        concept = _concept(annotation)
        if text:
            statements.append(str(text).strip())
        elif number is not None and concept.lower() not in INTERVALS:
            units = annotation.get("MeasurementUnitsCodeSequence")
            facts[concept] = f"{number} {units[0].CodeValue if units else ''}".strip()
    if statements:
        facts["statements"] = "; ".join(statements)
    return facts


def _concept(annotation: Any) -> str:
    concepts = annotation.get("ConceptNameCodeSequence")
    return str(concepts[0].get("CodeMeaning", "")) if concepts else ""


def _taken(dataset: Any) -> date | None:
    text = str(dataset.get("AcquisitionDateTime") or dataset.get("StudyDate") or "")[:8]
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if len(text) == 8 else None


def _positive(group: Any, keyword: str, source: str, field: str) -> float:
    value = float(group.get(keyword) or 0.0)
    if not np.isfinite(value) or value <= 0.0:
        raise RecordError(
            source, f"{field}.{keyword}", expected="a number above zero",
            got=str(group.get(keyword, "nothing")), remedy="Export the recording again.",
        )  # fmt: skip
    return value


def _finite(
    definition: Any, keyword: str, channel: Channel, *, missing: float | None = None
) -> float:
    number = definition.get(keyword, missing)
    if number is None or not np.isfinite(float(number)):
        raise RecordError(
            channel.source, f"{channel.field} {keyword}", expected="a finite number",
            got="nothing" if number is None else str(number),
            remedy="Export the recording again with its calibration.",
        )  # fmt: skip
    return float(number)
