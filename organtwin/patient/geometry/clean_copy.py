"""Copies of files of a heart without free text, which may tell who the patient is.

Only for formats of which every byte is known: NIfTI, PLY, STL and OBJ. Numbers stay bit for bit.
"""

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path

from organtwin.errors import InputError
from organtwin.patient.geometry.content import GZIP_MARK, file_bytes
from organtwin.patient.geometry.source import extension

_TEXTS = {
    348: ((4, 10), (14, 18), (148, 80), (228, 24), (328, 16)),
    540: ((240, 80), (320, 24), (508, 16)),
}  # fmt: skip
"""Offset and length of the texts of a NIfTI header, by its size (nifti1.h, nifti2.h)."""
_VOXELS_AT = {348: (108, "f4"), 540: (168, "i8")}


def clean_copy(file: Path, target: Path) -> None:
    """Write a copy of ``file`` without names, comments and extensions.

    Raises
    ------
    InputError
        The format has places for text that this program does not know.
    """
    clean = _CLEANED.get(extension(file))
    if clean is None:
        raise InputError(
            str(file), "format", expected=f"one of {', '.join(_CLEANED)}, which can be cleaned",
            got=extension(file) or "no extension",
            remedy="It may hold the patient's name: keep the identity, or convert it first.",
        )  # fmt: skip
    packed = file.read_bytes()[:2] == GZIP_MARK
    content = clean(file_bytes(file), file)
    # mtime 0 and no name: a gzip header would hold both.
    target.write_bytes(gzip.compress(content, mtime=0) if packed else content)


def _nifti(content: bytes, file: Path) -> bytes:
    import numpy as np

    clean = bytearray(content)
    for order in ("<", ">"):
        size = int.from_bytes(content[:4], "little" if order == "<" else "big")
        if size in _TEXTS:
            break
    else:
        raise InputError(
            str(file), "header", expected="348 or 540 bytes", got="another size",
            remedy="Export it again as NIfTI.",
        )  # fmt: skip
    for offset, length in _TEXTS[size]:
        clean[offset : offset + length] = bytes(length)
    place, kind = _VOXELS_AT[size]
    voxels = int(np.frombuffer(content, order + kind, 1, place)[0])
    end = max(min(voxels, len(clean)), size)
    clean[size:end] = bytes(end - size)  # extensions
    return bytes(clean)


def _ply(content: bytes, file: Path) -> bytes:
    head, mark, body = content.partition(b"end_header")
    if not mark:
        raise InputError(
            str(file), "header", expected="end_header", got="none", remedy="Export it again as PLY."
        )
    lines = head.split(b"\n")
    kept = [line for line in lines if not line.lstrip().startswith((b"comment", b"obj_info"))]
    return b"\n".join(kept) + mark + body


def _stl(content: bytes, _file: Path) -> bytes:
    triangles = int.from_bytes(content[80:84], "little")
    if len(content) >= 84 + 50 * triangles and not content.lstrip().startswith(b"solid"):
        return bytes(80) + content[80 : 84 + 50 * triangles]
    if len(content) == 84 + 50 * triangles:  # binary that begins with the word all the same
        return bytes(80) + content[80:]
    lines = content.splitlines()
    named = (b"solid", b"endsolid")
    kept = [next((n for n in named if line.strip().startswith(n)), line) for line in lines]
    return b"\n".join(kept) + b"\n"


def _obj(content: bytes, _file: Path) -> bytes:
    lines = content.splitlines()
    kept = [line for line in lines if line.split()[:1] in ([b"v"], [b"vn"], [b"vt"], [b"f"])]
    return b"\n".join(line.partition(b"#")[0] for line in kept) + b"\n"


_CLEANED: Mapping[str, Callable[[bytes, Path], bytes]] = {
    ".nii": _nifti, ".ply": _ply, ".stl": _stl, ".obj": _obj,
}  # fmt: skip
