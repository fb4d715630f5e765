"""The template heart as implicit shapes: an average adult heart at end-diastole.

Every compartment is a blood space (lumen) with a wall of given thickness around it; the outside is
the smooth union of all walls, and compartments that do not communicate push each other aside by
their wall. Lengths are in millimetres here. The ventricles are described in the heart's own frame
(x from LV to RV, y towards the inferior wall, z from apex to base: a left-handed frame), everything
else in LPS patient axes. Both have their origin at the centre of the LV base.

Orientation: long axis 45 degrees to the left in the coronal plane and 35 degrees forward, septum
facing right and forward. Sizes follow the adult normal ranges (ASE/EACVI 2015 chamber
quantification); courses of the vessels follow descriptive anatomy.
"""

from collections.abc import Sequence

import numpy as np

from organtwin.anatomy.contour import Opening
from organtwin.anatomy.implicit import (
    Shape,
    ellipsoid,
    smooth_maximum,
    smooth_minimum,
    tube,
)
from organtwin.anatomy.regions import Cavity, Region
from organtwin.arrays import FloatArray, IntArray

_APEX = np.array(
    [
        np.cos(np.radians(35)) * np.sqrt(0.5),
        -np.sin(np.radians(35)),
        -np.cos(np.radians(35)) * np.sqrt(0.5),
    ]
)
_TO_RV = (
    np.array([-np.sqrt(0.5), -np.sqrt(0.5), 0.0])
    - (np.array([-np.sqrt(0.5), -np.sqrt(0.5), 0.0]) @ _APEX) * _APEX
)
_TO_RV = _TO_RV / np.linalg.norm(_TO_RV)
HEART_AXES = np.stack([_TO_RV, np.cross(_APEX, _TO_RV), -_APEX])
"""Rows: the heart's x, y and z directions in LPS axes."""

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


def body(*place: float) -> FloatArray:
    """A place given in the heart's frame, in LPS axes."""
    return np.asarray(np.asarray(place, float) @ HEART_AXES)


def heart(points: FloatArray) -> FloatArray:
    """LPS points ``(n, 3)`` in the heart's frame."""
    return np.asarray(points @ HEART_AXES.T)


def _ring(
    name: str, centre: FloatArray, outward: FloatArray | Sequence[float], reach: float
) -> Opening:
    direction = np.asarray(outward, float)
    return Opening(name, np.asarray(centre, float), direction / np.linalg.norm(direction), reach)


MITRAL = _ring("mitral", body(-4, 8, 2), body(-0.15, 0.2, 0.97), 19.0)
AORTIC = _ring("aortic", body(9, -12, 5), (-3.7, -2.1, 8.3), 15.0)
TRICUSPID = _ring("tricuspid", body(36, 10, -6), (-14, 11, 8), 21.0)
PULMONARY = _ring("pulmonary", body(14, -38, 0), (4.5, 13.0, 13.0), 15.0)
"""Valve planes; the normal points out of the ventricle."""

OPENINGS = (
    _ring("descending aorta", np.array([20.6, 64.5, -26.0]), (-1, 0, -24), 19.0),
    _ring("brachiocephalic artery", np.array([-24.5, 2.8, 111.0]), (-3, -1.5, 8), 11.0),
    _ring("left carotid artery", np.array([-3.6, 20.4, 113.0]), (-1, -1, 12), 8.5),
    _ring("left subclavian artery", np.array([13.4, 36.0, 114.0]), (3, 0, 12), 9.0),
    _ring("left pulmonary artery", np.array([52.0, 39.6, 60.3]), (9, 3, -2), 16.0),
    _ring("right pulmonary artery", np.array([-58.0, 26.3, 51.6]), (-9, 0, -1.7), 15.0),
    _ring("superior vena cava", np.array([-50.6, 2.9, 90.0]), (0.5, 0, 12), 15.0),
    _ring("inferior vena cava", np.array([-45.0, 9.6, -60.0]), (1, 0.8, -12), 18.0),
    _ring("right superior pulmonary vein", np.array([-69.0, 35.0, 29.8]), (-9, -0.7, 2), 12.0),
    _ring("right inferior pulmonary vein", np.array([-69.0, 48.6, -7.0]), (-9, 1.3, -1.7), 12.0),
    _ring("left superior pulmonary vein", np.array([43.0, 35.7, 33.3]), (9, 0.3, 2.8), 12.0),
    _ring("left inferior pulmonary vein", np.array([43.0, 42.0, -2.3]), (9, 1.2, -1.3), 12.0),
)
"""Where the vessels end, as open rings."""

