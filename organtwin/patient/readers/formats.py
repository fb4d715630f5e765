"""Which reader a file is for: by what it begins with, else by its extension."""

import re
from pathlib import Path

from organtwin.patient.readers.edf_header import is_edf
from organtwin.patient.readers.scp_record import is_scp

READERS = ("wfdb", "dicom", "aecg", "scp", "philips", "muse", "edf", "csv")
BY_EXTENSION = {
    ".hea": "wfdb", ".dat": "wfdb", ".mat": "wfdb", "": "wfdb", ".dcm": "dicom", ".dicom": "dicom",
    ".scp": "scp", ".edf": "edf", ".csv": "csv",
}  # fmt: skip
RECORDING_EXTENSIONS = tuple(filter(None, BY_EXTENSION))
"""Of files that are taken for recordings by their name; XML is told by its content alone."""
_ROOTS = {b"AnnotatedECG": "aecg", b"restingecgdata": "philips", b"RestingECG": "muse"}
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_DICOM_MARK = slice(128, 132)
_LOOKED_AT = 16384
"""Bytes; comments and schemas before the root of an XML file are shorter."""


def told_by_content(path: Path) -> str | None:
    """Name of the reader whose mark the file carries, whatever its name; ``None`` for none."""
    beginning = beginning_of(path)
    if is_scp(beginning):
        return "scp"
    if beginning[_DICOM_MARK] == b"DICM":
        return "dicom"
    if is_edf(beginning):
        return "edf"
    root = xml_root(beginning)
    return _ROOTS.get(root) if root else None


def xml_root(beginning: bytes) -> bytes:
    """Name of the root element of an XML file, without its prefix; empty for another file."""
    text = beginning.replace(b"\0", b"")  # UTF-16 as if it were ASCII
    text = text.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if not text.lstrip().startswith(b"<"):
        return b""
    found = _ROOT.search(re.sub(rb"<!--.*?-->", b"", text, flags=re.DOTALL))
    return found[1] if found else b""


def is_recording(path: Path) -> bool:
    """Whether a path is to be opened as a recording."""
    return path.suffix.lower() in RECORDING_EXTENSIONS or told_by_content(path) is not None


def beginning_of(path: Path) -> bytes:
    """The first bytes of a file; none where there is no file."""
    try:
        with path.open("rb") as file:
            return file.read(_LOOKED_AT)
    except OSError:
        return b""
