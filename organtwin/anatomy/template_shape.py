"""The template heart as implicit shapes: an average adult heart at end-diastole.

Every compartment is a blood space (lumen) with a wall of given thickness around it; the outside is
the smooth union of all walls, and compartments that do not communicate push each other aside by
their wall. Lengths are in millimetres here. The ventricles are described in the heart's own frame
(x from LV to RV, y towards the inferior wall, z from apex to base: a left-handed frame), everything
else in LPS patient axes. Both have their origin at the centre of the LV base.

Sizes follow the adult normal ranges (ASE/EACVI 2015 chamber
quantification); courses of the vessels follow descriptive anatomy.
"""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import CubicSpline

from organtwin.anatomy.contour import Opening
from organtwin.anatomy.implicit import (
    Shape,
    balls,
    ellipsoid,
    smooth_maximum,
    smooth_minimum,
    tapered,
    tube,
)
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.template_frame import AORTIC as AORTIC
from organtwin.anatomy.template_frame import HEART_AXES as HEART_AXES
from organtwin.anatomy.template_frame import MITRAL as MITRAL
from organtwin.anatomy.template_frame import OPENINGS as OPENINGS
from organtwin.anatomy.template_frame import PULMONARY as PULMONARY
from organtwin.anatomy.template_frame import TRICUSPID as TRICUSPID
from organtwin.anatomy.template_frame import around as around
from organtwin.anatomy.template_frame import body as body
from organtwin.anatomy.template_frame import heart as heart
from organtwin.arrays import FloatArray, IntArray

LV_WALL, LV_WALL_APEX, SEPTUM_WALL, RV_WALL, ATRIAL_WALL, VESSEL_WALL = 9.5, 5.5, 9.5, 3.8, 2.6, 1.9

COMPARTMENTS = (
    Region.LV,
    Region.RV,
    Region.LA,
    Region.RA,
    Region.AORTA,
    Region.PULMONARY_ARTERY,
    Region.SYSTEMIC_VEIN,
    Region.PULMONARY_VEIN,
)
"""Order of the columns of ``lumens`` and ``walls``; the septum is told apart by ``regions``."""


VALVE_RECESS = 2.5
"""Distance of a chamber from the plane of its valve [mm]."""

MITRAL_FLAT_SIDE = 12.0
"""Distance of the annulus from the mitral axis where the aortic valve adjoins it [mm]."""

SINUS_ANGLES = {"right": 0.0, "left": 125.0, "noncoronary": -120.0}
"""Where the sinuses of the aortic root face [degrees], as in ``around``."""

PULMONARY_SINUS_ANGLES = {"anterior": 60.0, "left": 180.0, "right": -60.0}

_TILT = np.array([[0.985, 0, 0.174], [0, 1, 0], [-0.174, 0, 0.985]])


def _sinuses(
    valve: Opening, angles: Sequence[float], radius: float, off: float, height: float
) -> Shape:
    """Three bulges above a semilunar valve, grown together a little."""
    places = [around(valve, angle, off, height) for angle in angles]
    return balls(places, [radius] * 3, 1.5)


def _appendage(
    centres: Sequence[Sequence[float]], radii: Sequence[float], side: Sequence[float], size: float
) -> Shape:
    """An auricle: a tapering pouch whose edges to both ``side``s are scalloped by lobes."""
    knots = np.arange(len(centres), dtype=float)
    course = CubicSpline(knots, np.asarray(centres, float), bc_type="natural")
    pouch = tube(centres, radii)
    places, sizes = [], []
    for i, place in enumerate(np.arange(0.45, knots[-1] + 0.2, 0.42)):
        radius = float(np.interp(place, knots, radii))
        along = course(place, 1) / np.linalg.norm(course(place, 1))
        across = np.asarray(side, float) - (np.asarray(side, float) @ along) * along
        across *= (0.82 + 0.1 * (i % 2)) * radius / np.linalg.norm(across)
        for direction in (across, -across):
            places.append(course(place) + direction)
            sizes.append(size * (0.7 + 0.3 * radius / max(radii)))
    lobes = balls(places, sizes, 0.8)

    def distance(points: FloatArray) -> FloatArray:
        return smooth_minimum(pouch(points), lobes(points), 2.2)

    return distance


