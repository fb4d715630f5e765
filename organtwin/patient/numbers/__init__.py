"""Numbers of the clinic from files: FHIR, HL7 version 2, DICOM structured reports, tables.

All give measurements of the quantities of this program, who the patient is, and what was seen and
not used. The format is told by content.
"""

import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.numbers.found import NumbersFile
from organtwin.patient.readers.formats import beginning_of
from organtwin.patient.readers.hl7_message import is_hl7

READERS = {
    "fhir": ("fhir", "read_fhir"), "hl7": ("results", "read_results"),
    "sr": ("structured_report", "read_structured_report"),
    "table": ("number_table", "read_number_table"),
}  # fmt: skip
"""Module and function of each reader, imported when first needed."""
_RESOURCE = re.compile(rb'"resourceType"\s*:')
_DICOM_MARK = slice(128, 132)


def told_numbers(path: Path) -> str | None:
    """Name of the reader of numbers that a file is for, by its content; ``None`` for none."""
    beginning = beginning_of(path)
    if is_hl7(beginning):
        return "hl7"
    if beginning.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return "fhir" if _RESOURCE.search(beginning) or _is_resource(path) else None
    if beginning[_DICOM_MARK] == b"DICM":
        return "sr" if _is_report(path) else None
    if path.suffix.lower() == ".csv":
        from organtwin.patient.numbers.number_table import is_number_table

        return "table" if is_number_table(path) else None
    return None


def read_numbers(path: str | Path) -> NumbersFile:
    """Read a file of numbers completely, or refuse it.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    path = Path(path)
    told = told_numbers(path)
    if told is None:
        raise RecordError(
            str(path), "file", expected="FHIR, HL7 version 2, a DICOM report or a table of numbers",
            got="none of these" if path.exists() else "no such file",
            remedy="Check the path; see IMPORT.md for what is read.",
        )  # fmt: skip
    module, function = READERS[told]
    read: Callable[[Path], NumbersFile] = getattr(import_module(f"{__name__}.{module}"), function)
    return read(path)


def _is_resource(path: Path) -> bool:
    """Where ``resourceType`` comes late in a resource, the whole has to be read."""
    try:
        whole = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    first = whole[0] if isinstance(whole, list) and whole else whole
    return isinstance(first, dict) and "resourceType" in first


def _is_report(path: Path) -> bool:
    from organtwin.patient.numbers.structured_report import CLASSES

    try:
        from pydicom import dcmread

        head = dcmread(path, stop_before_pixels=True, specific_tags=["SOPClassUID"])
        return str(head.get("SOPClassUID", "")).startswith(CLASSES)
    except Exception:  # what is damaged is told by whoever reads it
        return False
