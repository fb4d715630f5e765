"""Guide points of cardiac MR contours, as the biv-me and BiV modelling tools write them.

A table separated by tabs: x, y, z, contour type, slice, weight, time frame; one header line or
none. Points are in the scanner's patient axes (LPS) and millimetres.
"""

from pathlib import Path

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.patient.geometry.content import COPY_AGAIN, file_bytes, numbers_of, text_of
from organtwin.patient.geometry.file_mesh import checked_points
from organtwin.patient.geometry.placing import Placed, placed
from organtwin.patient.geometry.raw import ContourSet

CONTOUR_LABELS = (
    "SAX_LV_ENDOCARDIAL", "SAX_LV_EPICARDIAL", "SAX_RV_FREEWALL", "SAX_RV_SEPTUM",
    "SAX_RV_OUTLET", "SAX_RV_EPICARDIAL", "LAX_LV_ENDOCARDIAL", "LAX_LV_EPICARDIAL",
    "LAX_RV_FREEWALL", "LAX_RV_SEPTUM", "LAX_RV_ENDOCARDIAL", "LAX_RV_EPICARDIAL",
    "SAX_LAA", "SAX_LPV", "SAX_RPV", "SAX_SVC", "SAX_IVC", "LAX_LA", "LAX_RA", "LAX_LV_EXTENT",
    "LAX_LA_EXTENT", "LAX_RA_EXTENT", "APEX_POINT", "MITRAL_VALVE", "TRICUSPID_VALVE",
    "AORTA_VALVE", "PULMONARY_VALVE", "RV_INSERT",
)  # fmt: skip
"""Borders and landmarks that are known by name."""

_COLUMNS = 7


def read_contours(
    path: str | Path, *, unit: str | None = None, orientation: str | None = None
) -> tuple[ContourSet, ...]:
    """Contours of every time frame in the file, in order.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    file = Path(path)
    rows = _rows(file)
    labels = tuple(row[3] for row in rows)
    unknown = sorted(set(labels) - set(CONTOUR_LABELS))
    if unknown:
        raise InputError(
            str(file), "contour type", expected=f"one of {', '.join(CONTOUR_LABELS)}",
            got=", ".join(f"{name} ({labels.count(name)} points)" for name in unknown),
            remedy="Rename the contours, or leave these points out.",
        )  # fmt: skip
    words = [word for row in rows for word in (*row[:3], *row[4:])]
    numbers = numbers_of(words, file, "columns").reshape(-1, 6)
    place = placed(checked_points(numbers[:, :3], file), str(file), unit, orientation)
    return tuple(
        _frame(place, labels, numbers, int(frame), str(file)) for frame in np.unique(numbers[:, 5])
    )


def _frame(
    place: Placed, labels: tuple[str, ...], numbers: FloatArray, frame: int, source: str
) -> ContourSet:
    of = numbers[:, 5] == frame
    return ContourSet(
        place.points[of],
        tuple(label for label, kept in zip(labels, of, strict=True) if kept),
        numbers[of, 3].astype(np.int32),
        numbers[of, 4],
        frame,
        source,
        place.unit,
        place.orientation,
        place.findings,
    )


def _rows(path: Path) -> list[list[str]]:
    lines = text_of(file_bytes(path), path).splitlines()
    rows = [[word.strip() for word in line.split("\t")] for line in lines if line.strip()]
    if rows and rows[0][0] == "x":
        rows = rows[1:]
    if not rows:
        raise InputError(
            str(path), "rows", expected="at least one point", got="none", remedy=COPY_AGAIN
        )
    for number, row in enumerate(rows, start=1):
        if len(row) != _COLUMNS:
            raise InputError(
                str(path), f"point {number}", remedy=COPY_AGAIN, got=f"{len(row)} columns",
                expected="x, y, z, contour type, slice, weight, time frame, separated by tabs",
            )  # fmt: skip
    return rows
