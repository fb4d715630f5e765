"""Pacing leads: from the upper caval vein to the electrode, the left one by the coronary sinus."""

import numpy as np

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.heart_places import HeartPlaces
from organtwin.anatomy.regions import Cavity, Region, Valve
from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.activation.purkinje import off_waypoint
from organtwin.physiology.electrophysiology.activation.sites import WALLS, Site
from organtwin.scene.device_model import (
    ELECTRODE,
    INSULATION,
    STEEL,
    DeviceModel,
    Tube,
    curve,
    tube,
)
from organtwin.therapy.implants import Implant

MM = 1e-3
LEFT_SITES = frozenset({
    "lateral vein of the left ventricle", "posterolateral vein of the left ventricle",
    "anterior vein of the left ventricle",
})  # fmt: skip
INNER, OUTER = 0.05, 0.95
"""Transmural coordinate of what counts as the inside and the outside of a wall."""
HOP = 8 * MM
"""Between the stops of a lead on the outside; what is nearer than two of these has none."""
LEFT_INSIDE = "endocardium at the apex of the left ventricle"
_GROOVE = 1.28
"""Of the mitral ring's radius: the coronary sinus runs this far outside of it."""


def lead(implant: Implant, places: HeartPlaces) -> DeviceModel:
    """One lead with its electrode; a note where the heart does not show its way."""
    site = _site(implant.where, places)
    atrium = places.blood(Cavity.RA)
    if site is None or atrium is None:
        return DeviceModel(notes=(f"{implant.label}: no place for it in this heart",))
    notes: tuple[str, ...] = ()
    entry = places.upper_vein
    if entry is None:
        entry = atrium + np.array([-4, 4, 42]) * MM
        notes = ("no upper caval vein: leads enter above the right atrium",)
    start = [entry + np.array([2, 0, 26]) * MM, entry, 0.5 * (entry + atrium)]
    if _left_sided(site, implant.where, places):
        middle = _by_coronary_sinus(site, atrium, places)
    elif implant.where == LEFT_INSIDE:
        middle = _through_septum(atrium, places)
    elif _in_atrium(site, implant.where, places):
        middle = [atrium + np.array([-4, -4, -6]) * MM]
    else:
        valve = places.valves.get(Valve.TRICUSPID)
        middle = [atrium + np.array([-8, -2, -8]) * MM]
        middle += [] if valve is None else [valve.centre - 2 * MM * valve.outward]
        blood = places.blood(Cavity.RV)
        if blood is not None:
            middle.append(0.4 * blood + 0.6 * site + np.array([0, 0, -5]) * MM)
    way = curve(*start, *middle, site)
    return DeviceModel(_with_electrode(way), notes=notes)


def _with_electrode(way: FloatArray) -> tuple[Tube, ...]:
    back = np.cumsum(np.linalg.norm(np.diff(way[::-1], axis=0), axis=1))
    ring = way[::-1][1 + int(np.searchsorted(back, 10 * MM)) :][:2]
    tip = np.stack([way[-1] + 0.35 * (way[-2] - way[-1]), way[-1]])
    parts = [tube(way, 1.1 * MM, INSULATION), tube(tip, 1.9 * MM, ELECTRODE)]
    if len(ring) == 2:
        parts.append(tube(ring, 1.5 * MM, STEEL))
    return tuple(parts)


def _by_coronary_sinus(
    site: FloatArray, atrium: FloatArray, places: HeartPlaces
) -> list[FloatArray]:
    """By the sinus and its veins, else around the mitral ring; then over the outside."""
    veins = places.by_coronary_veins(site)
    if veins is not None:
        mouth = 0.5 * (atrium + veins[0]) + np.array([0, 0, -6]) * MM
        return [mouth, *veins, *_over_outside(veins[-1], site, places)]
    ring = places.valves.get(Valve.MITRAL)
    if ring is None:
        return [places.out(0.5 * (site + atrium) - places.middle, 2 * MM)]
    _, _, outward = ring.axes()
    to_atrium, to_site = _flat(atrium - ring.centre, outward), _flat(site - ring.centre, outward)
    aorta = places.valves.get(Valve.AORTIC)
    front = _flat(aorta.centre - ring.centre, outward) if aorta is not None else -_flat(
        np.array([0.0, 1.0, 0.0]), outward
    )  # fmt: skip
    side = np.cross(outward, front)
    first, last = (
        float(np.arctan2(v @ side, v @ front)) % (2 * np.pi) for v in (to_atrium, to_site)
    )
    angles = np.linspace(
        first, last, 7
    )  # both between 0 and 2 pi: by the back, away from the front
    radius = 0.5 * ring.diameter * _GROOVE
    groove = [
        ring.centre + radius * (np.cos(a) * front + np.sin(a) * side) + 2 * MM * outward
        for a in angles
    ]
    return [0.5 * (atrium + groove[0]), *groove, *_over_outside(groove[-1], site, places)]


def _through_septum(atrium: FloatArray, places: HeartPlaces) -> list[FloatArray]:
    """Across the septum of the atria and the mitral valve, as leads inside the LV are laid."""
    left, ring = places.blood(Cavity.LA), places.valves.get(Valve.MITRAL)
    if left is None or ring is None:
        return []
    return [0.5 * (atrium + left), 0.4 * left + 0.6 * ring.centre, ring.centre]


