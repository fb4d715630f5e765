"""Which files a case consists of, beside the case file itself."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.case_document import read_document
from organtwin.patient.case_entries import WAVEFORM_KEYS
from organtwin.patient.case_table import CaseTable
from organtwin.patient.readers import reader_for

SHIPPED = "pydicom:"
_SHIPPED_NAME = re.compile(r"pydicom:[\w-][\w.-]*")


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that a case names: as it is ``written``, where it lies, and what is read with it."""

    written: str
    file: Path
    companions: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.file, *self.companions)


def references(case: Path) -> tuple[Reference, ...]:
    """The files that a case file names.

    Raises
    ------
    RecordError
        The case file or the header of a recording cannot be read.
    """
    document = read_document(case)
    found = [*_recordings(document, case.parent), *_heart(document, case.parent)]
    return tuple(found)


def _recordings(document: CaseTable, folder: Path) -> Iterator[Reference]:
    for table in document.tables("waveform", WAVEFORM_KEYS):
        written = table.text("file")
        if written.startswith(SHIPPED):
            if not _SHIPPED_NAME.fullmatch(written):
                raise table.error(
                    "file", expected="pydicom: and a plain name", got=repr(written),
                    remedy="Name a file that ships in the pydicom package.",
                )  # fmt: skip
            continue
        file = folder / written
        reader = table.text("reader") if "reader" in table else reader_for(file)
        if reader == "wfdb":
            header = file.with_suffix(".hea")
            beside = tuple(dict.fromkeys(f for f in _wfdb_files(header, set()) if f != file))
            # The name may be that of the record, without an ending.
            yield Reference(written, file if file.is_file() else header, beside)
        elif reader == "csv":
            yield Reference(written, file, (file.with_name(f"{file.name}.toml"),))
        else:
            yield Reference(written, file)


def _heart(document: CaseTable, folder: Path) -> Iterator[Reference]:
    if "heart" not in document:
        return
    # The readers of images and meshes are many; cases without a heart do without them.
    from organtwin.patient.case_heart import HEART_KEYS
    from organtwin.patient.geometry.mapping import preset_names
    from organtwin.patient.geometry.source import HeartSource

    table = document.table("heart", HEART_KEYS)
    for written in table.texts("files"):
        file = folder / written
        yield Reference(written, file, HeartSource((file,)).companions)
    mapping = table.text("labels", "")
    if mapping and mapping not in preset_names():
        yield Reference(mapping, folder / mapping)


def _wfdb_files(header: Path, seen: set[Path]) -> Iterator[Path]:
    """Header, signal files and segments of a WFDB record; header(5) of the WFDB guide."""
    if header in seen:
        return
    seen.add(header)
    yield header
    lines = [line.split() for line in _lines(header)]
    in_segments = bool(lines) and "/" in lines[0][0]
    for tokens in lines[1:]:
        name = tokens[0]
        if name == "~":
            continue
        if os.sep in name or "/" in name or "\\" in name or name in (".", ".."):
            raise RecordError(
                str(header), "signal file", expected="a file beside the header", got=repr(name),
                remedy="Put the files of a recording into one folder, and correct its header.",
            )  # fmt: skip
        if in_segments:
            yield from _wfdb_files(header.with_name(f"{name}.hea"), seen)
        else:
            yield header.with_name(name)


def _lines(header: Path) -> list[str]:
    try:
        text = header.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise RecordError(
            str(header), "header file", expected="a WFDB header",
            got=error.strerror or str(error), remedy="Copy the .hea file into the same folder.",
        ) from error  # fmt: skip
    return [line for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
