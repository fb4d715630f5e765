"""What an echocardiographer would measure on the template, and the template in another size.

Lengths are taken along rays through the walls, from places in the heart's frame: the minor axis and
the walls of the LV just below the mitral leaflets' tips (Lang et al. 2015), the RV across its basal
third. The LV's mass is the volume of its meshed muscle times 1.05 g/mL.
"""

from dataclasses import replace

import numpy as np

from organtwin.anatomy.mesh import Anatomy, Leaflets, Surface, Tissue, enclosed_volume
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.stuffing import volumes
from organtwin.anatomy.template_frame import HEART_AXES, MITRAL
from organtwin.arrays import FloatArray

BODY_SURFACE = {"male": 1.8, "female": 1.65}
"""Body surface area [m2] that the two sizes are made for: 1.8 by choice, 1.65 for 1.62 m and 61 kg
(Du Bois formula)."""

SCALE = {"male": 1.0, "female": 0.93}
"""Length relative to the template. Walls scale with the cavities, so volumes and masses fall by a
fifth, between the sexes' ratios for LV volume (0.71) and mass index (0.83) of ASE/EACVI 2015."""

MUSCLE_DENSITY = 1050.0

_MINOR_AXIS, _RV_BASE = (0.0, 0.0, -20.0), (0.0, 9.0, -18.0)


def sized(anatomy: Anatomy, scale: float) -> Anatomy:
    """The same heart with all lengths multiplied by ``scale``, about the origin.

    ``sized(load_template(), SCALE["female"])`` is the female template. Walls, valves and vessels
    scale alike; shapes and topology stay.
    """

    def larger(surface: Surface) -> Surface:
        return replace(surface, points=surface.points * scale)

    return replace(
        anatomy,
        tissue=Tissue(anatomy.tissue.nodes * scale, anatomy.tissue.tets, anatomy.tissue.regions),
        surface=larger(anatomy.surface),
        cavities={cavity: larger(own) for cavity, own in anatomy.cavities.items()},
        leaflets={
            valve: Leaflets(own.points, own.opening * scale)
            for valve, own in anatomy.leaflets.items()
        },
    )


def measured(anatomy: Anatomy, scale: float = 1.0) -> dict[str, float]:
    """Sizes in SI of the template, or of ``sized(template, scale)``.

    ``lv_volume`` and so on [m3]; ``lv_mass`` [kg]; ``lv_diameter``, ``lv_length``,
    ``septal_wall``, ``lateral_wall``, ``rv_basal_diameter``, ``rv_wall`` [m].
    """
    tissue = anatomy.tissue
    muscle = np.isin(tissue.regions, (Region.LV, Region.SEPTUM))
    found = {
        f"{cavity.name.lower()}_volume": enclosed_volume(surface)
        for cavity, surface in anatomy.cavities.items()
    }
    found["lv_mass"] = MUSCLE_DENSITY * float(volumes(tissue.nodes, tissue.tets[muscle]).sum())
    right, left = (
        _crossings(anatomy, scale, _MINOR_AXIS, sign * HEART_AXES[0]) for sign in (1, -1)
    )
    base = _crossings(anatomy, scale, _RV_BASE, HEART_AXES[0])
    found["lv_diameter"] = right[0] + left[0]
    found["septal_wall"], found["lateral_wall"] = right[1] - right[0], left[1] - left[0]
    found["rv_basal_diameter"], found["rv_wall"] = base[2] - base[1], base[3] - base[2]
    lv = anatomy.cavities[Cavity.LV].points
    found["lv_length"] = float(np.linalg.norm(lv - MITRAL.centre * 1e-3 * scale, axis=1).max())
    return found


def _crossings(
    anatomy: Anatomy, scale: float, place: tuple[float, float, float], direction: FloatArray
) -> list[float]:
    """Distances [m] at which a ray from a place in the heart's frame [mm] meets the walls."""
    surface = anatomy.surface
    triangles = surface.triangles[
        (surface.regions <= Region.PULMONARY_VEIN)[surface.triangles[:, 0]]
    ]
    origin = np.asarray(place) @ HEART_AXES * 1e-3 * scale
    a, b, c = (surface.points[triangles[:, i]] for i in range(3))
    ab, ac, ao = b - a, c - a, origin - a
    across = np.cross(direction, ac)
    size = np.einsum("ij,ij->i", ab, across)
    size = np.where(np.abs(size) < 1e-15, 1e-15, size)
    u = np.einsum("ij,ij->i", ao, across) / size
    turned = np.cross(ao, ab)
    v = turned @ direction / size
    distance = np.einsum("ij,ij->i", ac, turned) / size
    met = (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 0)
    return sorted(distance[met].tolist())
