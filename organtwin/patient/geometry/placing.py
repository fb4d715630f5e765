"""From the numbers of a mesh file to patient axes (LPS) in metres.

Mesh files state neither unit nor axes. The unit is proposed from the size of the heart in them, the
axes are taken as LPS; both as findings that ask to be confirmed. What is stated by the user is
checked against the size of a heart, so that a factor of 1000 or 10 does not pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.finding import Findings, GeometryFinding, GeometryFindingKind
from organtwin.arrays import FloatArray
from organtwin.errors import InputError

UNITS = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6}

LEAST_HEART, LARGEST_HEART = 40e-3, 260e-3
"""Longest edge of the box around a part or the whole of an adult heart [m]: one chamber alone
measures 45 to 100 mm (of the test data, the smallest is the left ventricular endocardium of crtdemo
with 51 mm), the whole with great vessels up to about 250 mm."""

_TURNS = {"LPS": (1.0, 1.0, 1.0), "RAS": (-1.0, -1.0, 1.0), "unknown": (1.0, 1.0, 1.0)}


@dataclass(frozen=True, eq=False)
class Placed:
    """Points in LPS metres, ``turn`` ``(3,)`` for vectors, and what was assumed."""

    points: FloatArray
    turn: FloatArray
    unit: str
    orientation: str
    findings: Findings


def placed(points: FloatArray, source: str, unit: str | None, orientation: str | None) -> Placed:
    """Turn and scale points; ``None`` lets unit or axes be proposed.

    Raises
    ------
    InputError
        The unit or orientation is unknown, or the size is not that of a heart.
    """
    extent = float(np.ptp(points, axis=0).max())
    chosen, findings = _unit(extent, unit, source)
    axes, told = _axes(orientation, source)
    turn = np.array(_TURNS[axes])
    return Placed(points * (turn * UNITS[chosen]), turn, chosen, axes, (*findings, *told))


def turned(fields: Mapping[str, FloatArray], turn: FloatArray) -> dict[str, FloatArray]:
    """Fields with their vectors in patient axes; anything with three components is a vector."""
    return {
        name: values * turn if values.ndim == 2 and values.shape[1] == 3 else values
        for name, values in fields.items()
    }


def fits(extent: float) -> bool:
    """Whether something this long [m] can be a heart or one of its chambers."""
    return LEAST_HEART <= extent <= LARGEST_HEART


def size_error(source: str, got: str, hint: str) -> InputError:
    """Something is not as large as a heart."""
    return InputError(
        source, "size",
        expected=f"a heart of {1e3 * LEAST_HEART:.0f} to {1e3 * LARGEST_HEART:.0f} mm",
        got=got, remedy=hint,
    )  # fmt: skip


def _unit(extent: float, unit: str | None, source: str) -> tuple[str, Findings]:
    fitting = [name for name, factor in UNITS.items() if fits(extent * factor)]
    if unit is None:
        if not fitting:
            raise size_error(
                source, f"{extent:g} across, which fits no unit of {', '.join(UNITS)}",
                "Check that the file holds one heart and nothing else, and scale it.",
            )  # fmt: skip
        text = (
            f"the file states no unit; taken as {fitting[0]} because the heart is "
            f"{extent:.3g} {fitting[0]} across"
        )
        return fitting[0], (GeometryFinding(GeometryFindingKind.CONFIRM, "unit", text),)
    if unit not in UNITS:
        raise InputError(
            source, "unit", expected=f"one of {', '.join(UNITS)}", got=repr(unit),
            remedy="Name the unit of the coordinates.",
        )  # fmt: skip
    if unit not in fitting:
        hint = f"The size fits {fitting[0]}." if fitting else "Check what the file holds."
        raise size_error(source, f"{extent * UNITS[unit] * 1e3:.4g} mm across in {unit}", hint)
    return unit, ()


def _axes(orientation: str | None, source: str) -> tuple[str, Findings]:
    if orientation is None:
        text = "the file states no axes; taken as LPS (x to the patient's left, y back, z head)"
        return "LPS", (GeometryFinding(GeometryFindingKind.CONFIRM, "orientation", text),)
    if orientation not in _TURNS:
        raise InputError(
            source, "orientation", expected=f"one of {', '.join(_TURNS)}", got=repr(orientation),
            remedy="Name the axes of the coordinates.",
        )  # fmt: skip
    if orientation == "unknown":
        text = "axes unknown: the heart is not placed in the body; views by name may be wrong"
        return orientation, (GeometryFinding(GeometryFindingKind.TOLD, "orientation", text),)
    return orientation, ()
