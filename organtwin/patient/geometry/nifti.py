"""NIfTI label images, versions 1 and 2, plain or gzipped.

Header fields after the published headers nifti1.h and nifti2.h. The world of a NIfTI file is RAS;
it is turned to LPS here. The sform is used when its code is set, else the qform (method 2: a
quaternion); a file with neither does not say how the patient lies, and is refused.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.content import file_bytes, too_short
from organtwin.patient.geometry.grid import (
    RAS_TO_LPS,
    colored,
    not_three_dimensional,
    scaled_affine,
    whole_numbers,
)
from organtwin.patient.geometry.raw import LabelImage

_TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4",
          1024: "i8", 1280: "u8"}  # fmt: skip
_NO_LABELS = {128: "RGB colours", 2304: "RGBA colours", 32: "complex numbers",
              1792: "complex numbers", 1: "single bits", 1536: "128-bit floats",
              2048: "complex numbers"}  # fmt: skip
_UNITS = {0: None, 1: "m", 2: "mm", 3: "um"}
_AGREE = 0.5e-3
"""Two affines of one file that place a corner more than this apart [m] are told."""

_LABEL = re.compile(
    r'<Label\s[^>]*?Key="(-?\d+)"[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</Label>'
)


@dataclass(frozen=True)
class _Layout:
    """Where a version of the header keeps what is needed: offset and type."""

    size: int
    datatype: int
    dim: tuple[int, str]
    pixdim: tuple[int, str]
    vox_offset: tuple[int, str]
    slope: tuple[int, str]
    codes: tuple[int, str]
    quaternion: tuple[int, str]
    rows: tuple[int, str]
    units: tuple[int, str]


_FIRST = _Layout(348, 70, (40, "i2"), (76, "f4"), (108, "f4"), (112, "f4"), (252, "i2"),
                 (256, "f4"), (280, "f4"), (123, "u1"))  # fmt: skip
_SECOND = _Layout(540, 12, (16, "i8"), (104, "f8"), (168, "i8"), (176, "f8"), (344, "i4"),
                  (352, "f8"), (400, "f8"), (500, "i4"))  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Header:
    content: bytes
    layout: _Layout
    order: str

    def numbers(self, place: tuple[int, str], count: int) -> FloatArray:
        offset, kind = place
        dtype = np.dtype(self.order + kind)
        return np.frombuffer(self.content, dtype, count, offset).astype(np.float64)

    @property
    def datatype(self) -> int:
        return int(np.frombuffer(self.content, self.order + "i2", 1, self.layout.datatype)[0])


def read_nifti(path: Path) -> LabelImage:
    """A label image from a ``.nii`` or ``.nii.gz`` file.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    content = file_bytes(path)
    source = str(path)
    header = _header(content, source)
    shape = _shape(header, source)
    values = _values(header, shape, path)
    affine, findings = _affine(header, shape, source)
    names = {int(key): name for key, name in _LABEL.findall(_extensions(header))}
    return LabelImage(whole_numbers(values, source), affine, source, names, findings)


def _header(content: bytes, source: str) -> _Header:
    for order in "<>":
        for layout, mark in ((_FIRST, content[344:347]), (_SECOND, content[4:7])):
            size = np.frombuffer(content[:4].ljust(4, b"\0"), order + "i4")[0]
            if size != layout.size:
                continue
            if mark == b"n+1" or mark == b"n+2":
                return _Header(_long_enough(content, layout.size, source), layout, order)
            if mark in (b"ni1", b"ni2"):
                raise InputError(
                    source, "magic", expected="header and voxels in one file (.nii)",
                    got="a header whose voxels lie in an .img file",
                    remedy="Save as .nii or .nii.gz.",
                )  # fmt: skip
    raise InputError(
        source, "magic", expected="the mark of NIfTI-1 or NIfTI-2",
        got=f"{len(content)} bytes without it",
        remedy="Save as .nii.gz; Analyze files do not say how the patient lies.",
    )  # fmt: skip


def _long_enough(content: bytes, size: int, source: str) -> bytes:
    if len(content) < size + 4:
        raise too_short(Path(source), "header", expected=size + 4, got=len(content), what="bytes")
    return content


def _shape(header: _Header, source: str) -> tuple[int, int, int]:
    dim = header.numbers(header.layout.dim, 8).astype(int)
    count = int(dim[0])
    sizes = tuple(int(size) for size in dim[1 : 1 + max(0, min(count, 7))])
    if not 1 <= count <= 7 or min(sizes) < 1:
        raise InputError(
            source, "dim", expected="1 to 7 axes of at least one voxel", got=str(dim.tolist()),
            remedy="The header is damaged: export the file again.",
        )  # fmt: skip
    if any(size != 1 for size in sizes[3:]) or count < 3:
        raise not_three_dimensional(sizes, source)
    return sizes[0], sizes[1], sizes[2]


