"""Label images as files, written byte by byte so that readers are not tested against themselves."""

import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.label_map import Structure

NIFTI_CODES = {"u1": 2, "i2": 4, "i4": 8, "f4": 16, "f8": 64, "i1": 256, "u2": 512, "i8": 1024}

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def small_heart(spacing_mm: float = 3.0) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Four ellipsoidal chambers as ``Structure`` values, and their affine to LPS [mm]."""
    n = int(120 / spacing_mm)
    axis = (np.arange(n) + 0.5) * spacing_mm - 60.0
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")

    def inside(centre: tuple[float, float, float], semi: tuple[float, float, float]):
        parts = zip((x, y, z), centre, semi, strict=True)
        return sum(((a - c) / s) ** 2 for a, c, s in parts) < 1.0

    values = np.zeros((n, n, n), np.int32)
    values[inside((-20.0, -8.0, -8.0), (28.0, 30.0, 34.0))] = Structure.RV_BLOOD
    values[inside((12.0, 4.0, -10.0), (36.0, 34.0, 42.0))] = Structure.LV_MUSCLE
    values[inside((12.0, 4.0, -10.0), (25.0, 23.0, 31.0))] = Structure.LV_BLOOD
    values[inside((8.0, 22.0, 30.0), (24.0, 20.0, 20.0))] = Structure.LA_BLOOD
    values[inside((-32.0, 14.0, 26.0), (20.0, 22.0, 22.0))] = Structure.RA_BLOOD
    affine = np.diag([spacing_mm, spacing_mm, spacing_mm, 1.0])
    affine[:3, 3] = axis[0] + np.array([5.0, -150.0, 240.0])
    return values, affine


def write_nifti(
    path: Path,
    values: NDArray[np.generic],
    lps: NDArray[np.float64],
    *,
    order: str = "<",
    version: int = 1,
    units: int = 2,
    forms: str = "s",
    qform: NDArray[np.float64] | None = None,
    code: int | None = None,
    dim: list[int] | None = None,
    extension: bytes = b"",
) -> Path:
    """``lps`` in the unit that ``units`` names; ``forms`` says which of s and q are set."""
    values = np.asarray(values)
    kind = values.dtype.str[1:]
    ras = LPS_TO_RAS @ lps
    other = ras if qform is None else LPS_TO_RAS @ qform
    _, b, c, d, qfac = quaternion(other[:3, :3]) if "q" in forms else (1.0, 0.0, 0.0, 0.0, 1.0)
    edges = np.linalg.norm(other[:3, :3], axis=0)
    pixdim = [qfac, *edges, 1.0, 0.0, 0.0, 0.0]
    sizes = dim or [values.ndim, *values.shape, *[1] * (7 - values.ndim)]
    codes = (int("q" in forms), int("s" in forms))
    size = 348 if version == 1 else 540
    start = size + 4 + (len(extension) + 8 if extension else 0)
    start += -start % 16
    header = bytearray(start)

    def put(offset: int, form: str, *numbers: float) -> None:
        struct.pack_into(order + form, header, offset, *numbers)

    put(0, "i", size)
    number = code if code is not None else NIFTI_CODES[kind]
    if version == 1:
        put(40, "8h", *sizes)
        put(70, "2h", number, 8 * values.dtype.itemsize)
        put(76, "8f", *pixdim)
        put(108, "3f", start, 0.0, 0.0)
        header[123] = units
        put(252, "2h", *codes)
        put(256, "6f", b, c, d, *other[:3, 3])
        put(280, "12f", *ras[:3].ravel())
        header[344:348] = b"n+1\0"
    else:
        header[4:12] = b"n+2\0\r\n\032\n"
        put(12, "2h", number, 8 * values.dtype.itemsize)
        put(16, "8q", *sizes)
        put(104, "8d", *pixdim)
        put(168, "q", start)
        put(176, "2d", 0.0, 0.0)
        put(344, "2i", *codes)
        put(352, "6d", b, c, d, *other[:3, 3])
        put(400, "12d", *ras[:3].ravel())
        put(500, "i", units)
    if extension:
        header[size] = 1
        put(size + 4, "2i", len(extension) + 8, 30)
        header[size + 12 : size + 12 + len(extension)] = extension
    stored = values.astype(values.dtype.newbyteorder(order)).tobytes(order="F")
    content = bytes(header) + stored
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return path


def quaternion(axes: NDArray[np.float64]) -> tuple[float, float, float, float, float]:
    """a, b, c, d and qfac of an affine without shear."""
    turn = axes / np.linalg.norm(axes, axis=0)
    qfac = 1.0
    if np.linalg.det(turn) < 0:
        qfac, turn = -1.0, turn * [1.0, 1.0, -1.0]
    matrix = np.array([
        [turn[0, 0] - turn[1, 1] - turn[2, 2], 0, 0, 0],
        [turn[0, 1] + turn[1, 0], turn[1, 1] - turn[0, 0] - turn[2, 2], 0, 0],
        [turn[0, 2] + turn[2, 0], turn[1, 2] + turn[2, 1], turn[2, 2] - turn[0, 0] - turn[1, 1], 0],
        [turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1], np.trace(turn)],
    ])  # fmt: skip
    b, c, d, a = np.linalg.eigh(matrix / 3.0)[1][:, -1]
    sign = -1.0 if a < 0 else 1.0
    return sign * a, sign * b, sign * c, sign * d, qfac


NRRD_TYPES = {"u1": "unsigned char", "i2": "short", "u2": "ushort", "i4": "int", "f4": "float"}
TO_SPACE = {"left-posterior-superior": (1, 1, 1), "right-anterior-superior": (-1, -1, 1),
            "left-anterior-superior": (1, -1, 1)}  # fmt: skip


def write_nrrd(
    path: Path,
    values: NDArray[np.generic],
    lps: NDArray[np.float64],
    *,
    space: str = "left-posterior-superior",
    encoding: str = "gzip",
    endian: str = "little",
    units: str | None = None,
    extra: tuple[str, ...] = (),
    replaced: dict[str, str | None] | None = None,
) -> Path:
    """A ``.nhdr`` gets its voxels in a file beside it."""
    values = np.asarray(values)
    turned = np.diag([*TO_SPACE[space], 1.0]) @ lps
    vectors = [f"({','.join(repr(float(x)) for x in turned[:3, i])})" for i in range(3)]
    fields: dict[str, str | None] = {
        "type": NRRD_TYPES[values.dtype.str[1:]],
        "dimension": str(values.ndim),
        "space": space,
        "sizes": " ".join(map(str, values.shape)),
        "space directions": " ".join(["none"] * (values.ndim - 3) + vectors),
        "endian": endian,
        "encoding": encoding,
        "space origin": f"({','.join(repr(float(x)) for x in turned[:3, 3])})",
        "space units": units,
    }
    order = "<" if endian == "little" else ">"
    stored = values.astype(values.dtype.newbyteorder(order)).tobytes(order="F")
    if encoding == "gzip":
        stored = gzip.compress(stored, 1)
    elif encoding == "ascii":
        stored = " ".join(map(str, values.ravel(order="F").tolist())).encode()
    if path.suffix == ".nhdr":
        fields["data file"] = path.stem + ".raw"
        path.with_suffix(".raw").write_bytes(stored)
        stored = b""
    fields |= replaced or {}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    text = "\n".join(["NRRD0004", "# written by a test", *lines, *extra])
    path.write_bytes(text.encode() + (b"\n\n" + stored if path.suffix == ".nrrd" else b"\n"))
    return path


def write_dicom_seg(
    path: Path,
    masks: dict[int, NDArray[np.bool_]],
    names: dict[int, str],
    lps: NDArray[np.float64],
    *,
    fractional: NDArray[np.uint8] | None = None,
    move_last: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Path:
    """Frames without a voxel are left out, as many writers do; ``lps`` in millimetres."""
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    edges = np.linalg.norm(lps[:3, :3], axis=0)
    along, down = lps[:3, 0] / edges[0], lps[:3, 1] / edges[1]
    header = Dataset()
    header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    header.SOPInstanceUID = "1.2.3"
    header.Modality = "SEG"
    header.SegmentationType = "BINARY" if fractional is None else "FRACTIONAL"
    if fractional is not None:
        header.SegmentationFractionalType, header.MaximumFractionalValue = "PROBABILITY", 255
    header.SegmentSequence = []
    for number, name in names.items():
        segment = Dataset()
        segment.SegmentNumber, segment.SegmentLabel = number, name
        header.SegmentSequence.append(segment)
    shared, measures, turn = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [edges[1], edges[0]]
    measures.SpacingBetweenSlices = edges[2]
    turn.ImageOrientationPatient = [*along, *down]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [turn]
    header.SharedFunctionalGroupsSequence = [shared]
    frames, header.PerFrameFunctionalGroupsSequence = [], []
    for number, mask in masks.items():
        for k in range(mask.shape[2]):
            if mask[:, :, k].any():
                frame, place, segment = Dataset(), Dataset(), Dataset()
                position = lps[:3, 3] + k * lps[:3, 2]
                place.ImagePositionPatient = [f"{x:.6f}" for x in position]
                segment.ReferencedSegmentNumber = number
                frame.PlanePositionSequence = [place]
                frame.SegmentIdentificationSequence = [segment]
                header.PerFrameFunctionalGroupsSequence.append(frame)
                source = mask if fractional is None else fractional
                frames.append(source[:, :, k].T)
    last = header.PerFrameFunctionalGroupsSequence[-1].PlanePositionSequence[0]
    moved = zip(last.ImagePositionPatient, move_last, strict=True)
    last.ImagePositionPatient = [f"{float(x) + step:.6f}" for x, step in moved]
    stack = np.stack(frames)
    header.NumberOfFrames, header.Rows, header.Columns = stack.shape
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.PixelRepresentation = 0
    bits = 1 if fractional is None else 8
    header.BitsAllocated, header.BitsStored, header.HighBit = bits, bits, bits - 1
    stored = np.packbits(stack.ravel(), bitorder="little") if bits == 1 else stack
    header.PixelData = stored.tobytes() + b"\0" * (stored.size % 2)
    header["PixelData"].VR = "OB"
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = header.SOPClassUID
    meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    header.file_meta = meta
    pydicom.dcmwrite(path, header, enforce_file_format=True)
    return path
