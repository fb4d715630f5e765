"""Rule-based fibres of the ventricles: Bayer et al. 2012, outflow tracts of Doste et al. 2019.

Each wall has a frame: longitudinal along the way from apex to base, transmural outward (from the
LV blood through free wall and septum, from the RV blood through the RV wall), circumferential =
longitudinal x transmural: seen from outside with the base up, counter-clockwise round the heart
seen from the base. The helix angle turns the fibre from circumferential towards longitudinal about
the transmural axis, so a positive one rises as on a right-handed screw: +60 degrees under the
endocardium, -60 under the epicardium of the LV. The transverse angle then turns it
out of the wall, about the turned longitudinal axis.

- Angles are linear in the transmural coordinate, which is even in length. Bayer's interpolation of
  frames whose angles already depend on depth would make them quadratic.
- Septum: from the LV angle to 0 at two thirds of the thickness and on to the RV angle, seen from
  the RV (Doste 2019), so that fibres are continuous around both cavities.
- Where walls meet, their frames are blended by what a place sees (``ventricles``), by ``blended``.
- Outflow tracts, where the tissue shows both valves of a ventricle: the longitudinal way leads to
  the inflow valve in the body and to the outflow valve in the tract, and the angles go over to
  ``outflow_inner`` and ``outflow_outer``; the weight is the harmonic field from the outflow valve
  to inflow valve and apex, cut at quantiles (Doste 2019 as in svMultiPhysics).

Assumes hearts without disarray, scars or congenital rewiring. Bayer et al. report activation within
6 % of that with fibres measured by diffusion imaging, in one canine heart.
"""

from dataclasses import dataclass

import numpy as np

from organtwin.anatomy.coordinates import Coordinates, apex_nodes
from organtwin.anatomy.fiber_frames import axis_frames, blended, oriented
from organtwin.anatomy.laplace import harmonic, held, smooth_gradient
from organtwin.anatomy.regions import Region
from organtwin.anatomy.ventricles import Side, Ventricles
from organtwin.arrays import FloatArray

LEFT_QUANTILES, RIGHT_QUANTILES = (0.01, 0.7), (0.001, 0.1)
"""Where the weight of the body, against the outflow tract, begins and is complete (Doste 2019)."""

SEPTUM_OF_LEFT = 2 / 3
"""Share of the septum's thickness that follows the LV (Doste 2019)."""


@dataclass(frozen=True)
class FiberAngles:
    """Angles [rad] under the endocardium (inner) and the epicardium (outer).

    Helix angles of LV and RV from Doste et al. 2019, transverse ones from Bayer et al. 2012 as
    used since (-20 and +20 degrees); in the outflow tracts the transverse angle vanishes.
    """

    left_inner: float = np.radians(60.0)
    left_outer: float = np.radians(-60.0)
    right_inner: float = np.radians(90.0)
    right_outer: float = np.radians(-25.0)
    outflow_inner: float = np.radians(90.0)
    outflow_outer: float = 0.0
    transverse_inner: float = np.radians(-20.0)
    transverse_outer: float = np.radians(20.0)


@dataclass(frozen=True, eq=False)
class _Body:
    """One ventricle, per element.

    Way to the base ``(n_tets, 3)``; helix and transverse angles ``(n_tets,)`` under both surfaces.
    """

    upward: FloatArray
    inner: FloatArray
    outer: FloatArray
    transverse_inner: FloatArray
    transverse_outer: FloatArray


def ventricular_frames(
    muscle: Ventricles, coordinates: Coordinates, angles: FiberAngles
) -> FloatArray:
    """Frames ``(n_tets, 3, 3)`` of the ventricular elements: fibre, sheet-normal, sheet."""
    left = _body(muscle, coordinates, angles, Region.LV)
    tets = muscle.elements.tets
    on_right = muscle.walls == Region.RV
    lv, rv, epi = np.maximum(muscle.seen, 1e-12).T
    depth = np.where(on_right, 1.0, coordinates.left_depth[tets].mean(axis=1))
    frames = _free_wall(muscle, left, depth, _outward(muscle, 2, 0))
    if not on_right.any():
        return frames
    right = _body(muscle, coordinates, angles, Region.RV)
    septal = _septum(muscle, left, right, depth)
    frames = blended(frames, septal, rv / (rv + epi))
    depth = np.where(on_right, coordinates.right_depth[tets].mean(axis=1), epi / (rv + epi))
    free = _free_wall(muscle, right, depth, _outward(muscle, 2, 1))
    return blended(frames, free, rv * epi / (lv * epi + lv * rv + rv * epi))


