"""DICOM segmentations (SEG): frames of one bit, or of a fraction, per segment.

Placed after PS3.3 C.7.6.2.1.1 (image position and orientation, LPS millimetres) and C.8.20
(segmentation). Frames without a voxel may be left out by the writer; the slices between are empty.
A fraction counts as inside from one half, and a finding says so.
"""

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind
from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.grid import scaled_affine
from organtwin.patient.geometry.raw import LabelImage

SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4"
_PLACE = 0.02
"""Slices may lie this far from their even places [mm]: positions are rounded text."""


def read_dicom_seg(path: Path) -> LabelImage:
    """A label image from a DICOM SEG file, segment numbers as values.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    with _explained(path):
        return _image(_dataset(path), path)


def _image(header: Any, path: Path) -> LabelImage:
    names = _segments(header, path)
    frames, findings = _frames(header, path)
    positions, segments, turn, spacing = _places(header, path)
    if not len(frames) == len(positions) == len(segments):
        raise _refusal(path, "NumberOfFrames", f"{len(positions)} frames", f"{len(frames)} frames",
                       "The file is damaged: export it again.")  # fmt: skip
    unknown = sorted(set(segments) - set(names))
    if unknown:
        raise _refusal(path, "ReferencedSegmentNumber", f"one of {sorted(names)}",
                       str(unknown[0]), "Export the segmentation again.")  # fmt: skip
    slices, gap, first = _slices(positions, turn, _spacing_between(header), path)
    values = _stacked(frames, slices, segments, path)
    affine = np.eye(4)
    affine[:3, :3] = turn * [*spacing, gap]
    affine[:3, 3] = positions[first]
    scaled, _ = scaled_affine(affine, "mm", str(path))
    return LabelImage(values, scaled, str(path), names, findings)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Values are decoded when they are asked for, so that damage may show anywhere."""
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        yield
    except InputError:
        raise
    except InvalidDicomError as error:
        raise _refusal(path, "file", "a DICOM file", "a file without the DICOM mark",
                       "Export the segmentation again as DICOM SEG.") from error  # fmt: skip
    except (
        ValueError, LookupError, TypeError, AttributeError, OSError, ArithmeticError, RuntimeError,
        BytesLengthException, struct.error,
    ) as error:  # fmt: skip
        raise _refusal(path, "DICOM data set", "a complete segmentation",
                       f"{type(error).__name__}: {error}",
                       "Copy or export the file again.") from error  # fmt: skip


def _refusal(path: Path, field: str, expected: str, got: str, remedy: str) -> InputError:
    return InputError(str(path), field, expected=expected, got=got, remedy=remedy)


def _dataset(path: Path) -> Any:
    import pydicom

    header = pydicom.dcmread(path)
    kind = str(header.get("SOPClassUID", "none"))
    if kind != SEGMENTATION_STORAGE:
        name = getattr(header.get("SOPClassUID"), "name", kind)
        raise _refusal(path, "SOPClassUID", "Segmentation Storage", str(name),
                       "Open the segmentation, not the images it was drawn on.")  # fmt: skip
    return header


def _segments(header: Any, path: Path) -> Mapping[int, str]:
    names = {
        int(segment.SegmentNumber): str(segment.get("SegmentLabel", ""))
        for segment in header.get("SegmentSequence", ())
    }
    if not names:
        raise _refusal(path, "SegmentSequence", "at least one segment", "none",
                       "Export the segmentation again.")  # fmt: skip
    return names


def _frames(header: Any, path: Path) -> tuple[NDArray[np.bool_], Findings]:
    """Frames ``(n, rows, columns)``: inside or not."""
    kind = str(header.get("SegmentationType", ""))
    if kind not in ("BINARY", "FRACTIONAL"):
        raise _refusal(path, "SegmentationType", "BINARY or FRACTIONAL", repr(kind),
                       "Export a binary segmentation.")  # fmt: skip
    frames = np.asarray(header.pixel_array)
    frames = frames.reshape(-1, int(header.Rows), int(header.Columns))
    if kind == "BINARY":
        return frames > 0, ()
    whole = int(header.get("MaximumFractionalValue", 255))
    sort = str(header.get("SegmentationFractionalType", "unnamed")).lower()
    partial = int(((frames > 0) & (frames < whole)).sum())
    text = (
        f"fractions ({sort}) of one half and more are taken as inside; {partial} voxels were "
        "neither 0 nor 1"
    )
    finding = GeometryFinding(GeometryFindingKind.CONFIRM, "SegmentationType", text)
    return frames >= 0.5 * whole, (finding,)