_LV = ellipsoid((0, 0, -8), (25.2, 25.2, 76))
_LVOT = tube(
    [body(3, -3, -16), AORTIC.centre, AORTIC.centre + 4 * AORTIC.outward], [11.5, 11, 11.4]
)
_MITRAL_INLET = tube([body(-4, 7, -12), MITRAL.centre, (-11, 28, 2)], [15, 15.2, 14.5])
_TO_AORTIC_VALVE = AORTIC.centre - MITRAL.centre
_TO_AORTIC_VALVE -= (_TO_AORTIC_VALVE @ MITRAL.outward) * MITRAL.outward
_TO_AORTIC_VALVE /= np.linalg.norm(_TO_AORTIC_VALVE)
_RV = tapered((28, -4, -13), (39, 39, 66), _TILT, (0.34, 0.22))
_DIAPHRAGM = np.array([0.10, 0.99, -0.10]), 33.0
"""The heart rests on it: direction in the heart's frame and distance of the RV's blood."""
_CONUS = tube(
    [
        body(38, -18, -32),
        body(31, -36, -13),
        PULMONARY.centre,
        PULMONARY.centre + 4 * PULMONARY.outward,
    ],
    [16, 14, 11.8, 12],
)
_TRICUSPID_INLET = tube([body(42, 8, -22), TRICUSPID.centre, (-49, -16, -3)], [17, 17, 17])
_LA = ellipsoid((-16, 31, 6), (26, 16, 20))
_LA_APPENDAGE = _appendage(
    [(6, 26, 18), (25, 13, 25), (34, -3, 27), (31, -15, 29)], [10, 8, 6.5, 4.5], (0, -0.4, 1), 4.0
)
_RA = ellipsoid((-56, -13, 0), (14.8, 17, 22.5))
_RA_VENOUS_PART = ellipsoid((-42, 6, 2), (12, 10, 15))
_RA_APPENDAGE = _appendage(
    [(-53, -20, 14), (-45, -34, 24), (-29, -42, 31), (-19, -40, 34)],
    [11, 9.8, 7.2, 4.5], (0.3, -0.2, 1), 4.4,
)  # fmt: skip
_AORTA = tube(
    [AORTIC.centre, (-8, -10.5, 21), (-13, -11, 31), (-21, -9, 50), (-21, -2, 72), (-9, 14, 89),
     (8, 36, 91), (20, 56, 74), (22, 64, 46), (22, 65, 10)],
    [11.2, 12.2, 12.6, 14.2, 14, 13, 12.3, 11.7, 11.3, 11],
)  # fmt: skip
_AORTIC_SINUSES = _sinuses(AORTIC, list(SINUS_ANGLES.values()), 8.8, 7.2, 9.0)
_BRANCHES = (
    tube([(-14, 8, 86), (-21, 4.5, 102), (-28, 1, 122)], [6.2, 5.6, 5.5]),
    tube([(-2, 22, 90), (-3, 21, 104), (-4.5, 19.5, 125)], [4.2, 4, 4]),
    tube([(8, 36, 90), (11, 36, 104), (16, 36, 125)], [4.6, 4.2, 4.2]),
)
_PULMONARY_TRUNK = tube(
    [PULMONARY.centre, (10, -14, 45), (13, 4, 58), (24, 22, 65), (42, 36, 62), (64, 43, 58)],
    [12, 13, 12.5, 10.5, 9.5, 8],
)
_RIGHT_PULMONARY_ARTERY = tube(
    [(12, 4, 58), (2, 17, 60), (-16, 24, 58), (-40, 26, 55), (-70, 26, 49.5)],
    [10.5, 10, 9.5, 9, 7.6],
)
_SUPERIOR_CAVA = tube([(-51, -3, 18), (-52, 2, 50), (-50, 3, 104)], [10.5, 9.7, 9.2])
_INFERIOR_CAVA = tube([(-50, 2, -14), (-47, 8, -40), (-43.5, 10.5, -76)], [12.8, 12, 11.6])
_PULMONARY_VEINS = (
    tube([(-28, 34, 17), (-52, 36, 26), (-82, 34, 32.5)], [8.5, 6.4, 5.8]),
    tube([(-28, 39, 1), (-54, 46, -4), (-82, 50.5, -9.5)], [8.2, 6.2, 5.7]),
    tube([(3, 34, 17), (26, 35, 28), (56, 36.1, 37)], [8.5, 6.4, 5.8]),
    tube([(3, 38, 2), (27, 40, 0), (56, 43.7, -4)], [8, 6.2, 5.6]),
)
_PULMONARY_SINUSES = _sinuses(PULMONARY, list(PULMONARY_SINUS_ANGLES.values()), 8.2, 6.6, 7.5)


def _union(values: Sequence[FloatArray], k: float) -> FloatArray:
    total = values[0]
    for value in values[1:]:
        total = smooth_minimum(total, value, k)
    return total


