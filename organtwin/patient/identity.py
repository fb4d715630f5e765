"""Who a recording says the patient is, and which of its fields say so."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from organtwin.patient.numbers.found import Identity
from organtwin.patient.person import header_demographics
from organtwin.patient.recording import Recording

_EDF_PATIENT = slice(8, 88)
_WORDS = (
    "name", "id", "patient", "subject", "birth", "date", "time", "address", "site", "ssn", "mrn",
    "physician", "technician", "operator", "room", "bed", "order", "visit", "comment", "statement",
    "phone", "race", "location", "institution", "department", "referring", "editor",
)  # fmt: skip
"""Parts of the names of XML elements that may tell who the patient is."""
_SIGNALS = (
    "SOPClassUID", "Modality", "WaveformSequence", "WaveformAnnotationSequence", "PatientSex",
    "PatientAge", "PatientSize", "PatientWeight", "SpecificCharacterSet",
)  # fmt: skip


def recording_identity(path: Path, reader: str, recording: Recording) -> Identity:
    """Identifiers, sex and date of birth, as far as the format has a place for them."""
    sex = header_demographics(recording).sex
    if reader == "dicom":
        import pydicom

        head = pydicom.dcmread(path, stop_before_pixels=True)
        number, name = str(head.get("PatientID") or ""), str(head.get("PatientName") or "")
        born = _day(str(head.get("PatientBirthDate") or ""))
        return Identity(frozenset({number} - {""}), sex, born, frozenset({name} - {""}))
    if reader == "edf":
        words = path.read_bytes()[_EDF_PATIENT].decode("latin-1").split()
        number = words[0] if words and words[0] != "X" else ""
        born_text = recording.facts.get("born", "")
        return Identity(frozenset({number} - {""}), sex, _edf_day(born_text))
    return Identity(sex=sex)


def private_parts(path: Path, reader: str, recording: Recording) -> Iterator[str]:
    """Names of the parts of a recording that may tell who the patient is, never their content."""
    if reader == "wfdb":
        header = path.with_suffix(".hea").read_text("utf-8", errors="replace")
        count = sum(line.lstrip().startswith("#") for line in header.splitlines())
        yield from ([f"{count} comments of the header"] if count else [])
    elif reader == "dicom":
        yield from _dicom_parts(path)
    elif reader == "edf":
        yield from ("patient field of the header", "recording field of the header", "start date")
    elif reader in ("aecg", "philips", "muse"):
        yield from _xml_parts(path)
    elif reader == "scp":
        yield "section 1 (patient and examination)"
    if recording.median_beat:
        yield "averaged beats"
    if recording.facts.get("statements") or recording.facts.get("annotations"):
        yield "statements and annotations"


def _dicom_parts(path: Path) -> Iterator[str]:
    import pydicom

    private = 0
    for element in pydicom.dcmread(path, stop_before_pixels=True):
        if element.tag.is_private:
            private += 1
        elif element.keyword not in _SIGNALS:
            yield element.keyword or str(element.tag)
    if private:
        yield f"{private} private elements"


def _xml_parts(path: Path) -> Iterator[str]:
    """Elements with content whose name is that of something personal."""
    from organtwin.patient.readers.xml_document import parsed

    seen = set()
    for element in parsed(path.read_bytes(), str(path), named_type="RestingECG").iter():
        name = str(element.tag).rpartition("}")[2]
        told = (element.text or "").strip() or element.attrib
        if told and name not in seen and any(word in name.lower() for word in _WORDS):
            seen.add(name)
            yield name


def _day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 else None


def _edf_day(text: str) -> date | None:
    try:
        return datetime.strptime(text.title(), "%d-%b-%Y").date()
    except ValueError:
        return None