def _over_outside(start: FloatArray, site: FloatArray, places: HeartPlaces) -> list[FloatArray]:
    """Stops on the outside of the LV on the way to a site that is not near."""
    count = int(np.linalg.norm(site - start) / HOP)
    shares = np.arange(1, count) / max(count, 1)
    stops = [places.beside_left((1.0 - x) * start + x * site, 1 * MM) for x in shares]
    return [stop for stop in stops if stop is not None]


def _site(where: Anchor | str, places: HeartPlaces) -> FloatArray | None:
    if isinstance(where, Anchor):
        anatomy = places.anatomy
        ground = anatomy.surface.points if where.ground == SURFACE else anatomy.tissue.nodes
        return where.place(ground) if where.fits(len(ground)) else None
    if where == "right atrial appendage":
        atrium = places.anatomy.cavities.get(Cavity.RA)
        if atrium is None:
            return None
        return np.asarray(atrium.points[int(np.argmax(atrium.points @ [0.35, -1.0, 0.45]))])
    known = _paced_from(where, places)
    return _ventricular_site(where, places) if known is None else known


def _paced_from(where: str, places: HeartPlaces) -> FloatArray | None:
    """Where the simulation paces from that site: by coordinates, in a heart that has them."""
    architecture, site = places.anatomy.architecture, Site(where)
    found = [(wall, marks[site]) for wall, marks in WALLS.items() if site in marks]
    if not found or architecture is None:
        return None
    wall, waypoint = found[0]
    depth, right = architecture.transmural, architecture.right > 0.5  # NaN in the atria
    nodes = np.flatnonzero({
        "outside": (depth > OUTER) & ~right, "left": (depth < INNER) & ~right,
        "right septum": (depth > OUTER) & ~right, "right": (depth < INNER) & right,
    }[wall])  # fmt: skip
    if not len(nodes):
        return None
    level, turn = (
        np.asarray(x[nodes], float) for x in (architecture.apicobasal, architecture.rotational)
    )
    off = off_waypoint(level, turn, waypoint)
    return np.asarray(places.anatomy.tissue.nodes[nodes[int(np.argmin(off))]])


def _ventricular_site(where: str, places: HeartPlaces) -> FloatArray | None:
    """In a heart without coordinates: by height from the apex, and the direction from the axis."""
    if where == "apex of the right ventricle":
        return places.apex(Cavity.RV)
    if where == LEFT_INSIDE:
        return places.apex(Cavity.LV)
    apex, mitral = places.apex(Cavity.LV), places.valves.get(Valve.MITRAL)
    left, right = places.blood(Cavity.LV), places.blood(Cavity.RV)
    if apex is None or left is None or right is None:
        return None
    base = left + (left - apex) * 0.8 if mitral is None else mitral.centre
    axis = base - apex
    lateral = _flat(left - right, axis / np.linalg.norm(axis))
    back = _flat(np.array([0.0, 1.0, -0.5]), axis / np.linalg.norm(axis))
    height, way = {
        "lateral vein of the left ventricle": (0.55, lateral),
        "posterolateral vein of the left ventricle": (0.6, lateral + 0.8 * back),
        "anterior vein of the left ventricle": (0.6, lateral - 0.9 * back),
        "right ventricular outflow tract": (0.95, -lateral - 1.2 * back),
        "His bundle": (0.95, -lateral),
        "left bundle branch area": (0.78, -lateral),
    }.get(where, (0.6, -lateral))
    surface = places.anatomy.surface
    outside = way @ lateral > 0.0
    region = Region.LV if outside else Region.SEPTUM
    wall = surface.points[surface.regions == region]
    if not len(wall):
        return None
    foot = apex + height * axis
    ray = way / np.linalg.norm(way)
    along = (wall - foot) @ ray
    off = np.linalg.norm(wall - foot - along[:, None] * ray, axis=1)
    near = (along > 0.0) & (off < max(6 * MM, float(off[along > 0.0].min(initial=1.0)) + 3 * MM))
    if not near.any():
        return None
    return np.asarray(wall[near][int(np.argmax(along[near]))])


def _left_sided(site: FloatArray, where: Anchor | str, places: HeartPlaces) -> bool:
    if isinstance(where, str):
        return where in LEFT_SITES
    left, right = places.blood(Cavity.LV), places.blood(Cavity.RV)
    if left is None or right is None:
        return False
    return bool((site - 0.5 * (left + right)) @ (left - right) > 0.0)


def _in_atrium(site: FloatArray, where: Anchor | str, places: HeartPlaces) -> bool:
    if isinstance(where, str):
        return where == "right atrial appendage"
    valve, atrium = places.valves.get(Valve.TRICUSPID), places.blood(Cavity.RA)
    if valve is None or atrium is None:
        return False
    return bool((site - valve.centre) @ valve.outward > 0.0)


def _flat(vector: FloatArray, normal: FloatArray) -> FloatArray:
    flat = vector - (vector @ normal) * normal
    return np.asarray(flat / np.linalg.norm(flat))
