"""Where the heart lies in the trunk: a rule for a first guess, and shifts and turns about it.

The rule: the right border of the right atrium reaches 35 mm to the right of the midline, the front
of the ventricles lies 10 mm behind the rib cage, and the apex is at the height of V4 in the fifth
intercostal space, the textbook place of the apex beat. Spread between people (assumed, for priors):
15 mm of each shift, 10 degrees of each turn.

Moving the heart moves its blood and muscle with it and pushes the lungs aside: fields must be
solved anew. Reading the old fields at the new places is wrong by as much as the move changes.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Region
from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.torso.body import TrunkSizes, half_axes
from organtwin.physiology.electrophysiology.torso.electrodes import INTERSPACE

RIGHT_BORDER = 0.035
"""The heart's reach to the right of the midline [m]."""

BEHIND_CAGE = 0.010
"""From the inside of the rib cage to the front of the ventricles [m]."""

SHIFT_SPREAD, TURN_SPREAD = 0.015, np.radians(10.0)
"""Standard deviations of each shift [m] and each turn [rad] between people; assumed."""

_CHAMBERS = (Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA)


@dataclass(frozen=True, slots=True)
class HeartPose:
    """Departure from the usual place.

    ``shift`` [m] to the left, to the back, to the head; ``turn`` [rad], a rotation vector with the
    same axes about the middle of the heart.
    """

    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False, slots=True)
class Seat:
    """How a heart's own frame lies in the trunk's.

    ``usual`` ``(3,)`` [m] shifts the anatomy to its usual place, ``middle`` ``(3,)`` [m] of the
    chambers there, in the trunk's frame, is what the pose turns about.
    """

    usual: FloatArray
    middle: FloatArray
    pose: HeartPose

    def in_trunk(self, points: FloatArray) -> FloatArray:
        """Points ``(n, 3)`` [m] of the anatomy in the trunk's frame."""
        turned = Rotation.from_rotvec(self.pose.turn).apply(points + self.usual - self.middle)
        return np.asarray(turned + self.middle + np.asarray(self.pose.shift), float)

    def in_anatomy(self, places: FloatArray) -> FloatArray:
        """Places ``(n, 3)`` [m] of the trunk's frame in the anatomy's."""
        back = Rotation.from_rotvec(self.pose.turn).inv()
        moved = back.apply(places - self.middle - np.asarray(self.pose.shift))
        return np.asarray(moved + self.middle - self.usual, float)

    def turned(self, directions: FloatArray) -> FloatArray:
        """Directions ``(n, 3)`` of the anatomy in the trunk's frame."""
        return np.asarray(Rotation.from_rotvec(self.pose.turn).apply(directions), float)


def seat(anatomy: Anatomy, sizes: TrunkSizes, *, pose: HeartPose) -> Seat:
    """The heart in its usual place, moved by the pose."""
    usual = usual_place(anatomy, sizes)
    chambers = chamber_nodes(anatomy) + usual
    return Seat(usual, 0.5 * (chambers.min(axis=0) + chambers.max(axis=0)), pose)


def chamber_nodes(anatomy: Anatomy) -> FloatArray:
    """Corners ``(n, 3)`` [m] of the chambers' walls, vessels left out."""
    tissue = anatomy.tissue
    chosen = np.unique(tissue.tets[np.isin(tissue.regions, _CHAMBERS)])
    return np.asarray(tissue.nodes[chosen])


def usual_place(anatomy: Anatomy, sizes: TrunkSizes) -> FloatArray:
    """Shift ``(3,)`` [m] from the anatomy's frame into the trunk's by the rule above."""
    lower = chamber_nodes(anatomy).min(axis=0)
    fifth = -INTERSPACE * sizes.length / 0.33
    depth = float(half_axes(sizes, np.zeros(1))[1][0])
    front = -depth + sizes.fat + sizes.muscle + sizes.cage + BEHIND_CAGE
    return np.array([-RIGHT_BORDER - lower[0], front - lower[1], fifth - _apex(anatomy)[2]])


def _apex(anatomy: Anatomy) -> FloatArray:
    """Place of the left ventricle's apex; the lowest muscle where no coordinates are known."""
    nodes = anatomy.tissue.nodes
    if anatomy.architecture is None:
        ventricular = np.isin(anatomy.tissue.regions, (Region.LV, Region.SEPTUM))
        own = nodes[np.unique(anatomy.tissue.tets[ventricular])]
        return np.asarray(own[own[:, 2].argmin()] + [0.0, 0.0, 0.01])
    left = anatomy.architecture.right < 0.5
    apical = left & (anatomy.architecture.apicobasal < 0.05)
    return np.asarray(nodes[apical].mean(axis=0))
