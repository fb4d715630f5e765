"""Unpacking an ``.otwin`` archive that anybody may have made, for whatever purpose.

Nothing is believed: sizes are counted as bytes arrive, names are checked before a file is made,
digests before the folder gets its name. Files are written into a new folder beside the target,
which is then renamed; after an error nothing is left of it. Archives inside stay closed, and
nothing in it is executed or unpickled.
"""

import hashlib
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from organtwin.errors import RecordError
from organtwin.store.archive_layout import (
    MANIFEST,
    Entry,
    Limits,
    Manifest,
    fault_of_name,
    manifest_of,
    refused,
)
from organtwin.store.case_files import references

PIECE = 1 << 16
"""[bytes] that are unpacked at a time."""
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\5\6"
_LOCAL_HEADER = 30
"""[bytes] before the name in the header of a file."""
_UTF8, _DEFLATE_OPTIONS = 0x800, 0x6
_MOST_PER_FILE = 46 + 2 * 4 * 200
"""[bytes] of one entry in the table of contents."""
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError,
    RuntimeError, OverflowError, LookupError, OSError, MemoryError,
)  # fmt: skip
"""What the reader of ZIP files raises on damaged ones."""


def unpack(archive: Path, folder: Path, limits: Limits | None = None) -> Path:
    """Unpack an archive into a folder that does not exist yet; the path of the case file in it.

    Raises
    ------
    RecordError
        The archive is damaged, too large or not as this program packs it, or the folder exists.
        Nothing is written then.
    """
    allowed = limits or Limits()
    if folder.exists() or folder.is_symlink():
        raise RecordError(
            str(folder), "folder", expected="a folder that does not exist yet",
            got="one that is there", remedy="Name another; nothing is written over.",
        )  # fmt: skip
    with _told(str(archive)), archive.open("rb") as file:
        _check_end(file, str(archive), allowed)
        with zipfile.ZipFile(file) as packed:
            manifest = _listed(packed, str(archive), allowed)
            _extract(packed, manifest, folder, str(archive))
    return folder / manifest.case


@contextmanager
def _told(source: str) -> Iterator[None]:
    try:
        yield
    except RecordError:
        raise
    except _BROKEN as error:
        got = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise refused(source, "archive", "a sound .otwin archive", got[:200]) from error


def _check_end(file: BinaryIO, source: str, limits: Limits) -> None:
    """Check the last record before the table of contents is read, however long that may be."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size))
    ending = file.read(_END.size)
    if len(ending) < _END.size or not ending.startswith(_END_MARK):
        raise refused(source, "archive", "a ZIP file without a comment", "another ending")
    _, disk, first_disk, here, count, length, start, comment = _END.unpack(ending)
    if disk or first_disk or here != count or comment or start + length + _END.size != size:
        raise refused(source, "archive", "one whole ZIP file and nothing else", "other sizes")
    if not 2 <= count <= limits.files + 1 or length > count * _MOST_PER_FILE:
        raise refused(source, "archive", f"1 to {limits.files} files", f"{count} entries")
    file.seek(0)


def _listed(packed: zipfile.ZipFile, source: str, limits: Limits) -> Manifest:
    """The manifest, once the table of contents agrees with it and with all limits."""
    members = packed.infolist()
    if not members or members[0].filename != MANIFEST:
        raise refused(source, "archive", f"{MANIFEST} as the first file", "another file")
    total, position = 0, 0
    for member in members:
        _check_member(member, source, limits)
        if member.header_offset != position:
            raise refused(source, ascii(member.filename), "one file after the other", "a gap")
        position += _LOCAL_HEADER + len(member.filename.encode()) + member.compress_size
        total += member.file_size
    if position != packed.start_dir:
        raise refused(source, "archive", "nothing between files and contents", "a gap")
    if total > limits.total:
        raise refused(source, "archive", f"at most {limits.total} bytes unpacked", f"{total}")
    content = bytearray()
    _copy(packed, members[0], limits.manifest, source, content.extend)
    manifest = manifest_of(bytes(content), source)
    told = [(entry.name, entry.size) for entry in manifest.files]
    if told != [(member.filename, member.file_size) for member in members[1:]]:
        raise refused(source, MANIFEST, "the files of the archive in their order", "others")
    return manifest


def _check_member(member: zipfile.ZipInfo, source: str, limits: Limits) -> None:
    name = member.filename
    if fault := fault_of_name(name) or _fault_of_kind(member):
        raise refused(source, ascii(name)[:200], "a plain file with a plain name", fault)
    if member.file_size > limits.file:
        raise refused(source, name, f"at most {limits.file} bytes", f"{member.file_size}")
    if member.file_size > limits.ratio * max(member.compress_size, 1):
        got = f"{member.file_size} bytes out of {member.compress_size}"
        raise refused(source, name, f"at most {limits.ratio} times the packed size", got)


def _fault_of_kind(member: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or member.is_dir() or member.external_attr & 0x10:
        return "a link, a folder or a device"
    if member.orig_filename != member.filename:
        return "a name with a hidden end"
    if member.flag_bits & ~(_UTF8 | _DEFLATE_OPTIONS) or member.extra or member.comment:
        return "encryption, extra fields or a comment"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "an unusual compression"
    if not member.filename.isascii() and not member.flag_bits & _UTF8:
        return "a name that is not marked as UTF-8"
    return ""


def _extract(packed: zipfile.ZipFile, manifest: Manifest, folder: Path, source: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        for member, entry in zip(packed.infolist()[1:], manifest.files, strict=True):
            _extract_one(packed, member, entry, unfinished, source)
        _check_case(unfinished, manifest, source)
        unfinished.rename(folder)
    finally:
        if unfinished.exists():
            shutil.rmtree(unfinished, ignore_errors=True)


def _extract_one(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, entry: Entry, folder: Path, source: str
) -> None:
    place = folder.joinpath(*entry.name.split("/"))
    place.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with place.open("xb") as written:

        def take(piece: bytes) -> None:
            digest.update(piece)
            written.write(piece)

        size = _copy(packed, member, entry.size, source, take)
    if size != entry.size or digest.hexdigest() != entry.sha256:
        raise refused(source, entry.name, "the content that was packed", "another content")


def _copy(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, most: int, source: str,
    take: Callable[[bytes], object],
) -> int:  # fmt: skip
    """Unpack a file piece by piece, never more than ``most`` bytes; how many there were."""
    done = 0
    with packed.open(member) as content:
        while piece := content.read(PIECE):
            done += len(piece)
            if done > most:
                raise refused(source, member.filename, f"at most {most} bytes", "more")
            take(piece)
    return done


def _check_case(folder: Path, manifest: Manifest, source: str) -> None:
    """Refuse a case that leads out of its folder, by its own words or by those of a recording."""
    names = {entry.name for entry in manifest.files}
    try:
        found = references(folder / manifest.case)
    except RecordError as error:  # the folder it names is about to vanish
        field = f"{manifest.case}: {error.field}"
        raise refused(source, field, error.expected, error.got) from error
    for reference in found:
        if reference.written.startswith(("/", "\\")) or not _inside(reference.files, folder, names):
            got = f"{reference.written!r}, which is or needs a file elsewhere"
            raise refused(source, manifest.case, "a case whose files are all in the archive", got)


def _inside(files: Sequence[Path], folder: Path, names: set[str]) -> bool:
    lexical = (os.path.relpath(os.path.normpath(file), folder) for file in files)
    return all(Path(name).as_posix() in names for name in lexical)
