"""The ``[heart]`` table of a case file: which images or meshes show the patient's own heart."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from organtwin.patient.case_table import CaseTable
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.mapping import LabelMapping, mapping_text, preset_names
from organtwin.patient.geometry.source import PART_NAMES, HeartSource
from organtwin.patient.geometry.voxelizing import Part

HEART_KEYS = (
    "files", "labels", "parts", "unit", "axes", "frame", "complete", "any_position",
)  # fmt: skip


def heart_source(table: CaseTable, folder: Path) -> HeartSource:
    """The files of a heart; relative ones are looked for beside the case file.

    Raises
    ------
    RecordError
        A file is missing, or an entry says what cannot be.
    """
    names = table.texts("files")
    if not names:
        raise table.error(
            "files", expected='a list of files such as ["heart.nii.gz"]', got="none",
            remedy="Name the files that show the heart, or leave the table out.",
        )  # fmt: skip
    files = tuple(folder / name for name in names)
    for name, file in zip(names, files, strict=True):
        if not file.is_file():
            raise table.error(
                "files", expected="files beside the case file", got=f"{name!r}, which is not there",
                remedy="Check the name, or give the whole path.",
            )  # fmt: skip
    return HeartSource(
        files,
        _mapping(table, folder),
        dict(_part(table, text, names) for text in table.texts("parts")),
        table.choice("unit", ("m", "cm", "mm", "um")) if "unit" in table else None,
        table.choice("axes", ("LPS", "RAS", "unknown")) if "axes" in table else None,
        _frame(table) if "frame" in table else None,
        table.flag("complete"),
        Position.ANY if table.flag("any_position") else Position.USUAL,
    )


def _mapping(table: CaseTable, folder: Path) -> str:
    mapping = table.text("labels", "")
    if not mapping or mapping in preset_names():
        return mapping
    file = folder / mapping
    if not file.is_file():
        raise table.error(
            "labels", expected=f"a mapping file, or one of {', '.join(preset_names())}",
            got=f"{mapping!r}, which is neither", remedy="Check the name, or give the whole path.",
        )  # fmt: skip
    return str(file)


def _frame(table: CaseTable) -> int:
    number = table.number("frame")
    if number != int(number):
        raise table.error(
            "frame", expected="a whole number", got=f"{number:g}",
            remedy="Give the number that the contour file has for the frame.",
        )  # fmt: skip
    return int(number)


def _part(table: CaseTable, text: str, files: tuple[str, ...]) -> tuple[str, Part]:
    name, _, part = (word.strip() for word in text.rpartition("="))
    if name not in files or part not in PART_NAMES:
        raise table.error(
            "parts", expected='"FILE = PART", FILE one of files', got=repr(text),
            remedy=f"PART is one of {', '.join(PART_NAMES)}.",
        )  # fmt: skip
    return Path(name).name, PART_NAMES[part]


def heart_entries(source: HeartSource, folder: Path) -> Mapping[str, object]:
    """The table that ``heart_source`` reads back; files relative to a folder where that can be.

    A mapping that lies in no file is written into the folder.
    """
    names = {part: name for name, part in PART_NAMES.items()}
    mapping = source.mapping
    if isinstance(mapping, LabelMapping):
        text = mapping_text(mapping)
        # Named by what it says, so that two cases in one folder do not share a name.
        written = folder / f"labels-{hashlib.sha256(text.encode()).hexdigest()[:8]}.toml"
        written.write_text(text, encoding="utf-8")
        mapping = str(written)
    known = mapping in preset_names() or not mapping
    entries: dict[str, object] = {
        "files": [_near(file, folder) for file in source.files],
        "labels": mapping if known else _near(Path(mapping), folder),
        "parts": [f"{_near(f, folder)} = {names[source.parts[f.name]]}"
                  for f in source.files if f.name in source.parts],
        "complete": source.complete,
        "any_position": source.position is Position.ANY,
    }  # fmt: skip
    said = {"unit": source.unit, "axes": source.axes, "frame": source.frame}
    return entries | {key: value for key, value in said.items() if value is not None}


def _near(file: Path, folder: Path) -> str:
    whole, near = file.resolve(), folder.resolve()
    # No relative path leads from one Windows drive to another.
    return (Path(os.path.relpath(whole, near)) if whole.drive == near.drive else whole).as_posix()
