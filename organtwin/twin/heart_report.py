"""What is known about the heart that is drawn, in sentences."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from organtwin.anatomy.label_map import Structure
from organtwin.anatomy.regions import Cavity
from organtwin.units import ML

if TYPE_CHECKING:
    from organtwin.twin.own_heart import OwnHeart

APART = 0.15
"""Share of the twin's end-diastolic volume by which the images may differ without a word."""

TEMPLATE = "template, sized to the fitted volumes"
"""What is drawn without an own heart."""


def volume_finding(heart: "OwnHeart", end_diastolic: float) -> str:
    """What to say when images and twin disagree about the left ventricle; empty when they agree.

    Parameters
    ----------
    heart
        The heart from the files.
    end_diastolic
        End-diastolic volume of the twin's left ventricle [m3].
    """
    shown = heart.given.get(Cavity.LV, heart.volumes.get(Cavity.LV))
    if shown is None or abs(shown - end_diastolic) <= APART * end_diastolic:
        return ""
    measured = _measured(heart, Structure.LV_BLOOD)
    what = "the images show LV" if measured else "the heart completed from the template has LV"
    return (
        f"{what} {shown / ML:.0f} mL, the twin {end_diastolic / ML:.0f} mL at end-diastole; "
        "the drawn heart is stretched to the twin's"
    )


def heart_report(heart: "OwnHeart", end_diastolic: float | None = None) -> str:
    """Volumes, where each structure comes from, the mesh and the findings, as plain text.

    ``end_diastolic`` is the twin's left ventricular volume [m3], once there is a twin.
    """
    differs = volume_finding(heart, end_diastolic) if end_diastolic is not None else ""
    findings = (*filter(None, (differs,)), *heart.findings)
    parts = (
        "\n".join(_volumes(heart)),
        "\n".join(_origins(heart)),
        _mesh(heart),
        "\n".join(f"• {finding}" for finding in findings),
    )
    return "\n\n".join(filter(None, parts))


def _measured(heart: "OwnHeart", structure: Structure) -> bool:
    """Whether the volume is that of the files, not of the template."""
    origin = heart.provenance.get(structure)
    # By the name: the module of the kinds is slow to load.
    return origin is not None and origin.name in ("MEASURED", "SIZED")


def _volumes(heart: "OwnHeart") -> Iterator[str]:
    for cavity, volume in heart.volumes.items():
        labelled = heart.given.get(cavity)
        where = (
            "in the images" if _measured(heart, Structure[f"{cavity.name}_BLOOD"]) else "filled in"
        )
        before = f"{labelled / ML:.0f} mL {where}, " if labelled is not None else ""
        yield f"{cavity.name}: {before}{volume / ML:.0f} mL meshed"


def _origins(heart: "OwnHeart") -> Iterator[str]:
    """Structures of one origin on one line."""
    origins: dict[str, list[str]] = {}
    for structure, origin in heart.provenance.items():
        origins.setdefault(origin.value, []).append(structure_name(structure))
    for origin_name, structures in origins.items():
        yield f"{origin_name[0].upper()}{origin_name[1:]}: {', '.join(structures)}"


def _mesh(heart: "OwnHeart") -> str:
    quality = heart.quality
    return (
        f"Mesh: {quality.n_tets} tetrahedra, {quality.volume / ML:.0f} mL of tissue, angles "
        f"{quality.least_angle:.0f} to {quality.greatest_angle:.0f}°, {quality.inverted} inverted"
    )


def structure_name(structure: Structure) -> str:
    """E.g. ``LV muscle``, ``pulmonary artery``."""
    first, _, rest = structure.name.partition("_")
    chamber = first in Cavity.__members__
    return f"{first if chamber else first.lower()} {rest.lower()}".strip().replace("_", " ")
