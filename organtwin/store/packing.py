"""Packing a case with all its files into one ``.otwin`` archive."""

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.case_file import load_case
from organtwin.patient.case_saving import text_with_files_named
from organtwin.store.archive_layout import (
    MANIFEST,
    SUFFIX,
    Entry,
    Limits,
    Manifest,
    fault_of_name,
    fault_of_names,
    manifest_text,
)
from organtwin.store.case_files import Reference, references
from organtwin.store.digests import program_version, record_digest
from organtwin.store.unpacking import unpack

PIECE = 1 << 20
"""[bytes] read at a time."""
_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest a ZIP file can tell: the same case packs to the same archive at any time."""
_PLAIN_FILE, _UNIX = 0o100644 << 16, 3


def pack(case: str | Path, archive: Path, limits: Limits | None = None) -> Manifest:
    """Pack a case file, its recordings and what shows its heart; gives what was packed.

    Files that lie elsewhere move into folders of the archive, and the case in it names them
    there. The archive is unpacked again and compared before it gets its name.

    Raises
    ------
    RecordError
        The case cannot be read, lies in no case file or is too large, or a name cannot be packed.
    """
    allowed = limits or Limits()
    if archive.suffix.lower() != SUFFIX:
        raise RecordError(
            str(archive), "extension", expected=f"a file that ends in {SUFFIX}",
            got=repr(archive.suffix), remedy=f"Name it {archive.with_suffix(SUFFIX).name}.",
        )  # fmt: skip
    record = load_case(case)
    if record.case_file is None:
        raise RecordError(
            str(case), "case", expected="a case file", got="a recording alone",
            remedy="Save it as a case first (File > Save case), then pack that.",
        )  # fmt: skip
    files = _files(record.case_file)
    _check_names(files, record.case_file)
    manifest = _manifest(record.case_file.name, files, record_digest(record), allowed, str(case))
    _write(archive, manifest, files, allowed)
    return manifest


Content = Path | bytes


def _files(case: Path) -> dict[str, Content]:
    """Where each file goes in the archive, the case file first."""
    found = references(case)
    inside = case.parent.resolve()
    folders: dict[Path, str] = {}
    placed: dict[str, Content] = {}
    names: dict[str, str] = {}
    for reference in found:
        parent = reference.file.resolve().parent
        if not parent.is_relative_to(inside):
            folders.setdefault(parent, f"files-{len(folders) + 1}/")
        for file in reference.files:
            placed[_place(file, reference, inside, folders)] = file
        names[reference.written] = _new_name(reference, inside, folders)
    changed = {old: new for old, new in names.items() if _plain(old) != new}
    text = text_with_files_named(case, lambda name: changed.get(name, name)) if changed else None
    content: Content = case if text is None else text
    return {case.name: content, **dict(sorted(placed.items()))}


def _plain(written: str) -> str:
    return Path(os.path.normpath(written)).as_posix()


def _place(file: Path, reference: Reference, inside: Path, folders: Mapping[Path, str]) -> str:
    whole, parent = file.resolve(), reference.file.resolve().parent
    if parent in folders:
        if not whole.is_relative_to(parent):
            raise RecordError(
                str(reference.file), "files", expected="files that lie beside it",
                got=f"{file.name} elsewhere", remedy="Put all files of it into one folder.",
            )  # fmt: skip
        return folders[parent] + whole.relative_to(parent).as_posix()
    if not whole.is_relative_to(inside):
        raise RecordError(
            str(reference.file), "files", expected="files in the folder of the case",
            got=f"{file.name} elsewhere", remedy="Put all files of it into one folder.",
        )  # fmt: skip
    return whole.relative_to(inside).as_posix()


def _new_name(reference: Reference, inside: Path, folders: Mapping[Path, str]) -> str:
    """The name of the file in the case; that of a WFDB record may lack the ending of the file."""
    there = _place(reference.file, reference, inside, folders)
    written = Path(reference.written).name
    return Path(there).with_name(written).as_posix()


def _check_names(files: Mapping[str, Content], case: Path) -> None:
    for name in files:
        if fault := fault_of_name(name):
            raise RecordError(
                str(case), f"file {name!a}", expected="a name that every system can write",
                got=fault, remedy="Rename the file, and correct its name in the case.",
            )  # fmt: skip
    if fault := fault_of_names([MANIFEST, *files]):
        raise RecordError(
            str(case), "files", expected="names that differ on every system", got=fault,
            remedy="Rename one of them, and correct its name in the case.",
        )  # fmt: skip


def _manifest(
    case: str, files: Mapping[str, Content], record: str, limits: Limits, source: str
) -> Manifest:
    entries = tuple(_entry(name, content) for name, content in files.items())
    largest, total = max(e.size for e in entries), sum(e.size for e in entries)
    if len(entries) > limits.files or largest > limits.file or total > limits.total:
        raise RecordError(
            source, "files", expected=f"{limits.files} files, {limits.total} bytes in all",
            got=f"{len(entries)} files, {total} bytes",
            remedy="Leave out of the case what is not needed, such as signals or images.",
        )  # fmt: skip
    return Manifest(case, program_version(), record, entries)


def _entry(name: str, content: Content) -> Entry:
    digest, size = hashlib.sha256(), 0

    def take(piece: bytes) -> None:
        nonlocal size
        size += len(piece)
        digest.update(piece)

    _pieces(content, take)
    return Entry(name, size, digest.hexdigest())


def _pieces(content: Content, take: Callable[[bytes], object]) -> None:
    if isinstance(content, bytes):
        take(content)
        return
    try:
        with content.open("rb") as file:
            while piece := file.read(PIECE):
                take(piece)
    except OSError as error:
        raise RecordError(
            str(content), "file", expected="a file of the case", got=error.strerror or str(error),
            remedy="Check the name in the case, and the rights of the file.",
        ) from error  # fmt: skip


def _write(archive: Path, manifest: Manifest, files: Mapping[str, Content], limits: Limits) -> None:
    """Write beside the place, unpack what was written, and only then give it its name."""
    try:
        with tempfile.TemporaryDirectory(prefix=".packing-", dir=archive.parent) as folder:
            unfinished = Path(folder) / archive.name
            with unfinished.open("xb") as file:
                with zipfile.ZipFile(file, "w") as packed:
                    _add(packed, MANIFEST, manifest_text(manifest), limits)
                    for name, content in files.items():
                        _add(packed, name, content, limits)
                file.flush()
                os.fsync(file.fileno())
            _compare(unfinished, Path(folder) / "unpacked", manifest, limits)
            unfinished.replace(archive)
    except OSError as error:
        raise RecordError(
            str(archive), "archive", expected="a place that can be written",
            got=error.strerror or str(error), remedy="Write it into another folder.",
        ) from error  # fmt: skip


def _add(packed: zipfile.ZipFile, name: str, content: Content, limits: Limits) -> None:
    member = zipfile.ZipInfo(name, _NO_TIME)
    member.external_attr, member.create_system = _PLAIN_FILE, _UNIX
    dense = _too_dense(content, limits)
    member.compress_type = zipfile.ZIP_STORED if dense else zipfile.ZIP_DEFLATED
    with packed.open(member, "w") as written:
        _pieces(content, written.write)


def _too_dense(content: Content, limits: Limits) -> bool:
    """Whether it would deflate so far that unpacking would take it for a bomb."""
    squeezer, size, packed = zlib.compressobj(), 0, 0

    def take(piece: bytes) -> None:
        nonlocal size, packed
        size += len(piece)
        packed += len(squeezer.compress(piece))

    _pieces(content, take)
    packed += len(squeezer.flush())
    return size > limits.ratio / 2 * packed


def _compare(archive: Path, folder: Path, manifest: Manifest, limits: Limits) -> None:
    """Read the packed case back: it must be the same record."""
    again = record_digest(load_case(unpack(archive, folder, limits)))
    if again != manifest.record:
        raise RecordError(
            str(archive), "record", expected="the case that was packed", got="another record",
            remedy="A file was changed while it was packed: pack it again.",
        )  # fmt: skip
