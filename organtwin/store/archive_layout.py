"""What an ``.otwin`` archive is: names, limits and the manifest; shared by packing and unpacking.

A ZIP file of this one form: first ``manifest.json``, then the files it lists, one right after the
other, stored or deflated, without folders, links, comments or extra fields. The manifest names
the case file, and size and SHA-256 of every file. Whatever deviates is refused.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from organtwin.errors import RecordError

FORMAT = "organtwin-archive"
VERSION = 1
MANIFEST = "manifest.json"
SUFFIX = ".otwin"
LONGEST_NAME, LONGEST_PART, DEEPEST = 200, 100, 8
"""Characters of a name and of one part of it, and parts: what every system can write."""
_FORBIDDEN = frozenset('<>:"|?*\\')
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"}
)
"""Devices on Windows, whatever their extension."""
_KINDS = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories without a place in a name: control, invisible, private, not assigned."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold; the defaults are far above any case and below any disk.

    ``files`` in number, ``file`` and ``total`` unpacked bytes of one and of all, ``ratio`` of
    unpacked to packed bytes. Above ``ratio`` a file is packed as it is: deflate reaches 1032, which
    only a bomb needs.
    """

    files: int = 5_000
    file: int = (1 << 31) - (1 << 20)
    total: int = (1 << 31) - (1 << 20)
    ratio: int = 200
    manifest: int = 2 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive: ``size`` in bytes, ``sha256`` in hexadecimal digits."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself; ``record`` is the digest of the case as it was packed."""

    case: str
    program: str
    record: str
    files: tuple[Entry, ...]


def fault_of_name(name: str) -> str:
    """Why a name may not stand in an archive; empty where it may."""
    parts = name.split("/")
    if not name or len(name) > LONGEST_NAME or len(parts) > DEEPEST:
        return f"a name of {len(name)} characters in {len(parts)} parts"
    if any(c in _FORBIDDEN or unicodedata.category(c) in _KINDS for c in name):
        return "a character that not every system allows, or an invisible one"
    if unicodedata.normalize("NFC", name) != name:
        return "letters that are not composed (Unicode NFC)"
    plain = unicodedata.normalize("NFKC", name)
    if plain.count("/") != name.count("/"):
        return "a character that looks like a slash"
    faults = (_fault_of_part(part) for part in (*parts, *plain.split("/")))
    return next((fault for fault in faults if fault), "")


def _fault_of_part(part: str) -> str:
    if part in ("", ".", "..") or part != part.strip(" ") or part.endswith("."):
        return "an empty part, a dot, or a space or dot at an end"
    if len(part.encode()) > 2 * LONGEST_PART or len(part) > LONGEST_PART:
        return f"a part of {len(part)} characters"
    if part.partition(".")[0].strip().lower() in _RESERVED:
        return "the name of a device"
    return ""


def fault_of_names(names: Iterable[str]) -> str:
    """Why names may not stand together: one system takes them for one; empty where they may."""
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        same = unicodedata.normalize("NFKC", name).casefold()
        if same in seen:
            return f"{seen[same]!r} and {name!r}, which are one on some systems"
        seen[same] = name
        parts = same.split("/")
        folders |= {"/".join(parts[:n]): name for n in range(1, len(parts))}
    both = seen.keys() & folders.keys()
    return f"{seen[min(both)]!r} as a file and as a folder" if both else ""


def manifest_text(manifest: Manifest) -> bytes:
    """The bytes of ``manifest.json``."""
    files = [{"name": e.name, "size": e.size, "sha256": e.sha256} for e in manifest.files]
    content = {
        "format": FORMAT, "version": VERSION, "program": manifest.program, "case": manifest.case,
        "record": manifest.record, "files": files,
    }  # fmt: skip
    return json.dumps(content, indent=1, ensure_ascii=True).encode()


def manifest_of(content: bytes, source: str) -> Manifest:
    """The manifest in some bytes.

    Raises
    ------
    RecordError
        They are no manifest of this version.
    """
    try:
        told = json.loads(content.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise refused(source, MANIFEST, "well-formed JSON", str(error)[:200]) from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise refused(source, f"{MANIFEST}: format", repr(FORMAT), "another file")
    if told.get("version") != VERSION or isinstance(told.get("version"), bool):
        raise RecordError(
            source, f"{MANIFEST}: version", expected=str(VERSION), got=repr(told.get("version")),
            remedy="Unpack it with the program that packed it, or with a newer one.",
        )  # fmt: skip
    _check_keys(told, ("format", "version", "program", "case", "record", "files"), source, "")
    texts = {key: _text(told, key, source) for key in ("program", "case", "record")}
    listed = told["files"]
    if not isinstance(listed, list) or not listed:
        raise refused(source, f"{MANIFEST}: files", "a list of files", type(listed).__name__)
    files = tuple(_entry(item, number, source) for number, item in enumerate(listed, start=1))
    _check_names(files, texts["case"], source)
    return Manifest(files=files, **texts)


def refused(source: str, field: str, expected: str, got: str) -> RecordError:
    """An archive that is not as this program packs it."""
    return RecordError(
        source, field, expected=expected, got=got,
        remedy="Nothing was unpacked. Ask for the file again from whoever packed it.",
    )  # fmt: skip


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key that stands twice")
    return found


def _check_keys(
    told: Mapping[str, object], known: tuple[str, ...], source: str, place: str
) -> None:
    if set(told) != set(known):
        strange = ", ".join(sorted(set(told) ^ set(known)))
        raise refused(source, f"{MANIFEST}{place}", f"the keys {', '.join(known)}", strange)


def _text(told: Mapping[str, object], key: str, source: str) -> str:
    value = told[key]
    if not isinstance(value, str):
        raise refused(source, f"{MANIFEST}: {key}", "a text", type(value).__name__)
    return value


def _entry(item: object, number: int, source: str) -> Entry:
    place = f": files[{number}]"
    if not isinstance(item, dict):
        raise refused(source, f"{MANIFEST}{place}", "a table", type(item).__name__)
    _check_keys(item, ("name", "size", "sha256"), source, place)
    size, sha256 = item["size"], _text(item, "sha256", source)
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise refused(source, f"{MANIFEST}{place}.size", "a number of bytes", repr(size)[:40])
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise refused(source, f"{MANIFEST}{place}.sha256", "64 hexadecimal digits", repr(sha256))
    return Entry(_text(item, "name", source), size, sha256)


def _check_names(files: Sequence[Entry], case: str, source: str) -> None:
    names = [entry.name for entry in files]
    for name in names:
        if fault := fault_of_name(name):
            raise refused(source, f"{MANIFEST}: {name!a}", "a plain relative name", fault)
    if fault := fault_of_names([MANIFEST, *names]):
        raise refused(source, f"{MANIFEST}: files", "each file once", fault)
    if case not in names or "/" in case:
        raise refused(source, f"{MANIFEST}: case", "one of the files, in no folder", repr(case))
