"""Label maps of hearts with known volumes, at any spacing and in any frame."""

import numpy as np

from organtwin.anatomy import template_shape
from organtwin.anatomy.label_map import LabelMap, Structure

MM = 1e-3

# Heart's own directions in patient axes: x to the RV, y square to both, z from apex to base.
TO_BASE = -np.array([0.62, -0.55, -0.56]) / np.linalg.norm([0.62, -0.55, -0.56])
_RIGHT = np.array([-0.75, -0.65, 0.0])
TO_RIGHT = (_RIGHT - TO_BASE * (_RIGHT @ TO_BASE)) / np.linalg.norm(
    _RIGHT - TO_BASE * (_RIGHT @ TO_BASE)
)
BODY = np.stack([TO_RIGHT, np.cross(TO_BASE, TO_RIGHT), TO_BASE])

LV_RADII, LV_WALL = (24.0, 24.0, 70.0), 10.0
RV_CENTRE, RV_RADII, RV_WALL = (30.0, 0.0, 0.0), (28.0, 36.0, 62.0), 4.0
BASE = 0.0
"""The biventricular heart ends at this height [mm] above the ellipsoids' centre."""


def half_ellipsoid_volume(radii):
    return 2.0 / 3.0 * np.pi * np.prod(radii) * MM**3


def rotation(axis, degrees):
    axis = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.cross(np.eye(3), axis)
    angle = np.radians(degrees)
    return np.eye(3) - np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def affine_around(centre_mm, shape, voxel_mm, axes=None):
    """Voxels of the given size along the columns of ``axes``, the image's middle at the centre."""
    affine = np.eye(4)
    affine[:3, :3] = (np.eye(3) if axes is None else axes) * np.asarray(voxel_mm, float) * MM
    middle = 0.5 * (np.array(shape) - 1)
    affine[:3, 3] = np.asarray(centre_mm) * MM - affine[:3, :3] @ middle
    return affine


def label_map(rule, shape, affine):
    """Labels from a rule over points [mm] in patient axes."""
    labels = np.zeros(shape, np.uint8)
    j, k = np.meshgrid(np.arange(shape[1]), np.arange(shape[2]), indexing="ij")
    for i in range(shape[0]):
        index = np.stack([np.full(j.size, i), j.ravel(), k.ravel()], axis=1)
        points = (index @ affine[:3, :3].T + affine[:3, 3]) / MM
        labels[i] = rule(points).reshape(j.shape)
    return LabelMap(labels, affine)


def _inside(points, centre, radii, grow=0.0):
    return (((points - centre) / (np.asarray(radii) + grow)) ** 2).sum(axis=1) < 1.0


def biventricular(points, *, rv_muscle=True, rv_base=BASE):
    """LV and RV as half ellipsoids below a flat base, cavities open there."""
    own = points @ BODY.T
    label = np.zeros(len(points), np.uint8)
    rv_blood, rv_wall = (_inside(own, RV_CENTRE, RV_RADII, g) for g in (0.0, RV_WALL))
    lv_blood, lv_wall = (_inside(own, (0.0, 0.0, 0.0), LV_RADII, g) for g in (0.0, LV_WALL))
    if rv_muscle:
        label[rv_wall] = Structure.RV_MUSCLE
    label[rv_blood] = Structure.RV_BLOOD
    label[lv_wall] = Structure.LV_MUSCLE
    label[lv_blood] = Structure.LV_BLOOD
    right = np.isin(label, (Structure.RV_BLOOD, Structure.RV_MUSCLE))
    label[own[:, 2] > np.where(right, rv_base, BASE)] = Structure.BACKGROUND
    return label


def left_ventricle(points):
    """A closed LV: an ellipsoid of blood in an ellipsoid of muscle."""
    own = points @ BODY.T
    label = np.zeros(len(points), np.uint8)
    label[_inside(own, (0.0, 0.0, 0.0), (25.0, 25.0, 42.0), 10.0)] = Structure.LV_MUSCLE
    label[_inside(own, (0.0, 0.0, 0.0), (25.0, 25.0, 42.0))] = Structure.LV_BLOOD
    return label


_COLUMNS = (
    Structure.LV_BLOOD,
    Structure.RV_BLOOD,
    Structure.LA_BLOOD,
    Structure.RA_BLOOD,
    Structure.AORTA,
    Structure.PULMONARY_ARTERY,
    Structure.SYSTEMIC_VEIN,
    Structure.PULMONARY_VEIN,
)


def whole_heart(points):
    """The template heart's bloods, and muscle of the LV alone, as segmentations of CT give it."""
    blood = template_shape.lumens(points)
    wall = template_shape.thickness(points)
    owner = np.argmin(blood, axis=1)
    label = np.where(blood.min(axis=1) < 0, np.array(_COLUMNS, np.uint8)[owner], 0)
    muscle = (blood[:, 0] - wall[:, 0] < 0) & (label == 0)
    label[muscle] = Structure.LV_MUSCLE
    return label.astype(np.uint8)


def biventricular_map(voxel_mm=(1.0, 1.0, 1.0), axes=None, shape=None, **options):
    voxel = np.asarray(voxel_mm, float)
    centre = BODY.T @ np.array([14.0, 0.0, -32.0])
    if shape is None:
        reach = 130.0 if axes is None else 150.0
        shape = tuple(int(np.ceil(reach / v)) for v in voxel)
    affine = affine_around(centre, shape, voxel, axes)
    return label_map(lambda points: biventricular(points, **options), shape, affine)


def left_ventricle_map(voxel_mm=(2.0, 2.0, 2.0), axes=None, offset_mm=(0.0, 0.0, 0.0)):
    shape = tuple(int(np.ceil(125.0 / v)) for v in voxel_mm)
    return label_map(left_ventricle, shape, affine_around(offset_mm, shape, voxel_mm, axes))


def whole_heart_map(voxel_mm):
    shape = tuple(int(size / voxel_mm) for size in (170.0, 175.0, 240.0))
    return label_map(whole_heart, shape, affine_around((-10, -5, 15), shape, (voxel_mm,) * 3))
