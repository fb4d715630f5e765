"""Philips and GE MUSE files, written from the descriptions of their formats."""

import base64
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

LIMB = ("I", "II", "III", "aVR", "aVL", "aVF")


def twelve(one: np.ndarray, two: np.ndarray) -> dict[str, np.ndarray]:
    """Whole numbers for the twelve leads; the chest leads are sums of the two given."""
    three = two - one
    limb = (one, two, three, -np.round((one + two) / 2.0), np.round((one - three) / 2.0),
            np.round((two + three) / 2.0))  # fmt: skip
    leads = dict(zip(LIMB, limb, strict=True))
    return leads | {f"V{number}": number * one - two for number in range(1, 7)}


def lzw(content: bytes) -> bytes:
    """LZW with codes of ten bits, the highest bit first, ended by 1023."""
    known = {bytes((byte,)): byte for byte in range(256)}
    codes, string = [], b""
    for at in range(len(content)):
        longer = string + content[at : at + 1]
        if longer in known:
            string = longer
            continue
        codes.append(known[string])
        if len(known) < 1023:
            known[longer] = len(known)
        string = content[at : at + 1]
    bits = "".join(f"{code:010b}" for code in [*codes, known[string], 1023])
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def xli(signal: np.ndarray) -> bytes:
    """One chunk: samples 0 and 1, then second differences, each one place late and raised by 64."""
    bends = [int(2 * b - a - c) for a, b, c in zip(signal, signal[1:], signal[2:], strict=False)]
    numbers = [int(signal[0]), int(signal[1]), *(bend + 64 for bend in bends[1:]), 64]
    words = struct.pack(f">{len(numbers)}h", *numbers)
    packed = lzw(words[0::2] + words[1::2])
    return struct.pack("<ihh", len(packed), 1, bends[0]) + packed


def stored_limb_leads(leads: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """What is left of each lead when I and II have foretold the limb leads."""
    one, two, three = (leads[name] for name in ("I", "II", "III"))
    foretold = (two - one, -np.trunc((one + two) / 2), np.trunc((one - three) / 2),
                np.trunc((two + three) / 2))  # fmt: skip
    left = [said - leads[name] for said, name in zip(foretold, LIMB[2:], strict=True)]
    return [one, two, *left, *(leads[f"V{number}"] for number in range(1, 7))]


def write_philips(
    folder: Path, leads: Mapping[str, np.ndarray], *, method: str = "XLI", head: str = "",
    version: str = "1.04",
) -> Path:  # fmt: skip
    """Steps of 5 uV at 500 Hz; in version 1.03 some attributes have other names."""
    if method == "XLI":
        content = b"".join(xli(lead) for lead in stored_limb_leads(leads))
    else:
        content = b"".join(lead.astype("<i2").tobytes() for lead in leads.values())
    samples = len(leads["I"])
    how = f'compression="{method}" samplespersecond="500" resolution="5"'
    if version == "1.03":
        how = f'compressflag="True" compressmethod="{method}"'
    beat = base64.b64encode(np.array([1, -2, 3, 32767, 32767], "<i2").tobytes()).decode()
    path = folder / "p.xml"
    path.write_text(
        f"""<?xml version="1.0"?>{head}<restingecgdata xmlns="http://www3.medical.philips.com">
<documentinfo><documentversion>{version}</documentversion></documentinfo>
<dataacquisition date="2020-05-18" time="15:48:11"><signalcharacteristics>
<samplingrate>500</samplingrate><resolution>5</resolution></signalcharacteristics></dataacquisition>
<patient><generalpatientdata><sex>Male</sex><age><years>58</years></age>
<height><inch>70</inch></height></generalpatientdata></patient>
<interpretations><interpretation><globalmeasurements><rrint>938</rrint><print>164</print>
<qrsdur>102</qrsdur><qtint>Failed</qtint></globalmeasurements></interpretation></interpretations>
<waveforms><parsedwaveforms dataencoding="Base64" {how} leadlabels="{" ".join(leads)}"
durationperchannel="{2 * samples}">{base64.b64encode(content).decode()}</parsedwaveforms>
<repbeats dataencoding="Base64" samplespersec="1000" resolution="2.5"><repbeat leadname="II">
<waveform>{beat}</waveform></repbeat></repbeats></waveforms></restingecgdata>"""
    )
    return path


def muse_leads(leads: Mapping[str, np.ndarray], units: str, name: str = "") -> str:
    return "".join(
        f"<LeadData><LeadSampleCountTotal>{len(signal)}</LeadSampleCountTotal><LeadTimeOffset>0"
        f"</LeadTimeOffset><LeadAmplitudeUnitsPerBit>4.88</LeadAmplitudeUnitsPerBit>"
        f"<LeadAmplitudeUnits>{units}</LeadAmplitudeUnits><LeadSampleSize>2</LeadSampleSize>"
        f"<LeadID>{name or lead}</LeadID>"
        f"<WaveFormData>{base64.b64encode(signal.astype('<i2').tobytes()).decode()}</WaveFormData>"
        "</LeadData>"
        for lead, signal in leads.items()
    )


def write_muse(
    folder: Path, leads: Mapping[str, np.ndarray], *, units: str = "MICROVOLTS",
    head: str = '<!DOCTYPE RestingECG SYSTEM "restecg.dtd">', body: str = "",
) -> Path:  # fmt: skip
    """Steps of 4.88 uV at 500 Hz, the median beat the first 60 samples of the rhythm."""
    groups = "".join(
        f"<Waveform><WaveformType>{kind}</WaveformType><SampleBase>500</SampleBase>"
        f"<SampleExponent>0</SampleExponent>{muse_leads(signals, units)}{body}</Waveform>"
        for kind, signals in (
            ("Median", {name: signal[:60] for name, signal in leads.items()}), ("Rhythm", leads),
        )
    )  # fmt: skip
    path = folder / "m.xml"
    path.write_text(
        f"""<?xml version="1.0" encoding="ISO-8859-1"?>{head}<RestingECG><PatientDemographics>
<PatientAge>71</PatientAge><AgeUnits>YEARS</AgeUnits><Gender>FEMALE</Gender><HeightCM>163</HeightCM>
</PatientDemographics><TestDemographics><AcquisitionDevice>MAC55</AcquisitionDevice>
<AcquisitionDate>10-21-2014</AcquisitionDate><AcquisitionTime>07:05:33</AcquisitionTime>
</TestDemographics><RestingECGMeasurements><VentricularRate>66</VentricularRate>
<PRInterval>158</PRInterval><QRSDuration>90</QRSDuration><QTInterval>402</QTInterval>
</RestingECGMeasurements><Diagnosis><DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag>
<StmtText>Sinus rhythm</StmtText></DiagnosisStatement><DiagnosisStatement><StmtText>Left</StmtText>
</DiagnosisStatement><DiagnosisStatement><StmtFlag>ENDSLINE</StmtFlag><StmtText>axis</StmtText>
</DiagnosisStatement></Diagnosis>{groups}</RestingECG>"""
    )
    return path
