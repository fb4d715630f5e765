"""Saving a case that was read from a file: its text stays, only what the program changes is new.

A TOML file keeps its comments, order and layout: the tables ``[heart]`` and ``[[markings]]`` are
cut out where they changed and written anew at the end, the line ``conditions`` in its place, and
names of files are corrected where the case moves to another folder. The result is parsed again and
compared before anything is written.
"""

import copy
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.case_document import read_document, written_whole
from organtwin.patient.case_entries import conditions
from organtwin.patient.case_file import save_case
from organtwin.patient.record import PatientRecord
from organtwin.resources import asset

_HEADER = re.compile(r"\s*\[+\s*([\w-]+)[^=]*\]\s*(#.*)?$")
_CONDITIONS = re.compile(r"^conditions[ \t]*=[ \t]*\[[^\[\]]*\][^\n]*\n", re.MULTILINE)
_VERSION = re.compile(r"^version[ \t]*=[^\n]*\n", re.MULTILINE)
Entries = dict[str, object]


def is_bundled(record: PatientRecord) -> bool:
    """Whether the case ships with the program, and is to stay as it is."""
    file = record.case_file
    return file is not None and file.resolve().parent == asset("cases").resolve()


def saved_case(record: PatientRecord, path: str | Path) -> PatientRecord:
    """Write a case with its heart and markings; gives the record as it lies there now.

    A case without a file of its own, such as a recording opened alone, is written as JSON.

    Raises
    ------
    RecordError
        The file cannot be written, or not without losing something of what was read.
    """
    target, origin = Path(path), record.case_file
    if origin is None:
        if target.suffix.lower() != ".json":
            raise _other_kind(target, ".json")
        save_case(record, target)
    else:
        if target.suffix.lower() != origin.suffix.lower():
            raise _other_kind(target, origin.suffix)
        text, newline = _rewritten(record, origin, target)
        written_whole(target, text, newline)
    return replace(record, case_file=target)


def text_with_files_named(origin: Path, seen: Callable[[str], str]) -> bytes:
    """A case file in which its files have other names; all else stays as it is.

    Raises
    ------
    RecordError
        Its layout cannot be changed without loss.
    """
    read_document(origin)
    text = origin.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    toml = origin.suffix.lower() == ".toml"
    wanted, moved = _renamed(tomllib.loads(text) if toml else json.loads(text), seen)
    if not toml:
        return json.dumps(wanted, indent=1, ensure_ascii=False).encode()
    text = _with_names(text, moved)
    check_kept(text, wanted, origin)
    return text.encode()


def _with_names(text: str, moved: Mapping[str, str]) -> str:
    for name, seen in moved.items():
        text = re.sub(rf"""(["'])({re.escape(name)})(["']|\s*=)""", rf"\g<1>{seen}\g<3>", text)
    return text


def _other_kind(target: Path, suffix: str) -> RecordError:
    return RecordError(
        str(target), "extension", expected=f"a file that ends in {suffix}",
        got=repr(target.suffix), remedy=f"Save it as {target.with_suffix(suffix).name}.",
    )  # fmt: skip


def _rewritten(record: PatientRecord, origin: Path, target: Path) -> tuple[str, str]:
    """The new text, and how its lines end."""
    read_document(origin)  # the whole message where it was damaged meanwhile
    written = origin.read_bytes().decode("utf-8-sig")
    newline = "\r\n" if "\r\n" in written else "\n"
    text = written.replace("\r\n", "\n")
    toml = origin.suffix.lower() == ".toml"
    old: Entries = tomllib.loads(text) if toml else json.loads(text)
    wanted, moved = _moved(old, origin.parent, target.parent)
    new = _changed(record, origin, target)
    wanted |= new
    for key in ("markings", "conditions"):
        if not wanted[key]:
            del wanted[key]
    if not toml:
        return json.dumps(wanted, indent=1, ensure_ascii=False), newline
    text = _with_names(text, moved)
    if _stated_otherwise(record, origin):
        text = with_conditions_line(text, list(record.conditions))
    changed = [key for key in new if key == "heart" or wanted.get(key) != old.get(key)]
    changed = [key for key in changed if key != "conditions"]
    fresh = {key: wanted[key] for key in changed if key in wanted}
    if changed:
        text = "\n".join(_without(text.split("\n"), changed)).rstrip("\n") + "\n"
        text += "".join(tables_text(fresh))
    check_kept(text, wanted, origin)
    return text, newline


