"""How long the action potential lasts at each place of the heart.

    APD = (longest - shortest) x norm01(sum over k of g_k c_k) + shortest,

``g_k`` in [-1, 1] are signed gradients and ``c_k`` in [0, 1] four coordinates of the ventricles:

- apex to base: 0 at the apex, 1 at the base;
- anterior to posterior: 0 where the wall faces forwards, 1 where it lies on the diaphragm;
- right to left: 0 in the right ventricle, 1 in the left;
- transmural: 0 at either endocardium, 1 at the epicardium; 0 on both faces of the septum.

``norm01`` shifts and scales the ventricles' values to [0, 1], so the shortest and longest durations
are always reached. Atria have one duration of their own.

Reference: J. Camps et al., "Digital twinning of the human ventricular activation sequence to
clinical 12-lead ECGs ...", Med Image Anal 94:103108 (2024), and its repository. The sign of the
apex-base gradient differs between sources, so all four signs are free. Defaults: adult intervals of
electrocardiographic imaging, C. Ramanathan et al., PNAS 103:6309 (2006): apex-base dispersion of
the LV 42 ms, LV to RV 32 ms.

Assumption: durations do not depend on rate or on neighbours here. ``smoothing`` adds neighbours;
what drugs on ion channels and the rate under them do is a ``Lengthening``, computed in cells.
Verified by ``tests/physiology/ecg/test_repolarisation.py``.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from organtwin.arrays import FloatArray, RealArray

COORDINATES = ("apex_base", "anterior_posterior", "right_left", "transmural")


@dataclass(frozen=True, slots=True)
class Repolarisation:
    """Signed gradients in [-1, 1] of action potential duration, and durations [s].

    Each gradient is positive where durations grow from apex to base, from front to back, from
    right to left, from endocardium to epicardium.
    """

    apex_base: float = 0.0
    anterior_posterior: float = 0.0
    right_left: float = 0.0
    transmural: float = 0.0
    shortest: float = 0.22
    longest: float = 0.30
    atrial: float = 0.22

    def __post_init__(self) -> None:
        for name in COORDINATES:
            if not -1.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} {getattr(self, name)} is not within -1 to 1")
        if not 0.0 < self.shortest <= self.longest:
            raise ValueError(
                f"shortest {self.shortest} and longest {self.longest} s: expected 0 < both in order"
            )


HEALTHY = Repolarisation(
    apex_base=0.0, anterior_posterior=0.05, right_left=-0.2, transmural=-0.75,
    shortest=0.275, longest=0.345,
)  # fmt: skip
"""A healthy adult at rest: durations fall from endocardium to epicardium and a little from right to
left. Chosen among 1500 random ones so that T is upright in I, II and V3 to V6 of the template and
ends some 390 ms after the onset of the QRS; many others do as well."""


@dataclass(frozen=True, slots=True)
class Lengthening:
    """What a drug or another rate multiplies action potential durations by, by layer of the wall.

    Between ``endocardial``, ``middle`` and ``epicardial`` it is linear in the depth of the wall.
    """

    endocardial: float = 1.0
    middle: float = 1.0
    epicardial: float = 1.0
    atrial: float = 1.0


UNCHANGED = Lengthening()


class Located(Protocol):
    """Nodes with ventricular coordinates ``(n_nodes,)``, as in ``Architecture``."""

    @property
    def apicobasal(self) -> RealArray: ...
    @property
    def transmural(self) -> RealArray: ...
    @property
    def rotational(self) -> RealArray: ...
    @property
    def right(self) -> RealArray: ...


def ventricular_coordinates(places: Located) -> FloatArray:
    """The four coordinates ``(n_nodes, 4)`` in [0, 1]; NaN outside the ventricles."""
    transmural = np.asarray(places.transmural, float)
    right = np.asarray(places.right, float)
    rotational = np.asarray(places.rotational, float)
    septal = (right < 0.5) & (np.abs(rotational) < np.pi / 3.0)
    folded = np.where(septal, np.minimum(transmural, 1.0 - transmural), transmural)
    return np.stack(
        [
            np.asarray(places.apicobasal, float),
            0.5 - 0.5 * np.sin(rotational),
            1.0 - right,
            folded,
        ],
        axis=1,
    )


def durations(repolarisation: Repolarisation, coordinates: FloatArray) -> FloatArray:
    """Action potential durations ``(n_nodes,)`` [s] at ``coordinates`` ``(n_nodes, 4)``.

    Nodes with NaN coordinates get the atrial duration. Without any gradient, the ventricles have
    the mean of shortest and longest.
    """
    gradients = np.array([getattr(repolarisation, name) for name in COORDINATES])
    ventricular = np.isfinite(coordinates).all(axis=1)
    out = np.full(len(coordinates), repolarisation.atrial)
    if not ventricular.any():
        return out
    slope = coordinates[ventricular] @ gradients
    extent = float(np.ptp(slope))
    share = (slope - slope.min()) / extent if extent > 0.0 else np.full(len(slope), 0.5)
    out[ventricular] = repolarisation.shortest + share * (
        repolarisation.longest - repolarisation.shortest
    )
    return out


def lengthened(
    durations: FloatArray, lengthening: Lengthening, coordinates: FloatArray
) -> FloatArray:
    """Durations ``(n_nodes,)`` [s] each multiplied by what its layer is."""
    depth = coordinates[:, COORDINATES.index("transmural")]
    layers = (lengthening.endocardial, lengthening.middle, lengthening.epicardial)
    factors = np.interp(depth, (0.0, 0.5, 1.0), layers)
    return np.asarray(durations * np.where(np.isfinite(depth), factors, lengthening.atrial))