def _beside(value: FloatArray, *neighbours: FloatArray, gap: float) -> FloatArray:
    """``value`` pushed aside so that ``gap`` remains to each neighbour."""
    for neighbour in neighbours:
        value = smooth_maximum(value, gap - neighbour, 3.0)
    return value


def _ended(value: FloatArray, points: FloatArray, *valves: Opening) -> FloatArray:
    """A chamber that ends a little before its valves, so that its inlet forms the ring."""
    for valve in valves:
        value = smooth_maximum(value, (points - valve.centre) @ valve.outward + VALVE_RECESS, 5.0)
    return value


def lumens(points: FloatArray) -> FloatArray:
    """Signed distance ``(n, 8)`` [mm] to each blood compartment, in the order of COMPARTMENTS."""
    own = heart(points)
    lv_body = smooth_maximum(_LV(own), own[:, 2] - 2.0, 8.0)
    lv_body = _ended(lv_body, points, MITRAL, AORTIC)
    outflow = _LVOT(points)
    flat = (points - MITRAL.centre) @ _TO_AORTIC_VALVE - MITRAL_FLAT_SIDE
    inlet = smooth_maximum(_MITRAL_INLET(points), flat, 3.0)
    lv = smooth_minimum(smooth_minimum(lv_body, outflow, 5.0), inlet, 3.0)
    root = smooth_minimum(_AORTA(points), _AORTIC_SINUSES(points), 2.0)
    aorta = _union([root, *(branch(points) for branch in _BRANCHES)], 4.0)
    root = smooth_minimum(_PULMONARY_TRUNK(points), _PULMONARY_SINUSES(points), 2.0)
    trunk = _union([root, _RIGHT_PULMONARY_ARTERY(points)], 6.0)
    trunk = _beside(trunk, aorta, gap=3.0)
    rv_body = smooth_maximum(_RV(own), own[:, 2] - 0.22 * (own[:, 0] - 20) - 1.0, 10.0)
    rv_body = _ended(rv_body, points, TRICUSPID)
    direction, reach = _DIAPHRAGM
    rv_body = smooth_maximum(rv_body, own @ direction - reach, 14.0)
    rv = _union([rv_body, _CONUS(points), _TRICUSPID_INLET(points)], 9.0)
    rv = smooth_maximum(rv, SEPTUM_WALL - lv_body, 8.0)
    rv = _beside(rv, lv, aorta, gap=5.0)
    la = _union([_ended(_LA(points), points, upstream(MITRAL)), _LA_APPENDAGE(points)], 8.0)
    la = _beside(la, lv_body, gap=6.5)
    la = _beside(la, aorta, trunk, gap=3.5)
    ra_body = smooth_minimum(_RA(points), _RA_VENOUS_PART(points), 12.0)
    ra = _union([_ended(ra_body, points, upstream(TRICUSPID)), _RA_APPENDAGE(points)], 12.0)
    ra = _beside(ra, lv, rv_body, gap=5.5)
    ra = _beside(ra, aorta, la, gap=3.5)
    systemic = np.minimum(_SUPERIOR_CAVA(points), _INFERIOR_CAVA(points))
    systemic = _beside(systemic, aorta, trunk, la, gap=3.0)
    veins = np.min([vein(points) for vein in _PULMONARY_VEINS], axis=0)
    veins = _beside(veins, aorta, trunk, ra, systemic, gap=3.0)
    return np.stack([lv, rv, la, ra, aorta, trunk, systemic, veins], axis=1)


def thickness(points: FloatArray) -> FloatArray:
    """Wall thickness ``(n, 8)`` [mm] around each compartment; the LV wall thins to the apex."""
    height = heart(points)[:, 2]
    fall = np.clip((height + 84.0) / 34.0, 0.0, 1.0)
    basal = np.clip(height / 12.0, 0.0, 1.0)
    rise = fall * fall * (3.0 - 2.0 * fall)
    lv = LV_WALL_APEX + (LV_WALL - LV_WALL_APEX) * rise - 6.0 * basal
    others = [RV_WALL, ATRIAL_WALL, ATRIAL_WALL, VESSEL_WALL, VESSEL_WALL, 1.6, 1.6]
    return np.column_stack([lv, np.broadcast_to(others, (len(points), 7))])


def outside(points: FloatArray) -> FloatArray:
    """Signed distance ``(n,)`` [mm] to the outside; vessels run on past their openings."""
    lv, rv, la, ra, aorta, trunk, systemic, veins = (lumens(points) - thickness(points)).T
    ventricles = smooth_minimum(lv, rv, 12.0)
    atria = smooth_minimum(smooth_minimum(la, veins, 5.0), smooth_minimum(ra, systemic, 5.0), 3.0)
    muscle = smooth_minimum(ventricles, atria, 3.0)
    return smooth_minimum(smooth_minimum(muscle, trunk, 4.0), aorta, 3.0)