def _group(shared: Any, frame: Any, name: str, path: Path) -> Any:
    """A functional group's first item, given per frame or for all."""
    for holder in (frame, shared):
        items = None if holder is None else holder.get(name)
        if items:
            return items[0]
    raise _refusal(path, name, "given for every frame", "missing",
                   "Export the segmentation with its geometry.")  # fmt: skip


def _places(
    header: Any, path: Path
) -> tuple[FloatArray, list[int], FloatArray, tuple[float, float]]:
    """Position and segment of each frame, axes as columns, spacing along the first two [mm]."""
    shared = (header.get("SharedFunctionalGroupsSequence") or [None])[0]
    frames = header.get("PerFrameFunctionalGroupsSequence") or ()
    positions, segments, turns, spacings = [], [], set(), set()
    for frame in frames:
        place = _group(shared, frame, "PlanePositionSequence", path)
        positions.append([float(x) for x in place.ImagePositionPatient])
        number = _group(shared, frame, "SegmentIdentificationSequence", path)
        segments.append(int(number.ReferencedSegmentNumber))
        turn = _group(shared, frame, "PlaneOrientationSequence", path)
        turns.add(tuple(round(float(x), 6) for x in turn.ImageOrientationPatient))
        measures = _group(shared, frame, "PixelMeasuresSequence", path)
        spacings.add(tuple(float(x) for x in measures.PixelSpacing))
    if len(turns) != 1 or len(spacings) != 1:
        raise _refusal(path, "PlaneOrientationSequence", "one orientation and pixel size",
                       f"{len(turns)} orientations, {len(spacings)} pixel sizes",
                       "Export a segmentation of one stack of slices.")  # fmt: skip
    directions, (rows, columns) = np.array(turns.pop()), spacings.pop()
    along, down = directions[:3], directions[3:]
    turn = np.column_stack([along, down, np.cross(along, down)])
    return np.array(positions), segments, turn, (columns, rows)


def _spacing_between(header: Any) -> float | None:
    shared = (header.get("SharedFunctionalGroupsSequence") or [None])[0]
    measures = None if shared is None else shared.get("PixelMeasuresSequence")
    if not measures:
        return None
    stated = measures[0].get("SpacingBetweenSlices") or measures[0].get("SliceThickness")
    return float(stated) if stated else None


def _slices(
    positions: FloatArray, turn: FloatArray, stated: float | None, path: Path
) -> tuple[NDArray[np.intp], float, int]:
    """Slice number of each frame, distance of slices [mm], and a frame of slice 0."""
    aside = (positions - positions[0]) @ turn[:, :2]
    depth = (positions - positions[0]) @ turn[:, 2]
    places = np.unique(np.round(depth, 3))
    gaps = np.diff(places)
    gap = float(gaps.min()) if len(gaps) else stated
    if gap is None:
        raise _refusal(path, "SpacingBetweenSlices", "the distance of slices", "one slice only",
                       "Export the whole stack.")  # fmt: skip
    number = (depth - depth.min()) / gap
    odd = np.abs(number - np.round(number)).max() * gap
    if np.abs(aside).max() > _PLACE or odd > _PLACE:
        raise _refusal(path, "ImagePositionPatient", "slices one behind the other, evenly",
                       f"places off by up to {max(np.abs(aside).max(), odd):.2f} mm",
                       "Resample the segmentation to an even stack.")  # fmt: skip
    return np.round(number).astype(np.intp), gap, int(np.argmin(depth))


def _stacked(
    frames: NDArray[np.bool_], slices: NDArray[np.intp], segments: list[int], path: Path
) -> NDArray[np.int32]:
    values = np.zeros((frames.shape[2], frames.shape[1], int(slices.max()) + 1), np.int32)
    shared: dict[tuple[int, int], int] = {}
    for frame, place, segment in zip(frames, slices, segments, strict=True):
        inside = frame.T
        held = values[:, :, place][inside]
        for other in np.unique(held[(held != 0) & (held != segment)]):
            pair = (int(other), segment)
            shared[pair] = shared.get(pair, 0) + int((held == other).sum())
        values[:, :, place][inside] = segment
    if shared:
        told = ", ".join(f"{count} in {a} and {b}" for (a, b), count in shared.items())
        raise _refusal(path, "segments", "each voxel in one segment", f"voxels in two: {told}",
                       "Export without overlap, or only the segments wanted.")  # fmt: skip
    return values
