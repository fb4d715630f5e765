"""A report with everything it was made from as one ZIP file, for programs and people alike.

First ``manifest.json``: version of this format and of the program, then size and SHA-256 of every
other file. The order and the times inside are fixed, so that the same content gives the same bytes.
"""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from organtwin import PURPOSE
from organtwin.errors import RecordError
from organtwin.store.digests import program_version, record_digest
from organtwin.store.packing import pack
from organtwin.store.safe_writing import write_safely

if TYPE_CHECKING:
    from organtwin.patient.record import PatientRecord

FORMAT, VERSION = "organtwin-bundle", 1
MANIFEST = "manifest.json"
CASE = "case.otwin"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest a ZIP file can tell."""


def packed_case(record: "PatientRecord") -> tuple[bytes | None, str]:
    """The case as an archive, or why there is none: only what is saved as it is shown is packed.

    What the case file and its recordings hold goes along as it lies there: an import removes what
    identifies the patient, and nothing puts it back.
    """
    if record.case_file is None:
        return None, "The case is a recording alone, or not saved as a case file."
    with tempfile.TemporaryDirectory(prefix="organtwin-bundle-") as folder:
        archive = Path(folder) / CASE
        try:
            manifest = pack(record.case_file, archive)
        except RecordError as error:
            return None, f"The case cannot be packed: {error.field}: {error.got}."
        if manifest.record != record_digest(record):
            return None, "The case file holds another record than the twin was fitted to."
        return archive.read_bytes(), ""


def bundle_bytes(files: Mapping[str, bytes], left_out: Mapping[str, str]) -> bytes:
    """The ZIP file; ``left_out`` tells of each file that is not in it, why."""
    listed = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    manifest = {
        "format": FORMAT, "version": VERSION, "program": program_version(), "purpose": PURPOSE,
        "files": listed, "left_out": dict(left_out),
    }  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(manifest, indent=1).encode()
        for name, content in {MANIFEST: text, **files}.items():
            member = zipfile.ZipInfo(name, _NO_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return packed.getvalue()


def write_report(path: Path, content: bytes) -> None:
    """Write a report or bundle whole, or not at all.

    Raises
    ------
    RecordError
        It cannot be written; what was there before stays.
    """
    write_safely(path, content)
