"""Which structure each value of a segmentation means: tables in TOML files, and known presets.

The format is described in ``assets/cases/GEOMETRY.md``. A single value beats a range, and a value
beats a name.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError, UnknownNameError
from organtwin.patient.geometry.content import file_bytes, text_of
from organtwin.resources import asset

FORMAT = "organtwin-label-mapping"
VERSION = 1
IGNORE = "ignore"
"""Word for values that are in the image and not wanted."""

STRUCTURE_WORDS = (*(structure.name.lower() for structure in Structure), IGNORE)
_KEYS = ("format", "version", "title", "values", "names")
_RANGE = re.compile(r"(-?\d+)(?:\.\.(-?\d+))?")
_SEEN_AS_SPACE = re.compile(r"[\s_\-]+")


@dataclass(frozen=True)
class LabelMapping:
    """A table from values and names to structures; ``None`` stands for "ignore".

    ``ranges`` are ``(first, last)`` values, both included.
    """

    title: str
    values: Mapping[int, Structure | None] = field(default_factory=dict)
    ranges: Mapping[tuple[int, int], Structure | None] = field(default_factory=dict)
    names: Mapping[str, Structure | None] = field(default_factory=dict)

    def knows(self, value: int, name: str = "") -> bool:
        """Whether the table says what a value means; the background needs no entry."""
        return (
            value == 0
            or value in self.values
            or any(first <= value <= last for first, last in self.ranges)
            or plain_name(name) in self.names
        )

    def structure(self, value: int, name: str = "") -> Structure:
        """What a known value means; ignored values are background."""
        if value in self.values:
            found = self.values[value]
        else:
            fitting = [kind for (a, b), kind in self.ranges.items() if a <= value <= b]
            found = fitting[0] if fitting else self.names.get(plain_name(name))
        return Structure.BACKGROUND if found is None else found


def plain_name(name: str) -> str:
    """A segment's name without what programs write differently."""
    return _SEEN_AS_SPACE.sub(" ", name.strip()).lower()


def preset_names() -> tuple[str, ...]:
    """Mappings that ship with the program."""
    return tuple(sorted(path.stem for path in asset("label_mappings").glob("*.toml")))


def preset(name: str) -> LabelMapping:
    """A mapping that ships with the program, such as ``mm_whs`` or ``totalsegmentator_v2``.

    Raises
    ------
    UnknownNameError
        There is none of this name.
    """
    if name not in preset_names():
        raise UnknownNameError("label mapping", name, preset_names())
    return read_mapping(asset(f"label_mappings/{name}.toml"))


def read_mapping(path: str | Path) -> LabelMapping:
    """A mapping from a TOML file, read completely or refused.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    source = Path(path)
    try:
        entries = tomllib.loads(text_of(file_bytes(source), source))
    except tomllib.TOMLDecodeError as error:
        raise _wrong(source, "text", "TOML", str(error)) from error
    if entries.get("format") != FORMAT or entries.get("version") != VERSION:
        got = f"{entries.get('format')!r} version {entries.get('version')!r}"
        raise _wrong(source, "format", f"{FORMAT!r} version {VERSION}", got)
    for key in entries:
        if key not in _KEYS:
            raise _wrong(source, key, f"one of {', '.join(_KEYS)}", "an unknown key")
    ranges = {
        _bounds(source, key): _structure(source, f"values.{key}", word)
        for key, word in _table(source, entries, "values").items()
    }
    names = {
        plain_name(key): _structure(source, f"names.{key}", word)
        for key, word in _table(source, entries, "names").items()
    }
    return LabelMapping(
        str(entries.get("title", source.stem)),
        {first: kind for (first, last), kind in ranges.items() if first == last},
        {(first, last): kind for (first, last), kind in ranges.items() if first < last},
        names,
    )


def mapping_text(mapping: LabelMapping) -> str:
    """The mapping as a file that ``read_mapping`` reads back."""
    title = mapping.title.replace("\\", "").replace('"', "'")
    lines = [f'format = "{FORMAT}"', f"version = {VERSION}", f'title = "{title}"', "", "[values]"]
    singles = {(value, value): kind for value, kind in mapping.values.items()}
    for (first, last), kind in sorted({**singles, **mapping.ranges}.items()):
        key = str(first) if first == last and first >= 0 else f'"{first}..{last}"'
        lines.append(f'{key} = "{_word(kind)}"')
    lines += ["", "[names]"]
    for name, kind in mapping.names.items():
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'"{escaped}" = "{_word(kind)}"')
    return "\n".join(lines) + "\n"


def _word(kind: Structure | None) -> str:
    return IGNORE if kind is None else kind.name.lower()


def _table(source: Path, entries: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = entries.get(name, {})
    if not isinstance(table, dict):
        raise _wrong(source, name, f"a table [{name}]", repr(table))
    return table


def _bounds(source: Path, key: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(key.strip())
    first = int(match.group(1)) if match else 1
    last = int(match.group(2) or first) if match else 0
    if last < first:
        raise _wrong(source, f"values.{key}", 'a value such as 5, or a range "5..9"', repr(key))
    return first, last


def _structure(source: Path, field_name: str, word: object) -> Structure | None:
    if word not in STRUCTURE_WORDS:
        got = str(UnknownNameError("structure", str(word), STRUCTURE_WORDS))
        raise _wrong(source, field_name, f"one of {', '.join(STRUCTURE_WORDS)}", got)
    return None if word == IGNORE else Structure[str(word).upper()]


def _wrong(source: Path, field_name: str, expected: str, got: str) -> InputError:
    return InputError(
        str(source), field_name, expected=expected, got=got,
        remedy="Correct the mapping file; its format is in assets/cases/GEOMETRY.md.",
    )  # fmt: skip
