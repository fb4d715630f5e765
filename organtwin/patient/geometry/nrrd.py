"""NRRD label images: ``.nrrd``, ``.seg.nrrd`` and detached ``.nhdr``.

Fields after the format definition (teem.sourceforge.net/nrrd/format.html). Orientation comes from
``space`` with ``space directions``; files with spacings alone do not say how the patient lies and
are refused. Names of segments are those that 3D Slicer writes (``Segment0_LabelValue`` and
``Segment0_Name``).
"""

import bz2
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.content import (
    COPY_AGAIN,
    file_bytes,
    numbers_of,
    too_short,
    unzipped,
)
from organtwin.patient.geometry.grid import (
    IMAGE_UNITS,
    colored,
    not_three_dimensional,
    scaled_affine,
    whole_numbers,
)
from organtwin.patient.geometry.raw import LabelImage

_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "int64", "int64_t",
           "signed long long int"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}  # fmt: skip
_DTYPES = {name: code for code, names in _TYPES.items() for name in names}
_TO_LPS = {
    "left-posterior-superior": (1.0, 1.0, 1.0), "lps": (1.0, 1.0, 1.0),
    "right-anterior-superior": (-1.0, -1.0, 1.0), "ras": (-1.0, -1.0, 1.0),
    "left-anterior-superior": (1.0, -1.0, 1.0), "las": (1.0, -1.0, 1.0),
}  # fmt: skip
_VECTOR = re.compile(r"none|\(([^)]*)\)")


@dataclass(frozen=True, eq=False)
class _Header:
    source: Path
    fields: Mapping[str, str]
    keys: Mapping[str, str]
    data: bytes

    def field(self, name: str, expected: str) -> str:
        if name not in self.fields:
            raise self.error(name, expected, "no such line", COPY_AGAIN)
        return self.fields[name]

    def error(self, field: str, expected: str, got: str, remedy: str) -> InputError:
        return InputError(str(self.source), field, expected=expected, got=got, remedy=remedy)