def _outward(muscle: Ventricles, to: int, start: int) -> FloatArray:
    return smooth_gradient(muscle.elements, muscle.fields[to] - muscle.fields[start])


def _free_wall(
    muscle: Ventricles, body: _Body, depth: FloatArray, outward: FloatArray
) -> FloatArray:
    helix = body.inner + (body.outer - body.inner) * depth
    transverse = body.transverse_inner + (body.transverse_outer - body.transverse_inner) * depth
    return oriented(axis_frames(body.upward, outward), helix, transverse)


def _septum(muscle: Ventricles, left: _Body, right: _Body, depth: FloatArray) -> FloatArray:
    """Seen from the RV the circumferential axis is reversed, and with it the helix angle."""
    of_left = np.maximum(1.0 - depth / SEPTUM_OF_LEFT, 0.0)
    of_right = np.maximum((depth - SEPTUM_OF_LEFT) / (1.0 - SEPTUM_OF_LEFT), 0.0)
    helix = left.inner * of_left - right.inner * of_right
    transverse = left.transverse_inner * of_left + right.transverse_inner * of_right
    share = np.clip(depth, 0.0, 1.0)[:, None]
    upward = (1.0 - share) * left.upward + share * right.upward
    return oriented(axis_frames(upward, _outward(muscle, 1, 0)), helix, transverse)


def _body(muscle: Ventricles, coordinates: Coordinates, angles: FiberAngles, wall: Region) -> _Body:
    inner, outer = (
        (angles.left_inner, angles.left_outer)
        if wall == Region.LV
        else (angles.right_inner, angles.right_outer)
    )
    upward, weight = _way_up(muscle, coordinates, wall)
    return _Body(
        upward,
        weight * inner + (1.0 - weight) * angles.outflow_inner,
        weight * outer + (1.0 - weight) * angles.outflow_outer,
        weight * angles.transverse_inner,
        weight * angles.transverse_outer,
    )


def _way_up(
    muscle: Ventricles, coordinates: Coordinates, wall: Region
) -> tuple[FloatArray, FloatArray]:
    """Direction to the base and weight of the body for one ventricle."""
    elements, n = muscle.elements, len(muscle.nodes)
    apex = apex_nodes(muscle, coordinates.axis)
    left = wall == Region.LV
    inflow = muscle.sides[Side.MITRAL if left else Side.TRICUSPID]
    outflow = muscle.sides[Side.AORTIC if left else Side.PULMONARY]
    if len(inflow) == 0 or len(outflow) == 0:
        to_base = harmonic(elements, held(n, (apex, 0.0), (muscle.base, 1.0)))
        return smooth_gradient(elements, to_base), np.ones(len(muscle.tets))
    to_inflow = harmonic(elements, held(n, (apex, 0.0), (inflow, 1.0)))
    to_outflow = harmonic(elements, held(n, (apex, 0.0), (outflow, 1.0)))
    body = harmonic(elements, held(n, (apex, 1.0), (inflow, 1.0), (outflow, 0.0)))
    body = np.nan_to_num(body, nan=1.0)
    own = muscle.touching(*((Region.LV, Region.SEPTUM) if left else (Region.RV,)))
    low, high = np.quantile(body[own], LEFT_QUANTILES if left else RIGHT_QUANTILES)
    weight = np.clip((body - low) / (high - low), 0.0, 1.0)[elements.tets].mean(axis=1)
    share = weight[:, None]
    upward = share * smooth_gradient(elements, to_inflow)
    return upward + (1.0 - share) * smooth_gradient(elements, to_outflow), weight