_LV = ellipsoid((0, 0, -8), (25.2, 25.2, 76))
_LVOT = tube(
    [body(3, -3, -16), AORTIC.centre, AORTIC.centre + 4 * AORTIC.outward], [12, 11.2, 11.5]
)
_MITRAL_INLET = tube([body(-3, 6, -14), MITRAL.centre, (-10, 26, 2)], [15, 14.5, 14])
_RV = ellipsoid(
    (24, -5, -13), (31.5, 43, 65), np.array([[0.985, 0, 0.174], [0, 1, 0], [-0.174, 0, 0.985]])
)
_CONUS = tube(
    [
        body(36, -20, -30),
        body(30, -33, -14),
        PULMONARY.centre,
        PULMONARY.centre + 4 * PULMONARY.outward,
    ],
    [16, 14.5, 11.8, 12],
)
_TRICUSPID_INLET = tube([body(33, 8, -20), TRICUSPID.centre, (-45, -11, -3)], [17, 17, 16])
_LA = ellipsoid((-13, 31.5, 7), (23.5, 14.5, 19))
_LA_APPENDAGE = tube([(6, 26, 18), (26, 12, 26), (34, -4, 28)], [10, 8, 4.5])
_RA = ellipsoid((-51, -6, 0), (17.5, 19.5, 23.5))
_RA_APPENDAGE = tube([(-52, -18, 16), (-41, -34, 24), (-24, -41, 30)], [11, 9.5, 5])
_AORTA = tube(
    [AORTIC.centre, (-8, -10.5, 21), (-13, -11, 31), (-21, -9, 50), (-21, -2, 72), (-9, 14, 89),
     (8, 36, 91), (20, 56, 74), (22, 64, 46), (22, 65, 8), (20, 64.5, -40)],
    [11.2, 15, 13.3, 14.2, 14, 13, 12.3, 11.7, 11.3, 11, 10.5],
)  # fmt: skip
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
    tube([(-30, 34, 19), (-52, 36, 26), (-82, 34, 32.5)], [9, 7.5, 6.5]),
    tube([(-32, 40, 0), (-54, 46, -4), (-82, 50.5, -9.5)], [8.5, 7.3, 6.5]),
    tube([(6, 34, 19), (26, 35, 28), (56, 36.1, 37)], [9, 7.5, 6.5]),
    tube([(6, 38, 2), (27, 40, 0), (56, 43.7, -4)], [8.5, 7.2, 6.3]),
)


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


def lumens(points: FloatArray) -> FloatArray:
    """Signed distance ``(n, 8)`` [mm] to each blood compartment, in the order of COMPARTMENTS."""
    own = heart(points)
    lv_body = smooth_maximum(_LV(own), own[:, 2] - 2.0, 8.0)
    lv = _union([lv_body, _LVOT(points), _MITRAL_INLET(points)], 5.0)
    aorta = _union([_AORTA(points), *(branch(points) for branch in _BRANCHES)], 4.0)
    trunk = _union([_PULMONARY_TRUNK(points), _RIGHT_PULMONARY_ARTERY(points)], 6.0)
    trunk = _beside(trunk, aorta, gap=3.5)
    rv_body = smooth_maximum(_RV(own), own[:, 2] - 0.22 * (own[:, 0] - 20) - 1.0, 10.0)
    rv = _union([rv_body, _CONUS(points), _TRICUSPID_INLET(points)], 9.0)
    rv = smooth_maximum(rv, SEPTUM_WALL - lv_body, 8.0)
    rv = _beside(rv, lv, aorta, gap=5.0)
    la = _union([_LA(points), _LA_APPENDAGE(points)], 8.0)
    la = _beside(la, lv_body, gap=6.5)
    la = _beside(la, aorta, trunk, gap=3.5)
    ra = _union([_RA(points), _RA_APPENDAGE(points)], 8.0)
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
    ventricles = smooth_minimum(lv, rv, 6.0)
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
        return np.maximum(space, _upstream(valve).beyond(points))

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


def _upstream(valve: Opening) -> Opening:
    return Opening(valve.name, valve.centre, -valve.outward, valve.reach)