def left_blood(points: FloatArray, least_wall: float = 0.0) -> FloatArray:
    """Signed distance ``(n,)`` [mm] to the blood of the left heart, pulmonary veins to aorta.

    Both bloods draw back where a wall would be thinner than ``least_wall`` [mm].
    """
    lv, _, la, _, aorta, _, _, veins = _drawn_back(points, least_wall).T
    return smooth_minimum(smooth_minimum(lv, aorta, 3.0), smooth_minimum(la, veins, 6.0), 4.0)


def right_blood(points: FloatArray, least_wall: float = 0.0) -> FloatArray:
    """Signed distance ``(n,)`` [mm] to the blood of the right heart, caval veins to lungs."""
    _, rv, _, ra, _, trunk, systemic, _ = _drawn_back(points, least_wall).T
    return smooth_minimum(smooth_minimum(rv, trunk, 4.0), smooth_minimum(ra, systemic, 6.0), 4.0)


def drawn_left_blood(points: FloatArray) -> FloatArray:
    """``left_blood`` between the trabeculae that only the drawing shows."""
    return left_blood(points) + _trabeculae(points, 1.2, 8.5)


def drawn_right_blood(points: FloatArray) -> FloatArray:
    """``right_blood`` between its coarser trabeculae."""
    return right_blood(points) + _trabeculae(points, 1.8, 11.0)


def _trabeculae(points: FloatArray, height: float, width: float) -> FloatArray:
    """Ridges ``(n,)`` [mm] along the ventricles, fading out towards the base and the outflow."""
    x, y, z = heart(points).T
    bend = 2.0 * np.sin(z / 9.0 + 0.05 * x)
    waves = [
        np.sin(
            (np.cos(a) * (x + bend) + np.sin(a) * (y - bend)) * (2 * np.pi / width) + 0.12 * z * s
        )
        for a, s in ((0.2, 1.0), (1.25, -1.2), (2.3, 0.7))
    ]
    ridge = np.clip(1.0 - 0.75 * np.abs(waves[0] + waves[1] + waves[2]), 0.0, 1.0)
    below = np.clip((-22.0 - z) / 25.0, 0.0, 1.0)
    return np.asarray(height * below * (ridge * ridge * (3.0 - 2.0 * ridge)))


def wall(points: FloatArray, least_wall: float) -> FloatArray:
    """Signed distance ``(n,)`` [mm] to the tissue: outside without blood, cut at the openings."""
    blood = np.minimum(left_blood(points, least_wall), right_blood(points, least_wall))
    tissue = np.maximum(outside(points), -blood)
    return np.asarray(np.max([tissue, *(opening.beyond(points) for opening in OPENINGS)], axis=0))


def cavity(which: Cavity) -> Shape:
    """The closed blood space of one chamber, ended at its valves and vein mouths."""

    def shape(points: FloatArray) -> FloatArray:
        blood = lumens(points)
        if which is Cavity.LV:
            return np.maximum(np.maximum(blood[:, 0], MITRAL.beyond(points)), AORTIC.beyond(points))
        if which is Cavity.RV:
            ended = np.maximum(blood[:, 1], TRICUSPID.beyond(points))
            return np.maximum(ended, PULMONARY.beyond(points))
        column, valve, inlet = (
            (2, MITRAL, _MITRAL_INLET) if which is Cavity.LA else (3, TRICUSPID, _TRICUSPID_INLET)
        )
        space = smooth_minimum(blood[:, column], inlet(points), 4.0)
        return np.maximum(space, upstream(valve).beyond(points))

    return shape


def regions(points: FloatArray) -> IntArray:
    """``(n,)`` values of Region: whose wall a point belongs to, relative to its thickness."""
    blood = lumens(points)
    owner = np.argmin(blood / thickness(points), axis=1)
    region = np.asarray(COMPARTMENTS, np.int32)[owner]
    ventricular = owner < 2
    septal = (
        ventricular & (blood[:, 0] + blood[:, 1] < SEPTUM_WALL + 2.5) & (heart(points)[:, 2] < 6)
    )
    region[septal] = Region.SEPTUM
    return np.asarray(region, np.int32)


def _drawn_back(points: FloatArray, least_wall: float) -> FloatArray:
    return lumens(points) + np.maximum(least_wall - thickness(points), 0.0)


def upstream(valve: Opening) -> Opening:
    """The plane of a valve facing the other way."""
    return Opening(valve.name, valve.centre, -valve.outward, valve.reach)