def _values(header: _Header, shape: tuple[int, int, int], path: Path) -> NDArray[np.generic]:
    code = header.datatype
    if code in _NO_LABELS:
        raise colored(_NO_LABELS[code], str(path))
    if code not in _TYPES:
        raise InputError(
            str(path), "datatype", expected=f"one of {', '.join(map(str, _TYPES))}",
            got=str(code), remedy="Save the labels as whole numbers.",
        )  # fmt: skip
    dtype = np.dtype(header.order + _TYPES[code])
    start = header.numbers(header.layout.vox_offset, 1)[0]
    count = int(np.prod(shape, dtype=np.int64))
    if not header.layout.size <= start <= len(header.content):
        raise InputError(
            str(path), "vox_offset", expected="a place inside the file", got=f"{start:g}",
            remedy="The header is damaged: export the file again.",
        )  # fmt: skip
    held = (len(header.content) - int(start)) // dtype.itemsize
    if held < count:
        raise too_short(path, "voxels", expected=count, got=held, what="voxels")
    values = np.frombuffer(header.content, dtype, count, int(start)).reshape(shape, order="F")
    slope, inter = header.numbers(header.layout.slope, 2)
    if np.isfinite(slope) and slope != 0.0 and (slope, inter) != (1.0, 0.0):
        return np.asarray(values * slope + inter)
    return values


def _affine(
    header: _Header, shape: tuple[int, int, int], source: str
) -> tuple[FloatArray, Findings]:
    qform_code, sform_code = header.numbers(header.layout.codes, 2)
    if qform_code <= 0 and sform_code <= 0:
        raise InputError(
            source, "sform_code, qform_code", expected="a code above 0 for one of them",
            got=f"{sform_code:g} and {qform_code:g}: the file does not say how the patient lies",
            remedy="Set the orientation in the segmentation program and save again.",
        )  # fmt: skip
    rows = header.numbers(header.layout.rows, 12).reshape(3, 4)
    stated = np.vstack([rows, [0.0, 0.0, 0.0, 1.0]])
    chosen = stated if sform_code > 0 else _from_quaternion(header, source)
    code = int(header.numbers(header.layout.units, 1)[0]) & 7
    unit = _UNITS.get(code)
    affine, findings = scaled_affine(RAS_TO_LPS @ chosen, unit, source)
    if qform_code > 0 and sform_code > 0:
        factor = np.linalg.norm(affine[:3, 0]) / np.linalg.norm(chosen[:3, 0])
        other = RAS_TO_LPS @ _from_quaternion(header, source)
        other[:3] *= factor
        findings += _agreement(affine, other, shape, source)
    return affine, findings


def _from_quaternion(header: _Header, source: str) -> FloatArray:
    """Method 2 of nifti1.h."""
    pixdim = header.numbers(header.layout.pixdim, 4)
    b, c, d, *offset = header.numbers(header.layout.quaternion, 6)
    rest = 1.0 - (b * b + c * c + d * d)
    if not rest > -1e-5:
        raise InputError(
            source, "quatern_b, c, d", expected="a unit quaternion", got=f"{b:g}, {c:g}, {d:g}",
            remedy="The header is damaged: export the file again.",
        )  # fmt: skip
    a = np.sqrt(max(rest, 0.0))
    rotation = np.array([
        [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
        [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
        [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ])  # fmt: skip
    edges = np.abs(pixdim[1:]) * [1.0, 1.0, -1.0 if pixdim[0] < 0 else 1.0]
    affine = np.eye(4)
    affine[:3, :3] = rotation * edges
    affine[:3, 3] = offset
    return affine


def _agreement(
    used: FloatArray, other: FloatArray, shape: tuple[int, int, int], source: str
) -> Findings:
    if np.linalg.det(used[:3, :3]) * np.linalg.det(other[:3, :3]) <= 0.0:
        raise InputError(
            source, "sform and qform", expected="the same handedness in both",
            got="one the mirror image of the other",
            remedy="Left and right cannot be told: set the orientation anew and save again.",
        )  # fmt: skip
    corners = np.array(np.meshgrid(*[[0, n - 1] for n in shape], indexing="ij")).reshape(3, -1)
    apart = np.linalg.norm((used - other)[:3, :3] @ corners + (used - other)[:3, 3:], axis=0).max()
    if apart <= _AGREE:
        return ()
    text = f"the two orientations differ by up to {1e3 * apart:.1f} mm; the sform is used"
    return (GeometryFinding(GeometryFindingKind.CONFIRM, "sform and qform", text),)


def _extensions(header: _Header) -> str:
    """Text after the header, where some programs name the labels."""
    start = int(header.numbers(header.layout.vox_offset, 1)[0])
    return header.content[header.layout.size : start].decode("utf-8", errors="replace")