def _changed(record: PatientRecord, origin: Path, target: Path) -> Entries:
    """What the program may change in a case."""
    changed: Entries = {"markings": [marking.to_dict() for marking in record.markings]}
    names = list(record.conditions)
    said = list(read_document(origin).texts("conditions"))
    changed["conditions"] = names if _stated_otherwise(record, origin) else said
    if record.heart is not None:
        from organtwin.patient.case_heart import HEART_KEYS, heart_entries, heart_source

        new, document = dict(heart_entries(record.heart, target.parent)), read_document(origin)
        there = "heart" in document
        table = document.table("heart", HEART_KEYS)
        if not there or heart_entries(heart_source(table, origin.parent), target.parent) != new:
            changed["heart"] = new
    return changed


def _stated_otherwise(record: PatientRecord, origin: Path) -> bool:
    """Whether the file says other conditions; by other names they are the same."""
    return conditions(read_document(origin)) != record.conditions


def with_conditions_line(text: str, names: list[str]) -> str:
    """A case in TOML that states other conditions, in a line of its own below the version."""
    text = _CONDITIONS.sub("", text, count=1)
    line = f"conditions = {value_text(names)}\n" if names else ""
    return _VERSION.sub(lambda at: at[0] + line, text, count=1)


def _moved(old: Entries, here: Path, there: Path) -> tuple[Entries, dict[str, str]]:
    """The entries with names of files as seen from another folder, and which names changed."""
    if here.resolve() == there.resolve():
        return copy.deepcopy(old), {}

    def seen(name: str) -> str:
        if name.startswith("pydicom:") or not (here / name).exists():
            return name  # a preset, or a file elsewhere
        whole = (here / name).resolve()
        near = whole.drive == there.resolve().drive
        path = Path(os.path.relpath(whole, there.resolve())) if near else whole
        return path.as_posix()

    return _renamed(old, seen)


def _renamed(old: Entries, seen: Callable[[str], str]) -> tuple[Entries, dict[str, str]]:
    """The entries with other names of files, and which names were asked for."""
    new, moved = copy.deepcopy(old), dict[str, str]()

    def asked(name: str) -> str:
        moved[name] = seen(name)
        return moved[name]

    waveforms = new.get("waveform", [])
    for waveform in waveforms if isinstance(waveforms, list) else []:
        waveform["file"] = asked(waveform["file"])
    heart = new.get("heart")
    if isinstance(heart, dict):
        heart["files"] = [asked(name) for name in heart["files"]]
        if heart.get("labels"):
            heart["labels"] = asked(heart["labels"])
        for number, part in enumerate(heart.get("parts", [])):
            name, equals, shown = part.rpartition("=")
            bare = name.strip()
            heart["parts"][number] = name.replace(bare, moved.get(bare, bare)) + equals + shown
    return new, {name: seen for name, seen in moved.items() if name != seen}


def _without(lines: list[str], keys: list[str]) -> Iterator[str]:
    """The lines without some tables; comments among them stay."""
    inside = False
    for line in lines:
        header = _HEADER.match(line)
        if header:
            inside = header[1] in keys
        if not inside or not line.strip() or line.lstrip().startswith("#"):
            yield line


def tables_text(entries: Entries) -> Iterator[str]:
    """Tables and lists of tables as TOML, with their headers."""
    for key, value in entries.items():
        for table in value if isinstance(value, list) else [value]:
            yield f"\n[[{key}]]\n" if isinstance(value, list) else f"\n[{key}]\n"
            if isinstance(table, Mapping):
                yield from (f"{name} = {value_text(inner)}\n" for name, inner in table.items())


def value_text(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {value_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(value_text, value)) + "]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def check_kept(text: str, wanted: Entries, origin: Path) -> None:
    """Refuse a text that does not say what is ``wanted``.

    Raises
    ------
    RecordError
        The layout of ``origin`` cannot be changed piece by piece.
    """
    try:
        kept = tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        kept = False
    if not kept:
        raise RecordError(
            str(origin), "layout", expected="tables with headers such as [heart]",
            got="a layout that cannot be changed without loss",
            remedy="Write these tables with their headers on lines of their own.",
        )  # fmt: skip