def read_nrrd(path: Path) -> LabelImage:
    """A label image from a ``.nrrd`` or ``.nhdr`` file.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    header = _header(path)
    sizes = _sizes(header)
    values = _values(header, sizes)
    affine, axes = _axes(header, sizes)
    unit = _unit(header)
    whole = whole_numbers(values.reshape([sizes[axis] for axis in axes], order="F"), str(path))
    scaled, findings = scaled_affine(affine, unit, str(path))
    return LabelImage(whole, scaled, str(path), _names(header.keys), findings)


def _header(path: Path) -> _Header:
    content = file_bytes(path)
    if not content.startswith(b"NRRD000"):
        raise InputError(
            str(path), "magic", expected="NRRD000 and the version", got=repr(content[:8]),
            remedy="Open a NRRD file, or give the file the extension of its format.",
        )  # fmt: skip
    end = re.search(rb"\r?\n\r?\n", content)
    text = content[: end.start() if end else len(content)].decode("utf-8", errors="replace")
    fields, keys = {}, {}
    for line in text.splitlines()[1:]:
        if line.startswith("#"):
            continue
        name, mark, value = line.partition(":")
        if mark and value.startswith("="):
            keys[name.strip()] = value[1:].strip()
        elif mark:
            fields[name.strip().lower()] = value.strip()
    return _Header(path, fields, keys, content[end.end() :] if end else b"")


def _sizes(header: _Header) -> tuple[int, ...]:
    kind = header.field("type", "the type of the voxels").lower()
    if kind not in _DTYPES:
        raise header.error("type", "whole numbers", repr(kind), "Save the labels as integers.")
    listed = numbers_of(header.field("sizes", "voxels per axis"), header.source, "sizes")
    sizes = tuple(int(size) for size in listed)
    if min(sizes, default=0) < 1 or header.fields.get("dimension") != str(len(sizes)):
        raise header.error(
            "sizes", f"{header.fields.get('dimension')} axes of at least one voxel",
            str(list(sizes)), COPY_AGAIN,
        )  # fmt: skip
    return sizes


def _values(header: _Header, sizes: tuple[int, ...]) -> NDArray[np.generic]:
    encoding = header.field("encoding", "how the voxels are stored").lower()
    code = _DTYPES[header.fields["type"].lower()]
    stored = _stored(header)
    count = int(np.prod(sizes, dtype=np.int64))
    if encoding in ("txt", "text", "ascii"):
        text = stored.decode("ascii", errors="replace")
        values = numbers_of(text, header.source, "voxels")
        values = values if code[0] == "f" else values.astype(np.int64)
    else:
        values = np.frombuffer(*_raw(header, stored, encoding, np.dtype(code), count))
    if len(values) != count:
        raise too_short(header.source, "voxels", expected=count, got=len(values), what="voxels")
    return values


def _stored(header: _Header) -> bytes:
    """The encoded voxels, here or in the file that the header names."""
    name = header.fields.get("data file", header.fields.get("datafile"))
    stored = header.data
    if name is not None:
        if name.split()[0] == "LIST" or "%" in name:
            raise header.error(
                "data file", "one file", repr(name), "Save all voxels in one .nrrd file."
            )
        target = header.source.parent / name
        try:
            stored = target.read_bytes()
        except OSError as error:
            raise header.error(
                "data file", f"the voxels in {target}", str(error), "Keep both files together."
            ) from error
    for _ in range(_skip(header, "line skip")):
        stored = stored.partition(b"\n")[2]
    return stored


def _skip(header: _Header, name: str) -> int:
    text = header.fields.get(name, header.fields.get(name.replace(" ", ""), "0"))
    try:
        return int(text)
    except ValueError as error:
        raise header.error(name, "a whole number", repr(text), COPY_AGAIN) from error


def _raw(
    header: _Header, stored: bytes, encoding: str, dtype: np.dtype[np.generic], count: int
) -> tuple[bytes, np.dtype[np.generic]]:
    if encoding in ("gzip", "gz"):
        stored = unzipped(stored, header.source)
    elif encoding in ("bzip2", "bz2"):
        try:
            stored = bz2.decompress(stored)
        except (OSError, ValueError) as error:
            raise header.error(
                "compressed data", "a complete bzip2 stream", str(error), COPY_AGAIN
            ) from error
    elif encoding != "raw":
        raise header.error(
            "encoding", "raw, gzip, bzip2 or ascii", repr(encoding), "Save it again as gzip."
        )
    skip = _skip(header, "byte skip")
    stored = stored[skip:] if skip >= 0 else stored[-count * dtype.itemsize :]
    if dtype.itemsize > 1:
        endian = header.field("endian", "little or big")
        if endian.lower() not in ("little", "big"):
            raise header.error("endian", "little or big", repr(endian), COPY_AGAIN)
        dtype = dtype.newbyteorder("<" if endian.lower() == "little" else ">")
    whole = len(stored) // dtype.itemsize * dtype.itemsize
    return stored[:whole], dtype


def _axes(header: _Header, sizes: tuple[int, ...]) -> tuple[FloatArray, list[int]]:
    """Affine to LPS in the file's unit, and which axes of the array are in space."""
    space = header.fields.get("space", "").lower()
    if space not in _TO_LPS or "space directions" not in header.fields:
        raise header.error(
            "space", "left-posterior-superior, right-anterior-superior or left-anterior-superior, "
            "with space directions", repr(space) if space else "no patient axes",
            "The file does not say how the patient lies: save it again with orientation.",
        )  # fmt: skip
    kinds = header.fields.get("kinds", "").lower().split()
    wrong = [kind for kind in kinds if "color" in kind or "vector" in kind or "matrix" in kind]
    if wrong:
        raise colored(wrong[0], str(header.source))
    vectors = [match.group(1) for match in _VECTOR.finditer(header.fields["space directions"])]
    spatial = [axis for axis, vector in enumerate(vectors) if vector is not None]
    others = [size for axis, size in enumerate(sizes) if axis not in spatial]
    if len(vectors) != len(sizes) or len(spatial) != 3 or any(size > 1 for size in others):
        raise not_three_dimensional(sizes, str(header.source))
    affine = np.eye(4)
    for column, axis in enumerate(spatial):
        affine[:3, column] = _vector(header, "space directions", vectors[axis])
    origin = header.field("space origin", "where the first voxel lies")
    affine[:3, 3] = _vector(header, "space origin", origin.strip("() "))
    return np.diag([*_TO_LPS[space], 1.0]) @ affine, spatial


def _vector(header: _Header, field: str, text: str | None) -> FloatArray:
    numbers = numbers_of((text or "").replace(",", " "), header.source, field)
    if len(numbers) != 3:
        raise header.error(field, "vectors of three numbers", repr(text), COPY_AGAIN)
    return numbers


def _unit(header: _Header) -> str | None:
    listed = header.fields.get("space units")
    if listed is None:
        return None
    units: set[str] = set(re.findall(r'"([^"]*)"', listed)) - {""}
    if not units:
        return None
    if len(units) > 1 or not units <= set(IMAGE_UNITS):
        raise header.error(
            "space units", f"one of {', '.join(IMAGE_UNITS)} for all axes", listed,
            "Correct the unit in the segmentation program.",
        )  # fmt: skip
    return units.pop()


def _names(keys: Mapping[str, str]) -> dict[int, str]:
    names = {}
    for key, value in keys.items():
        match = re.fullmatch(r"Segment(\d+)_LabelValue", key)
        name = keys.get(f"Segment{match.group(1)}_Name") if match else None
        if name and value.lstrip("-").isdigit():
            names[int(value)] = name
    return names
